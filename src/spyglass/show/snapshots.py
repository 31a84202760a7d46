"""Snapshots of executions: which there are, the state at a moment, and what changed between two."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Annotated, Any, Final, Literal, get_args

import orjson
import pyarrow as pa
from fastapi import Query

from spyglass.join.difference import NOTHING, changes, pointed
from spyglass.model.errors import NotFound
from spyglass.show.attributes import typed
from spyglass.show.evidence import files_of
from spyglass.show.memory import held, value_of
from spyglass.show.models.snapshots import Difference, SnapshotList, StateAt
from spyglass.show.moments import At, ExecutionId, Located, Moment, located, moment
from spyglass.show.parameters import Cursor, Limit, Project, decode_cursor, encode_cursor
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.read import memory as memory_read
from spyglass.store.read import messages as messages_read
from spyglass.store.read import snapshots as read
from spyglass.store.read.asking import Place

__all__ = ["router"]

router = resource(tags=["time travel"])

_MOST_STATE_BYTES: Final = 32 * 2**20  # that are put together and answered
_MOST_VALUE_BYTES: Final = 4_096  # of a value in a list of changes
_MOST: Final = 1_000  # messages, operations of memory, files
_SAID: Final = {
    "": "",
    "none_before": "no snapshot was taken until then",
    "no_state": "the sender told of the snapshot, and kept its content to itself",
    "hash_mismatch": "what is kept is not the state that was told",
}

Part = Literal["state", "messages", "memory", "files"]
_PARTS: Final = "Only these parts; `include=state&include=memory` for several."
Pointer = Annotated[str, Query(max_length=2048, description="Only this part of the state: a JSON pointer (RFC 6901), `/plan/0`; empty: all of it.")]


@router.get("/executions/{execution_id:name}/snapshots", response_model=SnapshotList, responses=NOT_FOUND, summary="The snapshots of an execution, in order")
def list_snapshots(services: Using, execution_id: ExecutionId, project: Project = "default", limit: Limit = 200, cursor: Cursor = None) -> Json:
    """Of an execution that is a span, also those that were taken in spans below it without naming an execution."""
    where = located(services, project, execution_id)
    found, following = read.snapshots(services.engine.read, project, where.run, where.own, limit, decode_cursor("snapshots", cursor))
    return Json({"items": list(map(_snapshot, found)), "next_cursor": encode_cursor("snapshots", following)})


@router.get("/executions/{execution_id:name}/state/diff", response_model=Difference, responses=NOT_FOUND, summary="What changed between two moments")
def state_difference(
    services: Using,
    execution_id: ExecutionId,
    from_: Annotated[At, Query(alias="from")],
    to: At = "last",
    pointer: Pointer = "",
    project: Project = "default",
    limit: Limit = 500,
) -> Json:
    """Of the states that the last snapshots until these moments hold. A value of more than 4 kB is told by its size."""
    where = located(services, project, execution_id)
    before, after = (_whole(services, where, moment(services, where, at, name), name, pointer) for at, name in ((from_, "from"), (to, "to")))
    found = list(islice(changes(before[1], after[1]), limit + 1))
    items = [
        {"kind": one.kind, "pointer": pointer.rstrip("/") + one.pointer, **_value("before", one.before), **_value("after", one.after)} for one in found[:limit]
    ]
    ends = {"before": _snapshot(before[0]), "after": _snapshot(after[0])}
    return Json({"execution_id": where.run.id, **ends, "items": items, "next_cursor": None, "truncated": len(found) > limit})


@router.get("/executions/{execution_id:name}/state", response_model=StateAt, responses=NOT_FOUND, summary="An execution at a moment")
def state_at(
    services: Using,
    execution_id: ExecutionId,
    at: At = "last",
    pointer: Pointer = "",
    include: Annotated[list[Part], Query(max_length=4, description=_PARTS)] = list(get_args(Part)),  # noqa: B006, B008 - FastAPI copies it
    project: Project = "default",
) -> Json:
    """Its state in the last snapshot until then, and what had been said, remembered and done to files by then."""
    where = located(services, project, execution_id)
    then = moment(services, where, at)
    state, problem, detail = _state(services, project, then.snapshot, pointer) if "state" in include else (None, "", "")
    look: dict[str, Callable[[], tuple[list[dict[str, Any]], bool]]] = {
        "messages": lambda: _messages(services, where, then.time_ns),
        "memory": lambda: _memory(services, where, then.time_ns),
        "files": lambda: _files(services, where, then.time_ns),
    }
    parts = {name: found() if name in include else ([], False) for name, found in look.items()}
    return Json(
        {
            "execution_id": where.run.id,
            "time": iso(then.time_ns),
            "snapshot": _snapshot(then.snapshot) if then.snapshot else None,
            "state": state,
            "problem": problem,
            "problem_detail": detail,
            **{name: items for name, (items, _) in parts.items()},
            "truncated": [name for name, (_, more) in parts.items() if more],
        }
    )


def _snapshot(row: dict[str, Any]) -> dict[str, Any]:
    manifest = _manifest(row)
    return {
        "id": row["event_id"],
        "time": iso(row["time_ns"]),
        "name": row["name"],
        "step": row["step"],
        "step_name": row["step_name"],
        "size_bytes": manifest.get("size_bytes", row["told_bytes"]),
        "hash": manifest.get("hash", ""),
        "placeholders": row["placeholders"],
        "cut": row["was_cut"],
        "has_state": row["body_type"] not in ("", "e"),
        "redacted": "redacted" in row["issues"],
        "trace_id": row["trace_id"],
        "span_id": row["span_id"],
    }


def _manifest(row: dict[str, Any]) -> dict[str, Any]:
    """What stands for the state; nothing where none was sent, or it could not be cut."""
    return {} if row["body_type"] in ("", "e") or "snapshots_failed" in row["issues"] else dict(orjson.loads(row["body"]))


def _state(services: Services, project: str, row: dict[str, Any] | None, pointer: str) -> tuple[Any, str, str]:
    """The state, or why there is none: a word and a sentence."""
    if row is None:
        return None, "none_before", _SAID["none_before"]
    size_bytes = _manifest(row).get("size_bytes", 0)
    if size_bytes > _MOST_STATE_BYTES and not pointer:
        return None, "too_large", f"the state has {size_bytes} bytes, and at most {_MOST_STATE_BYTES} are answered; ask for a part with `pointer`"
    found = read.state_of(services.engine.read, project, row)
    if found.data is None:
        parts = f"{found.missing} pieces of the state are not kept any more, or were lost with a damaged log entry"
        return None, found.problem, parts if found.problem == "pieces_missing" else _SAID[found.problem]
    value = pointed(_read(found), pointer)
    return (None, "nothing_there", f"pointer: {pointer} points at nothing in this state") if value is NOTHING else (value, "", "")


def _read(state: read.State) -> Any:
    """A state as JSON; a text that is none stands for itself."""
    text = (state.data or b"").decode("utf-8", "replace")
    if state.code != "s":
        return typed(text, state.code)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _whole(services: Services, where: Located, then: Moment, name: str, pointer: str) -> tuple[dict[str, Any], Any]:
    value, problem, detail = _state(services, where.project, then.snapshot, pointer)
    if problem and problem != "nothing_there":
        raise NotFound(f"{name}: {detail}", reason=problem)
    return then.snapshot or {}, None if problem else value


def _value(name: str, value: Any) -> dict[str, Any]:
    if value is NOTHING:
        return {name: None, f"{name}_bytes": 0}
    size_bytes = len(orjson.dumps(value))
    return {name: value if size_bytes <= _MOST_VALUE_BYTES else None, f"{name}_bytes": size_bytes}


def _messages(services: Services, where: Located, until_ns: int) -> tuple[list[dict[str, Any]], bool]:
    """What the spans of the execution had said: what goes into a call with its start, what comes out with its end."""
    ended = {span.span_id: span.end_ns for span in where.spans}
    if not ended:
        return [], False
    found: list[dict[str, Any]] = []
    after: Place | None = None
    for _ in range(20):  # pages: a trace may hold other executions
        table, after = messages_read.new_in_trace(services.engine.read, where.project, where.run.trace_id, _MOST, after)
        for row in table.set_column(table.schema.get_field_index("start"), "start", table["start"].cast(pa.int64())).to_pylist():
            span, start_ns = row["span_id"].hex(), row["start"]
            end_ns = ended.get(span)
            at_ns = start_ns if row["direction"] == "input" else end_ns
            if end_ns is not None and at_ns and at_ns <= until_ns:
                found.append(_message(row, span, at_ns))
        if after is None or len(found) > _MOST or after.figure > until_ns:
            break
    return found[:_MOST], len(found) > _MOST or (after is not None and after.figure <= until_ns)


def _message(row: dict[str, Any], span: str, at_ns: int) -> dict[str, Any]:
    told = {name: row[name] for name in ("direction", "role", "agent", "text")}
    return {"time": iso(at_ns), "span_id": span, **told, "body": orjson.loads(row["body"]) if row["body"] else None}


def _memory(services: Services, where: Located, until_ns: int) -> tuple[list[dict[str, Any]], bool]:
    whose = memory_read.Whose(execution=where.run.id, trace=where.run.trace_id, spans=[span.span_id for span in where.spans])
    from_ns = where.run.bounds["lo_ns"]
    rows, more = memory_read.operations(services.engine.read, where.project, whose, from_ns, until_ns, _MOST)
    return [_remembered(one.last) for one in held(rows)], more is not None


def _remembered(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("scope", "key", "action", "size_bytes", "hash")}
    return {**told, "time": iso(row["time_ns"]), "value": value_of(row)}


def _files(services: Services, where: Located, until_ns: int) -> tuple[list[dict[str, Any]], bool]:
    if not where.spans:
        return [], False
    found: Iterable[dict[str, Any]] = files_of(services, where.project, where.run.trace_id, {span.span_id for span in where.spans}, until_ns)
    items = list(islice(found, _MOST + 1))
    return items[:_MOST], len(items) > _MOST
