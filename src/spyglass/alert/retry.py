"""When to try again: longer each time, not everybody at once."""

from __future__ import annotations

from typing import Final

import xxhash

__all__ = ["pause_s"]

_FIRST_S: Final = 2.0
_LONGEST_S: Final = 600.0


def pause_s(attempts: int, key: str, told_s: float = 0.0) -> float:
    """Seconds until the next attempt: 2, 4, 8 … ten minutes, between 80 and 120 % of it by the key; never sooner than the other side said, within an hour."""
    spread = 0.8 + 0.4 * (xxhash.xxh3_64_intdigest(f"{key}\0{attempts}".encode()) % 1000) / 1000
    return max(min(_LONGEST_S, _FIRST_S * 2.0 ** min(attempts - 1, 20)) * spread, min(told_s, 3_600.0))
