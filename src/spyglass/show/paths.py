"""Which steps make the time of an agent's runs, what of that has changed, and what retries take."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import Query

from spyglass.analyze.paths.runs import Runs, runs_of
from spyglass.analyze.paths.shares import FEWEST_RUNS, Change, Step, changed, steps_of
from spyglass.analyze.paths.told import step_said, time_said
from spyglass.model.errors import InputError
from spyglass.show.agent_names import AgentName, named
from spyglass.show.models.paths import CriticalPath
from spyglass.show.parameters import Project, Window, WindowOf, parse_time
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Using
from spyglass.store.read.asking import Scope
from spyglass.store.read.paths import MOST_RUNS, MOST_SPANS, spans_of_runs
from spyglass.store.read.together import together

__all__ = ["router"]

router = resource(tags=["agents"])

_SURE: Final = 0.05  # share of false ones among changes that the sentence tells
_LEAST_SAID: Final = 0.001  # of a share; less is not told in figures
_NOTHING: Final = Step("", "", 0.0, 0.0, 0)
Moment = Annotated[str | None, Query(max_length=64, description="Compare with the runs of this range; both left out: of the range of the same length before.")]


@router.get(
    "/agents/{agent:name}/critical-path",
    response_model=CriticalPath,
    responses=NOT_FOUND | CONFLICT,
    summary="Which steps make the time of an agent's runs, and what retries take",
)
def critical_path(
    services: Using, agent: AgentName, window: WindowOf, project: Project = "default", before_from: Moment = None, before_to: Moment = None
) -> Json:
    """From the end of each run backwards, always the step that ended last. Of more than 1,000 runs so many are looked at, chosen by chance."""
    name = named(services, project, agent)
    past = _before(window, before_from, before_to, services.clock.now_ns())
    ask = services.engine.read
    spans, spans_before = together(*(lambda one=one: spans_of_runs(ask, Scope(project, one.from_ns, one.to_ns), name) for one in (window, past)))
    now, before = _whole_runs(spans, name, window), _whole_runs(spans_before, name, past)
    steps, steps_before, changes = steps_of(now), steps_of(before), changed(before, now)
    keys = [*steps, *(key for key in steps_before if key not in steps)]
    last = int(np.argmax(now.duration_ns)) if len(now) else -1
    return Json(
        {
            "agent": name,
            "from": iso(window.from_ns),
            "to": iso(window.to_ns),
            "before_from": iso(past.from_ns),
            "before_to": iso(past.to_ns),
            "runs": len(now),
            "runs_before": len(before),
            "partial": any(_is_partial(table) for table in (spans, spans_before)),
            "mean_ns": float(now.duration_ns.mean()) if len(now) else None,
            "mean_before_ns": float(before.duration_ns.mean()) if len(before) else None,
            "slowest": dict(zip(("trace_id", "span_id"), now.places[last], strict=True)) | {"duration_ns": int(now.duration_ns[last])} if len(now) else None,
            "items": [_step(key, steps.get(key, _NOTHING), steps_before.get(key, _NOTHING), changes.get(key)) for key in keys],
            "next_cursor": None,
            "retries": _lost(now),
            "retries_before": _lost(before),
            "retried": _lost_on_steps(now),
            "told": _said(name, now, before, steps, changes),
        }
    )


def _before(window: Window, begin: str | None, end: str | None, now_ns: int) -> Window:
    if (begin is None) != (end is None):
        raise InputError("before_from, before_to: expected both or neither")
    if begin is None or end is None:
        return Window(max(0, 2 * window.from_ns - window.to_ns), window.from_ns)
    past = Window(parse_time(begin, now_ns, "before_from"), parse_time(end, now_ns, "before_to"))
    if past.from_ns > past.to_ns:
        raise InputError("before_from: expected a time before `before_to`")
    return past


def _whole_runs(spans: pa.Table, agent: str, window: Window) -> Runs:
    """Runs that began in the window, of traces that were read to their end."""
    if spans.num_rows == MOST_SPANS:
        spans = spans.filter(pc.not_equal(spans["trace_id"], spans["trace_id"][-1]))
    runs = runs_of(spans, agent)
    return runs.part((runs.begin_ns >= window.from_ns) & (runs.begin_ns < window.to_ns))


def _is_partial(spans: pa.Table) -> bool:
    return bool(spans.num_rows == MOST_SPANS or len(spans["trace_id"].unique()) == MOST_RUNS)


def _step(key: tuple[str, str], now: Step, before: Step, change: Change | None) -> dict[str, Any]:
    figures = {"share": now.share, "mean_ns": now.mean_ns, "runs": now.runs, "share_before": before.share, "mean_before_ns": before.mean_ns}
    return {"kind": key[0], "name": key[1], **figures, "change": asdict(change) if change else None}


def _lost(runs: Runs) -> dict[str, Any]:
    lost_ns, lost_usd = int(runs.retries.lost_ns.sum()), float(runs.retries.lost_usd.sum())
    time_ns, cost_usd = int(runs.duration_ns.sum()), float(runs.cost_usd.sum())
    return {
        "retries": len(runs.retries.run),
        "runs": len(np.unique(runs.retries.run)),
        "lost_ns": lost_ns,
        "time_share": lost_ns / time_ns if time_ns else 0.0,
        "lost_usd": lost_usd,
        "cost_share": lost_usd / cost_usd if cost_usd else 0.0,
    }


def _lost_on_steps(runs: Runs) -> list[dict[str, Any]]:
    found = []
    for step in np.unique(runs.retries.step).tolist():
        own = runs.retries.step == step
        kind, name = runs.steps[step]
        lost_ns, lost_usd = int(runs.retries.lost_ns[own].sum()), float(runs.retries.lost_usd[own].sum())
        found.append({"kind": kind, "name": name, "retries": int(own.sum()), "lost_ns": lost_ns, "lost_usd": lost_usd})
    return sorted(found, key=lambda one: (-one["lost_ns"], one["kind"], one["name"]))


def _retries_said(lost: dict[str, Any]) -> str:
    """What retries take; nothing of what they take nothing of."""
    taken = [(lost["time_share"], "time"), (lost["cost_share"], "cost")]
    shares = [f"{f'{share:.1%}' if share >= _LEAST_SAID else 'less than 0.1%'} of the {what}" for share, what in taken if share > 0]
    return f" Retries take {' and '.join(shares)}." if shares else ""


def _said(agent: str, now: Runs, before: Runs, steps: dict[tuple[str, str], Step], changes: dict[tuple[str, str], Change]) -> str:
    if not steps:
        return f"No run of {agent} that began in this time has ended."
    first = next(iter(steps.values()))
    said = f"A run takes {time_said(now.duration_ns.mean())}, {first.share:.0%} of it {step_said(agent, first.kind, first.name)}."
    said += _retries_said(_lost(now))
    if not changes:
        return said + f" Of a change nothing can be said: that takes {FEWEST_RUNS} runs in each range, and there are {len(now)} and {len(before)}."
    sure = {key: one for key, one in changes.items() if one.false_share <= _SURE}
    if not sure:
        return said + " Its steps have the shares that they had before."
    key = max(sure, key=lambda one: (abs(sure[one].difference), one))
    share = steps[key].share if key in steps else 0.0
    return said + f" The share {step_said(agent, *key)} went from {share - sure[key].difference:.0%} to {share:.0%}."
