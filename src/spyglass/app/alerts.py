"""Alerts, while the server runs: findings from the bus and figures from the store in, notices to people out.

One worker thread evaluates rules and looks at groups, tasks of the event loop send. What the bus did not bring (a restart, too much at once) is read from
the store: a cursor of the facts says until when findings have been looked at, and looking at one twice changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import structlog

from spyglass.alert.acting import Desk
from spyglass.alert.automatic import Performer, Planner
from spyglass.alert.evaluate import Evaluator
from spyglass.alert.flushing import Flusher
from spyglass.alert.found import Finder, Found, found
from spyglass.alert.judge import Figures, Measured, Question
from spyglass.alert.notify.kinds import known
from spyglass.alert.sending import Sender
from spyglass.alert.setup import Setups
from spyglass.config.spec import Alerts as AlertSettings
from spyglass.facts.alerts import Alerts
from spyglass.facts.alerts_actions import Actions
from spyglass.facts.alerts_documents import Documents
from spyglass.facts.alerts_outbox import Delivery, Outbox
from spyglass.facts.cursors import Cursors
from spyglass.facts.database import Facts
from spyglass.facts.execution_stops import Stops
from spyglass.facts.vault import Vault
from spyglass.facts.versions import Versions
from spyglass.model.batch import Batch
from spyglass.model.clock import Clock
from spyglass.model.errors import QueryError, SpyglassError
from spyglass.model.finding import EVENT_NAME
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import ChannelContext, Log, Subscription
from spyglass.search.parse import parse
from spyglass.search.tree import Everything
from spyglass.show.services import AlertParts
from spyglass.store.engine import Engine
from spyglass.store.filters import compile as compile_filter
from spyglass.store.read import alerts as read
from spyglass.store.read.asking import Scope
from spyglass.telemetry.metrics import ALERT_ROUND, ALERT_WAITING

__all__ = ["Alerting", "asking", "finding"]

log = structlog.get_logger()

_TICK_S: Final = 1.0
_CATCH_UP_S: Final = 15.0
_FORGET_S: Final = 3_600.0
_CURSOR: Final = "alerts-findings"
_OVERLAP_NS: Final = 60 * 10**9  # that is read again: the store commits in another order than things arrive
_FIRST_NS: Final = 3_600 * 10**9  # where nobody has looked before
_FRESH_NS: Final = 5 * 10**9  # what arrived so lately may be on its way to the store
_USUAL_S: Final = 2.0
_PAGE: Final = 2_000
_LONGEST_NS: Final = 7 * 86_400 * 10**9  # findings are looked for so far back after a long stop
_OF_POINTS: Final = ("avg", "min", "max", "last", "increase", "p50", "p90", "p95", "p99")
_RESTART_S: Final = 30.0  # that a runner may take to end and to begin
_TIMEOUT_S: Final = 20.0  # of one question


Pages = Iterator[list[Found]]


class Alerting:
    """Made anywhere; used by one event loop, within `async with alerting.running()`."""

    def __init__(
        self,
        settings: AlertSettings,
        facts: Facts,
        vault: Vault,
        engine: Engine,
        log_: Log,
        subscription: Subscription | None,
        clock: Clock,
        restart: Callable[[str], str],
    ) -> None:
        """`subscription`: to all batches that were kept; None: nothing is evaluated, sent or done. `restart`: restarts a runner."""
        self._settings, self._log, self._subscription, self._clock = settings, log_, subscription, clock
        documents, alerts, outbox = Documents(facts, clock, vault), Alerts(facts), Outbox(facts)
        if lost := documents.seal().lost:
            log.error("secrets cannot be read", channels=lost, key=vault.key_id)
        setups, kinds, ask = Setups(documents, clock), known(), asking(engine, clock)
        version_of = _version_of(Versions(facts))
        context = ChannelContext(tuple(map(str, settings.allowed_networks)), settings.timeout_s, settings.public_url or "")
        self._alerts, self._setups, self._outbox, self._cursors = alerts, setups, outbox, Cursors(facts)
        self._evaluator = Evaluator(alerts, setups, ask, clock, settings.max_alerts, behind_ns=self._behind_ns)
        self._finder = Finder(alerts, setups, clock, settings.max_alerts)
        self._flusher = Flusher(alerts, setups, clock, public_url=context.public_url, version_of=version_of)
        self._sender = Sender(alerts, outbox, setups, kinds, context, clock, give_up_s=settings.give_up_s)
        self._read = finding(engine, clock)
        self._actions, self._stops = Actions(facts), Stops(facts, clock)
        self._planner = Planner(alerts, setups, clock, live=settings.live_actions, public_url=context.public_url)
        self._performer = Performer(self._actions, self._stops, self._sender, setups, restart, clock, settings.timeout_s + _RESTART_S)
        self._worker = ThreadPoolExecutor(1, "alerts")
        self._wake, self._send = asyncio.Event(), asyncio.Event()
        desk = Desk(alerts, setups, clock, version_of, hears=self._sender.hears, public_url=context.public_url)
        self.parts = AlertParts(
            documents,
            vault,
            alerts,
            outbox,
            setups,
            desk,
            self._sender,
            self._evaluator,
            self._finder,
            ask,
            self._read,
            self.wake,
            self._actions,
            self._performer,
            self._stops,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    def wake(self) -> None:
        """Look at once: something was changed. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Evaluate, group and send for as long as the block lasts; what is being sent at its end is waited for."""
        if self._subscription is None:
            yield
            return
        self._loop = asyncio.get_running_loop()
        works = {"listen": self._listen, "work": self._work, "send": self._deliver, "act": self._act, "catch-up": self._catch_up, "forget": self._forget}
        tasks = [asyncio.create_task(work(), name=f"alerts-{name}") for name, work in works.items()]
        try:
            yield
        finally:
            self._loop, self._stopping = None, True
            self._subscription.close()
            self._send.set()
            await asyncio.wait([task for task in tasks if task.get_name() == "alerts-send"], timeout=self._settings.timeout_s + 1)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            self._worker.shutdown()

    async def _listen(self) -> None:
        assert self._subscription is not None  # noqa: S101 - `running` has looked
        async for delivery in self._subscription:
            if _has_findings(delivery.batch) and await self._guarded("findings", lambda batch=delivery.batch: self._finder.observe(batch)):  # type: ignore[misc]
                self._wake.set()

    async def _work(self) -> None:
        while True:
            await self._guarded("round", self._round)
            self._send.set()
            await _wait(self._wake, _TICK_S)

    def _round(self) -> int:
        with ALERT_ROUND.time():
            evaluated = self._evaluator.round()
            return evaluated + self._flusher.round() + self._planner.round()

    async def _act(self) -> None:
        """Do what policies have decided, one after the other."""
        while True:
            try:
                await self._performer.round()
            except SpyglassError as error:
                log.warning("alerts wait", work="act", error=error.message)
            except Exception:  # a fault of ours; what was claimed is on record
                log.exception("alerts failed", work="act")
            await asyncio.sleep(_TICK_S)

    async def _deliver(self) -> None:
        """One task for each channel that has something to send."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                try:
                    due = await self._sender.round()
                    ALERT_WAITING.set(await asyncio.to_thread(self._outbox.waiting))
                except SpyglassError as error:
                    log.warning("alerts wait", work="send", error=error.message)
                    due = []
                for delivery in due:
                    self._sender.busy.add((delivery.project, delivery.channel))
                    group.create_task(self._one(delivery), name=f"alert to {delivery.channel}")
                await _wait(self._send, _TICK_S)

    async def _one(self, delivery: Delivery) -> None:
        try:
            if await self._sender.send(delivery) != "taken":
                self._send.set()  # the next of this channel
        except SpyglassError as error:
            log.warning("alerts wait", work="send", error=error.message)
        except Exception:  # a fault of ours; its claim ends, and it is tried again
            log.exception("alert not sent", channel=delivery.channel)

    async def _catch_up(self) -> None:
        while True:
            if await self._guarded("catch-up", self._look_back):
                self._wake.set()
            await asyncio.sleep(_CATCH_UP_S)

    def _look_back(self) -> int:
        """Read what the store has of findings since the cursor, and move it to where all is in the store."""
        now_ns = self._clock.now_ns()
        until_ns = now_ns - self._behind_ns() - _FRESH_NS
        at_ns = self._cursors.get(_CURSOR)
        since_ns = max(at_ns - _OVERLAP_NS if at_ns else until_ns - _FIRST_NS, until_ns - _LONGEST_NS)
        changed = 0
        for project, name, rule in self._finder.rules() if since_ns < until_ns else ():
            changed += sum(self._finder.take(project, name, rule, page) for page in self._read(project, rule.query, since_ns, until_ns))
        if until_ns > at_ns:
            self._cursors.move(_CURSOR, until_ns)
        return changed

    def _behind_ns(self) -> int:
        """How old the oldest is that is not in the store yet; 0: that is no more than usual."""
        behind_s = self._log.status().oldest_unconsumed_s
        return round(behind_s * 1e9) if behind_s > _USUAL_S else 0

    async def _forget(self) -> None:
        while True:
            await asyncio.sleep(_FORGET_S)
            await self._guarded("forget", self._forget_old)

    def _forget_old(self) -> int:
        before_ns = self._clock.now_ns() - self._settings.history_days * 86_400 * 10**9
        self._stops.forget(before_ns)
        return self._alerts.forget(before_ns) + self._actions.forget(before_ns)

    async def _guarded(self, what: str, work: Callable[[], int]) -> int:
        """Do it in the worker thread; a failure is logged, and the next time may go well."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except SpyglassError as error:
            log.warning("alerts wait", work=what, error=error.message)
        except Exception:
            log.exception("alerts failed", work=what)
        return 0


def asking(engine: Engine, clock: Clock) -> Callable[[Question], Sequence[Measured]]:
    """What rules ask, of the store."""

    def run(sql: str, parameters: dict[str, Any]) -> pa.Table:
        return engine.read(sql, parameters, timeout_s=_TIMEOUT_S)

    def ask(question: Question) -> Sequence[Measured]:
        windows = read.Windows(question.first_ns, question.window_ns, question.step_ns, question.steps)
        kind = {"events": Kind.EVENT, "points": Kind.POINT}.get(question.source, Kind.SPAN)
        scope = _scope(question.project, question.query, kind, windows.from_ns, windows.to_ns, clock)
        match question.source:
            case "events":
                table = read.events(run, scope, windows, question.group_by)
            case "points":
                found_ = read.points(run, scope, windows, question.group_by, question.metric)
                return [_of_points(row, question) for row in _one_each(found_)]
            case "spans":
                table = read.spans(run, scope, windows, question.group_by)
            case _:
                beside = _beside(question, windows, clock)
                table = read.calls(run, scope, windows, question.group_by, "tool" if question.source == "tools" else "llm", beside)
        return [_measured(row, question) for row in table.to_pylist()]

    return ask


def finding(engine: Engine, clock: Clock) -> Callable[[str, str, int, int], Pages]:
    """Findings of a project that match a search and arrived between two times, page by page."""

    def find(project: str, query: str, since_ns: int, until_ns: int) -> Pages:
        scope = _scope(project, query, Kind.EVENT, since_ns - 86_400 * 10**9, until_ns + 86_400 * 10**9, clock)
        while True:
            table = read.findings(engine.read, scope, since_ns, until_ns, _PAGE)
            yield [found(row) for row in table.to_pylist()]
            if table.num_rows < _PAGE:
                return
            since_ns = max(pc.max(table["received_ns"]).as_py(), since_ns + 1)

    return find


def _measured(row: dict[str, Any], question: Question) -> Measured:
    quantiles = row.get("quantiles_s") or (0.0, 0.0, 0.0, 0.0)
    spent: dict[str, Any] = {name: row[name] or 0 for name in ("input_tokens", "output_tokens", "cost_usd") if name in row}
    p50_s, p90_s, p95_s, p99_s = map(float, quantiles)
    figures = Figures(row["count"], row["errors"], p50_s, p90_s, p95_s, p99_s, **spent)
    return Measured(question.first_ns + row["step"] * question.step_ns, tuple(row["groups"]), figures)


def _one_each(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a metric that is told as several types the one with the most points, for each window and group."""
    best: dict[tuple[int, tuple[str, ...]], dict[str, Any]] = {}
    for row in rows:
        key = (row["bucket"], tuple(row["groups"]))
        if key not in best or row["samples"] > best[key]["samples"]:
            best[key] = row
    return list(best.values())


