"""The whole of it: what is told when, of whom, and what was lost."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.collect.records import Actor, Close, Connect, Endpoint, Exec, Exit, FileIo, FileOpen, Fork, Lost
from spyglass.collect.system.evidence import Evidence, Watch
from spyglass.collect.system.settings import Settings
from spyglass.model.clock import SystemClock

S = 1_000_000_000
NOW = 1_000 * S


def test_the_resource_says_whose_evidence_it_is(bench, execed):
    """Program, host, runner and watch."""
    (told,) = bench().tell(execed())
    assert told.resource == {
        "service.name": "agent",
        "host.id": "host-1",
        "host.name": "box",
        "spyglass.runner": "system",
        "spyglass.watch.id": "w1",
    }


def test_each_watched_program_has_its_own(bench, execed):
    """One `Told` for each root."""
    told = bench().tell(execed(), execed(["other"], "/opt/other", pid=200, root=200), execed(["ls"], "/bin/ls", pid=101))
    assert {one.resource["service.name"]: len(one) for one in told} == {"agent": 2, "other": 1}


def test_losses_are_summed_and_told(bench):
    """By reason, as a warning."""
    (event,) = bench().events(Lost(NOW, {"ring_full": 3}), Lost(NOW, {"ring_full": 2, "efault": 1}))
    assert event.name == "evidence.lost"
    assert event.severity == 13
    assert event.attributes == {"spyglass.lost_total": 6, "spyglass.lost.ring_full": 5, "spyglass.lost.efault": 1}


def test_reasons_that_a_source_makes_up_do_not_fill_the_memory(bench):
    """Beyond a number they are `other`."""
    (event,) = bench().events(*[Lost(NOW, {f"r{index}": 1}) for index in range(1000)])
    assert len(event.attributes) < 80
    assert event.attributes["spyglass.lost_total"] == 1000


def test_events_wait_for_the_flush_and_sums_for_the_window(bench, execed, actor):
    """No earlier, and no later."""
    it = bench(flush_s=0.5, window_s=5)
    list(it.evidence.take([execed(), FileIo(NOW, actor(), "/w/a", 0, 5, 0, 1, NOW)]))
    assert list(it.evidence.flush()) == []
    it.clock.now_s += 0.6
    assert [event.name for told in it.evidence.flush() for event in told.events] == ["process.exec"]
    it.clock.now_s += 5
    assert [event.name for told in it.evidence.flush() for event in told.events] == ["file.write"]


def test_what_is_seen_is_counted(bench, execed):
    """By number of records."""
    it = bench()
    it.tell(execed(), execed())
    assert it.tally.count == 2


def test_rooms_can_be_switched_off(bench, execed, actor):
    """Processes, files or network."""
    it = bench(processes=False, files=False, network=False)
    assert it.events(execed(), FileIo(NOW, actor(), "/w/a", 0, 5, 0, 1, NOW), Connect(NOW, actor(), 1, Endpoint("1.1.1.1", 1), None, "tcp", 0)) == []


async def test_a_stream_is_told_in_time_and_to_its_end(execed):
    """Also while nothing comes."""
    waits, told = asyncio.Event(), []

    async def batches():
        yield [execed()]
        await waits.wait()
        yield [execed(["late"], "/bin/late")]

    class Silent:
        def seen(self, count=1):
            pass

        def dropped(self, reason, count=1):
            pass

    evidence = Evidence(Settings(flush_s=0.02, containers=False), Watch("h", "h", "r", "w"), SystemClock(), Silent())
    async for one in evidence.follow(batches()):
        told.append(one)
        waits.set()
    assert [event.attributes["process.executable.name"] for one in told for event in one.events] == ["agent", "late"]


async def test_a_source_that_fails_has_told_all_it_saw(bench, execed):
    """Then its error is raised."""

    async def batches():
        yield [execed()]
        raise OSError("gone")

    stream = bench().evidence.follow(batches())
    told = await anext(stream)
    with pytest.raises(OSError, match="gone"):
        await anext(stream)
    assert [event.name for event in told.events] == ["process.exec"]


actors = st.builds(Actor, st.integers(1, 6), st.sampled_from([0, 990 * S, 995 * S]), st.integers(0, 6), st.just(0), st.integers(1, 3))
times = st.integers(980 * S, 1010 * S)
paths = st.sampled_from(["/w/a", "/proc/1", "/w/\udcff\n", "/h/a/.ssh/id_rsa", "", "relative"])
ends = st.builds(Endpoint, st.sampled_from(["1.2.3.4", "::1", "", "/run/x"]), st.integers(0, 65535))
records = st.one_of(
    st.builds(Exec, times, actors, paths, st.lists(st.text(max_size=5), max_size=3).map(tuple), paths),
    st.builds(Fork, times, actors, st.integers(1, 6), st.sampled_from([0, 990 * S, 996 * S])),
    st.builds(Exit, times, actors, st.integers(-1, 255), st.integers(0, 64)),
    st.builds(FileOpen, times, actors, paths, st.integers(0, 4095), st.integers(-40, 5)),
    st.builds(FileIo, times, actors, paths, st.integers(-1, 9), st.integers(-1, 9), st.integers(0, 2), st.integers(0, 2), times),
    st.builds(Connect, times, actors, st.integers(0, 3), ends, st.none() | ends, st.sampled_from(["tcp", "udp", "unix"]), st.integers(-120, 0)),
    st.builds(Close, times, actors, st.integers(0, 3), ends, st.none() | ends, st.sampled_from(["tcp", "udp", "unix"]), st.just(-1), st.just(0), st.just(0)),
)


@settings(max_examples=40)
@given(st.lists(records, max_size=40), st.randoms(use_true_random=False))
def test_any_records_in_any_order_are_told(given_records, random):
    """Each exec, fork and exit is an event of its own, whatever the order; nothing raises."""

    class Silent:
        def seen(self, count=1):
            pass

        def dropped(self, reason, count=1):
            pass

    random.shuffle(given_records)
    evidence = Evidence(Settings(containers=False), Watch("h", "h", "r", "w", "s"), SystemClock(), Silent())
    events = [event for told in [*evidence.take(given_records), *evidence.finish()] for event in told.events]
    processes = [record for record in given_records if isinstance(record, Exec | Fork | Exit)]
    assert sum(event.name.startswith("process.") for event in events) == len(processes)
    assert all(before.name for before, _ in pairwise(events))
