"""What people are told of alerts, and what they are not: the whole life over a real database, with a clock that is moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spyglass.alert.judge import Figures
from spyglass.model.errors import Conflict, InputError

BAD, GOOD = {(): Figures(100, 50)}, {(): Figures(100, 0)}
QUICK = {"channels": ["log"], "group_wait_s": 1, "group_interval_s": 10, "repeat_interval_s": 3600}


@pytest.fixture
def quick(world: Any) -> Any:
    """Groups that wait shortly, and a rule without delays."""
    world.routing(route=QUICK)
    world.rule()
    return world


def test_an_alert_is_told_at_its_beginning_and_its_end(quick: Any) -> None:
    """And at no other time, while it stays as it is."""
    quick.figures = BAD
    quick.run(60)
    quick.figures = GOOD
    quick.run(60)
    assert quick.told() == [("new", "firing"), ("resolved", "resolved")]
    assert quick.history() == ["firing", "told", "delivered", "resolved", "told", "delivered"]


def test_it_fires_when_it_has_held_long_enough(world: Any) -> None:
    """Before, it is pending, and what does not last is forgotten."""
    world.routing(route=QUICK)
    world.rule(for_s=30)
    world.figures = BAD
    world.run(20)
    assert [alert.state for alert in world.all()] == ["pending"]
    world.figures = GOOD
    world.run(10)
    assert world.all() == []
    world.figures = BAD
    world.run(45)
    assert [alert.state for alert in world.all()] == ["firing"]


def test_a_flapping_alert_becomes_quiet(quick: Any) -> None:
    """It changes 120 times in an hour; people hear a few times."""
    for _ in range(60):
        quick.figures = BAD
        quick.run(30, step_s=10)
        quick.figures = GOOD
        quick.run(30, step_s=10)
    assert [status for _, status in quick.told()] == ["firing", "resolved", "firing"]
    assert quick.one().flaps == 1


def test_between_two_bounds_it_stays_as_it_was(world: Any) -> None:
    """Hysteresis: it begins above the one, and ends below the other."""
    world.routing(route=QUICK)
    world.rule(condition={"kind": "threshold", "measure": "errors", "value": 10, "clear": 5})
    states = []
    for errors in (8, 11, 8, 6, 5, 8):
        world.figures = {(): Figures(100, errors)}
        world.look(5)
        states.append([alert.state for alert in world.all()])
    assert states == [[], ["firing"], ["firing"], ["firing"], ["resolved"], ["resolved"]]


def test_what_becomes_worse_is_told(world: Any) -> None:
    """Success rates have classes; what becomes better is not told before it is over."""
    world.routing(route=QUICK)
    world.rule(condition={"kind": "success_rate"})
    for errors in (7, 15, 30, 7):
        world.figures = {(): Figures(100, errors)}
        world.run(15)
    assert [(one.notice["reason"], one.notice["alerts"][0]["severity"]) for one in world.deliveries()] == [
        ("new", "warning"),
        ("changed", "error"),
        ("changed", "critical"),
    ]


def test_a_rule_that_matches_everything_is_bounded_and_says_so(make_world: Any) -> None:
    """The worst are taken, the others counted."""
    world = make_world(most=20)
    world.rule(group_by=["agent"])
    world.figures = {(f"a{number}",): Figures(100, 6 + number) for number in range(500)}
    world.look(5)
    assert (len(world.all()), min(alert.value for alert in world.all())) == (20, 486)
    mark = world.evaluator.mark("p", "r")
    assert (mark.withheld, "matches too much" in mark.problem) == (480, True)


def test_alerts_of_a_group_are_told_together(quick: Any) -> None:
    """Fifty agents with the same trouble are one notice; those that do not fit are counted."""
    quick.rule("many", group_by=["agent"])
    quick.figures = {(f"a{number}",): Figures(100, 9) for number in range(60)}
    quick.documents.remove("p", "rule", "r")
    quick.run(20)
    (delivery,) = quick.deliveries()
    assert (len(delivery.notice["alerts"]), delivery.notice["withheld"], delivery.notice["labels"]) == (50, 10, {"cause": "rule many"})


def test_by_default_one_cause_is_one_notice(quick: Any) -> None:
    """Two rules that see the same agent tell once; another agent's trouble does not wait for it."""
    quick.rule("costly", group_by=["agent"])
    quick.rule("slow", group_by=["agent"])
    quick.figures = {("a",): Figures(100, 9), ("b",): Figures(100, 9)}
    quick.run(10)
    told = [(one.notice["labels"], sorted(alert["rule"] for alert in one.notice["alerts"])) for one in quick.deliveries()]
    assert sorted(told, key=str) == [({"cause": f"agent {agent}"}, ["costly", "slow"]) for agent in "ab"]


