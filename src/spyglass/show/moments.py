"""Which moment of an execution is meant: its id and a text in, the execution, the time and the snapshot that holds then out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Path, Query

from spyglass.model.errors import NotFound
from spyglass.show.parameters import parse_time
from spyglass.show.services import Services
from spyglass.store.read import snapshots as read

__all__ = ["MOST_STEPS", "At", "ExecutionId", "Located", "Moment", "located", "moment"]

MOST_STEPS: Final = 10_000
_SNAPSHOT: Final = re.compile(r"[0-9a-f]{32}")
_STEP: Final = re.compile(r"[0-9]{1,6}")
_TELL: Final = "`last`, a snapshot's id (32 hex digits), the number of a step (up to six digits; 0: before the first), or a time (ISO 8601, `-15m`, Unix time)."

ExecutionId = Annotated[
    str, Path(max_length=4096, description="Id of the execution: trace and span of its agent's span with a `-` between, or `spyglass.execution.id`.")
]
At = Annotated[str, Query(max_length=64, description=f"Which moment: {_TELL}")]


@dataclass(frozen=True, slots=True)
class Located:
    """An execution, and its spans."""

    project: str
    run: read.Run
    spans: tuple[read.Span, ...]

    @property
    def own(self) -> list[str]:
        """Ids of the spans at which records stand that name no execution: of one that is a span itself."""
        return [span.span_id for span in self.spans] if self.run.by_span else []


@dataclass(frozen=True, slots=True)
class Moment:
    """A time (ns), and the snapshot that holds then: a row of snapshots/list.sql; None: there was none yet."""

    time_ns: int
    snapshot: dict[str, Any] | None


def located(services: Services, project: str, execution_id: str) -> Located:
    """The execution of this id.

    Raises:
        NotFound: there is none.
    """
    run = read.run_of(services.engine.read, project, execution_id)
    if run is None:
        raise NotFound(f"there is no execution {execution_id} in project {project}; one is visible about a second after it was first told of")
    return Located(project, run, tuple(read.spans_of(services.engine.read, project, run)))


def moment(services: Services, where: Located, at: str, name: str = "at") -> Moment:
    """What a text means.

    Raises:
        NotFound: the execution has no such snapshot or step.
        InputError: the text is none of what it may be.
    """
    ask, project, run = services.engine.read, where.project, where.run
    at = at.strip().lower()
    if _SNAPSHOT.fullmatch(at):
        row = read.snapshot(ask, project, run, where.own, at)
        if row is None:
            raise NotFound(f"{name}: execution {run.id} has no snapshot {at}")
        return Moment(row["time_ns"], row)
    if _STEP.fullmatch(at):
        return _of_step(services, where, int(at), name)
    until_ns = run.last_ns if at == "last" else parse_time(at.upper() if "t" in at else at, services.clock.now_ns(), name)
    return Moment(until_ns, _row(services, where, read.last(ask, project, run, where.own, until_ns=until_ns)))


def _of_step(services: Services, where: Located, number: int, name: str) -> Moment:
    """After the step: a snapshot that says so, else the last one until then."""
    ask, project, run = services.engine.read, where.project, where.run
    steps = read.steps(ask, project, run, MOST_STEPS)
    found = [step["time_ns"] for step in steps if step["number"] == number]
    if not number:
        time_ns = steps[0]["time_ns"] - 1 if steps else run.last_ns
    elif found:
        time_ns = found[-1]
    else:
        raise NotFound(f"{name}: execution {run.id} told no step {number}; it told {len(steps)} steps")
    row = _row(services, where, read.last(ask, project, run, where.own, step=number)) if number else None
    if row:
        return Moment(max(time_ns, row["time_ns"]), row)
    return Moment(time_ns, _row(services, where, read.last(ask, project, run, where.own, until_ns=time_ns)))


def _row(services: Services, where: Located, event: str | None) -> dict[str, Any] | None:
    return read.snapshot(services.engine.read, where.project, where.run, where.own, event) if event else None
