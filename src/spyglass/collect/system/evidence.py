"""The whole: records of system evidence in, what a runner tells out, with windows for sums, and what was folded and lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from spyglass.collect.records import Accept, Actor, Close, Connect, Datagram, Exec, Exit, FileChange, FileIo, FileOpen, Fork, Lost, Record
from spyglass.collect.system.arguments import Redact, Teller
from spyglass.collect.system.containers import Containers
from spyglass.collect.system.files import Files
from spyglass.collect.system.network import Network
from spyglass.collect.system.notes import Notes
from spyglass.collect.system.processes import Processes
from spyglass.collect.system.service import program_name
from spyglass.collect.system.settings import Settings
from spyglass.collect.system.sieve import Sieve, sampled
from spyglass.collect.system.tree import Process, Tree
from spyglass.model.clock import Clock
from spyglass.model.told import INFO, Attributes, Event, Told
from spyglass.plugin.contracts import Tally

__all__ = ["Evidence", "Watch"]

_WARN: Final = 13  # severity numbers of OpenTelemetry's log data model


@dataclass(frozen=True, slots=True)
class Watch:
    """Whose evidence it is: goes into the resource of all that is told."""

    host_id: str
    host_name: str
    runner: str
    id: str
    service_name: str = ""  # empty: the name of the root program


class Evidence:
    """Turns records into `Told`. One thread; bounded in memory, as it tells early when much is waiting."""

    def __init__(self, settings: Settings, watch: Watch, clock: Clock, tally: Tally, redact: Redact | None = None) -> None:
        self.tree = Tree(settings.bounds.processes)
        self._settings, self._watch, self._clock, self._tally = settings, watch, clock, tally
        self._notes, self._sieve = Notes(settings.bounds.events), Sieve(settings)
        self._containers = Containers()
        self._processes = Processes(self.tree, self._notes, self._sieve, Teller(settings.arguments, redact), settings.processes)
        self._files = Files(self._notes, self._sieve, settings.bounds.files, settings.min_file_bytes)
        self._network = Network(self._notes, self._sieve, settings)
        self._takers = self._routes()
        self._first_root = 0
        self._names: dict[int, str] = {}  # by root
        self._told_at = self._window_at = clock.monotonic()

    def take(self, records: Iterable[Record]) -> Iterator[Told]:
        """Look at records, in any order; gives what cannot wait. Must be read to its end. Streams of plaintext are not its business, and are passed over."""
        takers, notes, see, count = self._takers, self._notes, self._see, 0
        for record in records:
            count += 1
            taker = takers.get(type(record))
            if taker is not None:
                taker(record, see(record.actor, record.time_ns))  # type: ignore[union-attr]  # only Lost has no actor, and no taker
            elif type(record) is Lost:
                notes.lose(record.counts)
            if notes.full:
                yield from self._drain()
        self._tally.seen(count)

    def flush(self) -> Iterator[Told]:
        """What has waited long enough."""
        now = self._clock.monotonic()
        if now - self._window_at >= self._settings.window_s:
            self._window_at = now
            self._close_window(self._clock.now_ns())
        if now - self._told_at >= self._settings.flush_s or self._notes.full:
            self._told_at = now
            yield from self._drain()

    def finish(self) -> Iterator[Told]:
        """All that is left: the watch is over."""
        self._close_window(self._clock.now_ns())
        yield from self._drain()

    async def follow(self, batches: AsyncIterable[Iterable[Record]], beside: Callable[[], Iterable[Told]] = tuple) -> AsyncIterator[Told]:
        """The same for a stream of batches; tells in time when nothing comes, and what is left at its end; if that is an error, raises it then.

        `beside`: what others have to tell of what came, asked for after each look.
        """
        source = aiter(batches)
        coming: asyncio.Task[Iterable[Record] | None] | None = None
        failed: BaseException | None = None
        try:
            while True:
                coming = coming or asyncio.create_task(_next(source), name="next records")
                await asyncio.wait({coming}, timeout=self._settings.flush_s)
                if coming.done():
                    if failed := coming.exception():
                        break
                    batch, coming = coming.result(), None
                    if batch is None:
                        break
                    for told in self.take(batch):
                        yield told
                for told in chain(self.flush(), beside()):
                    yield told
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
        for told in chain(self.finish(), beside()):
            yield told
        if failed is not None:
            raise failed

    def resource(self, root: int = 0) -> Attributes:
        """Who tells. `root`: pid of the watched program that it is about; 0: of the only one, or of all."""
        watch = self._watch
        return {
            "service.name": watch.service_name or self._named(root) or watch.runner,
            "host.id": watch.host_id,
            "host.name": watch.host_name,
            "spyglass.runner": watch.runner,
            "spyglass.watch.id": watch.id,
        }

    def _named(self, root: int) -> str:
        """The program that a watched tree began with, for good: one that becomes another program is no other service."""
        if root not in self._names and len(self._names) < self._settings.bounds.processes and (name := program_name(self.tree, root)):
            self._names[root] = name
        return self._names.get(root, "")

    def _routes(self) -> dict[type, Callable[[Any, Process], None]]:
        routes: dict[type, Callable[[Any, Process], None]] = {
            Exec: self._processes.execed,
            Fork: self._processes.forked,
            Exit: self._exited,
        }
        if self._settings.files:
            routes |= {FileOpen: self._files.opened, FileIo: self._files.used, FileChange: self._files.changed}
        if self._settings.network:
            routes |= {Connect: self._network.connected, Accept: self._network.accepted, Close: self._network.closed, Datagram: self._network.datagram}
        return routes

    def _see(self, actor: Actor, time_ns: int) -> Process:
        process, new = self.tree.see(actor, time_ns)
        if new:
            self._first_root = self._first_root or actor.root
            process.wanted = self._sieve.takes_command("", actor.command)
        if not process.met:
            self._meet(process, actor)
        return process

    def _meet(self, process: Process, actor: Actor) -> None:
        process.met = True
        process.sampled = sampled(f"{process.pid}:{process.started_ns}", self._settings.sampling.processes)
        if self._settings.containers:
            container = self._containers.find(process.pid, actor.cgroup)
            if container is None and (parent := self.tree.parent(process)) is not None:
                container = parent.container
            process.container = container or process.container
            process.changed()

    def _exited(self, record: Exit, process: Process) -> None:
        self._files.ended(process)
        self._processes.exited(record, process)

    def _close_window(self, now_ns: int) -> None:
        self._files.flush()
        self._network.flush()
        for lookup in self._network.overdue(now_ns):
            self._network.unanswered(lookup, self._see(lookup.record.actor, lookup.record.time_ns))
        self.tree.sweep(now_ns)
        if self.tree.forgotten:
            self._notes.lose({"processes_forgotten": self.tree.forgotten})
            self.tree.forgotten = 0
        self._account(now_ns)

    def _account(self, now_ns: int) -> None:
        """Say what was folded, by root, and what was lost."""
        notes, by_root = self._notes, dict[int, dict[str, int]]()
        for (root, rule), count in notes.folded.items():
            by_root.setdefault(root, {})[rule] = count
        for root, rules in by_root.items():
            notes.events.append((root, _counts("folded", rules, now_ns, INFO, root)))
        if notes.lost:
            notes.events.append((0, _counts("lost", notes.lost, now_ns, _WARN)))
        notes.folded.clear()
        notes.lost.clear()

    def _drain(self) -> Iterator[Told]:
        notes, by_root = self._notes, dict[int, list[Event]]()
        for reason, count in notes.dropped.items():
            self._tally.dropped(reason, count)
        notes.dropped.clear()
        for root, event in notes.take():
            by_root.setdefault(root, []).append(event)
        for root, events in by_root.items():
            yield Told(self.resource(root), events)


def _counts(what: str, counts: dict[str, int], now_ns: int, severity: int, root: int = 0) -> Event:
    attributes: dict[str, Any] = {f"spyglass.{what}_total": sum(counts.values())}
    if root:
        attributes["spyglass.root_pid"] = root
    attributes.update((f"spyglass.{what}.{reason}", count) for reason, count in counts.items())
    return Event(f"evidence.{what}", now_ns, attributes, severity=severity)


async def _next(source: AsyncIterator[Iterable[Record]]) -> Iterable[Record] | None:
    return await anext(source, None)
