"""An `Evidence` with hands: records in, events out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from spyglass.collect.records import Actor, Exec, Record
from spyglass.collect.system.evidence import Evidence, Watch
from spyglass.collect.system.settings import Settings
from spyglass.model.told import Event, Told
from spyglass.testing.clock import ManualClock

SECOND = 1_000_000_000
NOW = 1_000 * SECOND


@dataclass
class Tally:
    """`plugin.contracts.Tally`, to be looked at."""

    count: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def seen(self, count: int = 1) -> None:
        self.count += count

    def dropped(self, reason: str, count: int = 1) -> None:
        self.reasons[reason] += count


@dataclass
class Bench:
    """Evidence on the bench."""

    evidence: Evidence
    clock: ManualClock
    tally: Tally

    def tell(self, *records: Record) -> list[Told]:
        """All that these records tell, sums and counts included."""
        out = list(self.evidence.take(records))
        return out + list(self.evidence.finish())

    def events(self, *records: Record) -> list[Event]:
        return [event for told in self.tell(*records) for event in told.events]

    def named(self, name: str, *records: Record) -> list[dict[str, Any]]:
        return [dict(event.attributes) for event in self.events(*records) if event.name == name]


@pytest.fixture
def bench() -> Any:
    """`bench(**settings)`."""

    def make(redact: Any = None, **settings: Any) -> Bench:
        clock, tally = ManualClock(1_000.0), Tally()
        watch = Watch("host-1", "box", "system", "w1")
        return Bench(Evidence(Settings(**{"containers": False, **settings}), watch, clock, tally, redact), clock, tally)

    return make


@pytest.fixture
def actor() -> Any:
    """`actor(pid, ...)`: a process below root 100."""

    def make(pid: int = 100, started_ns: int = NOW - 10 * SECOND, ppid: int = 1, command: str = "agent", root: int = 100, uid: int = 1000) -> Actor:
        return Actor(pid, started_ns, ppid, uid, root, pid, command)

    return make


@pytest.fixture
def execed(actor: Any) -> Any:
    """`execed(argv, ...)`: an exec of a process."""

    def make(argv: Iterable[str] = ("agent",), path: str = "/usr/bin/agent", **who: Any) -> Exec:
        return Exec(NOW, actor(**who), path, tuple(argv), "/work")

    return make
