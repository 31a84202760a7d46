"""How fast one sender may send: token buckets for requests and for bytes.

In: each request and its bytes. Out: `Refused(too_fast=True)` with the exact time after which the next request would be let in.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from spyglass.model.clock import Clock
from spyglass.model.errors import Refused
from spyglass.receive.limits import Limits

__all__ = ["Buckets", "Rates"]

_MAX_SENDERS: Final = 10_000  # buckets kept; the one unused for the longest time is forgotten first

_ROUNDING: Final = 1e-6  # tokens; who waits exactly as long as told is let in


class Buckets:
    """One token bucket per sender. A bucket fills with `per_s` tokens a second up to `burst_s` seconds' worth, and may go below zero.

    (Token bucket: J. Turner, "New directions in communications", IEEE Communications Magazine 24(10), 1986.)
    """

    def __init__(self, per_s: float, burst_s: float, clock: Clock, max_senders: int = _MAX_SENDERS) -> None:
        self.per_s = per_s
        self._full = max(1.0, per_s * burst_s)
        self._clock = clock
        self._max_senders = max_senders
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # sender → tokens, and when there were that many

    def wait_s(self, sender: str) -> float:
        """Seconds until the sender has a token; 0 when it has one."""
        missing = 1.0 - self._level(sender)
        return missing / self.per_s if missing > _ROUNDING else 0.0

    def spend(self, sender: str, tokens: float) -> None:
        """Take tokens, even those that are not there: what came in has to be paid."""
        self._levels[sender] = (self._level(sender) - tokens, self._clock.monotonic())
        self._levels.move_to_end(sender)
        if len(self._levels) > self._max_senders:
            self._levels.popitem(last=False)

    def _level(self, sender: str) -> float:
        level, at_s = self._levels.get(sender, (self._full, 0.0))
        return min(self._full, level + (self._clock.monotonic() - at_s) * self.per_s)


class Rates:
    """The limits of requests and bytes per second, per sender."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._requests = Buckets(limits.max_requests_per_s, limits.burst_s, clock) if limits.max_requests_per_s else None
        self._bytes = Buckets(limits.max_bytes_per_s, limits.burst_s, clock) if limits.max_bytes_per_s else None

    def admit(self, sender: str) -> None:
        """Let a request in, and count it.

        Raises:
            Refused: the sender is too fast; `retry_after_s` is exact.
        """
        for buckets, unit in ((self._requests, "requests"), (self._bytes, "bytes")):
            wait_s = buckets.wait_s(sender) if buckets else 0.0
            if buckets and wait_s > 0:
                raise Refused(
                    f"this sender may send {buckets.per_s:g} {unit} per second and sends more; send again after {wait_s:.3f} s",
                    retry_after_s=wait_s,
                    too_fast=True,
                    limit=f"{unit}_per_s",
                )
        if self._requests:
            self._requests.spend(sender, 1)

    def charge(self, sender: str, size_bytes: int) -> None:
        """Count bytes of a request that was let in."""
        if self._bytes:
            self._bytes.spend(sender, size_bytes)
