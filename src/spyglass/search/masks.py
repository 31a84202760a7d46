"""Tree + Arrow rows of one kind -> which rows it matches: the live tail's half of the search; the store's is `store.filters`.

Both answer the same predicates, so that what a search finds in the store it also finds live, with three differences, all of them from what a
batch does not hold: `under`, `over` and `parent:(…)` know only the spans that are given (the live tail gives those of earlier batches, too); full text in
messages knows only the messages given with them (those which are new in it, as in the store); and letters whose lower case depends on their
neighbours (the final sigma) may differ.
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.columns import flat
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.search import predicates as p
from spyglass.search.lower import lower
from spyglass.search.tree import Tree
from spyglass.search.values import Pattern

__all__ = ["mask"]

_COMPARE: Final = {"<": pc.less, "<=": pc.less_equal, "=": pc.equal, ">=": pc.greater_equal, ">": pc.greater}
_SEPARATOR: Final = r"[^0-9A-Za-z\x{80}-\x{10ffff}]"  # between two words, as the store's text indexes split
_NUMBER: Final = r"(?i)\A[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity|nan)\z"
_DOUBLINGS: Final = 10  # ancestors up to 2^10 levels above: as many as the store looks at

_Flags = npt.NDArray[np.bool_]


def mask(tree: Tree, rows: pa.Table, kind: Kind, now_ns: int, messages: pa.Table | None = None) -> pa.BooleanArray:
    """One value for each of n rows, none of them null.

    Args:
        tree: what is searched; a condition on a field that `kind` does not have matches no row, so that one search may watch several kinds
            (`lower.check` refuses those that none of them knows).
        rows: schema `SCHEMAS[kind]`; columns that the search does not name may be missing.
        kind: of the rows.
        now_ns: what `-1h` counts from.
        messages: schema MESSAGE, the messages that came with the rows; without them full text looks into the rows alone.
    """
    return _Masks(rows, kind, messages).of(lower(tree, kind, now_ns))


class _Masks:
    def __init__(self, rows: pa.Table, kind: Kind, messages: pa.Table | None) -> None:
        self.rows, self.schema, self.messages = rows, SCHEMAS[kind], messages

    def of(self, predicate: p.Predicate) -> pa.BooleanArray:
        match predicate:
            case p.Constant(value):
                return self._all(value)
            case p.AllOf(terms):
                return _fold(pc.and_, [self.of(term) for term in terms])
            case p.AnyOf(terms):
                return _fold(pc.or_, [self.of(term) for term in terms])
            case p.Negation(term):
                return pc.invert(self.of(term))
            case p.Words():
                return self._words(predicate)
            case p.ChildOf() | p.Beneath() | p.Above():
                return self._related(predicate)
            case _:
                return _false(self._column_mask(predicate))

    def _column_mask(self, predicate: Any) -> pa.BooleanArray:
        """May hold nulls, for values that are missing."""
        values = self._column(predicate.columns[0] if isinstance(predicate, p.Number) else predicate.column)
        match predicate:
            case p.OneOf(_, texts):
                return pc.is_in(values, pa.array(texts, pa.string()))
            case p.Like(_, pattern):
                return _like(values, pattern)
            case p.IsTrue():
                return values
            case p.IdOneOf(_, ids):
                return pc.is_in(values.cast(pa.binary()), pa.array(ids, pa.binary()))
            case p.Number(columns, relation, number):
                for name in columns[1:]:
                    values = pc.add(values, self._column(name))
                return _compared(values, relation, number)
            case p.NotEmpty():
                return pc.greater(pc.list_value_length(values), 0)
            case p.Listed(_, pattern):
                return self._listed(values, pattern)
            case _:
                return self._attribute(predicate, pc.map_lookup(values, predicate.key, "first"))

    def _attribute(self, predicate: Any, values: pa.StringArray) -> pa.BooleanArray:
        match predicate:
            case p.AttributeOneOf(_, _, texts):
                return pc.is_in(values, pa.array(texts, pa.string()))
            case p.AttributeLike(_, _, pattern):
                return _like(values, pattern)
            case p.AttributeNumber(_, _, relation, number):
                numbers = pc.if_else(_false(pc.match_substring_regex(values, _NUMBER)), values, None)
                return _compared(numbers.cast(pa.float64()), relation, number)
            case _:
                return values.is_valid()

    def _listed(self, lists: pa.ListArray, pattern: Pattern) -> pa.BooleanArray:
        matching = _false(_like(pc.list_flatten(lists), pattern))
        flags = np.zeros(len(lists), np.bool_)
        flags[pc.list_parent_indices(lists).filter(matching).to_numpy(zero_copy_only=False)] = True
        return pa.array(flags)

    def _words(self, predicate: p.Words) -> pa.BooleanArray:
        regex = _phrase(predicate.phrase)
        found = [_false(pc.match_substring_regex(self._column(name), regex, ignore_case=True)) for name in predicate.columns]
        if self.messages is not None and predicate.messages:
            said = pc.and_(
                _false(pc.is_in(flat(self.messages["direction"]), pa.array(predicate.messages))),
                _false(pc.match_substring_regex(flat(self.messages["text"]), regex, ignore_case=True)),
            )
            speakers = self.messages.select(["trace_id", "span_id"]).filter(said)
            found.append(pc.is_in(self._keys("span_id"), _keys(speakers, "span_id")))
        return _fold(pc.or_, found)

    def _related(self, predicate: p.ChildOf | p.Beneath | p.Above) -> pa.BooleanArray:
        """Climbs from every span of the batch at once, twice as far in each step; a span that is there twice counts once."""
        spans = self._keys("span_id").dictionary_encode()
        rows = spans.indices.to_numpy(zero_copy_only=False)
        count = len(spans.dictionary)
        parents = np.full(count + 1, count)  # the last place stands for "not in the batch"
        known = pc.fill_null(pc.index_in(self._keys("parent_span_id"), spans.dictionary), count)
        parents[rows] = known.to_numpy(zero_copy_only=False)
        hits = np.zeros(count + 1, np.bool_)
        hits[rows[_flags(self.of(predicate.term))]] = True
        if isinstance(predicate, p.Above):
            return pa.array(_marked_upwards(parents, hits)[rows])
        if isinstance(predicate, p.Beneath):
            hits = _marked_downwards(parents, hits)
        return pa.array(hits[parents[rows]])

    def _keys(self, column: str) -> pa.BinaryArray:
        return _keys(self.rows, column)

    def _column(self, name: str) -> pa.Array:
        """One array; the default value where a row has none, lists and maps apart."""
        values = flat(self.rows[name])
        kind = self.schema.field(name).type
        if pa.types.is_string(kind):
            return pc.fill_null(values, "")
        if pa.types.is_timestamp(kind):
            return values.cast(pa.int64())
        if pa.types.is_unsigned_integer(kind):
            return pc.fill_null(values.cast(pa.uint64()), 0)
        return pc.fill_null(values, 0) if pa.types.is_floating(kind) else values

    def _all(self, value: bool) -> pa.BooleanArray:
        return pa.array(np.full(self.rows.num_rows, value))


def _marked_downwards(parents: npt.NDArray[np.int64], hits: _Flags) -> _Flags:
    """Which spans are hits or have one above them."""
    up = parents
    for _ in range(_DOUBLINGS):
        hits = hits | hits[up]
        up = up[up]
    return hits


def _marked_upwards(parents: npt.NDArray[np.int64], hits: _Flags) -> _Flags:
    """Which spans have a hit below them."""
    up = parents
    for _ in range(_DOUBLINGS):  # hits: the span itself or one of its descendants, up to 2^i levels below
        reached = np.zeros_like(hits)
        reached[up[hits]] = True
        hits, up = hits | reached, up[up]
    below = np.zeros_like(hits)
    below[parents[hits]] = True
    return below


def _keys(rows: pa.Table, column: str) -> pa.BinaryArray:
    trace, span = (flat(rows[name]).cast(pa.binary()) for name in ("trace_id", column))
    return pc.binary_join_element_wise(trace, span, pa.scalar(b"", pa.binary()))


def _like(values: pa.StringArray, pattern: Pattern) -> pa.BooleanArray:
    if pattern.exact is not None:
        return pc.equal(values, pattern.exact)
    return pc.match_substring_regex(values, r"(?s)\A" + ".*".join(map(_literal, pattern.parts)) + r"\z")


def _phrase(phrase: str) -> str:
    words = [_literal(word) for word in re.split(r"[^0-9A-Za-z\x80-\U0010ffff]+", phrase) if word]
    return rf"(?:\A|{_SEPARATOR})" + f"{_SEPARATOR}+".join(words) + rf"(?:\z|{_SEPARATOR})"


def _literal(text: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else rf"\x{{{ord(c):x}}}" for c in text)


def _compared(values: pa.Array, relation: p.Relation, number: int | float) -> pa.BooleanArray:
    return _COMPARE[relation](values, pa.scalar(number, values.type))


def _false(values: pa.BooleanArray) -> pa.BooleanArray:
    return pc.fill_null(values, False)


def _flags(values: pa.BooleanArray) -> _Flags:
    return np.asarray(values.to_numpy(zero_copy_only=False), np.bool_)


def _fold(function: Any, masks: list[pa.BooleanArray]) -> pa.BooleanArray:
    result = masks[0]
    for other in masks[1:]:
        result = function(result, other)
    return result
