"""Tree -> one WHERE condition for the table of a kind, every value bound.

In: a tree of the search language, the kind of record, now, and the time range that is read. Out: SQL text made of a closed set of columns,
functions and placeholders (`{p0:String}`), and the values of the placeholders. The caller's query reads one of `spans`, `events`, `points`
with unqualified columns (no alias may take a column's name) and itself bounds project and time:

    SELECT … FROM spans WHERE project = {project:String} AND start >= … AND start < … AND (<filter>) …

Sub-selects (full text, topology) carry the project and the range by themselves, as `{project:String}`, which the caller binds, and
`{from_ns:Int64}` and `{to_ns:Int64}`, which are among the parameters here. Whoever widens a window step by step binds these anew for each step: the
SQL stays the same, and sub-selects read no more than the step. On Distributed tables set `distributed_product_mode = 'global'`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from spyglass.model.schema import SCHEMAS, Kind
from spyglass.search import predicates as p
from spyglass.search.lower import check, lower
from spyglass.search.tree import Tree
from spyglass.search.values import EARLIEST_NS, LATEST_NS, Pattern

__all__ = ["Filter", "compile"]

_DAY_NS: Final = 86_400 * 10**9
_REACH_NS: Final = _DAY_NS  # a relative of a span, or a message, is looked for this far outside the time range: sessions last hours
_EARLY_NS: Final = _DAY_NS  # how far a record's time may lie after its arrival (decode replaces later ones)
_DOUBLINGS: Final = 10  # topology looks at up to 2^10 levels: each step of the recursion doubles the distance
_TABLES: Final = {Kind.SPAN: "spans", Kind.EVENT: "events", Kind.POINT: "points"}
_TIMES: Final = {Kind.SPAN: "start", Kind.EVENT: "time", Kind.POINT: "time"}
_KEYS: Final = {Kind.SPAN: "start, trace_id, span_id", Kind.EVENT: "time, event_id"}  # what the sorting key has after the project
_TEXT_INDEXED: Final = {Kind.SPAN: {"input", "output"}, Kind.EVENT: {"body"}, Kind.POINT: set[str]()}
_NO_SPAN: Final = "toFixedString('', 8)"

_SPAN: Final = "cityHash64(trace_id, span_id)"  # one number instead of 24 bytes halves the cost of the joins;
_PARENT: Final = "cityHash64(trace_id, parent_span_id)"  # among a million spans, two are taken for one with a chance of 3 in 100 million
# Pointer doubling. Level i holds for each span whether it or one of its next 2^i - 1 ancestors matches (`hit`), and who stands 2^i levels
# above it (`up`; 0: nobody, or no need to look). The spans of the candidate traces are read once, and a chain of 300 takes 10 steps.
# A span that was stored twice counts once. What neither hits nor can still hit is left out, and so are spans that are nobody's parent (`_INNER`), which are
# most: nobody is beneath them, and they make the joins many times as large.
_BENEATH: Final = """({parent} IN (
  WITH RECURSIVE {chain} AS (
    SELECT id, if(hit, 0, above) AS up, hit, 0 AS level, true AS live
    FROM (
      SELECT {span} AS id, any(if(parent_span_id = {none}, 0, {parent})) AS above, max({term}) AS hit
      FROM spans WHERE {rows} GROUP BY id)
    WHERE hit OR above != 0
    UNION ALL
    SELECT a.id, if(a.hit OR b.hit, 0, b.up) AS up, a.hit OR b.hit AS hit, a.level + 1, max(up != 0) OVER ()
    FROM {chain} AS a LEFT JOIN {chain} AS b ON a.up = b.id
    WHERE a.live AND a.level < {last} AND (a.hit OR b.hit OR b.up != 0))
  SELECT id FROM {chain} WHERE hit))"""
# Spans that have a child in the candidate traces.
_INNER: Final = "{span} IN (SELECT {parent} FROM spans WHERE {rows} AND parent_span_id != {none})"
# The same upwards: `hit` says whether the span or one of its descendants less than 2^i levels below matches. Roots have nobody to tell.
_ABOVE: Final = """({span} IN (
  WITH RECURSIVE {chain} AS (
    SELECT {span} AS id, any({parent}) AS above, above AS up, max({term}) AS hit, 0 AS level, true AS live
    FROM spans WHERE {rows} AND parent_span_id != {none} GROUP BY id
    UNION ALL
    SELECT a.id, a.above, b.up AS up, a.hit OR c.reached AS hit, a.level + 1, max(hit AND up != 0) OVER ()
    FROM {chain} AS a LEFT JOIN {chain} AS b ON a.up = b.id
    LEFT JOIN (SELECT up, true AS reached FROM {chain} WHERE hit AND up != 0 GROUP BY up) AS c ON a.id = c.up
    WHERE a.live AND a.level < {last} AND NOT (a.hit AND a.up = 0))
  SELECT above FROM {chain} WHERE hit))"""


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition, and what to bind for it (besides `project`)."""

    sql: str
    parameters: dict[str, Any]


