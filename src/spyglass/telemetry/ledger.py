"""The loss ledger: what each source sent, and what became of it.

In: counts of the road (what was kept, refused, dropped) and of the store's writer. Out: a line per project, source and signal. A source is a service, or the
address of the sender where no row says of which service it is. For every line `received` = `accepted` + `rejected`, and what was `accepted` is `stored`,
`dropped`, or still in the log. Kept in a small file across restarts: a crash loses the counts of its last two seconds, never the rows.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.body import Signal
from spyglass.model.clock import Clock
from spyglass.model.columns import flat
from spyglass.model.schema import Kind
from spyglass.telemetry import ledger_file

__all__ = ["OTHER", "Counts", "Line", "LossLedger", "counts_of"]

OTHER: Final = "other"  # stands for the sources beyond the bound
_SAVE_S: Final = 2.0
_RUNS: Final = 2_000  # more runs of equal neighbours than this are grouped by hashing
_SIGNALS: Final[dict[Kind, Signal]] = {Kind.SPAN: "traces", Kind.EVENT: "logs", Kind.POINT: "metrics"}

Counts = Mapping[tuple[str, str], int]
"""(project, service) → rows."""


@dataclass(slots=True)
class Line:
    """One line of the ledger; all counts are rows, but for `refused`."""

    project: str
    source: str
    signal: Signal
    first_ns: int
    last_ns: int
    accepted: int = 0
    stored: int = 0
    rejected: dict[str, int] = field(default_factory=dict)  # bad rows in good bodies, by reason
    dropped: dict[str, int] = field(default_factory=dict)  # accepted and left out on purpose, by the stage that did
    refused: dict[str, int] = field(default_factory=dict)  # bodies of which nothing was kept, by reason

    @property
    def received(self) -> int:
        """Rows that were answered for good; what was sent back with "not now" comes again."""
        return self.accepted + sum(self.rejected.values())


def counts_of(rows: pa.Table) -> Counts:
    """Rows by project and service; rows of one resource are neighbours, so that mostly only the ends of runs are looked at. About 0.02 µs a row."""
    n = rows.num_rows
    if not n:
        return {}
    columns = [pc.fill_null(flat(rows[name]), "") for name in ("project", "service")]
    edges = np.zeros(n, np.bool_)
    edges[0] = True
    for column in columns:
        edges[1:] |= pc.not_equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(edges)
    table = pa.table({"project": columns[0], "service": columns[1]}).take(pa.array(starts)).append_column("rows", pa.array(np.diff(starts, append=n)))
    if len(starts) > _RUNS:
        table = table.group_by(["project", "service"], use_threads=False).aggregate([("rows", "sum")]).select([0, 1, 2])
    counts: dict[tuple[str, str], int] = {}
    for project, service, count in zip(*(column.to_pylist() for column in table.columns), strict=True):
        counts[project, service] = counts.get((project, service), 0) + count
    return counts


class LossLedger:
    """Safe from any thread. Holds `max_lines` lines, and beyond that one named `other` per project and signal, or per signal where projects are too many."""

    def __init__(self, clock: Clock, path: Path | None = None, max_lines: int = 2_000) -> None:
        """Go on with what the file says; None: nothing is kept."""
        self._clock, self._path, self._max_lines = clock, path, max_lines
        self._lock = threading.Lock()
        self._lines = {(line.project, line.source, line.signal): line for line in (ledger_file.read(path, Line) if path else [])}
        self._changed = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)

    def start(self) -> None:
        """Begin to save what changes."""
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Save for the last time."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        self._save(durably=True)

    def accept(self, kind: Kind, counts: Counts) -> None:
        """These rows are on the disk, or were left out on purpose."""
        with self._lock:
            for (project, service), rows in counts.items():
                self._line(project, service, _SIGNALS[kind]).accepted += rows

    def drop(self, kind: Kind, counts: Counts, reason: str) -> None:
        """These rows, of those that were accepted, were left out on purpose."""
        with self._lock:
            for (project, service), rows in counts.items():
                _add(self._line(project, service, _SIGNALS[kind]).dropped, reason, rows)

    def store(self, kind: Kind, counts: Counts) -> None:
        """These rows are in the store."""
        with self._lock:
            for (project, service), rows in counts.items():
                self._line(project, service, _SIGNALS[kind]).stored += rows

    def reject(self, project: str, source: str, signal: Signal, reasons: Mapping[str, int]) -> None:
        """Rows of a body were bad, the others were kept."""
        with self._lock:
            line = self._line(project, source, signal)
            for reason, rows in reasons.items():
                _add(line.rejected, reason, rows)

    def refuse(self, project: str, source: str, signal: Signal, reason: str) -> None:
        """Nothing of a body was kept."""
        with self._lock:
            _add(self._line(project, source, signal).refused, reason, 1)

    def lines(self, project: str | None) -> list[Line]:
        """Of a project, None: of all; those that were seen last come first."""
        with self._lock:
            lines = [_copy(line) for line in self._lines.values() if project in (None, line.project)]
        return sorted(lines, key=lambda line: line.last_ns, reverse=True)

    def _line(self, project: str, source: str, signal: Signal) -> Line:
        """The caller holds the lock."""
        now = self._clock.now_ns()
        found = self._lines.get((project, source, signal))
        if found is None:
            if len(self._lines) >= self._max_lines:
                source = OTHER
            if len(self._lines) >= 2 * self._max_lines:
                project = OTHER
            found = self._lines.setdefault((project, source, signal), Line(project, source, signal, now, now))
        found.last_ns = now
        self._changed = True
        return found

    def _run(self) -> None:
        while not self._stop.wait(_SAVE_S):
            self._save(durably=False)

    def _save(self, *, durably: bool) -> None:
        if self._path is None or not (self._changed or durably):
            return
        self._changed = False
        ledger_file.write(self._path, self.lines(None), durably=durably)


def _add(counts: dict[str, int], reason: str, count: int) -> None:
    counts[reason] = counts.get(reason, 0) + count


def _copy(line: Line) -> Line:
    counts = (dict(line.rejected), dict(line.dropped), dict(line.refused))
    return Line(line.project, line.source, line.signal, line.first_ns, line.last_ns, line.accepted, line.stored, *counts)
