"""What analyzers find, and the analyzers themselves."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path

from spyglass.model.errors import NotFound
from spyglass.model.schema import Kind
from spyglass.show.models.findings import AnalyzerItem, AnalyzerList, Change, FindingList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read.findings import findings as read

__all__ = ["item_of", "router"]

router = APIRouter(tags=["findings"])

_FIGURES = ("observed", "probability", "budget")


@router.get("/findings", response_model=FindingList, summary="What analyzers have found, last seen first")
def list_findings(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", limit: Limit = 100, cursor: Cursor = None) -> Json:
    """One per kind of trouble and subject; each time that it was found is an event `finding`."""
    first = first_row("findings", cursor)
    told = page("findings", read(services.engine.read, scope_of(services, Kind.EVENT, project, window, query), limit + 1, first), first, limit)
    return Json({**told, "items": [item_of(row) for row in told["items"]]})


@router.get("/analyzers", response_model=AnalyzerList, summary="The analyzers, and how they do")
def list_analyzers(services: Using) -> Json:
    """In the order in which they run."""
    standing = services.analysis.standing()
    items = [_analyzer(services, name) for name in services.analysis.members()]
    until = iso(standing.until_ns) if standing.until_ns else None
    how = {"until": until, "waiting_batches": standing.waiting_batches, "lost_rows": standing.lost_rows}
    broken = [{"origin": one.origin, "problem": one.problem} for one in services.analyzers.broken]
    return Json({"items": items, "next_cursor": None, **how, "broken": broken})


@router.put("/analyzers/{name}", response_model=AnalyzerItem, responses=NOT_FOUND, summary="Let an analyzer rest, run again, or go on with other settings")
def change_analyzer(services: Using, name: Annotated[str, Path(max_length=64, description="Its name.")], change: Change) -> Json:
    """One that was suspended because it failed or was too slow runs again, too."""
    if name not in services.analysis.members():
        raise NotFound(f"there is no analyzer {name}; there are {', '.join(services.analysis.members())}")
    if change.settings is not None:
        services.analysis.configure(name, change.settings)
    if change.running:
        services.analysis.resume(name)
    elif change.running is not None:
        services.analysis.suspend(name, "somebody let it rest")
    return Json(_analyzer(services, name))


def _analyzer(services: Services, name: str) -> dict[str, Any]:
    member = services.analysis.members()[name]
    kind, status = member.kind, member.status
    return {
        "name": kind.name,
        "origin": services.analyzers.origins[name],
        "version": kind.version,
        "description": kind.description,
        "reads": sorted(kind.reads),
        "makes": list(kind.makes),
        "rules": list(kind.rules),
        "every_s": kind.every_s,
        "settings": kind.settings.model_json_schema(),
        "values": member.settings.model_dump(mode="json"),
        "running": not status.suspended,
        "suspended": status.suspended,
        "rows": status.rows,
        "findings": status.findings,
        "withheld": status.withheld,
        "failures": status.failures,
        "problem": status.problem,
        "seconds": round(status.seconds, 3),
        "load": round(status.load, 4),
    }


def item_of(row: dict[str, Any]) -> dict[str, Any]:
    """A finding as the API tells it; its figures are attributes, which the store keeps as text."""
    low, high = row.pop("expected_low"), row.pop("expected_high")
    figures = {name: float(row[name]) if row[name] else None for name in _FIGURES}
    evidence = orjson.loads(row["evidence"]) if row["evidence"] else []
    return (
        row
        | figures
        | {"expected": [float(low), float(high)] if low and high else None, "peers": int(row["peers"]) if row["peers"] else None, "evidence": evidence}
    )
