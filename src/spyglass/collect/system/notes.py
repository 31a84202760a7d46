"""What is to be told next: events by watched root, and how much was folded, lost or dropped on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from spyglass.collect.system.tree import Process
from spyglass.model.told import Event, Value

__all__ = ["Notes"]

_EVENT_BYTES = 600  # about what an event without long texts takes as OTLP
_MAX_REASONS = 64  # reasons and rules come from short lists; a source that makes them up must not fill the memory


class Notes:
    """Collects; who tells takes it all away."""

    def __init__(self, max_events: int, max_bytes: int = 4 << 20) -> None:
        self.events: list[tuple[int, Event]] = []  # with the root's pid
        self.folded: Counter[tuple[int, str]] = Counter()  # by root and rule
        self.lost: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._bytes = 0

    @property
    def full(self) -> bool:
        """It is time to tell."""
        return len(self.events) >= self._max_events or self._bytes >= self._max_bytes

    def event(self, process: Process, name: str, time_ns: int, attributes: Mapping[str, Value], size: int = 0) -> None:
        """The process did something; `size`: characters of long texts in it."""
        self.events.append((process.root, Event(name, time_ns, {**process.identity, **attributes})))
        self._bytes += _EVENT_BYTES + size

    def fold(self, root: int, rule: str, count: int = 1) -> None:
        """So many things are told by number only."""
        if len(self.folded) < 4096 or (root, rule) in self.folded:
            self.folded[root, rule] += count
        else:
            self.folded[0, "other"] += count
        self.dropped["folded"] += count

    def lose(self, counts: Mapping[str, int]) -> None:
        """So many things were not seen."""
        for reason, count in counts.items():
            self.lost[reason if len(self.lost) < _MAX_REASONS or reason in self.lost else "other"] += count

    def drop(self, reason: str, count: int = 1) -> None:
        """So many things were seen, and are not wanted."""
        self.dropped[reason] += count

    def take(self) -> list[tuple[int, Event]]:
        """The events, which are no longer here afterwards."""
        events, self.events, self._bytes = self.events, [], 0
        return events
