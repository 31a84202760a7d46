"""A watch from its begin to its end: opens the best source, lets the command run, sends what is told, says what came of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import textwrap
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from spyglass.cli.foreground import Foreground, Person, patient
from spyglass.cli.otlp import Sender
from spyglass.cli.outbox import Outbox
from spyglass.cli.watch_heeding import Heeding
from spyglass.cli.watch_rules import evidence_settings, scrubbing
from spyglass.cli.watch_stops import Stops
from spyglass.collect.flows.calls import Flows
from spyglass.collect.flows.episodes import Bounds as EpisodeBounds
from spyglass.collect.flows.episodes import Episodes, Run
from spyglass.collect.flows.limits import Limits
from spyglass.collect.otlp import Bounds, Scope, encode
from spyglass.collect.overlap import Cut, Overlap
from spyglass.collect.records import Actor, Record
from spyglass.collect.returning import Returning
from spyglass.collect.shaping import Scrub, Shape
from spyglass.collect.sources import Opened, Target, open_source, open_without_probe, until
from spyglass.collect.system.evidence import Evidence
from spyglass.collect.system.evidence import Watch as Watched
from spyglass.collect.system.service import program_name, running_name
from spyglass.collect.thrift import one_arena, settle
from spyglass.collect.watch import watch as tell
from spyglass.config.spec import Settings
from spyglass.decode.pieces import Piece
from spyglass.model.clock import Clock, SystemClock
from spyglass.model.errors import SpyglassError
from spyglass.model.told import Attributes, Event, Span, Told
from spyglass.telemetry.logs import configure

__all__ = ["Opening", "Order", "run"]

_LINGER_S: Final = 1.0  # after the command has ended, what it left running may still be told for so long
_OVERLAP_S: Final = 0.3  # a source that looks now and then tells by then what happened before the next one saw
_YIELDS: Final = 5  # what is watched goes first
_DELIVER_S: Final = 60.0
_WARN: Final = 13  # severity number of OpenTelemetry's log data model
_SCOPE: Final = Scope("spyglass.watch", "1")
_NO_CALL: Final = ("invoke_agent", "execute_tool")  # operations that are no model calls

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


@dataclass(slots=True)
class _Tally:
    """Counts for the last line."""

    told: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    def seen(self, count: int = 1) -> None:
        self.told["records"] += count

    def dropped(self, reason: str, count: int = 1) -> None:
        if reason == "folded":  # by rules of noise: their counts are told
            self.told[reason] += count
        else:
            self.lost[reason] += count

    def add(self, told: Told) -> None:
        self.told.update(event.name.partition(".")[0] if event.name != "process.exec" else "programs" for event in told.events)
        self.told["calls"] += sum(span.attributes.get("gen_ai.operation.name", _NO_CALL[0]) not in _NO_CALL for span in told.spans)


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for."""

    resource: Mapping[str, str]  # host.id and spyglass.watch.id
    name: str
    pids: tuple[int, ...]
    program: str
    cgroup: Path | None
    settings: Settings
    command: tuple[str, ...]
    quiet: bool

    @property
    def want(self) -> tuple[Any, ...]:
        """What the source is asked for (`collect.probe_client.Want`)."""
        rules = self.settings.watch
        reading = {"files": rules.files, "network": rules.network, "tls": rules.tls, "stdio": rules.stdio, "reads": rules.reads}
        return tuple(each for each, on in reading.items() if on)

    def whom(self, name: str) -> str:
        """Who is watched, in words. `name`: of the program, where it is one."""
        if self.pids and not self.command:
            numbers = ", ".join(map(str, self.pids))
            return f"{name} (process {numbers})" if name else f"process{'es' if len(self.pids) > 1 else ''} {numbers}"
        if self.cgroup is not None:
            return name or f"the control group {self.cgroup}"
        return name or "the machine"


@dataclass(frozen=True, slots=True)
class Opening:
    """How sources are opened: the best one, and what needs no probe while that one is opened again; each pause (s) is for one time more, of either."""

    best: Callable[[Target, tuple[Any, ...], Any, int | None], Awaitable[Opened]] = open_source
    plain: Callable[[Target], Opened] = open_without_probe
    pauses_s: tuple[float, ...] = (0.1, 1.0, 5.0, 30.0)


