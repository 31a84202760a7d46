"""Patterns of log records: what differs only in figures, ids, times and quoted texts is one."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.store.read.patterns import patterns


@pytest.mark.parametrize(
    ("bodies", "pattern"),
    [
        (["took 12 ms", "took 3.5 ms"], "took <n> ms"),
        (["order o-17 of customer_1001", "order o-9 of customer_2"], "order o-<n> of customer_<n>"),
        (['tool "find" failed', 'tool "a \\"b\\" c" failed'], "tool <text> failed"),
        (["name='x' isn't known", "name='y z' isn't known"], "name=<text> isn't known"),
        (["at 2026-11-21T10:00:00Z", "at 2026-11-21 10:00:00.123+02:00"], "at <time>"),
        (["run 4bf92f3577b34da6a3ce929d0e0e4736", "run 00f067aa0ba902b7"], "run <id>"),
        (["job 123e4567-e89b-12d3-a456-426614174000", "job 00000000-0000-0000-0000-000000000000"], "job <id>"),
        (["deadbeef facade", "deadbeef facade"], "deadbeef facade"),
    ],
)
def test_what_differs_in_details_is_one_pattern(tables: Any, bodies: list[str], pattern: str) -> None:
    """The details are masked, the words stay."""
    tables.events(2, body=bodies, event_name="")
    (row,) = patterns(tables.engine.read, tables.scope(), 10).to_pylist()
    assert (row["pattern"], row["count"], row["looked_at"]) == (pattern, 2, 2)
    assert row["sample"] in bodies


def test_the_most_frequent_come_first_page_by_page(tables: Any) -> None:
    """With the highest severity, and how many failed."""
    severities = {"severity": ["info", "error", "info"], "severity_number": [9, 17, 9]}
    tables.events(3, body=["a 1", "a 2", "b"], event_name="", service=["x", "y", "x"], **severities)
    first, second = patterns(tables.engine.read, tables.scope(), 10).to_pylist()
    assert (first["pattern"], first["errors"], first["severity"], first["services"]) == ("a <n>", 1, "error", ["x", "y"])
    assert patterns(tables.engine.read, tables.scope(), 10, skip=1)["pattern"].to_pylist() == [second["pattern"]] == ["b"]


def test_only_the_latest_are_looked_at(tables: Any) -> None:
    """So that a large project answers, too; how many were is told."""
    tables.events(8, body="x", event_name="")
    (row,) = patterns(tables.engine.read, tables.scope(), 10, most=5).to_pylist()
    assert (row["count"], row["looked_at"]) == (5, 5)
