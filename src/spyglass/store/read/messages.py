"""Messages: what was said in a trace, each once; and the whole conversation of one call, with what is new in it."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from spyglass.store.read.asking import Ask, Place, ask
from spyglass.store.read.whereabouts import ranges

_OF_TRACES: Final = {"of": "lower(hex(trace_id))", "among": "trace_id IN (SELECT toFixedString(unhex(arrayJoin({named:Array(String)})), 16))"}
_OF_SESSIONS: Final = {"of": "scope", "among": "scope IN ({named:Array(String)})"}

__all__ = ["first_asked", "first_asked_in_sessions", "new_in_trace", "of_call"]


def new_in_trace(engine: Ask, project: str, trace: str, limit: int, after: Place | None) -> tuple[pa.Table, Place | None]:
    """Messages first said in a trace, in order, and the end of this page if there is another one. A page may be short, and the last one empty."""
    known = ranges(engine, project, [trace])
    received = known[0].first_received if known else 0
    at = after or Place(-1, "")
    while True:
        place = {"after_ns": at.figure, "after_place": at.id}
        told = ask(engine, "messages/told_in_trace", {"project": project, "trace": trace, "received_ns": received, "limit": limit + 1, **place})
        page = told.slice(0, limit)
        end = Place(page["start_ns"][-1].as_py(), page["place"][-1].as_py()) if page.num_rows else at
        which = {"scopes": page["scope"].to_pylist(), "hashes": page["hash"].to_pylist()}
        found = ask(engine, "messages/new_in_trace", {"project": project, "trace": trace, **which, **place, "until_ns": end.figure, "until_place": end.id})
        more = told.num_rows > limit
        if found.num_rows or not more:  # all of a page may have been said before: in a session that goes on
            return found.drop_columns(["start_ns", "place"]), end if more else None
        at = end


def of_call(engine: Ask, project: str, span: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of one span in order: direction, position, role, text, body, and whether the span is the first to say it.

    Args:
        engine: the door.
        project: of the span.
        span: its row (trace_id, span_id, session_id, input_messages, output_messages), ids as bytes.
    """
    wanted = [("input", *item) for item in enumerate(span["input_messages"])] + [("output", *item) for item in enumerate(span["output_messages"])]
    hashes = sorted({item[2].hex() for item in wanted})
    scopes = [scope for scope in (span["session_id"], span["trace_id"].hex()) if scope]
    table = ask(engine, "messages/by_hash", {"project": project, "scopes": scopes, "hashes": hashes}) if hashes else None
    known = {row["hash"]: row for row in table.drop_columns(["start"]).to_pylist()} if table is not None else {}
    return [_message(direction, position, digest, known.get(digest), span["span_id"]) for direction, position, digest in wanted]


def _message(direction: str, position: int, digest: bytes, known: dict[str, Any] | None, span_id: bytes) -> dict[str, Any]:
    """A message that is no longer kept is shown as such, never left out."""
    told = {"direction": direction, "position": position, "hash": digest}
    if known is None:
        return told | {"role": "", "text": "", "body": "", "new": False, "missing": True}
    return told | {"role": known["role"], "text": known["text"], "body": known["body"], "new": known["span_id"] == span_id, "missing": False}


def first_asked(engine: Ask, project: str, traces: list[str]) -> dict[str, str]:
    """The begin of what a user said first in each of these traces (ids in hex), where anything was."""
    known = ranges(engine, project, traces)
    if not known:
        return {}
    received = min(one.first_received for one in known)
    return _first(ask(engine, "messages/first_asked", {"project": project, "named": traces, "received_ns": received}, **_OF_TRACES))


def first_asked_in_sessions(engine: Ask, project: str, sessions: list[str]) -> dict[str, str]:
    """The same of sessions, by their ids: the messages of a session are kept under it."""
    if not sessions:
        return {}
    return _first(ask(engine, "messages/first_asked", {"project": project, "named": sessions, "received_ns": 0}, **_OF_SESSIONS))


def _first(table: pa.Table) -> dict[str, str]:
    return dict(zip(table["id"].to_pylist(), table["asked"].to_pylist(), strict=True))
