"""Facets and completion: what there is to search for."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import Query

from spyglass.model.schema import Kind
from spyglass.show.models.records import AttributeNames, Facets
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Project, SearchText, Window, WindowOf
from spyglass.show.render import Json, rows
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read import facets as read
from spyglass.store.read.facets import Found

__all__ = ["router"]

router = resource(tags=["search"])

_KINDS: Final = {"spans": Kind.SPAN, "events": Kind.EVENT}


@router.get("/facets", response_model=Facets, summary="Values of the usual fields with their counts")
def list_facets(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    kind: Annotated[
        Literal["spans", "events"] | None, Query(description="Of which records; default: spans, or events where the project has no spans in this time range.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Most values of one field.")] = 20,
) -> Json:
    """Per field its most frequent values among the spans, or log records, that match. Each record counts once, however often it was sent."""
    of = _KINDS[kind or "spans"]
    found = _found(services, of, project, window, query, limit)
    if kind is None and not found.table.num_rows and not (query and _found(services, of, project, window, "", 1).table.num_rows):
        of = Kind.EVENT
        found = _found(services, of, project, window, query, limit)
    fields: dict[str, list[dict[str, Any]]] = {}
    for row in rows(found.table):
        fields.setdefault(row.pop("field"), []).append(row)
    items = [{"field": field, "values": values} for field, values in fields.items()]
    return Json({"items": items, "next_cursor": None, "kind": f"{of}s", "exact": found.exact})


def _found(services: Services, kind: Kind, project: str, window: Window, query: str, limit: int) -> Found:
    return read.facets(services.engine.read, scope_of(services, kind, project, window, query), kind, limit)


@router.get("/attributes", response_model=AttributeNames, summary="Names of attributes of spans and log records, most frequent first")
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
