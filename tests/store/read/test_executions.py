"""Promises about executions: one row each, whatever told of it, in any order; their figures, kin and steps."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.conftest import EMBEDDED

from spyglass.store.carry import carry
from spyglass.store.read import executions, runs
from spyglass.store.read.runs import Wanted
from spyglass.testing.clock import ManualClock
from spyglass.testing.rows import events

AllPages = Callable[[Callable[[Any], tuple[Any, Any]]], list[Any]]
SECOND_NS = 10**9
HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS
_numbers = itertools.count()
CODER = f"{(b't' * 16).hex()}-{'02' * 8}"  # the agent of `nested`


def tell(tables: Any, run: str, *told: tuple[str, float] | tuple[str, float, dict[str, str]], **columns: Any) -> None:
    """Insert events `execution.<name>` of a run, each so many seconds after the beginning of the hour before; they arrive 5 seconds later."""
    tables.keep_events(record(tables, run, *told, **columns))


def record(tables: Any, run: str, *told: Any, **columns: Any) -> pa.Table:
    """The same rows, not inserted."""
    begin = tables.scope().from_ns + HOUR_NS
    times = [begin + round(one[1] * SECOND_NS) for one in told]
    return events(
        len(told),
        first=next(_numbers) * 100,
        at_ns=begin,
        **{
            "project": tables.project,
            "event_name": [f"execution.{one[0]}" for one in told],
            "time": times,
            "received": [at + 5 * SECOND_NS for at in times],
            "execution_id": run,
            "severity": "info",
            "attributes": [list(one[2].items()) if len(one) > 2 else [] for one in told],
            "attribute_types": ["s" * (len(one[2]) if len(one) > 2 else 0) for one in told],
            "trace_id": bytes(16),
            "span_id": bytes(8),
            **columns,
        },
    )


def test_what_goes_on_says_how_often_it_beats(tables: Any) -> None:
    """By events, or by announcements of its span; who ended is left out."""
    every = {"spyglass.heartbeat.interval_s": "2.5"}
    tell(tables, "beats", ("start", 0), ("heartbeat", 3, every))
    tell(tables, "quiet", ("start", 0))
    tell(tables, "over", ("start", 0), ("heartbeat", 3, every), ("end", 4))
    begin = tables.scope().from_ns + HOUR_NS
    told = {"kind": "agent", "pending": True, "trace_id": b"p" * 16, "span_id": b"p" * 8, "received": begin + 5 * SECOND_NS}
    tables.spans(1, at_ns=begin, attributes=[[("spyglass.heartbeat", "1"), ("spyglass.heartbeat.interval_s", "7")]], attribute_types="ss", **told)
    found = {row["id"]: row["every_s"] for row in runs.going_on(tables.engine.read, begin - HOUR_NS, 10_000) if row["project"] == tables.project}
    assert found == {"beats": 2.5, "quiet": 0.0, f"{(b'p' * 16).hex()}-{(b'p' * 8).hex()}": 7.0}


def look(tables: Any, run: str) -> dict[str, Any]:
    """The row of one execution, asked ten seconds after its beginning; times in seconds since then."""
    begin = tables.scope().from_ns + HOUR_NS
    (row,) = executions.rows(tables.engine.read, tables.project, [run], begin + 10 * SECOND_NS)
    return row | {"begin_s": (row["begin_ns"] - begin) / 1e9, "lasted_s": row["duration_ns"] / 1e9}


def ids(tables: Any, keys: list[int]) -> list[str]:
    """The ids of a page."""
    return [row["id"] for row in executions.listed(tables.engine.read, tables.project, keys, 0)]


def listed(tables: Any, wanted: Wanted = Wanted(), limit: int = 1000, **scope: Any) -> list[str]:  # noqa: B008 - it is frozen
    """The ids of the list."""
    return ids(tables, runs.page(tables.engine.read, tables.scope(**scope), wanted, limit, None)[0])


def test_page_without_gap_or_repeat(tables: Any, all_pages: AllPages) -> None:
    """Runs of agents by spans, and those that only events tell of; many at the same nanosecond."""
    begin = tables.scope().from_ns + HOUR_NS
    tables.spans(40, start=[begin + at // 8 for at in range(40)])
    for run in "ab":
        tell(tables, run, ("start", 0), ("step", 1))
    whole = listed(tables)
    assert len(whole) == len(set(whole)) == 12
    assert ids(tables, all_pages(lambda place: runs.page(tables.engine.read, tables.scope(), Wanted(), 3, place))) == whole


@EMBEDDED
def test_windows_of_time_leave_nothing_out(tables: Any, all_pages: AllPages) -> None:
    """Runs of many hours, told again in later ones; page by page as all at once."""
    hours = HOUR_NS / SECOND_NS
    for number in range(14):
        tell(tables, f"run-{number}", ("start", -number * hours), ("heartbeat", 5))
    tell(tables, "bare", ("heartbeat", -2.5 * hours), ("heartbeat", 5))
    since = tables.scope().from_ns - 20 * HOUR_NS
    whole = listed(tables, from_ns=since)
    assert [run for run in whole if run != "bare"] == [f"run-{number}" for number in range(14)]
    assert whole.index("bare") == 3
    assert listed(tables, Wanted(statuses=["failed", "stalled"]), limit=1, from_ns=since) == []
    for limit in (1, 2, 5):
        found = all_pages(lambda place, most=limit: runs.page(tables.engine.read, tables.scope(from_ns=since), Wanted(), most, place))  # type: ignore[misc]
        assert ids(tables, found) == whole


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ([("created", 0)], "created"),
        ([("created", 0), ("heartbeat", 1)], "created"),
        ([("created", 0), ("start", 1)], "running"),
        ([("start", 0), ("waiting", 1, {"spyglass.execution.waiting_for": "approval"})], "waiting"),
        ([("start", 0), ("waiting", 1), ("resumed", 2)], "running"),
        ([("start", 0), ("waiting", 1), ("step", 2)], "waiting"),
        ([("heartbeat", 1, {"spyglass.execution.waiting_for": "approval"})], "waiting"),
        ([("start", 0), ("end", 1)], "succeeded"),
        ([("start", 0), ("end", 1, {"spyglass.execution.status": "ok"})], "succeeded"),
        ([("start", 0), ("end", 1, {"spyglass.execution.status": "error"})], "failed"),
        ([("start", 0), ("end", 1, {"spyglass.execution.status": "cancelled"})], "cancelled"),
        ([("start", 0), ("waiting", 1), ("end", 2)], "succeeded"),
        ([("step", 0)], "running"),
        ([("end", 0)], "succeeded"),
    ],
)
def test_events_say_how_a_run_stands(tables: Any, told: Any, status: str) -> None:
    """Also when only a part of them comes, and in the list as in the row."""
    tell(tables, "run", *told)
    assert look(tables, "run")["status"] == status
    assert listed(tables, Wanted(statuses=[status])) == ["run"]
    assert listed(tables, Wanted(statuses=[one for one in runs.STATUSES if one != status])) == []


@EMBEDDED
def test_counts_are_those_of_all_pages(tables: Any) -> None:
    """Of every status, narrowed as the list is; runs that were told of again, or began before the range, count once."""
    hours = HOUR_NS / SECOND_NS
    for number in range(7):
        tell(tables, f"going-{number}", ("start", -number * hours, {}), ("heartbeat", 5), agent="planner" if number % 2 else "coder")
    tell(tables, "over", ("start", 0), ("end", 1), agent="planner")
    tell(tables, "over", ("heartbeat", 2), agent="planner")
    tell(tables, "lost", ("start", 0), ("end", 1, {"spyglass.execution.status": "error"}), agent="coder")
    for wanted in (Wanted(), Wanted(agents=["planner"]), Wanted(agents=["nobody"])):
        found = runs.counts(tables.engine.read, tables.scope(), wanted)
        for status in runs.STATUSES:
            assert found.get(status, 0) == len(listed(tables, Wanted(statuses=[status], agents=wanted.agents)))
    assert runs.counts(tables.engine.read, tables.scope(), Wanted()) == {"running": 7, "failed": 1, "succeeded": 1}


def test_spans_say_how_a_run_stands(tables: Any) -> None:
    """Running, succeeded, failed, cancelled; waiting and stalling are told by events with the span's id."""
    tables.spans(
        16, pending=[True] + [False] * 15, status=["unset"] * 4 + ["error"] * 8 + ["ok"] * 4, error_type=["", *[""] * 7, "asyncio.CancelledError", *[""] * 7]
    )
    rows = executions.rows(tables.engine.read, tables.project, listed(tables), 0)
    assert sorted(row["status"] for row in rows) == ["cancelled", "failed", "running", "succeeded"]
    (running,) = [row["id"] for row in rows if row["status"] == "running"]
    tell(tables, running, ("waiting", 1, {"spyglass.execution.waiting_for": "the user"}))
    assert (look(tables, running)["status"], look(tables, running)["waiting_for"], look(tables, running)["source"]) == ("waiting", "the user", "span")


