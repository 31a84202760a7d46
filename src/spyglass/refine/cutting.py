"""Bytes cut where their content says so: bytes in, the ends of their parts out.

What is inserted or removed changes the parts around it and no others, so that two states which mostly agree mostly have the same parts. The method is FastCDC
(Xia et al., USENIX ATC 2016): a rolling gear hash, cuts where its upper bits are zero, a strict mask before the normal size and a loose one after it. The hash
of all places is computed at once: the gear hash of the last 32 bytes is a sum that doubles its window five times.

    >>> ends(b"state" * 2000)[-1]
    10000
"""

from __future__ import annotations

from bisect import bisect_left
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["MAX_BYTES", "MIN_BYTES", "ends"]

MIN_BYTES: Final = 1024
MAX_BYTES: Final = 16_384
_NORMAL_BYTES: Final = 2560
_WINDOW: Final = 32  # a byte further back has been shifted out of 32 bits
_GEAR: Final = np.array([int.from_bytes(blake2b(bytes([byte]), digest_size=4).digest(), "little") for byte in range(256)], np.uint32)
_STRICT: Final = np.uint32(0xFFF0_0000)  # 12 bits: a cut in 4,096 bytes
_LOOSE: Final = np.uint32(0xFF80_0000)  # 9 bits: one in 512
_BLOCK: Final = 1 << 20  # bytes at a time: the hashes take four times as much


def ends(data: bytes) -> list[int]:
    """Where each part ends; the last is the length of `data`. Parts have 1 to 16 KiB, mostly 2 to 4; the last may be shorter."""
    size = len(data)
    if size <= MIN_BYTES:
        return [size] if size else []
    strict, loose = _candidates(data)
    found: list[int] = []
    start = 0
    while size - start > MIN_BYTES:
        start = _next(start, size, strict, loose)
        found.append(start)
    if start < size:
        found.append(size)
    return found


def _next(start: int, size: int, strict: list[int], loose: list[int]) -> int:
    normal, last = start + _NORMAL_BYTES, min(start + MAX_BYTES, size)
    at = bisect_left(strict, start + MIN_BYTES)
    if at < len(strict) and strict[at] < min(normal, last):
        return strict[at]
    at = bisect_left(loose, normal)
    return loose[at] if at < len(loose) and loose[at] < last else last


def _candidates(data: bytes) -> tuple[list[int], list[int]]:
    """Where a part may end, by either mask."""
    strict: list[int] = []
    loose: list[int] = []
    raw = np.frombuffer(data, np.uint8)
    for begin in range(0, len(raw), _BLOCK):
        before = min(begin, _WINDOW - 1)
        hashes = _hashes(raw[begin - before : begin + _BLOCK])[before:]
        wide = np.flatnonzero((hashes & _LOOSE) == 0)
        loose += (wide + (begin + 1)).tolist()
        strict += (wide[(hashes[wide] & _STRICT) == 0] + (begin + 1)).tolist()
    return strict, loose


def _hashes(raw: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """The gear hash of the 32 bytes up to each place (fewer at the begin)."""
    hashes = _GEAR[raw]
    width = 1
    while width < _WINDOW:
        hashes[width:] += hashes[:-width] << np.uint32(width)
        width *= 2
    return hashes
