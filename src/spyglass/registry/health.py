"""How healthy agents are, from 0 to 100: figures of the last hour and of what is usual come in, scores of five parts and of the whole go out.

Pure functions over n agents at once (numpy arrays of length n). docs/health.md tells the same in words.

1. Each part becomes a *level*, which is worse the larger it is. Shares of failures are estimated by a Beta prior at the agent's own usual share, so that
   little evidence moves them little (empirical Bayes: Casella, "An Introduction to Empirical Bayes Data Analysis", The American Statistician 39, 1985).
   Ratios to what is usual are pulled towards 1 on the scale of logarithms by n/(n+k), where 1/n is the variance of the difference of the two estimates
   (Efron and Morris, "Stein's Paradox in Statistics", Scientific American 236, 1977).
2. A level becomes a score: shares halve it once per `half`; a ratio costs nothing up to `_SLACK`, and beyond it a power of what is more.
3. The whole is the weighted geometric mean of the parts that are known, so that one bad part is not hidden by good ones, and never above a part without which
   nothing else counts (OECD, "Handbook on Constructing Composite Indicators", 2008, on geometric aggregation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Literal, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["CRITICAL", "DEGRADED", "PARTS", "Figures", "Part", "PartName", "Scores", "State", "Weight", "levels", "scores", "state_of", "trust", "whole"]

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Name = TypeVar("Name", bound=str)
PartName = Literal["success", "errors", "latency", "cost", "liveness"]
State = Literal["healthy", "degraded", "critical", "no_data"]

DEGRADED: Final = 80.0  # below it
CRITICAL: Final = 60.0
_PRIOR_FAILED: Final = 0.2  # of an agent of which nothing is known: Beta(0.2, 9.8), two failures in a hundred, worth ten runs
_PRIOR_TRIED: Final = 10.0
_SLACK: Final = 1.25  # so much above the usual is chance or nobody's concern
_POWER: Final = 2 / 3  # beyond it: double the ratio costs 37 of 100
_MOST_RATIO: Final = 1e6  # to the usual; more is as bad
_LEAST: Final = 1e-9  # of a score, where its logarithm is taken


class Weight(Protocol):
    """How a part counts in the whole."""

    @property
    def weight(self) -> float:
        """Against those of the other parts that are known."""

    @property
    def decides(self) -> bool:
        """Whether the whole is never above it."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of the whole weighs, and how its level becomes a score."""

    name: PartName
    weight: float
    doubt: float  # runs or calls of evidence that weigh as much as the prior
    half: float = 0.0  # share of failures that halves the score; 0: its level is a ratio
    decides: bool = False  # the whole is never above it

    def score(self, level: Floats) -> Floats:
        """From 0 to 100; never rises with the level."""
        if self.half:
            return np.asarray(100.0 * np.exp2(-level / self.half), np.float64)
        return np.asarray(100.0 * np.maximum(1.0, level / _SLACK) ** -_POWER, np.float64)

    def level_for(self, score: float) -> float:
        """The largest level that still has this score."""
        if self.half:
            return float(-self.half * np.log2(score / 100.0))
        return float(_SLACK * (score / 100.0) ** (-1.0 / _POWER))


