"""How bad it is, and how often it is said."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.analyze.builtin.security.quiet import Quiet
from spyglass.analyze.builtin.security.score import WEIGHTS, risk, threat
from spyglass.analyze.builtin.security.threat import Impact, noisy_or, severity

HOUR = 3_600 * 10**9
ORDER = ["info", "warning", "error", "critical"]


@given(st.lists(st.floats(0, 1), max_size=8))
def test_hints_together_are_wrong_only_if_each_is(probabilities):
    """Never less sure than the surest, in whatever order."""
    whole = noisy_or(probabilities)
    assert math.isclose(whole, 1 - math.prod(1 - one for one in probabilities), abs_tol=1e-5)
    assert whole >= max(probabilities, default=0) - 1e-6
    assert whole == pytest.approx(noisy_or(sorted(probabilities)), abs=1e-6)


def test_severity_grows_with_impact_and_with_confidence():
    """And nothing is critical that is unlikely or a trifle."""
    table = [[ORDER.index(severity(impact, sure)) for sure in (0.3, 0.7, 0.9)] for impact in Impact]
    assert all(row == sorted(row) for row in table)
    assert all(list(column) == sorted(column) for column in zip(*table, strict=True))
    assert severity(Impact.CRITICAL, 0.3) == "warning"
    assert severity(Impact.LOW, 1.0) == "warning"


def test_the_same_is_said_once_an_hour_also_over_a_restart():
    """Other things are said."""
    quiet, again = Quiet(), Quiet()
    assert quiet.speaks(0, "a")
    assert not quiet.speaks(HOUR - 1, "a")
    assert quiet.speaks(1, "a", "b")
    again.restore(quiet.save())
    assert not again.speaks(HOUR - 1, "a")
    assert again.speaks(HOUR, "a")


def test_what_was_said_longest_ago_is_forgotten_first():
    """When there is too much."""
    quiet = Quiet(most=2)
    assert [quiet.speaks(at, name) for at, name in enumerate("abcba")] == [True, True, True, False, True]


def test_a_rule_counts_once_and_rules_add_up():
    """The worst of each; ten false alarms of one rule are no certainty."""
    assert threat([("a", 0.5)] * 10) == 0.5
    assert threat([("a", 0.5), ("b", 0.5), ("a", 0.2)]) == 0.75
    assert threat([]) == 0
    assert threat([("a", 0.5), ("b", 1.0)]) == 1.0


@pytest.mark.parametrize("confidence", [None, math.nan, -1.0, 2.0, 0.5])
def test_a_risk_of_whatever_is_told_is_a_probability(confidence):
    """What makes no sense counts as unsure; without an impact the severity says what it costs."""
    assert risk(confidence, "critical", "error") == 0.5
    assert risk(confidence, "", "critical") == 0.5
    assert risk(confidence, "odd", "odd") == 0.5 * WEIGHTS["low"]
