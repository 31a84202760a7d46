"""What joins spans with system evidence, handed to the analyzer that looks for what no span tells: a trace in, which events it explains out."""

from __future__ import annotations

from functools import partial

from spyglass.analyze.builtin.security.unexplained import Beside, Explain
from spyglass.join.evidence import LIKELY
from spyglass.show.evidence import joined
from spyglass.store.read.asking import Ask

__all__ = ["explain_by"]


def explain_by(ask: Ask) -> Explain:
    """Reads the store by `ask`."""
    return partial(_beside, ask)


def _beside(ask: Ask, project: str, trace_id: str) -> Beside | None:
    found = joined(ask, project, trace_id)
    if found is None:
        return None
    claims, evidence = found
    begin, end = min(claim.start_ns for claim in claims), max(claim.end_ns for claim in claims)
    likely = {event for event, link in evidence.links.items() if link.confidence >= LIKELY}
    mine = [action for action in evidence.actions if begin <= action.time_ns <= end]
    # A connection that is not unexplained although nothing links it carried a model call that was seen.
    carried = {action.event_id for action in mine if action.name == "net.connect" and action.event_id not in evidence.unexplained}
    explained = frozenset(likely | carried)
    tells = any(claim.kind in {"tool", "mcp"} for claim in claims)
    return Beside(tells, explained, frozenset(action.event_id for action in mine if not action.error) - explained)
