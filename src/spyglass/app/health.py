"""Health, handed what it reads of the store, and the work that keeps it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from spyglass.app.periodic import Periodic
from spyglass.facts.database import Facts
from spyglass.facts.health_marks import HealthMarks
from spyglass.model.clock import Clock
from spyglass.plugin.contracts import Log
from spyglass.registry.losses import Losses, Totals
from spyglass.registry.standing import Standings
from spyglass.show.services import Health
from spyglass.store.engine import Engine
from spyglass.store.figures import Figures
from spyglass.store.read import health as read
from spyglass.store.writer import Writer
from spyglass.telemetry.ledger import LossLedger

__all__ = ["make_health"]

_COUNT_EVERY_S: Final = 15.0
_NOTE_EVERY_S: Final = 60.0


class _Source:
    """`registry.standing.Source` over the store."""

    def __init__(self, engine: Engine) -> None:
        self._read = engine.read

    def done(self, project: str, lo_ns: int, hi_ns: int) -> pa.Table:
        return read.done(self._read, project, lo_ns, hi_ns)

    def usual(self, project: str, lo_ns: int, hi_ns: int, since: Mapping[str, int]) -> pa.Table:
        return read.usual(self._read, project, lo_ns, hi_ns, since)

    def silent(self, project: str, lo_ns: int) -> pa.Table:
        return read.silent(self._read, project, lo_ns)


def make_health(engine: Engine, facts: Facts, clock: Clock, writer: Writer, log: Log, ledger: LossLedger, periodic: Periodic) -> Health:
    """All of it; windows are counted and losses noted by `periodic`."""

    def totals() -> Totals:
        lines = ledger.lines(None)
        return Totals(sum(line.received for line in lines), sum(sum(line.rejected.values()) + sum(line.dropped.values()) for line in lines))

    def count() -> None:
        figures.keep()

    figures = Figures(engine, clock, committed=lambda: writer.status().committed_rows, behind_s=lambda: log.status().oldest_unconsumed_s)
    marks, losses = HealthMarks(facts, clock), Losses(totals, clock)
    periodic.add("figures", _COUNT_EVERY_S, count)
    periodic.add("losses", _NOTE_EVERY_S, losses.note)
    return Health(figures, Standings(_Source(engine), marks.of, clock), marks, losses)