def test_what_the_server_said_of_silence_holds_until_the_run_is_heard(tables: Any) -> None:
    """A verdict is no sign of life; a record that arrived after what the verdict knew is one."""
    begin = tables.scope().from_ns + HOUR_NS
    heard = {"spyglass.execution.heard_ns": str(begin + 6 * SECOND_NS)}  # when the record of second 1 arrived
    tell(tables, "run", ("start", 0), ("heartbeat", 1), ("stalled", 40, heard), ("abandoned", 90, heard))
    assert (look(tables, "run")["status"], look(tables, "run")["silent_ns"]) == ("abandoned", begin + 90 * SECOND_NS)
    tell(tables, "run", ("heartbeat", 2))
    assert (look(tables, "run")["status"], look(tables, "run")["silent_ns"]) == ("running", 0)
    tell(tables, "run", ("stalled", 50, {"spyglass.execution.heard_ns": str(begin + 7 * SECOND_NS)}))
    assert (look(tables, "run")["status"], look(tables, "run")["silent_ns"]) == ("stalled", begin + 50 * SECOND_NS)
    tell(tables, "run", ("resumed", 60, {"spyglass.execution.heard_ns": str(begin + 8 * SECOND_NS)}))
    assert look(tables, "run")["status"] == "running"


def test_an_execution_ends_once(tables: Any) -> None:
    """The first end by the sender's clock stands, whenever it arrives, and the second is told as odd."""
    tell(tables, "run", ("end", 5, {"spyglass.execution.status": "error"}), ("start", 0), ("end", 3, {"spyglass.execution.status": "ok"}))
    row = look(tables, "run")
    assert (row["status"], row["lasted_s"], row["issues"]) == ("succeeded", 3, ["ended_twice"])


