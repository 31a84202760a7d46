"""Telemetry health: what each source loses or doubles, in words that say what to do."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from spyglass.model.schema import Kind
from spyglass.show.models.records import SourceList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Project, WindowOf
from spyglass.show.render import Json, rows
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read import sources as read

__all__ = ["router"]

router = APIRouter(tags=["sources"])

Source = tuple[str, str]


@router.get("/sources", response_model=SourceList, summary="Telemetry health of each source")
def list_sources(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    limit: Annotated[int, Query(ge=1, le=1000, description="Most sources of one page.")] = 200,
    cursor: Cursor = None,
) -> Json:
    """A source is a service and the instrumentation that tells of it. `hints` says what is incomplete or told twice, and why that may be."""
    scope = scope_of(services, Kind.SPAN, project, window, "")
    issues: dict[Source, dict[str, int]] = {}
    for row in rows(read.issues(services.engine.read, scope)):
        issues.setdefault((row["service"], row["scope_name"]), {})[row["issue"]] = row["count"]
    doubled = {(row["service"], row["scope_name"]): row["spans"] - row["calls"] for row in rows(read.doubled(services.engine.read, scope))}
    first = first_row("sources", cursor)
    told = page("sources", read.sources(services.engine.read, scope, limit + 1, first), first, limit)
    return Json({**told, "items": [_item(row, issues, doubled) for row in told["items"]]})


def _item(row: dict[str, Any], issues: dict[Source, dict[str, int]], doubled: dict[Source, int]) -> dict[str, Any]:
    source = (row["service"], row["scope_name"])
    row |= {"issues": issues.get(source, {}), "told_twice": doubled.get(source, 0)}
    return row | {"hints": _hints(row)}


def _hints(row: dict[str, Any]) -> list[str]:
    told = [
        (row["without_usage"], f"{row['without_usage']} of {row['model_spans']} model calls tell no tokens: streams may need stream_options.include_usage"),
        (row["without_messages"], f"{row['without_messages']} of {row['model_spans']} model calls carry no messages: content capture is off at the source"),
        (
            row["without_parent"],
            f"{row['without_parent']} spans wait for a parent that has not come: it is still open, or was never sent",
        ),
        (
            row["told_twice"],
            f"{row['told_twice']} model spans tell of a call that another span tells of too; each call is counted once",
        ),
        (row["dropped_attributes"], f"{row['dropped_attributes']} attributes were cut at the source: raise OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"),
    ]
    return [text for count, text in told if count]
