"""What the price of a call depends on beside its columns: a few attributes come in, a column of each goes out.

Whoever prices calls (refine) and whoever keeps what pricing them again needs (store) read the same here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.columns import flat

__all__ = ["Extras", "extras_of"]

_SERVICE_TIER: Final = ("service_tier", ("response.service_tier", "usage.service_tier"))  # part of an attribute's key, and its full ends
_CACHE_WRITE_1H: Final = ("1h_", ("ephemeral_1h_input_tokens", "cache_creation_1h_tokens"))
_LONGEST_TIER: Final = 32  # characters
_MOST_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Extras:
    """Of n rows; None where no row tells any."""

    service_tier: pa.StringArray | None  # lower case, "": not told
    cache_write_1h_tokens: npt.NDArray[np.uint64] | None  # part of cache_write_tokens, kept for an hour and dearer


def extras_of(attributes: pa.ChunkedArray | pa.Array) -> Extras:
    """What the attributes of n rows (map of text to text) tell; mostly nothing, which costs one look through the bytes of their keys."""
    array = flat(attributes)
    offsets = np.asarray(array.offsets.to_numpy(zero_copy_only=False), np.int64) if len(array) else np.zeros(1, np.int64)
    keys, values = (part.slice(offsets[0], offsets[-1] - offsets[0]) for part in (array.keys, array.items))
    text, places = _text(keys), offsets - offsets[0]
    tiers = _told(keys, values, places, *_SERVICE_TIER) if _SERVICE_TIER[0].encode() in text else None
    counts = _told(keys, values, places, *_CACHE_WRITE_1H) if _CACHE_WRITE_1H[0].encode() in text else None
    return Extras(
        None if tiers is None else pc.utf8_slice_codeunits(pc.utf8_lower(tiers), 0, _LONGEST_TIER),
        None if counts is None else _numbers(counts),
    )


def _told(keys: pa.StringArray, values: pa.StringArray, places: npt.NDArray[np.int64], part: str, ends: tuple[str, ...]) -> pa.StringArray:
    """The value under such a key in each row, or ""; of several the last."""
    known = pc.match_substring(keys, part).to_numpy(zero_copy_only=False)
    hits = np.flatnonzero(known)
    named = keys.take(pa.array(hits))
    full = pc.or_(*(pc.ends_with(named, end) for end in ends)).to_numpy(zero_copy_only=False)
    at = np.full(len(places) - 1, -1)
    rows = np.searchsorted(places, hits[full], side="right") - 1
    at[rows] = hits[full]
    return values.take(pa.array(at, mask=at < 0)).fill_null("")


def _numbers(texts: pa.StringArray) -> npt.NDArray[np.uint64]:
    good = pc.and_(pc.ascii_is_decimal(texts), pc.less_equal(pc.binary_length(texts), _MOST_DIGITS))
    return np.asarray(pc.if_else(good, texts, "0").cast(pa.uint64()).to_numpy(zero_copy_only=False), np.uint64)


def _text(keys: pa.StringArray) -> bytes:
    """All keys, end to end."""
    offsets, data = keys.buffers()[1:]
    if not len(keys) or data is None:
        return b""
    first, last = np.frombuffer(offsets, np.int32)[[keys.offset, keys.offset + len(keys)]].tolist()
    return bytes(memoryview(data)[first:last])
