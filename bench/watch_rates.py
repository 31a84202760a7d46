"""What goes through the probe and the collector: records per second, what is lost and whether that is counted, large payloads, how long it takes to begin."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.watch_slowdown import loads, program
from spyglass.collect.probe.spawn import hold
from spyglass.collect.probe_client import ProbeClient, Want, start_probe
from spyglass.collect.records import Chunk, Exit, FileChange, Lost, Record

__all__ = ["Begin", "Flood", "begin", "flood", "payload"]

STORM_S = 3
LARGE = 1 << 20
SETTLE_S = 3.0  # losses are told once a second
PATIENCE_S = 120.0


class Flood(NamedTuple):
    """What a program did, how much of it came, and how much was counted as lost."""

    done: int
    seconds: float
    seen: int
    lost: int

    @property
    def counted(self) -> bool:
        """Whether each one was seen, or counted as lost."""
        return self.seen + self.lost == self.done

    def __str__(self) -> str:
        account = "each seen or counted" if self.counted else f"{self.done - self.seen - self.lost:+,} not counted"
        return f"{self.done / self.seconds:,.0f}/s for {self.seconds:.0f} s: {self.seen:,} seen, {self.lost:,} lost, {account}"


class Begin(NamedTuple):
    """Seconds until a probe has loaded, has attached to a program's libraries, and watches it; the whole is what a user waits for."""

    start_s: float
    attach_s: float
    track_s: float

    @property
    def whole_s(self) -> float:
        """All three."""
        return sum(self)


async def watched(probe: ProbeClient, argv: Sequence[str], want: Sequence[Want], take: Callable[[Iterable[Record]], object], settle_s: float = 0.0) -> Begin:
    """Run a program under watch to its end; `take` gets all records."""
    begin = time.perf_counter()
    await probe.attach(Path(argv[0]))
    attached = time.perf_counter()
    held = hold(argv)
    held_at = time.perf_counter()
    await probe.track(held.process.pid, want)
    tracked = time.perf_counter()
    over = asyncio.Event()

    async def read() -> None:
        async for batch in probe.batches():
            take(batch)
            if any(isinstance(record, Exit) and record.actor.pid == held.process.pid for record in batch):
                over.set()

    reader = asyncio.create_task(read())
    await asyncio.to_thread(held.release)
    await asyncio.to_thread(held.process.wait)
    await asyncio.wait_for(over.wait(), PATIENCE_S)
    await asyncio.sleep(settle_s)
    reader.cancel()
    return Begin(0.0, attached - begin, tracked - held_at)


async def _flood(rate: int) -> Flood:
    seen = lost = 0

    def take(batch: Iterable[Record]) -> None:
        nonlocal seen, lost
        for record in batch:
            seen += type(record) is FileChange
            lost += sum(record.counts.values()) if type(record) is Lost else 0

    with tempfile.NamedTemporaryFile("r") as told:
        async with await start_probe() as probe:
            await watched(probe, [*program("storm"), str(rate), str(STORM_S), told.name], ["files"], take, SETTLE_S)
        done, seconds = told.read().split()
    return Flood(int(done), float(seconds), seen, lost)


def flood(rate: int) -> Flood:
    """A program that makes so many changes a second (or as many as it can)."""
    return asyncio.run(_flood(rate))


async def _payload(echo: str) -> tuple[int, int]:
    found = {"in": 0, "out": 0}
    broken = 0

    def take(batch: Iterable[Record]) -> None:
        nonlocal broken
        for record in batch:
            if isinstance(record, Chunk):
                found[record.direction] += len(record.data)
                broken += record.missing

    async with await start_probe() as probe:
        await watched(probe, [*program("send"), echo, str(LARGE)], ["tls"], take, 0.5)
    return (0, 0) if broken else (found["out"], found["in"])


def payload() -> tuple[int, int]:
    """Bytes seen of one mebibyte written in one call, and of its echo; none when something was missing."""
    with tempfile.TemporaryDirectory() as folder, loads(Path(folder)) as (_, echo):
        return asyncio.run(_payload(echo))


async def _begin() -> Begin:
    began = time.perf_counter()
    async with await start_probe() as probe:
        started = time.perf_counter() - began
        rest = await watched(probe, [sys.executable, "-c", ""], ["files", "network", "tls", "stdio"], lambda _batch: None)
    return rest._replace(start_s=started)


def begin() -> Begin:
    """The median of five, by the whole."""
    return sorted((asyncio.run(_begin()) for _ in range(5)), key=lambda each: each.whole_s)[2]


def first_instruction(argv: Sequence[str]) -> float:
    """Seconds from asking for a watch until the watched command runs; `argv` is the beginning of the watched command."""
    ready, told = os.pipe()
    began = time.time()
    with subprocess.Popen([*argv, "sh", "-c", f"date +%s.%N >&{told}"], pass_fds=[told]) as process:
        os.close(told)
        with os.fdopen(ready) as lines:
            at = float(lines.readline())
        process.wait(60)
    return at - began


if __name__ == "__main__":
    print(begin())
    print(payload())
    for each in sys.argv[1:]:
        print(flood(int(each)), f"load {os.getloadavg()[0]:.1f}")
