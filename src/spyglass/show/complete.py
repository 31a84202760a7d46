"""Completion of the search bar: what may stand at the cursor, with the values that were seen."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from spyglass.model.schema import SPAN, Kind
from spyglass.search.complete import complete
from spyglass.show.models.records import Completion
from spyglass.show.parameters import Project, WindowOf
from spyglass.show.render import Json, rows
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read import facets

__all__ = ["router"]

router = APIRouter(tags=["search"])

_SEEN: Final = frozenset("kind status service environment agent model provider tool workflow session_id user_id error_type name dialect operation".split())


@router.get("/search/complete", response_model=Completion, summary="What may be typed at a place of a search")
def complete_search(
    services: Using,
    window: WindowOf,
    text: Annotated[str, Query(max_length=4096, description="The search so far.")] = "",
    position: Annotated[int | None, Query(ge=0, le=4096, description="The cursor, in characters; default: the end.")] = None,
    project: Project = "default",
    limit: Annotated[int, Query(ge=1, le=100, description="Most candidates of each sort.")] = 20,
) -> Json:
    """`start` is where the replaced text begins; candidates are fields, keywords, or values seen in the time range, most frequent first."""
    told = complete(text, len(text) if position is None else position)
    items: list[dict[str, Any]] = [{"text": one.text, "kind": one.expected, "about": one.about} for one in told.candidates[:limit]]
    if told.field is not None and told.field.name in _SEEN & set(SPAN.names):
        items += _seen(services, scope_of(services, Kind.SPAN, project, window, ""), told.field.name, told.prefix, limit)
    return Json({"expected": told.expected, "prefix": told.prefix, "start": told.start, "items": items, "next_cursor": None})


def _seen(services: Services, scope: Any, field: str, prefix: str, limit: int) -> list[dict[str, Any]]:
    table = facets.values(services.engine.read, scope, f"toString({field})", prefix, limit)
    return [{"text": row["value"], "kind": "value", "about": f"{row['count']} spans"} for row in rows(table)]
