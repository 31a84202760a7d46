"""A watch from its begin to its end: opens the best source, lets the command run, sends what is told, says what came of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from spyglass.cli.foreground import Foreground, Person, patient
from spyglass.cli.otlp import Sender
from spyglass.cli.outbox import Outbox
from spyglass.collect.flows.calls import Flows
from spyglass.collect.flows.telling import Context, by_root
from spyglass.collect.otlp import Bounds, Scope, encode
from spyglass.collect.records import Actor
from spyglass.collect.sources import Opened, Target, open_source, until
from spyglass.collect.system.evidence import Evidence
from spyglass.collect.system.evidence import Watch as Watched
from spyglass.collect.system.settings import Settings
from spyglass.collect.watch import watch as tell
from spyglass.decode.pieces import Piece
from spyglass.model.clock import SystemClock
from spyglass.model.errors import SpyglassError
from spyglass.model.told import Attributes, Event, Span, Told
from spyglass.telemetry.logs import configure

__all__ = ["Order", "run"]

_LINGER_S: Final = 1.0  # after the command has ended, what it left running may still be told for so long
_DELIVER_S: Final = 30.0
_PAUSES_S: Final = (0.1, 1.0, 5.0, 30.0)  # before a source that failed is opened again
_WARN: Final = 13  # severity number of OpenTelemetry's log data model
_SCOPE: Final = Scope("spyglass.watch", "1")

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
        self.told["calls"] += sum("gen_ai.operation.name" in span.attributes for span in told.spans)


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for."""

    resource: Mapping[str, str]  # host.id and spyglass.watch.id
    name: str
    pids: tuple[int, ...]
    program: str
    cgroup: Path | None
    want: tuple[Any, ...]  # collect.probe_client.Want
    level: str  # collect.sources.Wish
    command: tuple[str, ...]
    quiet: bool


def run(order: Order, child: Foreground | None, person: Person | None, endpoint: str | None, project: str | None) -> int:
    """Watch until the command ends, or until Ctrl-C; gives the exit code.

    Raises:
        SpyglassError, httpx.TransportError: it could not begin; the command was not run.
    """
    configure("error", "console")  # what the probe says of libraries is of no use here
    watched = Watched(order.resource["host.id"], socket.gethostname(), "system", order.resource["spyglass.watch.id"], order.name)
    return asyncio.run(_Run(order, person, watched, child).whole(endpoint, project))


