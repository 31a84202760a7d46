"""Findings are listed by fingerprint, and by whether somebody did something about them."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.store.read.findings import Standing, findings

SECOND_NS = 10**9


@pytest.fixture
def told(tables: Any) -> Any:
    """`a` was found at the seconds 0, 3 and 6, `b` at 1 and 4, `c` at 2 and 5."""
    attributes = [[("spyglass.finding.fingerprint", "abc"[number % 3])] for number in range(7)]
    starts = [tables.scope().from_ns + number * SECOND_NS for number in range(7)]
    tables.events(7, time=starts, event_name=["finding"] * 7, scope_name=["spyglass.server"] * 7, attributes=attributes)
    return tables


def listed(told: Any, standing: Standing | None, limit: int = 9, skip: int = 0) -> list[str]:
    found = findings(told.engine.read, told.scope(), limit, skip, standing)
    return [row["fingerprint"] for row in found.to_pylist()]


def test_a_mitigation_holds_for_what_was_found_until_then(told: Any) -> None:
    """What was found again since is open; of what is left a page is filled."""
    begin_ns = told.scope().from_ns
    done_ns = {"a": begin_ns + 6 * SECOND_NS, "b": begin_ns + 3 * SECOND_NS, "elsewhere": begin_ns}
    assert listed(told, None) == ["a", "c", "b"]
    assert listed(told, Standing(True, done_ns)) == ["a"]
    assert listed(told, Standing(False, done_ns)) == ["c", "b"]
    assert listed(told, Standing(False, done_ns), limit=1, skip=1) == ["b"]


def test_where_nothing_was_done_all_is_open(told: Any) -> None:
    """And nothing is mitigated."""
    assert listed(told, Standing(False, {})) == ["a", "c", "b"]
    assert listed(told, Standing(True, {})) == []


def test_of_what_was_told_at_the_same_time_the_worst_is_shown(tables: Any) -> None:
    """A batch may bring all steps of an attack at once; which event has the larger number says nothing."""
    steps = [("error", "10"), ("info", "3"), ("critical", "12"), ("warning", "5"), ("critical", "11")]
    attributes = [
        [("spyglass.finding.fingerprint", "a"), ("spyglass.finding.severity", severity), ("spyglass.finding.observed", observed)]
        for severity, observed in steps
    ]
    at = [tables.scope().from_ns] * len(steps)
    tables.events(len(steps), time=at, event_name=["finding"] * len(steps), scope_name=["spyglass.server"] * len(steps), attributes=attributes)
    (found,) = findings(tables.engine.read, tables.scope(), 9).to_pylist()
    assert (found["severity"], found["observed"], found["count"]) == ("critical", "12", 5)
