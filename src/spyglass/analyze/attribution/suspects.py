"""Which step a run most likely failed at: steps in, the most suspect ones out, each with the reasons that speak for it.

A sum of a few signs, and the share that it has among all steps of the run. The weights are those of a conditional logit (McFadden 1974), fitted to runs of
which people have told the decisive step (Zhang et al. 2025, arXiv:2505.00212); measured on runs that it was not fitted to: docs/benchmarks.md. No model
is asked, so that it costs nothing, gives the same answer each time, and is often wrong: three candidates are better than one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

__all__ = ["Step", "Suspect", "suspects"]

_LOOKED_AT: Final = 6_000  # characters of a step
_SHORT: Final = 60
_LEADS: Final = 0.45  # share of the steps from which on one agent leads the others
_WITHOUT_ERROR: Final = 2  # in a run in which no call failed, as if this step had shown it
_ERROR: Final = re.compile(r"(?i)exitcode: [1-9]|execution failed|traceback \(most|[a-z]+Error\b|\bHTTP [45]\d\d|timed out|exception:")
_GUESS: Final = re.compile(
    r"(?i)\bassum(?:e|ing|ption)|simulat|hypothetical|placeholder|example data|sample data|\bmock|for the sake of|let's say|manually"
    r"|from (?:my )?(?:general )?knowledge|known (?:data|facts|information)|pretend|typically|approximat|estimate"
)
_PLAN: Final = re.compile(r"(?i)^(?:initial plan|new plan|we need to|plan:)")
_NUMBER: Final = re.compile(r"\d[\d,.]*\d|\d")
# Sign: weight, and what to say of it; signs without words speak against a step.
_SIGNS: Final = {
    "before_error": (1.26, "it made the first call that failed"),
    "early": (1.26, "no call failed, so that the mistake is likely among the first steps"),
    "guess": (0.91, "it assumes, simulates or estimates instead of looking"),
    "first_answer": (0.91, "it is the first answer of an agent that others rely on"),
    "second_answer": (0.99, "it is the second answer of an agent that others rely on"),
    "new_numbers": (0.22, "it states numbers that nobody said before"),
    "length": (0.14, ""),
    "short": (-0.51, ""),
    "plan": (-0.79, ""),
    "asked": (-1.45, ""),
    "report": (-1.62, ""),
}
_MANY_NUMBERS: Final = 3
_MOST_STEPS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Step:
    """What one agent did or said, or what came back."""

    actor: str
    text: str
    report: bool = False  # what a tool or the environment gave back; it makes no mistakes
    asked: bool = False  # by a person
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Suspect:
    """A step that may be the one."""

    index: int
    share: float  # of all that speaks against the run's steps; of one run they are 1
    reasons: tuple[str, ...]


def suspects(steps: Sequence[Step], most: int = 3) -> list[Suspect]:
    """The most suspect steps, the first one first; of equals the earlier one. What tools gave back and people asked is suspected last.

    Example:
        >>> run = [Step("user", "How high?", asked=True), Step("guide", "I assume it is 300 m high."), Step("guide", "So: 300 m.")]
        >>> suspects(run, 1)[0].index
        1
    """
    looked_at = steps[:_MOST_STEPS]
    if not looked_at:
        return []
    signs = _signs(looked_at)
    scores = np.array([sum(_SIGNS[name][0] * value for name, value in one.items()) for one in signs])
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    order = np.argsort(-scores, kind="stable")[:most].tolist()
    return [Suspect(at, float(shares[at]), tuple(_reasons(signs[at]))) for at in order]


def _reasons(signs: dict[str, float]) -> Iterator[str]:
    told = sorted(signs, key=lambda name: -_SIGNS[name][0] * signs[name])
    for name in told:
        enough = np.log1p(_MANY_NUMBERS) if name == "new_numbers" else 0.0
        if _SIGNS[name][1] and signs[name] > enough:
            yield _SIGNS[name][1]


def _signs(steps: Sequence[Step]) -> list[dict[str, float]]:
    """Of each step its signs and how strong they are."""
    blamed, failed = _before_error(steps)
    answers = _answers(steps)
    seen: set[str] = set()
    found = []
    for at, step in enumerate(steps):
        text = step.text[:_LOOKED_AT]
        numbers = set(_NUMBER.findall(text))
        one = {
            "before_error": float(failed and at == blamed and not answers),
            "early": float(not failed and at == blamed and not answers),
            "guess": float(not step.report and bool(_GUESS.search(text))),
            "first_answer": float(answers[:1] == [at]),
            "second_answer": float(answers[1:2] == [at]),
            "new_numbers": float(np.log1p(len(numbers - seen))),
            "length": float(np.log1p(len(step.text))),
            "short": float(len(step.text) < _SHORT),
            "plan": float(bool(_PLAN.search(text))),
            "asked": float(step.asked),
            "report": float(step.report),
        }
        seen |= numbers
        found.append(one)
    return found


def _before_error(steps: Sequence[Step]) -> tuple[int, bool]:
    """The step before the first that shows an error, and whether there is one."""
    first = next((at for at, step in enumerate(steps) if step.failed or _ERROR.search(step.text[:_LOOKED_AT])), None)
    return max((_WITHOUT_ERROR if first is None else first) - 1, 0), first is not None


def _answers(steps: Sequence[Step]) -> list[int]:
    """Where one agent leads the others: the steps of those."""
    (leader, count) = Counter(step.actor for step in steps).most_common(1)[0]
    if count < _LEADS * len(steps) or len(steps) < 5:
        return []
    return [at for at, step in enumerate(steps) if step.actor != leader and not step.report and not step.asked]
