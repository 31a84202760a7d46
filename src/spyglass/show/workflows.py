"""Workflows: which there are, their runs as one graph beside what was declared, and each run with its steps."""

from __future__ import annotations

from math import isnan
from typing import Annotated, Any, Final

from fastapi import Path
from starlette.responses import Response

from spyglass.facts.workflows import DeclaredWorkflow as Declared
from spyglass.model.errors import NotFound
from spyglass.registry.flow import MOST_STEPS, Graph, GraphStep, Step, followed, graph_of, steps_of
from spyglass.show.models.workflows import Declaration, DeclaredWorkflow, WorkflowGraph, WorkflowList, WorkflowRun, WorkflowRunList
from spyglass.show.numbered import first_row
from spyglass.show.parameters import Cursor, Limit, Project, Window, WindowOf, decode_cursor, encode_cursor
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso, rows
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.read.asking import Place, Scope
from spyglass.store.read.workflows import MOST_SPANS, run_spans, runs, workflows

__all__ = ["router"]

router = resource("/workflows", tags=["workflows"])

Name = Annotated[str, Path(description="Name of a workflow.", max_length=512)]
_LOOKED_AT: Final = 200  # runs that a graph is made of
_NEVER: Final[dict[str, Any]] = {"runs": 0, "failed_runs": 0, "running": 0, "p50_ns": None, "p95_ns": None, "first_seen": None, "last_seen": None}
_NOWHERE: Final[dict[str, Any]] = {"services": [], "dialects": []}
_ALL: Final = 10_000


@router.get("", response_model=WorkflowList, summary="Workflows that ran in the time range or were declared, last seen first")
def list_workflows(services: Using, window: WindowOf, project: Project = "default", limit: Limit = 200, cursor: Cursor = None) -> Json:
    """Derived from spans that say so, crews and chains at the root of a trace, and agents whose framework tells of its nodes (docs/workflows.md)."""
    first = first_row("workflows", cursor)
    declared = {one.name for one in services.workflows.all(project)}
    ran = _ran(services, _scope(project, window), declared)
    silent = [_NEVER | _NOWHERE | {"name": name, "source": "declared"} for name in sorted(declared - {item["name"] for item in ran})]
    found = [*ran, *silent]
    following = Place(first + limit, "") if len(found) > first + limit else None
    return Json({"items": found[first : first + limit], "next_cursor": encode_cursor("workflows", following)})


@router.get("/runs/{trace_id}/{span_id}", response_model=WorkflowRun, responses=NOT_FOUND, summary="One run with its steps")
def get_workflow_run(
    services: Using,
    trace_id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="Trace id, 32 hex digits.")],
    span_id: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="Span id of the run, 16 hex digits.")],
    project: Project = "default",
) -> Json:
    """Steps of a workflow that was declared have states also where they did not run: pending while the run goes on, skipped when it has ended."""
    spans = run_spans(services.engine.read, project, [trace_id]).to_pylist()
    head = next((row for row in spans if row["span_id"].hex() == span_id), None)
    if head is None:
        raise NotFound(f"there is no span {span_id} in trace {trace_id} of project {project}; a run is visible about a second after it began")
    steps = steps_of(spans, head["span_id"])
    declared = services.workflows.one(project, head["label"])
    lacking = _lacking(declared, steps, running=head["pending"])
    known = {step["id"] for step in declared.body["steps"]} if declared else set()
    every = [*steps, *lacking]
    pairs = [{"from": _key(every[before]), "to": _key(every[after])} for before, after in followed(steps)]
    return Json(
        {
            "name": head["label"],
            "trace_id": trace_id,
            "span_id": span_id,
            "state": _state(head),
            "start": iso(head["start_ns"]),
            "duration_ns": None if head["pending"] else head["duration_ns"],
            "steps": [_run_step(step, declared=step.id in known) for step in every],
            "edges": pairs + _meant(declared, steps, lacking),
            "partial": len(steps) >= MOST_STEPS or len(spans) >= MOST_SPANS,
        }
    )


@router.get("/{name:name}/runs", response_model=WorkflowRunList, summary="Runs of a workflow, latest first")
def list_workflow_runs(services: Using, name: Name, window: WindowOf, project: Project = "default", limit: Limit = 50, cursor: Cursor = None) -> Json:
    """Those that began in the time range. An empty list where none did."""
    found, following = runs(services.engine.read, _scope(project, window), name, limit, decode_cursor("workflow-runs", cursor))
    items = rows(found.drop_columns(["start_ns", "place", "workflow_name"]))
    return Json({"items": items, "next_cursor": encode_cursor("workflow-runs", following)})


@router.get("/{name:name}", response_model=WorkflowGraph, responses=NOT_FOUND, summary="A workflow: its runs as one graph, beside what was declared")
def get_workflow(services: Using, name: Name, window: WindowOf, project: Project = "default") -> Json:
    """Of the latest 200 runs in the time range. Declared steps that never ran, and steps that nobody declared, are told by name."""
    scope, declared = _scope(project, window), services.workflows.one(project, name)
    latest, further = runs(services.engine.read, scope, name, _LOOKED_AT)
    if not latest.num_rows and declared is None:
        raise NotFound(
            f"project {project} has no workflow {name!r}: none ran in the time range, and nobody declared it; GET /api/v1/workflows lists those there are"
        )
    spans = run_spans(services.engine.read, project, sorted({one.hex() for one in latest["trace_id"].to_pylist()})) if latest.num_rows else None
    graph = _graph(latest.select(["trace_id", "span_id"]).to_pylist(), spans.to_pylist() if spans else [])
    item = next((one for one in _ran(services, scope, {name} if declared else set()) if one["name"] == name), None)
    return Json(
        (item or _NEVER | _NOWHERE | {"name": name, "source": "declared"})
        | {"looked_at": latest.num_rows, "partial": further is not None or (spans is not None and spans.num_rows >= MOST_SPANS)}
        | _beside(graph, declared)
        | {"declared": _declared(declared) if declared else None}
    )