def _of_points(row: dict[str, Any], question: Question) -> Measured:
    told = {"values": row["count"]} | {name: row[name] for name in _OF_POINTS if row.get(name) is not None}
    figures = Figures(row["samples"], values={name: float(value) for name, value in told.items()})
    return Measured(question.first_ns + row["bucket"] * question.step_ns, tuple(row["groups"]), figures)


def _scope(project: str, query: str, kind: Kind, from_ns: int, to_ns: int, clock: Clock) -> Scope:
    tree = parse(query, kind)
    if isinstance(tree, Everything):
        return Scope(project, from_ns, to_ns)
    made = compile_filter(tree, kind, clock.now_ns(), from_ns=from_ns, to_ns=to_ns)
    return Scope(project, from_ns, to_ns, made.sql, made.parameters)


def _beside(question: Question, windows: read.Windows, clock: Clock) -> Scope | None:
    """The same search for log records that tell of calls; None where they do not know what it asks."""
    try:
        return _scope(question.project, question.query, Kind.EVENT, windows.from_ns, windows.to_ns, clock)
    except QueryError:
        return None


def _version_of(versions: Versions) -> Callable[[str, str], str]:
    def version_of(project: str, agent: str) -> str:
        known_, _ = versions.of([(project, agent)])
        latest = max(known_.get((project, agent), []), key=lambda one: one.last_ns, default=None)
        return "" if latest is None else latest.declared or f"number {latest.number}"

    return version_of


def _has_findings(batch: Batch) -> bool:
    return batch.kind == Kind.EVENT and bool(pc.any(pc.equal(batch.rows["event_name"], EVENT_NAME)).as_py())


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return
    finally:
        event.clear()
