"""What happened, in numbers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from spyglass.model.schema import Kind
from spyglass.show.beside import events_beside
from spyglass.show.models.figures import Summary
from spyglass.show.parameters import Project, SearchText, WindowOf
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read.summary import summary

__all__ = ["router"]

router = resource(tags=["summary"])


@router.get("/summary", response_model=Summary, summary="What happened: each thing counted once however many spans tell of it")
def get_summary(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    names: Annotated[int, Query(ge=0, le=10_000, description="Most names to list of agents, of sessions, of users and of models; all are counted.")] = 200,
) -> Json:
    """Traces, spans, model calls (`model_calls` less `model_errors` succeeded), tokens (input includes cache), tools, cost, agents, sessions, users, models.

    With a `query` the spans and log records that match count, and the calls that they tell. `names` lists what was counted, `left_out` says how many more
    there are. `without_usage` calls told no tokens, so the tokens are incomplete; `unpriced` calls have tokens and no price.
    """
    scope = scope_of(services, Kind.SPAN, project, window, query)
    return Json(summary(services.engine.read, scope, events_beside(services, project, window, query), names))