@router.post("/{name:name}", response_model=DeclaredWorkflow, responses=CONFLICT, summary="Declare a workflow: steps, and what follows what")
def declare_workflow(services: Using, name: Name, declaration: Declaration, project: Project = "default") -> Json:
    """Replaces what was declared before; saying the same again changes nothing. With a `version`, only if that is still the present one (else 409)."""
    body = declaration.model_dump(mode="json", by_alias=True, exclude={"version"})
    return Json(_declared(services.workflows.declare(project, name, body, declaration.version)))


@router.delete("/{name:name}", status_code=204, response_class=Response, responses=NOT_FOUND, summary="Take the declaration of a workflow back")
def remove_workflow(services: Using, name: Name, project: Project = "default") -> Response:
    """What ran stays."""
    services.workflows.remove(project, name)
    return Response(status_code=204)


def _scope(project: str, window: Window) -> Scope:
    return Scope(project, window.from_ns, window.to_ns)


def _ran(services: Services, scope: Scope, declared: set[str]) -> list[dict[str, Any]]:
    found = rows(workflows(services.engine.read, scope, _ALL))
    return [
        item | {key: None if isnan(item[key]) else item[key] for key in ("p50_ns", "p95_ns")} | {"source": "both" if item["name"] in declared else "derived"}
        for item in found
    ]


def _graph(latest: list[dict[str, Any]], spans: list[dict[str, Any]]) -> Graph:
    traces: dict[bytes, list[dict[str, Any]]] = {}
    for row in spans:
        traces.setdefault(row["trace_id"], []).append(row)
    return graph_of(steps_of(traces.get(run["trace_id"], []), run["span_id"]) for run in latest)


def _beside(graph: Graph, declared: Declared | None) -> dict[str, Any]:
    """Steps and edges that were observed, those that were declared, and where the two do not agree."""
    meant = {step["id"]: step for step in declared.body["steps"]} if declared else {}
    meant_edges = {(edge["from"], edge["to"]) for edge in declared.body["edges"]} if declared else set()
    ran = {step.id for step in graph.steps}
    never = [name for name in meant if name not in ran]
    steps = [_step_figures(step, meant.get(step.id)) for step in graph.steps]
    steps += [_step_figures(GraphStep(name, meant[name]["kind"]), meant[name]) for name in never]
    edges = {**graph.edges, **dict.fromkeys(sorted(meant_edges - graph.edges.keys()), 0)}
    return {
        "steps": steps,
        "edges": [{"from": before, "to": after, "declared": (before, after) in meant_edges, "runs": count} for (before, after), count in edges.items()],
        "never_run": never,
        "undeclared": sorted(ran - meant.keys()) if declared else [],
    }


def _step_figures(step: GraphStep, meant: dict[str, Any] | None) -> dict[str, Any]:
    figures = {name: getattr(step, name) for name in ("id", "runs", "count", "errors", "running", "first", "last")}
    told = {"kind": step.kind, "declared": meant is not None, "optional": bool(meant and meant["optional"])}
    return figures | told | {"p50_ns": step.quantile_ns(0.5), "p95_ns": step.quantile_ns(0.95)}


def _lacking(declared: Declared | None, steps: list[Step], *, running: bool) -> list[Step]:
    """Declared steps that did not run, or not yet."""
    ran = {step.id for step in steps}
    return [
        Step(step["id"], step["kind"], "pending" if running else "skipped") for step in (declared.body["steps"] if declared else []) if step["id"] not in ran
    ]


def _meant(declared: Declared | None, steps: list[Step], lacking: list[Step]) -> list[dict[str, str]]:
    """Declared edges that begin or end at a step that did not run; at the last of those that did."""
    keys = {step.id: _key(step) for step in (*steps, *lacking)}
    absent = {step.id for step in lacking}
    edges = [(edge["from"], edge["to"]) for edge in (declared.body["edges"] if declared else [])]
    return [{"from": keys[before], "to": keys[after]} for before, after in edges if before in absent or after in absent]


def _key(step: Step) -> str:
    return step.span_id.hex() or f"declared:{step.id}"


def _run_step(step: Step, *, declared: bool) -> dict[str, Any]:
    ran = bool(step.span_id)
    return {
        "key": _key(step),
        "id": step.id,
        "kind": step.kind,
        "state": step.state,
        "span_id": step.span_id.hex() or None,
        "start": iso(step.start_ns) if ran else None,
        "duration_ns": step.duration_ns if ran and step.state != "running" else None,
        "error_type": step.error_type,
        "status_message": step.message,
        "declared": declared,
    }


def _state(head: dict[str, Any]) -> str:
    return "running" if head["pending"] else "failed" if head["failed"] else "succeeded"


def _declared(one: Declared) -> dict[str, Any]:
    return one.body | {"version": one.version, "created": iso(one.created_ns), "updated": iso(one.updated_ns)}
