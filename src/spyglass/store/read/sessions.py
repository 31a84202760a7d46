"""Sessions: conversations whose interval overlaps the asked time, told by spans or by log records alone."""

from __future__ import annotations

from typing import Any

from spyglass.store.read.asking import EVERYTHING, Ask, Place, Scope, ask

__all__ = ["cards", "page", "totals"]


def page(engine: Ask, scope: Scope, limit: int, after: Place | None) -> tuple[list[str], Place | None]:
    """Session ids, latest activity first, and where the next page begins."""
    place = {"before_ns": int(after.figure) if after else scope.to_ns, "before_id": after.id if after else "", "limit": limit + 1}
    events = "true" if scope.filter_sql == EVERYTHING else "false"  # a search expression is about spans
    table = ask(engine, "sessions/matches", scope.parameters(**place), filter_sql=scope.filter_sql, events=events)
    found = list(zip(table["session_id"].to_pylist(), table["last"].to_pylist(), strict=True))
    kept = found[:limit]
    return [session for session, _ in kept], Place(kept[-1][1], kept[-1][0]) if len(found) > limit else None


def cards(engine: Ask, project: str, sessions: list[str]) -> Any:
    """What a list shows of each session that has spans; a table, in no order."""
    return ask(engine, "sessions/cards", {"project": project, "sessions": sessions})


def totals(engine: Ask, project: str, sessions: list[str]) -> Any:
    """Calls, tokens and cost of each session; a table, in no order."""
    return ask(engine, "sessions/totals", {"project": project, "sessions": sessions})
