"""Traces of a watch stay readable, however long it lasts."""

from __future__ import annotations

import pytest

from spyglass.collect.flows.episodes import Bounds, Episodes, Run
from spyglass.collect.records import Actor
from spyglass.model.told import Span
from spyglass.testing.clock import ManualClock

WATCH = "00112233445566ff"
SECOND = 10**9


def actor(pid: int, root: int = 7) -> Actor:
    return Actor(pid, 1, 1, 0, root)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_790_000_000.0)


def episodes(clock: ManualClock, run: Run | None = None, **bounds: float) -> Episodes:
    return Episodes(WATCH, clock, lambda pid: f"agent-{pid}", Bounds(**bounds), run=run)  # type: ignore[arg-type]


def told(spans: list[Span]) -> list[tuple[str, bool]]:
    return [(span.name, bool(span.attributes["spyglass.pending"])) for span in spans]


def test_a_launched_command_is_one_trace_from_its_begin_to_its_end(clock: ManualClock) -> None:
    """With its exit code, and without any call."""
    one = episodes(clock, Run(7, clock.now_ns(), ("claude", "-p")))
    assert told(one.take()) == [("invoke_agent agent-7", True)]
    clock.now_s += 5
    one.finish(3)
    [span] = one.take()
    assert (span.span_id.hex(), span.failed, span.end_ns - span.start_ns) == (WATCH, "ended with code 3", 5 * SECOND)
    assert (span.attributes["process.exit.code"], span.attributes["process.command_args"]) == (3, ["claude", "-p"])


def test_calls_near_each_other_are_of_one_trace(clock: ManualClock) -> None:
    """Those of each attached program of another one."""
    one = episodes(clock, idle_s=60)
    first = one(actor(8), clock.now_ns(), True)
    clock.now_s += 30
    assert one(actor(9), clock.now_ns(), True) == first
    assert one(actor(20, root=20), clock.now_ns(), True)[0] != first[0]
    assert told(one.take()) == [("invoke_agent agent-7", True), ("invoke_agent agent-20", True)]


def test_after_a_pause_what_comes_is_another_trace(clock: ManualClock) -> None:
    """A long call is no pause; the trace before ends with its last call."""
    one = episodes(clock, idle_s=60)
    begun_ns = clock.now_ns()
    first = one(actor(8), begun_ns, True)
    clock.now_s += 300
    assert one(actor(8), begun_ns + SECOND, True) == first
    latest_ns = clock.now_ns()
    clock.now_s += 61
    assert one(actor(8), clock.now_ns(), True)[0] != first[0]
    begin, end, again = one.take()
    assert (begin.span_id, end.span_id, end.end_ns) == (first[1], first[1], latest_ns)
    assert again.attributes["spyglass.watch.part"] == 2


def test_very_many_calls_go_on_in_another_trace(clock: ManualClock) -> None:
    """Of a launched command, too: the last one has its exit code."""
    one = episodes(clock, Run(7, clock.now_ns(), ("claude",)), calls=2)
    traces = [one(actor(7), clock.now_ns(), True)[0] for _ in range(5)]
    assert [traces.index(trace) for trace in traces] == [0, 0, 2, 2, 4]
    one.finish(1)
    ended = [span for span in one.take() if not span.attributes["spyglass.pending"]]
    assert [span.failed for span in ended] == [None, None, "ended with code 1"]


def test_what_is_silent_ends(clock: ManualClock) -> None:
    """But for the command that was launched: that ends when it does."""
    one = episodes(clock, Run(7, clock.now_ns(), ("claude",)), idle_s=60)
    one(actor(20, root=20), clock.now_ns(), True)
    one.take()
    clock.now_s += 61
    one.sweep()
    assert told(one.take()) == [("invoke_agent agent-20", False)]


def test_on_a_whole_machine_the_outermost_caller_is_the_agent(clock: ManualClock) -> None:
    """All have one root there; a sub-agent is a process below it that calls, too."""
    above = {30: [20, 1], 20: [1], 40: [1]}
    one = Episodes(WATCH, clock, str, lineage=lambda who: above[who.pid])
    agent = one(actor(20, root=1), clock.now_ns(), True)
    assert one(actor(30, root=1), clock.now_ns(), True) == agent
    assert one(actor(40, root=1), clock.now_ns(), True) != agent
    assert one(actor(30, root=1), clock.now_ns(), False) == agent


def test_on_a_whole_machine_a_plain_request_makes_no_agent(clock: ManualClock) -> None:
    """Nor does a server that answers: agents below it are agents of their own."""
    one = Episodes(WATCH, clock, str, lineage=lambda who: [20, 1] if who.pid == 30 else [1])
    trace, above = one(actor(20, root=1), clock.now_ns(), False)
    assert (above, one(actor(20, root=1), clock.now_ns(), False)[0], one.take()) == (b"", trace, [])
    assert one(actor(30, root=1), clock.now_ns(), True)[0] != trace
    assert told(one.take()) == [("invoke_agent 30", True)]


def test_there_are_never_too_many_of_them(clock: ManualClock) -> None:
    """The one that was silent longest ends."""
    one = episodes(clock)
    for pid in range(100, 100 + 4097):
        one(actor(pid, root=pid), clock.now_ns(), True)
    assert [span.name for span in one.take() if not span.attributes["spyglass.pending"]] == ["invoke_agent agent-100"]
