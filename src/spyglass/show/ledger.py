"""The loss ledger: what each source sent, and what became of it; and the projects there are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from spyglass.show.models.system import LedgerPage, ProjectList
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Limit, ProjectOrAll, WindowOf, one_project
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Using
from spyglass.store.read.asking import ask, received_bound
from spyglass.telemetry.ledger import Line
from spyglass.telemetry.losses import process_losses

__all__ = ["router"]

router = resource(tags=["ledger"])

_UNNAMED = "default"  # where a request goes that names no project, unless its resources do


@router.get("/ledger", response_model=LedgerPage, summary="What each source sent, and what became of it")
def list_ledger(services: Using, project: ProjectOrAll = "default") -> Json:
    """Per project, source and signal, over restarts. Beside it, since the start: requests by sender, what the process itself lost, what was redacted."""
    wanted = one_project(project)
    senders = [asdict(sender) for sender in services.ledger.rows() if wanted in (None, sender.project or _UNNAMED)]
    process = [asdict(loss) for loss in process_losses()]
    items = [_item(line) for line in services.losses.lines(wanted)]
    return Json({"items": items, "next_cursor": None, "senders": senders, "process": process, "redacted": dict(services.redactions())})


def _item(line: Line) -> dict[str, Any]:
    counts = {name: getattr(line, name) for name in ("received", "accepted", "rejected", "dropped", "stored", "refused")}
    return {"project": line.project, "source": line.source, "signal": line.signal, **counts, "first_seen": iso(line.first_ns), "last_seen": iso(line.last_ns)}


@router.get("/projects", response_model=ProjectList, summary="The projects there are")
def list_projects(services: Using, window: WindowOf, limit: Limit = 200, cursor: Cursor = None) -> Json:
    """Each with the rows that arrived within the time range."""
    first = first_row("projects", cursor)
    asked = {"received_ns": received_bound(window.from_ns), "limit": limit + 1, "skip": first}
    return Json(page("projects", ask(services.engine.read, "projects/list", asked), first, limit))
