"""What people do with all alerts of a cause at once."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.alert.judge import Figures
from spyglass.model.errors import Conflict, InputError, NotFound

QUICK = {"channels": ["log"], "group_wait_s": 1, "group_interval_s": 10, "repeat_interval_s": 3600}


@pytest.fixture
def two(world: Any) -> Any:
    """Of the agent `a` two alerts, of `b` one; people know of all."""
    world.routing(route=QUICK)
    world.rule("errors", group_by=["agent"])
    world.rule("costly", group_by=["agent", "model"])
    world.figures = {("a",): Figures(100, 9), ("b",): Figures(100, 9), ("a", "m"): Figures(100, 9)}
    world.run(10)
    return world


def steps(world: Any, cause: str) -> list[list[str]]:
    """What people did with each alert of a cause."""
    with world.alerts.reading() as book:
        ours = [alert for alert in world.all() if alert.labels["cause"] == cause]
        return [[f"{step.step} {step.who}" for step in book.history(alert.id) if step.who] for alert in ours]


def test_a_cause_is_taken_as_a_whole(two: Any) -> None:
    """Nothing more is told of it but its end; another cause is told on."""
    assert {alert.rule for alert in two.desk.acknowledge_cause("p", "agent a", "ana", "mine")} == {"errors", "costly"}
    two.run(2 * 3600 + 600, step_s=600)
    two.figures = {}
    two.run(60, step_s=10)
    told = [(one.notice["labels"]["cause"], one.notice["reason"]) for one in two.deliveries()]
    assert [reason for cause, reason in told if cause == "agent a"] == ["new", "resolved"]
    assert [reason for cause, reason in told if cause == "agent b"] == ["new", "repeat", "repeat", "resolved"]
    assert steps(two, "agent a") == [["acknowledged ana"]] * 2
    assert steps(two, "agent b") == [[]]


def test_what_begins_later_of_a_cause_is_told(two: Any) -> None:
    """Nobody has looked at it yet."""
    two.desk.acknowledge_cause("p", "agent a", "ana")
    two.figures |= {("a", "n"): Figures(100, 9)}
    two.run(20)
    last = two.deliveries()[-1].notice
    assert (last["labels"]["cause"], last["reason"], [alert["labels"]["model"] for alert in last["alerts"]]) == ("agent a", "new", ["n"])


def test_a_channel_hears_once_that_somebody_has_all_of_a_cause(two: Any) -> None:
    """However many alerts that are."""
    two.desk._hears = lambda _project, channel: channel == "log"
    two.desk.acknowledge_cause("p", "agent a", "ana", "mine")
    (heard,) = [one.notice for one in two.deliveries() if one.notice["reason"] == "acknowledged"]
    assert (heard["note"], len(heard["alerts"])) == ("ana has it: mine", 2)


def test_a_cause_is_snoozed_and_let_go(two: Any) -> None:
    """A snooze ends for all of it; who lets go lets go of all that anybody has."""
    two.desk.acknowledge_cause("p", "agent a", "ana", until_ns=two.clock.now_ns() + 60 * 10**9)
    two.run(90, step_s=10)
    assert [one.notice["reason"] for one in two.deliveries() if one.notice["labels"]["cause"] == "agent a"] == ["new", "snooze_over"]
    two.desk.release_cause("p", "agent a", "ben")
    assert steps(two, "agent a") == [["snoozed ana", "released ben"]] * 2
    with pytest.raises(Conflict, match="nobody has acknowledged"):
        two.desk.release_cause("p", "agent a", "ben")


def test_a_cause_is_ended(two: Any) -> None:
    """People hear of it once; what still holds comes back."""
    two.desk.resolve_cause("p", "agent a", "ana", "mended")
    two.figures = {("b",): Figures(100, 9)}
    two.run(30)
    assert [one.notice["reason"] for one in two.deliveries() if one.notice["labels"]["cause"] == "agent a"] == ["new", "resolved"]
    assert [alert.labels["cause"] for alert in two.all("firing")] == ["agent b"]


def test_what_cannot_be_done_with_all_is_done_with_none(two: Any) -> None:
    """Of one the agent's version is not known; of a cause nothing goes on; a project has no hand in another's."""
    two.versions = {}
    with pytest.raises(InputError, match="whose version is known"):
        two.desk.acknowledge_cause("p", "agent a", "ana", next_version=True)
    with pytest.raises(InputError, match="still to come"):
        two.desk.acknowledge_cause("p", "agent a", "ana", until_ns=1)
    for project, cause in (("p", "agent c"), ("q", "agent a")):
        for act in (two.desk.acknowledge_cause, two.desk.release_cause, two.desk.resolve_cause):
            with pytest.raises(NotFound, match="has no alert of the cause"):
                act(project, cause, "ana")
    assert steps(two, "agent a") == [[], []]
