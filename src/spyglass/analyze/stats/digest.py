"""Texts as numbers: columns of strings or bytes in, one 64-bit number per row out, without a step of Python per row.

Multilinear hashing (Carter and Wegman 1979): the sum of each byte times a random number of its place. Two different texts get the same number with a
chance of about 2^-56; equal texts always do, in every process, so that numbers can be saved.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["Numbers", "combined", "digests", "of_ids"]

Numbers = npt.NDArray[np.uint64]
_MOST_BYTES: Final = 2_048  # of a text; beyond, its length counts
_PLACES: Final[Numbers] = np.random.default_rng(0x5B1F).integers(1, 2**63, _MOST_BYTES, np.uint64) * np.uint64(2) + np.uint64(1)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio, as in Fibonacci hashing


def digests(texts: pa.ChunkedArray | pa.Array) -> Numbers:
    """One number per text; of nothing, that of the empty text."""
    column = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    column = pc.fill_null(column.cast(pa.large_binary()), b"")
    lengths = pc.binary_length(column).to_numpy(zero_copy_only=False).astype(np.uint64)
    cut = pc.binary_slice(column, 0, _MOST_BYTES)
    offsets = np.frombuffer(cut.buffers()[1], np.int64)[cut.offset : cut.offset + len(cut) + 1]
    found = np.zeros(len(cut), np.uint64)
    if len(cut) and offsets[-1] > offsets[0]:
        data = np.frombuffer(cut.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]
        begins = offsets[:-1] - offsets[0]
        sizes = np.diff(offsets)
        places = np.arange(len(data)) - np.repeat(begins, sizes)
        worth = (data.astype(np.uint64) + np.uint64(1)) * _PLACES[places]
        filled = sizes > 0
        found[filled] = np.add.reduceat(worth, begins[filled])
    return combined(found, lengths)


def of_ids(column: pa.ChunkedArray | pa.Array) -> Numbers:
    """One number per id of 8 or 16 bytes."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    width = array.type.byte_width
    words = np.frombuffer(array.buffers()[1], np.uint64)[array.offset * width // 8 : (array.offset + len(array)) * width // 8].reshape(len(array), -1)
    return combined(*words.T)


def combined(*columns: Numbers) -> Numbers:
    """One number per row of several; the order of the columns counts. Never 0, which is free to mean none."""
    found = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        found = (found ^ column) * _MIX
        found ^= found >> np.uint64(29)
        found *= np.uint64(0xBF58476D1CE4E5B9)
        found ^= found >> np.uint64(32)
    return np.where(found == 0, np.uint64(1), found)
