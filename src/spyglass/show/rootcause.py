"""Where a trouble comes from: an agent or a service and a time in; what was changed before, and the nodes it calls, likeliest cause first, out."""

from __future__ import annotations

from typing import Annotated, Any, Final

import pyarrow as pa
from fastapi import Query

from spyglass.analyze.rootcause.figures import FEWEST_BUCKETS, moved
from spyglass.analyze.rootcause.rank import Candidate, Symptom, rank
from spyglass.model.errors import InputError, NotFound
from spyglass.show.agent_names import named
from spyglass.show.models.rootcause import RootCauses
from spyglass.show.parameters import Project, parse_time
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.read import rootcause as read
from spyglass.store.read.asking import Scope
from spyglass.store.read.edges import edges

__all__ = ["router"]

router = resource(tags=["findings"])

_SHOWN: Final = 10
_AGENTS: Final = 20  # whose changes are looked for: those nearest to the symptom
_VERSIONS: Final = 50  # of one agent
_S: Final = 10**9
_COLUMNS: Final = ("bucket", "count", "errors", "mean_ns", "p95_ns")
_UNITS: Final = {"latency": "s", "failures": "of its calls failed", "requests": "calls"}


@router.get("/rootcause", response_model=RootCauses, responses=NOT_FOUND | CONFLICT, summary="Where a trouble comes from, along who calls whom")
def get_root_cause(
    services: Using,
    at: Annotated[str, Query(max_length=64, description="When the trouble began: ISO 8601, `-15m`, or Unix time.")],
    agent: Annotated[str, Query(max_length=512, description="The agent at which the symptom is seen.")] = "",
    service: Annotated[str, Query(max_length=512, description="Or the service.")] = "",
    symptom: Annotated[Symptom, Query(description="Slow (latency), failing (failures), or more or fewer calls than usual (requests).")] = "failures",
    project: Project = "default",
    before_s: Annotated[int, Query(ge=300, le=7 * 86_400, description="Seconds before it that count as usual.")] = 7_200,
    during_s: Annotated[int, Query(ge=60, le=86_400, description="Seconds since it began that are looked at.")] = 900,
    bucket_s: Annotated[int, Query(ge=10, le=3_600, description="Seconds of one bucket.")] = 60,
) -> Json:
    """Changes first: versions, deployments, new callees. Then all that is called from there, by how far it strayed, less what its callees explain."""
    if bool(agent) == bool(service):
        raise InputError("expected either agent or service: at which of them is the symptom seen?")
    now_ns = services.clock.now_ns()
    onset_s = parse_time(at, now_ns, "at") // _S // bucket_s * bucket_s
    scope = Scope(project, max(0, (onset_s - before_s) * _S), min((onset_s + during_s) * _S, now_ns + 60 * _S))
    where = f"agent:{named(services, project, agent)}" if agent else f"service:{service}"
    rows, calls = _agents(services, scope, bucket_s) if agent else _services(services, scope, bucket_s)
    if where not in set(rows["node"].to_pylist()):
        raise NotFound(f"{where} was not called between {iso(scope.from_ns)[:19]} and {iso(scope.to_ns)[:19]}; ask for another time, or a larger before_s")
    shifts, more = moved(rows, onset_s, symptom)
    found = rank(calls, shifts, where, symptom, more)
    begins = sorted({bucket for bucket, node in zip(rows["bucket"].to_pylist(), rows["node"].to_pylist(), strict=True) if node == where and bucket < onset_s})
    changes = _changes(services, project, found, rows, onset_s, scope) if agent else []
    speaking = [one for one in found if one.score > 0][:_SHOWN]
    told = {"symptom_at": where, "symptom": symptom, "onset": iso(onset_s * _S), "until": iso(scope.to_ns), "buckets_before": len(begins), "nodes": len(found)}
    items = [_item(one) for one in speaking]
    return Json(told | {"changes": changes, "items": items, "next_cursor": None, "told": _said(where, items, changes, len(begins))})


def _agents(services: Services, scope: Scope, bucket_s: int) -> tuple[pa.Table, set[tuple[str, str]]]:
    """Runs of agents, and calls of models and tools; nodes of one name are one node, whoever calls it."""
    calls = read.calls(services.engine.read, scope, bucket_s)
    runs = read.runs(services.engine.read, scope, bucket_s)
    names = [
        f"{'tool' if kind == 'tool' else 'model'}:{callee or 'unknown'}"
        for kind, callee in zip(*(calls[name].to_pylist() for name in ("kind", "callee")), strict=True)
    ]
    pairs = {(f"agent:{caller}", callee) for caller, callee in zip(calls["caller"].to_pylist(), names, strict=True) if caller}
    between, _ = edges(services.engine.read, scope, "")
    pairs |= {(f"agent:{edge.caller}", f"agent:{edge.callee}") for edge in between}
    of_calls = _merged(calls.select(_COLUMNS).append_column("node", pa.array(names, pa.string())))
    of_runs = runs.select(_COLUMNS).append_column("node", pa.array([f"agent:{name}" for name in runs["node"].to_pylist()], pa.string()))
    return pa.concat_tables([of_calls, _typed(of_runs)]), pairs


