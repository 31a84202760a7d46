"""Runners are started, stopped, and started again after crashes; what one does harms nobody else, and is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from spyglass.collect.choices import Choices
from spyglass.collect.manager import Manager, RunnerStatus
from spyglass.collect.plan import Plan
from spyglass.collect.worker import Timing
from spyglass.config.spec import RunnerEntry
from spyglass.model.body import Body, Outcome
from spyglass.model.clock import SystemClock
from spyglass.model.errors import Conflict, DecodeError, NotFound, Refused
from spyglass.model.told import Event, Told
from spyglass.plugin.contracts import RunnerContext, RunnerHealth, RunnerKind
from spyglass.plugin.loading import Found, Plugins

NONE = Plugins({}, ())
QUICK = Timing(first_pause_s=0.01, longest_pause_s=0.05, beat_s=0.01, silence_s=0.2)
Run = Callable[[RunnerContext], AsyncIterator[Told]]


class Settings(BaseModel):
    """With a secret."""

    token: str = "hush"


def telling(*names: str) -> Told:
    return Told({"service.name": "s"}, [Event(name, 1) for name in names])


class Scripted:
    """A runner that does what a test says."""

    def __init__(self, run: Run, context: RunnerContext) -> None:
        self._run, self._context = run, context

    def run(self) -> AsyncIterator[Told]:
        return self._run(self._context)

    def health(self) -> RunnerHealth:
        return RunnerHealth("partial", ("half of it is dark",))


@pytest.fixture
def manage(tmp_path: Path, sink: Any) -> Iterator[Callable[..., Manager]]:
    """`manage(one=run, two=run)`: runners of these names that run; they are stopped after the test."""
    managers: list[Manager] = []

    def make(timing: Timing = QUICK, **runs: Run) -> Manager:
        plans = []
        for name, run in runs.items():
            kind = RunnerKind(name, "1.0.0", "…", Settings, lambda _, context, run=run: Scripted(run, context))  # type: ignore[misc]
            plans.append(Plan(name, RunnerEntry(kind=name, project="p"), Found(kind, "built-in"), Settings()))
        managers.append(Manager(plans, NONE, tmp_path / "runners", SystemClock(), timing))
        managers[-1].begin(sink)
        return managers[-1]

    yield make
    for manager in managers:
        manager.end(2.0)


async def forever(context: RunnerContext) -> AsyncIterator[Told]:
    context.tally.seen(3)
    context.tally.dropped("noise", 2)
    yield telling("hello")
    await asyncio.Event().wait()


def state_of(manager: Manager, name: str) -> str:
    return manager.status(name).worker.state


def test_what_a_runner_tells_goes_the_road(manage: Any, sink: Any, eventually: Any) -> None:
    """As OTLP, for its project, with its counts and health."""
    manager = manage(one=forever)
    eventually(lambda: manager.status("one").counted.kept)
    status: RunnerStatus = manager.status("one")
    assert (sink.names(), sink.bodies[0].project, sink.bodies[0].client) == (["hello"], "p", "runner:one")
    assert (status.counted.seen, status.counted.kept, status.counted.dropped) == (3, 1, {"noise": 2})
    assert (status.worker.state, status.worker.health.level, status.settings) == ("running", "partial", {"token": "**********"})


def test_a_runner_stops_and_starts_again(manage: Any, sink: Any, eventually: Any) -> None:
    """Each start makes it anew; starting one that runs changes nothing."""
    manager = manage(one=forever)
    eventually(lambda: sink.bodies)
    assert manager.stop("one").worker.state == "stopped"
    assert manager.start("one").worker.state == "running"
    manager.start("one")
    eventually(lambda: len(sink.names()) == 2)
    assert threading.active_count() < 10


def test_stopping_keeps_what_was_told_and_lets_the_runner_know(manage: Any, sink: Any, eventually: Any) -> None:
    """Its code after the `yield` runs, so that it can remember how far it is."""
    remembered: list[str] = []
    asked, gate = threading.Event(), threading.Event()

    async def careful(_: RunnerContext) -> AsyncIterator[Told]:
        yield telling("last")
        remembered.append("last")
        await asyncio.Event().wait()

    def answer(_: Body) -> Outcome | None:
        asked.set()
        return Outcome(1) if gate.wait(60) else None

    sink.answer = answer
    manager = manage(one=careful)
    assert asked.wait(60)
    stopper = threading.Thread(target=manager.stop, args=("one",))
    stopper.start()
    eventually(lambda: state_of(manager, "one") == "stopping")
    gate.set()
    stopper.join()
    assert (remembered, state_of(manager, "one")) == (["last"], "stopped")


def test_a_crash_is_started_again_later_each_time(manage: Any, sink: Any, eventually: Any) -> None:
    """And a loop of them is told, with the last error, while another runner goes on."""

    async def crash(_: RunnerContext) -> AsyncIterator[Told]:
        yield telling("once more")
        raise RuntimeError("no luck")

    manager = manage(bad=crash, good=forever)
    eventually(lambda: manager.status("bad").worker.crashes >= 4)
    eventually(lambda: manager.status("bad").worker.health.problems[:1] and state_of(manager, "bad") == "waiting")
    worker = manager.status("bad").worker
    assert worker.last_error == "RuntimeError: no luck"
    assert (worker.crashes_in_row >= 4, worker.health.level) == (True, "minimal")
    assert "times in a row" in worker.health.problems[0]
    assert (state_of(manager, "good"), sink.names().count("once more") >= 4) == ("running", True)


def test_pauses_grow_to_their_bound(manage: Any, eventually: Any) -> None:
    """One that waits is started at once when somebody asks, and stopped at once too."""

    async def crash(_: RunnerContext) -> AsyncIterator[Told]:
        raise RuntimeError("no luck")
        yield

    manager = manage(Timing(first_pause_s=60, longest_pause_s=100, jitter=0), one=crash)
    pauses = []
    for crashes in (1, 2, 3):
        eventually(lambda crashes=crashes: manager.status("one").worker.crashes == crashes)
        worker = manager.status("one").worker
        pauses.append(round((worker.next_start_ns - worker.last_error_ns) / 1e9))
        manager.start("one")
    assert pauses == [60, 100, 100]
    assert manager.stop("one").worker.state == "stopped"


@pytest.mark.parametrize("wrong", ["exit", "yield", "coroutine", "health"])
def test_whatever_a_runner_does_is_its_own(manage: Any, eventually: Any, wrong: str) -> None:
    """It leaves the process, yields what is no Told, is no generator: a crash with words that say what would be right."""

    async def leave(_: RunnerContext) -> AsyncIterator[Told]:
        raise SystemExit(3)
        yield

    async def junk(_: RunnerContext) -> AsyncIterator[Any]:
        yield {"name": "x"}

    async def nothing(_: RunnerContext) -> None:
        return None

    runs: dict[str, Any] = {"exit": leave, "yield": junk, "coroutine": nothing, "health": lambda _: 3}
    manager = manage(bad=runs[wrong], good=forever)
    eventually(lambda: manager.status("bad").worker.crashes)
    wanted = {
        "exit": "it tried to end the process",
        "yield": "a runner yields Told",
        "coroutine": "must be an async generator",
        "health": "must be an async generator",
    }
    assert wanted[wrong] in manager.status("bad").worker.last_error
    assert state_of(manager, "good") == "running"


def test_one_that_hangs_is_told_and_left_behind(manage: Any, eventually: Any) -> None:
    """Stopping takes no longer than it may; it cannot be started twice; when it ends after all, it can."""
    gate = threading.Event()

    async def hang(_: RunnerContext) -> AsyncIterator[Told]:
        gate.wait(20)
        return
        yield

    manager = manage(bad=hang, good=forever)
    eventually(lambda: state_of(manager, "bad") == "hanging")
    assert manager.stop("bad", 0.1).worker.state == "hanging"
    assert "blocks its thread" in manager.status("bad").worker.health.problems[0]
    with pytest.raises(Conflict, match="has not ended"):
        manager.start("bad")
    assert state_of(manager, "good") == "running"
    gate.set()
    eventually(lambda: state_of(manager, "bad") == "stopped")
    assert manager.start("bad").worker.state in {"running", "ended"}


def test_a_flood_waits_for_the_road(manage: Any, sink: Any, eventually: Any) -> None:
    """It is not asked for more until what it told is kept: one body of it is under way at a time."""
    asked: list[int] = []

    async def flood(_: RunnerContext) -> AsyncIterator[Told]:
        while True:
            asked.append(1)
            yield telling("drop")

    waiting: list[Body] = []
    sink.answer = waiting.append
    manager = manage(one=flood)
    eventually(lambda: waiting)
    assert (len(asked), len(waiting)) == (1, 1)
    manager.stop("one", 0.4)
    assert (len(asked), state_of(manager, "one")) == (1, "stopped")


def test_a_rate_is_kept_by_waiting(manage: Any, sink: Any, eventually: Any, tmp_path: Path) -> None:
    """Nothing of it is lost."""

    async def many(_: RunnerContext) -> AsyncIterator[Told]:
        for number in range(4):
            yield telling(*[f"n{number}"] * 50)

    kind = RunnerKind("many", "1.0.0", "…", Settings, lambda _, context: Scripted(many, context))
    manager = Manager([Plan("many", RunnerEntry(kind="many", max_records_per_s=1000), Found(kind, "x"), Settings())], NONE, tmp_path, SystemClock(), QUICK)
    manager.begin(sink)
    eventually(lambda: state_of(manager, "many") == "ended")
    assert (manager.status("many").counted.kept, len(sink.bodies)) == (200, 4)


def test_a_busy_road_is_asked_again_and_a_refusal_is_counted(manage: Any, sink: Any, eventually: Any) -> None:
    """What can never be kept is dropped with its reason, what was kept before is a duplicate, and the runner goes on."""
    answers: list[Any] = [Refused("full", retry_after_s=0.01), Outcome(1), DecodeError("bad"), Outcome(0), Outcome(0, 1)]

    async def four(_: RunnerContext) -> AsyncIterator[Told]:
        for name in "abcd":
            yield telling(name)

    sink.answer = lambda _: answers.pop(0)
    manager = manage(one=four)
    eventually(lambda: state_of(manager, "one") == "ended")
    assert manager.status("one").counted.kept == 1
    assert manager.status("one").counted.dropped == {"decode_failed": 1, "duplicate": 1, "rejected": 1}


def test_an_unknown_runner_and_one_that_cannot_run_are_told(tmp_path: Path, sink: Any) -> None:
    """With what there is, and why."""
    manager = Manager([Plan("lost", RunnerEntry(kind="lost"), None, None, "there is no runner `lost`")], NONE, tmp_path, SystemClock())
    manager.begin(sink)
    assert (manager.status("lost").worker.state, manager.status("lost").worker.health.problems) == ("failed", ("there is no runner `lost`",))
    with pytest.raises(NotFound, match="there are lost"):
        manager.status("other")
    with pytest.raises(Conflict, match="there is no runner"):
        manager.start("lost")
    manager.end()


def test_what_was_started_or_stopped_by_hand_stays_so(manage: Any) -> None:
    """Over a restart."""
    manage(one=forever, two=forever).stop("one")
    again = manage(one=forever, two=forever)
    assert [(status.worker.state, status.enabled) for status in again.statuses()] == [("stopped", False), ("running", True)]
    again.start("one")
    assert manage(one=forever, two=forever).status("one").enabled


def test_a_setting_that_was_changed_holds_again(tmp_path: Path) -> None:
    """The choice was against another one; a file that is broken is none."""
    Choices(tmp_path).choose("one", enabled=True, run=False)
    assert [Choices(tmp_path).runs("one", enabled) for enabled in (True, False)] == [False, False]
    Choices(tmp_path).choose("one", enabled=False, run=True)
    assert [Choices(tmp_path).runs("one", enabled) for enabled in (False, True)] == [True, True]
    (tmp_path / "choices.json").write_text("{")
    assert not Choices(tmp_path).runs("one", enabled=False)
