"""Runs of agents that nobody gave a name: they are called as their service is.

In: the kinds and agents of spans, and their services. Out: changed agents. Frameworks let an agent go without a name, and trace it without one; a list of
agents by name would leave it out, with its runs and what they cost.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from spyglass.refine.fill import Filled
from spyglass.refine.frame import Frame
from spyglass.refine.plan import KIND_CODES
from spyglass.refine.rules import State

__all__ = ["apply"]

_AGENT: Final = KIND_CODES["agent"]
_UNKNOWN: Final = "unknown_service"  # what OpenTelemetry's SDKs call a service without a name, and its program behind it


def apply(frame: Frame, state: State, filled: Filled) -> None:
    """Such agents are called as their service is, where that has a name."""
    agents = filled.texts.get("agent")
    if agents is None:
        return
    rows = np.flatnonzero(agents.free & (state.kind == _AGENT))
    if not len(rows):
        return
    services = frame.coded("service")
    told = [services.texts[code] or "" for code in services.codes[rows].tolist()]
    named = np.array([bool(text) and not text.startswith(_UNKNOWN) for text in told], dtype=bool)
    if named.any():
        agents.offer(rows[named], pa.array(told, pa.string()).filter(pa.array(named)), None)
