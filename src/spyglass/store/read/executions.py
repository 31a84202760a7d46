"""Executions: the runs of agents, as spans of agents and the events `execution.*` tell of them.

In: ids, as `runs` lists them. Out: one row per execution (a dict, times in ns), its kin, and its steps.

Figures are made of the spans and calls of the traces that executions stand in, of so many at most. What would need more is None, and `partial` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pyarrow as pa

from spyglass.store.read.asking import DAY_NS, Ask, Place, ask, fragment, received_bound
from spyglass.store.read.runs import ENDED
from spyglass.store.read.subtrees import FIGURES, Subtrees
from spyglass.store.read.together import together
from spyglass.store.read.whereabouts import Range, Whereabouts

__all__ = ["family", "listed", "one", "rows", "steps"]

_BY_START, _BY_CREATION = 0, 1  # what says when it began: sql/ddl/0004_runs.sql
_MOST_SPANS: Final = 50_000  # that the figures of a page are made of
_MOST_CALLS: Final = 50_000
_MOST_RUNS: Final = 20_000  # in the traces of a page
_MOST_KIN: Final = 1_000
_MESSAGES: Final = 8  # the last ones of a span, among which what was asked is looked for
_BY: Final = {"id": "key IN (SELECT cityHash64(arrayJoin({id:Array(String)}))) AND id IN ({id:Array(String)})", "key": "key IN ({key:Array(UInt64)})"}
_SILENT: Final = frozenset({"stalled", "abandoned"})
_COUNTS: Final = (*FIGURES, "cost_usd", "spans", "errors")


@dataclass(frozen=True, slots=True)
class _Around:
    """The spans of the traces of some executions; traces that are too large are left out."""

    spans: Subtrees | None
    texts: dict[str, dict[str, str]]  # what went in and out, by the execution's id
    left_out: frozenset[str]  # trace ids


def rows(engine: Ask, project: str, ids: Sequence[str], now_ns: int) -> list[dict[str, Any]]:
    """What there is to say of these executions, in this order; those that do not exist are left out."""
    return [told for told, _ in _rows(engine, project, "id", ids, now_ns)]


def listed(engine: Ask, project: str, keys: Sequence[int], now_ns: int) -> list[dict[str, Any]]:
    """The same of the keys that `runs.page` gives."""
    return [told for told, _ in _rows(engine, project, "key", keys, now_ns)]


def one(engine: Ask, project: str, execution: str, now_ns: int) -> tuple[dict[str, Any], Subtrees | None] | None:
    """One execution and the spans around it; None: there is no such execution."""
    found = _rows(engine, project, "id", [execution], now_ns)
    return found[0] if found else None


def family(engine: Ask, project: str, told: dict[str, Any], around: Subtrees | None) -> tuple[list[str], list[str]]:
    """The ids of its children, and of what was forked from it; a thousand of each at most."""
    named = {"project": project, "ids": [told["id"]], "received_ns": max(0, told["begin_ns"] - DAY_NS), "limit": _MOST_KIN}
    said, forks = together(lambda: ask(engine, "executions/kin", named, by="parent_id"), lambda: ask(engine, "executions/kin", named, by="forked_from"))
    below = around.children(told["id"]) if around is not None and told["id"] in around else []
    return list(dict.fromkeys([*said["id"].to_pylist(), *below]))[:_MOST_KIN], forks["id"].to_pylist()


def steps(
    engine: Ask, project: str, told: dict[str, Any], around: Subtrees | None, limit: int, after: Place | None
) -> tuple[list[dict[str, Any]], Place | None]:
    """What an execution did, in order: the steps that it tells of, or the spans that are its steps where it tells of none."""
    at = after or Place(-1, "")
    if told["tells_steps"]:
        lo_ns = max(0, told["begin_ns"] - DAY_NS)  # clocks of several machines may differ
        bounds = {"project": project, "id": told["id"], "lo_ns": lo_ns, "hi_ns": told["last_step_ns"], "received_ns": received_bound(lo_ns)}
        table = ask(engine, "executions/steps", {**bounds, "after_ns": at.figure, "after_place": at.id, "limit": limit + 1})
        found = [_told_step(row) for row in table.to_pylist()]
    elif around is not None and told["id"] in around:
        found = [_span_step(number, row) for number, row in enumerate(around.steps(told["id"]).to_pylist(), 1)]
        found = [step for step in found if (step["time_ns"], step["place"]) > (at.figure, at.id)][: limit + 1]
    else:
        found = []
    kept = found[:limit]
    return kept, Place(kept[-1]["time_ns"], kept[-1]["place"]) if len(found) > limit else None


def _rows(engine: Ask, project: str, by: Literal["id", "key"], wanted: Sequence[Any], now_ns: int) -> list[tuple[dict[str, Any], Subtrees | None]]:
    if not wanted:
        return []
    table = ask(engine, "executions/rows", {"project": project, by: list(wanted)}, these=_BY[by], state=fragment("executions/state"))
    known = {row[by]: row for row in table.to_pylist()}
    found = [known[one] for one in wanted if one in known]
    around = _around(engine, project, found)
    return [(_row(told, around, now_ns), around.spans) for told in found]


def _row(told: dict[str, Any], around: _Around, now_ns: int) -> dict[str, Any]:
    begin_ns, ended_ns = told["begin_ns"], told["ended_ns"]
    open_ = told["status"] not in ENDED
    until_ns = now_ns if open_ else ended_ns
    row = told | {
        "trace_id": told["trace_id"].hex() if any(told["trace_id"]) else "",
        "span_id": told["span_id"].hex() if any(told["span_id"]) else "",
        "ended_ns": None if open_ else max(begin_ns, ended_ns),
        "duration_ns": max(0, until_ns - begin_ns),
        # Here and not in the query: each time that it names the status costs it ten milliseconds of planning.
        "waiting_for": told["waiting_for"] if told["status"] == "waiting" else "",
        "silent_ns": told[f"{told['status']}_at_ns"] if told["status"] in _SILENT else 0,
        "tells_steps": bool(told["last_step_ns"]),
        "memory_bytes": told["memory_bytes"] or None,
        "cpu_s": told["cpu_s"] or None,
        "issues": _issues(told),
    }
    row |= {name: text for name, text in around.texts.get(told["id"], {}).items() if not told[name]}
    return row | _figures(told, around)


def _figures(told: dict[str, Any], around: _Around) -> dict[str, Any]:
    """What its spans say; a run that tells its steps itself knows better which they are."""
    if told["trace_id"].hex() in around.left_out:
        return dict.fromkeys(_COUNTS) | {"partial": True}
    if around.spans is None or told["id"] not in around.spans:
        return dict.fromkeys(_COUNTS, 0) | {"errors": told["failed_steps"], "partial": False}
    figures: dict[str, Any] = around.spans.figures(told["id"]) | {"partial": False, "parent_id": told["parent_id"] or around.spans.parent(told["id"])}
    figures["errors"] = max(figures["errors"], told["failed_steps"])
    last = None if told["last_step_ns"] else around.spans.last_step(told["id"])
    if last is not None:
        figures |= {"steps": max(told["steps"], around.spans.step_count(told["id"])), "last_step": last["name"], "last_step_ns": last["start_ns"]}
    return figures


def _issues(told: dict[str, Any]) -> list[str]:
    """What is odd about how it was told."""
    ended_ns, begin_ns, started = told["ended_ns"], told["begin_ns"], told["told_by"] == _BY_START
    odd = {
        "no_start": told["told_by"] > _BY_CREATION,
        "started_twice": told["source"] == "event" and started and begin_ns < told["begun_last_ns"],
        "ended_twice": ended_ns < told["ended_last_ns"],
        "ended_before_start": started and ended_ns < begin_ns,
    }
    return [name for name, holds in odd.items() if holds]


def _around(engine: Ask, project: str, found: list[dict[str, Any]]) -> _Around:
    traces = list(dict.fromkeys(told["trace_id"].hex() for told in found if any(told["trace_id"])))
    known = Whereabouts.of(engine, project, traces)
    at = Whereabouts(project, tuple(_within(known.ranges)))
    left_out = frozenset(one.trace_id for one in known.ranges) - {one.trace_id for one in at.ranges}
    if not at:
        return _Around(None, {}, left_out)
    bound = at.parameters
    spans, texts, calls, runs = together(
        lambda: ask(engine, "executions/skeleton", bound | {"limit": _MOST_SPANS}, where=at.condition),
        lambda: _texts(engine, at, found),
        lambda: ask(engine, "executions/calls", bound | {"limit": _MOST_CALLS}, hours=at.hours),
        lambda: ask(engine, "executions/of_traces", bound | {"limit": _MOST_RUNS}),
    )
    return _Around(Subtrees(spans, calls, runs), texts, left_out)


def _within(ranges: Sequence[Range]) -> list[Range]:
    """As many traces as the bound leaves room for, small ones first."""
    kept, room = [], _MOST_SPANS
    for one in sorted(ranges, key=lambda each: each.span_rows):
        room -= one.span_rows
        if room >= 0:
            kept.append(one)
    return kept


def _texts(engine: Ask, at: Whereabouts, found: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """What went in and out, of executions that are spans: as the span has it, else the last that a user and a model said there."""
    inside = {one.trace_id for one in at.ranges}
    spans = sorted({told["span_id"].hex() for told in found if told["source"] == "span" and told["trace_id"].hex() in inside})
    if not spans:
        return {}
    table = ask(engine, "executions/texts", at.parameters | {"spans": spans, "messages": _MESSAGES}, where=at.condition)
    told = table.to_pylist()
    hashes = sorted({one for row in told for one in (*row["asked"], *row["answered"])})
    scopes = sorted({one for row in told for one in row["scopes"]})
    said = ask(engine, "executions/said", {"project": at.project, "hashes": hashes, "scopes": scopes}) if hashes else pa.table({"id": []})
    known = {row["id"]: row for row in said.to_pylist()}
    return {row["id"]: _said(row, known) for row in told}


def _said(row: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, str]:
    asked = [known[one]["text"] for one in row["asked"] if one in known and known[one]["role"] == "user" and known[one]["text"]]
    answered = [known[one]["text"] for one in row["answered"] if one in known and known[one]["text"]]
    return {"input": row["input"] or (asked[-1] if asked else ""), "output": row["output"] or (answered[-1] if answered else "")}


def _told_step(row: dict[str, Any]) -> dict[str, Any]:
    ids = {name: row[name].hex() if any(row[name]) else "" for name in ("trace_id", "span_id")}
    return row | ids | {"kind": "", "duration_ns": None, "number": row["number"] or None}


def _span_step(number: int, row: dict[str, Any]) -> dict[str, Any]:
    status = "running" if row["pending"] else "failed" if row["failed"] else "ok"
    plain = {"time_ns": row["start_ns"], "place": f"{row['place']:020d}", "number": number, "name": row["name"], "status": status, "kind": row["kind"]}
    ids = {"trace_id": row["trace_id"].hex(), "span_id": row["span_id"].hex()}
    return plain | ids | {"duration_ns": None if row["pending"] else row["duration_ns"], "input": "", "output": ""}