PARTS: Final[dict[PartName, Part]] = {
    part.name: part
    for part in (
        Part("success", 0.35, 10, half=0.2, decides=True),
        Part("errors", 0.20, 20, half=0.25),
        Part("latency", 0.15, 8),
        Part("cost", 0.10, 8),
        Part("liveness", 0.20, 4, half=0.2, decides=True),
    )
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What n agents did in some time; each array has n values, none negative."""

    runs: Floats  # that ended
    failed_runs: Floats
    p95_ns: Floats  # of these runs; 0: not known
    calls: Floats
    failed_calls: Floats
    cost_usd: Floats
    stalled: Floats
    abandoned: Floats

    @classmethod
    def none(cls, n: int) -> Self:
        """Nothing at all."""
        return cls(*(np.zeros(n) for _ in fields(cls)))

    def at(self, index: int) -> Self:
        """Of one agent: n is 1."""
        return type(self)(*(getattr(self, field.name)[index : index + 1] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Scores:
    """Of n agents. What is not known is 0 and not among `known`."""

    parts: dict[PartName, Floats]
    known: dict[PartName, Mask]
    whole: Floats
    judged: Mask  # agents of which anything is known


def scores(recent: Figures, usual: Figures) -> Scores:
    """The parts and the whole."""
    found = levels(recent, usual)
    known = {name: mask for name, (_, mask) in found.items()}
    parts = {name: np.where(known[name], PARTS[name].score(level), 0.0) for name, (level, _) in found.items()}
    return Scores(parts, known, whole(parts, known, PARTS), np.asarray(np.any(list(known.values()), axis=0), bool))


def whole(parts: Mapping[Name, Floats], known: Mapping[Name, Mask], of: Mapping[Name, Weight]) -> Floats:
    """The whole from its parts: 0 to 100, 0 where nothing is known. A part that rises never lowers it."""
    weight = sum((of[name].weight * known[name] for name in parts), np.zeros(1))
    logs = sum((of[name].weight * known[name] * np.log(np.maximum(parts[name], _LEAST)) for name in parts), np.zeros(1))
    mean = np.where(weight > 0, np.exp(logs / np.maximum(weight, _LEAST)), 0.0)
    caps = [np.where(known[name], parts[name], 100.0) for name in parts if of[name].decides]
    return np.asarray(np.round(np.clip(np.min([mean, *caps], axis=0), 0.0, 100.0), 6), np.float64)


def levels(recent: Figures, usual: Figures) -> dict[PartName, tuple[Floats, Mask]]:
    """The level of each part, and of which agents it is known."""
    silent = recent.stalled + recent.abandoned
    by_run = (recent.runs > 0) & (usual.runs > 0)
    tried, usually = np.where(by_run, recent.runs, recent.calls), np.where(by_run, usual.runs, usual.calls)
    paid, usually_paid = _per(recent.cost_usd, tried), _per(usual.cost_usd, usually)
    return {
        "success": (_share("success", recent.failed_runs, recent.runs, usual.failed_runs, usual.runs), recent.runs > 0),
        "errors": (_share("errors", recent.failed_calls, recent.calls, usual.failed_calls, usual.calls), recent.calls > 0),
        "latency": (_ratio("latency", recent.p95_ns, usual.p95_ns, recent.runs, usual.runs), (recent.p95_ns > 0) & (usual.p95_ns > 0)),
        "cost": (_ratio("cost", paid, usually_paid, tried, usually), (tried > 0) & (usually_paid > 0)),
        "liveness": (silent / (recent.runs + silent + PARTS["liveness"].doubt), recent.runs + silent > 0),
    }


def state_of(score: float | None) -> State:
    """In a word."""
    if score is None:
        return "no_data"
    return "healthy" if score >= DEGRADED else "degraded" if score >= CRITICAL else "critical"


def _share(name: PartName, failed: Floats, tried: Floats, usually_failed: Floats, usually: Floats) -> Floats:
    prior = (usually_failed + _PRIOR_FAILED) / (usually + _PRIOR_TRIED)
    return (failed + PARTS[name].doubt * prior) / (tried + PARTS[name].doubt)


def _ratio(name: PartName, value: Floats, usual: Floats, tried: Floats, usually: Floats) -> Floats:
    """Not below 1: better than usual is as good as usual."""
    known = (value > 0) & (usual > 0)
    raw = np.where(known, value, 1.0) / np.where(known, np.maximum(usual, value / _MOST_RATIO), 1.0)
    return np.asarray(np.maximum(1.0, raw) ** trust(name, tried, usually), np.float64)


def trust(name: PartName, tried: Floats, usually: Floats) -> Floats:
    """How much of a ratio is believed, 0 to 1: by the evidence on both sides of it."""
    evidence = tried * usually / np.maximum(tried + usually, 1.0)
    return np.asarray(evidence / (evidence + PARTS[name].doubt), np.float64)


def _per(total: Floats, count: Floats) -> Floats:
    return np.where(count > 0, total / np.maximum(count, 1.0), 0.0)
