"""Figures of every agent in the last minutes, as JSON or in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import numpy as np
import pyarrow as pa
from fastapi import Query
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from starlette.responses import Response

from spyglass.registry.durations import counts_of, quantile_ns
from spyglass.show.models.standing import AgentMetricsList
from spyglass.show.parameters import Project
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.read.health import HOUR_NS, SLOT_NS, done

__all__ = ["router"]

router = resource(tags=["standing"])

_MINUTE_NS: Final = 60 * 10**9
_DAY_NS: Final = 24 * HOUR_NS
_OTHER: Final = "other"  # stands for the agents beyond the limit
_SUMS: Final = ("runs", "failed_runs", "calls", "failed_calls", "input_tokens", "output_tokens", "cost_usd")
_QUANTILES: Final = (0.5, 0.95)
_HELP: Final = {
    "runs": "Runs of the agent that ended in the time range",
    "failed_runs": "Of these runs: failed",
    "calls": "Model calls and tool executions of the agent in the time range",
    "failed_calls": "Of these calls: failed",
    "input_tokens": "Tokens in, of these calls",
    "output_tokens": "Tokens out, of these calls",
    "cost_usd": "Cost of these calls in USD",
}


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    items: list[dict[str, Any]]
    project: str
    lo_ns: int
    hi_ns: int

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As prometheus-client wants it. Gauges: a time range goes on with the clock, so that its sums fall, too."""
        for name, text in _HELP.items():
            yield self._family(f"spyglass_agent_{name}", text, lambda item, name=name: item[name])
        yield self._family("spyglass_agent_health_score", "Health of the agent, 0 to 100", lambda item: item["score"])
        durations = GaugeMetricFamily(
            "spyglass_agent_run_duration_seconds", "Quantiles of the durations of the agent's runs", labels=["project", "agent", "quantile"]
        )
        for item in self.items:
            for share, name in zip(_QUANTILES, ("p50_ns", "p95_ns"), strict=True):
                if item[name] is not None:
                    durations.add_metric([self.project, item["agent"], str(share)], item[name] / 1e9)
        yield durations

    def _family(self, name: str, text: str, value: Any) -> GaugeMetricFamily:
        family = GaugeMetricFamily(name, text, labels=["project", "agent"])
        for item in self.items:
            if value(item) is not None:
                family.add_metric([self.project, item["agent"]], value(item))
        return family


@router.get(
    "/observability/metrics",
    response_model=AgentMetricsList,
    responses={200: {"content": {"text/plain": {}}, "description": "Figures, in the format that was asked for"}},
    summary="Figures per agent in the last minutes, as JSON or for Prometheus",
)
def get_metrics(
    services: Using,
    project: Project = "default",
    minutes: Annotated[int, Query(alias="timeRange", ge=1, le=10_080, description="So many minutes back, a week at most.")] = 60,
    form: Annotated[Literal["json", "prometheus"], Query(alias="format", description="`prometheus`: its text format.")] = "json",
    limit: Annotated[int, Query(ge=1, le=1000, description="Most agents, by runs and calls; what the others come to stands under `other`.")] = 200,
) -> Response:
    """Whole windows of ten minutes, of an hour where the range is longer than a day. In Prometheus' format every figure is a gauge of the time range."""
    now = services.clock.now_ns()
    width_ns = SLOT_NS if minutes * _MINUTE_NS <= _DAY_NS - SLOT_NS else HOUR_NS
    lo_ns, hi_ns = (now - minutes * _MINUTE_NS) // width_ns * width_ns, (now // width_ns + 1) * width_ns
    answer = _Answer(_items(services, project, done(services.engine.read, project, lo_ns, hi_ns), limit), project, lo_ns, hi_ns)
    if form == "prometheus":
        registry = CollectorRegistry()
        registry.register(answer)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
    return Json({"items": answer.items, "next_cursor": None, "since": iso(lo_ns), "until": iso(now)})


def _items(services: Services, project: str, table: pa.Table, limit: int) -> list[dict[str, Any]]:
    if not table.num_rows:
        return []
    busy = np.asarray(table["runs"].to_numpy() + table["calls"].to_numpy(), np.float64)
    order = [int(place) for place in np.argsort(-busy, kind="stable") if busy[place] > 0]
    counts, names = counts_of(table["durations"]), table["agent"].to_pylist()
    sums = {name: np.asarray(table[name].to_numpy()) for name in _SUMS}
    standing = services.health.standings.of(project)
    groups = [(names[place], [place]) for place in order[:limit]] + ([(_OTHER, order[limit:])] if len(order) > limit else [])
    together = np.array([counts[places].sum(axis=0) for _, places in groups]).reshape(len(groups), -1)
    quantiles = np.stack([quantile_ns(together, share) for share in _QUANTILES], axis=1).tolist() if groups else []
    items = []
    for (name, places), told in zip(groups, quantiles, strict=True):
        p50, p95 = (value or None for value in told)
        known = standing.places.get(name) if len(places) == 1 else None
        score = standing.score_of(known) if known is not None else None
        items.append({"agent": name, "score": score, "p50_ns": p50, "p95_ns": p95} | {key: values[places].sum().item() for key, values in sums.items()})
    return items
