"""Sessions: conversations with what they came to."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from spyglass.model.schema import Kind
from spyglass.show.models.page import NO_CALLS
from spyglass.show.models.records import SessionList
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf, decode_cursor, encode_cursor
from spyglass.show.render import Json, rows
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read import sessions as read

__all__ = ["router"]

router = APIRouter(tags=["sessions"])

_NO_SPANS: dict[str, Any] = {"traces": 0, "spans": 0, "errors": 0, "users": [], "agents": [], "first_input": "", "last_output": ""}


@router.get("/sessions", response_model=SessionList, summary="Sessions that were active in the time range, latest activity first")
def list_sessions(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", limit: Limit = 50, cursor: Cursor = None) -> Json:
    """A session that began before the range and went on in it is listed; figures are of its whole life."""
    scope = scope_of(services, Kind.SPAN, project, window, query)
    past = window.to_ns <= services.clock.now_ns()
    sessions, following = read.page(services.engine.read, scope, limit, decode_cursor("sessions", cursor), past=past)
    return Json({"items": _items(services, project, sessions), "next_cursor": encode_cursor("sessions", following)})


def _items(services: Services, project: str, sessions: list[str]) -> list[dict[str, Any]]:
    if not sessions:
        return []
    cards = {row["session_id"]: row for row in rows(read.cards(services.engine.read, project, sessions))}
    totals = {row["session_id"]: row for row in rows(read.totals(services.engine.read, project, sessions))}
    return [{"session_id": session} | NO_CALLS | _NO_SPANS | totals.get(session, {}) | cards.get(session, {}) for session in sessions]
