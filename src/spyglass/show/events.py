"""Log records and events: the list under /api/v1, and the path of the design documents at the root."""

from __future__ import annotations

from typing import Any

from spyglass.model.schema import Kind
from spyglass.show.attributes import attributes_json, typed
from spyglass.show.models.records import EventList
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf, decode_cursor, encode_cursor
from spyglass.show.render import Json, rows
from spyglass.show.resource import at_root, resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read import events as read

__all__ = ["event_json", "root", "router"]

router = resource(tags=["events"])
root = at_root(tags=["events"])


@router.get("/events", response_model=EventList, summary="Log records and events that match, latest first")
@root.get("/events", response_model=EventList, summary="The same as /api/v1/events")
def list_events(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", limit: Limit = 100, cursor: Cursor = None) -> Json:
    """A page of records with their bodies and attributes."""
    scope = scope_of(services, Kind.EVENT, project, window, query)
    found, following = read.page(services.engine.read, scope, limit, decode_cursor("events", cursor))
    items = [event_json(row) for row in rows(found)]
    return Json({"items": items, "next_cursor": encode_cursor("events", following)})


def event_json(row: dict[str, Any]) -> dict[str, Any]:
    """An event's row with its body and attributes in their own types."""
    row["body"] = typed(row["body"], row.pop("body_type"))
    row["attributes"] = attributes_json(row["attributes"], row.pop("attribute_types"))
    return row
