"""Sessions: conversations with what they came to."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from spyglass.model.errors import NotFound
from spyglass.model.schema import Kind
from spyglass.show.beside import events_beside
from spyglass.show.models.page import NO_CALLS
from spyglass.show.models.records import Session, SessionList
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf, decode_cursor, encode_cursor
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json, rows
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read import sessions as read
from spyglass.store.read.messages import first_asked_in_sessions

__all__ = ["router"]

router = resource(tags=["sessions"])

_NO_SPANS: dict[str, Any] = {"traces": 0, "spans": 0, "errors": 0, "users": [], "agents": [], "first_input": "", "last_output": ""}


@router.get("/sessions", response_model=SessionList, summary="Sessions that were active in the time range, latest activity first")
def list_sessions(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", limit: Limit = 50, cursor: Cursor = None) -> Json:
    """A session that began before the range and went on in it is listed; figures are of its whole life."""
    scope = scope_of(services, Kind.SPAN, project, window, query)
    events = events_beside(services, project, window, query)
    past = window.to_ns <= services.clock.now_ns()
    sessions, following = read.page(services.engine.read, scope, limit, decode_cursor("sessions", cursor), past=past, events=events)
    return Json({"items": _items(services, project, sessions), "next_cursor": encode_cursor("sessions", following)})


@router.get("/sessions/{session_id:name}", response_model=Session, responses=NOT_FOUND, summary="One session: what it came to")
def one_session(services: Using, session_id: Annotated[str, Path(max_length=4096, description="Id of the session.")], project: Project = "default") -> Json:
    """Figures of its whole life, whatever the time range; its traces are those that `session:"its id"` finds between `start` and `end`."""
    found = _items(services, project, [session_id])[0]
    if "start" not in found:
        raise NotFound(f"there is no session {session_id} in project {project}; a session is visible about a second after its first record was sent")
    return Json(found)


def _items(services: Services, project: str, sessions: list[str]) -> list[dict[str, Any]]:
    if not sessions:
        return []
    cards = {row["session_id"]: row for row in rows(read.cards(services.engine.read, project, sessions))}
    totals = {row["session_id"]: row for row in rows(read.totals(services.engine.read, project, sessions))}
    if silent := [session for session in sessions if session not in cards and session not in totals]:
        totals |= {row["session_id"]: row for row in rows(read.logged(services.engine.read, project, silent))}
    asked = first_asked_in_sessions(services.engine.read, project, sessions)
    found = [{"session_id": session} | NO_CALLS | _NO_SPANS | totals.get(session, {}) | cards.get(session, {}) for session in sessions]
    return [item | {"first_input": asked.get(item["session_id"]) or item["first_input"]} for item in found]
