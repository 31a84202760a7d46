"""Evidence: a trace beside what runners saw in its time."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any, Final

import orjson
import pyarrow as pa
from fastapi import Path

from spyglass.join.asked import asked
from spyglass.join.caused import Caused, caused
from spyglass.join.evidence import LIKELY, Evidence, Watched, join
from spyglass.join.nouns import Action, Call, Claim, Link, Process, ProcessKey
from spyglass.model.errors import NotFound
from spyglass.show.models.evidence import CausedBySpan, EvidenceCounts, ExecutionProcesses, TraceEvidence
from spyglass.show.parameters import Project
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.read import evidence as read
from spyglass.store.read.asking import Ask
from spyglass.store.read.together import together
from spyglass.store.read.whereabouts import Whereabouts

__all__ = ["files_of", "joined", "router"]

router = resource(tags=["evidence"])

TraceId = Annotated[str, Path(pattern=r"^[0-9a-fA-F]{32}$", description="Trace id, 32 hex digits.")]
_BESIDE_NS: Final = 2 * 10**9  # what was seen so long before and after the trace is looked at, too
_LOOKING_NS: Final = 3_600 * 10**9  # a watch that was looking has an event so near
_NO_SPAN: Final = "0" * 16
_OF_SPAN: Final = re.compile(r"[0-9a-fA-F]{32}-[0-9a-fA-F]{16}")  # id of an execution that is a span


@router.get(
    "/traces/{trace_id}/evidence", response_model=TraceEvidence, responses=NOT_FOUND, summary="What runners saw in the time of a trace, joined with its spans"
)
def trace_evidence(services: Using, trace_id: TraceId, project: Project = "default") -> Json:
    """Processes, files, connections and model calls with the spans that caused them; what no span explains, and what spans claim without evidence."""
    trace_id = trace_id.lower()
    claims, found, truncated = _found(services, project, trace_id)
    names = {claim.span_id: claim.name for claim in claims}
    return Json(
        {
            "trace_id": trace_id,
            "watches": [{"watch": one.watch, "first": iso(one.first_ns), "last": iso(one.last_ns), "calls": one.calls} for one in found.watches],
            "processes": _processes(found.processes),
            "actions": [_action(action, found) for action in found.actions],
            "calls": [_call(call, found.call_links.get(call.span_id)) for call in found.calls],
            "spans": [_caused(one) for one in caused(found)],
            "unsupported": [{"span_id": one.span_id, "name": names[one.span_id], "reason": one.reason} for one in found.unsupported],
            "unexplained": len(found.unexplained),
            "truncated": truncated,
        }
    )


@router.get("/traces/{trace_id}/evidence/counts", response_model=EvidenceCounts, responses=NOT_FOUND, summary="How much evidence there is of a trace")
def trace_evidence_counts(services: Using, trace_id: TraceId, project: Project = "default") -> Json:
    """The numbers of what `/evidence` lists, in a few bytes; at once where nobody was watching."""
    trace_id = trace_id.lower()
    at = _at(services, project, trace_id)
    looking = bool(_watches(services.engine.read, project, *_time_of(at)))
    _, found, truncated = _joined(services.engine.read, at) if looking else ([], Evidence(), False)
    return Json(
        {
            "trace_id": trace_id,
            "watches": len(found.watches),
            "processes": len(found.processes),
            "actions": len(found.actions),
            "calls": len(found.calls),
            "unexplained": len(found.unexplained),
            "untold": sum(_link(found.call_links.get(call.span_id)) is None for call in found.calls),
            "unsupported": len(found.unsupported),
            "truncated": truncated,
        }
    )


@router.get(
    "/traces/{trace_id}/spans/{span_id}/evidence", response_model=CausedBySpan, responses=NOT_FOUND, summary="Processes, files and hosts that a span caused"
)
def span_evidence(
    services: Using,
    trace_id: TraceId,
    span_id: Annotated[str, Path(pattern=r"^[0-9a-fA-F]{16}$", description="Span id, 16 hex digits.")],
    project: Project = "default",
) -> Json:
    """What `/evidence` links to this span, each once; nothing where nobody was watching."""
    at = _at(services, project, trace_id.lower())
    found = _joined(services.engine.read, at)[1] if _watches(services.engine.read, project, *_time_of(at)) else Evidence()
    mine = next((one for one in caused(found) if one.span_id == span_id.lower()), Caused(span_id.lower()))
    ours = set(mine.processes)
    return Json({**_caused(mine), "watches": len(found.watches), "processes": _processes(one for one in found.processes if one.key in ours)})


@router.get("/executions/{execution_id}/processes", response_model=ExecutionProcesses, responses=NOT_FOUND, summary="The processes that an execution caused")
def execution_processes(
    services: Using,
    execution_id: Annotated[str, Path(max_length=4096, description="Id of the execution, of one that is an agent's span.")],
    project: Project = "default",
) -> Json:
    """Those that are linked to a span of the execution, and all below them."""
    trace, _, span = execution_id.lower().partition("-")
    if not _OF_SPAN.fullmatch(execution_id) or not read.is_agent(services.engine.read, project, trace, span):
        raise NotFound(f"there is no execution {execution_id:.80} in project {project} that is a span")
    claims, found, _ = _found(services, project, trace)
    whole = any(claim.span_id == span and claim.by_runner for claim in claims)  # a watched program: all that it started is its
    below = _below(span, claims)
    return Json({"items": _processes(one for one in found.processes if whole or (one.link and one.link.span_id in below)), "next_cursor": None})


def files_of(services: Services, project: str, trace_id: str, spans: Set[str], until_ns: int) -> Iterator[dict[str, Any]]:
    """What processes that these spans of a trace caused had done to files until a time, as runners saw it; nothing where nobody was watching."""
    at = Whereabouts.of(services.engine.read, project, [trace_id])
    if not at or not _watches(services.engine.read, project, *_time_of(at)):
        return
    _, found, _ = _joined(services.engine.read, at)
    for action in found.actions:
        link = found.links.get(action.event_id)
        if action.name.startswith("file.") and action.time_ns <= until_ns and link and link.span_id in spans and link.confidence >= LIKELY:
            yield _action(action, found)


def joined(ask: Ask, project: str, trace_id: str) -> tuple[list[Claim], Evidence] | None:
    """What a trace claims and what belongs to it; None: there is no such trace. `trace_id` in hex."""
    at = Whereabouts.of(ask, project, [trace_id])
    claims, found, _ = _joined(ask, at) if at else ([], Evidence(), False)
    return (claims, found) if claims else None


def _found(services: Services, project: str, trace_id: str) -> tuple[list[Claim], Evidence, bool]:
    return _joined(services.engine.read, _at(services, project, trace_id))


def _at(services: Services, project: str, trace_id: str) -> Whereabouts:
    at = Whereabouts.of(services.engine.read, project, [trace_id])
    if not at:
        raise NotFound(f"there is no trace {trace_id} in project {project}")
    return at


def _time_of(at: Whereabouts) -> tuple[int, int]:
    """What is looked at (ns)."""
    return at.ranges[0].start - _BESIDE_NS, at.ranges[0].end + _BESIDE_NS


def _joined(ask: Ask, at: Whereabouts) -> tuple[list[Claim], Evidence, bool]:
    """What the trace claims, what belongs to it, and whether there was more than is looked at."""
    when = (at.project, *_time_of(at))
    said, answered, acted = together(partial(read.claims, ask, at), partial(read.asked, ask, at), partial(read.actions, ask, *when))
    called, looked, strange = together(
        partial(read.calls, ask, *when), partial(_watches, ask, *when), partial(read.others, ask, at.project, at.ranges[0].trace_id, *_time_of(at))
    )
    claims = [_claim(row) for row in said.to_pylist()]
    claims += asked(claims, ((row["span_id"].hex(), row["body"]) for row in answered.to_pylist()))
    wire = set(called["watch"].to_pylist())
    watches = [Watched(row["watch"], row["first_ns"], row["last_ns"], row["watch"] in wire) for row in looked]
    seen = [_acted(row) for row in acted.to_pylist()], [_called(row) for row in called.to_pylist()]
    found = join(claims, *seen, watches, at.ranges[0].trace_id, others=[_claim(row) for row in strange.to_pylist()])
    return claims, found, acted.num_rows >= read.MOST


def _watches(ask: Ask, project: str, low_ns: int, high_ns: int) -> list[dict[str, Any]]:
    table: pa.Table = read.watches(ask, project, low_ns - _LOOKING_NS, high_ns + _LOOKING_NS)
    return list(table.to_pylist())


def _claim(row: Mapping[str, Any]) -> Claim:
    parent = row["parent_span_id"].hex()
    what = (row["kind"], row["name"], row["tool"], row.get("model", ""), row.get("response_id", ""))
    where = (_number(row["pid"]), row["host_id"], row["watch"], row["seen"], row["by_runner"])
    parent_id = "" if parent == _NO_SPAN else parent
    return Claim(row["span_id"].hex(), parent_id, *what, row["start_ns"], row["start_ns"] + row["duration_ns"], row["arguments"], *where)


def _acted(row: Mapping[str, Any]) -> Action:
    told = dict(row["attributes"])
    host = row["host_id"]
    span = row["span_id"].hex()
    return Action(
        row["event_id"].hex(),
        row["time_ns"],
        row["event_name"],
        ProcessKey(host, _number(told.get("process.pid")), told.get("process.creation.time", "")),
        _number(told.get("process.parent_pid")),
        _number(told.get("spyglass.root_pid")),
        row["watch"],
        argv=_words(told.get("process.command_args", "")),
        path=told.get("file.path") or told.get("process.executable.path", ""),
        target=told.get("file.target_path", ""),
        peer=told.get("network.peer.address", ""),
        port=_number(told.get("network.peer.port")),
        server=told.get("server.address") or told.get("dns.question.name", ""),
        child=_number(told.get("process.child.pid")),
        error=told.get("error.type", ""),
        code=_number(told["process.exit.code"]) if "process.exit.code" in told else None,
        signal=told.get("process.exit.signal", ""),
        duration_ns=_number(told.get("process.duration_ns")),
        read_bytes=_number(told.get("file.read_bytes") or told.get("network.received_bytes")),
        written_bytes=_number(told.get("file.written_bytes") or told.get("network.sent_bytes")),
        trace_id=row["trace_id"].hex(),
        span_id="" if span == _NO_SPAN else span,
        command=told.get("process.command", ""),
    )


def _called(row: Mapping[str, Any]) -> Call:
    times = (row["start_ns"], row["start_ns"] + row["duration_ns"])
    ids = (row["trace_id"].hex(), row["span_id"].hex(), row["parent_span_id"].hex())
    return Call(*ids, row["model"], row["response_id"], *times, _number(row["pid"]), row["host_id"], row["server"], row["peer"], _number(row["port"]))


def _number(text: str | None) -> int:
    return int(text) if text and text.lstrip("-").isdigit() else 0


def _words(text: str) -> tuple[str, ...]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return (text,) if text else ()
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _below(span: str, claims: Iterable[Claim]) -> set[str]:
    children: dict[str, list[str]] = {}
    for claim in claims:
        children.setdefault(claim.parent_id, []).append(claim.span_id)
    found, work = {span}, [span]
    while work:
        new = [child for child in children.get(work.pop(), ()) if child not in found]
        found.update(new)
        work += new
    return found


def _processes(processes: Iterable[Process]) -> list[dict[str, Any]]:
    return list(map(_process, processes))


def _process(one: Process) -> dict[str, Any]:
    return {
        "id": _name(one.key),
        "parent": _name(one.parent) if one.parent else None,
        "pid": one.key.pid,
        "host_id": one.key.host,
        "command_args": list(one.programs[0]) if one.programs else [],
        "programs": [list(argv) for argv in one.programs],
        "executable": one.path,
        "start": iso(one.started_ns),
        "end": iso(one.ended_ns) if one.ended_ns else None,
        "exit_code": None if one.signal else one.code,
        "exit_signal": one.signal,
        "link": _link(one.link),
    }


def _name(key: ProcessKey) -> str:
    return "/".join(_parts(key))


def _parts(key: ProcessKey) -> Iterator[str]:
    yield from (part for part in (key.host, str(key.pid), key.born) if part)


def _action(one: Action, found: Evidence) -> dict[str, Any]:
    return {
        "event_id": one.event_id,
        "time": iso(one.time_ns),
        "name": one.name,
        "process": _name(one.process),
        "what": _what(one),
        "target": one.target,
        "error": one.error,
        "read_bytes": one.read_bytes,
        "written_bytes": one.written_bytes,
        "link": _link(found.links.get(one.event_id)),
        "unexplained": one.event_id in found.unexplained,
    }


def _what(one: Action) -> str:
    match one.name.partition(".")[0]:
        case "process":
            return shlex.join(one.argv) if one.argv else one.signal or (f"exit {one.code}" if one.code is not None else one.path)
        case "file":
            return f"{one.path} → {one.target}" if one.target else one.path
        case _:
            return f"{one.server or one.peer}:{one.port}" if one.port else one.server or one.peer


def _caused(one: Caused) -> dict[str, Any]:
    return {
        "span_id": one.span_id,
        "processes": [_name(key) for key in one.processes],
        "files": [asdict(use) for use in one.files.values()],
        "hosts": [asdict(use) for use in one.hosts.values()],
    }


def _call(one: Call, link: Link | None) -> dict[str, Any]:
    ids = {"trace_id": one.trace_id, "span_id": one.span_id, "start": iso(one.start_ns), "duration_ns": one.end_ns - one.start_ns}
    return {**ids, "model": one.model, "server": one.server, "pid": one.pid, "link": _link(link)}


def _link(link: Link | None) -> dict[str, Any] | None:
    """Links that are not likely are not shown."""
    return {"span_id": link.span_id, "confidence": round(link.confidence, 3), "reason": link.reason} if link and link.confidence >= LIKELY else None
