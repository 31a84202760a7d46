"""One analyzer that takes part, and how it does: failures are counted and harm nobody, and who fails again and again or takes too long is suspended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

import structlog
from pydantic import BaseModel

from spyglass.analyze.apart import Apart, Hanging
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import Analyzer, AnalyzerKind, Examiner
from spyglass.telemetry.metrics import ANALYZER_FAILURES, ANALYZER_FINDINGS, ANALYZER_OLD, ANALYZER_ROWS, ANALYZER_SECONDS

__all__ = ["SHARE", "Member", "Status"]

log = structlog.get_logger()

SHARE: Final = 0.5  # of one core, over the last minute or so
_MOST_FAILURES: Final = 10  # one after the other
_MOST_FINDINGS: Final = 1_000  # of one analyzer at once; a rule that matches everything tells nothing
_MEMORY_S: Final = 60.0

Form = TypeVar("Form", Analyzer, Examiner)
T = TypeVar("T")


@dataclass(slots=True)
class Status:
    """How an analyzer does; counts since the server started."""

    rows: int = 0
    findings: int = 0
    old_rows: int = 0  # that it was not shown, as they happened long before they arrived
    withheld: int = 0  # findings beyond the bound of one batch
    failures: int = 0
    seconds: float = 0.0
    in_row: int = 0  # failures, one after the other
    suspended: str = ""  # why it does not run
    problem: str = ""  # the latest failure
    load: float = 0.0  # of one core, lately
    looked_at: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Member(Generic[Form]):
    """An analyzer that takes part."""

    kind: AnalyzerKind
    analyzer: Form
    settings: BaseModel
    share: float = SHARE
    status: Status = field(default_factory=Status)

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
        if isinstance(error, Hanging):  # all others wait for it
            status.suspended = f"it {error}"
        elif status.in_row >= _MOST_FAILURES:
            status.suspended = f"it failed {status.in_row} times one after the other, at last with {status.problem}"

    def left_out(self, rows: int) -> None:
        """Count what it was not shown."""
        if rows:
            self.status.old_rows += rows
            ANALYZER_OLD.labels(self.kind.name).inc(rows)

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
        if status.load > self.share:
            status.suspended = f"it took {status.load:.0%} of a core, more than the {self.share:.0%} that it may"
            log.warning("analyzer suspended", analyzer=name, load=round(status.load, 3))

    def bounded(self, findings: list[Finding]) -> list[Finding]:
        """As many findings as may be told at once; the others are counted."""
        kept = findings[:_MOST_FINDINGS]
        self.status.findings += len(kept)
        self.status.withheld += len(findings) - len(kept)
        for one in kept:
            ANALYZER_FINDINGS.labels(self.kind.name, one.rule, one.severity).inc()
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
