"""How bad it is: what was noticed in, one probability and one severity out.

What was noticed are independent hints, each with the probability that harm is meant; together they are wrong only if each is: noisy-or (Pearl 1988). How bad it
would be is a class of its own, so that a sure trifle and an unlikely disaster do not look alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from spyglass.model.finding import Severity

__all__ = ["Hint", "Impact", "Owasp", "noisy_or", "severity"]


class Owasp(StrEnum):
    """Classes of the OWASP Top 10 for Agentic Applications (December 2025)."""

    GOAL_HIJACK = "ASI01"
    TOOL_MISUSE = "ASI02"
    IDENTITY_ABUSE = "ASI03"
    SUPPLY_CHAIN = "ASI04"
    CODE_EXECUTION = "ASI05"
    CONTEXT_POISONING = "ASI06"
    INTER_AGENT = "ASI07"
    CASCADING = "ASI08"
    TRUST = "ASI09"
    ROGUE = "ASI10"


class Impact(IntEnum):
    """What it costs if it is true."""

    LOW = 0  # somebody looks around
    MEDIUM = 1  # one account, one record
    HIGH = 2  # data of others, or a machine inside
    CRITICAL = 3  # code runs, or secrets are gone


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that was noticed."""

    rule: str
    says: str  # completes «It …»
    confidence: float  # that harm is meant
    impact: Impact
    owasp: Owasp


# Rows: impact; columns: confidence below 0.6, below 0.85, and above.
_SEVERITIES: Final[tuple[tuple[Severity, Severity, Severity], ...]] = (
    ("info", "info", "warning"),
    ("info", "warning", "warning"),
    ("info", "warning", "error"),
    ("warning", "error", "critical"),
)


def noisy_or(probabilities: Iterable[float]) -> float:
    """The probability that at least one is right, where they are independent.

    >>> noisy_or([0.5, 0.8])
    0.9
    """
    wrong = 1.0
    for probability in probabilities:
        wrong *= 1.0 - min(max(probability, 0.0), 1.0)
    return round(1.0 - wrong, 6)


def severity(impact: Impact, confidence: float) -> Severity:
    """From the table of both."""
    return _SEVERITIES[impact][0 if confidence < 0.6 else 1 if confidence < 0.85 else 2]
