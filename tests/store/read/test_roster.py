"""Promises about the list of agents and their trends: sums per hour come to what the records say."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.store.read.agents import agents
from spyglass.store.read.asking import Scope
from spyglass.store.read.roster import carriers, figures, has_few, is_known, roster, roster_of, told_metrics
from spyglass.store.read.trends import MOST_BUCKETS, bucket_s_of, trend

HOUR_NS = 3_600 * 10**9
SECOND_NS = 10**9
FIGURES = ("runs", "failed_runs", "running", "spans", "errors", "p50_ns", "p95_ns", "versions", "ids", "services", "environments", "dialects", "sessions")


def whole_hours(scope: Scope) -> Scope:
    return Scope(scope.project, scope.from_ns // HOUR_NS * HOUR_NS, -(-scope.to_ns // HOUR_NS) * HOUR_NS)


def two_agents(tables: Any) -> Scope:
    """Both act, one still runs, and a third is told by log records alone."""
    tables.spans(16, agent=["a"] * 8 + ["b"] * 8, status=["error"] + ["ok"] * 15, pending=[False] * 8 + [True] + [False] * 7, agent_id=["1"] * 12 + ["2"] * 4)
    tables.events(3, agent="c", agent_id="1", agent_version="9", event_name="execution.start")
    tables.events(1, agent="d", scope_name="spyglass.server", event_name="agent.drift")
    return whole_hours(tables.scope())


def test_the_roster_knows_who_gave_a_sign_of_life(tables: Any) -> None:
    """Last seen first; what the server itself said of an agent is none."""
    scope = two_agents(tables)
    found = roster(tables.engine.read, scope)
    assert set(found.last_ns) == {"a", "b", "c"}
    assert list(found.last_ns.values()) == sorted(found.last_ns.values(), reverse=True)
    assert found.few == has_few(tables.engine.read, scope)
    assert (found.few, list(roster(tables.engine.read, scope, environment="nowhere").last_ns)) == (True, [])
    assert set(roster(tables.engine.read, scope, "test", "travel").last_ns) == {"a", "b", "c"}


def test_the_roster_of_some_is_that_of_all_without_the_others(tables: Any) -> None:
    """Whether there are few records is said of all."""
    scope = two_agents(tables)
    whole, some = roster(tables.engine.read, scope), roster_of(tables.engine.read, scope, ["a", "c", "nobody"])
    assert some.last_ns == {name: whole.last_ns[name] for name in some.last_ns}
    assert (set(some.last_ns), some.few) == ({"a", "c"}, whole.few)
    assert roster_of(tables.engine.read, scope, []).last_ns == {}


def test_sums_of_thousands_of_agents_lie_column_by_column(tables: Any) -> None:
    """In granules of 64 rows that lie one by one, as those of small parts do, a roster would take six times as long."""
    tables.spans(5_000, agent=[f"agent-{number}" for number in range(5_000)])
    parts = tables.engine.read("SELECT part_type, rows FROM system.parts WHERE active AND database = currentDatabase() AND table = 'agents_hour'").to_pylist()
    of_thousands = [part for part in parts if part["rows"] >= 5_000]  # the server may have merged it with what other tests brought
    assert of_thousands
    assert {part["part_type"] for part in of_thousands} == {"Wide"}


def test_sums_per_hour_are_what_the_records_say(tables: Any) -> None:
    """Announcements that were repeated, and an end, are one run."""
    scope = two_agents(tables)
    tables.spans(1, first=8, agent="b", pending=True, trace_id=b"r" * 16, span_id=b"s" * 8)
    tables.spans(1, first=8, agent="b", trace_id=b"r" * 16, span_id=b"s" * 8)
    found = figures(tables.engine.read, scope, ["a", "b", "c"]), agents(tables.engine.read, scope, 10)
    quick, exact = ({row["agent"]: row for row in table.to_pylist()} for table in found)
    assert quick.keys() == exact.keys() == {"a", "b", "c"}
    for agent in ("a", "c"):
        assert {name: quick[agent][name] for name in FIGURES[2:5]} == {name: exact[agent][name] for name in FIGURES[2:5]}
    for agent, row in exact.items():
        same = [name for name in FIGURES if name not in {"spans", "p50_ns", "p95_ns"}]
        assert {name: quick[agent][name] for name in same} == {name: row[name] for name in same}
    assert quick["b"]["runs"] == 3


def test_an_id_leads_to_those_who_carried_it(tables: Any) -> None:
    """Latest first."""
    two_agents(tables)
    now_ns = tables.scope().to_ns + 24 * HOUR_NS
    assert set(carriers(tables.engine.read, tables.project, "1", now_ns)) == {"a", "b", "c"}
    assert carriers(tables.engine.read, tables.project, "2", now_ns) == ["b"]
    assert [is_known(tables.engine.read, tables.project, name) for name in ("a", "d")] == [True, False]


def test_the_latest_figures_of_an_agent_are_found(tables: Any) -> None:
    """Those that it told of itself."""
    attributes = [[("spyglass.agent.plans", str(at))] for at in range(2)]
    tables.events(2, agent="a", event_name="agent.metrics", attributes=attributes, attribute_types="d")
    told = told_metrics(tables.engine.read, tables.scope(), "a")
    assert told is not None
    assert dict(told["attributes"]) == {"spyglass.agent.plans": "1"}
    assert told_metrics(tables.engine.read, tables.scope(), "b") is None


@pytest.mark.parametrize("bucket_s", [60, 3600, 7200])
def test_buckets_add_up_to_the_whole(tables: Any, bucket_s: int) -> None:
    """From sums per hour, or from spans."""
    at = tables.scope().from_ns // (2 * HOUR_NS) * 2 * HOUR_NS + 2 * HOUR_NS
    starts = [at + minute * 60 * SECOND_NS for minute in range(12)]
    tables.spans(12, start=starts, agent=["a"] * 8 + ["b"] * 4, kind="agent", status=["error"] * 2 + ["ok"] * 10, pending=[False] * 7 + [True] * 5)
    tables.spans(4, start=starts[:4], agent="a", kind="llm", has_usage=True, trace_id=[bytes([at]) * 16 for at in range(1, 5)])
    found = trend(tables.engine.read, Scope(tables.project, at, at + 4 * HOUR_NS), "a", bucket_s)
    whole = found.whole
    assert (whole.runs, whole.failed_runs, whole.ended_runs, whole.model_calls) == (8, 2, 7, 4)
    assert whole.success == pytest.approx(5 / 7)
    for name in ("runs", "failed_runs", "ended_runs", "model_calls", "input_tokens", "output_tokens"):
        assert sum(getattr(bucket, name) for bucket in found.buckets.values()) == getattr(whole, name)
    assert sorted(found.buckets) == (list(range(8)) if bucket_s == 60 else [0])


def test_an_agent_that_did_nothing_has_no_figures(tables: Any) -> None:
    """None of them is a number that is not one."""
    found = trend(tables.engine.read, whole_hours(tables.scope()), "nobody", 3600)
    assert (found.buckets, found.whole.p50_ns, found.whole.success) == ({}, None, None)


@pytest.mark.parametrize("hours", [0.1, 1, 24, 24 * 7, 24 * 30, 24 * 365])
def test_about_sixty_buckets_are_chosen(hours: float) -> None:
    """Never too many."""
    assert hours * 3600 / bucket_s_of(hours * 3600) <= min(61, MOST_BUCKETS)
