"""`spyglass watch -- COMMAND`: run an agent and see what it really does; or watch what runs already."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, get_args

import typer
from rich.console import Console

from spyglass.cli.endpoint import Endpoint
from spyglass.cli.foreground import Foreground, Person, behind_sudo, launch, patient
from spyglass.cli.otlp import Sender
from spyglass.cli.outbox import Outbox
from spyglass.collect.flows.calls import Flows
from spyglass.collect.flows.telling import Context, by_root
from spyglass.collect.otlp import Bounds, Scope, encode
from spyglass.collect.probe_client import Want
from spyglass.collect.records import Actor
from spyglass.collect.sources import Opened, Target, Wish, open_source, until
from spyglass.collect.system.evidence import Evidence
from spyglass.collect.system.evidence import Watch as Watched
from spyglass.collect.system.settings import Settings
from spyglass.collect.watch import watch as tell
from spyglass.decode.pieces import Piece
from spyglass.model.clock import SystemClock
from spyglass.model.errors import InputError
from spyglass.model.told import Attributes, Event, Span, Told
from spyglass.telemetry.logs import configure

__all__ = ["watch"]

_LINGER_S: Final = 1.0  # after the command has ended, what it left running may still be told for so long
_DELIVER_S: Final = 30.0
_SCOPE: Final = Scope("spyglass.watch", "1")
_MACHINE_ID: Final = Path("/etc/machine-id")

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


def watch(
    command: Annotated[list[str] | None, typer.Argument(help="The command to run and watch, after `--`.", show_default=False)] = None,
    pid: Annotated[list[int] | None, typer.Option("--pid", help="Watch a process that runs already; may be repeated.", show_default=False)] = None,
    program: Annotated[str, typer.Option("--program", help="Watch every program that is started under this name.", show_default=False)] = "",
    cgroup: Annotated[Path | None, typer.Option("--cgroup", help="Watch a control group: a container.", show_default=False)] = None,
    host: Annotated[bool, typer.Option("--host", help="Watch the whole machine.")] = False,
    name: Annotated[str, typer.Option("--name", help="What to call it (service.name).", show_default="name of the program")] = "",
    level: Annotated[str, typer.Option("--level", help="auto; or full, partial, minimal, and nothing else.")] = "auto",
    tls: Annotated[bool, typer.Option(help="Read TLS connections in plaintext: model calls with their messages.")] = True,
    stdio: Annotated[bool, typer.Option(help="Read the pipes between a program and its children: MCP.")] = True,
    reads: Annotated[bool, typer.Option(help="Tell what is read from files, too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    project: Annotated[
        str | None, typer.Option("--project", "-p", envvar="SPYGLASS_PROJECT", help="The tenant whom it belongs to.", show_default="default")
    ] = None,
    endpoint: Endpoint = None,
) -> None:
    """See processes, files, connections and model calls of an agent, without changing it. Ends with the command's own exit code."""
    if level not in get_args(Wish):
        raise InputError(f"--level: expected {', '.join(get_args(Wish))}, got {level!r}")
    if sum(map(bool, (command, pid, program, cgroup, host))) != 1:
        raise InputError("say what to watch: a command after `--`, or one of --pid, --program, --cgroup, --host")
    configure("error", "console")  # what the probe says of libraries is of no use here
    person, watch_id = behind_sudo(os.environ), secrets.token_hex(8)
    resource = {"host.id": _host_id(), "spyglass.watch.id": watch_id}
    child = launch(command, _environment(os.environ, resource), person) if command else None  # before anything starts a thread
    want: list[Want] = ["files", "network"]
    want += [wanted for wanted, on in (("tls", tls), ("stdio", stdio), ("reads", reads)) if on]  # type: ignore[misc]  # they are literals
    called = name or (Path(command[0]).name if command else program)
    target = Target((child.pid,) if child else tuple(pid or ()), program, cgroup)
    run = _Run(target, want, level, person, Watched(resource["host.id"], socket.gethostname(), "system", watch_id, called), child, tuple(command or ()), quiet)  # type: ignore[arg-type]
    raise typer.Exit(asyncio.run(run.whole(endpoint, project)))


