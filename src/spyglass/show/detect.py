"""What stands out in an agent's past, looked at on demand; and what analyzers have found of an agent."""

from __future__ import annotations

from typing import Annotated, Any, Final

import numpy as np
from fastapi import APIRouter, Query

from spyglass.analyze.series.standing_out import Seen, stands_out
from spyglass.model.schema import Kind
from spyglass.show.agent_names import AgentName, named
from spyglass.show.findings import item_of
from spyglass.show.models.detect import Detected, Detection
from spyglass.show.models.findings import FindingList
from spyglass.show.numbered import first_row, page
from spyglass.show.one_series import Line, Wanted, line_of, nice_bucket_s
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read.anomalies import of_agent

__all__ = ["router"]

router = APIRouter(tags=["findings"])

_FIGURES: Final = {"calls": "count", "failures": "error_share", "duration": "p50_ns", "output_tokens": "output_tokens_mean", "cost": "cost_usd_mean"}
_UNITS: Final = {"calls": "calls", "failures": "1", "duration": "ns", "output_tokens": "tokens", "cost": "USD"}


@router.get("/agents/{agent:name}/anomalies", response_model=FindingList, responses=NOT_FOUND | CONFLICT, summary="What was found of one agent")
def list_anomalies(
    services: Using,
    agent: AgentName,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    analyzer: Annotated[str, Query(max_length=64, description="Only what this analyzer found; empty: all.")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """Findings about the agent, and those of a cause that it shares with others; one per kind of trouble, last seen first."""
    name, first = named(services, project, agent), first_row("anomalies", cursor)
    scope = scope_of(services, Kind.EVENT, project, window, query)
    told = page("anomalies", of_agent(services.engine.read, scope, name, analyzer, limit + 1, first), first, limit)
    return Json({**told, "items": [item_of(row) for row in told["items"]]})


@router.post("/detect/{agent:name}", response_model=Detected, responses=NOT_FOUND | CONFLICT, summary="Look for what stands out in an agent's past")
def detect(services: Using, agent: AgentName, window: WindowOf, wanted: Detection, project: Project = "default") -> Json:
    """The detectors over one figure of the agent: every bucket with the band that was to be expected, at the rate of false alarms that was asked for."""
    name = named(services, project, agent)
    series = Wanted(wanted.kind, _FIGURES[wanted.figure], agent=name)
    line = line_of(services, project, window, series, nice_bucket_s(wanted.bucket_s, window))
    seen = stands_out(line.values, line.bucket_s, wanted.false_alarms_a_day, series.scale)
    items = _items(line, seen)
    days = len(items) * line.bucket_s / 86_400
    alarms = [item for item in items if item["channels"]]
    rules = (("three standard deviations (z-score)", seen.by_three_deviations), ("quartiles and fences (IQR)", seen.by_quartiles))
    return Json(
        {
            "agent": name,
            "figure": wanted.figure,
            "unit": _UNITS[wanted.figure],
            "kind": wanted.kind,
            "bucket_s": line.bucket_s,
            "budget": wanted.false_alarms_a_day,
            "budget_here": round(wanted.false_alarms_a_day * days, 4),
            "limit": _number(seen.limit),
            "periods": seen.periods,
            "alarms": len(alarms),
            "items": items,
            "next_cursor": None,
            "rules": [{"name": rule, "alarms": count, "a_day": round(count / days, 3)} for rule, count in rules],
            "told": _said(name, wanted, alarms, len(items), wanted.false_alarms_a_day * days),
        }
    )


def _items(line: Line, seen: Seen) -> list[dict[str, Any]]:
    changes = set(seen.changes)
    lines = (line.values, seen.expected, seen.low, seen.high, seen.deviations, seen.probability)
    names = ("value", "expected", "low", "high", "deviations", "probability")
    return [
        {"time": iso(time_ns)}
        | {name: _number(float(values[at])) for name, values in zip(names, lines, strict=True)}
        | {"channels": [channel for channel, told in (("point", seen.points[at]), ("new", seen.new[at]), ("change", at in changes)) if told]}
        for at, time_ns in enumerate(line.times_ns)
    ]


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _said(agent: str, wanted: Detection, alarms: list[dict[str, Any]], buckets: int, by_chance: float) -> str:
    points = [item for item in alarms if "point" in item["channels"]]
    changes = [item["time"][:16].replace("T", " ") for item in alarms if "change" in item["channels"]]
    least = min(points, key=lambda item: item["probability"] if item["probability"] is not None else 1.0, default=None)
    parts = [f"{agent}, {wanted.figure}: {len(points)} of {buckets} buckets stand out, where {by_chance:.2g} would by chance"]
    if least is not None:
        low, high = (least[name] for name in ("low", "high"))
        parts.append(f"the most unusual is {least['value']:.4g} at {least['time'][:16].replace('T', ' ')}, instead of {low or 0:.4g} to {high or 0:.4g}")
    if changes:
        parts.append(f"the series follows another law since {', '.join(changes[-3:])}")
    return "; ".join(parts) + "."
