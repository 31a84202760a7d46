"""How threatened somebody is: open findings in, one number between 0 and 1 out.

The risk of a finding is its confidence (that harm is meant) times the weight of its impact (what it costs if it is true). Rules are hints that are independent
of each other, findings by the same rule are not: a rule that is wrong about one tool of an agent is likely wrong about its others. So each rule counts by its
worst finding, and rules are put together by noisy-or: 1 - (1 - r1)(1 - r2)…
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from spyglass.analyze.builtin.security.threat import noisy_or

__all__ = ["UNSURE", "WEIGHTS", "risk", "threat"]

WEIGHTS: Final[Mapping[str, float]] = {"low": 0.25, "medium": 0.5, "high": 0.75, "critical": 1.0}
UNSURE: Final = 0.5  # confidence of a finding that tells none
_BY_SEVERITY: Final[Mapping[str, str]] = {"info": "low", "warning": "medium", "error": "high", "critical": "critical"}  # of one that tells no impact


def risk(confidence: float | None, impact: str, severity: str) -> float:
    """Of one finding, 0 to 1.

    >>> risk(0.8, "critical", "error"), risk(None, "", "warning")
    (0.8, 0.25)
    """
    weight = WEIGHTS.get(impact) or WEIGHTS[_BY_SEVERITY.get(severity, "low")]
    sure = confidence if confidence is not None and 0 <= confidence <= 1 else UNSURE
    return round(sure * weight, 6)


def threat(risks: Iterable[tuple[str, float]]) -> float:
    """Of (rule, risk) of all open findings about one subject.

    >>> threat([("sql_injection", 0.5), ("sql_injection", 0.4), ("exposure", 0.5)])
    0.75
    """
    worst: dict[str, float] = {}
    for rule, one in risks:
        worst[rule] = max(worst.get(rule, 0.0), one)
    return noisy_or(worst.values())
