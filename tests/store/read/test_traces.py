"""Promises about the list of traces: every trace once, in the order that was asked for, whatever the size of a page."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.conftest import EMBEDDED

from spyglass.store.read import traces
from spyglass.store.read.traces import Direction, Order
from spyglass.store.read.whereabouts import Whereabouts, ranges

MINUTE_NS = 60 * 10**9
ORDERS: list[Order] = ["start", "duration", "cost", "tokens", "errors", "spans", "calls", "tools", "name"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
_projects = itertools.count()
_rows = itertools.count()


def listed(tables: Any, all_pages: Callable[..., list[str]], order: Order, limit: int, direction: Direction = "desc", **scope: Any) -> list[str]:
    """The whole list."""

    def ask(place: Any) -> tuple[list[str], Any]:
        page = traces.page(tables.engine.read, tables.scope(**scope), order, limit, place, direction)
        assert len(page.traces) <= limit
        return page.traces, page.next

    return all_pages(ask)


@EMBEDDED
@pytest.mark.parametrize("order", ORDERS)
def test_pages_of_any_size_give_the_same_list(tables: Any, all_pages: Any, order: Order) -> None:
    """No trace twice, none left out, ties included, in both directions; traces without calls are in all of them."""
    tables.spans(60, cost_usd=0.1)  # sums of this differ by the order of adding
    tables.spans(8, first=60, kind="span", has_usage=False)
    whole = listed(tables, all_pages, order, 1000)
    assert len(whole) == 17
    for limit in (2, 5):
        assert listed(tables, all_pages, order, limit) == whole
        assert listed(tables, all_pages, order, limit, "asc") == whole[::-1]


def test_latest_first_over_minutes_hours_and_days(tables: Any, all_pages: Any) -> None:
    """The window of time widens, and a trace stands where its first span is."""
    for number, minutes in enumerate((0, 10, 50, 90, 100)):
        begin = tables.scope().from_ns + minutes * MINUTE_NS
        tables.spans(4, first=number * 4, at_ns=begin, start=[begin + at * 3 * MINUTE_NS for at in range(4)])
    whole = listed(tables, all_pages, "start", 100)
    starts = {one.trace_id: one.start for one in ranges(tables.engine.read, tables.project, whole)}
    assert whole == sorted(starts, key=lambda trace: -starts[trace])
    for limit in (1, 2, 3):
        assert listed(tables, all_pages, "start", limit) == whole


@EMBEDDED
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), limit=st.integers(1, 6), direction=st.sampled_from(DIRECTIONS))
def test_a_trace_stands_at_its_first_match(tables: Any, all_pages: Any, data: Any, limit: int, direction: Direction) -> None:
    """However far apart its spans are, however many begin together, and with hours between in which nothing happened."""
    minutes = st.sampled_from([0, 1, 2, 3, 90, 91, 1440, 1441, 4000])
    spread = data.draw(st.lists(st.tuples(st.integers(0, 8), minutes), min_size=1, max_size=30))
    project = f"{tables.project}-{next(_projects)}"
    begin = tables.scope().from_ns - 4001 * MINUTE_NS
    starts = [begin + at * MINUTE_NS for _, at in spread]
    ids = [bytes([trace]) * 16 for trace, _ in spread]
    tables.spans(len(spread), project=project, trace_id=ids, start=starts, received=starts)
    firsts: dict[str, int] = {}
    for trace, start in zip(ids, starts, strict=True):
        firsts[trace.hex()] = min(firsts.get(trace.hex(), start), start)
    scope = replace(tables.scope(from_ns=begin), project=project)

    def ask(place: Any) -> tuple[list[str], Any]:
        page = traces.page(tables.engine.read, scope, "start", limit, place, direction)
        return page.traces, page.next

    assert all_pages(ask) == sorted(firsts, key=lambda trace: (firsts[trace], trace), reverse=direction == "desc")


@EMBEDDED
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), order=st.sampled_from(ORDERS), direction=st.sampled_from(DIRECTIONS), limit=st.integers(1, 4))
def test_what_arrives_between_pages_moves_no_other_trace(tables: Any, all_pages: Any, data: Any, order: Order, direction: Direction, limit: int) -> None:
    """What was there all the time is listed once and in order, ties and traces without calls included; nothing is listed twice."""
    scope = replace(tables.scope(), project=f"{tables.project}-{next(_projects)}")
    size = st.integers(0, 2)
    arrivals = data.draw(st.lists(st.lists(st.tuples(size, size, st.booleans()), min_size=1, max_size=4), min_size=2, max_size=4))
    ids = (bytes([at * 97 % 256]) * 16 for at in itertools.count())  # later ones stand before and after

    def arrive(told: list[tuple[int, int, bool]]) -> list[str]:
        found = [next(ids) for _ in told]
        tables.spans(
            len(told),
            first=next(_rows) * 4,  # calls of their own
            project=scope.project,
            trace_id=found,
            name=[f"{'Aä'[first]}{second}" if first < 2 else "b" for first, second, _ in told],
            kind=["llm" if called else "span" for *_, called in told],
            start=[scope.from_ns + first * MINUTE_NS for first, *_ in told],
            cost_usd=[float(second) for _, second, _ in told],
            duration_ns=[second * 10**9 for _, second, _ in told],
            status=["error" if second else "ok" for _, second, _ in told],
        )
        return [one.hex() for one in found]

    there = arrive(arrivals[0])
    later = iter(arrivals[1:])

    def ask(place: Any) -> tuple[list[str], Any]:
        page = traces.page(tables.engine.read, scope, order, limit, place, direction)
        arrive(next(later, []))
        return page.traces, page.next

    found = all_pages(ask)
    assert len(set(found)) == len(found)
    whole = traces.page(tables.engine.read, scope, order, 1000, None, direction).traces
    assert [trace for trace in found if trace in there] == [trace for trace in whole if trace in there]


def test_what_happened_long_ago_is_found_at_once(tables: Any) -> None:
    """A list does not read its way through nights and holidays."""
    begin = tables.scope().from_ns
    asked: list[str] = []

    def ask(sql: str, parameters: dict[str, Any]) -> Any:
        asked.append(sql)
        return tables.engine.read(sql, parameters)

    tables.spans(400, at_ns=begin, start=begin)
    assert len(traces.page(ask, tables.scope(to_ns=begin + 20 * 24 * 60 * MINUTE_NS), "start", 10, None).traces) == 10
    assert len(asked) <= 5


def test_the_range_is_half_open(tables: Any, all_pages: Any) -> None:
    """What starts at its begin belongs to it, what starts at its end does not."""
    rows = tables.spans(12)
    starts = [rows["start"][at].cast("int64").as_py() for at in (0, 4, 8)]
    assert len(listed(tables, all_pages, "start", 10, from_ns=starts[0], to_ns=starts[2])) == 2
    assert len(listed(tables, all_pages, "spans", 10, from_ns=starts[1], to_ns=starts[2])) == 1


def test_a_filter_chooses_traces_with_a_span_that_matches(tables: Any, all_pages: Any) -> None:
    """Each once, in every order."""
    tables.spans(16, status=["error"] + ["ok"] * 7 + ["error"] * 2 + ["ok"] * 6)
    filtered: dict[str, Any] = {"filter_sql": "status = {wanted:String}", "wanted": "error"}
    found = listed(tables, all_pages, "errors", 1, **filtered)
    assert len(found) == 2
    assert sorted(found) == sorted(listed(tables, all_pages, "start", 1, **filtered))


@pytest.mark.parametrize("chosen", ["true", "status = 'error'"])
@pytest.mark.parametrize("order", [order for order in ORDERS if order != "start"])
def test_what_is_shown_is_what_is_sorted_by(tables: Any, all_pages: Any, order: Order, chosen: str) -> None:
    """Largest first, also when few spans of a trace match."""
    sizes = [at // 4 + 1 for at in range(20)]
    tables.spans(
        20,
        name=[f"{'aB'[size % 2]}{size}" for size in sizes],
        kind=["llm" if at in (9, 13, 17) else "tool" if at in (6, 10, 14) else "span" for at in range(20)],
        cost_usd=[float(size) for size in sizes],
        input_tokens=[size * 1000 for size in sizes],
        duration_ns=[size * 10**9 for size in sizes],
        status=["error" if at % 4 < at // 4 else "ok" for at in range(20)],
    )
    tables.spans(4, first=16, span_id=[bytes([at]) * 8 for at in range(4)], name="B5", kind="span", status="error")
    whole = listed(tables, all_pages, order, 2, filter_sql=chosen)
    at = Whereabouts.of(tables.engine.read, tables.project, whole)
    cards = {row["trace_id"].hex(): row for row in traces.cards(tables.engine.read, at).to_pylist()}
    none = dict.fromkeys(("cost_usd", "input_tokens", "output_tokens", "model_calls", "tool_calls"), 0)
    totals = dict.fromkeys(whole, none) | {row["trace_id"].hex(): row for row in traces.totals(tables.engine.read, at).to_pylist()}
    figures = {
        "cost": lambda trace: totals[trace]["cost_usd"],
        "tokens": lambda trace: totals[trace]["input_tokens"] + totals[trace]["output_tokens"],
        "duration": lambda trace: cards[trace]["duration_ns"],
        "errors": lambda trace: cards[trace]["errors"],
        "spans": lambda trace: cards[trace]["spans"],
        "calls": lambda trace: totals[trace]["model_calls"],
        "tools": lambda trace: totals[trace]["tool_calls"],
        "name": lambda trace: cards[trace]["name"].lower(),
    }
    told = [figures[order](trace) for trace in whole]
    assert told == sorted(told, reverse=True)
    assert told[0] > told[-1]


def test_copies_of_a_span_count_once(tables: Any) -> None:
    """A body that was sent in another shape adds nothing."""
    rows = tables.spans(4)
    tables.spans(4, pending=True)
    at = Whereabouts.of(tables.engine.read, tables.project, [rows["trace_id"][0].as_py().hex()])
    [card] = traces.cards(tables.engine.read, at).to_pylist()
    assert (card["spans"], card["pending"], card["name"]) == (4, 0, "invoke_agent planner")


def test_a_trace_of_another_project_is_not_there(tables: Any) -> None:
    """Tenants are kept apart by every question."""
    trace = tables.spans(4)["trace_id"][0].as_py().hex()
    assert not Whereabouts.of(tables.engine.read, "another", [trace])
    [own] = Whereabouts.of(tables.engine.read, tables.project, [trace]).ranges
    at = Whereabouts("another", (own,))
    assert traces.cards(tables.engine.read, at).num_rows == 0
    assert traces.totals(tables.engine.read, at).num_rows == 0


def test_traces_far_apart_are_found(tables: Any) -> None:
    """More places than the condition names are merged, and none is left out."""
    begin = tables.scope().from_ns
    tables.spans(160, at_ns=begin, start=[begin + number * 2 * MINUTE_NS + at * 10**9 for number in range(40) for at in range(4)])
    at = Whereabouts.of(tables.engine.read, tables.project, listed_all(tables))
    assert len(at.ranges) == 40
    assert [card["spans"] for card in traces.cards(tables.engine.read, at).to_pylist()] == [4] * 40


def listed_all(tables: Any) -> list[str]:
    """Every trace of the scope, by one page."""
    return traces.page(tables.engine.read, tables.scope(), "start", 1000, None).traces
