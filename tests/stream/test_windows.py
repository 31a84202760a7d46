"""Sums per window: equal to what one would count oneself."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orjson import loads

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.stream.filter import understand
from spyglass.stream.wants import Wants
from spyglass.stream.windows import MAX_GROUPS, Windows, add_up
from spyglass.testing.rows import events, points, spans

S = 10**9
FIGURES = ("count", "errors", "input_tokens", "output_tokens", "cost_usd")


def windows(*names: str, begin_ns: int | None = 0) -> Windows:
    return Windows(1.0, names, "start", begin_ns)


def summed(batch: Batch, group_by: str = "agent,status", **wants) -> dict:
    want = understand(Wants(window_s=1, group_by=group_by, **wants))
    return add_up(batch, want.filter.rows(batch, 0), tuple(columns for _, columns in want.group_by), 0)


def counted(rows, *names: str) -> dict:
    """The same, one row after the other."""
    groups: dict[tuple, list[float]] = {}
    for row in rows.to_pylist():
        sums = groups.setdefault(tuple(row[name] for name in names), [0.0] * 5)
        for at, value in enumerate([1, row["status"] == "error", row["input_tokens"], row["output_tokens"], row["cost_usd"]]):
            sums[at] += value
    return groups


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["ok", "error"]), st.integers(0, 2**40), st.integers(0, 9)), max_size=40))
@settings(max_examples=30, deadline=None)
def test_sums_equal_recomputation(rows):
    """Count, errors, tokens and cost of each group."""
    agent, status, tokens, cents = ([row[at] for row in rows] for at in range(4))
    table = spans(len(rows), agent=agent, status=status, input_tokens=tokens, cost_usd=[cent / 64 for cent in cents])
    assert summed(Batch(Kind.SPAN, table)) == counted(table, "agent", "status")


def test_a_kind_without_the_field_counts_as_empty():
    """One window may sum spans, events and points."""
    assert summed(Batch(Kind.POINT, points(5)), "kind,agent") == {("", "planner"): [5, 0, 0, 0, 0]}
    assert summed(Batch(Kind.EVENT, events(8)), "event_name") == {("execution.step",): [4, 0, 0, 0, 0], ("",): [4, 2, 0, 0, 0]}


def test_without_groups_there_is_one_sum():
    """Of all rows that match."""
    assert summed(Batch(Kind.SPAN, spans(8)), "", query="kind:llm") == {(): [4, 0, 4800, 320, pytest.approx(0.0006048)]}


def test_a_window_is_told_once_it_is_over():
    """With its times, the place to resume from, the groups and their total."""
    open_ = windows("agent")
    assert open_.add({("a",): [1, 0, 5, 1, 0.5]}, S // 2, "c1") == []
    assert open_.add({("a",): [2, 1, 0, 0, 0.25], ("b",): [1, 0, 0, 0, 0]}, S - 1, "c2") == []
    (frame,) = open_.close(S)
    told = loads(frame.body)
    assert (told["type"], told["cursor"], frame.cursor) == ("window", "c2", "c2")
    assert (told["from"], told["to"]) == ("1970-01-01T00:00:00.000000000Z", "1970-01-01T00:00:01.000000000Z")
    assert told["groups"][0] == {"agent": "a", "count": 3, "errors": 1, "input_tokens": 5, "output_tokens": 1, "cost_usd": 0.75}
    assert told["total"] == {"count": 4, "errors": 1, "input_tokens": 5, "output_tokens": 1, "cost_usd": 0.75}
    assert open_.close(S) == []


def test_windows_without_rows_are_told_too():
    """So that a chart goes on; but not one for every second of a night."""
    open_ = windows()
    assert [loads(frame.body)["total"]["count"] for frame in open_.close(3 * S)] == [0, 0, 0]
    assert len(open_.close(10_000 * S)) < 20
    assert open_.end_ns == 10_001 * S


def test_windows_start_at_multiples_of_their_length():
    """Only the first one begins when the viewer came."""
    open_ = windows(begin_ns=S * 5 // 4)
    first, second = (loads(frame.body) for frame in open_.close(3 * S))
    assert (first["from"][17:21], first["to"][17:21], second["from"][17:21]) == ("01.2", "02.0", "02.0")


def test_groups_are_bounded():
    """What is too many is counted together, and the total stays right."""
    open_ = windows("agent")
    open_.add({(str(at),): [1, 0, 0, 0, 0] for at in range(MAX_GROUPS + 5)}, 1, "c")
    told = loads(open_.close(S)[0].body)
    assert (len(told["groups"]), told["other"]["count"], told["total"]["count"]) == (MAX_GROUPS, 5, MAX_GROUPS + 5)


async def test_a_viewer_gets_sums_in_place_of_rows(live):
    """Over several windows they add up to what was published, whatever the rate."""
    async with live.socket("window_s=0.2&group_by=kind,agent&kind=span&rate=0.1&burst=1") as viewer:
        await viewer.until(len)
        for batch in range(10):
            live.publish(spans(40, first=batch * 40))
            live.publish(events(40, first=batch * 40), Kind.EVENT)
            await viewer.until(lambda frames, wanted=batch // 4: sum(frame["type"] == "window" for frame in frames) >= wanted)
        seen = await viewer.until(lambda frames: sum(frame.get("total", {}).get("count", 0) for frame in frames) >= 400)
    told = [frame for frame in seen if frame["type"] == "window"]
    assert len(told) == len(seen) - 1
    everything = {key: dict(zip(FIGURES, sums, strict=True)) for key, sums in counted(spans(400), "kind", "agent").items()}
    for (kind, agent), sums in everything.items():
        groups = [group for frame in told for group in frame["groups"] if (group["kind"], group["agent"]) == (kind, agent)]
        assert {name: sum(group[name] for group in groups) for name in FIGURES} == pytest.approx(sums)
    assert all(first["to"] == second["from"] for first, second in pairwise(told))


async def test_windows_resume_without_gap_or_repeat(live):
    """The cursor of a window's frame leads to the rows after it, those of the window that was open included."""
    async with live.socket("window_s=0.2") as viewer:
        await viewer.until(len)
        live.publish(spans(40))
        seen = await viewer.until(lambda frames: any(frame.get("total", {}).get("count") == 40 for frame in frames))
        cursor = seen[-1]["cursor"]
        live.publish(spans(30))
        live.publish(spans(7))
    async with live.socket(f"window_s=0.2&cursor={cursor}") as viewer:
        live.publish(spans(5))
        seen = await viewer.until(lambda frames: sum(frame.get("total", {}).get("count", 0) for frame in frames) >= 42)
    assert sum(frame["total"]["count"] for frame in seen[1:]) == 42
