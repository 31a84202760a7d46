"""What people made of an analyzer's findings: their verdicts in, the share of the false-alarm budget that each series has out.

A series that only made noise gives most of its share up, one whose findings were useful gets more; the shares of all together stay what they were
(Genovese, Roeder and Wasserman 2006: weights of mean one keep the rate of false alarms).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spyglass.model.finding import Finding, Heard

__all__ = ["Verdicts", "weighed"]


class Verdicts:
    """By fingerprint."""

    def __init__(self) -> None:
        self._factors: dict[str, float] = {}

    def heed(self, heard: Sequence[Heard]) -> None:
        """In place of what was heard before."""
        self._factors = {one.fingerprint: one.factor for one in heard}

    @property
    def loosest(self) -> float:
        """The largest weight that any has."""
        return max(1.0, *self._factors.values()) if self._factors else 1.0

    def of(self, finding: Finding) -> float:
        """What people made of findings like this one."""
        return self._factors.get(finding.fingerprint, 1.0) if self._factors else 1.0

    def weight(self, factor: float, series: int) -> float:
        """The factor, so that all weights of so many series have a mean of one."""
        given = sum(self._factors.values()) - len(self._factors)
        return factor * series / max(series + given, 1.0) if series else factor


def weighed(told: Finding, factor: float) -> Finding:
    """The finding, that says by which weight it was judged where that is not the usual one."""
    return told if factor == 1 else replace(told, details={**told.details, "budget_factor": factor})
