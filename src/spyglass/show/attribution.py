"""Where a failed trace most likely went wrong: its most suspect steps with reasons."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Path, Query

from spyglass.analyze.attribution.suspects import Step, Suspect, suspects
from spyglass.model.errors import NotFound
from spyglass.show.models.attribution import Attribution
from spyglass.show.parameters import Project
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.services import Using
from spyglass.store.read.attribution import MOST_STEPS, Said, steps
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["router"]

router = resource(tags=["traces"])

TraceId = Annotated[str, Path(pattern=r"^[0-9a-fA-F]{32}$", description="Trace id, 32 hex digits.")]
_SHOWN: Final = 300  # characters


@router.get("/traces/{trace_id}/attribution", response_model=Attribution, responses=NOT_FOUND, summary="At which steps a failed trace most likely went wrong")
def trace_attribution(
    services: Using,
    trace_id: TraceId,
    project: Project = "default",
    limit: Annotated[int, Query(ge=1, le=20, description="Most steps.")] = 3,
) -> Json:
    """It is not known whether the trace failed: that is for the one who asks. No model is asked; see docs/analyzers.md for how often it is right."""
    at = Whereabouts.of(services.engine.read, project, [trace_id.lower()])
    if not at:
        raise NotFound(f"there is no trace {trace_id} in project {project}; a trace is visible about a second after its first span was sent")
    said = steps(services.engine.read, at)
    found = suspects([Step(one.agent, one.text, one.kind == "tool", one.kind == "user", one.failed) for one in said], limit)
    return Json({"suspects": [_item(one, said[one.index]) for one in found], "steps": len(said), "truncated": len(said) >= MOST_STEPS})


def _item(suspect: Suspect, said: Said) -> dict[str, Any]:
    return {
        "span_id": said.span_id,
        "step": suspect.index,
        "kind": said.kind,
        "name": said.name,
        "agent": said.agent,
        "share": suspect.share,
        "reasons": list(suspect.reasons),
        "text": said.text[:_SHOWN],
    }
