"""The cheap first pass of redaction: which values can hold a secret at all.

In: the string leaves of a batch and one RE2 without anchors. Out: the few values that it matches.

Values lie end to end in Arrow's buffers, so all of them are looked at as one text first, then in blocks, then one by one: what matches in a value
matches in whatever text it is part of. The google-re2 package keeps the compiled automaton between batches (a fifth of the cost, measured in
bench/redact.py); without it pyarrow's RE2 does the same work and compiles it each time.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.refine.leaves import Ints, Leaf, data, offsets

__all__ = ["Suspects"]

_BLOCK: Final = 64  # values looked at as one
_MANY: Final = 400  # values from which compiling again for all of them is cheaper than calling for each
Flags = npt.NDArray[np.bool_]


def _installed(name: str) -> Any:
    """A module that may be missing (no wheel for this platform), or None."""
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


re2: Any = _installed("re2")


class Suspects:
    """The first pass for one expression. Safe to share between threads."""

    def __init__(self, regex: str) -> None:
        self._regex = regex
        self._compiled = None
        if re2 is not None:
            options = re2.Options()
            options.encoding = re2.Options.Encoding.LATIN1  # bytes: the expression names no letter beyond ASCII
            options.never_capture = True
            self._compiled = re2.compile(regex.encode(), options)

    def __call__(self, texts: list[Leaf]) -> Iterator[tuple[Leaf, Ints]]:
        """The leaves that have values which match, with the indexes of those values."""
        pieces = [_piece(leaf) for leaf in texts]
        if not texts or not self._anywhere(pieces):
            return
        blocks = [_blocks(piece) for piece in pieces]
        flags = np.split(self._matches(pa.concat_arrays(blocks)), np.cumsum([len(block) for block in blocks])[:-1])
        for leaf, piece, mine in zip(texts, pieces, flags, strict=True):
            if not mine.any():
                continue
            near = _members(len(piece), np.flatnonzero(mine)) if len(piece) == len(leaf.values) else np.arange(len(leaf.values))
            hits = near[self._matches(leaf.values.take(pa.array(near)).cast(pa.binary()))]
            if len(hits):
                yield leaf, hits

    def _anywhere(self, pieces: list[pa.Array]) -> bool:
        return self._compiled is None or self._compiled.search(b"\n".join([data(piece) for piece in pieces])) is not None

    def _matches(self, values: pa.BinaryArray) -> Flags:
        if self._compiled is None or len(values) > _MANY:
            found: Flags = pc.fill_null(pc.match_substring_regex(values, self._regex), True).to_numpy(zero_copy_only=False)
            return found
        search = self._compiled.search
        return np.fromiter((search(value or b"") is not None for value in values.to_pylist()), bool, len(values))


def _piece(leaf: Leaf) -> pa.Array:
    """What of a leaf must be looked at: keys, and what all rows repeat, only once."""
    if leaf.role == "key":
        return pa.array(["\n".join(leaf.distinct)], pa.string())  # keys end to end would look like dotted tokens
    period = _period(leaf)
    return leaf.values if period == len(leaf.values) else leaf.values.slice(0, period)


def _period(leaf: Leaf) -> int:
    """After how many values a leaf repeats itself to its end, where rows are copies of each other (a resource's attributes); else all."""
    count, raw = len(leaf.values), leaf.bytes
    rows = len(leaf.levels[0]) - 1 if leaf.levels else count
    if rows < 2 or count % rows or len(raw) % rows:
        return count
    size, period = len(raw) // rows, count // rows
    if not np.array_equal(raw[:size], raw[-size:]) or not np.array_equal(raw[:-size], raw[size:]):
        return count
    ends = offsets(leaf.values)
    return period if (ends[period:] - ends[:-period] == size).all() else count


def _blocks(piece: pa.Array) -> pa.BinaryArray:
    """The values of a piece, `_BLOCK` of them as one."""
    ends = offsets(piece)
    cuts = ends[::_BLOCK] if (len(ends) - 1) % _BLOCK == 0 else np.append(ends[::_BLOCK], ends[-1])
    return pa.Array.from_buffers(pa.binary(), len(cuts) - 1, [None, pa.py_buffer(cuts.astype(np.int32)), pa.py_buffer(data(piece))])


def _members(count: int, blocks: Ints) -> Ints:
    """The indexes of the values in these blocks."""
    members = (blocks[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
    return members[members < count]
