"""One analyzer that takes part, and how it does: failures are counted and harm nobody, and who fails again and again or takes too long rests for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Generic, TypeVar

import structlog
from pydantic import BaseModel

from spyglass.analyze.apart import Apart, Hanging
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import Analyzer, AnalyzerKind, Examiner, Frame
from spyglass.telemetry.metrics import ANALYZER_FAILURES, ANALYZER_FINDINGS, ANALYZER_MISSED, ANALYZER_OLD, ANALYZER_ROWS, ANALYZER_SECONDS

__all__ = ["SHARE", "Member", "Status"]

log = structlog.get_logger()

SHARE: Final = 0.5  # of one core, over the last minute or so
_MOST_FAILURES: Final = 10  # one after the other
_MOST_FINDINGS: Final = 1_000  # of one analyzer at once; a rule that matches everything tells nothing
_MEMORY_S: Final = 60.0
_FIRST_REST_S, _LONGEST_REST_S = 60.0, 3_600.0  # each rest is twice as long as the one before …
_WELL_S: Final = 3_600.0  # … unless it ran well for so long

Form = TypeVar("Form", Analyzer, Examiner)
T = TypeVar("T")


@dataclass(slots=True)
class Status:
    """How an analyzer does; counts since the server started."""

    rows: int = 0
    findings: int = 0
    old_rows: int = 0  # that it was not shown, as they happened long before they arrived
    missed_rows: int = 0  # that it was not shown, as it rested or was too slow
    withheld: int = 0  # findings beyond the bound of one batch
    failures: int = 0
    seconds: float = 0.0
    in_row: int = 0  # failures, one after the other
    suspended: str = ""  # why it does not run
    again_s: float | None = None  # when it runs again by itself (monotonic); None: when somebody lets it
    rests: int = 0  # one after the other
    problem: str = ""  # the latest failure
    load: float = 0.0  # of one core, lately
    looked_at: float = field(default_factory=time.monotonic)
    resumed_at: float = field(default_factory=time.monotonic)

    def suspend(self, why: str, *, again: bool = False) -> None:
        """Let it rest: `again`: for a while, each time for longer; else until somebody lets it run."""
        now = time.monotonic()
        self.rests = 0 if now - self.resumed_at > _WELL_S else self.rests
        self.again_s = now + min(_FIRST_REST_S * 2**self.rests, _LONGEST_REST_S) if again else None
        self.rests += again
        self.suspended = why

    def resume(self) -> None:
        """Let it run, as if it had never rested; counts go on."""
        self.rests = 0
        self._go_on()

    def runs(self) -> bool:
        """Whether it does; when its rest is over, it does again."""
        if self.suspended and self.again_s is not None and time.monotonic() >= self.again_s:
            self._go_on()
        return not self.suspended

    def _go_on(self) -> None:
        self.suspended, self.again_s, self.in_row, self.load = "", None, 0, 0.0
        self.looked_at = self.resumed_at = time.monotonic()

    def rest_s(self) -> float | None:
        """How long it rests still; None: it does not, or until somebody lets it run."""
        return max(0.0, self.again_s - time.monotonic()) if self.suspended and self.again_s is not None else None


@dataclass(slots=True)
class Member(Generic[Form]):
    """An analyzer that takes part."""

    kind: AnalyzerKind
    analyzer: Form
    settings: BaseModel
    share: float = SHARE
    status: Status = field(default_factory=Status)

    def see(self: Member[Analyzer], seen: Sequence[Batch | Frame], now_ns: int) -> list[Finding | Frame]:
        """Show it some, and then that all until `now_ns` was shown; what it says to that."""
        status, rows = self.status, sum(one.rows.num_rows for one in seen)
        if not status.runs():
            self.missed(rows, "rests")
            return []
        began, failures = self.seconds(), status.failures
        told: list[Finding | Frame] = []
        for one in seen:
            told += self.guarded(partial(self.analyzer.observe, one))
        told += self.guarded(lambda: self.analyzer.settle(now_ns))
        if seen and status.failures == failures:
            status.in_row = 0
        self.account(rows, self.seconds() - began)
        return told

    def guarded(self, call: Callable[[], Iterable[T]]) -> list[T]:
        """What a call of the analyzer gives; nothing when it fails, or rests."""
        if self.status.suspended:
            return []
        try:
            return list(call())
        except Exception as error:
            self.failed(error)
            return []

    def failed(self, error: Exception) -> None:
        """Count a failure."""
        status, name = self.status, self.kind.name
        status.failures += 1
        status.in_row += 1
        status.problem = f"{type(error).__name__}: {error}"[:500]
        ANALYZER_FAILURES.labels(name, type(error).__name__).inc()
        log.error("analyzer failed", analyzer=name, exc_info=error)
        if isinstance(error, Hanging):
            status.suspend(f"it {error}", again=True)
        elif status.in_row >= _MOST_FAILURES:
            status.suspend(f"it failed {status.in_row} times one after the other, at last with {status.problem}", again=True)

    def left_out(self, rows: int) -> None:
        """Count what it was not shown because it is no news."""
        if rows:
            self.status.old_rows += rows
            ANALYZER_OLD.labels(self.kind.name).inc(rows)

    def missed(self, rows: int, reason: str) -> None:
        """Count what it was not shown because it rests, or is too slow."""
        if rows:
            self.status.missed_rows += rows
            ANALYZER_MISSED.labels(self.kind.name, reason).inc(rows)

    def account(self, rows: int, seconds: float) -> None:
        """Count what it has seen and taken."""
        status, name = self.status, self.kind.name
        status.rows += rows
        status.seconds += seconds
        ANALYZER_ROWS.labels(name).inc(rows)
        ANALYZER_SECONDS.labels(name).inc(seconds)
        now = time.monotonic()
        passed = max(now - status.looked_at, seconds, 1e-3)
        status.looked_at = now
        kept = 0.5 ** (passed / _MEMORY_S)
        status.load = status.load * kept + seconds / passed * (1 - kept)
        if status.load > self.share and not status.suspended:
            status.suspend(f"it took {status.load:.0%} of a core, more than the {self.share:.0%} that it may", again=True)
            log.warning("analyzer suspended", analyzer=name, load=round(status.load, 3))

    def bounded(self, findings: list[Finding]) -> list[Finding]:
        """As many findings as may be told at once; the others are counted."""
        kept = findings[:_MOST_FINDINGS]
        self.status.findings += len(kept)
        self.status.withheld += len(findings) - len(kept)
        for one in kept:
            rule = one.rule if one.rule in self.kind.rules else "other"  # a label for each that a plugin makes up would be without bound
            ANALYZER_FINDINGS.labels(self.kind.name, rule, one.severity).inc()
        return kept

    def seconds(self) -> float:
        """Processor time of this thread, and of the analyzer's own process."""
        return time.thread_time() + (self.analyzer.seconds if isinstance(self.analyzer, Apart) else 0.0)

    def replace(self, analyzer: Form, settings: BaseModel) -> None:
        """Go on with another one."""
        self.close()
        self.analyzer, self.settings = analyzer, settings

    def close(self) -> None:
        """End the process of a plugin."""
        if isinstance(self.analyzer, Apart):
            self.analyzer.close()