@dataclass(slots=True)
class _Run:
    """One watch from its begin to its end."""

    order: Order
    person: Person | None
    watched: Watched
    child: Foreground | None
    tally: _Tally = field(default_factory=_Tally)
    began_ns: int = 0
    opened: Opened = field(init=False)

    async def whole(self, endpoint: str | None, project: str | None) -> int:
        """Gives the exit code."""
        try:
            self.opened = await self._open(self.order.level)
            _become(self.person)
            sender = Sender(endpoint, project)
            self.began_ns = SystemClock().now_ns()
            _greet(sender, self._about("watch.start"))
        except BaseException:
            if self.child is not None:
                self.child.give_up()
            raise
        self._say_begin()
        outbox = Outbox(sender, _SCOPE)
        code = 0
        try:
            code = await self._follow(outbox)
        finally:
            await self.opened.close()
            outbox.put(self._about("watch.end", code))
            kept = await asyncio.to_thread(outbox.close, _DELIVER_S)
            self._say_end(outbox, kept)
        return code

    async def _open(self, level: str) -> Opened:
        found = shutil.which(self.order.command[0]) if self.order.command else None
        target = Target(self.order.pids, self.order.program, self.order.cgroup, Path(found) if found else None)
        return await open_source(target, self.order.want, level, self.person.uid if self.person else None)  # type: ignore[arg-type]  # checked by the command

    async def _follow(self, outbox: Outbox) -> int:
        """Tell until it is over, also when a source fails in between: the command goes on, so the watch does."""
        clock, over = SystemClock(), asyncio.Event()
        evidence, flows = Evidence(Settings(), self.watched, clock, self.tally), Flows(self._place)
        waiting = asyncio.create_task(self._wait(over), name="command")
        pauses = iter(_PAUSES_S)
        while True:
            try:
                async for told in tell(until(self.opened.batches, over, _LINGER_S), evidence, flows, clock):
                    self.tally.add(told)
                    outbox.put(told)
                break
            except SpyglassError as error:
                outbox.put(self._told(Event("watch.interrupted", clock.now_ns(), {"error.message": error.message}, severity=_WARN)))
                stderr.print(f"spyglass: {error.message}", style="yellow", markup=False)
                if not await self._again(over, pauses):
                    break
        return await waiting

    async def _again(self, over: asyncio.Event, pauses: Iterator[float]) -> bool:
        """Open a source again, the best that is to be had; False: it is over, or it was tried too often."""
        await self.opened.close()
        for pause_s in pauses:
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), pause_s)
            if over.is_set():
                return False
            try:
                self.opened = await self._open("auto")
            except SpyglassError as error:
                stderr.print(f"spyglass: {error.message}", style="yellow", markup=False)
            else:
                self._say_begin()
                return True
        return False

    async def _wait(self, over: asyncio.Event) -> int:
        if self.child is None:
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, over.set)
            await over.wait()
            return 0
        with patient(self.child.pid):
            self.child.go()
            code = await asyncio.to_thread(self.child.wait)
        over.set()
        return code

    def _place(self, actor: Actor) -> Context:
        """Where connections belong: below the run of the command; of what ran already, in a trace for each."""
        trace_id, above = by_root(self.watched.id)(actor)
        return trace_id, self._span_id() if self.child is not None else above

    def _span_id(self) -> bytes:
        return bytes.fromhex(self.watched.id)

    def _about(self, what: str, code: int | None = None) -> Told:
        told: dict[str, object] = {
            "spyglass.level": self.opened.health.level,
            "spyglass.problems": list(self.opened.health.problems),
            "spyglass.want": list(self.order.want),
        }
        if self.order.pids:
            told["spyglass.root_pid"] = self.order.pids[0]
        now_ns = SystemClock().now_ns()
        return self._told(Event(what, now_ns, _values(told)), *self._run_of_child(now_ns, code))

    def _told(self, event: Event, *spans: Span) -> Told:
        watched = self.watched
        resource = {"service.name": watched.service_name or "watch", "host.id": watched.host_id, "host.name": watched.host_name}
        return Told(resource | {"spyglass.runner": watched.runner, "spyglass.watch.id": watched.id}, [event], spans)

    def _run_of_child(self, now_ns: int, code: int | None) -> list[Span]:
        """The command's run as a span of an agent: pending at the beginning, whole at the end."""
        if self.child is None:
            return []
        actor = Actor(self.child.pid, 0, 0, 0, self.child.pid)
        told: dict[str, object] = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": self.watched.service_name, "process.pid": self.child.pid}
        told |= {"process.command_args": list(self.order.command), "spyglass.pending": code is None}
        if code is not None:
            told["process.exit.code"] = code
        failed = f"ended with code {code}" if code else None
        trace_id, _ = self._place(actor)
        end_ns = self.began_ns if code is None else now_ns
        return [Span(f"invoke_agent {self.watched.service_name}", self.began_ns, end_ns, trace_id, self._span_id(), attributes=_values(told), failed=failed)]

    def _say_begin(self) -> None:
        if self.order.quiet:
            return
        whom = self.watched.service_name or "the machine"
        stderr.print(f"spyglass: watching {whom} ({self.opened.health.level} evidence)", style="dim", markup=False)
        for problem in self.opened.health.problems:
            stderr.print(f"spyglass:   {problem}", style="yellow", markup=False)

    def _say_end(self, outbox: Outbox, kept: int) -> None:
        told = self.tally.told
        if not self.order.quiet:
            seen = f"{told['programs']} programs, {told['file']} file events, {told['net']} connection events, {told['calls']} model calls"
            stderr.print(f"spyglass: {seen}; {kept} records delivered", style="dim", markup=False)
        lost = self.tally.lost + outbox.lost
        if lost:
            stderr.print(f"spyglass: lost: {', '.join(f'{count} {reason}' for reason, count in lost.most_common())}", style="yellow", markup=False)
        if outbox.problem:
            stderr.print(f"spyglass: {outbox.problem}", style="red", markup=False)


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
