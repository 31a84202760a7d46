"""Snapshots of an execution, their states put together again, its steps and its recorded calls.

A state is asked for by the manifest that stands in its event (refine/snapshots.py says what that is); pieces are read a level at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import orjson
import pyarrow as pa

from spyglass.store.read.asking import DAY_NS, Ask, Place, ask, received_bound
from spyglass.store.read.whereabouts import ranges

__all__ = [
    "MOST_SPANS",
    "Run",
    "Span",
    "State",
    "answers",
    "calls",
    "calls_told",
    "last",
    "run_of",
    "snapshot",
    "snapshots",
    "spans_of",
    "state_of",
    "steps",
]

MOST_SPANS: Final = 20_000  # of a trace that are looked at
_EVER_NS: Final = 2**63 - 1
_NEVER_NS: Final = 2**61 - 1
_HASH_BYTES: Final = 16
_PIECES_AT_ONCE: Final = 1_000
_DEEPEST: Final = 6  # lists of lists: sixteen million parts have five levels


@dataclass(frozen=True, slots=True)
class Run:
    """An execution, as far as it takes to find its records. Times in ns, by its own clock."""

    id: str
    by_span: bool  # it is an agent's span, and not only told by events
    trace_id: str  # hex; zeros: none
    span_id: str
    begin_ns: int
    end_ns: int  # 0: it has not ended
    last_ns: int  # no record of it is later
    agent: str
    agent_id: str
    name: str
    parent_id: str
    forked_from: str
    forked_at_step: int

    @property
    def bounds(self) -> dict[str, int]:
        """Where in time its records lie; clocks of several machines may differ."""
        low = max(0, self.begin_ns - DAY_NS)
        return {"lo_ns": low, "hi_ns": self.last_ns, "received_ns": received_bound(low)}


@dataclass(frozen=True, slots=True)
class Span:
    """A span of an execution."""

    span_id: str
    kind: str
    name: str
    start_ns: int
    end_ns: int  # 0: it has not ended
    failed: bool
    input: str
    output: str


@dataclass(frozen=True, slots=True)
class State:
    """A state, or why there is none: `no_state` (none was sent), `pieces_missing`, `hash_mismatch`."""

    data: bytes | None
    code: str = "s"  # type code of the body as it was sent
    problem: str = ""
    missing: int = 0  # pieces that are not kept any more, as far as that was found out
    manifest: dict[str, Any] = field(default_factory=dict)


def run_of(engine: Ask, project: str, execution: str) -> Run | None:
    """The execution of this id; None: there is none."""
    found = ask(engine, "snapshots/run", {"project": project, "id": execution}).to_pylist()
    if not found:
        return None
    row = found[0]
    begin = row["begin_ns"] if row["begin_ns"] < _NEVER_NS else row["heard_ns"]
    end = row["end_ns"] if row["end_ns"] < _EVER_NS else 0
    last = min(max(end, row["heard_ns"], begin) + DAY_NS, _EVER_NS)  # decode lets no clock run ahead by more
    where = (row["trace_id"].hex(), row["span_id"].hex())
    who = (row["agent"], row["agent_id"], row["name"], row["parent_id"], row["forked_from"], row["forked_at_step"])
    return Run(execution, row["spoken"] == 2, *where, begin, end, last, *who)


def spans_of(engine: Ask, project: str, run: Run) -> list[Span]:
    """The span of an execution and those below it, by their starts, of the first 20,000 of its trace; the nearest other execution's spans are among them."""
    if not run.trace_id.strip("0") or not ranges(engine, project, [run.trace_id]):
        return []
    asked = {"project": project, "trace": run.trace_id, **run.bounds, "limit": MOST_SPANS}
    rows = ask(engine, "snapshots/spans", asked).to_pylist()
    below: dict[bytes, list[dict[str, Any]]] = {}
    for row in rows:
        below.setdefault(row["parent_span_id"], []).append(row)
    work = [row for row in rows if row["span_id"].hex() == run.span_id]
    found: dict[bytes, dict[str, Any]] = {}
    while work:
        row = work.pop()
        if row["span_id"] not in found:
            found[row["span_id"]] = row
            work += below.get(row["span_id"], ())
    return [_span(row) for row in sorted(found.values(), key=lambda row: (row["start_ns"], row["span_id"]))]


def _span(row: dict[str, Any]) -> Span:
    name = row["tool"] or row["model"] or row["name"]
    end = 0 if row["pending"] else row["end_ns"]
    return Span(row["span_id"].hex(), row["kind"], name, row["start_ns"], end, row["status"] == "error", row["input"], row["output"])


def snapshots(engine: Ask, project: str, run: Run, spans: Sequence[str], limit: int, after: Place | None) -> tuple[list[dict[str, Any]], Place | None]:
    """A page of snapshots in order of time: columns of snapshots/list.sql; and where the next one begins."""
    at = after or Place(-1, "")
    found = _list(engine, project, run, spans, limit=limit + 1, after_ns=at.figure, after_place=at.id)
    page = found[:limit]
    return page, Place(page[-1]["time_ns"], page[-1]["event_id"]) if len(found) > limit else None


