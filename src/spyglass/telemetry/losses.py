"""What this process lost that belongs to no source: counters in, one line per room and reason out. Since the process began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spyglass.telemetry.metrics import BUS_DROPPED, LOG_UNREADABLE, STREAM_DROPPED, UNTOLD

__all__ = ["Loss", "process_losses"]


@dataclass(frozen=True, slots=True)
class Loss:
    """`count` of `what` were lost in a room."""

    room: str
    what: str
    reason: str
    count: int


_COUNTED: Final = (
    (BUS_DROPPED, "publish", "rows for the live view"),
    (LOG_UNREADABLE, "publish", "entries of the log"),
    (UNTOLD, "store", "commits whose calls are not told"),
    (STREAM_DROPPED, "stream", "frames"),
)


def process_losses() -> list[Loss]:
    """Those that are not zero."""
    found = []
    for counter, room, what in _COUNTED:
        for metric in counter.collect():
            samples = [sample for sample in metric.samples if sample.name.endswith("_total") and sample.value]
            found += [Loss(room, what, sample.labels.get("reason") or sample.labels.get("source", ""), int(sample.value)) for sample in samples]
    return found