def run(
    order: Order,
    child: Foreground | None,
    person: Person | None,
    endpoint: str | None,
    project: str | None,
    stops: Stops | None = None,
    opening: Opening = Opening(),
) -> int:
    """Watch until the command ends, or until Ctrl-C; gives the exit code: 1 if that is neither, as nothing was left to look with.

    `stops`: asked whether what is watched shall end.

    Raises:
        SpyglassError, httpx.TransportError: it could not begin; the command was not run.
    """
    configure("error", "console")  # what the probe says of libraries is of no use here
    one_arena()
    name = order.name or (running_name(order.pids[0]) if len(order.pids) == 1 else "")
    watched = Watched(order.resource["host.id"], socket.gethostname(), "system", order.resource["spyglass.watch.id"], name)
    return asyncio.run(_Run(order, person, watched, child, stops, opening).whole(endpoint, project))


@dataclass(slots=True)
class _Run:
    """One watch from its begin to its end."""

    order: Order
    person: Person | None
    watched: Watched
    child: Foreground | None
    stops: Stops | None
    opening: Opening
    tally: _Tally = field(default_factory=_Tally)
    opened: Opened = field(init=False)
    evidence: Evidence = field(init=False)
    episodes: Episodes = field(init=False)
    shape: Shape = field(init=False)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    unread: dict[str, str] = field(default_factory=dict)  # files whose TLS is not seen, and why
    returning: Returning | None = None  # while a source that failed is opened again
    overlap: Overlap | Cut = field(default_factory=Overlap)
    yields: bool = False
    blind: bool = False  # nothing is left to look with

    async def whole(self, endpoint: str | None, project: str | None) -> int:
        """Gives the exit code."""
        try:
            self.opened = await self._open(self.order.settings.watch.level)
            sender = Sender(endpoint, project)
            self._prepare()
            if self.opened.health.level != "minimal":
                self._yield()
            _become(self.person)
            _greet(sender, self.shape(self._about("watch.start")))
        except BaseException:
            if self.child is not None:
                self.child.give_up()
            raise
        if self.child is None:  # before we say that we watch: it may be told to end at once
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self.over.set)
        settle()
        self._say_begin()
        outbox = Outbox(sender, _SCOPE)
        code = 0
        try:
            code = await self._follow(outbox)
        finally:
            self._tell_unread(outbox)
            await self.opened.close()
            self.episodes.finish(code if self.child is not None else None)
            outbox.put(self.shape(self._about("watch.end")))
            kept = await asyncio.to_thread(outbox.close, _DELIVER_S)
            self._say_end(outbox, kept)
        return code

    async def _open(self, level: str) -> Opened:
        return await self.opening.best(self._target(), self.order.want, level, self.person.uid if self.person else None)

    def _target(self) -> Target:
        found = shutil.which(self.order.command[0]) if self.order.command else None
        return Target(self.order.pids, self.order.program, self.order.cgroup, Path(found) if found else None)

    async def _follow(self, outbox: Outbox) -> int:
        """Tell until it is over, also when a source fails in between: the command goes on, so the watch does."""
        clock = SystemClock()
        rules = self.order.settings.watch
        flows = Flows(self.episodes, limits=Limits(body_bytes=rules.max_body_bytes, held_bytes=rules.max_held_bytes))
        waiting = asyncio.create_task(self._wait(), name="command")
        heeding = Heeding(self.stops, self.episodes, self.evidence.tree, rules, lambda event: outbox.put(self.shape(self._told(event, *self.episodes.take()))))
        pauses = iter(self.opening.pauses_s)
        leaving: list[asyncio.Task[None]] = []
        while True:
            try:
                async for told in tell(until(self._batches(clock), self.over, _LINGER_S, clock), self.evidence, flows, self.episodes, clock):
                    shaped = self.shape(told)
                    self.tally.add(shaped)
                    outbox.put(shaped)
                    self._tell_unread(outbox)
                if not await self._returned():
                    break
            except SpyglassError as error:
                leaving.append(asyncio.create_task(self._leave(self.opened, error.message, outbox), name="source gone"))
                if not await self._again(pauses):
                    self._go_blind()
                    break
        if self.returning is not None:
            await self.returning.close()
        await asyncio.gather(*leaving)
        await heeding.close()
        return (await waiting) or int(self.blind and self.child is None)

    def _batches(self, clock: Clock) -> AsyncIterator[Sequence[Record]]:
        """Of the source, or as long as no better one is there again; both look for a moment, and tell once."""
        if self.returning is None:
            return self.overlap.fresh(self.opened.batches)
        returning = self.returning
        return self.overlap.noted(until(self.opened.batches, returning.back, _OVERLAP_S, clock), lambda: returning.since_ns)

    async def _leave(self, source: Opened, problem: str, outbox: Outbox) -> None:
        """Tell of a source that failed, and why, which may take it a moment to know."""
        at_ns = SystemClock().now_ns()
        message = await source.reason() if source.reason is not None else problem
        outbox.put(self._told(Event("watch.interrupted", at_ns, {"error.message": message}, severity=_WARN)))
        _warn(message)
        await source.close()

    async def _again(self, pauses: Iterator[float]) -> bool:
        """Look at once with what is left of the probe or what needs none, while it is opened again; False: there is nothing to look with, or it is over."""
        if self.returning is not None:  # what looked meanwhile has failed, too: not at once again, and not for ever
            await self.returning.close()
            if (pause_s := next(pauses, None)) is None:
                return False
            with suppress(TimeoutError):
                await asyncio.wait_for(self.over.wait(), pause_s)
        self._hurry()
        orphaned = self.opened.orphaned()
        self.returning = Returning(partial(self._open, "full"), pauses, _warn, SystemClock())
        self.overlap = Cut() if orphaned else Overlap()
        try:
            self.opened = orphaned or self.opening.plain(self._target())
        except SpyglassError as error:
            _warn(error.message)
            coming = [asyncio.ensure_future(each) for each in (self.returning.opened(), self.over.wait())]
            await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED)
            for each in coming:
                each.cancel()
            return await self._returned()
        self._say_begin()
        return True

    def _go_blind(self) -> None:
        """A command goes on to its end, unseen; without one there is nothing to wait for."""
        if self.over.is_set():
            return
        self.blind = True
        _warn("nothing is left to look with: what the watched programs do is not seen any more")
        if self.child is None:
            self.over.set()

    def _yield(self) -> None:
        """Whoever has to look sees less when it waits its turn; the kernel's own records wait."""
        if not self.yields:
            os.nice(_YIELDS)
            self.yields = True

    def _hurry(self) -> None:
        """Go before others again, where that is allowed: what happens until something looks is not seen."""
        if self.yields:
            with suppress(PermissionError):
                os.nice(-_YIELDS)
                self.yields = False

    async def _returned(self) -> bool:
        """Whether the probe is there again, to be read from here on."""
        if self.returning is None or not self.returning.back.is_set():
            return False
        found, self.returning = await self.returning.opened(), None
        if found is None:
            return False
        await self.opened.close()
        self.opened = found
        self._yield()
        self._say_begin()
        return True

    async def _wait(self) -> int:
        if self.child is None:
            await self.over.wait()
            return 0
        with patient(self.child.pid):
            self.child.go()
            code = await asyncio.to_thread(self.child.wait)
        self.over.set()
        return code

    def _prepare(self) -> None:
        rules, clock = self.order.settings.watch, SystemClock()
        scrub = scrubbing(self.order.settings.redact) if rules.redact else None
        redact = partial(_each, scrub) if scrub is not None else None
        self.shape = Shape(self.tally, content=rules.content, share=rules.sample_calls, scrub=scrub)
        self.evidence = Evidence(evidence_settings(rules), self.watched, clock, self.tally, redact)
        run = Run(self.child.pid, clock.now_ns(), self.order.command) if self.child is not None else None
        rooted = bool(self.order.pids or self.order.program)
        bounds = EpisodeBounds(rules.idle_s, rules.max_trace_calls)
        self.episodes = Episodes(self.watched.id, clock, self._name, bounds, run=run, lineage=None if rooted else self._above)

    def _name(self, pid: int) -> str:
        return (self.watched.service_name if self.order.pids or self.order.program else "") or program_name(self.evidence.tree, pid) or "agent"

    def _above(self, actor: Actor) -> Iterator[int]:
        """Pids of the processes above one, the nearest first."""
        same = self.evidence.tree.of(actor.pid)
        return (process.pid for process in self.evidence.tree.above(same[-1])) if same else iter(())

    def _tell_unread(self, outbox: Outbox) -> None:
        """What has come to be used since, and cannot be read."""
        fresh = {path: why for path, why in self.opened.unread.items() if path not in self.unread}
        self.unread |= fresh
        for path, why in fresh.items():
            outbox.put(self._told(Event("evidence.unread", SystemClock().now_ns(), {"file.path": path, "error.message": why}, severity=_WARN)))

    def _about(self, what: str) -> Told:
        told: dict[str, object] = {
            "spyglass.level": self.opened.health.level,
            "spyglass.problems": [*self.opened.health.problems, *(f"TLS of {path} is not read: {why}" for path, why in self.unread.items())],
            "spyglass.want": list(self.order.want),
        }
        if self.order.pids:
            told["spyglass.root_pid"] = self.order.pids[0]
        return self._told(Event(what, SystemClock().now_ns(), _values(told)), *self.episodes.take())

    def _told(self, event: Event, *spans: Span) -> Told:
        watched = self.watched
        resource = {"service.name": watched.service_name or "watch", "host.id": watched.host_id, "host.name": watched.host_name}
        return Told(resource | {"spyglass.runner": watched.runner, "spyglass.watch.id": watched.id}, [event], spans)

    def _say_begin(self) -> None:
        if self.order.quiet:
            return
        _say(f"spyglass: watching {self.order.whom(self.watched.service_name)} ({self.opened.health.level} evidence)", "dim")
        for problem in self.opened.health.problems:
            _say(f"spyglass:   {problem}", "yellow")

    def _say_end(self, outbox: Outbox, kept: int) -> None:
        told = self.tally.told
        if not self.order.quiet:
            seen = f"{told['programs']} programs, {told['file']} file events, {told['net']} connection events, {told['calls']} model calls"
            _say(f"spyglass: {seen}; {kept} records delivered", "dim")
        for path, why in self.unread.items():
            _say(f"spyglass: TLS of {path} is not read: {why}; its connections and their bytes are seen, not what was said", "yellow")
        lost = self.tally.lost + outbox.lost
        if lost:
            _say(f"spyglass: lost: {', '.join(f'{count} {reason}' for reason, count in lost.most_common())}", "yellow")
        if outbox.problem:
            _say(f"spyglass: {outbox.problem}", "red")


def _warn(message: str) -> None:
    _say(f"spyglass: {message}", "yellow")


def _say(text: str, style: str) -> None:
    """A terminal is shown lines that end between words; anything else gets a message as one line, to be searched."""
    if stderr.is_terminal:
        text = textwrap.fill(text, stderr.width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    stderr.print(text, style=style, markup=False)


def _each(scrub: Scrub, arguments: Sequence[str]) -> list[str]:
    return [scrub(argument) for argument in arguments]


def _values(told: Mapping[str, object]) -> Attributes:
    return {name: value for name, value in told.items() if value not in ([], "")}  # type: ignore[misc]


def _greet(sender: Sender, told: Told) -> None:
    """The first event, delivered before anything is run: so that a server which is not there is told at once."""
    for encoded in encode(told, _SCOPE, lambda _reason, _count: None, Bounds()):
        sender.add(Piece(encoded.signal, encoded.data, encoded.records, ""))
    sender.flush()


def _become(person: Person | None) -> None:
    """From here on no more than the user behind sudo: the probe alone needs more."""
    if person is not None:
        os.initgroups(person.name, person.gid)
        os.setgid(person.gid)
        os.setuid(person.uid)