@dataclass(slots=True)
class _Run:
    """One watch from its begin to its end."""

    target: Target
    want: list[Want]
    level: Wish
    person: Person | None
    watched: Watched
    child: Foreground | None
    command: tuple[str, ...]
    quiet: bool
    tally: _Tally = field(default_factory=_Tally)
    began_ns: int = 0

    async def whole(self, endpoint: str | None, project: str | None) -> int:
        """Gives the exit code."""
        try:
            opened = await open_source(self.target, self.want, self.level, self.person.uid if self.person else None)
            _become(self.person)
            sender = Sender(endpoint, project)
            self.began_ns = SystemClock().now_ns()
            _greet(sender, self._about("watch.start", opened))
        except BaseException:
            if self.child is not None:
                self.child.give_up()
            raise
        self._say_begin(opened)
        outbox = Outbox(sender, _SCOPE)
        code = 0
        try:
            code = await self._follow(opened, outbox)
        finally:
            await opened.close()
            outbox.put(self._about("watch.end", opened, code))
            kept = await asyncio.to_thread(outbox.close, _DELIVER_S)
            self._say_end(outbox, kept)
        return code

    async def _follow(self, opened: Opened, outbox: Outbox) -> int:
        clock, over = SystemClock(), asyncio.Event()
        evidence, flows = Evidence(Settings(), self.watched, clock, self.tally), Flows(self._place)
        waiting = asyncio.create_task(self._wait(over), name="command")
        async for told in tell(until(opened.batches, over, _LINGER_S), evidence, flows, clock):
            self.tally.add(told)
            outbox.put(told)
        return await waiting

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

    def _about(self, what: str, opened: Opened, code: int | None = None) -> Told:
        told: dict[str, object] = {"spyglass.level": opened.health.level, "spyglass.problems": list(opened.health.problems), "spyglass.want": list(self.want)}
        if self.target.pids:
            told["spyglass.root_pid"] = self.target.pids[0]
        resource = {"service.name": self.watched.service_name or "watch", "host.id": self.watched.host_id, "host.name": self.watched.host_name}
        resource |= {"spyglass.runner": self.watched.runner, "spyglass.watch.id": self.watched.id}
        now_ns = SystemClock().now_ns()
        return Told(resource, [Event(what, now_ns, _values(told))], self._run_of_child(now_ns, code))

    def _run_of_child(self, now_ns: int, code: int | None) -> list[Span]:
        """The command's run as a span of an agent: pending at the beginning, whole at the end."""
        if self.child is None:
            return []
        actor = Actor(self.child.pid, 0, 0, 0, self.child.pid)
        told: dict[str, object] = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": self.watched.service_name, "process.pid": self.child.pid}
        told |= {"process.command_args": list(self.command), "spyglass.pending": code is None}
        if code is not None:
            told["process.exit.code"] = code
        failed = f"ended with code {code}" if code else None
        trace_id, _ = self._place(actor)
        end_ns = self.began_ns if code is None else now_ns
        return [Span(f"invoke_agent {self.watched.service_name}", self.began_ns, end_ns, trace_id, self._span_id(), attributes=_values(told), failed=failed)]

    def _say_begin(self, opened: Opened) -> None:
        if self.quiet:
            return
        whom = self.watched.service_name or "the machine"
        stderr.print(f"spyglass: watching {whom} ({opened.health.level} evidence)", style="dim", markup=False)
        for problem in opened.health.problems:
            stderr.print(f"spyglass:   {problem}", style="yellow", markup=False)

    def _say_end(self, outbox: Outbox, kept: int) -> None:
        told = self.tally.told
        if not self.quiet:
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


def _environment(environment: Mapping[str, str], resource: Mapping[str, str]) -> dict[str, str]:
    """The command's environment; what it tells through OpenTelemetry then says which watch it ran under."""
    own = ",".join(f"{key}={value}" for key, value in resource.items())
    before = environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return {**environment, "OTEL_RESOURCE_ATTRIBUTES": f"{before},{own}" if before else own}


def _host_id() -> str:
    try:
        return _MACHINE_ID.read_text("ascii").strip() or socket.gethostname()
    except (OSError, UnicodeDecodeError):
        return socket.gethostname()
