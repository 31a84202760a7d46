"""The analyzers, while the server runs: batches that were kept in, findings out on the road of all telemetry.

One task takes batches from the bus, one worker thread shows them to the analyzers, as many at once as came meanwhile; ingest never waits for it. What
analyzers remember is saved every minute; what arrived between that and a new start is read from the store. What analyzers were too slow for is counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import structlog
from pydantic import ValidationError

from spyglass.analyze.kinds import Wanted
from spyglass.analyze.looks import Looks
from spyglass.analyze.loop import Loop
from spyglass.analyze.member import Member, Status
from spyglass.analyze.state import Kept, load, save
from spyglass.app.courtesy import Courtesy
from spyglass.app.periodic import Periodic
from spyglass.config.spec import Settings
from spyglass.model.batch import Batch
from spyglass.model.clock import Clock
from spyglass.model.errors import InputError, NotFound, Refused, SpyglassError
from spyglass.model.finding import Finding, event_of
from spyglass.model.schema import Kind
from spyglass.model.told import Event
from spyglass.plugin.contracts import Analyzer, Announce, Examiner, Subscription
from spyglass.publish.bus import Bus
from spyglass.publish.log import DiskLog
from spyglass.publish.policy import Policy
from spyglass.store.engine import Engine
from spyglass.store.gate import run_user_sql
from spyglass.store.read.arrivals import arrivals

__all__ = ["Analysis", "AnyMember", "Past", "Standing", "make_analysis"]

log = structlog.get_logger()

_SAVE_S: Final = 60.0
_SILENCE_S: Final = 2.0  # after which time passes for analyzers although nothing arrives
_GATHER_S: Final = 0.02  # what arrives within so long is seen at once
_LATE_NS: Final = 10**9  # what arrived may still be on its way to the bus for so long
_MOST_BATCHES: Final = 64  # that wait here
_MOST_ROWS: Final = 10_000  # that are shown at once: so long nobody rests
_WAITING_BATCHES: Final = 512  # what is more is dropped, the oldest first, and counted
_LONGEST_PAST_NS: Final = 3_600 * 10**9  # what is older is no news
_STORED_S, _LOOK_S = 60.0, 0.1  # so long the store may take to have what the log holds at the start
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0  # of telling, when too much waits already


AnyMember = Member[Analyzer] | Member[Examiner]


@dataclass(frozen=True, slots=True)
class Past:
    """What arrived before this server started."""

    is_stored: Callable[[], bool]  # whether all of it is in the store
    read: Callable[[Sequence[Kind], int, int], Iterator[list[Batch]]]  # `store.read.arrivals`


@dataclass(frozen=True, slots=True)
class Standing:
    """How analysis goes."""

    running: bool
    until_ns: int  # all that arrived until then has been observed
    waiting_batches: int
    lost_rows: int  # that were dropped before analyzers saw them


class Analysis:
    """Made anywhere; used by the thread of one event loop, within `async with analysis.running()`."""

    def __init__(
        self, loop: Loop, looks: Looks, subscription: Subscription, announce: Announce, past: Past, courtesy: Courtesy, path: Path, clock: Clock
    ) -> None:
        self._loop, self._looks, self._past = loop, looks, past
        self._subscription, self._announce, self._path, self._clock = subscription, announce, path, clock
        self._courtesy = courtesy
        self._began_ns = clock.now_ns()  # what arrives from now on comes by the bus
        self._worker = ThreadPoolExecutor(1, "analysis")
        self._waiting: asyncio.Queue[Batch] = asyncio.Queue(_MOST_BATCHES)  # behind it the subscription's queue, which says what it had to drop
        self._lost = 0
        self._running = False
        self._saved_at = clock.monotonic()

    def members(self) -> Mapping[str, AnyMember]:
        """All analyzers and how they do, in the order in which they run; those that look at the store last."""
        return {**self._loop.members, **self._looks.members}

    def look(self, name: str) -> None:
        """Let one that looks at the store do so now. Called by a thread of its own.

        Raises:
            Refused: what it found cannot be told now; the next look finds it again.
        """
        for project, events in _by_project(self._looks.look(name, self._clock.now_ns() - _LATE_NS)).items():
            self._announce(project, events)

    def standing(self) -> Standing:
        """How it goes."""
        return Standing(self._running, self._loop.until_ns, self._waiting.qsize(), self._lost)

    def suspend(self, name: str, why: str) -> None:
        """Let one see nothing more, until it is resumed.

        Raises:
            NotFound: there is none with this name.
        """
        self._status(name).suspended = why

    def resume(self, name: str) -> None:
        """Let one go on.

        Raises:
            NotFound: there is none with this name.
        """
        self._status(name)
        (self._looks if name in self._looks.members else self._loop).resume(name)

    def configure(self, name: str, settings: Mapping[str, Any]) -> None:
        """Let one go on with these settings; those that are not told get their defaults.

        Raises:
            NotFound: there is none with this name.
            InputError: they are not what it takes.
        """
        kind = self._member(name).kind
        try:
            made = kind.settings.model_validate(settings)
        except ValidationError as error:
            problems = (f"settings.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
            raise InputError("; ".join(problems)) from None
        if name in self._looks.members:
            self._looks.configure(name, made)
        else:
            self._worker.submit(self._loop.configure, name, made).result()

    def _status(self, name: str) -> Status:
        return self._member(name).status

    def _member(self, name: str) -> AnyMember:
        members = self.members()
        if name not in members:
            raise NotFound(f"there is no analyzer {name}; there are {', '.join(members)}")
        return members[name]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Analyze for as long as the block lasts."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = await asyncio.to_thread(load, self._path)
        if kept is not None:
            self._loop.restore(kept.states, kept.until_ns)
        taking = asyncio.create_task(self._take(), name="analysis-take")
        working = asyncio.create_task(self._work(), name="analysis-work")
        self._running = True
        try:
            yield
        finally:
            self._running = False
            self._subscription.close()
            for task in (taking, working):
                task.cancel()
            await asyncio.wait([taking, working])
            await asyncio.get_running_loop().run_in_executor(self._worker, self._save)
            self._worker.shutdown()
            self._loop.close()
            self._looks.close()

    async def _take(self) -> None:
        async for delivery in self._subscription:
            self._lost += delivery.lost
            await self._waiting.put(delivery.batch)

    async def _work(self) -> None:
        if self._loop.until_ns:
            await self._catch_up()
        while True:
            await self._see(await self._next())

    async def _see(self, batches: Sequence[Batch]) -> None:
        here, began_s, spent_s = asyncio.get_running_loop(), self._clock.monotonic(), self._loop.seconds()
        try:
            findings = await here.run_in_executor(self._worker, self._observe, batches)
        except Exception:  # each analyzer is guarded; this is a fault of ours
            log.exception("analysis failed", batches=len(batches))
            return
        await self._tell(findings)
        await asyncio.sleep(self._courtesy.rest_s(self._loop.seconds() - spent_s, self._clock.monotonic() - began_s))

    async def _catch_up(self) -> None:
        """Show what arrived after the last save, while this server or the one before could not: in its order, before anything new."""
        since_ns = max(self._loop.until_ns, self._began_ns - _LONGEST_PAST_NS)
        try:
            async with asyncio.timeout(_STORED_S):
                while not self._past.is_stored():  # noqa: ASYNC110 - another thread stores it
                    await asyncio.sleep(_LOOK_S)
            stretches = self._past.read(self._loop.kinds, since_ns, self._began_ns)
            while (batches := await asyncio.to_thread(next, stretches, None)) is not None:
                await self._see(batches)
        except (TimeoutError, SpyglassError) as error:
            log.warning("analyzers go on without what arrived before the start", since_ns=since_ns, error=str(error) or "the store lags behind")

    async def _next(self) -> list[Batch]:
        """What came meanwhile; nothing after a silence, so that time passes for analyzers."""
        try:
            async with asyncio.timeout(_SILENCE_S):
                batches = [await self._waiting.get()]
        except TimeoutError:
            return []
        await asyncio.sleep(_GATHER_S)
        rows = len(batches[0])
        while rows < _MOST_ROWS and not self._waiting.empty():
            batches.append(self._waiting.get_nowait())
            rows += len(batches[-1])
        return batches

    def _observe(self, batches: Sequence[Batch]) -> list[Finding]:
        now_ns = max((pc.max(batch.rows["received"]).value for batch in batches), default=self._clock.now_ns() - _LATE_NS)
        findings = self._loop.observe(batches, max(now_ns, self._loop.until_ns))
        if self._clock.monotonic() - self._saved_at >= _SAVE_S:
            self._save()
        return findings

    def _save(self) -> None:
        self._saved_at = self._clock.monotonic()
        try:
            save(self._path, Kept(self._loop.until_ns, self._loop.save()))
        except OSError as error:
            log.warning("state of analyzers not saved", error=str(error))

    async def _tell(self, findings: Sequence[Finding]) -> None:
        for project, events in _by_project(findings).items():
            pause = _FIRST_PAUSE_S
            while True:
                try:
                    self._announce(project, events)
                    break
                except Refused:  # the road is full: findings wait, and analysis with them
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, _LONGEST_PAUSE_S)


def _by_project(findings: Sequence[Finding]) -> dict[str, list[Event]]:
    """Their events."""
    found: dict[str, list[Event]] = {}
    for finding in findings:
        found.setdefault(finding.project, []).append(event_of(finding))
    return found


def make_analysis(
    analyzed: Wanted, settings: Settings, engine: Engine, log: DiskLog, bus: Bus, announce: Announce, periodic: Periodic, clock: Clock
) -> Analysis:
    """All of it; `periodic` lets those that look at the store do so."""
    share = settings.analyzers.share
    loop = Loop(analyzed.stages, analyzed.settings, share=share)
    looks = Looks(analyzed.looks, analyzed.settings, partial(_asked, engine), share)
    seen = bus.subscribe("analyzers", Policy.DROP_OLDEST, capacity=_WAITING_BATCHES)  # analyzers never hold anybody up
    end, cursor = log.status().last + 1, log.cursor("store")
    past = Past(lambda: cursor.position >= end, partial(arrivals, engine.read))
    analysis = Analysis(loop, looks, seen, announce, past, Courtesy(settings.analyzers.busy_share), settings.data_dir / "analyzers", clock)
    for kind in analyzed.looks:
        periodic.add(f"analyzer {kind.name}", kind.every_s, partial(analysis.look, kind.name))
    return analysis


def _asked(engine: Engine, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
    """As users may ask, over all projects."""
    return run_user_sql(engine, sql, parameters, project=None)
