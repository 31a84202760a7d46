"""The loss ledger: what each sender sent, and what became of it; and the projects there are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from prometheus_client import REGISTRY

from spyglass.show.models.system import LedgerPage, ProjectList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Limit, WindowOf
from spyglass.show.render import Json
from spyglass.show.services import Using
from spyglass.store.read.asking import ask, received_bound

__all__ = ["router"]

router = APIRouter(tags=["ledger"])

_DROPS = ("spyglass_dropped_total",)


@router.get("/ledger", response_model=LedgerPage, summary="What each sender sent since the start, and what became of it")
def list_ledger(services: Using) -> Json:
    """Requests, bytes, rows accepted and rejected, requests refused by reason; then what was dropped later, by room and reason, and what was redacted."""
    items = [asdict(source) for source in services.ledger.rows()]
    dropped = [{**sample.labels, "rows": int(sample.value)} for sample in _samples() if sample.value]
    return Json({"items": items, "next_cursor": None, "dropped": dropped, "redacted": dict(services.redactions())})


def _samples() -> list[Any]:
    return [sample for metric in REGISTRY.collect() for sample in metric.samples if sample.name in _DROPS]


@router.get("/projects", response_model=ProjectList, summary="The projects there are")
def list_projects(services: Using, window: WindowOf, limit: Limit = 200, cursor: Cursor = None) -> Json:
    """Each with the rows that arrived within the time range."""
    first = first_row("projects", cursor)
    asked = {"received_ns": received_bound(window.from_ns), "limit": limit + 1, "skip": first}
    return Json(page("projects", ask(services.engine.read, "projects/list", asked), first, limit))
