"""When one source takes over from another: both look for a moment, and what they see is told once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import psutil
import pytest

from spyglass.collect import sources
from spyglass.collect.fallback.levels import survey
from spyglass.collect.overlap import Cut, Overlap
from spyglass.collect.probe.spawn import hold
from spyglass.collect.probe_client import ProbeClient, start_probe
from spyglass.collect.records import Actor, Exec, Exit, FileChange, FileIo, Fork, Lost, Record
from spyglass.collect.sources import Target, Wish, open_source, open_without_probe, until
from spyglass.model.clock import SystemClock
from spyglass.model.errors import Refused

MS = 1_000_000
NOW = 1_000_000 * MS
ACTOR = Actor(100, NOW - 5_000 * MS, 1, 0, 100, 100, "agent")
COUNT = """
import os, subprocess, sys
number = 0
while number < 50 or not os.path.exists(sys.argv[1]):
    subprocess.run(["/bin/true", str(number)])
    number += 1
"""


def execed(at_ms: int, *argv: str) -> Exec:
    """A program that began."""
    return Exec(NOW + at_ms * MS, ACTOR, "/bin/true", argv, "/")


def told(earlier: Sequence[Record], later: Sequence[Record]) -> list[Record]:
    """What the later source tells after the earlier one."""
    overlap = Overlap()
    overlap.note(earlier)
    return list(overlap.sift(later))


@pytest.mark.parametrize("late_ms", [0, 3, 900])
def test_what_both_saw_is_told_once(late_ms: int) -> None:
    """Also when the earlier source told late of it, as one that looks now and then does."""
    deeds = [execed(0, "true", "1"), Exit(NOW + 2 * MS, ACTOR, 0, 0), Fork(NOW, ACTOR, 101, NOW), FileChange(NOW, ACTOR, "delete", "/a", 0)]
    earlier = [deed._replace(time_ns=deed.time_ns + late_ms * MS) for deed in deeds]
    assert told(earlier, deeds) == []


def test_arguments_that_were_not_seen_are_those_that_are_seen_now() -> None:
    """A program that had ended when the earlier source looked at it is told without arguments, and not again with them."""
    assert told([execed(0)], [execed(0, "true", "1")]) == []


def test_a_program_without_arguments_is_left_to_who_saw_them() -> None:
    """Once the later source sees everything: its account, with arguments, and of the end that follows; before that, the earlier one's."""
    overlap, ended = Overlap(), Exit(NOW + 60 * MS, ACTOR, 0, 0)
    unseen, others = Lost(NOW + 50 * MS, {"arguments_unseen": 1}), Lost(NOW, {"netlink_queue_full": 1})
    assert list(overlap.better([execed(10), unseen], 0)) == [execed(10), unseen]
    assert list(overlap.better([execed(20), unseen], NOW + 30 * MS)) == [execed(20), unseen]
    assert list(overlap.better([execed(50), unseen, ended, others], NOW + 30 * MS)) == [others]
    overlap.note([Exit(NOW, ACTOR._replace(pid=7), 0, 0)])
    assert list(overlap.sift([execed(50, "true", "1"), ended])) == [execed(50, "true", "1"), ended]


def test_what_happened_twice_is_told_twice() -> None:
    """Each record of the earlier source stands for one of the later."""
    assert told([execed(0, "true")], [execed(0, "true"), execed(40, "true")]) == [execed(40, "true")]


def test_what_is_new_is_told() -> None:
    """Another program, another process, a deed that failed, sums, and what is long after."""
    other = execed(0, "true")._replace(actor=ACTOR._replace(pid=101))
    news = [execed(0, "false"), other, FileChange(NOW, ACTOR, "delete", "/a", -2), FileIo(NOW, ACTOR, "/a", 0, 1, 0, 1, NOW), execed(9_000, "true")]
    assert told([execed(0, "true"), FileChange(NOW, ACTOR, "delete", "/a", 0), FileIo(NOW, ACTOR, "/a", 0, -1, 0, 1, NOW)], news) == news


def test_a_source_that_told_nothing_hides_nothing() -> None:
    """As at the begin of each watch."""
    assert told([], [execed(0, "true")]) == [execed(0, "true")]


