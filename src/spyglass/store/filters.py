"""Tree -> one WHERE condition for the table of a kind, every value bound.

In: a tree of the search language, the kind of record, now, and the time range that is read. Out: SQL text made of a closed set of columns,
functions and placeholders (`{p0:String}`), and the values of the placeholders. The caller's query reads one of `spans`, `events`, `points`
without an alias and itself bounds project and time:

    SELECT … FROM spans WHERE project = {project:String} AND start >= … AND start < … AND (<filter>) …

Sub-selects (full text, topology) carry the project and the range by themselves, as `{project:String}`, which the caller binds, and
`{from_ns:Int64}` and `{to_ns:Int64}`, which are among the parameters here. On Distributed tables set `distributed_product_mode = 'global'`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

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
                inner = _Scope(scope.wide, (*scope.near, *filter(_narrows, map(_local, terms))))
                return "(" + " AND ".join(self.condition(term, inner) for term in terms) + ")"
            case p.AnyOf(terms):
                return "(" + " OR ".join(self.condition(term, scope) for term in terms) + ")"
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
            direction = f"direction {self._among(predicate.messages)}"
            legs.append(f"SELECT {key} FROM messages WHERE {_range('start', wide=scope.wide)} AND {direction} AND {function}(text, {words})")
        return f"(({key}) IN ({' UNION ALL '.join(legs)}))"

    def _related(self, predicate: p.ChildOf | p.Beneath | p.Above, scope: _Scope) -> str:
        term = self.condition(predicate.term, _Scope(wide=True))
        if isinstance(predicate, p.ChildOf):
            return f"((trace_id, parent_span_id) IN (SELECT trace_id, span_id FROM spans WHERE {_range('start', wide=True)} AND {term}))"
        candidates = [("true", _conjunction(scope.near), scope), ("true", _conjunction(tuple(filter(_narrows, [_local(predicate.term)]))), _Scope(wide=True))]
        traces = "".join(
            f" AND trace_id IN (SELECT trace_id FROM spans WHERE {_range('start', wide=where.wide)} AND {self.condition(one, where)})"
            for _, one, where in candidates
            if one is not None
        )
        self._chains += 1
        chain = _CHAIN_DOWN if isinstance(predicate, p.Beneath) else _CHAIN_UP
        return chain.format(chain=f"chain{self._chains}", range=_range("start", wide=True), traces=traces, term=term)
