"""Sessions: conversations whose interval overlaps the asked time, told by spans or by log records alone."""

from __future__ import annotations

from typing import Any

from spyglass.store.read.asking import Ask, Place, Scope, ask
from spyglass.store.read.matching import beside

__all__ = ["cards", "logged", "page", "totals"]


def page(engine: Ask, scope: Scope, limit: int, after: Place | None, *, past: bool, events: Scope | None = None) -> tuple[list[str], Place | None]:
    """Session ids, latest activity first, and where the next page begins.

    Args:
        engine: the door.
        scope: of spans.
        limit: most sessions.
        after: where the page before ended.
        past: the range has ended, so a session may have paused all through it.
        events: of log records, by the same search expression; None where they do not know what it asks.
    """
    scope, events_sql = beside(scope, events)
    place = {"before_ns": after.figure if after else scope.to_ns, "before_place": after.id if after else "", "limit": limit + 1}
    paused = "true" if past else "false"
    table = ask(engine, "sessions/matches", scope.parameters(**place), filter_sql=scope.filter_sql, events=events_sql, paused=paused)
    kept = table.slice(0, limit)
    following = Place(kept["last"][-1].as_py(), kept["place"][-1].as_py()) if table.num_rows > limit else None
    return kept["session_id"].to_pylist(), following


def cards(engine: Ask, project: str, sessions: list[str]) -> Any:
    """What a list shows of each session that has spans; a table, in no order."""
    return ask(engine, "sessions/cards", {"project": project, "sessions": sessions})


def totals(engine: Ask, project: str, sessions: list[str]) -> Any:
    """Calls, tokens and cost of each session; a table, in no order."""
    return ask(engine, "sessions/totals", {"project": project, "sessions": sessions})


def logged(engine: Ask, project: str, sessions: list[str]) -> Any:
    """Begin and end of each session that log records tell of; a table, in no order."""
    return ask(engine, "sessions/logged", {"project": project, "sessions": sessions})
