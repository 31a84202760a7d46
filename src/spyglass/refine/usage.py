"""Token counts in the meaning of the canonical columns: input with cache reads and writes, output with reasoning (semconv.md 8.2).

In: the counts as the sources told them, and the usage facts of the dialects. Out: `Usage`; calls have counts, all other kinds of span
only repeat those of their children, which is kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from spyglass.model.schema import USAGE
from spyglass.refine.fill import Filled
from spyglass.refine.frame import Frame
from spyglass.refine.patterns import Mask
from spyglass.refine.plan import KIND_CODES, Plan
from spyglass.refine.rules import State, holds

__all__ = ["Usage", "settle"]

Counts = npt.NDArray[np.float64]

_CALLS: Final = (KIND_CODES["llm"], KIND_CODES["embedding"])


@dataclass(frozen=True, slots=True)
class Usage:
    """`counts` by column of `schema.USAGE`, zero where the row is no call; `repeated` is what the other rows say, input and output together."""

    counts: dict[str, Counts]
    told: Mask
    repeated: Counts


def settle(frame: Frame, state: State, plan: Plan, filled: Filled) -> Usage | None:
    """The counts of a batch; None: no row has any."""
    if not any(name in filled.numbers for name in USAGE):
        return None
    counts = {name: _values(filled, name, frame.n) for name in USAGE}
    cached = counts["cache_read_tokens"] + counts["cache_write_tokens"]
    thought = counts["reasoning_tokens"]
    if cached.any() or thought.any():
        _complete(counts, cached, thought, _values(filled, "total_tokens", frame.n), _facts(frame, state, plan, filled))
    return _apart(state, counts)


def _complete(counts: dict[str, Counts], cached: Counts, thought: Counts, total: Counts, facts: tuple[Mask, Mask]) -> None:
    """Add cached tokens to the input and reasoning to the output where the source left them out."""
    no_cache, no_reasoning = facts
    given, made = counts["input_tokens"], counts["output_tokens"]
    apart = (cached > 0) & (given + made > 0) & (no_cache | (cached > given) | _adds_up(total, given + made, cached))
    counts["input_tokens"] = given = given + np.where(apart, cached, 0)
    left_out = (thought > 0) & ((no_reasoning & (total != given + made)) | _adds_up(total, given + made, thought))
    counts["output_tokens"] = made + np.where(left_out, thought, 0)


def _apart(state: State, counts: dict[str, Counts]) -> Usage:
    both = counts["input_tokens"] + counts["output_tokens"]
    calls = np.isin(state.kind, _CALLS)
    return Usage({name: np.where(calls, values, 0) for name, values in counts.items()}, calls & (both > 0), np.where(calls, 0, both))


def _adds_up(total: Counts, without: Counts, part: Counts) -> Mask:
    """Whether the total that was told proves that `part` is left out of `without`."""
    found: Mask = (total > 0) & (part > 0) & (total == without + part)
    return found


def _facts(frame: Frame, state: State, plan: Plan, filled: Filled) -> tuple[Mask, Mask]:
    """Rows whose input leaves out cached tokens, and rows whose output leaves out reasoning, as the dialects know it."""
    no_cache, no_reasoning = np.zeros(frame.n, dtype=bool), np.zeros(frame.n, dtype=bool)
    for usage in plan.usage:
        mask = holds(frame, state, plan, filled, usage.when)
        if mask is not None:
            no_cache |= mask & usage.fact.input_excludes_cache
            no_reasoning |= mask & usage.fact.output_excludes_reasoning
    return no_cache, no_reasoning


def _values(filled: Filled, name: str, n: int) -> Counts:
    return filled.numbers[name].values if name in filled.numbers else np.zeros(n)
