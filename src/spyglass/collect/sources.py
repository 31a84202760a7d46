"""Opens the best source of records that there is here: the probe with its programs in the kernel, or what can be had without.

In: whom to watch, and what for. Out: batches of records, and how much they can tell.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from spyglass.collect.probe_client import DEFAULT_SOCKET, ProbeClient, Want, connect_probe, start_probe
from spyglass.collect.records import Record
from spyglass.model.clock import Clock
from spyglass.model.errors import ConfigError, InputError, NotFound, Refused, SpyglassError
from spyglass.plugin.contracts import RunnerHealth

__all__ = ["Opened", "Target", "Wish", "open_source", "open_without_probe", "until"]

Wish = Literal["auto", "full", "partial", "minimal"]

_NO_ATTACHING: Final = "the probe is gone: TLS libraries that programs begin to use now are not found until there is another one"
_INIT: Final = 1  # all processes of a machine descend from it


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to watch; everything that descends from them is watched, too. Nothing given: the whole machine."""

    pids: tuple[int, ...] = ()
    program: str = ""  # every program that is started under this name
    cgroup: Path | None = None
    launches: Path | None = None  # the program that a process of `pids` is about to become


@dataclass(frozen=True, slots=True)
class Opened:
    """A source that runs."""

    batches: AsyncIterator[Sequence[Record]]
    health: RunnerHealth
    close: Callable[[], Awaitable[None]]
    unread: Mapping[str, str]  # files with a TLS library that cannot be read, and why; grows while the source runs
    reason: Callable[[], Awaitable[str]] | None = None  # why it is gone, where that is known later than that it is
    orphaned: Callable[[], Opened | None] = lambda: None  # what goes on of it though it is gone


async def open_source(target: Target, want: Sequence[Want], wish: Wish = "auto", uid: int | None = None) -> Opened:
    """Watch from now on. `uid`: whose processes may be watched, when we are root for somebody.

    Raises:
        ConfigError, InputError, NotFound, Refused, Unauthorized: it cannot be watched, or not at the level that was wished for.
    """
    problem = ""
    if wish in {"auto", "full"}:
        try:
            try:
                return await _from_probe(target, want, uid)
            except Refused:  # somebody ended it before it had begun
                return await _from_probe(target, want, uid)
        except (InputError, NotFound):  # about the target: no other source would find it
            raise
        except SpyglassError as error:
            if wish == "full":
                raise
            problem = error.message
    return open_without_probe(target, wish, problem)


async def _from_probe(target: Target, want: Sequence[Want], uid: int | None) -> Opened:
    client = await (connect_probe() if DEFAULT_SOCKET.exists() else start_probe(uid=uid))
    try:
        await _track(client, target, want)
    except BaseException:
        await client.close()
        raise
    return Opened(client.batches(), RunnerHealth("full"), client.close, client.unread, client.reason, lambda: _from_orphaned(client))


def _from_orphaned(client: ProbeClient) -> Opened | None:
    found = client.orphaned()
    return Opened(found.batches(), RunnerHealth("full", (_NO_ATTACHING,)), found.close, {}) if found is not None else None


async def _track(client: ProbeClient, target: Target, want: Sequence[Want]) -> None:
    if target.launches is not None:
        with suppress(InputError, NotFound):  # it is no program with a library of its own: what it loads is found as it is loaded
            await client.attach(target.launches)
    for pid in target.pids:
        await client.track(pid, want)
    if target.program:
        await client.track_command(target.program, want)
    if target.cgroup is not None:
        await client.track_cgroup(target.cgroup, want)
    if target == Target():
        await client.track(_INIT, want)


def open_without_probe(target: Target, wish: Wish = "auto", problem: str = "") -> Opened:
    """Watch from now on with what needs no programs in the kernel; `problem`: why there are none.

    Raises:
        ConfigError, NotFound: it cannot be watched, or not at the level that was wished for.
    """
    # Here alone: with a probe none of this is needed, and it takes 5 MB.
    from spyglass.collect.fallback.levels import LOST, Level, survey  # noqa: PLC0415
    from spyglass.collect.fallback.pump import pumped  # noqa: PLC0415
    from spyglass.collect.fallback.sources import Sources  # noqa: PLC0415
    from spyglass.collect.fallback.tracked import Tracked  # noqa: PLC0415

    if target.cgroup is not None:
        raise ConfigError(f"a control group can be watched by the probe alone{f': {problem}' if problem else ''}")
    missing = [pid for pid in target.pids if not Path(f"/proc/{pid}").exists()]
    if missing:
        raise NotFound(f"there is no process {missing[0]}")
    program = target.program
    wanted = (lambda path, command: program in {Path(path).name, command}) if program else None
    sources = Sources(Tracked(target.pids, wanted, everything=target == Target()), connector=wish != "minimal", files=wish != "minimal")
    level: Level = sources.level
    if wish == "partial" and level != "partial":
        sources.close()
        raise ConfigError("; ".join(sources.problems) or "processes and files cannot be seen by the kernel's account here")
    batches = pumped(sources)

    async def close() -> None:
        with suppress(RuntimeError):  # it is being read: it ends there
            await batches.aclose()  # type: ignore[attr-defined]  # a generator

    problems = tuple(filter(None, (problem, *sources.problems))) or survey().problems
    return Opened(_refused(batches), RunnerHealth(level, (*(f"not seen: {lost}" for lost in LOST[level]), *problems)), close, {})


async def _refused(batches: AsyncIterator[Sequence[Record]]) -> AsyncIterator[Sequence[Record]]:
    """The same; that the kernel gives no more is an error of ours.

    Raises:
        Refused: it may be asked again.
    """
    try:
        async for batch in batches:
            yield batch
    except OSError as error:
        raise Refused(f"what looks without a probe has failed: {error}") from error


async def until(batches: AsyncIterator[Sequence[Record]], over: asyncio.Event, linger_s: float, clock: Clock) -> AsyncIterator[Sequence[Record]]:
    """Batches until it is over, and then what happened within `linger_s` of that, however late it comes; nothing that comes for so long ends it, too."""
    last_ns: int | None = None  # what happens later is not told
    ending = asyncio.create_task(over.wait(), name="watch over")
    coming: asyncio.Task[Sequence[Record] | None] | None = None
    try:
        while True:
            coming = coming or asyncio.create_task(_next(batches), name="next batch")
            lingering = over.is_set()
            if lingering and last_ns is None:
                last_ns = clock.now_ns() + int(linger_s * 1e9)
            await asyncio.wait({coming} if lingering else {coming, ending}, timeout=linger_s if lingering else None, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                batch, coming = coming.result(), None
                if batch is None:
                    return
                yield batch
                if last_ns is not None and any(record.time_ns > last_ns for record in batch):  # a machine has always something to tell
                    return
            elif lingering:
                return
    finally:
        for task in (ending, coming):
            if task is not None:
                task.cancel()
        await asyncio.gather(*filter(None, (ending, coming)), return_exceptions=True)


async def _next(batches: AsyncIterator[Sequence[Record]]) -> Sequence[Record] | None:
    return await anext(batches, None)
