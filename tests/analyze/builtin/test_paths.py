"""Steps that runs suddenly wait for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from tests.analyze.paths.conftest import SECOND_NS, runs, table

from spyglass.analyze.builtin.paths import Paths, Settings
from spyglass.model.finding import Finding

HOUR_S = 3_600
SINCE_NS, NOW_NS = 86_400 * SECOND_NS, (86_400 + HOUR_S) * SECOND_NS


def looked(*told: list[dict[str, Any]]) -> list[Finding]:
    """What is found of these spans."""

    def ask(sql: str, parameters: Mapping[str, Any]) -> pa.Table:
        assert (parameters["earlier_ns"], parameters["since_ns"], parameters["now_ns"]) == (0, SINCE_NS, NOW_NS)
        return table(row for rows in told for row in rows)

    return list(Paths(Settings()).look(ask, SINCE_NS, NOW_NS))


def day(seed: int, agent: str = "planner", first: int = 1) -> list[dict[str, Any]]:
    return runs(seed, 100, 0.3, agent=agent, first=first)


def hour(seed: int, searching: float, agent: str = "planner", first: int = 101) -> list[dict[str, Any]]:
    return runs(seed, 50, searching, agent=agent, first=first, at_s=86_400.0)


def test_a_step_that_takes_over_is_told_once_with_both_shares() -> None:
    """With the run that waited longest for it; the steps that shrink for it are not told."""
    (one,) = looked(day(1), hour(2, 0.6))
    assert (one.rule, one.subject) == ("path_shifted", {"agent": "planner", "step": "tool search", "tool": "search"})
    assert one.title.startswith("planner: 6") or one.title.startswith("planner: 5")
    assert "of a run's time is in the tool search, " in one.title
    assert one.observed is not None
    assert one.expected is not None
    assert one.observed > one.expected[1]
    assert int(one.evidence[0].trace_id, 16) > 100


def test_where_nothing_moves_nothing_is_told() -> None:
    """Two days of hours at a budget of one false alarm in two days, which one in a hundred such runs would exceed threefold."""
    assert sum(len(looked(day(seed), hour(seed + 1_000, 0.3))) for seed in range(48)) <= 3


def test_a_small_or_new_thing_is_not_told() -> None:
    """A few points are not worth a word, and an agent without a past has nothing to be held against."""
    assert looked(day(1), hour(2, 0.36)) == []
    assert looked(hour(2, 0.6)) == []
    assert looked() == []


def test_one_agent_does_not_speak_for_another() -> None:
    """Each is held against its own past."""
    told = looked(day(1), hour(2, 0.3), day(3, "writer", 201), hour(4, 0.6, "writer", 301))
    assert [one.subject["agent"] for one in told] == ["writer"]