def snapshot(engine: Ask, project: str, run: Run, spans: Sequence[str], event: str) -> dict[str, Any] | None:
    """One snapshot by the id of its event; None: the execution has none such."""
    return next(iter(_list(engine, project, run, spans, snapshot=event)), None)


def _list(engine: Ask, project: str, run: Run, spans: Sequence[str], **told: Any) -> list[dict[str, Any]]:
    asked = {
        "project": project,
        "id": run.id,
        "trace": run.trace_id,
        "spans": list(spans),
        "snapshot": "",
        "after_ns": -1,
        "after_place": "",
        "limit": 1,
        **run.bounds,
        **told,
    }
    return list(ask(engine, "snapshots/list", asked).to_pylist())


def last(engine: Ask, project: str, run: Run, spans: Sequence[str], *, until_ns: int | None = None, step: int = 0) -> str | None:
    """The id of the last snapshot until a moment, or of the last one of a step; None: there is none."""
    bounds = run.bounds | ({} if until_ns is None else {"hi_ns": min(until_ns, run.last_ns)})
    found = ask(engine, "snapshots/last", {"project": project, "id": run.id, "trace": run.trace_id, "spans": list(spans), **bounds, "step": step, "limit": 1})
    return str(found["event_id"][0].as_py()) if found.num_rows else None


def state_of(engine: Ask, project: str, row: dict[str, Any]) -> State:
    """The state of a snapshot (a row of `snapshots`)."""
    if row["body_type"] in ("", "e"):
        return State(None, problem="no_state")
    if "snapshots_failed" in row["issues"]:  # it could not be cut, and stands as it came
        return State(row["body"].encode(), row["body_type"])
    manifest = orjson.loads(row["body"])
    day = row["received_ns"] // DAY_NS * DAY_NS
    asked = {"project": project, "first_ns": day, "last_ns": day + DAY_NS - 1}
    level = bytes.fromhex(manifest["pieces"])
    for depth in range(min(manifest["depth"], _DEEPEST) + 1):
        data, missing = _joined(engine, asked, list(_hashes(level)))
        if missing:
            return State(None, manifest["type"], "pieces_missing", missing, manifest)
        level = data
        if depth == manifest["depth"]:
            break
    if blake2b(level, digest_size=_HASH_BYTES).hexdigest() != manifest["hash"]:
        return State(None, manifest["type"], "hash_mismatch", manifest=manifest)
    return State(level, manifest["type"], manifest=manifest)


def _hashes(level: bytes) -> Iterator[str]:
    return (level[at : at + _HASH_BYTES].hex() for at in range(0, len(level), _HASH_BYTES))


def _joined(engine: Ask, asked: dict[str, Any], hashes: list[str]) -> tuple[bytes, int]:
    """These pieces one after the other, and how many are missing."""
    known: dict[str, bytes] = {}
    distinct = sorted(set(hashes))
    for first in range(0, len(distinct), _PIECES_AT_ONCE):
        table = ask(engine, "snapshots/pieces", asked | {"hashes": distinct[first : first + _PIECES_AT_ONCE]})
        known.update(zip(table["hash"].to_pylist(), table["data"].cast(pa.binary()).to_pylist(), strict=True))
    return b"".join(known.get(each, b"") for each in hashes), sum(1 for each in distinct if each not in known)


def steps(engine: Ask, project: str, run: Run, limit: int) -> list[dict[str, Any]]:
    """The steps that events tell: columns of snapshots/steps.sql."""
    return list(ask(engine, "snapshots/steps", {"project": project, "id": run.id, **run.bounds, "limit": limit}).to_pylist())


def calls(engine: Ask, project: str, run: Run, limit: int, after: int = -1) -> list[dict[str, Any]]:
    """Recorded calls in the order in which they began, after the call of this number: columns of snapshots/calls.sql."""
    return list(ask(engine, "snapshots/calls", {"project": project, "id": run.id, **run.bounds, "after_ns": after, "limit": limit}).to_pylist())


def calls_told(engine: Ask, project: str, run: Run) -> tuple[bool, int]:
    """Whether a record that tells the end of an execution is visible, and how many of the calls that it told then have not arrived (yet)."""
    asked = {"project": project, "id": run.id, "trace": run.trace_id, "span": run.span_id, **run.bounds}
    row = ask(engine, "snapshots/calls_told", asked).to_pylist()[0]
    return bool(row["ended"]), max(0, row["told"] - row["kept"])


def answers(engine: Ask, project: str, run: Run, events: Sequence[str]) -> dict[str, str]:
    """What recorded calls answered, as it was sent, by the ids of their events."""
    if not events:
        return {}
    found = ask(engine, "snapshots/answers", {"project": project, "events": list(events), **run.bounds})
    return dict(zip(found["event_id"].to_pylist(), found["body"].to_pylist(), strict=True))