def compile(tree: Tree, kind: Kind, now_ns: int, *, from_ns: int, to_ns: int) -> Filter:  # noqa: A001
    """The condition for `tree` on the table of `kind`.

    Args:
        tree: what is searched.
        kind: of the records.
        now_ns: what `-1h` counts from.
        from_ns: first nanosecond of the time range that the caller reads, since 1970, UTC.
        to_ns: end of that range, not included.

    Raises:
        QueryError: the tree asks what records of this kind do not know.
    """
    check(tree, kind)
    writer = _Writer(kind)
    sql = writer.condition(lower(tree, kind, now_ns), _Scope(wide=False))
    last_ns = LATEST_NS - _REACH_NS
    return Filter(sql, {**writer.parameters, "from_ns": min(max(from_ns, EARLIEST_NS + 2 * _DAY_NS), last_ns), "to_ns": min(max(to_ns, EARLIEST_NS), last_ns)})


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a condition stands: among the rows of the range, or among their relatives (`wide`), and what else these rows have to match."""

    wide: bool
    near: tuple[p.Predicate, ...] = ()


class _Writer:
    def __init__(self, kind: Kind) -> None:
        self.kind, self.schema = kind, SCHEMAS[kind]
        self.parameters: dict[str, Any] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._chains = 0

    def condition(self, predicate: p.Predicate, scope: _Scope) -> str:
        match predicate:
            case p.Constant(value):
                return "true" if value else "false"
            case p.AllOf(terms):
                inner = _Scope(scope.wide, (*scope.near, *_implied(predicate)))
                return _joined(" AND ", [self.condition(term, inner) for term in terms])
            case p.AnyOf(terms):
                return _joined(" OR ", [self.condition(term, scope) for term in terms])
            case p.Negation(term):
                return f"NOT {self.condition(term, scope)}"
            case p.Words():
                return self._words(predicate, scope)
            case p.ChildOf() | p.Beneath() | p.Above():
                return self._related(predicate, scope)
            case _:
                return f"({self._column_condition(predicate)})"

    def _column_condition(self, predicate: p.Predicate) -> str:
        match predicate:
            case p.OneOf(column, texts):
                return f"{self._column(column)} {self._among(texts)}"
            case p.Like(column, pattern):
                return f"{self._column(column)} LIKE {self._like(pattern)}"
            case p.IsTrue(column) | p.NotEmpty(column):
                return self._column(column) if isinstance(predicate, p.IsTrue) else f"notEmpty({self._column(column)})"
            case p.IdOneOf(column, ids):
                return f"{self._column(column)} IN ({', '.join(self._id(one) for one in ids)})"
            case p.Number(columns, relation, number):
                return f"{' + '.join(map(self._column, columns))} {relation} {self._number(columns[0], number)}"
            case p.Listed(column, pattern) if pattern.exact is not None:
                return f"has({self._column(column)}, {self._bind('String', pattern.exact)})"
            case p.Listed(column, pattern):
                return f"arrayExists(one -> one LIKE {self._like(pattern)}, {self._column(column)})"
            case _:
                return self._attribute(predicate)

    def _attribute(self, predicate: Any) -> str:
        """First what the bloom filters over keys and values can skip by."""
        column, key = self._column(predicate.column), self._bind("String", predicate.key)
        known = f"mapContains({column}, {key})"
        match predicate:
            case p.AttributeOneOf(_, _, texts):
                if len(texts) == 1:
                    value = self._bind("String", texts[0])
                    return f"{known} AND has(mapValues({column}), {value}) AND {column}[{key}] = {value}"
                values = self._bind("Array(String)", list(texts))
                return f"{known} AND hasAny(mapValues({column}), {values}) AND {column}[{key}] IN {values}"
            case p.AttributeLike(_, _, pattern):
                return f"{known} AND {column}[{key}] LIKE {self._like(pattern)}"
            case p.AttributeNumber(_, _, relation, number):
                return f"{known} AND ifNull(toFloat64OrNull({column}[{key}]) {relation} {self._bind('Float64', number)}, false)"
            case _:
                return known

    def _words(self, predicate: p.Words, scope: _Scope) -> str:
        """Where more than one text index takes part, a union of what each finds, by sorting key: an OR over them would read every row."""
        words = self._bind("String", predicate.phrase)
        function = "hasPhrase" if _several(predicate.phrase) else "hasAllTokens"
        indexed = [f"{function}({name}, {words})" for name in predicate.columns if name in _TEXT_INDEXED[self.kind]]
        plain = [f"{function}(lowerUTF8({name}), lowerUTF8({words}))" for name in predicate.columns if name not in _TEXT_INDEXED[self.kind]]
        if not predicate.messages and not (indexed and plain):
            return f"({' OR '.join(indexed or plain)})"
        table, key = _TABLES[self.kind], _KEYS[self.kind]
        legs = [f"SELECT {key} FROM {table} WHERE {_range(_TIMES[self.kind], wide=scope.wide)} AND ({' OR '.join(leg)})" for leg in (indexed, plain) if leg]
        if predicate.messages:
            direction = f" AND direction {self._among(predicate.messages)}" if len(predicate.messages) == 1 else ""
            legs.append(f"SELECT {key} FROM messages WHERE {_range('start', wide=scope.wide)}{direction} AND {function}(text, {words})")
        return f"(({key}) IN ({' UNION ALL '.join(legs)}))"

    def _related(self, predicate: p.ChildOf | p.Beneath | p.Above, scope: _Scope) -> str:
        term, wide = self.condition(predicate.term, _Scope(wide=True)), _range("start", wide=True)
        if isinstance(predicate, p.ChildOf):
            return f"((trace_id, parent_span_id) IN (SELECT trace_id, span_id FROM spans WHERE {wide} AND {term}))"
        rows = " AND ".join([wide, *self._traces([(_implied(predicate.term), True), (scope.near, scope.wide)])])
        statement = _ABOVE
        if isinstance(predicate, p.Beneath):
            statement, rows = _BENEATH, f"{wide} AND {_INNER.format(span=_SPAN, parent=_PARENT, rows=rows, none=_NO_SPAN)}"
        self._chains += 1
        return statement.format(chain=f"chain{self._chains}", rows=rows, term=term, span=_SPAN, parent=_PARENT, none=_NO_SPAN, last=_DOUBLINGS)

    def _traces(self, candidates: list[tuple[tuple[p.Predicate, ...], bool]]) -> list[str]:
        """Only traces with spans that can take part: one that matches all of the last terms, in a trace with one that matches all of those before them.

        Nested, so that one set is made of both: looking a million traces up in two costs twice as much. The terms hold no sub-selects, so that nesting cannot
        make the text explode.
        """
        found: list[str] = []
        for terms, wide in candidates:
            if terms:
                condition = self.condition(p.AllOf(tuple(dict.fromkeys(terms))), _Scope(wide))
                rows = " AND ".join([_range("start", wide=wide), condition, *found])
                found = [f"trace_id IN (SELECT trace_id FROM spans WHERE {rows})"]
        return found

    def _column(self, name: str) -> str:
        if name not in self.schema.names:
            raise ValueError(f"filters: expected a column of {_TABLES[self.kind]}, got {name!r}")
        return name

    def _among(self, texts: tuple[str, ...]) -> str:
        return f"= {self._bind('String', texts[0])}" if len(texts) == 1 else f"IN {self._bind('Array(String)', list(texts))}"

    def _like(self, pattern: Pattern) -> str:
        return self._bind("String", "%".join(re.sub(r"([\\%_])", r"\\\1", part) for part in pattern.parts))

    def _id(self, value: bytes) -> str:
        return f"toFixedString(unhex({self._bind('String', value.hex())}), {len(value)})"

    def _number(self, column: str, number: int | float) -> str:
        kind = self.schema.field(column).type
        if pa.types.is_timestamp(kind):
            return f"fromUnixTimestamp64Nano({self._bind('Int64', int(number))}, 'UTC')"
        if pa.types.is_unsigned_integer(kind):
            return self._bind("UInt64", int(number))
        return self._bind("Float32" if pa.types.is_float32(kind) else "Float64", float(number))

    def _bind(self, kind: str, value: Any) -> str:
        name = self._names.setdefault((kind, repr(value)), f"p{len(self._names)}")
        self.parameters[name] = value
        return f"{{{name}:{kind}}}"


def _joined(word: str, conditions: list[str]) -> str:
    return f"({word.join(conditions)})" if len(conditions) > 1 else conditions[0]


def _range(time: str, *, wide: bool) -> str:
    reach_ns = _REACH_NS if wide else 0
    arrived, begun = (f"fromUnixTimestamp64Nano({_shifted('from_ns', -reach_ns - early_ns)}, 'UTC')" for early_ns in (_EARLY_NS, 0))
    ended = f"fromUnixTimestamp64Nano({_shifted('to_ns', reach_ns)}, 'UTC')"
    return f"project = {{project:String}} AND received >= {arrived} AND {time} >= {begun} AND {time} < {ended}"


def _shifted(name: str, by_ns: int) -> str:
    return f"{{{name}:Int64}} {'-' if by_ns < 0 else '+'} {abs(by_ns)}" if by_ns else f"{{{name}:Int64}}"


def _implied(predicate: p.Predicate) -> tuple[p.Predicate, ...]:
    """What is true of every row that matches and asks about nothing but its columns; nothing where nothing is known."""
    match predicate:
        case p.ChildOf() | p.Beneath() | p.Above() | p.Words() | p.Constant():
            return ()
        case p.AllOf(terms):
            return tuple(part for term in terms for part in _implied(term))
        case p.AnyOf(terms):
            parts = [_implied(term) for term in terms]
            return (p.AnyOf(tuple(p.AllOf(part) for part in parts)),) if all(parts) else ()
        case p.Negation(term):
            return (predicate,) if _is_plain(term) else ()
        case _:
            return (predicate,)


def _is_plain(predicate: p.Predicate) -> bool:
    match predicate:
        case p.ChildOf() | p.Beneath() | p.Above() | p.Words():
            return False
        case p.AllOf(terms) | p.AnyOf(terms):
            return all(map(_is_plain, terms))
        case p.Negation(term):
            return _is_plain(term)
        case _:
            return True


def _several(phrase: str) -> bool:
    return len(re.findall(r"[0-9A-Za-z\x80-\U0010ffff]+", phrase)) > 1
