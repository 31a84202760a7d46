"""What a channel is given to tell people: one notice of one or more alerts, with an id that stays the same however often it is sent.

A notice travels as JSON through the outbox, and as it is through the contract of channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from spyglass.model.finding import Severity

__all__ = ["RANKS", "Notice", "Reason", "ToldAlert", "notice_of", "worst"]

Reason = Literal["new", "changed", "resolved", "repeat", "escalated", "snooze_over", "acknowledged", "action", "test"]
RANKS: Final[Mapping[str, int]] = {"info": 0, "warning": 1, "error": 2, "critical": 3}


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """One alert as people are told of it; times in ns since 1970, 0: not yet."""

    id: str
    rule: str
    title: str
    status: Literal["firing", "resolved"]
    severity: Severity
    summary: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)  # runbook_url, description, suggestion …
    value: float | None = None
    started_ns: int = 0
    resolved_ns: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is sent at once. `id` is the delivery key: the same text sent twice has the same, so that whoever receives it can tell."""

    id: str
    project: str
    group: str  # key of the group, stable over all its notices
    channel: str
    reason: Reason
    created_ns: int
    labels: Mapping[str, str] = field(default_factory=dict)  # that the group has in common
    alerts: tuple[ToldAlert, ...] = ()
    withheld: int = 0  # alerts of the group that do not fit
    level: int = 0  # of escalation; 0: the first
    to: tuple[str, ...] = ()  # who is on call, where a schedule chose
    attempt: int = 1
    note: str = ""  # who has it and what they said, where it was acknowledged
    others: int = 0  # alerts of the group that still fire and are not told here, as somebody has them or they are silenced

    @property
    def status(self) -> Literal["firing", "resolved"]:
        """Firing as long as one alert is."""
        return "firing" if any(alert.status == "firing" for alert in self.alerts) else "resolved"

    @property
    def over(self) -> bool:
        """Whether nothing of its group fires any more that people know of."""
        return self.status == "resolved" and not self.others

    @property
    def severity(self) -> Severity:
        """The worst of the alerts that fire, else of all."""
        firing = [alert.severity for alert in self.alerts if alert.status == "firing"]
        return worst(firing or [alert.severity for alert in self.alerts])

    def json(self) -> dict[str, Any]:
        """As the outbox keeps it."""
        return asdict(self)


def worst(severities: list[Severity]) -> Severity:
    """The highest of some; `info` of none."""
    return max(severities, key=RANKS.__getitem__, default="info")


def notice_of(told: Mapping[str, Any]) -> Notice:
    """What `Notice.json` said."""
    alerts = tuple(ToldAlert(**one) for one in told["alerts"])
    return Notice(**{**told, "alerts": alerts, "to": tuple(told["to"])})
