"""Agents, as derived from what arrived."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from spyglass.model.schema import Kind
from spyglass.show.models.records import EdgeList
from spyglass.show.parameters import Project, WindowOf
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read.edges import edges

__all__ = ["router"]

router = resource(tags=["agents"])


@router.get("/agent-edges", response_model=EdgeList, summary="Which agent called which, most calls first")
def list_edges(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    agent: Annotated[str, Query(max_length=512, description="Only edges that this agent is an end of; empty: all.")] = "",
) -> Json:
    """A run below a run of another agent is a call of it, however many spans are between. Of the latest 2,000 traces; `partial`: there were more."""
    found, partial = edges(services.engine.read, scope_of(services, Kind.SPAN, project, window, ""), agent)
    items = [
        {
            "caller": edge.caller,
            "callee": edge.callee,
            "calls": edge.calls,
            "errors": edge.errors,
            "p50_ns": edge.quantile_ns(0.5),
            "p95_ns": edge.quantile_ns(0.95),
            "last_seen": iso(edge.last_ns),
        }
        for edge in found
    ]
    return Json({"items": items, "next_cursor": None, "partial": partial})
