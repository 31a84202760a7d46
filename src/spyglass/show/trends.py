"""How an agent did over time, and against the period before. Also at the root, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import Query

from spyglass.model.errors import InputError
from spyglass.show.agent_names import AgentName, named
from spyglass.show.models.registry import AgentTrends
from spyglass.show.parameters import Project, WindowOf
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.programs import ForPrograms
from spyglass.show.render import Json, iso
from spyglass.show.resource import at_root, resource
from spyglass.show.services import Using
from spyglass.store.read.asking import Scope
from spyglass.store.read.trends import MOST_BUCKETS, Bucket, bucket_s_of, trend

__all__ = ["root", "router"]

router = resource(tags=["agents"])
root = at_root(tags=["agents"], route_class=ForPrograms)

_SECOND_NS: Final = 10**9


@router.get("/agents/{agent:name}/trends", response_model=AgentTrends, responses=NOT_FOUND | CONFLICT, summary="How an agent did, per bucket of time")
@root.get("/agents/{agent:name}/trends", response_model=AgentTrends, responses=NOT_FOUND | CONFLICT, summary="The same as below /api/v1")
def agent_trends(
    services: Using,
    window: WindowOf,
    agent: AgentName,
    project: Project = "default",
    bucket_s: Annotated[int | None, Query(ge=60, le=31 * 86_400, description="Length of a bucket in seconds; left out: about sixty buckets.")] = None,
) -> Json:
    """Runs, success, duration, tokens and cost, beside those of the period of the same length before. The range is widened to whole buckets.

    Two days or more in buckets of whole hours are told by the sums of hours and days: durations within 1 %, and also of what is older than the spans that
    are kept.
    """
    name = named(services, project, agent)
    length_s = bucket_s or bucket_s_of((window.to_ns - window.from_ns) / _SECOND_NS)
    length_ns = length_s * _SECOND_NS
    begin, end = window.from_ns // length_ns * length_ns, -(-window.to_ns // length_ns) * length_ns
    end = max(end, begin + length_ns)
    count = (end - begin) // length_ns
    if count > MOST_BUCKETS:
        raise InputError(f"bucket_s: the range has {count} buckets of {length_s} s, at most {MOST_BUCKETS} are given: take longer ones, or a shorter range")
    ask, until_s = services.engine.read, services.sums.until_s
    now = trend(ask, Scope(project, begin, end), name, length_s, until_s)
    before = trend(ask, Scope(project, max(0, begin - (end - begin)), begin), name, (end - begin) // _SECOND_NS, until_s).whole
    items = [{"start": iso(begin + at * length_ns), **_trend_json(now.buckets.get(at, Bucket()))} for at in range(count)]
    told = {"agent": name, "from": iso(begin), "to": iso(end), "bucket_s": length_s, "buckets": items}
    return Json({**told, "whole": _trend_json(now.whole), "before": _trend_json(before), "change": _change(now.whole, before)})


def _trend_json(bucket: Bucket) -> dict[str, Any]:
    told = asdict(bucket)
    del told["ended_runs"]
    return told | {"success": bucket.success}


def _change(now: Bucket, before: Bucket) -> dict[str, float | None]:
    def ratio(new: float | None, old: float | None) -> float | None:
        return new / old - 1 if new is not None and old else None

    share = now.success - before.success if now.success is not None and before.success is not None else None
    tokens = ratio(now.input_tokens + now.output_tokens, before.input_tokens + before.output_tokens)
    rated = {name: ratio(getattr(now, name), getattr(before, name)) for name in ("runs", "p50_ns", "p95_ns", "cost_usd")}
    return {**rated, "success": share, "tokens": tokens}
