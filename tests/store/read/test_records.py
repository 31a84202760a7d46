"""Promises about the lists of spans, events, sessions and messages, and about single spans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.store.conftest import EMBEDDED

from spyglass.store.read import events, messages, sessions, spans, traces
from spyglass.store.read.card import card
from spyglass.store.read.tree import read_tree
from spyglass.store.read.whereabouts import Whereabouts

SECOND_NS = 10**9
DAY_NS = 86_400 * SECOND_NS
AllPages = Callable[[Callable[[Any], tuple[Any, Any]]], list[Any]]


def span_list(tables: Any, all_pages: AllPages, limit: int, **scope: Any) -> list[tuple[bytes, bytes]]:
    def ask(place: Any) -> tuple[list[Any], Any]:
        table, following = spans.page(tables.engine.read, tables.scope(**scope), limit, place)
        return list(zip(table["trace_id"].to_pylist(), table["span_id"].to_pylist(), strict=True)), following

    return all_pages(ask)


@EMBEDDED
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_spans_page_without_gap_or_repeat(tables: Any, all_pages: AllPages, limit: int) -> None:
    """Also where many start at the same nanosecond, and where many copies of few spans lie between."""
    begin = tables.scope().from_ns + 3600 * SECOND_NS
    tables.spans(20, start=[begin] * 10 + [begin + at // 3 for at in range(10)])
    for attempt in range(6):
        tables.spans(4, start=[begin] * 4, received=[begin + attempt * SECOND_NS] * 4)
    whole = span_list(tables, all_pages, 1000)
    assert len(whole) == len(set(whole)) == 20
    assert span_list(tables, all_pages, limit) == whole


def test_spans_of_long_ago_come_last(tables: Any, all_pages: AllPages) -> None:
    """The window of time widens from a day to everything."""
    now = tables.scope().to_ns
    tables.spans(6, start=[now - days * DAY_NS - 1 for days in (0, 0, 1, 3, 9, 9)])
    whole = span_list(tables, all_pages, 1000, from_ns=now - 20 * DAY_NS)
    assert len(whole) == 6
    assert span_list(tables, all_pages, 2, from_ns=now - 20 * DAY_NS) == whole
    assert len(span_list(tables, all_pages, 2, from_ns=now - 2 * DAY_NS)) == 3


def test_the_finished_copy_is_listed(tables: Any) -> None:
    """Of an announced span and the finished one the latter."""
    tables.spans(4, pending=True, name="announced")
    tables.spans(4, name="finished")
    table, _ = spans.page(tables.engine.read, tables.scope(), 10, None)
    assert table["name"].to_pylist() == ["finished"] * 4


def test_one_span_has_its_long_values(tables: Any) -> None:
    """Whole, in their places, of the copy that is shown."""
    ids = {"trace_id": b"t" * 16, "span_id": b"s" * 8}
    tables.spans(1, **ids, attributes=[[("a", "x" * 2000)]], attribute_types="s", pending=True)
    tables.spans(1, **ids, attributes=[[("b", "1"), ("a", "y" * 3000), ("c", "z" * 600)]], attribute_types="isa")
    found = spans.span(tables.engine.read, tables.project, ids["trace_id"].hex(), ids["span_id"].hex())
    assert found is not None
    assert found["attributes"][0].as_py() == [("b", "1"), ("a", "y" * 3000), ("c", "z" * 600)]
    assert found["attribute_types"][0].as_py() == "isa"


def test_lists_show_the_begin_of_what_is_long(tables: Any) -> None:
    """A name of two megabytes is no list of two megabytes; the span itself has all of it."""
    ids = {"trace_id": b"l" * 16, "span_id": b"l" * 8, "parent_span_id": bytes(8)}
    tables.spans(1, **ids, name="é" * 5000, status_message="é" * 5000)
    engine = tables.engine.read
    at = Whereabouts.of(engine, tables.project, [ids["trace_id"].hex()])
    listed, _ = spans.page(engine, tables.scope(), 10, None)
    whole = spans.span(engine, tables.project, ids["trace_id"].hex(), ids["span_id"].hex())
    tellings: tuple[Any, ...] = (listed, traces.cards(engine, at), card(read_tree(engine, at), ids["trace_id"]), whole)
    assert [[(len(row["name"]), len(row["status_message"])) for row in told.to_pylist()] for told in tellings] == [[(1000, 1000)]] * 3 + [[(5000, 5000)]]


def test_a_span_that_is_not_there_is_none(tables: Any) -> None:
    """Neither by its trace nor by its id."""
    trace = tables.spans(1)["trace_id"][0].as_py().hex()
    assert spans.span(tables.engine.read, tables.project, trace, "ff" * 8) is None
    assert spans.span(tables.engine.read, tables.project, "ff" * 16, "ff" * 8) is None


@pytest.mark.parametrize("limit", [1, 4])
def test_events_page_without_gap_or_repeat(tables: Any, all_pages: AllPages, limit: int) -> None:
    """A record that came twice is one."""
    begin = tables.scope().from_ns + 3600 * SECOND_NS
    tables.events(12, time=[begin + at // 4 for at in range(12)])
    tables.events(4, time=[begin] * 4, received=begin + SECOND_NS)

    def ask(place: Any, limit: int = limit) -> tuple[list[Any], Any]:
        table, following = events.page(tables.engine.read, tables.scope(), limit, place)
        return table["event_id"].to_pylist(), following

    whole = all_pages(lambda place: ask(place, 1000))
    assert len(whole) == len(set(whole)) == 12
    assert all_pages(ask) == whole


def session_list(tables: Any, all_pages: AllPages, limit: int = 100, *, past: bool = False, **scope: Any) -> list[str]:
    return all_pages(lambda place: sessions.page(tables.engine.read, tables.scope(**scope), limit, place, past=past))


@pytest.mark.parametrize("limit", [1, 3])
def test_sessions_page_without_gap_or_repeat(tables: Any, all_pages: AllPages, limit: int) -> None:
    """Told by spans or by events, ties included, and with ids of any length."""
    begin = tables.scope().from_ns + 3600 * SECOND_NS
    tables.spans(8, start=[begin] * 8, duration_ns=5, session_id=[f"{'s' * 4000 if at == 3 else ''}{at}" for at in range(8)])
    tables.events(4, time=[begin + 5] * 4, session_id=["a", "b", "c", "7"])
    whole = session_list(tables, all_pages)
    assert len(whole) == len(set(whole)) == 11
    assert session_list(tables, all_pages, limit) == whole


def test_sessions_overlap_the_range(tables: Any, all_pages: AllPages) -> None:
    """Those that go on in it, and in the past those that paused all through it; not those that were over, or had not begun."""
    begin = tables.scope().from_ns + 3600 * SECOND_NS
    told = [("before", 0, 1), ("into", 0, 15), ("in", 12, 1), ("out", 19, 99), ("around", 0, 99), ("paused", 1, 1), ("paused", 30, 1), ("after", 20, 1)]
    tables.spans(
        8,
        session_id=[name for name, _, _ in told],
        start=[begin + start * SECOND_NS for _, start, _ in told],
        duration_ns=[duration * SECOND_NS for _, _, duration in told],
    )
    found = session_list(tables, all_pages, past=True, from_ns=begin + 10 * SECOND_NS, to_ns=begin + 20 * SECOND_NS)
    assert sorted(found) == ["around", "in", "into", "out", "paused"]
    assert found[-1] == "paused"


def test_messages_of_parallel_calls_page_without_gap(tables: Any, all_pages: AllPages) -> None:
    """Calls that begin at the same nanosecond, each with messages at the same positions."""
    tables.spans(16, trace_id=b"t" * 16)
    tables.messages(16, trace_id=b"t" * 16, start=tables.scope().from_ns)

    def ask(place: Any, limit: int = 3) -> tuple[list[Any], Any]:
        table, following = messages.new_in_trace(tables.engine.read, tables.project, (b"t" * 16).hex(), limit, place)
        return table["hash"].to_pylist(), following

    whole = all_pages(lambda place: ask(place, 1000))
    assert len(whole) == len(set(whole)) == 24
    assert all_pages(ask) == whole


def test_pages_of_what_was_said_before_are_passed_over(tables: Any, all_pages: AllPages) -> None:
    """A session's second trace repeats what the first one said: what is new in it comes, however short the pages are."""
    begin = tables.scope().from_ns
    for trace, count, start in ((b"o", 12, begin), (b"t", 16, begin + SECOND_NS)):
        tables.spans(count, trace_id=trace * 16, session_id="s", start=start)
        tables.messages(count, trace_id=trace * 16, session_id="s", start=start)

    def ask(place: Any, limit: int = 3) -> tuple[list[Any], Any]:
        table, following = messages.new_in_trace(tables.engine.read, tables.project, (b"t" * 16).hex(), limit, place)
        return table["hash"].to_pylist(), following

    whole = all_pages(lambda place: ask(place, 1000))
    assert 0 < len(whole) < 24
    assert all_pages(ask) == whole


def test_a_conversation_shows_what_is_new_in_a_call(tables: Any) -> None:
    """The second call repeats what the first one said, and says more."""
    rows = tables.spans(4)
    tables.messages(4)
    calls = [row for row in rows.to_pylist() if row["kind"] == "llm"]
    told = [messages.of_call(tables.engine.read, tables.project, call) for call in calls]
    assert [[message["new"] for message in call] for call in told] == [[True] * 4, [False] * 4 + [True] * 4]
    assert all(message["text"] and not message["missing"] for call in told for message in call)


def test_a_message_that_is_gone_is_shown_as_such(tables: Any) -> None:
    """A conversation has no silent gaps."""
    call = next(row for row in tables.spans(4).to_pylist() if row["kind"] == "llm")
    told = messages.of_call(tables.engine.read, tables.project, call)
    assert told
    assert all(message["missing"] and message["hash"] for message in told)
