"""`spyglass watch -- COMMAND`: run an agent and see what it really does; or watch what runs already."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from spyglass.cli.endpoint import Endpoint
from spyglass.cli.foreground import behind_sudo, launch
from spyglass.config.load import load
from spyglass.model.errors import InputError

__all__ = ["watch"]

_MACHINE_ID: Final = Path("/etc/machine-id")
_WHOM, _WHAT, _MUCH = "Whom to watch", "What to tell (settings: watch; what takes a GLOB may be repeated)", "How much of it (settings: watch)"
_KINDS: Final = ("processes", "files", "connections", "calls")

Globs = list[str] | None


def _globs(flag: str, about: str) -> Any:
    return typer.Option(flag, help=about, metavar="GLOB", show_default=False, rich_help_panel=_WHAT)


def watch(
    command: Annotated[list[str] | None, typer.Argument(help="The command to run and watch, after `--`.", show_default=False)] = None,
    pid: Annotated[
        list[int] | None, typer.Option("--pid", help="A process that runs already. May be repeated.", metavar="PID", show_default=False, rich_help_panel=_WHOM)
    ] = None,
    program: Annotated[
        str, typer.Option("--program", help="Every program that is started under this name.", metavar="NAME", show_default=False, rich_help_panel=_WHOM)
    ] = "",
    cgroup: Annotated[
        Path | None, typer.Option("--cgroup", help="A control group: a container.", metavar="PATH", show_default=False, rich_help_panel=_WHOM)
    ] = None,
    host: Annotated[bool, typer.Option("--host", help="The whole machine.", rich_help_panel=_WHOM)] = False,
    name: Annotated[
        str, typer.Option("--name", help="What to call it (service.name).", metavar="NAME", show_default="name of the program", rich_help_panel=_WHOM)
    ] = "",
    level: Annotated[
        str | None,
        typer.Option("--level", help="auto; or full, partial, minimal, and nothing else.", metavar="LEVEL", show_default="auto", rich_help_panel=_WHAT),
    ] = None,
    files: Annotated[bool | None, typer.Option("--files/--no-files", help="Tell files.", show_default="files", rich_help_panel=_WHAT)] = None,
    reads: Annotated[
        bool | None, typer.Option("--reads/--no-reads", help="Tell what is read from them, too.", show_default="no-reads", rich_help_panel=_WHAT)
    ] = None,
    network: Annotated[bool | None, typer.Option("--network/--no-network", help="Tell connections.", show_default="network", rich_help_panel=_WHAT)] = None,
    tls: Annotated[
        bool | None, typer.Option("--tls/--no-tls", help="Read TLS connections in plaintext: model calls.", show_default="tls", rich_help_panel=_WHAT)
    ] = None,
    stdio: Annotated[
        bool | None, typer.Option("--stdio/--no-stdio", help="Read pipes between a program and its children: MCP.", show_default="stdio", rich_help_panel=_WHAT)
    ] = None,
    content: Annotated[
        bool | None,
        typer.Option("--content/--no-content", help="Tell messages, arguments and results of calls.", show_default="content", rich_help_panel=_WHAT),
    ] = None,
    only_command: Annotated[Globs, _globs("--only-command", "Programs that are told.")] = None,
    skip_command: Annotated[Globs, _globs("--skip-command", "Programs that are not.")] = None,
    only_path: Annotated[Globs, _globs("--only-path", "Files that are told.")] = None,
    skip_path: Annotated[Globs, _globs("--skip-path", "Files that are not.")] = None,
    only_host: Annotated[Globs, _globs("--only-host", "Peers that are told: names, addresses, networks.")] = None,
    skip_host: Annotated[Globs, _globs("--skip-host", "Peers that are not.")] = None,
    only_port: Annotated[Globs, _globs("--only-port", "Their ports that are told, such as 8000-8999.")] = None,
    skip_port: Annotated[Globs, _globs("--skip-port", "Their ports that are not.")] = None,
    sample: Annotated[
        float | None,
        typer.Option(
            "--sample",
            help="Share of processes, files, connections and calls that is told.",
            metavar="0..1",
            show_default="1",
            rich_help_panel=_MUCH,
        ),
    ] = None,
    min_bytes: Annotated[
        int | None,
        typer.Option("--min-bytes", help="Leave out files with fewer bytes read and written.", metavar="BYTES", show_default="0", rich_help_panel=_MUCH),
    ] = None,
    max_body: Annotated[
        int | None,
        typer.Option("--max-body", help="Read so much of a request or an answer.", metavar="BYTES", show_default="8 MiB", rich_help_panel=_MUCH),
    ] = None,
    redact: Annotated[
        bool | None,
        typer.Option("--redact/--no-redact", help="Take secrets out here, not in the server alone.", show_default="no-redact", rich_help_panel=_MUCH),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    project: Annotated[
        str | None, typer.Option("--project", "-p", envvar="SPYGLASS_PROJECT", help="The tenant whom it belongs to.", metavar="NAME", show_default="default")
    ] = None,
    endpoint: Endpoint = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", envvar="SPYGLASS_CONFIG", help="Settings file.", metavar="FILE", show_default="spyglass.yaml, if there"),
    ] = None,
) -> None:
    """See processes, files, connections and model calls of an agent, without changing it. Ends with the command's own exit code."""
    if sum(map(bool, (command, pid, program, cgroup, host))) != 1:
        raise InputError("say what to watch: a command after `--`, or one of --pid, --program, --cgroup, --host")
    told: dict[str, object] = {"level": level, "files": files, "reads": reads, "network": network, "tls": tls, "stdio": stdio, "content": content}
    told |= {"only_commands": only_command, "skip_commands": skip_command, "only_paths": only_path, "skip_paths": skip_path}
    told |= {"only_hosts": only_host, "skip_hosts": skip_host, "only_ports": only_port, "skip_ports": skip_port}
    told |= {"min_file_bytes": min_bytes, "max_body_bytes": max_body, "redact": redact} | {f"sample_{kind}": sample for kind in _KINDS}
    person, resource = behind_sudo(os.environ), {"host.id": _host_id(), "spyglass.watch.id": secrets.token_hex(8)}
    child = launch(command, _environment(os.environ, resource), person) if command else None  # first: libraries start threads, and then a fork is not safe
    try:
        settings = load(config, {"watch": {key: value for key, value in told.items() if value is not None}})
    except BaseException:
        if child is not None:
            child.give_up()
        raise

    from spyglass.cli.watching import Order, run  # noqa: PLC0415 - takes half a second to load, which no other command needs

    called = name or (Path(command[0]).name if command else program)
    order = Order(resource, called, (child.pid,) if child else tuple(pid or ()), program, cgroup, settings, tuple(command or ()), quiet)
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
