"""`spyglass watch -- COMMAND`: run an agent and see what it really does; or watch what runs already."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from spyglass.cli.endpoint import Endpoint
from spyglass.cli.foreground import behind_sudo, launch
from spyglass.model.errors import InputError

__all__ = ["watch"]

_LEVELS: Final = ("auto", "full", "partial", "minimal")
_MACHINE_ID: Final = Path("/etc/machine-id")


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
    if level not in _LEVELS:
        raise InputError(f"--level: expected {', '.join(_LEVELS)}, got {level!r}")
    if sum(map(bool, (command, pid, program, cgroup, host))) != 1:
        raise InputError("say what to watch: a command after `--`, or one of --pid, --program, --cgroup, --host")
    person, told = behind_sudo(os.environ), {"host.id": _host_id(), "spyglass.watch.id": secrets.token_hex(8)}
    child = launch(command, _environment(os.environ, told), person) if command else None  # first: libraries start threads, and then a fork is not safe

    from spyglass.cli.watching import Order, run  # noqa: PLC0415 - takes half a second to load, which no other command needs

    wanted = tuple(each for each, on in (("files", True), ("network", True), ("tls", tls), ("stdio", stdio), ("reads", reads)) if on)
    called = name or (Path(command[0]).name if command else program)
    order = Order(told, called, (child.pid,) if child else tuple(pid or ()), program, cgroup, wanted, level, tuple(command or ()), quiet)
    raise typer.Exit(run(order, child, person, endpoint, project))


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
