"""What came and what was lost in the last hour: totals since ever come in, now and then; differences go out.

Call `note` about every minute; before an hour is over, the time since the first note stands for it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from spyglass.model.clock import Clock

__all__ = ["Lately", "Losses", "Totals"]

_HOUR_S: Final = 3_600.0
_MOST_NOTES: Final = 120


class Totals(NamedTuple):
    """Rows since ever: that came, and those of them that are not kept."""

    received: int
    lost: int


class Lately(NamedTuple):
    """The same of a time."""

    received: int
    lost: int
    seconds: float


class Losses:
    """Remembers an hour. Safe from any thread."""

    def __init__(self, totals: Callable[[], Totals], clock: Clock) -> None:
        self._totals, self._clock = totals, clock
        self._notes: deque[tuple[float, Totals]] = deque([(clock.monotonic(), totals())], _MOST_NOTES)
        self._lock = threading.Lock()

    def note(self) -> None:
        """Remember how it stands."""
        now = self._clock.monotonic()
        with self._lock:
            self._notes.append((now, self._totals()))
            while len(self._notes) > 1 and now - self._notes[1][0] >= _HOUR_S:
                self._notes.popleft()

    def lately(self) -> Lately:
        """Since an hour ago, as far as it is remembered."""
        now = self._totals()
        with self._lock:
            then_s, then = self._notes[0]
        return Lately(max(0, now.received - then.received), max(0, now.lost - then.lost), self._clock.monotonic() - then_s)
