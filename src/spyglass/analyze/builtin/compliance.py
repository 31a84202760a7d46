"""Controls that do not hold: a look at what arrived in the last hour, findings out, one per project and control.

`GET /api/v1/compliance` answers the same controls for any time, those that pass and those without data as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from spyglass.analyze.controls.checks import CONTROLS, Control, Settings, Verdict, question, verdict
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Question

__all__ = ["Compliance", "Settings", "analyzer"]


class Compliance:
    """Remembers nothing: the store does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def look(self, ask: Question, since_ns: int, now_ns: int) -> Iterable[Finding]:
        """What failed of the controls that shall be told."""
        for control in CONTROLS:
            asked = question(control, self._settings, "", since_ns, now_ns) if control.id in self._settings.tells else None
            if asked is None:
                continue
            for row in ask(*asked).to_pylist():
                found = verdict(control, row)
                if found.state == "fail":
                    yield _finding(control, found, row["project"], since_ns, now_ns)


def _finding(control: Control, found: Verdict, project: str, since_ns: int, now_ns: int) -> Finding:
    return Finding(
        analyzer="compliance",
        version=analyzer.version,
        rule=control.id,
        project=project,
        time_ns=now_ns,
        title=f"{control.title}: that did not hold for {found.failed} of {found.seen} in the last {round((now_ns - since_ns) / 60e9):,} minutes",
        severity=control.severity,
        subject={"control": control.id},
        observed=float(found.failed),
        expected=(0.0, 0.0),
        evidence=tuple(Evidence(*place.split("/")) for place in found.evidence),
        first_ns=since_ns,
        suggestion=control.advice,
        details={"control_version": control.version, "seen": found.seen, "evidence_for": control.why},
    )


analyzer: Final = AnalyzerKind(
    name="compliance",
    version="1.0.0",
    description="Controls that did not hold for what arrived: secrets in kept texts, models that may not be used, risky calls that nobody approved.",
    reads=frozenset(),
    settings=Settings,
    make=Compliance,
    rules=tuple(control.id for control in CONTROLS),
    every_s=3_600.0,
)
