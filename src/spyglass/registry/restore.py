"""What is worst about an agent, in figures, and what would restore it: the figures of one agent and its scores in, its parts told one by one out.

A part is restored where it has 90 of 100; what the whole then comes to is computed by the formula itself, so that what is promised holds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from spyglass.registry.health import PARTS, Figures, PartName, Scores, levels, scores, trust

__all__ = ["PartTold", "parts_of", "worst"]

_GOOD: Final = 90.0
_WORST: Final = 2
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class PartTold:
    """One part of one agent. `value`, `usual` and `back_at` are shares (success, errors, liveness), ns (latency) or USD (cost); None: not known."""

    name: PartName
    score: float
    weight: float
    value: float
    usual: float | None
    count: int  # of what `value` is a share or a figure: runs or calls
    bad: int  # of these: failed, or silent
    back_at: float | None  # the most that `value` may be for the part to be good; None: it is good
    gives: float | None  # the whole, once it is


def parts_of(recent: Figures, usual: Figures) -> list[PartTold]:
    """The parts of one agent (n is 1) that are known, worst first."""
    found = scores(recent, usual)
    told = [_told(name, recent, usual, found) for name in PARTS if found.known[name][0]]
    return sorted(told, key=lambda part: part.score)


def worst(parts: list[PartTold]) -> list[PartTold]:
    """The two worst of those that are not good."""
    return [part for part in parts if part.back_at is not None][:_WORST]


def _told(name: PartName, recent: Figures, usual: Figures, found: Scores) -> PartTold:
    value, usually, count, bad = _value(name, recent, usual)
    score = float(found.parts[name][0])
    plain = PartTold(name, score, PARTS[name].weight, value, usually, count, bad, None, None)
    if score >= _GOOD:
        return plain
    back = _back_share(name, recent, usual, count) if PARTS[name].half else _back_ratio(name, recent, usual, usually or 0.0)
    better = scores(_with(name, recent, back if name == "latency" else back * count), usual)
    return replace(plain, back_at=back, gives=float(better.whole[0]))


def _value(name: PartName, recent: Figures, usual: Figures) -> tuple[float, float | None, int, int]:
    """Value, usual value, and the counts behind it."""
    runs, calls, silent = (float(values[0]) for values in (recent.runs, recent.calls, recent.stalled + recent.abandoned))
    match name:
        case "success":
            return _share(recent.failed_runs[0], runs), _usually(usual.failed_runs[0], usual.runs[0]), int(runs), int(recent.failed_runs[0])
        case "errors":
            return _share(recent.failed_calls[0], calls), _usually(usual.failed_calls[0], usual.calls[0]), int(calls), int(recent.failed_calls[0])
        case "latency":
            return float(recent.p95_ns[0]), float(usual.p95_ns[0]), int(runs), 0
        case "cost":
            by_run = runs > 0 and usual.runs[0] > 0
            count, usually = (runs, usual.runs[0]) if by_run else (calls, usual.calls[0])
            return float(recent.cost_usd[0] / count), float(usual.cost_usd[0] / usually), int(count), 0
        case "liveness":
            return _share(silent, runs + silent), None, int(runs + silent), int(silent)


def _back_share(name: PartName, recent: Figures, usual: Figures, count: int) -> float:
    """The largest share of whole failures with which the part is good; 0 where even without any the past weighs too much."""
    least, _ = levels(_with(name, recent, 0), usual)[name]
    bad = math.floor((PARTS[name].level_for(_GOOD) - float(least[0])) * (count + PARTS[name].doubt) + _ROUNDING)
    return max(0, bad) / count


def _back_ratio(name: PartName, recent: Figures, usual: Figures, usually: float) -> float:
    by_run = name == "latency" or (recent.runs[0] > 0 and usual.runs[0] > 0)
    tried, before = (recent.runs, usual.runs) if by_run else (recent.calls, usual.calls)
    return usually * float(PARTS[name].level_for(_GOOD) ** (1.0 / float(trust(name, tried, before)[0])))


def _with(name: PartName, recent: Figures, amount: float) -> Figures:
    """The same figures, with another amount of one part: bad runs or calls, ns, or USD."""
    new = np.array([amount], np.float64)
    match name:
        case "success":
            return replace(recent, failed_runs=new)
        case "errors":
            return replace(recent, failed_calls=new)
        case "latency":
            return replace(recent, p95_ns=new)
        case "cost":
            return replace(recent, cost_usd=new)
        case "liveness":
            silent = recent.stalled + recent.abandoned
            return replace(recent, stalled=new, abandoned=np.zeros(1), runs=recent.runs + silent - new)


def _share(bad: float, count: float) -> float:
    return float(bad / count) if count else 0.0


def _usually(bad: float, count: float) -> float | None:
    return float(bad / count) if count else None