def test_what_befalls_many_at_once_is_put_down_to_what_they_share(world: Any) -> None:
    """The model that all of them call; the rule, where they have nothing in common. Few have causes of their own, and who was told of one keeps it."""
    world.rule("models", group_by=["agent", "model"])
    world.rule("agents", group_by=["agent"])
    world.figures = {(f"a{number}", "m"): Figures(100, 9) for number in range(5)} | {(f"a{number}",): Figures(100, 9) for number in range(4)}
    world.look(5)
    assert {(alert.rule, alert.labels["cause"]) for alert in world.all()} == {("models", "model m")} | {("agents", f"agent a{number}") for number in range(4)}
    world.figures |= {(f"a{number}",): Figures(100, 9) for number in range(9)}
    world.look(5)
    causes = {alert.labels["agent"]: alert.labels["cause"] for alert in world.all() if alert.rule == "agents"}
    assert causes == {f"a{number}": f"agent a{number}" if number < 4 else "rule agents" for number in range(9)}


def test_what_fires_stays_in_its_group_when_the_routing_groups_otherwise(quick: Any) -> None:
    """Nobody is told of it again; its end is told where its beginning was."""
    quick.figures = BAD
    quick.run(10)
    quick.routing(route=QUICK | {"group_by": ["rule"]})
    quick.rule(severity="critical")
    quick.run(60)
    quick.figures = GOOD
    quick.run(60)
    assert quick.told() == [("new", "firing"), ("changed", "firing"), ("resolved", "resolved")]
    assert {str(one.notice["labels"]) for one in quick.deliveries()} == {"{'cause': 'rule r'}"}


def test_alerts_of_one_cause_are_one_notice_whatever_their_rules(world: Any) -> None:
    """What is of another cause is told apart; what comes later with all that fires; the end once, when all is over."""
    world.routing(route=QUICK | {"group_by": ["cause"], "group_wait_s": 5})
    world.rule("errors", group_by=["agent"])
    world.rule("costly", group_by=["agent", "model"])
    world.figures = {("a",): Figures(100, 9), ("b",): Figures(100, 9), ("a", "m"): Figures(100, 9)}
    world.run(20)
    world.figures |= {("a", "n"): Figures(100, 9)}
    world.run(20)
    world.figures = dict.fromkeys(world.figures, Figures(100, 0))
    world.run(40)
    told = [(one.notice["labels"]["cause"], one.notice["reason"], sorted(alert["rule"] for alert in one.notice["alerts"])) for one in world.deliveries()]
    of_a = [(reason, rules) for cause, reason, rules in told if cause == "agent a"]
    assert of_a == [("new", ["costly", "errors"]), ("new", ["costly", "costly", "errors"]), ("resolved", ["costly", "costly", "errors"])]
    assert [(cause, reason) for cause, reason, _ in told if cause != "agent a"] == [("agent b", "new"), ("agent b", "resolved")]


def test_a_cause_is_a_label_like_any_other(world: Any) -> None:
    """One alert of a cause holds back the others of it, and a silence takes it; a rule that says another cause is believed."""
    inhibit = [{"source": ["rule=down"], "target": ["rule=slow"], "equal": ["cause"]}]
    world.routing(route=QUICK | {"group_by": ["cause"]}, inhibit=inhibit)
    world.rule("down", group_by=["model"])
    world.rule("slow", group_by=["agent"], labels={"cause": "model m"})
    world.rule("none")
    world.figures = {("m",): Figures(100, 9)}
    world.run(10)
    assert {alert.rule: alert.labels["cause"] for alert in world.all()} == {"down": "model m", "slow": "model m"}
    assert [[alert["rule"] for alert in one.notice["alerts"]] for one in world.deliveries()] == [["down"]]
    world.figures = BAD
    world.look(5)
    assert next(alert for alert in world.all() if alert.rule == "none").labels["cause"] == "rule none"


