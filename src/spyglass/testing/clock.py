"""Time that passes when told."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ManualClock"]


@dataclass
class ManualClock:
    """A `spyglass.model.clock.Clock`; move it by its `now_s`."""

    now_s: float = 1_000.0

    def now_ns(self) -> int:
        """Nanoseconds since 1970."""
        return round(self.now_s * 1e9)

    def monotonic(self) -> float:
        """Seconds."""
        return self.now_s
