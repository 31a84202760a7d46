"""The runners of this process: plans in; runners that are started, stopped, started again after crashes; and how each is doing.

Each runs in a thread of its own (`worker.py`), and what it tells goes the road of all telemetry (`delivery.py`). All methods may be called from any thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from spyglass.collect.choices import Choices
from spyglass.collect.counts import Counted, Counts
from spyglass.collect.delivery import Delivery, Source, Submit
from spyglass.collect.otlp import Bounds, Scope
from spyglass.collect.plan import Plan
from spyglass.collect.worker import Timing, Worker, WorkerState
from spyglass.config.values import hidden
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, NotFound
from spyglass.plugin.contracts import Runner, RunnerContext, RunnerHealth, RunnerKind
from spyglass.plugin.loading import Plugins

__all__ = ["Manager", "RunnerStatus"]

log = structlog.get_logger()

STOP_S: Final = 10.0
END_S: Final = 5.0  # for all of them, when the server stops
_GRACE: Final = 0.5  # part of that time in which what was told is kept, before all waiting is cut short


@dataclass(frozen=True, slots=True)
class RunnerStatus:
    """A runner at one moment. Counts are since the server started."""

    id: str
    kind: str
    version: str
    description: str
    origin: str  # of its kind: `built-in`, a distribution, a file
    enabled: bool  # starts with the server
    settings: Mapping[str, Any]  # in force, secrets masked
    worker: WorkerState
    counted: Counted


@dataclass(frozen=True, slots=True)
class _Kept:
    """A planned runner; `worker` is None where it cannot run."""

    plan: Plan
    counts: Counts
    worker: Worker | None


class Manager:
    """All runners of this process."""

    def __init__(self, plans: Sequence[Plan], plugins: Plugins[RunnerKind], data_dir: Path, clock: Clock, timing: Timing | None = None) -> None:
        self._plans, self._data_dir, self._clock, self._timing = plans, data_dir, clock, timing or Timing()
        self.plugins = plugins
        self._since_ns, self._choices = clock.now_ns(), Choices(data_dir)
        self._runners: dict[str, _Kept] = {plan.id: _Kept(plan, Counts(plan.id), None) for plan in plans}

    def begin(self, submit: Submit) -> None:
        """Start all that are enabled, or were started by hand; what they tell is given to `submit`."""
        for one in self.plugins.broken:
            log.error("plugin not usable", origin=one.origin, problem=one.problem)
        for plan in self._plans:
            kept = self._runners[plan.id]
            self._runners[plan.id] = kept = _Kept(plan, kept.counts, self._worker(plan, kept.counts, submit))
            if kept.worker is not None and self._choices.runs(plan.id, plan.entry.enabled):
                kept.worker.start()
            elif kept.worker is None:
                log.error("runner not usable", runner=plan.id, problem=plan.problem)

    def end(self, timeout_s: float = END_S) -> None:
        """Stop all of them within the time; those that do not come to an end are left behind, and told."""
        _stop([kept.worker for kept in self._runners.values() if kept.worker is not None], timeout_s, self._clock)

    def statuses(self) -> list[RunnerStatus]:
        """All of them, in the order of the settings."""
        return [self._status(kept) for kept in self._runners.values()]

    def status(self, name: str) -> RunnerStatus:
        """One of them.

        Raises:
            NotFound: there is no such runner.
        """
        return self._status(self._kept(name))

    def start(self, name: str) -> RunnerStatus:
        """Start one; at once, where it waits after a crash. One that runs goes on. It runs after a restart of the server, too.

        Raises:
            NotFound: there is no such runner.
            Conflict: it cannot run, or has not ended since it was stopped.
        """
        kept = self._kept(name)
        if kept.worker is None:
            raise Conflict(f"runner {name} cannot be started: {kept.plan.problem or 'the server is not ready yet; ask again in a moment'}")
        kept.worker.start()
        self._choices.choose(name, kept.plan.entry.enabled, run=True)
        return self._status(kept)

    def stop(self, name: str, timeout_s: float = STOP_S) -> RunnerStatus:
        """Stop one, and wait for it; after the time it is told as hanging. It stays stopped over restarts, until it is started or its `enabled` is changed.

        Raises:
            NotFound: there is no such runner.
        """
        kept = self._kept(name)
        if kept.worker is not None:
            self._choices.choose(name, kept.plan.entry.enabled, run=False)
            _stop([kept.worker], timeout_s, self._clock)
        return self._status(kept)

    def _kept(self, name: str) -> _Kept:
        kept = self._runners.get(name)
        if kept is None:
            raise NotFound(f"there is no runner {name!r:.80}; there are {', '.join(self._runners) or 'none'}")
        return kept

    def _worker(self, plan: Plan, counts: Counts, submit: Submit) -> Worker | None:
        if plan.found is None or plan.settings is None:
            return None
        kind = plan.found.kind
        source = Source(plan.id, Scope(f"spyglass.runner.{kind.name}", kind.version), plan.entry.project, plan.entry.max_records_per_s)
        context = RunnerContext(self._data_dir / plan.id, self._clock, counts)
        delivery = Delivery(source, submit, counts, self._clock, Bounds(sample=plan.entry.sample))
        return Worker(plan.id, partial(_make, kind, plan.settings, context), delivery, self._clock, self._timing)

    def _status(self, kept: _Kept) -> RunnerStatus:
        plan, kind = kept.plan, kept.plan.found.kind if kept.plan.found else None
        if kept.worker is not None:
            worker = kept.worker.now()
        elif plan.problem:
            worker = WorkerState("failed", self._since_ns, RunnerHealth("minimal", (plan.problem,)))
        else:
            worker = WorkerState("stopped", self._since_ns, RunnerHealth())
        return RunnerStatus(
            id=plan.id,
            kind=plan.entry.kind,
            version=kind.version if kind else "",
            description=kind.description if kind else "",
            origin=plan.found.origin if plan.found else "",
            enabled=self._choices.runs(plan.id, plan.entry.enabled),
            settings=_shown(plan),
            worker=worker,
            counted=kept.counts.now(),
        )


def _make(kind: RunnerKind, settings: Any, context: RunnerContext) -> Runner:
    context.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return kind.make(settings, context)


def _shown(plan: Plan) -> dict[str, Any]:
    if plan.settings is None:
        return hidden(plan.entry.settings)
    return hidden(json.loads(plan.settings.model_dump_json()))


def _stop(workers: Sequence[Worker], timeout_s: float, clock: Clock) -> None:
    """All at the same time: first they may finish what they tell, then their waiting is cut short."""
    began = clock.monotonic()
    for worker in workers:
        worker.ask_to_stop()
    late = [worker for worker in workers if not worker.join(began + timeout_s * _GRACE - clock.monotonic())]
    for worker in late:
        worker.interrupt()
    for worker in late:
        if not worker.join(began + timeout_s - clock.monotonic()):
            log.error("runner hangs", runner=worker.name)