def test_odd_runs_have_an_answer(tables: Any) -> None:
    """An end before the start, nothing but an end, two starts, hours of disorder."""
    tell(tables, "before", ("start", 4), ("end", 1))
    tell(tables, "only", ("end", 2))
    tell(tables, "twice", ("start", 0), ("start", 2), ("end", 3))
    tell(tables, "late", ("end", 3), received=tables.scope().from_ns)
    tell(tables, "late", ("start", -3600), received=tables.scope().from_ns + 20 * HOUR_NS)
    told = {run: look(tables, run) for run in ("before", "only", "twice", "late")}
    assert {run: row["issues"] for run, row in told.items()} == {"before": ["ended_before_start"], "only": ["no_start"], "twice": ["started_twice"], "late": []}
    assert {run: row["lasted_s"] for run, row in told.items()} == {"before": 0, "only": 0, "twice": 3, "late": 3603}


STORY = [
    ("created", 0),
    ("start", 1, {"spyglass.execution.parent_id": "p", "spyglass.execution.forked_from": "f", "spyglass.execution.forked_at_step": "2"}),
    ("step", 2, {"spyglass.execution.step": "look", "spyglass.execution.step_number": "1"}),
    ("waiting", 3, {"spyglass.execution.waiting_for": "approval"}),
    ("heartbeat", 4, {"spyglass.execution.waiting_for": "approval", "spyglass.memory.peak_bytes": "900", "spyglass.cpu.time_s": "0.5"}),
    ("resumed", 5),
    ("step", 6, {"spyglass.execution.step": "act", "spyglass.execution.step_number": "2", "spyglass.execution.step_status": "error"}),
    ("heartbeat", 6.5, {"spyglass.memory.peak_bytes": "700", "spyglass.cpu.time_s": "0.7"}),
    ("end", 7, {"spyglass.execution.status": "error", "spyglass.execution.steps": "2", "error.message": "no boat"}),
    ("end", 8, {"spyglass.execution.status": "ok"}),
]


@EMBEDDED
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(len(STORY))),
    cuts=st.sets(st.integers(1, len(STORY) - 1), max_size=4),
    again=st.lists(st.integers(0, len(STORY) - 1), max_size=3),
)
def test_any_order_of_arrival_gives_the_same_row(tables: Any, order: list[int], cuts: set[int], again: list[int]) -> None:
    """However the records of a run are ordered, cut into inserts, and sent again."""
    run = f"run-{next(_numbers)}"
    told = record(tables, run, *STORY)
    expected = {"status": "failed", "steps": 2, "failed_steps": 1, "begin_s": 1, "lasted_s": 6, "waiting_for": "", "last_step": "act", "parent_id": "p"}
    expected |= {"memory_bytes": 900, "cpu_s": 0.7, "status_message": "no boat", "forked_from": "f", "forked_at_step": 2, "issues": ["ended_twice"]}
    wanted = [*order, *again]
    for low, high in itertools.pairwise([0, *sorted(cuts), len(wanted)]):
        tables.keep_events(told.take(pa.array(wanted[low:high])))
    row = look(tables, run)
    assert {name: row[name] for name in expected} == expected


