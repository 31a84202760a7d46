"""A token bucket: how many of n frames may go now. What may not go is counted by the caller; nothing waits."""

from __future__ import annotations

__all__ = ["Bucket"]


class Bucket:
    """Holds up to `burst` tokens, full at first; `rate` new ones a second."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._tokens = float(burst)
        self._at_s: float | None = None

    def take(self, wanted: int, now_s: float) -> int:
        """How many of `wanted` may go at the monotonic time `now_s`; that many tokens are gone then."""
        if self._at_s is not None:
            self._tokens = min(float(self._burst), self._tokens + max(0.0, now_s - self._at_s) * self._rate)
        self._at_s = now_s
        granted = min(wanted, int(self._tokens))
        self._tokens -= granted
        return granted
