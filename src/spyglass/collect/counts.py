"""What a runner has seen, kept and dropped: counted from any thread, shown by the API and at /metrics."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from spyglass.telemetry.metrics import RUNNER_DROPPED, RUNNER_RECORDS

__all__ = ["Counted", "Counts"]

_MOST_REASONS: Final = 32  # a reason is a label; plugins choose it
_REASON_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of a moment, since the server started."""

    seen: int
    kept: int
    dropped: Mapping[str, int]


class Counts:
    """`plugin.contracts.Tally`, and what became of what a runner told. The only writers of its metrics."""

    def __init__(self, runner: str) -> None:
        self._runner = runner
        self._lock = threading.Lock()
        self._seen = self._kept = 0
        self._dropped: Counter[str] = Counter()

    def seen(self, count: int = 1) -> None:
        """So many things were looked at."""
        with self._lock:
            self._seen += count
        RUNNER_RECORDS.labels(self._runner, "seen").inc(count)

    def kept(self, count: int) -> None:
        """So many records are on the disk."""
        with self._lock:
            self._kept += count
        RUNNER_RECORDS.labels(self._runner, "kept").inc(count)

    def dropped(self, reason: str, count: int = 1) -> None:
        """So many are not told or not kept."""
        label = str(reason)[:_REASON_CHARACTERS]
        with self._lock:
            if label not in self._dropped and len(self._dropped) >= _MOST_REASONS:
                label = "other"
            self._dropped[label] += count
        RUNNER_DROPPED.labels(self._runner, label).inc(count)

    def now(self) -> Counted:
        """What has been counted so far. A runner that does not tell what it sees has seen what it told, at least."""
        with self._lock:
            dropped = dict(self._dropped)
            return Counted(max(self._seen, self._kept + sum(dropped.values())), self._kept, dropped)