def test_runs_that_began_before_the_range_and_live_are_listed(tables: Any) -> None:
    """Latest start first; one that ended before is not."""
    hours = HOUR_NS / SECOND_NS
    tell(tables, "old", ("start", -20 * hours), ("end", -19 * hours))
    tell(tables, "long", ("start", -20 * hours))
    tell(tables, "long", ("heartbeat", 1), ("step", 2))
    tell(tables, "new", ("start", 1))
    assert listed(tables) == ["new", "long"]


def test_a_run_whose_clock_is_ahead_is_listed_when_it_is_heard_of(tables: Any) -> None:
    """By its own clock it begins after the range; what begins and is heard of then is not in it."""
    hours = HOUR_NS / SECOND_NS
    tell(tables, "now", ("start", 1))
    tell(tables, "ahead", ("start", 5 * hours), received=tables.scope().from_ns + HOUR_NS)
    tell(tables, "later", ("start", 5 * hours))
    assert listed(tables) == ["ahead", "now"]
    assert runs.counts(tables.engine.read, tables.scope(), Wanted()) == {"running": 2}


@EMBEDDED
def test_a_run_of_many_days_keeps_its_beginning(tables: Any) -> None:
    """Also in a list that does not read the day when it began, once that was carried over; carried again, it is the same."""
    begin = tables.scope().from_ns + HOUR_NS
    days = DAY_NS / SECOND_NS
    tell(tables, "gone", ("start", -4 * days), ("step", -3.9 * days))
    for day in range(-4, 1):
        tell(tables, "long", *([("start", -4 * days), ("waiting", -3.9 * days), ("step", -3.8 * days)] if day == -4 else [("heartbeat", day * days)]))
        for _ in range(2):
            carry(tables.engine, ManualClock((begin + day * DAY_NS + HOUR_NS) / 1e9))
    tell(tables, "new", ("start", -3))
    assert listed(tables) == ["new", "long"]
    assert listed(tables, Wanted(statuses=["waiting"])) == ["long"]
    row = look(tables, "long")
    assert (row["begin_s"], row["status"], row["steps"], row["last_step_ns"]) == (-4 * days, "waiting", 1, begin - round(3.8 * DAY_NS))


def test_agents_and_sessions_are_chosen(tables: Any) -> None:
    """Each among several."""
    for run, agent, session in (("a", "planner", "s-1"), ("b", "planner", "s-2"), ("c", "coder", "s-2")):
        tell(tables, run, ("start", 0), agent=agent, session_id=session)
    assert sorted(listed(tables, Wanted(agents=["planner"]))) == ["a", "b"]
    assert sorted(listed(tables, Wanted(sessions=["s-2"], agents=["coder", "nobody"]))) == ["c"]


def test_figures_are_those_of_the_subtree_and_each_call_counts_once(tables: Any) -> None:
    """Calls, tokens, cost, errors, steps; of an agent below it, too, which is a child and one step."""
    tables.spans(4)
    tables.spans(4)  # the same again
    (top,) = listed(tables)
    row = look(tables, top)
    assert (row["model_calls"], row["tool_calls"], row["spans"], row["steps"], row["last_step"]) == (2, 1, 4, 3, "gpt-4o-mini-2024-07-18")
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (2400, 160, pytest.approx(2 * 0.0001512))
    assert (row["errors"], row["tool_errors"], row["partial"]) == (1, 1, False)


def nested(tables: Any) -> None:
    """A run told by events, at a span of trace 1; an agent below it; a tool below that."""
    trace, ids = b"t" * 16, [bytes([at] * 8) for at in range(1, 5)]
    tables.spans(
        4, trace_id=trace, span_id=ids, parent_span_id=[bytes(8), ids[0], ids[1], ids[2]], kind=["chain", "agent", "tool", "mcp"],
        agent=["", "coder", "coder", "coder"], input_messages=[[]] * 4, output_messages=[[]] * 4, tool=["", "", "grep", "grep"],
    )  # fmt: skip
    tell(tables, "outer", ("start", 0), trace_id=trace, span_id=ids[0])
    tell(tables, "inner", ("start", 1, {"spyglass.execution.parent_id": "outer"}), ("step", 2, {"spyglass.execution.step": "x"}))
    tell(tables, "fork", ("start", 3, {"spyglass.execution.forked_from": "outer", "spyglass.execution.forked_at_step": "1"}))


