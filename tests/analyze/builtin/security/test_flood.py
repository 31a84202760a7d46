"""Too many calls at once."""

from __future__ import annotations

from spyglass.analyze.builtin import aggregation
from spyglass.analyze.builtin.security.flood import Flood, Settings
from spyglass.model.finding import event_of

TEN_S = 10 * 10**9


def buckets(arrived, begin_ns, counts, **who):
    """Frames of these many calls in each ten seconds."""
    columns = {"tool": "search", "kind": "tool", "status": "error"} | who
    running = aggregation.Aggregation(aggregation.Settings())
    for number, count in enumerate(counts):
        if count:
            list(running.observe(arrived(count, 10 * number + 1, **columns)))
        yield from running.settle(begin_ns + (number + 1) * TEN_S)


def told(frames, running=None):
    """All findings."""
    running = running or Flood(Settings(calls=100, times=10))
    return [one for frame in frames for one in running.observe(frame)]


def test_many_times_the_busiest_ten_seconds_of_the_hour_are_a_flood(arrived, begin_ns):
    """It says who, what, how often, and that the calls fail."""
    (found,) = told(buckets(arrived, begin_ns, [12, 20, 0, 350]))
    assert found.title == "planner called search 350 times within ten seconds, at most 20 in the hour before; 100% failed"
    assert (found.observed, found.expected, found.severity) == (350, (0, 199), "warning")
    assert found.evidence[0].span_id
    assert found.owasp == "ASI08"


def test_who_never_called_before_is_told_as_that(arrived, begin_ns):
    """A sentence that can be read, without a number that nobody counted."""
    (found,) = told(buckets(arrived, begin_ns, [0, 350]))
    assert found.title == "planner called search 350 times within ten seconds, hardly ever in the hour before; 100% failed"


def test_what_names_neither_who_called_nor_what_is_no_flood(arrived, begin_ns):
    """Programs without agents call all kinds of things; nobody could act on it."""
    assert not told(buckets(arrived, begin_ns, [0, 350], agent="", tool="", model=""))
    assert [one.subject for one in told(buckets(arrived, begin_ns, [0, 350], tool="", model=""))] == [{"agent": "planner"}]


def test_growth_and_pairs_that_are_always_busy_are_none(arrived, begin_ns):
    """Nor is a small number, however sudden."""
    assert not told(buckets(arrived, begin_ns, [50, 400, 400, 1_000]))
    assert not told(buckets(arrived, begin_ns, [1, 99]))


def test_an_hour_later_the_busy_time_is_forgotten(arrived, begin_ns):
    """So that a rare burst stays one."""
    found = told(buckets(arrived, begin_ns, [300, *[0] * 359, 300]))
    assert len(found) == 2


def test_a_restart_changes_nothing(arrived, begin_ns):
    """Byte for byte."""
    frames = list(buckets(arrived, begin_ns, [12, 20, 0, 350]))
    first, second = Flood(Settings(calls=100)), Flood(Settings(calls=100))
    early = told(frames[:2], first)
    second.restore(first.save())
    assert [event_of(one) for one in early + told(frames[2:], second)] == [event_of(one) for one in told(frames, Flood(Settings(calls=100)))]
