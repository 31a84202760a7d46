"""What is done about alerts without anybody asking: nothing by default, within limits, once, on record, and taken back where that goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from spyglass.alert.judge import Figures
from spyglass.alert.policy import read_policy
from spyglass.facts.alerts import Step
from spyglass.model.errors import Conflict, InputError, NotFound

STOP = {"kind": "stop_run", "label": "execution_id"}
HOOK = {"kind": "webhook", "channel": "hook"}
BAD = Figures(10, 9)


def fire(world: Any, *groups: str, name: str = "execution_id") -> None:
    """Alerts of these groups begin, after the policies were made."""
    world.rule(group_by=[name])
    world.figures = {(group,): BAD for group in groups}
    world.look(5)


@pytest.mark.parametrize(("live", "mode"), [(True, "dry_run"), (False, "live")])
def test_nothing_is_done_by_default_and_what_would_be_is_on_record(make_world: Callable[..., Any], live: bool, mode: str) -> None:
    """Neither by a policy that is not live, nor where the operator does not allow it; what the limits would do is seen, too."""
    world = make_world(live=live)
    world.policy(mode=mode, action=STOP, per_hour=2)
    fire(world, "x1", "x2", "x3")
    assert sorted(world.act()) == ["dry_run", "dry_run", "limited"]
    assert world.stops.page("p", 0, 10) == []
    assert read_policy({"match": ["rule=r"], "action": STOP}).mode == "dry_run"


def test_a_run_is_asked_to_stop_once_and_hears_of_it_when_it_asks(world: Any) -> None:
    """However often anybody looks; the alert's history has it."""
    world.policy(action=STOP)
    fire(world, "run-1")
    assert (world.act(), world.act()) == (["done"], ["done"])
    assert [one.execution_id for one in world.stops.heard("p", ["other", "run-1"])] == ["run-1"]
    with world.alerts.reading() as book:
        steps = [step for step in book.history(world.one().id) if step.step == "action"]
    assert steps[0] == Step("action", steps[0].at_ns, "policy act", f"stop the execution run-1 ({world.actions.page('p', '', (), 0, 1)[0].id})")


def test_a_stop_is_taken_back_until_its_program_has_heard(world: Any) -> None:
    """Afterwards it is said why not."""
    world.policy(action=STOP, per_subject=5)
    fire(world, "run-1", "run-2")
    world.act()
    one, other = world.actions.page("p", "", (), 0, 10)
    world.stops.heard("p", [other.subject])
    undone = asyncio.run(world.performer.undo("p", one.id, "ana", "a mistake"))
    assert (undone.state, undone.undone_by, world.stops.heard("p", [one.subject])) == ("undone", "ana", [])
    with pytest.raises(Conflict, match="cannot be taken back"):
        asyncio.run(world.performer.undo("p", other.id, "ana"))
    with pytest.raises(Conflict, match="undone"):
        asyncio.run(world.performer.undo("p", one.id, "ana"))
    with pytest.raises(NotFound):
        asyncio.run(world.performer.undo("q", other.id, "ana"))


def test_limits_hold_by_the_hour_and_by_the_subject(world: Any) -> None:
    """What is beyond them is on record, and not done later."""
    world.policy(action={"kind": "restart_runner", "runner": "host"}, per_hour=2, per_subject=2)
    fire(world, "a", "b", "c", name="agent")
    assert sorted(world.act()) == ["done", "done", "limited"]
    world.clock.now_s += 4_000
    assert (len(world.act()), world.restarted) == (3, ["host", "host"])


def test_a_webhook_is_called_and_told_when_it_is_undone(world: Any, sink: Any) -> None:
    """Under the action's id, signed as its channel says."""
    world.channel("hook", f"{sink.url}/act", secret="s")
    world.policy(action=HOOK)
    fire(world, "a", name="agent")
    assert world.act() == ["done"]
    (action,) = world.actions.page("p", "", (), 0, 10)
    asyncio.run(world.performer.undo("p", action.id, "ana"))
    done, back = sink.bodies("/act")
    assert (done["id"], done["reason"], done["status"], back["status"]) == (action.id, "action", "firing", "resolved")
    assert "undone by ana" in back["note"]


def issues_channel(world: Any, github: Any, token: str = "t0ken") -> None:
    """The channel `repo`, and a policy that opens an issue through it."""
    settings = {"repository": "o/r", "token": token, "labels": ["agents"], "url": f"http://127.0.0.1:{github.server.server_port}"}
    world.documents.put("p", "channel", "repo", {"kind": "github", "settings": settings})
    world.policy(action={"kind": "open_issue", "channel": "repo"})