def test_it_is_repeated_while_it_fires(quick: Any) -> None:
    """After the repeat interval."""
    quick.figures = BAD
    quick.run(2 * 3600 + 300, step_s=60)
    assert [reason for reason, _ in quick.told()] == ["new", "repeat", "repeat"]


def test_an_acknowledged_alert_is_not_repeated(quick: Any) -> None:
    """Its end is told."""
    quick.figures = BAD
    quick.run(10)
    quick.desk.acknowledge("p", quick.one().id, "ana", "mine")
    quick.run(7200, step_s=60)
    quick.figures = GOOD
    quick.run(30)
    assert [reason for reason, _ in quick.told()] == ["new", "resolved"]
    with pytest.raises(Conflict, match="over since"):
        quick.desk.acknowledge("p", quick.one().id, "ben")


def test_a_snooze_ends(quick: Any) -> None:
    """Then it is told again, if it still fires."""
    quick.figures = BAD
    quick.run(10)
    quick.desk.acknowledge("p", quick.one().id, "ana", until_ns=quick.clock.now_ns() + 600 * 10**9)
    quick.run(595, step_s=5)
    assert [reason for reason, _ in quick.told()] == ["new"]
    quick.run(60, step_s=5)
    assert [reason for reason, _ in quick.told()] == ["new", "snooze_over"]


def test_a_snooze_that_ends_while_the_server_is_down_is_told(quick: Any) -> None:
    """Also where the server died before it looked at it even once."""
    quick.figures = BAD
    quick.run(10)
    quick.desk.acknowledge("p", quick.one().id, "ana", until_ns=quick.clock.now_ns() + 30 * 10**9)
    quick.clock.now_s += 60
    quick.run(10)
    assert [reason for reason, _ in quick.told()] == ["new", "snooze_over"]


def test_a_snooze_until_the_next_version(world: Any) -> None:
    """Ends when the agent is seen at another one."""
    world.routing(route=QUICK)
    world.rule(group_by=["agent"])
    world.figures, world.versions = {("planner",): Figures(100, 50)}, {"planner": "1.4"}
    world.run(10)
    world.desk.acknowledge("p", world.one().id, "ana", next_version=True)
    world.run(600, step_s=10)
    assert len(world.told()) == 1
    world.versions = {"planner": "1.5"}
    world.run(20)
    assert [reason for reason, _ in world.told()] == ["new", "snooze_over"]
    world.versions = {}
    with pytest.raises(InputError, match="whose version is known"):
        world.desk.acknowledge("p", world.one().id, "ana", next_version=True)


def test_nobody_is_told_during_a_silence(quick: Any) -> None:
    """After it they are, if it still fires."""
    now = datetime.fromtimestamp(quick.clock.now_s, UTC)
    body = {"matchers": ["rule=r"], "starts": now.isoformat(), "ends": (now + timedelta(seconds=300)).isoformat()}
    quick.documents.put("p", "silence", "s1", body)
    quick.figures = BAD
    quick.run(290, step_s=5)
    assert quick.told() == []
    assert "silenced by s1" in [step.note for step in _steps(quick)]
    quick.run(30)
    assert quick.told() == [("new", "firing")]


def test_what_was_held_back_is_told_soon_after(quick: Any) -> None:
    """Within a minute of the end of the silence, however seldom its group is told otherwise."""
    quick.routing(route={**QUICK, "group_interval_s": 86_400})
    now = datetime.fromtimestamp(quick.clock.now_s, UTC)
    quick.documents.put("p", "silence", "s1", {"matchers": ["rule=r"], "starts": now.isoformat(), "ends": (now + timedelta(seconds=300)).isoformat()})
    quick.figures = BAD
    quick.run(295, step_s=5)
    assert quick.told() == []
    quick.run(75, step_s=5)
    assert quick.told() == [("new", "firing")]


def test_what_another_alert_explains_is_not_told(quick: Any) -> None:
    """As long as that fires."""
    quick.routing(route=QUICK, inhibit=[{"source": ["rule=outage"], "target": ["rule=r"], "equal": ["project"]}])
    quick.rule("outage", severity="critical")
    quick.figures = BAD
    quick.run(60)
    assert [one.notice["alerts"][0]["rule"] for one in quick.deliveries()] == ["outage"]
    quick.documents.remove("p", "rule", "outage")
    quick.run(30)
    assert {one.notice["alerts"][0]["rule"] for one in quick.deliveries()} == {"outage", "r"}


