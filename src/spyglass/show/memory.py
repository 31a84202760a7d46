"""What agents remember: a view of their memory at a moment, and the history of its keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from fastapi import Query

from spyglass.show.agent_names import AgentName, named
from spyglass.show.attributes import typed
from spyglass.show.models.memory import MemoryHistory, MemoryView
from spyglass.show.parameters import Cursor, Limit, Project, WindowOf, decode_cursor, encode_cursor, parse_time
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Using
from spyglass.store.read.memory import Whose, operations

__all__ = ["Held", "held", "router", "value_of"]

router = resource(tags=["time travel"])

_MOST_OPERATIONS: Final = 20_000  # that a view is made of
_DEFAULT_NS: Final = 30 * 86_400 * 10**9
_FIELDS: Final = ("action", "scope", "key", "size_bytes", "hash", "source", "agent", "execution_id", "session_id", "user_id", "service", "trace_id", "span_id")

Scope = Annotated[str, Query(max_length=256, description="Only this scope; empty: all.")]
Key = Annotated[str, Query(max_length=512, description="Only this key; empty: all.")]


@dataclass(slots=True)
class Held:
    """A key of the memory: the operations that say what it holds. Rows of memory/operations.sql."""

    last: dict[str, Any]  # the last one that told its value, or at least what it is like; where none did, the last one
    first_ns: int
    write: dict[str, Any] | None = None
    read_ns: int = 0
    reads: int = 0
    writes: int = 0


def held(rows: Iterable[dict[str, Any]]) -> list[Held]:
    """What a memory holds after these operations (latest first), by scope and key; deleted keys are left out."""
    found: dict[tuple[str, str], Held] = {}
    closed: set[tuple[str, str]] = set()  # what was before a deletion is another life of the key
    for row in rows:
        place = (row["scope"], row["key"])
        if place in closed:
            continue
        if row["action"] == "delete":
            closed.add(place)
            continue
        one = found.setdefault(place, Held(row, row["time_ns"]))
        one.first_ns = row["time_ns"]
        if not _tells(one.last) and _tells(row):
            one.last = row
        if row["action"] == "write":
            one.writes += 1
            one.write = one.write or row
        else:
            one.reads += 1
            one.read_ns = one.read_ns or row["time_ns"]
    return [found[place] for place in sorted(found)]


def _tells(row: dict[str, Any]) -> bool:
    return bool(row["hash"] or row["size_bytes"])


def value_of(row: dict[str, Any]) -> Any:
    """The value as far as it was told: JSON where it is, else its text; None where none was."""
    if row["value_type"] in ("", "e") or (row["source"] == "span" and not row["value"]):
        return None
    if row["value_type"] != "s":
        return typed(row["value"], row["value_type"])
    try:
        return orjson.loads(row["value"])
    except orjson.JSONDecodeError:  # cut, or of somebody who tells texts
        return row["value"]


@router.get("/agents/{agent:name}/memory", response_model=MemoryView, responses=NOT_FOUND | CONFLICT, summary="What an agent remembered at a moment")
def memory_at(
    services: Using,
    agent: AgentName,
    at: Annotated[str, Query(max_length=64, description="The moment: ISO 8601, `-15m`, Unix time.")] = "now",
    scope: Scope = "",
    key: Key = "",
    project: Project = "default",
    limit: Limit = 500,
) -> Json:
    """As far as reads, writes and deletions were told in the thirty days before; of the last 20,000 of them."""
    name = named(services, project, agent)
    until_ns = parse_time(at, services.clock.now_ns(), "at")
    rows, more = operations(services.engine.read, project, Whose(agent=name, scope=scope, key=key), max(0, until_ns - _DEFAULT_NS), until_ns, _MOST_OPERATIONS)
    found = held(rows)
    items = [_key(one) for one in found[:limit]]
    return Json({"agent": name, "time": iso(until_ns), "items": items, "next_cursor": None, "truncated": more is not None or len(found) > limit})


@router.get("/agents/{agent:name}/memory/history", response_model=MemoryHistory, responses=NOT_FOUND | CONFLICT, summary="Its memory, change by change")
def memory_history(
    services: Using,
    agent: AgentName,
    window: WindowOf,
    scope: Scope = "",
    key: Key = "",
    project: Project = "default",
    limit: Limit = 200,
    cursor: Cursor = None,
) -> Json:
    """Each read, write and deletion, with size, hash and who did it: told by the SDK, and by spans of GenAI memory operations."""
    name = named(services, project, agent)
    whose = Whose(agent=name, scope=scope, key=key)
    rows, following = operations(services.engine.read, project, whose, window.from_ns, window.to_ns - 1, limit, decode_cursor("memory", cursor))
    items = [{"time": iso(row["time_ns"]), "value": value_of(row), **{field: row[field] for field in _FIELDS}} for row in rows]
    return Json({"items": items, "next_cursor": encode_cursor("memory", following)})


def _key(one: Held) -> dict[str, Any]:
    last, write = one.last, one.write
    return {
        "scope": last["scope"],
        "key": last["key"],
        "known_since": iso(one.first_ns),
        "changed": iso(write["time_ns"]) if write else None,
        "last_read": iso(one.read_ns) if one.read_ns else None,
        "reads": one.reads,
        "writes": one.writes,
        "size_bytes": last["size_bytes"],
        "hash": last["hash"],
        "value": value_of(last),
        "changed_by": (write["execution_id"] or write["service"]) if write else "",
    }
