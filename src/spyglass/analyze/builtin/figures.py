"""The figures of an agent in a minute, on scales on which deviations are alike whatever their size: sums in, one value per series out, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.analyze.stats.proportions import angle_of, share_of

__all__ = ["FIGURES", "MOST_TRIALS", "SUMS", "Figure"]

Floats = npt.NDArray[np.float64]
SUMS: Final = ("calls", "errors", "duration_ns", "input_tokens", "output_tokens", "cost_nano_usd", "first_chunk_us", "first_chunks")
"""Columns of `aggregation.buckets` that figures are made of."""
MOST_TRIALS: Final = 30.0
"""Calls that count for a share: with more the smallest change would stand out."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric of an agent."""

    name: str
    unit: str
    means: str  # for a sentence
    value: Callable[[Mapping[str, Floats]], Floats]  # of the minute's sums; NaN: none
    back: Callable[[float, float], float]  # from the scale to the unit, with so many calls
    advice: str
    least: float  # deviation on the scale below which nothing is worth a word: that of pure chance for counts, five percent for the others

    advice_less: str = ""  # where there is less of it than usual, if that is something else

    def advises(self, up: bool) -> str:
        """What to do where there is more of it than usual, or less."""
        return self.advice if up or not self.advice_less else self.advice_less

    def said(self, value: float) -> str:
        """For a person, of a value in the unit."""
        if self.unit == "1/min":  # the sentence says what they are
            return f"{value:,.0f}" if value >= 10 or value == round(value) else f"{value:.1f}"
        return f"{value:.0%}" if self.unit == "1" else f"{value:.3g} {self.unit}"


def _calls(sums: Mapping[str, Floats]) -> Floats:
    """Anscombe's root: the deviation of a count does not depend on its size."""
    found: Floats = 2 * np.sqrt(sums["calls"] + 0.375)
    return found


def _failures(sums: Mapping[str, Floats]) -> Floats:
    """Freeman and Tukey's double arcsine: the deviation of a share hardly depends on the share."""
    count, failed = sums["calls"], sums["errors"]
    found: Floats = np.where(count > 0, angle_of(failed, count) * np.sqrt(np.minimum(count, MOST_TRIALS) + 0.5), np.nan)
    return found


def _share_back(value: float, calls: float) -> float:
    angle = value / np.sqrt(min(calls, MOST_TRIALS) + 0.5)
    return float(share_of(np.array(angle), np.array(max(calls, 1.0))))


def _log_mean(above: str, below: str, unit: float) -> Callable[[Mapping[str, Floats]], Floats]:
    """The mean as a logarithm: durations, tokens and costs are skewed, their logarithms hardly."""

    def value(sums: Mapping[str, Floats]) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = sums[above] / sums[below] / unit
            found: Floats = np.where((sums[below] > 0) & (mean > 0), np.log(mean), np.nan)
        return found

    return value


def _calls_back(value: float, _calls: float) -> float:
    return max(0.0, (max(value, 0.0) / 2) ** 2 - 0.375)


def _exp(value: float, _calls: float) -> float:
    return float(np.exp(min(value, 700.0)))


FIGURES: Final = (
    Figure(
        "calls", "1/min", "calls a minute", _calls, _calls_back, "Look for a loop or a new caller.", 1.0, "See whether it still runs, and what should call it."
    ),
    Figure("failures", "1", "failing calls", _failures, _share_back, "Look at the errors of these calls.", 0.5, "See whether failures are still told."),
    Figure("duration", "s", "time of a call", _log_mean("duration_ns", "calls", 1e9), _exp, "Compare model, provider and tools with before.", 0.05),
    Figure(
        "first_token", "s", "time to the first token", _log_mean("first_chunk_us", "first_chunks", 1e6), _exp, "Look whether others wait for it, too.", 0.05
    ),
    Figure("output_tokens", "tokens", "tokens out of a call", _log_mean("output_tokens", "calls", 1), _exp, "Look at what changed in prompts or models.", 0.05),
    Figure("cost", "USD", "cost of a call", _log_mean("cost_nano_usd", "calls", 1e9), _exp, "Look at model and size of the context.", 0.05),
)