def test_what_nobody_acknowledges_goes_to_the_next_level(quick: Any) -> None:
    """With the name of whoever is on call; who is told of the beginning is told of the end."""
    schedule = {"members": ["ana", "ben"], "starts": "2025-06-01T00:00:00Z", "shift_s": 86_400}
    levels = [{"after_s": 60, "channels": ["lead"], "on_call": "week"}, {"after_s": 300, "channels": ["boss"]}]
    quick.routing(route={**QUICK, "escalation": "duty"}, escalations={"duty": {"levels": levels}}, schedules={"week": schedule})
    for name in ("lead", "boss"):
        quick.documents.put("p", "channel", name, {"kind": "log", "settings": {}})
    quick.figures = BAD
    quick.run(120)
    assert [(one.channel, one.notice["reason"], one.notice["to"]) for one in quick.deliveries()] == [("log", "new", []), ("lead", "escalated", ["ana"])]
    quick.desk.acknowledge("p", quick.one().id, "ben")
    quick.run(600, step_s=5)
    quick.figures = GOOD
    quick.run(30)
    assert [(one.channel, one.notice["reason"]) for one in quick.deliveries()[2:]] in (
        [("lead", "resolved"), ("log", "resolved")],
        [("log", "resolved"), ("lead", "resolved")],
    )


def test_whoever_was_on_call_hears_of_the_end(quick: Any) -> None:
    """Also when the shift is another's by then; a repetition is for whoever has it."""
    schedule = {"members": ["ana", "ben"], "starts": "2025-06-15T15:06:40Z", "shift_s": 3_600}  # from the world's beginning
    routing = {"route": {**QUICK, "escalation": "duty", "repeat_interval_s": 3_590}, "schedules": {"week": schedule}}
    quick.routing(**routing, escalations={"duty": {"levels": [{"after_s": 60, "channels": ["log"], "on_call": "week"}]}})
    quick.figures = BAD
    quick.run(3_700, step_s=10)
    quick.figures = GOOD
    quick.run(30)
    assert [(one.notice["reason"], one.notice["to"]) for one in quick.deliveries()] == [
        ("new", []),
        ("escalated", ["ana"]),
        ("repeat", ["ben"]),
        ("resolved", ["ana", "ben"]),
    ]


def test_a_gap_of_a_schedule_is_said(quick: Any) -> None:
    """The level is told all the same."""
    schedule = {"members": ["ana"], "starts": "2025-06-01T00:00:00Z", "hours": [{"days": ["mon"]}]}  # the world begins on a Sunday
    routing = {"route": {**QUICK, "escalation": "duty"}, "schedules": {"mondays": schedule}}
    quick.routing(**routing, escalations={"duty": {"levels": [{"after_s": 30, "channels": ["log"], "on_call": "mondays"}]}})
    quick.figures = BAD
    quick.run(60)
    assert [(one.notice["reason"], one.notice["to"], one.notice["note"]) for one in quick.deliveries()][1] == (
        "escalated",
        [],
        "nobody is on call in the schedule mondays",
    )


def test_a_deleted_rule_ends_its_alerts(quick: Any) -> None:
    """And people who were told hear of it."""
    quick.figures = BAD
    quick.run(20)
    quick.documents.remove("p", "rule", "r")
    quick.run(30)
    assert quick.told() == [("new", "firing"), ("resolved", "resolved")]


def test_a_rule_that_fails_harms_no_other(quick: Any) -> None:
    """Its problem is told with it."""
    ask = quick.evaluator._ask

    def sometimes(question: Any) -> Any:
        if question.query:
            raise InputError("the search is wrong")
        return ask(question)

    quick.evaluator._ask = sometimes
    quick.rule("broken", query="x")
    quick.figures = BAD
    quick.run(10)
    assert quick.evaluator.mark("p", "broken").problem == "the search is wrong"
    assert [alert.rule for alert in quick.all()] == ["r"]


def _steps(world: Any) -> list[Any]:
    with world.alerts.reading() as book:
        return book.history(world.one().id)


def test_nothing_is_missing_because_nobody_could_receive_it(world: Any) -> None:
    """After a start, absence is not judged before its window lies behind it; what fired before stays."""
    world.rule("quiet", condition={"kind": "absence", "window_s": 60}, interval_s=5)
    world.run(55, step_s=5)
    assert world.all() == []
    world.run(10, step_s=5)
    assert [alert.state for alert in world.all()] == ["firing"]
