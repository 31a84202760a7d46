"""Sums of calls and runs, and the work that keeps them up."""

from __future__ import annotations

from typing import Final

from spyglass.app.periodic import Periodic
from spyglass.config.spec import Retention
from spyglass.model.clock import Clock
from spyglass.plugin.contracts import Log
from spyglass.store.engine import Engine
from spyglass.store.sums import Sums
from spyglass.store.writer import Writer

__all__ = ["make_sums"]

_ADD_UP_EVERY_S: Final = 15.0


def make_sums(engine: Engine, clock: Clock, writer: Writer, log: Log, retention: Retention, periodic: Periodic) -> Sums:
    """All of it; what arrives is added up by `periodic`."""

    def add_up() -> None:
        sums.keep()

    sums = Sums(
        engine,
        clock,
        records_days=retention.spans_days,
        committed=lambda: writer.status().committed_rows,
        behind_s=lambda: log.status().oldest_unconsumed_s,
    )
    periodic.add("sums", _ADD_UP_EVERY_S, add_up)
    return sums
