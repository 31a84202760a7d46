"""What became of every record: waiting, delivered, or lost and why. In: what the other parts saw. Out: counts, and now and then a warning."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from spyglass_sdk.guard import log

__all__ = ["Delivery", "Tally"]

_QUIET_S = 30.0  # between two warnings of lost records


@dataclass(frozen=True, slots=True)
class Delivery:
    """What `flush` found: true when all that was recorded before is with the server.

    Attributes:
        complete: nothing waits and nothing was lost since the flush began.
        waiting: records that are still to be delivered; they are not given up.
        lost: records lost since the flush began, by reason.
    """

    complete: bool
    waiting: int = 0
    lost: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.complete


class Tally:
    """Counters that threads share. `changed` is notified with each settled record."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.changed = threading.Condition()
        self.recorded = 0  # records that came in; announcements of running spans count, too
        self.delivered = 0
        self._lost: Counter[str] = Counter()
        self._clock = clock
        self._said_s = -_QUIET_S
        self._unsaid: Counter[str] = Counter()

    @property
    def settled(self) -> int:
        """Records that no longer wait."""
        return self.delivered + sum(self._lost.values())

    def record(self, count: int = 1) -> None:
        """Records came in."""
        with self.changed:
            self.recorded += count

    def deliver(self, count: int) -> None:
        """The server has them."""
        with self.changed:
            self.delivered += count
            self.changed.notify_all()

    def lose(self, count: int, reason: str) -> None:
        """They are gone; said at most every half minute, with all that was lost since."""
        if not count:
            return
        with self.changed:
            self._lost[reason] += count
            self._unsaid[reason] += count
            say = self._clock() - self._said_s >= _QUIET_S
            said = ", ".join(f"{count} {reason}" for reason, count in self._unsaid.items())
            if say:
                self._said_s = self._clock()
                self._unsaid.clear()
            self.changed.notify_all()
        if say:
            log.warning("records lost: %s", said)

    def lost(self) -> dict[str, int]:
        """Records lost so far, by reason."""
        with self.changed:
            return dict(self._lost)

    def wait_settled(self, target: int, timeout_s: float) -> bool:
        """Wait until `target` records have settled; False when the time was up before."""
        with self.changed:
            return self.changed.wait_for(lambda: self.settled >= target, timeout_s)
