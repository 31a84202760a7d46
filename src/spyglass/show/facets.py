"""Facets and completion: what there is to search for."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from spyglass.model.schema import Kind
from spyglass.show.models.records import AttributeNames, Facets
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Project, SearchText, WindowOf
from spyglass.show.render import Json, rows
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read import facets as read

__all__ = ["router"]

router = APIRouter(tags=["search"])


@router.get("/facets", response_model=Facets, summary="Values of the usual fields with their counts")
def list_facets(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    limit: Annotated[int, Query(ge=1, le=200, description="Most values of one field.")] = 20,
) -> Json:
    """Per field its most frequent values among the spans that match."""
    fields: dict[str, list[dict[str, Any]]] = {}
    for row in rows(read.facets(services.engine.read, scope_of(services, Kind.SPAN, project, window, query), limit)):
        fields.setdefault(row.pop("field"), []).append(row)
    return Json({"items": [{"field": field, "values": values} for field, values in fields.items()], "next_cursor": None})


@router.get("/attributes", response_model=AttributeNames, summary="Names of span attributes, most frequent first")
def list_attributes(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    limit: Annotated[int, Query(ge=1, le=2000, description="Most names of one page.")] = 200,
    cursor: Cursor = None,
) -> Json:
    """For completion of `attr.`."""
    first = first_row("attributes", cursor)
    table = read.attribute_keys(services.engine.read, scope_of(services, Kind.SPAN, project, window, ""), limit + 1, first)
    return Json(page("attributes", table, first, limit))
