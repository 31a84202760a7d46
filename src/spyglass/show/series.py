"""Figures over time: spans, calls, log records and metrics, grouped and in buckets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

import pyarrow as pa
from fastapi import Query

from spyglass.model.schema import Kind
from spyglass.show.beside import events_beside
from spyglass.show.models.figures import CallSeries, EventSeries, MetricList, PointSeries, SpanSeries
from spyglass.show.numbered import first_row, page
from spyglass.show.parameters import Cursor, Project, SearchText, Window, WindowOf
from spyglass.show.render import Json, rows
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Using
from spyglass.store.read import series as read

__all__ = ["router"]

router = resource(tags=["series"])

_NICE_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800)
Bucket = Annotated[int, Query(ge=0, le=31_536_000, alias="bucket_s", description="Seconds of one bucket; 0 chooses so that about 100 fit.")]
GroupBy = Annotated[list[str] | None, Query(alias="group_by", max_length=4, description="Column names or `attr.<name>`; at most four.")]


def _bucket_s(asked: int, window: Window) -> int:
    if asked:
        return asked
    wanted = (window.to_ns - window.from_ns) / 1e9 / 100
    return next((nice for nice in _NICE_S if nice >= wanted), 31_536_000)


def _answer(table: pa.Table, bucket_s: int, group_by: list[str], **more: Any) -> Json:
    """Quantiles get names, the bucket becomes a time, the group an object."""
    items = [_item(row, group_by) for row in rows(table)]
    return Json({"bucket_s": bucket_s, **more, "items": items, "next_cursor": None})


def _item(row: dict[str, Any], group_by: list[str]) -> dict[str, Any]:
    item = {
        "time": datetime.fromtimestamp(row.pop("bucket"), UTC).isoformat().replace("+00:00", "Z"),
        "group": dict(zip(group_by, row.pop("groups"), strict=True)),
    }
    if "quantiles_ns" in row:
        item |= dict(zip(("p50_ns", "p90_ns", "p95_ns", "p99_ns"), row.pop("quantiles_ns"), strict=True))
    return item | row


@router.get("/series/spans", response_model=SpanSeries, summary="Count, errors and durations of spans over time")
def span_series(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", bucket: Bucket = 0, group_by: GroupBy = None) -> Json:
    """Per bucket and group: count, errors, sum, min, max and p50, p90, p95, p99 of the duration. A span that came more than once counts once."""
    bucket_s = _bucket_s(bucket, window)
    table = read.spans(services.engine.read, scope_of(services, Kind.SPAN, project, window, query), bucket_s, group_by or [])
    return _answer(table, bucket_s, group_by or [])


@router.get("/series/calls", response_model=CallSeries, summary="Calls, tokens and cost over time, each call counted once")
def call_series(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    bucket: Bucket = 0,
    group_by: GroupBy = None,
    kind: Annotated[Literal["llm", "tool", "embedding"], Query(description="Which calls.")] = "llm",
    agent: Annotated[str, Query(max_length=512, description="Only calls whose nearest agent above is this one; empty: all.")] = "",
) -> Json:
    """Per bucket and group: count, errors, tokens, cost, and p50, p90, p95, p99 of the duration.

    Two days or more without a search, in buckets of whole hours and grouped by kind, agent, agent_version, model and tool only, are told by the sums of
    hours and days (`of` is `sums`): from the begin of the first hour on, with quantiles within 1 %, and also of what is older than the calls that are kept.
    """
    bucket_s, groups, ask = _bucket_s(bucket, window), group_by or [], services.engine.read
    scope, events = scope_of(services, Kind.SPAN, project, window, query), events_beside(services, project, window, query)
    table = read.calls_of_sums(ask, scope, bucket_s, groups, kind, agent, services.sums.until_s)
    if table is not None:
        return _answer(table, bucket_s, groups, of="sums")
    return _answer(read.calls(ask, scope, bucket_s, groups, kind, agent, events), bucket_s, groups, of="calls")


@router.get("/series/events", response_model=EventSeries, summary="Log records and events over time")
def event_series(services: Using, window: WindowOf, project: Project = "default", query: SearchText = "", bucket: Bucket = 0, group_by: GroupBy = None) -> Json:
    """Per bucket and group: count and errors. A record that came more than once counts once."""
    bucket_s = _bucket_s(bucket, window)
    table = read.events(services.engine.read, scope_of(services, Kind.EVENT, project, window, query), bucket_s, group_by or [])
    return _answer(table, bucket_s, group_by or [])


@router.get("/metrics", response_model=MetricList, summary="The metrics of a project")
def list_metrics(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    limit: Annotated[int, Query(ge=1, le=10_000, description="Most metrics of one page.")] = 1000,
    cursor: Cursor = None,
) -> Json:
    """Name, type, unit, description, attributes, services."""
    first = first_row("metrics", cursor)
    found = read.metrics(services.engine.read, scope_of(services, Kind.POINT, project, window, ""), limit + 1, first)
    return Json(page("metrics", found, first, limit))


@router.get("/points", response_model=PointSeries, summary="One metric over time")
def point_series(
    services: Using,
    window: WindowOf,
    metric: Annotated[str, Query(max_length=512, description="Its name; GET /api/v1/metrics lists them.")],
    project: Project = "default",
    query: SearchText = "",
    bucket: Bucket = 0,
    group_by: GroupBy = None,
) -> Json:
    """Per bucket, group and type: avg, min, max, last of the values; increase and rate (per second; resets are seen); quantiles of distributions."""
    bucket_s = _bucket_s(bucket, window)
    found = read.points(services.engine.read, scope_of(services, Kind.POINT, project, window, query), bucket_s, group_by or [], metric)
    items = [_item(row | {"rate": _rate(row["increase"], bucket_s)}, group_by or []) for row in found]
    return Json({"metric": metric, "bucket_s": bucket_s, "items": items, "next_cursor": None})


def _rate(increase: float | None, bucket_s: int) -> float | None:
    return None if increase is None else increase / bucket_s
