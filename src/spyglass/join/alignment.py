"""Two runs side by side: their steps in, the pairs that belong together out.

Steps belong together by their names, in order (the longest common subsequence, as `difflib` finds it); what one run has and the other has not stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

__all__ = ["Call", "Pair", "Step", "align"]


@dataclass(frozen=True, slots=True)
class Call:
    """A model or tool call within a step; the hashes are empty where they are not known."""

    kind: str
    name: str
    failed: bool = False
    input_hash: str = ""
    output_hash: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run."""

    number: int
    name: str
    status: str
    input: str
    time_ns: int
    calls: tuple[Call, ...] = ()


Difference = Literal["only_a", "only_b", "status", "input", "calls", "answers"]


@dataclass(frozen=True, slots=True)
class Pair:
    """What belongs together; `differs` is empty where both are the same."""

    a: Step | None
    b: Step | None
    differs: tuple[Difference, ...]


def align(a: Sequence[Step], b: Sequence[Step]) -> list[Pair]:
    """All steps of both, each once, in an order that fits both."""
    matcher = SequenceMatcher(None, [step.name for step in a], [step.name for step in b], autojunk=False)
    pairs: list[Pair] = []
    for tag, a_from, a_to, b_from, b_to in matcher.get_opcodes():
        if tag == "equal":
            pairs += [Pair(left, right, _differs(left, right)) for left, right in zip(a[a_from:a_to], b[b_from:b_to], strict=True)]
        else:
            pairs += [Pair(step, None, ("only_a",)) for step in a[a_from:a_to]]
            pairs += [Pair(None, step, ("only_b",)) for step in b[b_from:b_to]]
    return pairs


def _differs(a: Step, b: Step) -> tuple[Difference, ...]:
    asked = [[(call.kind, call.name, call.input_hash) for call in step.calls] for step in (a, b)]
    answered = [[(call.failed, call.output_hash) for call in step.calls] for step in (a, b)]
    found: list[tuple[Difference, bool]] = [
        ("status", a.status != b.status),
        ("input", a.input != b.input),
        ("calls", asked[0] != asked[1]),
        ("answers", asked[0] == asked[1] and answered[0] != answered[1]),
    ]
    return tuple(name for name, differs in found if differs)
