"""Which step follows which in the runs of an agent, and what a version does otherwise than another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import numpy as np
from fastapi import Query

from spyglass.analyze.ways.graph import Change, Graph, Way, compared, graph_of
from spyglass.analyze.ways.surprise import Surprise, surprises
from spyglass.model.errors import NotFound
from spyglass.model.schema import Kind
from spyglass.show.agent_names import AgentName, named
from spyglass.show.models.flow import FlowGraph
from spyglass.show.parameters import Project, WindowOf
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read.flow import MOST_RUNS, ways

__all__ = ["router"]

router = resource(tags=["agents"])

_MOST_EDGES: Final = 500
_MOST_WAYS: Final = 20
_MOST_SURPRISES: Final = 10
_RARE: Final = 0.05
_UNNAMED: Final = "(none)"
Version = Annotated[str | None, Query(max_length=256, description="A version as it calls itself; `(none)`: runs that told none.")]


@router.get("/agents/{agent:name}/flow", response_model=FlowGraph, responses=NOT_FOUND | CONFLICT, summary="Which tool follows which in the runs of an agent")
def agent_flow(services: Using, agent: AgentName, window: WindowOf, project: Project = "default", version: Version = None, against: Version = None) -> Json:
    """Of one version (the latest where none is named), compared with another if one is named. A run is the agent's part of a trace."""
    name = named(services, project, agent)
    table = ways(services.engine.read, scope_of(services, Kind.SPAN, project, window, ""), name)
    rows = table.to_pylist()
    versions = _versions(rows)
    version, against = ("" if one == _UNNAMED else one for one in (version, against))
    shown = version if version is not None else next(iter(versions), "")
    for wanted in (version, against):
        if wanted is not None and wanted not in versions:
            raise NotFound(f"agent {name} has no runs of version {wanted!r} in this time; there are runs of {', '.join(map(repr, versions)) or 'none'}")
    mine = [row for row in rows if row["version"] == shown]
    now = graph_of(_ways(mine))
    before = graph_of(_ways(row for row in rows if row["version"] == against)) if against is not None else None
    changes = compared(before, now) if before is not None else {}
    edges = _edges(now, before, changes)
    told = surprises(now, _ways(mine))
    return Json(
        {
            "agent": name,
            "versions": [{"version": one, "runs": runs, "last_seen": iso(last_ns)} for one, (runs, last_ns) in versions.items()],
            "version": shown,
            "against": against,
            "runs": now.of_runs,
            "runs_before": before.of_runs if before else None,
            "partial": sum(row["runs"] for row in rows) >= MOST_RUNS,
            "left_out": max(0, len(edges) - _MOST_EDGES),
            "items": edges[:_MOST_EDGES],
            "next_cursor": None,
            "steps": _steps(now, before, mine, [row for row in rows if row["version"] == against]),
            "ways": _common(mine, told, now.of_runs),
            "surprises": _rare(mine, told, now),
        }
    )


def _versions(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """Runs and the begin of the latest, the latest first."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        runs, last_ns = found.get(row["version"], (0, 0))
        found[row["version"]] = runs + row["runs"], max(last_ns, row["last_ns"])
    return dict(sorted(found.items(), key=lambda pair: (-pair[1][1], pair[0])))


def _ways(rows: Iterable[dict[str, Any]]) -> list[Way]:
    return [Way(tuple(row["way"]), row["runs"], bool(row["cut"])) for row in rows]


def _edges(now: Graph, before: Graph | None, changes: dict[tuple[str, str, bool, bool], Change]) -> list[dict[str, Any]]:
    """Those of the graph, most taken first; then those that only the other one has."""
    was = {before.key(edge): int(before.runs[edge]) for edge in range(len(before.runs))} if before else {}
    left = now.left()
    found, known = [], set()
    for edge in range(len(now.count)):
        key, count, runs = now.key(edge), int(now.count[edge]), int(now.runs[edge])
        known.add(key)
        share, chance = runs / now.of_runs, count / int(left[edge])
        told = {"from": key[0], "to": key[1], "count": count, "runs": runs, "share": share, "chance": chance}
        found.append(told | {"change": _change(changes.get(key), was.get(key, 0), before)})
    for key in sorted(was.keys() - known, key=lambda one: (-was[one], one)):
        told = {"from": key[0], "to": key[1], "count": 0, "runs": 0, "share": 0.0, "chance": 0.0}
        found.append(told | {"change": _change(changes.get(key), was[key], before)})
    return found


def _change(change: Change | None, was: int, before: Graph | None) -> dict[str, Any] | None:
    if change is None or before is None:
        return None
    same = ("kind", "difference", "low", "high", "probability", "false_share")
    return {"runs": was, "share": was / before.of_runs} | {name: getattr(change, name) for name in same}


def _steps(now: Graph, before: Graph | None, mine: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    calls = dict(zip(now.names, np.bincount(now.after, now.count, len(now.names)).astype(int).tolist(), strict=True))
    runs, was = _runs_with(mine), _runs_with(other)
    tools = sorted((runs.keys() | was.keys()) - {""}, key=lambda tool: (-calls.get(tool, 0), tool))
    return [{"tool": tool, "calls": calls.get(tool, 0), "runs": runs.get(tool, 0), "runs_before": was.get(tool, 0) if before else None} for tool in tools]


def _runs_with(rows: Iterable[dict[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        for tool in set(row["way"]):
            found[tool] = found.get(tool, 0) + row["runs"]
    return found


def _common(rows: Sequence[dict[str, Any]], told: Sequence[Surprise | None], runs: int) -> list[dict[str, Any]]:
    order = sorted(range(len(rows)), key=lambda at: (-rows[at]["runs"], -rows[at]["last_ns"]))[:_MOST_WAYS]
    return [_way(rows[at], told[at], runs) for at in order]


def _rare(rows: Sequence[dict[str, Any]], told: Sequence[Surprise | None], now: Graph) -> list[dict[str, Any]]:
    rare = [(at, one) for at, one in enumerate(told) if one is not None and one.chance <= _RARE]
    found = []
    for at, one in sorted(rare, key=lambda pair: (pair[1].chance, -pair[1].bits, -rows[pair[0]]["last_ns"]))[:_MOST_SURPRISES]:
        before, after, _, _ = now.key(one.edge)
        more = {"from": before, "to": after, "at": one.at, "chance": one.chance, "seen": one.seen}
        found.append(_way(rows[at], one, now.of_runs) | more)
    return found


def _way(row: dict[str, Any], told: Surprise | None, runs: int) -> dict[str, Any]:
    return {
        "steps": list(row["way"]),
        "cut": bool(row["cut"]),
        "runs": row["runs"],
        "share": row["runs"] / runs,
        "bits": told.bits if told else None,
        "last_seen": iso(row["last_ns"]),
        "trace_id": row["trace_id"],
    }
