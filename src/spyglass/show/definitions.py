"""What an agent is told to be: its prompt and its tools, by version."""

from __future__ import annotations

from typing import Any

from spyglass.model.schema import Kind
from spyglass.show.agent_names import AgentName, named_or_new
from spyglass.show.models.definitions import DefinitionList
from spyglass.show.parameters import Project, WindowOf
from spyglass.show.problem import CONFLICT
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.show.tool_definitions import tool_definitions
from spyglass.store.read.definitions import Definition, definitions

__all__ = ["router"]

router = resource(tags=["agents"])


@router.get("/agents/{agent:name}/definitions", response_model=DefinitionList, responses=CONFLICT, summary="Prompts and tools of an agent, by version")
def list_definitions(services: Using, agent: AgentName, window: WindowOf, project: Project = "default") -> Json:
    """Recognised from its latest 1,000 runs and model calls: another version or prompt is another definition. Last seen first, 20 at most."""
    found, partial = definitions(services.engine.read, scope_of(services, Kind.SPAN, project, window, ""), named_or_new(services, project, agent))
    return Json({"items": [_json(one) for one in found], "next_cursor": None, "partial": partial})


def _json(one: Definition) -> dict[str, Any]:
    return {
        "version": one.version,
        "prompt": "\n\n".join(one.prompts),
        "tools": tool_definitions(one.tools),
        "spans": len(one.spans),
        "first_seen": iso(one.first_ns),
        "last_seen": iso(one.last_ns),
        "trace_id": one.spans[0][:32],
        "span_id": one.spans[0][32:],
    }
