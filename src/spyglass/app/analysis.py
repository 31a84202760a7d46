"""The analyzers, while the server runs: batches that were kept in, findings out on the road of all telemetry.

One task takes batches from the bus, one worker thread shows them to the analyzers, as many at once as came meanwhile; ingest never waits for it, and it
never for a plugin. What analyzers remember is saved every minute. What arrived between that and a new start, and what came faster than they could look, is
read from the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import structlog
from pydantic import ValidationError

from spyglass.analyze.builtin.security import unexplained
from spyglass.analyze.kinds import Wanted
from spyglass.analyze.looks import Looks
from spyglass.analyze.loop import Loop
from spyglass.analyze.member import Member, Status
from spyglass.analyze.state import Packed, load, pack, write
from spyglass.app.backlog import Backlog
from spyglass.app.courtesy import Courtesy
from spyglass.app.explained import explain_by
from spyglass.app.periodic import Periodic
from spyglass.app.telling import Telling
from spyglass.config.spec import Settings
from spyglass.model.batch import Batch
from spyglass.model.clock import Clock
from spyglass.model.errors import InputError, NotFound, SpyglassError
from spyglass.model.finding import Finding, Heard
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Analyzer, AnalyzerKind, Announce, Examiner, State, Subscription
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
_MOST_ROWS: Final = 10_000  # that are shown at once: so long nobody rests
_WAITING_BATCHES: Final = 64  # between the bus and the backlog, which is bounded by rows
_LONGEST_PAST_NS: Final = 3_600 * 10**9  # what is older is no news
_LONGEST_FLOOD_S, _CALM_S = 30.0, 0.5  # so long reading again waits for its end, and looks for it
_STORED_S, _LOOK_S = 60.0, 0.1  # so long the store may take to have what the log holds at the start
_PATIENCE_S: Final = 10.0  # so long reading again waits for plugins in all, which are slower
_PLUGINS_S: Final = 3.0  # so long plugins may take to see what is left when the server stops

AnyMember = Member[Analyzer] | Member[Examiner]


@dataclass(frozen=True, slots=True)
class Past:
    """What has arrived, in the store."""

    kept: Callable[[], int]  # entries of the log, since its beginning …
    stored: Callable[[], int]  # … and how many of them are in the store
    read: Callable[[Sequence[Kind], int, int], Iterator[list[Batch]]]  # `store.read.arrivals`


@dataclass(frozen=True, slots=True)
class Standing:
    """How analysis goes."""

    running: bool
    until_ns: int  # all that arrived until then has been observed
    waiting_batches: int
    lost_rows: int  # that came faster than analyzers could look, and could not be read again


class Analysis:
    """Made anywhere; used by the thread of one event loop, within `async with analysis.running()`."""

    def __init__(
        self,
        loop: Loop,
        looks: Looks,
        subscription: Subscription,
        telling: Telling,
        past: Past,
        heard: Callable[[], Sequence[Heard]],
        courtesy: Courtesy,
        path: Path,
        clock: Clock,
    ) -> None:
        self._loop, self._looks, self._past, self._heard = loop, looks, past, heard
        self._subscription, self._telling, self._path, self._clock = subscription, telling, path, clock
        self._courtesy = courtesy
        self._began_ns = clock.now_ns()  # what arrives from now on comes by the bus
        self._worker = ThreadPoolExecutor(1, "analysis")
        self._saver = ThreadPoolExecutor(1, "analysis-save")
        self._saving: Future[None] | None = None
        self._absent: Packed = {}  # what is remembered of those that do not take part this time
        self._backlog = Backlog(subscription, self._began_ns - 1)
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
        self._looks.look(name, self._clock.now_ns() - _LATE_NS)

    def standing(self) -> Standing:
        """How it goes."""
        return Standing(self._running, self._loop.until_ns, len(self._backlog), self._lost)

    def suspend(self, name: str, why: str) -> None:
        """Let one see nothing more, until it is resumed.

        Raises:
            NotFound: there is none with this name.
        """
        self._status(name).suspend(why)

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

    def heed(self) -> None:
        """Let analyzers know what people made of their findings, now."""
        self._worker.submit(self._heed).result()

    def _heed(self) -> None:
        try:
            self._loop.heed(self._heard())
        except SpyglassError as error:  # the facts are away: what was heard before stays
            log.warning("verdicts on findings not read", error=str(error))

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
        await asyncio.to_thread(self._heed)
        kept = await asyncio.to_thread(load, self._path)
        if kept is not None:
            self._loop.restore(kept.states, kept.until_ns)
            self._absent = {key: pack(state) for key, state in kept.states.items() if key[0] not in self._loop.members}
        taking = asyncio.create_task(self._backlog.take(), name="analysis-take")
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
            await asyncio.to_thread(self._end)

    def end_looks(self) -> None:
        """End plugins that look at the store, so that nobody waits for them when the server stops."""
        self._looks.close()

    def _end(self) -> None:
        self._worker.submit(self._save, _PLUGINS_S).result()
        self._saver.shutdown()
        self._worker.shutdown()
        self._telling.end()
        self._loop.close()
        self._looks.close()

    async def _work(self) -> None:
        if self._loop.until_ns:
            await self._look_back(self._began_ns)
        while True:
            batches = await self._backlog.next(_MOST_ROWS, silence_s=_SILENCE_S, gather_s=_GATHER_S)
            if self._backlog.behind:
                await self._catch_up()
            else:
                await self._see(batches)

    async def _see(self, batches: Sequence[Batch], reading_s: float = 0.0) -> None:
        """Show them; then rest, if others want the cores. `reading_s`: what it took to get them."""
        here, began_s, spent_s = asyncio.get_running_loop(), self._clock.monotonic() - reading_s, self._loop.seconds() - reading_s
        try:
            findings = await here.run_in_executor(self._worker, self._observe, batches)
        except Exception:  # each analyzer is guarded; this is a fault of ours
            log.exception("analysis failed", batches=len(batches))
            return
        await asyncio.to_thread(self._telling.patiently, findings)
        await asyncio.sleep(self._courtesy.rest_s(self._loop.seconds() - spent_s, self._clock.monotonic() - began_s))

    async def _catch_up(self) -> None:
        """Show what was passed over because it came too fast, up to now; what comes from now on waits meanwhile.

        To read it again costs more than to see it as it comes, so that the flood may first be over.
        """
        until_s = self._clock.monotonic() + _LONGEST_FLOOD_S
        while self._courtesy.is_busy() and self._clock.monotonic() < until_s:  # noqa: ASYNC110 - nobody tells when it is over
            await asyncio.sleep(_CALM_S)
        now_ns = self._clock.now_ns()
        passed_over = self._backlog.begin(now_ns - 1)
        log.info("analyzers read again from the store what came too fast", rows=passed_over)
        await asyncio.sleep(_LATE_NS / 1e9)
        self._lost += max(0, passed_over - await self._look_back(now_ns))

    async def _look_back(self, until_ns: int) -> int:
        """Show what arrived after the last that was shown, in its order; how many rows."""
        since_ns, rows, patience_s = max(self._loop.until_ns, self._clock.now_ns() - _LONGEST_PAST_NS), 0, _PATIENCE_S
        try:
            async with asyncio.timeout(_STORED_S):
                kept = self._past.kept()
                while self._past.stored() < kept:  # noqa: ASYNC110 - another thread stores it
                    await asyncio.sleep(_LOOK_S)
            stretches = self._past.read(self._loop.kinds, since_ns, until_ns)
            began_s = self._clock.monotonic()
            while (batches := await asyncio.to_thread(next, stretches, None)) is not None:
                await self._see(batches, self._clock.monotonic() - began_s)
                rows += sum(map(len, batches))
                patience_s = await self._wait_for_plugins(patience_s)
                began_s = self._clock.monotonic()
        except (TimeoutError, SpyglassError) as error:
            log.warning("analyzers go on without what arrived before", since_ns=since_ns, error=str(error) or "the store lags behind")
        return rows

    async def _wait_for_plugins(self, most_s: float) -> float:
        """Until little waits for them, so long at most; what of that is left. Else what is read quickly would be too much for them at once."""
        began_s = self._clock.monotonic()
        while self._loop.crowded() and self._clock.monotonic() - began_s < most_s:  # noqa: ASYNC110 - their threads tell nobody
            await asyncio.sleep(_GATHER_S)
        return max(0.0, most_s - (self._clock.monotonic() - began_s))

    def _observe(self, batches: Sequence[Batch]) -> list[Finding]:
        now_ns = max((pc.max(batch.rows["received"]).value for batch in batches), default=self._clock.now_ns() - _LATE_NS)
        findings = self._loop.observe(batches, max(now_ns, self._loop.until_ns))
        if self._clock.monotonic() - self._saved_at >= _SAVE_S:
            self._heed()  # another server of the same facts may have heard something
            self._save()
        return findings

    def _save(self, plugins_s: float = _SAVE_S) -> None:
        """What all remember at one moment; plugins, which may be behind, have so long to get there and say it, and nobody waits for them but the file."""
        self._saved_at = self._clock.monotonic()
        if self._saving is not None and not self._saving.done() and self._running:
            return  # the one before still waits for a plugin
        states, coming = self._loop.saving()
        packed = {key: pack(state) for key, state in states.items()}  # now: the tables may be of arrays that change
        self._saving = self._saver.submit(self._write, self._loop.until_ns, self._absent | packed, coming, plugins_s)

    def _write(self, until_ns: int, packed: Packed, coming: Mapping[tuple[str, str], Future[State]], plugins_s: float) -> None:
        try:
            write(self._path, until_ns, packed | {key: pack(state) for key, state in self._loop.arrived(coming, plugins_s).items()})
        except Exception as error:  # the disk, or a plugin's tables
            log.warning("state of analyzers not saved", error=str(error))


def make_analysis(
    analyzed: Wanted,
    settings: Settings,
    engine: Engine,
    log: DiskLog,
    bus: Bus,
    announce: Announce,
    heard: Callable[[], Sequence[Heard]],
    periodic: Periodic,
    clock: Clock,
) -> Analysis:
    """All of it; `heard` tells what people made of findings, `periodic` lets those that look at the store do so."""
    share, telling = settings.analyzers.share, Telling(announce)
    loop = Loop(analyzed.stages, analyzed.settings, share=share, news_s=settings.analyzers.news_s, plugins=analyzed.plugins, tell=telling.patiently)
    looks = Looks([_with_evidence(kind, engine) for kind in analyzed.looks], analyzed.settings, partial(_asked, engine), share, telling.now)
    seen = bus.subscribe("analyzers", Policy.DROP_OLDEST, capacity=_WAITING_BATCHES)  # analyzers never hold anybody up
    cursor = log.cursor("store")
    past = Past(lambda: log.status().last + 1, lambda: cursor.position, partial(arrivals, engine.read))
    analysis = Analysis(loop, looks, seen, telling, past, heard, Courtesy(settings.analyzers.busy_share), settings.data_dir / "analyzers", clock)
    for kind in analyzed.looks:
        periodic.add(f"analyzer {kind.name}", kind.every_s, partial(analysis.look, kind.name))
    return analysis


def _with_evidence(kind: AnalyzerKind, engine: Engine) -> AnalyzerKind:
    """Joining spans with system evidence is the matter of another room: the analyzer that needs it is given it."""
    return replace(kind, make=partial(unexplained.Unexplained, explain=explain_by(engine.read))) if kind is unexplained.analyzer else kind


def _asked(engine: Engine, sql: str, parameters: Mapping[str, Any]) -> pa.Table:
    """As users may ask, over all projects."""
    return run_user_sql(engine, sql, parameters, project=None)
