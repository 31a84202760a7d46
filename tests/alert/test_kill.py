"""An alert's life, cut at any place: whoever goes on loses nothing and tells nothing twice, and what cannot be known carries the same id."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from spyglass.alert.found import Found
from spyglass.alert.judge import Figures

STEPS = {
    "measured": (1, 2, 6),
    "evaluated": (1, 2, 5, 6),
    "looked": (1,),
    "queued": (1, 2),
    "claimed": (1, 2, 3, 4),
    "sent": (1, 2, 3, 4),
    "marked": (1, 2, 3, 4),
}


class Killed(BaseException):
    """The process dies here, as far as the database can tell."""


def told_once(sink: Any, again: int) -> None:
    """Each channel was told of the beginning and of the end, each once; a notice may have come again, with the same id, where a cut was after sending."""
    for path in ("/one", "/two"):
        ids = Counter(body["id"] for body in sink.bodies(path))
        order = list(dict.fromkeys((body["id"], body["status"]) for body in sink.bodies(path)))
        assert [status for _, status in order] == ["firing", "resolved"]
        assert max(ids.values()) <= 1 + again


def live(make_world: Callable[..., Any], sink: Any, after: Callable[[str], None], prepare: Callable[[Any], None] = lambda _world: None, idle_s: int = 4) -> int:
    """A life of seventy seconds, begun again by a new process where it is cut; how often it was. While nothing is due, a step takes `idle_s`."""
    passed, cuts = 0.0, 0
    world = make_world()
    world.channel("one", f"{sink.url}/one")
    world.channel("two", f"{sink.url}/two")
    world.rule()
    world.routing(route={"channels": ["one", "two"], "group_wait_s": 1, "group_interval_s": 10})
    start_s = world.clock.now_s
    world.close()
    world = make_world(after, start_s)
    prepare(world)
    while passed < 70:
        step_s = 1 if passed < 12 or 24 <= passed < 36 else idle_s
        passed = world.clock.now_s - start_s + step_s
        world.figures = {(): Figures(10, 9 if 5 <= passed < 25 else 0)}
        try:
            world.run(step_s, step_s)
        except (Killed, BaseExceptionGroup):
            cuts += 1
            world.close()
            world = make_world(after, start_s + passed)
            prepare(world)
    return cuts


@pytest.mark.parametrize(("step", "number"), [(step, number) for step, numbers in STEPS.items() for number in numbers])
def test_cut_after_any_step_nothing_is_lost_or_told_twice(make_world: Callable[..., Any], sink: Any, step: str, number: int) -> None:
    """The n-th time that a step is done, the process is gone before it can do anything else."""
    left = number

    def after(done: str) -> None:
        nonlocal left
        left -= done == step
        if done == step and left == 0:
            raise Killed

    cuts = live(make_world, sink, after)
    assert cuts == 1
    told_once(sink, again=step == "sent")


@pytest.mark.parametrize("part", range(4))
def test_cut_at_any_statement_nothing_is_lost_or_told_twice(make_world: Callable[..., Any], sink: Any, part: int) -> None:
    """The database is gone in the middle of transactions, again and again: every 53rd statement, shifted so that the cuts fall everywhere."""
    count = part * 13

    def fail(*_: object) -> None:
        nonlocal count
        count += 1
        if count % 53 == 0:
            raise Killed

    def prepare(world: Any) -> None:
        event.listen(world.facts._engine, "before_cursor_execute", fail)

    cuts = live(make_world, sink, lambda _step: None, prepare, idle_s=1)
    assert cuts > 3
    told_once(sink, again=cuts)


def found_live(make_world: Callable[..., Any], sink: Any, after: Callable[[str], None]) -> int:
    """A life that begins with a finding, which comes again each second, as after a restart: it is told, refused at first, escalated, and taken by somebody."""
    refused = False

    def answer(path: str) -> tuple[int, dict[str, str]]:
        nonlocal refused
        status = 503 if path == "/one" and not refused else 200
        refused |= status == 503
        return status, {}

    sink.answer = answer
    world, passed, cuts = make_world(), 0, 0
    start_s = world.clock.now_s
    finding = Found(round((start_s + 3) * 1e9), "planner loops", "error", {"spyglass.finding.fingerprint": "f"}, {"agent": "planner"})
    for name in ("one", "two"):
        world.channel(name, f"{sink.url}/{name}")
    world.documents.put("p", "rule", "found", {"condition": {"kind": "finding", "quiet_s": 10}, "interval_s": 5})
    levels = {"levels": [{"after_s": 3, "channels": ["two"]}]}
    world.routing(route={"channels": ["one"], "group_wait_s": 1, "group_interval_s": 5, "escalation": "duty"}, escalations={"duty": levels})
    world.policy(match=["rule=found"], action={"kind": "stop_run", "label": "agent"})
    world.close()
    world = make_world(after, start_s)
    while passed < 48:
        step_s = 1 if passed < 12 else 4
        passed = round(world.clock.now_s - start_s) + step_s
        try:
            if passed >= 3:
                ((project, name, rule),) = world.finder.rules()
                world.finder.take(project, name, rule, [finding])
                after("found")
            world.run(step_s, step_s)
            world.planner.round()
            after("planned")
            asyncio.run(world.performer.round())
            after("performed")
            if passed >= 9 and (ours := world.all("firing")) and not ours[0].owner:
                world.desk.acknowledge("p", ours[0].id, "ana", "mine")
                after("acknowledged")
        except (Killed, BaseExceptionGroup):
            cuts += 1
            world.close()
            world = make_world(after, start_s + passed)
    assert [one.execution_id for one in world.stops.page("p", 0, 10)] == ["planner"]
    assert [one.state for one in world.actions.page("p", "", (), 0, 10)] == ["done"]
    steps = world.history()
    assert [steps.count(step) for step in ("firing", "acknowledged", "escalated", "action", "resolved")] == [1] * 5
    return cuts


@pytest.mark.parametrize(
    ("step", "number"),
    [("found", 1), ("claimed", 1), ("marked", 1), ("planned", 1), ("queued", 2), ("sent", 2), ("acknowledged", 1)],
)
def test_a_finding_that_is_escalated_and_taken_is_told_once_wherever_it_is_cut(make_world: Callable[..., Any], sink: Any, step: str, number: int) -> None:
    """Between its arrival and its alert, a refusal and the next attempt, a plan and the deed, a level and the next, a person's word and its telling."""
    left = number

    def after(done: str) -> None:
        nonlocal left
        left -= done == step
        if done == step and left == 0:
            raise Killed

    assert found_live(make_world, sink, after) == 1
    for path, reasons in (("/one", ["new", "resolved"]), ("/two", ["escalated", "resolved"])):
        ids = Counter(body["id"] for body in sink.bodies(path))
        assert list(dict.fromkeys((body["id"], body["reason"]) for body in sink.bodies(path))) == list(
            zip(dict.fromkeys(body["id"] for body in sink.bodies(path)), reasons, strict=True)
        )
        assert max(ids.values()) <= 1 + (path == "/one") + (step == "sent")  # the refused one comes again, as it should


@pytest.mark.parametrize("step", ["evaluated", "queued", "sent"])
def test_killed_process_is_followed_by_one_that_goes_on(tmp_path: Path, sink: Any, step: str) -> None:
    """A real process, a real SIGKILL."""
    command = [sys.executable, str(Path(__file__).with_name("life_child.py")), str(tmp_path / "facts.db"), sink.url]
    killed = subprocess.run([*command, step, "1"], timeout=120, check=False)
    assert killed.returncode == -9
    subprocess.run([*command, "-", "0"], timeout=120, check=True)
    told_once(sink, again=step == "sent")
