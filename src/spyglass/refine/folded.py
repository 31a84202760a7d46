"""Agents' spans that tell of a run which the execution around them tells already: parts of that run, and no runs of their own.

In: the kinds and agents of spans, and what the SDK says of where they stand. Out: changed kinds. The SDK says with each span that stands directly in an
execution whose agent that is (`spyglass.execution.within`); a framework's own span of this agent, or of one without a name, is that run told twice. Everything
that counts runs goes by the kind, so that it is decided here, once, with nothing but the row: in which order records come does not matter.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.refine.fill import Filled
from spyglass.refine.frame import Frame
from spyglass.refine.plan import KIND_CODES
from spyglass.refine.rules import State

__all__ = ["apply"]

_WITHIN: Final = "spyglass.execution.within"
_OPERATION: Final = "spyglass.execution.operation"  # an execution itself has it, and is always a run
_AGENT: Final = KIND_CODES["agent"]
_CHAIN: Final = KIND_CODES["chain"]


def apply(frame: Frame, state: State, filled: Filled) -> None:
    """Such spans are steps without a meaning of their own."""
    told = frame.attributes.entries(_WITHIN)
    if not len(told):
        return
    if "agent" not in filled.texts:
        return
    agents = filled.texts["agent"].done().take(pa.array(told.rows))
    mask = np.zeros(frame.n, dtype=bool)
    mask[told.rows] = np.asarray(pc.or_(pc.equal(agents, told.values), pc.equal(agents, "")).to_numpy(zero_copy_only=False), bool)
    mask[frame.attributes.rows(_OPERATION)] = False
    mask &= state.kind == _AGENT
    if mask.any():
        state.set_kind(mask, _CHAIN)