def test_an_issue_is_opened_once_and_closed_when_it_is_undone(world: Any, github: Any) -> None:
    """With what fires and which policy opened it; looking again opens no other, and the issue says who took it back and why."""
    issues_channel(world, github)
    fire(world, "billing", name="agent")
    assert (world.act(), world.act()) == (["done"], ["done"])
    (issue,), (action,) = github.issues, world.actions.page("p", "", (), 0, 10)
    assert (issue["state"], issue["labels"], action.answer) == ("open", ["spyglass", "agents"], "issue 1 opened")
    assert "agent=billing" in issue["body"]
    assert f"action {action.id} of policy act (open_issue)" in issue["body"]
    undone = asyncio.run(world.performer.undo("p", action.id, "ana", "a mistake"))
    assert (undone.state, issue["state"], len(github.issues)) == ("undone", "closed", 1)
    assert "undone by ana: a mistake" in github.comments[-1][1]


def test_an_issue_that_cannot_be_opened_is_on_record_and_not_tried_again(world: Any, github: Any) -> None:
    """The token is not in what is said of it."""
    issues_channel(world, github, token="wrong-token")
    fire(world, "billing", name="agent")
    assert (world.act(), world.act()) == (["failed"], ["failed"])
    (action,) = world.actions.page("p", "", (), 0, 10)
    assert (github.issues, "HTTP 401" in action.answer, "wrong-token" in action.answer) == ([], True, False)


def test_what_fails_is_said_and_not_done_again(world: Any, sink: Any) -> None:
    """A channel that is gone, a server that refuses, an alert that does not say of which run it is."""
    sink.answer = lambda _path: (500, {})
    world.channel("hook", sink.url)
    world.policy("a", action=HOOK)
    world.policy("b", action={"kind": "open_issue", "channel": "none"})
    world.policy("c", action=STOP)
    fire(world, "a", name="agent")
    assert (world.act(), world.act()[:0], len(sink.taken)) == (["failed"] * 3, [], 1)
    answers = {one.policy: one.answer for one in world.actions.page("p", "", (), 0, 10)}
    assert "HTTP 500" in answers["a"]
    assert "no channel none" in answers["b"]
    assert "no such label" in answers["c"]


def test_a_server_that_dies_while_doing_leaves_it_unknown(world: Any) -> None:
    """Nobody can know whether it was done, so that it is not done again."""
    world.policy(action={"kind": "restart_runner", "runner": "host"})
    fire(world, "a", name="agent")
    world.planner.round()
    (due,) = world.actions.due(10)
    assert [world.actions.claim(due.id, world.clock.now_ns()) for _ in range(2)] == [True, False]
    world.clock.now_s += 200
    assert (world.act(), world.restarted) == (["unknown"], [])


def test_what_somebody_has_or_is_silenced_or_was_there_before_is_left_alone(world: Any) -> None:
    """A policy is about what begins after it was made."""
    fire(world, "old")
    world.clock.now_s += 1
    world.policy(action=STOP, after_s=60, per_hour=100)
    world.figures = {(group,): BAD for group in ("old", "mine", "quiet", "fresh")}
    world.look(5)
    assert world.act() == []
    mine = next(one for one in world.all("firing") if one.labels["execution_id"] == "mine")
    world.desk.acknowledge("p", mine.id, "ana")
    silence = {"matchers": ["execution_id=quiet"], "starts": "2020-01-01T00:00:00Z", "ends": "2020-12-31T00:00:00Z"}
    world.documents.put("p", "silence", "s", silence | {"starts": "2025-06-01T00:00:00Z", "ends": "2025-12-31T00:00:00Z"})
    world.look(61)
    world.act()
    assert [one.subject for one in world.actions.page("p", "", (), 0, 10)] == ["fresh"]


@pytest.mark.parametrize("wrong", [{"match": []}, {"action": {"kind": "shell"}}, {"per_hour": 0}, {"mode": "yes"}, {"action": {"kind": "webhook"}}])
def test_a_policy_that_is_wrong_is_refused(wrong: dict[str, Any]) -> None:
    """And one that would be about everything."""
    with pytest.raises(InputError, match="policy"):
        read_policy({"match": ["rule=r"], "action": STOP, **wrong})
