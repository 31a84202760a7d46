"""Tools and models: how often they were called, how it went, and what it cost."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query

from spyglass.model.schema import Kind
from spyglass.show.beside import events_beside
from spyglass.show.models.records import UsageList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, Window, WindowOf
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read.usage import usage

__all__ = ["router"]

router = resource(tags=["usage"])

Agent = Annotated[str, Query(max_length=512, description="Only calls whose nearest agent above is this one; empty: all.")]


@router.get("/tools", response_model=UsageList, summary="Tools by use, most called first")
def list_tools(
    services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", agent: Agent = "", limit: Limit = 200, cursor: Cursor = None
) -> Json:
    """Calls, errors, durations, and who called; `failed_ns` is the time that went into failed calls."""
    return _page(services, window, project, query, "tool", agent, limit, cursor)


@router.get("/models", response_model=UsageList, summary="Models by use, most called first")
def list_models(
    services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", agent: Agent = "", limit: Limit = 200, cursor: Cursor = None
) -> Json:
    """Calls, errors, durations, tokens and cost; embeddings are among them. `unpriced` calls have tokens and no price."""
    return _page(services, window, project, query, "model", agent, limit, cursor)


def _page(services: Services, window: Window, project: str, query: str, of: Literal["tool", "model"], agent: str, limit: int, cursor: str | None) -> Json:
    first = first_row(of, cursor)
    scope = scope_of(services, Kind.SPAN, project, window, query)
    events = events_beside(services, project, window, query)
    return Json(page(of, usage(services.engine.read, scope, of, agent, limit + 1, first, events), first, limit))
