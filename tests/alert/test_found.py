"""Findings become alerts at once, and once, however often they come."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from spyglass.alert.found import GROUPS, Found, found
from spyglass.alert.rehearse import rehearse_findings
from spyglass.alert.rules import read_rule
from spyglass.model.batch import Batch
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.testing import rows

SECOND_NS = 10**9
FINDING = {"condition": {"kind": "finding", "severity": "warning", "quiet_s": 600}}


def batch(world: Any, *told: dict[str, Any], scope: str = "spyglass.server", name: str = "finding") -> Batch:
    """Findings now: `agent`, `rule`, `severity`, `at` in s from now."""
    count = len(told)
    attributes = [
        [
            ("spyglass.finding.fingerprint", f"{one.get('agent', 'a')}-{one.get('rule', 'loop')}"),
            ("spyglass.finding.severity", one.get("severity", "error")),
            ("spyglass.finding.rule", one.get("rule", "loop")),
            ("spyglass.finding.observed", "7.5"),
            ("spyglass.finding.expected_low", "0.0"),
            ("spyglass.finding.expected_high", "3.14159265"),
            ("spyglass.finding.probability", "1.23456e-07"),
            ("spyglass.finding.suggestion", "stop it"),
            ("spyglass.finding.cause", one.get("cause", "")),
        ]
        for one in told
    ]
    schema = SCHEMAS[Kind.EVENT]
    table = rows.events(
        count,
        project=pa.array(["p"] * count),
        event_name=pa.array([name] * count),
        scope_name=pa.array([scope] * count),
        agent=pa.array([one.get("agent", "a") for one in told]),
        body=pa.array([f"agent {one.get('agent', 'a')} loops" for one in told]),
        time=pa.array([world.clock.now_ns() + one.get("at", 0) * SECOND_NS + 7 for one in told], schema.field("time").type),
        attributes=pa.array(attributes, schema.field("attributes").type),
        attribute_types=pa.array(["sssssssss"] * count),
    )
    return Batch(Kind.EVENT, table)


@pytest.fixture
def finding(world: Any) -> Any:
    """A rule for findings."""
    world.documents.put("p", "rule", "found", FINDING)
    world.routing(route={"channels": ["log"], "group_wait_s": 1, "group_interval_s": 10})
    return world


def test_a_finding_is_an_alert_with_what_helps(finding: Any) -> None:
    """Who, what, how bad, what to do."""
    assert finding.finder.observe(batch(finding, {"agent": "planner"})) == 1
    alert = finding.one()
    assert (alert.state, alert.severity, alert.title, alert.value) == ("firing", "error", "agent planner loops", 7.5)
    assert (alert.labels["agent"], alert.annotations["suggestion"]) == ("planner", "stop it")
    assert (alert.annotations["expected"], alert.annotations["probability"]) == ("0 to 3.142", "1.235e-07")
    finding.run(3)
    assert finding.told() == [("new", "firing")]


def test_the_same_finding_a_second_time_changes_nothing(finding: Any) -> None:
    """It comes from the bus, and again from the store after a restart."""
    seen = batch(finding, {"agent": "planner"}, {"agent": "coder", "at": 1})
    assert [finding.finder.observe(seen) for _ in range(3)] == [2, 0, 0]
    assert [alert.count for alert in finding.all()] == [1, 1]


def test_one_resolved_by_hand_does_not_come_back_with_an_old_finding(finding: Any) -> None:
    """A new one brings it back."""
    seen = batch(finding, {})
    finding.finder.observe(seen)
    finding.clock.now_s += 5
    finding.desk.resolve("p", finding.one().id, "ana")
    finding.finder.observe(seen)
    assert finding.one().state == "resolved"
    finding.finder.observe(batch(finding, {"at": 5}))
    assert (finding.one().state, finding.one().flaps) == ("firing", 1)


def test_only_what_the_rule_wants_counts(world: Any) -> None:
    """Its severity, its search, its project; and only what Spyglass itself has found."""
    world.documents.put("p", "rule", "found", {**FINDING, "query": "agent:planner"})
    world.documents.put("q", "rule", "found", FINDING)
    many = batch(world, {"agent": "planner", "severity": "info"}, {"agent": "coder"}, {"agent": "planner", "rule": "x"})
    assert world.finder.observe(many) == 1
    assert world.finder.observe(batch(world, {"agent": "planner"}, scope="somebody")) == 0
    assert world.finder.observe(batch(world, {"agent": "planner"}, name="note")) == 0


def test_it_is_over_when_it_was_not_found_again(finding: Any) -> None:
    """After the quiet time of the rule."""
    finding.finder.observe(batch(finding, {}))
    finding.run(300, step_s=5)
    finding.finder.observe(batch(finding, {}))
    finding.run(590, step_s=5)
    assert finding.one().state == "firing"
    finding.run(30, step_s=5)
    assert finding.one().state == "resolved"


def test_findings_that_share_a_cause_are_one_notice(finding: Any) -> None:
    """Of several agents on one model, in one group; what nobody shares is put down to its agent."""
    finding.routing(route={"channels": ["log"], "group_by": ["cause"], "group_wait_s": 5})
    shared = {"cause": "model m"}
    finding.finder.observe(batch(finding, {"agent": "a", **shared}, {"agent": "b", "at": 1, **shared}, {"agent": "c"}))
    finding.run(10)
    told = {one.notice["labels"]["cause"]: sorted(alert["labels"]["agent"] for alert in one.notice["alerts"]) for one in finding.deliveries()}
    assert told == {"model m": ["a", "b"], "agent c": ["c"]}
    with finding.alerts.reading() as book:
        groups = {group.labels["cause"]: len(book.members(group.key)) for group in book.groups("p", 0, 10)}
    assert groups == {"model m": 2, "agent c": 1}


def test_a_storm_of_findings_is_bounded_and_said(make_world: Any) -> None:
    """As with any rule."""
    world = make_world(most=10)
    world.documents.put("p", "rule", "found", FINDING)
    world.finder.observe(batch(world, *({"agent": f"a{number}", "at": number} for number in range(100))))
    assert (len(world.all()), world.finder.withheld["p", "found"]) == (10, 90)


def test_the_past_says_when_findings_would_have_been_told() -> None:
    """Those that followed soon are one alert."""
    attributes = {"spyglass.finding.fingerprint": "x"}
    findings = [Found(at_s * SECOND_NS, "t", "error", attributes) for at_s in (1000, 1300, 5000, 9000)]
    told = rehearse_findings("p", read_rule(FINDING), findings, 0, 20_000 * SECOND_NS)
    assert (told.fired, [one.fired_ns // SECOND_NS for one in told.episodes]) == (3, [1000, 5000, 9000])
    assert told.episodes[0].resolved_ns == 1900 * SECOND_NS


def test_a_finding_is_put_down_to_its_source_and_never_to_the_server(finding: Any) -> None:
    """The event is the server's own; whom it is about stands in what it says. So attacks of different sources are not one trouble."""
    ((project, name, rule),) = finding.finder.rules()
    about = [{"client.address": f"203.0.113.{number}", "spyglass.finding.subject.target": "sshd"} for number in range(2)]
    blank = {**dict.fromkeys(GROUPS, ""), "service": "spyglass", "body": "failed to get in", "time_ns": finding.clock.now_ns()}
    told = [found({**blank, "attributes": {"spyglass.finding.fingerprint": str(at), **one}}) for at, one in enumerate(about)]
    finding.finder.take(project, name, rule, told)
    labels = [alert.labels for alert in finding.all()]
    assert all("service" not in one and one["target"] == "sshd" for one in labels)
    assert {one["cause"] for one in labels} == {"source 203.0.113.0", "source 203.0.113.1"}
    finding.run(3)
    assert finding.told() == [("new", "firing")] * 2


def test_what_is_worse_than_all_that_people_know_does_not_wait(finding: Any) -> None:
    """What is as bad does; and so does what comes and goes."""
    finding.routing(route={"channels": ["log"], "group_wait_s": 1, "group_interval_s": 300})
    finding.finder.observe(batch(finding, {"severity": "warning"}))
    finding.run(5)
    finding.finder.observe(batch(finding, {"severity": "warning", "rule": "other"}))
    finding.run(5)
    assert len(finding.deliveries()) == 1
    finding.finder.observe(batch(finding, {"severity": "critical", "rule": "worst"}))
    finding.run(3)
    assert [len(one.notice["alerts"]) for one in finding.deliveries()] == [1, 3]
    finding.desk.resolve("p", next(alert.id for alert in finding.all() if alert.severity == "critical"), "ana")
    finding.run(400, step_s=10)
    count = len(finding.deliveries())
    finding.finder.observe(batch(finding, {"severity": "critical", "rule": "worst"}))
    finding.run(5)
    assert len(finding.deliveries()) == count
