"""What the store keeps: how much, since when, and for how long. What retention has dropped is what lies before `oldest`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from spyglass.show.models.system import StoragePage
from spyglass.show.render import Json
from spyglass.show.services import Using
from spyglass.store.retention import Kept, kept

__all__ = ["router"]

router = APIRouter(tags=["storage"])


@router.get("/storage", response_model=StoragePage, summary="What each table keeps, since when and for how long, and the room that is left")
def list_storage(services: Using) -> Json:
    """Of all projects. Rows leave by whole days, so that up to a day more is there than `keep_days` says."""
    status = services.engine.status()
    items = [_item(table) for table in kept(services.engine)]
    return Json({"items": items, "next_cursor": None, "disk_free_bytes": status.disk_free_bytes, "disk_total_bytes": status.disk_total_bytes})


def _item(table: Kept) -> dict[str, Any]:
    oldest = datetime.fromtimestamp(table.oldest_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if table.oldest_s else None
    figures = {"rows": table.rows, "size_bytes": table.size_bytes, "parts": table.parts}
    return {"table": table.table, **figures, "oldest": oldest, "keep_days": table.days}