def _services(services: Services, scope: Scope, bucket_s: int) -> tuple[pa.Table, set[tuple[str, str]]]:
    found = read.services(services.engine.read, scope, bucket_s)
    pairs = {(f"service:{caller}", f"service:{node}") for caller, node in zip(found["caller"].to_pylist(), found["node"].to_pylist(), strict=True) if caller}
    names = pa.array([f"service:{name}" for name in found["node"].to_pylist()], pa.string())
    return _merged(found.select(_COLUMNS).append_column("node", names)), pairs


def _merged(rows: pa.Table) -> pa.Table:
    """One row per node and bucket: means weighed by calls, of 95th percentiles the largest."""
    rows = _typed(rows)
    rows = rows.append_column("sum_ns", pa.array(rows["mean_ns"].to_numpy() * rows["count"].to_numpy()))
    summed = rows.group_by(["node", "bucket"], use_threads=False).aggregate([("count", "sum"), ("errors", "sum"), ("sum_ns", "sum"), ("p95_ns", "max")])
    mean = pa.array(summed["sum_ns_sum"].to_numpy() / summed["count_sum"].to_numpy()) if summed.num_rows else pa.array([], pa.float64())
    columns = {"bucket": summed["bucket"], "count": summed["count_sum"], "errors": summed["errors_sum"], "mean_ns": mean, "p95_ns": summed["p95_ns_max"]}
    return _typed(pa.table(columns | {"node": summed["node"]}))


def _typed(rows: pa.Table) -> pa.Table:
    numbers = {name: rows[name].cast(pa.float64()) for name in ("count", "errors", "mean_ns", "p95_ns")}
    return pa.table({"bucket": rows["bucket"].cast(pa.int64()), **numbers, "node": rows["node"].cast(pa.string())})


def _item(one: Candidate) -> dict[str, Any]:
    moved_to = one.shift
    family = one.figure.split(".", 1)[0]
    return {
        "node": one.node,
        "score": round(one.score, 4),
        "path": list(one.path),
        "figure": one.figure,
        "before": moved_to.before if moved_to else None,
        "during": moved_to.during if moved_to else None,
        "strayed": round(moved_to.strayed, 3) if moved_to else None,
        "covers": round(one.covers, 3),
        "explained_by": one.explained_by,
        "told": f"{one.node}: {_figure(family, one.figure, moved_to.before, moved_to.during)}, {abs(moved_to.strayed):.1f} times what is usual"
        + (f"; a part of it comes from {one.explained_by}" if one.explained_by else "")
        if moved_to
        else f"{one.node}: nothing of it strayed",
    }


def _figure(family: str, figure: str, before: float, during: float) -> str:
    if family == "failures":
        return f"{during:.0%} {_UNITS[family]} instead of {before:.0%}"
    name = {"latency.mean": "mean time", "latency.p95": "95th percentile of the time", "requests.count": "calls in a bucket"}[figure]
    return f"{name} {during:.3g}{' s' if family == 'latency' else ''} instead of {before:.3g}{' s' if family == 'latency' else ''}"


def _changes(services: Services, project: str, found: list[Candidate], rows: pa.Table, onset_s: int, scope: Scope) -> list[dict[str, Any]]:
    """Of the agents nearest to the symptom, and callees that were not called before; the latest first."""
    agents = [one.node.removeprefix("agent:") for one in sorted(found, key=lambda one: one.depth) if one.node.startswith("agent:")][:_AGENTS]
    doors = services.registry.doors
    since, until = scope.from_ns, scope.to_ns
    changes: list[dict[str, Any]] = []
    for name in agents:
        for version in doors.versions.page(project, name, _VERSIONS):
            if since <= version.first_ns < until and version.number > 1:
                called = f" ({version.declared})" if version.declared else ""
                changes.append(_change("version", name, version.first_ns, f"version {version.number}{called} of {name} was seen for the first time"))
        changes += [
            _change("deployment", name, step.at_ns, f"{step.action} of configuration {step.number} of {name} to {step.environment}")
            for step in doors.deployments.steps(project, name, _VERSIONS)
            if since <= step.at_ns < until
        ]
    return sorted([*changes, *_new_callees(found, rows, onset_s)], key=lambda change: change["time"], reverse=True)


def _change(what: str, agent: str, time_ns: int, told: str) -> dict[str, Any]:
    return {"what": what, "node": f"agent:{agent}", "time": iso(time_ns), "told": told}


def _new_callees(found: list[Candidate], rows: pa.Table, onset_s: int) -> list[dict[str, Any]]:
    """Models and tools whose first call came with the trouble, or in the last tenth before it."""
    first: dict[str, int] = {}
    for node, bucket in zip(rows["node"].to_pylist(), rows["bucket"].to_pylist(), strict=True):
        first[node] = min(first.get(node, bucket), bucket)
    begin = min(first.values(), default=onset_s)
    late = onset_s - (onset_s - begin) // 10
    known = {one.node for one in found}
    return [
        {"what": "callee", "node": node, "time": iso(bucket * _S), "told": f"{node} was called for the first time in this range"}
        for node, bucket in first.items()
        if node in known and node.startswith(("model:", "tool:")) and bucket >= late > begin
    ]


def _said(where: str, items: list[dict[str, Any]], changes: list[dict[str, Any]], before: int) -> str:
    if before < FEWEST_BUCKETS:
        return f"{where} was called in {before} buckets before: too few to say what is usual. Ask for a larger before_s."
    first = f"First look at what was changed: {changes[0]['told']}. " if changes else ""
    if not items:
        return f"{first}Nothing that {where} calls strayed from what is usual."
    return f"{first}The likeliest cause is {items[0]['told']}."
