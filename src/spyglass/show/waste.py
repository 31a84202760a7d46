"""What agents waste: dead and wasteful tools, and runs that go round in circles, with what they have spent so far."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import Query

from spyglass.model.schema import Kind
from spyglass.show.models.waste import LoopList, ToolWasteList
from spyglass.show.numbered import first_row, next_place
from spyglass.show.parameters import Cursor, Limit, Project, WindowOf
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read import waste as read
from spyglass.store.read.anomalies import of_agent
from spyglass.store.read.asking import Ask, Scope
from spyglass.store.read.findings import findings

__all__ = ["router"]

router = resource(tags=["usage"])

_MOST: Final = 2_000
_MOST_FOUND: Final = 1_000
_BYTES_PER_TOKEN: Final = 4  # of English and JSON, roughly
_SAME: Final = ("agent", "tool", "calls", "errors", "comparable", "repeated", "judged", "unread", "duration_ns", "failed_ns", "traces", "trace_id", "span_id")
_FOUND: Final = ("fingerprint", "rule", "severity", "title")
_GOING_ON: Final = frozenset({"running", "waiting", "stalled"})
Agent = Annotated[str, Query(max_length=512, description="Only of this agent; empty: of all.")]


@router.get("/tools/waste", response_model=ToolWasteList, summary="Dead and wasteful tools: calls that failed, repeat others, or that nobody reads")
def list_waste(services: Using, window: WindowOf, project: Project = "default", agent: Agent = "", limit: Limit = 200, cursor: Cursor = None) -> Json:
    """Per agent and tool, counted from the calls; with what the analyzer `tools` found of them. Tools that are never called have a finding and no calls."""
    first = first_row("waste", cursor)
    table = read.tools(services.engine.read, scope_of(services, Kind.SPAN, project, window, ""), agent, services.clock.now_ns(), _MOST)
    told = _found(services.engine.read, scope_of(services, Kind.EVENT, project, window, ""), agent)
    rows = table.to_pylist()
    items = [_item(row, told.pop((row["agent"], row["tool"]), [])) for row in rows]
    items += [_uncalled(*who, found) for who, found in told.items()]
    items.sort(key=lambda item: (not item["found"], -_wasted(item), -item["calls"], item["agent"], item["tool"]))
    following = next_place("waste", first, limit, len(items) - first)
    partial = bool(rows) and rows[0]["looked_at"] >= read.MOST_CALLS
    return Json({"items": items[first : first + limit], "next_cursor": following, "partial": partial})


@router.get("/loops", response_model=LoopList, summary="Runs that go, or went, round in circles, told last first")
def list_loops(services: Using, window: WindowOf, project: Project = "default", agent: Agent = "", limit: Limit = 100, cursor: Cursor = None) -> Json:
    """Loops, polling and retry storms, as the analyzer `loops` told of them; with the execution and what it has spent until now."""
    first = first_row("loops", cursor)
    scope = scope_of(services, Kind.EVENT, project, window, "")
    found = read.loops(services.engine.read, scope, agent, limit + 1, first)
    rows = found.slice(0, limit).to_pylist()
    runs = read.runs_of(services.engine.read, project, sorted({row["trace_id"] for row in rows}), services.clock.now_ns())
    return Json({"items": [_loop(row, runs.get(row["trace_id"], [])) for row in rows], "next_cursor": next_place("loops", first, limit, found.num_rows)})


def _found(engine: Ask, scope: Scope, agent: str) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """What the analyzer found, by agent and tool."""
    of_tools = Scope(scope.project, scope.from_ns, scope.to_ns, "attributes['spyglass.finding.analyzer'] = 'tools'")
    table = of_agent(engine, scope, agent, "tools", _MOST_FOUND) if agent else findings(engine, of_tools, _MOST_FOUND)
    told: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in table.select(["agent", "tool", *_FOUND]).to_pylist():
        told.setdefault((row["agent"], row["tool"]), []).append({name: row[name] for name in _FOUND})
    return told


def _item(row: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any]:
    more = {"result_tokens": row["result_bytes"] // _BYTES_PER_TOKEN, "last_seen": iso(row["last_ns"]), "found": found}
    return {name: row[name] for name in _SAME} | more


def _uncalled(agent: str, tool: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(_SAME, 0)
    return nothing | {"agent": agent, "tool": tool, "trace_id": "", "span_id": "", "result_tokens": 0, "last_seen": None, "found": found}


def _wasted(item: dict[str, Any]) -> int:
    return int(item["errors"] + item["repeated"] + item["unread"])


def _loop(row: dict[str, Any], runs: list[dict[str, Any]]) -> dict[str, Any]:
    run = next((one for one in runs if one["agent"] == row["agent"]), runs[0] if runs else None)
    same = ("fingerprint", "rule", "severity", "title", "suggestion", "agent", "trace_id", "span_id")
    calls = orjson.loads(row["calls"]) if row["calls"] else []
    return (
        {name: row[name] for name in same}
        | {"calls": [str(one) for one in calls] if isinstance(calls, list) else [str(calls)]}
        | {name: int(float(row[name] or 0)) for name in ("rounds", "run_calls", "run_tokens")}
        | {name: float(row[name] or 0) for name in ("spent_usd", "spent_since_usd")}
        | {"began": iso(row["first_ns"] or row["first_told_ns"]), "last_seen": iso(row["last_ns"])}
        | {"execution": run["id"] if run else None, "status": run["status"] if run else ""}
        | {"running": run is not None and run["status"] in _GOING_ON, "cost_usd": run["cost_usd"] if run else None}
    )