def test_parents_children_and_forks_are_known(tables: Any) -> None:
    """By the spans between them, and by what they say."""
    nested(tables)
    agent = CODER
    assert look(tables, agent)["parent_id"] == "outer"
    row, around = executions.one(tables.engine.read, tables.project, "outer", 0) or ({}, None)
    children, forks = executions.family(tables.engine.read, tables.project, row, around)
    assert (sorted(children), forks, row["steps"], row["tool_calls"]) == ([agent, "inner"], ["fork"], 1, 1)


def test_steps_are_those_that_are_told_or_the_spans_that_do_work(tables: Any, all_pages: AllPages) -> None:
    """In order, page by page; work within a step is no step."""
    nested(tables)

    def names(run: str) -> list[str]:
        row, around = executions.one(tables.engine.read, tables.project, run, 0) or ({}, None)

        def ask(place: Any) -> tuple[list[str], Any]:
            found, following = executions.steps(tables.engine.read, tables.project, row, around, 1, place)
            return [step["name"] for step in found], following

        return all_pages(ask)

    assert (names("outer"), names(CODER), names("inner"), names("fork")) == (["coder"], ["grep"], ["x"], [])
    tell(tables, "many", *(("step", at, {"spyglass.execution.step": f"s{at}"}) for at in range(5)))
    assert names("many") == [f"s{at}" for at in range(5)]


def test_a_trace_that_is_too_large_leaves_figures_out(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so."""
    tables.spans(8)
    monkeypatch.setattr(executions, "_MOST_SPANS", 6)
    rows = executions.rows(tables.engine.read, tables.project, listed(tables), 0)
    assert sorted((row["partial"], row["model_calls"]) for row in rows) == [(False, 2), (True, None)]


def test_what_was_said_is_shown_where_messages_tell_it(tables: Any) -> None:
    """Spans of agents whose input and output are messages."""
    tables.messages(4)
    rows = tables.messages(4)
    hashes = rows["hash"].to_pylist()
    said = dict(zip(rows["role"].to_pylist(), hashes, strict=True))
    tables.spans(1, input_messages=[[said["user"]]], output_messages=[[said["assistant"]]])
    (run,) = listed(tables)
    row = look(tables, run)
    assert "What is the weather" in row["input"]
    assert "It is sunny" in row["output"]


def test_those_that_go_on_are_those_of_each_status_that_does(tables: Any) -> None:
    """Asked for together nothing is read that only tells them apart; the answer is the same."""
    begin = tables.scope().from_ns + HOUR_NS
    heard = {"spyglass.execution.heard_ns": str(begin + 6 * SECOND_NS)}  # when the record of second 1 arrived
    tell(tables, "created", ("created", 0))
    tell(tables, "running", ("start", 1))
    tell(tables, "waiting", ("start", 2), ("waiting", 3))
    tell(tables, "stalled", ("start", 0), ("heartbeat", 1), ("stalled", 40, heard))
    tell(tables, "abandoned", ("start", 0), ("heartbeat", 1), ("abandoned", 90, heard))
    tell(tables, "ended", ("start", 0), ("end", 1))
    tell(tables, "ended", ("heartbeat", 2))
    wanted = ["created", "running", "waiting", "stalled"]
    together = listed(tables, Wanted(statuses=wanted))
    assert sorted(together) == sorted(wanted) == sorted(one for status in wanted for one in listed(tables, Wanted(statuses=[status])))


def test_what_goes_on_is_found_among_many_that_ended_meanwhile(tables: Any, all_pages: AllPages) -> None:
    """Rows from before their end say of them that they go on, and they began later than those that do."""
    wanted = Wanted(statuses=["created", "running", "waiting", "stalled"])
    for number in range(6):
        tell(tables, f"going-{number}", ("start", number), ("heartbeat", -number))
    for number in range(20):
        tell(tables, f"over-{number}", ("start", 10 + number))
        tell(tables, f"over-{number}", ("end", 50))
    going = [f"going-{number}" for number in reversed(range(6))]
    assert listed(tables, wanted, limit=2) == going[:2]
    assert ids(tables, all_pages(lambda place: runs.page(tables.engine.read, tables.scope(), wanted, 2, place))) == going
