"""The cheap first pass of redaction: which values can hold a secret at all.

In: the string leaves of a batch and one RE2 without anchors. Out: the few values that it matches.

Values lie end to end in Arrow's buffers, so many of them are looked at as one text; what matches in a value matches in its block too.
RE2 is compiled once per call: all leaves go through it together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.refine.leaves import Ints, Leaf, data, offsets

__all__ = ["suspects"]

_BLOCK: Final = 64  # values looked at as one


def suspects(texts: list[Leaf], regex: str) -> Iterator[tuple[Leaf, Ints]]:
    """The leaves that have values which `regex` matches, with the indexes of those values."""
    pieces = [_piece(leaf) for leaf in texts]
    near = _of_blocks(texts, pieces, regex)
    if not near:
        return
    values = pa.concat_arrays([leaf.values.take(pa.array(indexes)).cast(pa.binary()) for leaf, indexes in near])
    hits = _matches(values, regex)
    at = 0
    for leaf, indexes in near:
        mine = indexes[hits[at : at + len(indexes)]]
        at += len(indexes)
        if len(mine):
            yield leaf, mine


def _of_blocks(texts: list[Leaf], pieces: list[pa.Array], regex: str) -> list[tuple[Leaf, Ints]]:
    """The values of blocks that match."""
    blocks = [piece.cast(pa.binary()) if leaf.role == "key" else _blocks(piece) for leaf, piece in zip(texts, pieces, strict=True)]
    hits = _matches(pa.concat_arrays(blocks), regex) if blocks else np.empty(0, bool)
    if not hits.any():
        return []
    near: list[tuple[Leaf, Ints]] = []
    at = 0
    for leaf, piece, block in zip(texts, pieces, blocks, strict=True):
        mine = np.flatnonzero(hits[at : at + len(block)])
        at += len(block)
        if len(mine):
            near.append((leaf, _members(len(leaf.values), mine) if len(piece) == len(leaf.values) else np.arange(len(leaf.values))))
    return near


def _piece(leaf: Leaf) -> pa.Array:
    """What of a leaf must be looked at: keys, and what all rows repeat, only once."""
    return pc.unique(leaf.values) if leaf.role == "key" else leaf.values.slice(0, _period(leaf))


def _period(leaf: Leaf) -> int:
    """After how many values a leaf repeats itself to its end, where rows are copies of each other (a resource's attributes); else all."""
    count = len(leaf.values)
    rows = len(leaf.levels[0]) - 1 if leaf.levels else count
    raw = np.frombuffer(data(leaf.values), np.uint8)
    if rows < 2 or count % rows or not len(raw) or len(raw) % rows:
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


def _matches(values: pa.BinaryArray, regex: str) -> npt.NDArray[np.bool_]:
    return pc.fill_null(pc.match_substring_regex(values, regex), True).to_numpy(zero_copy_only=False)
