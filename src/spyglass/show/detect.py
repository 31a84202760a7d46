"""What stands out in an agent's past, looked at on demand; and what analyzers have found of an agent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import numpy as np
from fastapi import Query

from spyglass.analyze.series.profiles import Unusual, unusual
from spyglass.analyze.series.standing_out import Seen, stands_out
from spyglass.analyze.stats.outliers import Method
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind
from spyglass.show.agent_names import AgentName, named
from spyglass.show.findings import items_of
from spyglass.show.models.detect import Detected, Detection
from spyglass.show.models.findings import FindingList
from spyglass.show.numbered import first_row, page
from spyglass.show.one_series import Line, Wanted, line_of, nice_bucket_s
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, Window, WindowOf
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read.anomalies import of_agent

__all__ = ["router"]

router = resource(tags=["findings"])

_FIGURES: Final = {"calls": "count", "failures": "error_share", "duration": "p50_ns", "output_tokens": "output_tokens_mean", "cost": "cost_usd_mean"}
_UNITS: Final = {"calls": "calls", "failures": "1", "duration": "ns", "output_tokens": "tokens", "cost": "USD"}

_NOTHING: Final = dict.fromkeys(("value", "expected", "low", "high", "deviations", "probability", "features", "group")) | {"channels": []}  # of a bucket
_TELLING: Final = 0.2  # a share that is worth a word


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
    return Json({**told, "items": items_of(services, project, told["items"])})


@router.post("/detect/{agent:name}", response_model=Detected, responses=NOT_FOUND | CONFLICT, summary="Look for what stands out in an agent's past")
def detect(services: Using, agent: AgentName, window: WindowOf, wanted: Detection, project: Project = "default") -> Json:
    """One figure of the agent beside the band that was to be expected, or all of them beside other buckets, at the rate of false alarms that was asked for.

    Of too little to say what is usual the values alone are told, and why.
    """
    name = named(services, project, agent)
    if wanted.method != "bands":
        return Json(_together(services, project, window, name, wanted, wanted.method))
    series = Wanted(wanted.kind, _FIGURES[wanted.figure], agent=name)
    line = line_of(services, project, window, series, nice_bucket_s(wanted.bucket_s, window))
    told: dict[str, Any] = {"agent": name, "figure": wanted.figure, "unit": _UNITS[wanted.figure]}
    try:
        seen = stands_out(line.values, line.bucket_s, wanted.false_alarms_a_day, series.scale)
    except InputError as error:
        return Json(_told(wanted, line.bucket_s, [{**_NOTHING, "time": iso(at), "value": _number(value)} for at, value in _values(line)], error.message) | told)
    items = _items(line, seen)
    days = len(items) * line.bucket_s / 86_400
    said = _said(name, wanted, [item for item in items if item["channels"]], len(items), wanted.false_alarms_a_day * days)
    rules = (("three standard deviations (z-score)", seen.by_three_deviations), ("quartiles and fences (IQR)", seen.by_quartiles))
    told |= {"limit": _number(seen.limit), "periods": seen.periods}
    told |= {"rules": [{"name": rule, "alarms": count, "a_day": round(count / days, 3)} for rule, count in rules]}
    return Json(_told(wanted, line.bucket_s, items, said) | told)


def _told(wanted: Detection, bucket_s: int, items: list[dict[str, Any]], said: str) -> dict[str, Any]:
    """What every answer has."""
    return {
        "method": wanted.method,
        "figure": "",
        "unit": "",
        "kind": wanted.kind,
        "bucket_s": bucket_s,
        "budget": wanted.false_alarms_a_day,
        "budget_here": round(wanted.false_alarms_a_day * len(items) * bucket_s / 86_400, 4),
        "limit": None,
        "periods": [],
        "alarms": sum(bool(item["channels"]) for item in items),
        "items": items,
        "next_cursor": None,
        "groups": [],
        "rules": [],
        "told": said,
    }


def _values(line: Line) -> Iterable[tuple[int, float]]:
    return zip(line.times_ns, line.values.tolist(), strict=True)


def _together(services: Services, project: str, window: Window, agent: str, wanted: Detection, method: Method) -> dict[str, Any]:
    asked = {figure: Wanted(wanted.kind, name, agent=agent) for figure, name in _FIGURES.items()}
    bucket_s = nice_bucket_s(wanted.bucket_s, window)
    lines = {figure: line_of(services, project, window, one, bucket_s) for figure, one in asked.items()}
    calls = lines["calls"]
    # A bucket in which nothing was measured has a count, and no duration: such figures may begin later.
    values = [np.concatenate([np.full(max(0, len(calls.values) - len(line.values)), np.nan), line.values]) for line in lines.values()]
    try:
        seen = unusual(values, [one.scale for one in asked.values()], bucket_s, wanted.false_alarms_a_day, method)
    except InputError as error:
        return {"agent": agent, **_told(wanted, bucket_s, [{**_NOTHING, "time": iso(at)} for at in calls.times_ns], error.message)}
    items = [
        _NOTHING
        | {
            "time": iso(time_ns),
            "value": _number(float(seen.scores[at])),
            "high": _number(seen.limit),
            "probability": _number(float(seen.probability[at])),
            "channels": ["profile"] if seen.alarms[at] else [],
            "features": {figure: round(float(share), 3) for figure, share in zip(lines, seen.shares[at], strict=True)} if seen.alarms[at] else None,
            "group": int(seen.groups[at]) if seen.groups[at] >= 0 else None,
        }
        for at, time_ns in enumerate(calls.times_ns)
    ]
    by_chance = wanted.false_alarms_a_day * len(items) * bucket_s / 86_400
    groups = _groups(seen, list(lines), calls.times_ns)
    said = _said_together(agent, [item for item in items if item["channels"]], len(items), by_chance) + _said_of(seen, groups)
    return {"agent": agent, **_told(wanted, bucket_s, items, said), "limit": _number(seen.limit), "groups": groups}


def _groups(seen: Unusual, figures: Sequence[str], times_ns: Sequence[int]) -> list[dict[str, Any]]:
    found = []
    for number in range(int(seen.groups.max(initial=-1)) + 1):
        steps = np.flatnonzero(seen.groups == number)
        middle = np.median(seen.strays[steps], axis=0)
        off = {figure: round(float(value), 2) for figure, value in zip(figures, middle, strict=True) if np.isfinite(value)}
        found.append({"number": number, "alarms": len(steps), "first": iso(times_ns[steps[0]]), "last": iso(times_ns[steps[-1]]), "deviations": off})
    return found


def _said_of(seen: Unusual, groups: Sequence[Any]) -> str:
    said = f" They are of {len(groups)} kinds." if groups else ""
    if seen.left_over is None:
        return said
    left, straight = seen.left_over
    worth = "it is worth its while here" if left < straight else "pca does as well here, and is easier to understand"
    return f"{said} The autoencoder leaves {left:.0%} of what other buckets differ by unexplained, as many principal components {straight:.0%}: {worth}."


def _said_together(agent: str, alarms: list[dict[str, Any]], buckets: int, by_chance: float) -> str:
    said = f"{agent}: {len(alarms)} of {buckets} buckets are unlike the others, where {by_chance:.2g} would be by chance"
    if not alarms:
        return f"{said}."
    least = max(alarms, key=lambda item: item["value"])
    figures = [figure for figure, share in sorted(least["features"].items(), key=lambda one: -one[1]) if share >= _TELLING][:2]
    return f"{said}; the most unusual is at {least['time'][:16].replace('T', ' ')}, by {' and '.join(figures) or 'all figures'}."


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
