"""Runs the analyzers: batches in, findings out, in the order of the graph; each analyzer isolated, timed and counted.

One that fails on a batch has not seen it, is counted, and goes on with the next; one that fails again and again, or takes more than its share of
time, is suspended, and says why, until it is enabled again. Those of one stage run side by side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import structlog
from pydantic import BaseModel

from spyglass.analyze.apart import Apart, Hanging
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Analyzer, AnalyzerKind, Frame, State
from spyglass.telemetry.metrics import ANALYZER_FAILURES, ANALYZER_FINDINGS, ANALYZER_ROWS, ANALYZER_SECONDS

__all__ = ["Loop", "Member", "Status"]

log = structlog.get_logger()

_MOST_FAILURES: Final = 10  # one after the other
_MOST_FINDINGS: Final = 1_000  # of one analyzer at once; a rule that matches everything tells nothing
_SHARE: Final = 0.5  # of one core, over the last minute or so
_MEMORY_S: Final = 60.0


@dataclass(slots=True)
class Status:
    """How an analyzer does; counts since the server started."""

    rows: int = 0
    findings: int = 0
    withheld: int = 0  # findings beyond the bound of one batch
    failures: int = 0
    seconds: float = 0.0
    in_row: int = 0  # failures, one after the other
    suspended: str = ""  # why it does not run
    problem: str = ""  # the latest failure
    load: float = 0.0  # of one core, lately
    looked_at: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Member:
    """An analyzer that takes part."""

    kind: AnalyzerKind
    analyzer: Analyzer
    settings: BaseModel
    status: Status = field(default_factory=Status)


class Loop:
    """All that take part. Used by one thread at a time; `members` may be looked at from any."""

    def __init__(self, stages: Sequence[Sequence[AnalyzerKind]], settings: Mapping[str, BaseModel], workers: int = 2, share: float = _SHARE) -> None:
        """`settings`: by the name of the kind, an instance of its model."""
        self.stages = [[Member(kind, kind.make(settings[kind.name]), settings[kind.name]) for kind in stage] for stage in stages]
        self.members = {member.kind.name: member for stage in self.stages for member in stage}
        self.until_ns = 0  # all that arrived until then has been observed
        self._share = share
        self._workers = ThreadPoolExecutor(workers, "analyzer") if workers > 1 else None

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of records that some analyzer reads."""
        return [kind for kind in Kind if any(kind in member.kind.reads for member in self.members.values())]

    def close(self) -> None:
        """Let go of the workers, and end the processes of plugins."""
        if self._workers is not None:
            self._workers.shutdown()
        for member in self.members.values():
            _close(member.analyzer)

    def observe(self, batches: Sequence[Batch], now_ns: int) -> list[Finding]:
        """Let all see the batches, those of one kind as one, then say that all until `now_ns` (arrival) has been seen."""
        batches = _together(batches)
        findings: list[Finding] = []
        frames: list[Frame] = []
        for stage in self.stages:
            found = self._side_by_side([(member, _for(member, batches, frames)) for member in stage], now_ns)
            for member, told in zip(stage, found, strict=True):
                frames.extend(one for one in told if isinstance(one, Frame))
                findings.extend(self._bounded(member, [one for one in told if isinstance(one, Finding)]))
        self.until_ns = max(self.until_ns, now_ns)
        return findings

    def save(self) -> dict[tuple[str, str], State]:
        """What all remember, by name and version. One that cannot say it is left out, and begins anew."""
        states: dict[tuple[str, str], State] = {}
        for name, member in self.members.items():
            try:
                states[name, member.kind.version] = dict(member.analyzer.save())
            except Exception as error:
                self._failed(member, error)
        return states

    def restore(self, states: Mapping[tuple[str, str], State], until_ns: int) -> None:
        """Go on from what was saved."""
        self.until_ns = until_ns
        for name, member in self.members.items():
            state = states.get((name, member.kind.version))
            if state is None:
                continue
            try:
                member.analyzer.restore(state)
            except Exception as error:
                self._failed(member, error)

    def configure(self, name: str, settings: BaseModel) -> None:
        """Go on with other settings, with what is remembered."""
        member = self.members[name]
        fresh = member.kind.make(settings)
        try:
            fresh.restore(dict(member.analyzer.save()))
        except Exception as error:
            self._failed(member, error)
        _close(member.analyzer)
        member.analyzer, member.settings = fresh, settings

    def resume(self, name: str) -> None:
        """Let a suspended one run again."""
        self.members[name].status = Status()

    def _side_by_side(self, work: Sequence[tuple[Member, list[Batch | Frame]]], now_ns: int) -> list[list[Finding | Frame]]:
        if self._workers is None or len(work) < 2:
            return [self._one(member, seen, now_ns) for member, seen in work]
        return list(self._workers.map(lambda pair: self._one(pair[0], pair[1], now_ns), work))

    def _one(self, member: Member, seen: Sequence[Batch | Frame], now_ns: int) -> list[Finding | Frame]:
        status = member.status
        if status.suspended:
            return []
        rows = sum(len(one) if isinstance(one, Batch) else one.rows.num_rows for one in seen)
        began, failures = _seconds(member), status.failures
        told: list[Finding | Frame] = []
        for one in seen:
            told += self._guarded(member, lambda one=one: member.analyzer.observe(one))  # type: ignore[misc]
        told += self._guarded(member, lambda: member.analyzer.settle(now_ns))
        if seen and status.failures == failures:
            status.in_row = 0
        self._account(member, rows, _seconds(member) - began)
        return told

    def _guarded(self, member: Member, call: Callable[[], Iterable[Finding | Frame]]) -> list[Finding | Frame]:
        if member.status.suspended:
            return []
        try:
            return list(call())
        except Exception as error:
            self._failed(member, error)
            return []

    def _failed(self, member: Member, error: Exception) -> None:
        status, name = member.status, member.kind.name
        status.failures += 1
        status.in_row += 1
        status.problem = f"{type(error).__name__}: {error}"[:500]
        ANALYZER_FAILURES.labels(name, type(error).__name__).inc()
        log.error("analyzer failed", analyzer=name, exc_info=error)
        if isinstance(error, Hanging):  # all others wait for it
            status.suspended = f"it {error}"
        elif status.in_row >= _MOST_FAILURES:
            status.suspended = f"it failed {status.in_row} times one after the other, at last with {status.problem}"

    def _account(self, member: Member, rows: int, seconds: float) -> None:
        status, name = member.status, member.kind.name
        status.rows += rows
        status.seconds += seconds
        ANALYZER_ROWS.labels(name).inc(rows)
        ANALYZER_SECONDS.labels(name).inc(seconds)
        now = time.monotonic()
        passed = max(now - status.looked_at, seconds, 1e-3)
        status.looked_at = now
        kept = 0.5 ** (passed / _MEMORY_S)
        status.load = status.load * kept + seconds / passed * (1 - kept)
        if status.load > self._share:
            status.suspended = f"it took {status.load:.0%} of a core, more than the {self._share:.0%} that it may"
            log.warning("analyzer suspended", analyzer=name, load=round(status.load, 3))

    def _bounded(self, member: Member, findings: list[Finding]) -> list[Finding]:
        kept = findings[:_MOST_FINDINGS]
        member.status.findings += len(kept)
        member.status.withheld += len(findings) - len(kept)
        for one in kept:
            ANALYZER_FINDINGS.labels(member.kind.name, one.rule, one.severity).inc()
        return kept


def _close(analyzer: Analyzer) -> None:
    if isinstance(analyzer, Apart):
        analyzer.close()


def _seconds(member: Member) -> float:
    """Processor time of this thread, and of the analyzer's own process."""
    return time.thread_time() + (member.analyzer.seconds if isinstance(member.analyzer, Apart) else 0.0)


def _together(batches: Sequence[Batch]) -> list[Batch]:
    """One for each kind: an analyzer that is called less often costs less."""
    by_kind: dict[Kind, list[pa.Table]] = {}
    for batch in batches:
        by_kind.setdefault(batch.kind, []).append(batch.rows)
    return [Batch(kind, pa.concat_tables(rows)) for kind, rows in by_kind.items()]


def _for(member: Member, batches: Sequence[Batch], frames: Sequence[Frame]) -> list[Batch | Frame]:
    reads = member.kind.reads
    return [*(batch for batch in batches if batch.kind in reads and len(batch)), *(frame for frame in frames if frame.name in reads and frame.rows.num_rows)]
