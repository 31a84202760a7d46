"""Recordings of executions, to replay them; and two executions side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final

from fastapi import Query

from spyglass.join.alignment import Call, Pair, Step, align
from spyglass.show.models.snapshots import Comparison, RecordingPage
from spyglass.show.moments import ExecutionId, Located, located
from spyglass.show.parameters import Cursor, Limit, Project, decode_cursor, encode_cursor
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.read import snapshots as read
from spyglass.store.read.asking import Place

__all__ = ["router"]

router = resource(tags=["time travel"])

_MOST_PAGE_BYTES: Final = 16 * 2**20  # of answers on a page, but at least one
_MOST_COMPARED: Final = 2_000  # steps of each
_MOST_CALLS: Final = 10_000
_VISIBLE_NS: Final = 60 * 10**9  # an end so long ago need not be waited for: its records may be kept less long than what is known of it
_WORK: Final = frozenset({"llm", "tool", "retriever", "embedding", "reranker", "agent", "memory", "guardrail", "evaluator", "mcp"})
_FIELDS: Final = ("number", "parent", "step", "kind", "name", "input_hash", "outcome", "form", "output_hash", "complete", "replayed", "duration_ns", "span_id")

Id = Annotated[str, Query(min_length=1, max_length=4096, description="Id of an execution.")]


@router.get("/executions/compare", response_model=Comparison, responses=NOT_FOUND, summary="Two executions side by side, step by step")
def compare(services: Using, a: Id, b: Id, project: Project = "default") -> Json:
    """Steps belong together by their names, in order. Of an execution that tells no steps, the spans that do work are its steps."""
    one, other = located(services, project, a), located(services, project, b)
    (left, more_left), (right, more_right) = _steps(services, one), _steps(services, other)
    pairs = align(left, right)
    same = next((number for number, pair in enumerate(pairs) if pair.differs), len(pairs))
    return Json(
        {
            "a": _run(one, len(left)),
            "b": _run(other, len(right)),
            "same_until": same,
            "items": list(map(_pair, pairs)),
            "next_cursor": None,
            "truncated": more_left or more_right,
        }
    )


@router.get("/executions/{execution_id:name}/recording", response_model=RecordingPage, responses=NOT_FOUND, summary="What its calls answered, in order")
def recording(services: Using, execution_id: ExecutionId, project: Project = "default", limit: Limit = 1000, cursor: Cursor = None) -> Json:
    """Of executions that were recorded. A page has 16 MB of answers at most, but at least one answer."""
    ask = services.engine.read
    where = located(services, project, execution_id)
    after = decode_cursor("recording", cursor)
    found = read.calls(ask, project, where.run, limit + 1, after.figure if after else -1)
    page = _fitting(found[:limit])
    outputs = read.answers(ask, project, where.run, [row["event_id"] for row in page if row["complete"]])
    items = [{**{name: row[name] for name in _FIELDS}, "output": outputs.get(row["event_id"]), "time": iso(row["time_ns"])} for row in page]
    following = Place(page[-1]["number"], "") if len(page) < len(found) else None
    run = where.run
    who = {"execution_id": run.id, "agent": run.agent, "agent_id": run.agent_id, "name": run.name}
    seen, missing = read.calls_told(ask, project, run)
    ended = run.end_ns > 0 and (seen or run.end_ns < services.clock.now_ns() - _VISIBLE_NS)
    told = {"ended": ended, "steps": len(read.steps(ask, project, run, _MOST_CALLS)), "missing": missing}
    return Json({**who, **told, "items": items, "next_cursor": encode_cursor("recording", following)})


def _fitting(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    total = 0
    for number, row in enumerate(rows):
        total += row["size_bytes"]
        if number and total > _MOST_PAGE_BYTES:
            return rows[:number]
    return rows


def _steps(services: Services, where: Located) -> tuple[list[Step], bool]:
    """The steps of an execution, and whether there are more."""
    ask, project, run = services.engine.read, where.project, where.run
    told = read.steps(ask, project, run, _MOST_COMPARED + 1)
    if not told:
        work = [span for span in where.spans if span.kind in _WORK and span.span_id != run.span_id]
        return [_of_span(number, span) for number, span in enumerate(work[:_MOST_COMPARED], 1)], len(work) > _MOST_COMPARED
    calls: dict[int, list[Call]] = {}
    for row in read.calls(ask, project, run, _MOST_CALLS):
        if row["parent"] < 0:
            calls.setdefault(row["step"], []).append(Call(row["kind"], row["name"], row["outcome"] == "raised", row["input_hash"], row["output_hash"]))
    # a call happens after so many steps were told; it belongs to the step that is told next
    steps = [Step(row["number"], row["name"], row["status"], row["input"], row["time_ns"], tuple(calls.get(row["number"] - 1, ()))) for row in told]
    return steps[:_MOST_COMPARED], len(told) > _MOST_COMPARED


def _of_span(number: int, span: read.Span) -> Step:
    status = "failed" if span.failed else "ok"
    return Step(number, f"{span.kind} {span.name}", status, span.input, span.start_ns, (Call(span.kind, span.name, span.failed),))


def _run(where: Located, steps: int) -> dict[str, Any]:
    run = where.run
    duration_ns = max(0, run.end_ns - run.begin_ns) if run.end_ns else None
    forked = {"forked_from": run.forked_from, "forked_at_step": run.forked_at_step}
    return {"id": run.id, "agent": run.agent, "name": run.name, "start": iso(run.begin_ns), "duration_ns": duration_ns, **forked, "steps": steps}


def _pair(pair: Pair) -> dict[str, Any]:
    return {"a": _step(pair.a), "b": _step(pair.b), "same": not pair.differs, "differs": list(pair.differs)}


def _step(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    told = {"number": step.number, "name": step.name, "status": step.status, "time": iso(step.time_ns), "input": step.input}
    return {**told, "calls": _calls(step.calls)}


def _calls(calls: Iterable[Call]) -> list[dict[str, Any]]:
    names = ("kind", "name", "failed", "input_hash", "output_hash")
    return [{name: getattr(call, name) for name in names} for call in calls]
