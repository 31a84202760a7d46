"""Agents and their executions, as derived from what arrived."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from spyglass.model.schema import Kind
from spyglass.show.beside import events_beside
from spyglass.show.models.page import NO_CALLS
from spyglass.show.models.records import AgentList, EdgeList, ExecutionList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf, decode_cursor, encode_cursor
from spyglass.show.render import Json, iso, rows
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read import agents as read
from spyglass.store.read.edges import edges

__all__ = ["router"]

router = APIRouter(tags=["agents"])


@router.get("/agents", response_model=AgentList, summary="Agents that were active in the time range, last seen first")
def list_agents(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", limit: Limit = 200, cursor: Cursor = None) -> Json:
    """Recognised from the telemetry: nobody has to declare an agent. Calls count for the nearest agent above them."""
    scope = scope_of(services, Kind.SPAN, project, window, query)
    events = events_beside(services, project, window, query)
    first = first_row("agents", cursor)
    told = page("agents", read.agents(services.engine.read, scope, limit + 1, first, events), first, limit)
    totals = {row["agent"]: row for row in rows(read.totals(services.engine.read, scope, 10_000))}
    items = [agent | NO_CALLS | {"models": [], "tools": []} | totals.get(agent["agent"], {}) for agent in told["items"]]
    return Json({**told, "items": items})


@router.get("/executions", response_model=ExecutionList, summary="Runs of agents, latest first")
def list_executions(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", limit: Limit = 50, cursor: Cursor = None) -> Json:
    """One per agent span, and one per execution that only life-cycle events tell of; `status` is running, ok or error."""
    scope = scope_of(services, Kind.SPAN, project, window, query)
    events = events_beside(services, project, window, query)
    found, following = read.executions(services.engine.read, scope, limit, decode_cursor("executions", cursor), events)
    return Json({"items": rows(found), "next_cursor": encode_cursor("executions", following)})


@router.get("/agents/edges", response_model=EdgeList, summary="Which agent called which, most calls first")
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
