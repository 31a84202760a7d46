"""Completion of the search bar: what may stand at the cursor, with the values that were seen."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Query

from spyglass.model.schema import Kind
from spyglass.search.complete import complete
from spyglass.search.fields import NAMES
from spyglass.show.models.records import Completion
from spyglass.show.parameters import Project, Window, WindowOf
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read import facets

__all__ = ["router"]

router = resource(tags=["search"])

_SEEN: Final = frozenset(
    "kind status service environment agent model provider tool workflow session_id user_id error_type name dialect operation scope_name "
    "event_name source".split()
)
_RECORDS: Final = {Kind.SPAN: "spans", Kind.EVENT: "log records"}


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
    if told.field is not None and told.field.name in _SEEN:
        items += _seen(services, project, window, told.field.name, told.prefix, limit)
    return Json({"expected": told.expected, "prefix": told.prefix, "start": told.start, "items": items, "next_cursor": None})


def _seen(services: Services, project: str, window: Window, field: str, prefix: str, limit: int) -> list[dict[str, Any]]:
    """Values of the field among spans and log records, with how many of each have it."""
    counts: dict[str, dict[Kind, int]] = {}
    for kind in _RECORDS:
        columns = NAMES[field].columns.get(kind, ())
        for row in _values(services, project, window, kind, field if field in columns else columns[0], prefix, limit) if columns else ():
            counts.setdefault(row["value"], {})[kind] = row["count"]
    ordered = sorted(counts.items(), key=lambda item: (-sum(item[1].values()), item[0]))[:limit]
    return [{"text": value, "kind": "value", "about": ", ".join(f"{n} {_RECORDS[kind]}" for kind, n in told.items())} for value, told in ordered]


def _values(services: Services, project: str, window: Window, kind: Kind, column: str, prefix: str, limit: int) -> list[dict[str, Any]]:
    return facets.values(services.engine.read, scope_of(services, kind, project, window, ""), kind, column, prefix, limit)
