"""Executions: the runs of agents, also those that have not ended."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Path, Query

from spyglass.model.errors import NotFound
from spyglass.model.schema import Kind
from spyglass.show.beside import events_beside
from spyglass.show.models.executions import Execution, ExecutionCountList, ExecutionDetail, ExecutionList, ExecutionStatus, StepList
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf, decode_cursor, encode_cursor
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read import executions as read
from spyglass.store.read.runs import Wanted, counts, page

__all__ = ["router"]

router = resource(tags=["executions"])

_MOST_RELATIVES: Final = 200
_FIELDS: Final = tuple(Execution.model_fields)
_STEP_FIELDS: Final = ("number", "name", "status", "kind", "duration_ns", "trace_id", "span_id", "input", "output")

ExecutionId = Annotated[
    str, Path(max_length=4096, description="Id of the execution: trace and span of its agent's span with a `-` between, or `spyglass.execution.id`.")
]
Texts = Annotated[list[str], Query(max_length=100)]


@router.get("/executions", response_model=ExecutionList, summary="Executions that began in the time range, or were heard of in it; latest start first")
def list_executions(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    status: Annotated[list[ExecutionStatus], Query(max_length=8, description="Only these; none: all. `status=running&status=waiting` for several.")] = [],  # noqa: B006 - FastAPI copies it
    agent: Annotated[list[str], Query(max_length=100, description="Only of these agents, by name; none: all.")] = [],  # noqa: B006
    session: Annotated[list[str], Query(max_length=100, description="Only of these sessions; none: all.")] = [],  # noqa: B006
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Json:
    """One per agent span, and one per `spyglass.execution.id` of events `execution.*`. A search leaves those of which the agent's span or an event matches."""
    scope = scope_of(services, Kind.SPAN, project, window, query)
    wanted = Wanted(status, agent, session)
    after = decode_cursor("executions", cursor)
    keys, following = page(services.engine.read, scope, wanted, limit, after, events_beside(services, project, window, query))
    items = [_item(told) for told in read.listed(services.engine.read, project, keys, services.clock.now_ns())]
    return Json({"items": items, "next_cursor": encode_cursor("executions", following)})


@router.get("/executions/counts", response_model=ExecutionCountList, summary="How many executions stand how")
def count_executions(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    agent: Annotated[list[str], Query(max_length=100, description="Only of these agents, by name; none: all.")] = [],  # noqa: B006
    session: Annotated[list[str], Query(max_length=100, description="Only of these sessions; none: all.")] = [],  # noqa: B006
) -> Json:
    """Of all executions that the list has on all of its pages, whatever their status. Exact; statuses of which there are none are left out."""
    scope = scope_of(services, Kind.SPAN, project, window, query)
    found = counts(services.engine.read, scope, Wanted((), agent, session), events_beside(services, project, window, query))
    return Json({"items": [{"status": status, "count": count} for status, count in found.items()], "next_cursor": None})


@router.get("/executions/{execution_id:name}/steps", response_model=StepList, responses=NOT_FOUND, summary="What an execution did, in order")
def list_steps(services: Using, execution_id: ExecutionId, project: Project = "default", limit: Limit = 200, cursor: Cursor = None) -> Json:
    """The steps that it tells of, else the spans below it that do work."""
    told, around = _one(services, project, execution_id)
    found, following = read.steps(services.engine.read, project, told, around, limit, decode_cursor("steps", cursor))
    items = [{"time": iso(step["time_ns"])} | {name: step[name] for name in _STEP_FIELDS} for step in found]
    return Json({"items": items, "next_cursor": encode_cursor("steps", following)})


@router.get("/executions/{execution_id:name}", response_model=ExecutionDetail, responses=NOT_FOUND, summary="One execution, with those around it")
def one_execution(services: Using, execution_id: ExecutionId, project: Project = "default") -> Json:
    """Whatever its time. What processes it caused, `…/processes` tells; what it did, `…/steps`."""
    told, around = _one(services, project, execution_id)
    children, forks = read.family(services.engine.read, project, told, around)
    wanted = [told["parent_id"], told["forked_from"], *children[:_MOST_RELATIVES], *forks[:_MOST_RELATIVES]]
    known = {item["id"]: item for item in _items(services, project, list(dict.fromkeys(filter(None, wanted))))}
    relatives = {name: sorted((known[one] for one in ids if one in known), key=_began) for name, ids in (("children", children), ("forks", forks))}
    return Json(_item(told) | {"parent": known.get(told["parent_id"]), "origin": known.get(told["forked_from"])} | relatives)


def _one(services: Services, project: str, execution_id: str) -> Any:
    found = read.one(services.engine.read, project, execution_id, services.clock.now_ns())
    if found is None:
        raise NotFound(f"there is no execution {execution_id} in project {project}; one is visible about a second after it was first told of")
    return found


def _items(services: Services, project: str, ids: list[str]) -> list[dict[str, Any]]:
    return [_item(told) for told in read.rows(services.engine.read, project, ids, services.clock.now_ns())]


def _item(told: dict[str, Any]) -> dict[str, Any]:
    times = {
        "start": iso(told["begin_ns"]),
        "end": None if told["ended_ns"] is None else iso(told["ended_ns"]),
        "last_heard": iso(told["heard_ns"]),
        "stalled_since": iso(told["silent_ns"]) if told["silent_ns"] else None,
        "last_step_at": iso(told["last_step_ns"]) if told["last_step_ns"] else None,
        "forked_at_step": told["forked_at_step"] if told["forked_from"] else None,
    }
    return {name: times[name] if name in times else told[name] for name in _FIELDS}


def _began(item: dict[str, Any]) -> str:
    return str(item["start"])
