"""Shares of the critical path, and what of them has changed."""

from __future__ import annotations

import pytest
from tests.analyze.paths.conftest import runs, table

from spyglass.analyze.paths.runs import runs_of
from spyglass.analyze.paths.shares import changed, steps_of

SEARCH = ("tool", "search")


def test_shares_are_of_each_run_and_add_up() -> None:
    """The largest first."""
    steps = steps_of(runs_of(table(runs(1, 200, 0.3)), "planner"))
    assert next(iter(steps)) == ("llm", "gpt")
    assert steps[SEARCH].share == pytest.approx(0.3, abs=0.03)
    assert sum(one.share for one in steps.values()) == pytest.approx(1)
    assert steps[SEARCH].runs == 200


def test_a_share_that_moved_is_sure_and_within_its_interval() -> None:
    """By twenty points, with fifty runs on each side."""
    change = changed(runs_of(table(runs(1, 50, 0.3)), "planner"), runs_of(table(runs(2, 50, 0.5)), "planner"))[SEARCH]
    assert change.low < 0.2 < change.high
    assert change.false_share < 1e-6


def test_shares_that_did_not_move_are_seldom_sure() -> None:
    """At a share of false ones of one in twenty, at most about one in twenty pairs tells anything."""
    sides = [runs_of(table(runs(seed, 40, 0.3)), "planner") for seed in range(200)]
    told = sum(any(one.false_share <= 0.05 for one in changed(*pair).values()) for pair in zip(sides[::2], sides[1::2], strict=True))
    assert told <= 11  # one in 20,000 would see more, where one in twenty is chance


def test_few_runs_tell_no_change() -> None:
    """Whatever they do."""
    assert changed(runs_of(table(runs(1, 29, 0.1)), "planner"), runs_of(table(runs(2, 500, 0.9)), "planner")) == {}