@pytest.mark.skipif(sys.platform != "linux", reason="the sources are Linux's")
@pytest.mark.parametrize("level", ["partial", "minimal"])
async def test_a_probe_that_takes_over_tells_all_and_nothing_twice(tmp_path: Path, level: Wish) -> None:
    """While programs begin and end: from the take-over on every one is told, and no begin or end of any is told twice."""
    here = survey()
    if here.level != "full":
        pytest.skip("; ".join(here.problems))
    held = hold([sys.executable, "-c", COUNT, str(tmp_path / "enough")])
    target = Target((held.process.pid,))
    earlier = open_without_probe(target, level)
    overlap, back = Overlap(), asyncio.Event()
    await asyncio.to_thread(held.release)
    async with asyncio.timeout(60):
        since: list[int] = []
        both = until(earlier.batches, back, 0.3, SystemClock())
        reading = asyncio.create_task(listed(overlap.noted(both, lambda: since[0] if since else 0)))
        later = await open_source(target, (), "full")
        since.append(SystemClock().now_ns())
        back.set()
        before = await reading
        await earlier.close()
        (tmp_path / "enough").touch()
        after = await listed(until_exit(overlap.fresh(later.batches), held.process.pid))
        await later.close()
    held.process.wait()
    lives = Counter((type(record).__name__, record.actor.pid) for record in [*before, *after] if isinstance(record, Exec | Exit))
    assert [life for life, count in lives.items() if count > 1] == []
    programs = [record for record in [*before, *after] if isinstance(record, Exec) and record.actor.pid != held.process.pid]
    numbers = sorted(int(record.argv[1]) for record in programs if record.argv)
    assert len(numbers) == len(set(numbers))
    if level == "partial":
        assert len(programs) == numbers[-1] + 1  # every one since the begin, some without arguments
    else:
        first = next(int(record.argv[1]) for record in after if isinstance(record, Exec))
        untold = set(range(first, numbers[-1] + 1)).difference(numbers)
        assert len(untold) <= sum(not record.argv for record in programs)  # those had ended when they were looked at


@pytest.mark.skipif(sys.platform != "linux", reason="the sources are Linux's")
async def test_a_probe_that_is_killed_before_it_looks_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the whole watch would have to do with less."""
    here = survey()
    if here.level != "full":
        pytest.skip("; ".join(here.problems))
    started: list[ProbeClient] = []

    async def start(uid: int | None = None) -> ProbeClient:
        started.append(await start_probe(uid=uid))
        if len(started) == 1:
            os.kill(started[0].pid, signal.SIGKILL)
        return started[-1]

    monkeypatch.setattr(sources, "start_probe", start)
    held = hold(["/bin/true"])
    opened = await open_source(Target((held.process.pid,)), ())
    await opened.close()
    held.abandon()
    assert (opened.health.level, len(started)) == ("full", 2)


@pytest.mark.skipif(sys.platform != "linux", reason="the sources are Linux's")
async def test_a_probe_takes_over_from_what_a_killed_one_left(tmp_path: Path) -> None:
    """Begin and end of every program are told once, from the first one on."""
    here = survey()
    if here.level != "full":
        pytest.skip("; ".join(here.problems))
    held = hold([sys.executable, "-c", COUNT, str(tmp_path / "enough")])
    target = Target((held.process.pid,))
    first = await open_source(target, (), "full")
    cut, back, since = Cut(), asyncio.Event(), list[int]()
    await asyncio.to_thread(held.release)
    found: list[Record] = []

    async def read() -> None:
        async for batch in first.batches:
            if not found:
                [probe] = [child for child in psutil.Process().children() if "--deposit-fd" in child.cmdline()]
                probe.kill()
            found.extend(batch)

    async with asyncio.timeout(60):
        with pytest.raises(Refused, match="its programs in the kernel go on"):
            await read()
        left = first.orphaned()
        assert left is not None
        await first.close()
        reading = asyncio.create_task(listed(cut.noted(until(left.batches, back, 0.3, SystemClock()), lambda: since[0] if since else 0)))
        later = await open_source(target, (), "full")
        since.append(SystemClock().now_ns())
        back.set()
        found += await reading
        await left.close()
        (tmp_path / "enough").touch()
        found += await listed(until_exit(cut.fresh(later.batches), held.process.pid))
        await later.close()
    held.process.wait()
    programs = [record for record in found if isinstance(record, Exec) and record.actor.pid != held.process.pid]
    assert [record.argv[1] for record in programs] == [str(number) for number in range(len(programs))]
    assert Counter(record.actor.pid for record in found if isinstance(record, Exit)) == Counter([held.process.pid, *(one.actor.pid for one in programs)])


async def listed(batches: AsyncIterator[Sequence[Record]]) -> list[Record]:
    """Read to the end."""
    return [record async for batch in batches for record in batch]


async def until_exit(batches: AsyncIterator[Sequence[Record]], pid: int) -> AsyncIterator[Sequence[Record]]:
    """Batches until the process has ended."""
    async for batch in batches:
        yield batch
        if any(isinstance(record, Exit) and record.actor.pid == pid for record in batch):
            return
