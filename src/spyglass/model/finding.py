"""What an analyzer has found: who, what, how unusual, and the rows that show it. It becomes an event, and goes the road of all telemetry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import xxhash

from spyglass.model.told import Event, Value

__all__ = ["EVENT_NAME", "SERVER_SCOPE", "Evidence", "Finding", "Heard", "Severity", "event_of", "fingerprint_of"]

EVENT_NAME: Final = "finding"
SERVER_SCOPE: Final = "spyglass.server"  # of all that the server itself tells; the road takes it from nobody else
Severity = Literal["info", "warning", "error", "critical"]
_SEVERITY_NUMBERS: Final[Mapping[str, int]] = {"info": 9, "warning": 13, "error": 17, "critical": 21}
_MOST_EVIDENCE: Final = 50
_PREFIX: Final = "spyglass.finding."
# What a finding may be about, and the attribute that says so: the names that all telemetry has.
_SUBJECTS: Final[Mapping[str, str]] = {
    "agent": "gen_ai.agent.name",
    "agent_id": "gen_ai.agent.id",
    "agent_version": "gen_ai.agent.version",
    "execution": "spyglass.execution.id",
    "metric": "spyglass.finding.metric",
    "model": "gen_ai.response.model",
    "provider": "gen_ai.provider.name",
    "session": "session.id",
    "source": "client.address",
    "tool": "gen_ai.tool.name",
    "user": "user.id",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row: of a span by both ids (hex), of an event by its own."""

    trace_id: str = ""
    span_id: str = ""
    event_id: str = ""

    def __str__(self) -> str:
        return self.event_id or (f"{self.trace_id}/{self.span_id}" if self.span_id else self.trace_id)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. The same rows give the same finding, byte for byte: it holds no time but those of rows."""

    analyzer: str
    version: str  # of the analyzer
    rule: str  # which of the things it can find
    project: str
    time_ns: int  # arrival of the row that decided
    title: str  # one sentence for a person: who, what, how much
    severity: Severity = "warning"
    subject: Mapping[str, str] = field(default_factory=dict)  # keys: agent, tool, model, session, execution, metric …
    observed: float | None = None
    expected: tuple[float, float] | None = None  # the band that was expected
    unit: str = ""
    probability: float | None = None  # of something as unusual where nothing is wrong
    budget: float | None = None  # false alarms a day that this rule may raise in this project
    features: Mapping[str, float] = field(default_factory=dict)  # what contributed, shares of 1
    evidence: tuple[Evidence, ...] = ()
    peers: int | None = None  # others in the same state at the time: many mean a cause that they share
    compared: int | None = None  # of so many that are like the subject (same model, tool, role or project)
    cause: str = ""  # what they share where it befalls most of them, `model gpt-4o`: findings are put together by it
    first_ns: int = 0  # 0: as time_ns
    suggestion: str = ""  # what to do
    owasp: str = ""  # class of the OWASP Top 10 for Agentic Applications, `ASI02`
    details: Mapping[str, Value] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """What the same trouble of the same subject has in common, 16 hex digits: findings are grouped by it."""
        return fingerprint_of(self.project, self.analyzer, self.rule, self.subject)


@dataclass(frozen=True, slots=True)
class Heard:
    """What people made of a rule's findings about one subject, as its weight in the false-alarm budget: 0.1 is a tenth of what others have, 10 ten times it."""

    fingerprint: str  # of these findings
    project: str
    analyzer: str
    rule: str
    agent: str  # empty: they are about none
    factor: float


def fingerprint_of(project: str, analyzer: str, rule: str, subject: Mapping[str, str]) -> str:
    """Of whatever is told of such a subject by this rule."""
    parts = (project, analyzer, rule, *(f"{key}={subject[key]}" for key in sorted(subject)))
    return xxhash.xxh3_64_hexdigest("\0".join(parts).encode())


def event_of(finding: Finding) -> Event:
    """The finding as an event, tied to the first span that shows it."""
    told: dict[str, Value] = {
        f"{_PREFIX}analyzer": finding.analyzer,
        f"{_PREFIX}version": finding.version,
        f"{_PREFIX}rule": finding.rule,
        f"{_PREFIX}fingerprint": finding.fingerprint,
        f"{_PREFIX}severity": finding.severity,
        f"{_PREFIX}first_seen_ns": finding.first_ns or finding.time_ns,
        **{_SUBJECTS.get(key, f"{_PREFIX}subject.{key}"): value for key, value in sorted(finding.subject.items())},
    }
    optional: dict[str, Value] = {
        "observed": finding.observed,
        "unit": finding.unit or None,
        "probability": finding.probability,
        "budget": finding.budget,
        "peers": finding.peers,
        "compared": finding.compared,
        "cause": finding.cause or None,
        "suggestion": finding.suggestion or None,
        "owasp": finding.owasp or None,
        "expected_low": finding.expected[0] if finding.expected else None,
        "expected_high": finding.expected[1] if finding.expected else None,
        "features": {name: finding.features[name] for name in sorted(finding.features)} or None,
        "evidence": [str(one) for one in finding.evidence[:_MOST_EVIDENCE]] or None,
    }
    told |= {f"{_PREFIX}{name}": value for name, value in optional.items() if value is not None}
    told |= {f"{_PREFIX}details.{name}": finding.details[name] for name in sorted(finding.details)}
    shown = next((one for one in finding.evidence if one.span_id), None)
    return Event(
        EVENT_NAME,
        finding.time_ns,
        told,
        finding.title,
        _SEVERITY_NUMBERS[finding.severity],
        bytes.fromhex(shown.trace_id) if shown else b"",
        bytes.fromhex(shown.span_id) if shown else b"",
    )
