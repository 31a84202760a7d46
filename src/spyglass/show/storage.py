"""What the store keeps: how much, since when, and for how long. What retention has dropped is what lies before `oldest`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query

from spyglass.show.models.system import StoragePage
from spyglass.show.render import Json
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.retention import Kept, kept
from spyglass.store.sqlfiles import load

__all__ = ["router"]

router = resource(tags=["storage"])


@router.get("/storage", response_model=StoragePage, summary="What each table keeps, since when and for how long, and the room that is left")
def list_storage(
    services: Using,
    project: Annotated[str | None, Query(max_length=128, description="Only what this project has, in the tables of records; without it all tables.")] = None,
) -> Json:
    """Rows leave by whole days, so that up to a day more is there than `keep_days` says. The bytes of a project are its share of the table's by rows."""
    status = services.engine.status()
    tables = kept(services.engine)
    items = [_item(table) for table in (tables if project is None else _of_project(services, tables, project))]
    return Json({"items": items, "next_cursor": None, "disk_free_bytes": status.disk_free_bytes, "disk_total_bytes": status.disk_total_bytes})


def _of_project(services: Services, tables: list[Kept], project: str) -> Iterator[Kept]:
    found = {row["name"]: row for row in services.engine.read(load("storage/of_project"), {"project": project}).to_pylist()}
    for table in tables:
        if row := found.get(table.table):
            share = min(1.0, row["rows"] / max(1, table.rows))
            yield replace(table, rows=row["rows"], size_bytes=round(table.size_bytes * share), oldest_s=row["oldest_s"])


def _item(table: Kept) -> dict[str, Any]:
    oldest = datetime.fromtimestamp(table.oldest_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if table.oldest_s else None
    figures = {"rows": table.rows, "size_bytes": table.size_bytes, "parts": table.parts}
    return {"table": table.table, **figures, "oldest": oldest, "keep_days": table.days}
