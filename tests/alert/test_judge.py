"""What figures mean to a rule: points of metrics, and classes of success that differ by module."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.alert.judge import Figures, Measured, Question, judge, questions
from spyglass.alert.rehearse import rehearse
from spyglass.alert.rules import Rule, read_rule
from spyglass.model.errors import InputError

SECOND_NS = 10**9


def rule(condition: dict[str, Any], **more: Any) -> Rule:
    return read_rule({"condition": condition, **more})


def points(measure: str, value: float, **more: Any) -> dict[str, Any]:
    return {"kind": "threshold", "source": "points", "metric": "queue.depth", "measure": measure, "value": value, "window_s": 60, **more}


def test_a_rule_over_a_metric_asks_for_it_and_judges_its_figures() -> None:
    """By group, in the metric's own unit; of a group that does not tell the figure nothing is said."""
    told = rule(points("p95", 100), group_by=["service", "attr.queue"], query="attr.zone:eu")
    (asked,) = questions("p", told, 0)
    assert (asked.source, asked.metric, asked.query, asked.group_by) == ("points", "queue.depth", "attr.zone:eu", ("service", "attr.queue"))
    found = judge(told, {("s", "a"): Figures(3, values={"p95": 120.0}), ("s", "b"): Figures(3, values={"p95": 80.0}), ("s", "c"): Figures(3)}, {})
    assert {groups: one.holds for groups, one in found.items()} == {("s", "a"): True, ("s", "b"): False}
    assert found["s", "a"].summary == "p95 of queue.depth where attr.zone:eu of service s, attr.queue a is 120 over 1 min (> 100)"


def test_what_a_counter_grew_by_is_a_rate() -> None:
    """Per second of the window; where growth is not known nothing is said."""
    told = rule(points("rate_per_s", 1))
    assert judge(told, {(): Figures(5, values={"increase": 90.0})}, {})[()].value == 1.5
    assert judge(told, {(): Figures(5, values={"last": 7.0})}, {}) == {}


def test_a_metric_that_is_told_no_more_is_absent() -> None:
    """By its name."""
    (verdict,) = judge(rule({"kind": "absence", "source": "points", "metric": "up", "window_s": 60}), {}, {}).values()
    assert (verdict.holds, verdict.summary) == (True, "no points of up for 1 min")


def test_a_rule_over_a_metric_is_tried_on_the_past_as_it_would_have_been_live() -> None:
    """The same question over all windows at once, the same judge."""

    def ask(question: Question) -> list[Measured]:
        ends = [question.first_ns + step * question.step_ns for step in range(question.steps)]
        return [Measured(end, (), Figures(1, values={"last": 200.0 if 300 * SECOND_NS <= end < 600 * SECOND_NS else 1.0})) for end in ends]

    found = rehearse("p", rule(points("last", 100), interval_s=10, keep_firing_s=0), ask, 0, 1_200 * SECOND_NS)
    assert [(one.fired_ns // SECOND_NS, one.resolved_ns // SECOND_NS) for one in found.episodes] == [(300, 600)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "threshold", "source": "points", "measure": "avg", "value": 1},
        {"kind": "threshold", "source": "spans", "metric": "m", "value": 1},
        points("cost_usd", 1),
        {"kind": "success_rate", "source": "points"},
        {"kind": "success_rate", "modules": [{"match": ["agent=a"]}]},
    ],
)
def test_what_cannot_be_asked_of_a_metric_is_refused(wrong: dict[str, Any]) -> None:
    """And so are classes for groups that are not told apart."""
    with pytest.raises(InputError, match=r"metric|measure|source|modules"):
        rule(wrong)


def test_each_module_has_its_own_classes() -> None:
    """The first that matches counts; others have those of the rule."""
    strict, lax = (
        {"match": ["agent=billing*"], "warning": 0.999, "error": 0.99, "critical": 0.95},
        {"match": ["agent=b*"], "warning": 0.5, "error": 0.4, "critical": 0.1},
    )
    told = rule({"kind": "success_rate", "modules": [strict, lax | {"min_count": 3}]}, group_by=["agent"])
    found = judge(told, {("billing-eu",): Figures(1000, 20), ("batch",): Figures(4, 1), ("other",): Figures(100, 15), ("few",): Figures(5, 5)}, {})
    assert {groups[0]: (one.holds, one.severity) for groups, one in found.items()} == {
        "billing-eu": (True, "error"),
        "batch": (False, "warning"),
        "other": (True, "error"),
    }
    assert "wanted 99%" in found["billing-eu",].summary
