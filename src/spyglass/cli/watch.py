"""`spyglass watch -- COMMAND`: run an agent and see what it really does; or watch what runs already."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import typer

from spyglass.cli import watch_options as given
from spyglass.cli.endpoint import Endpoint, beside
from spyglass.cli.foreground import behind_sudo, launch
from spyglass.config.load import load
from spyglass.model.errors import InputError

__all__ = ["watch"]

_MACHINE_ID: Final = Path("/etc/machine-id")


def watch(
    command: given.Command = None,
    pid: given.Pids = None,
    program: given.Program = "",
    cgroup: given.Cgroup = None,
    host: given.Host = False,
    name: given.Name = "",
    level: given.Level = None,
    files: given.Files = None,
    reads: given.Reads = None,
    network: given.Network = None,
    tls: given.Tls = None,
    stdio: given.Stdio = None,
    content: given.Content = None,
    only_command: given.OnlyCommand = None,
    skip_command: given.SkipCommand = None,
    only_path: given.OnlyPath = None,
    skip_path: given.SkipPath = None,
    only_host: given.OnlyHost = None,
    skip_host: given.SkipHost = None,
    only_port: given.OnlyPort = None,
    skip_port: given.SkipPort = None,
    sample: given.Sample = None,
    min_bytes: given.MinBytes = None,
    max_body: given.Body = None,
    redact: given.Redact = None,
    stoppable: given.Stoppable = None,
    url: given.ServerUrl = None,
    api_key: given.ServerKey = "",
    quiet: given.Quiet = False,
    project: given.Project = None,
    endpoint: Endpoint = None,
    config: given.Config = None,
) -> None:
    """See processes, files, connections and model calls of an agent, without changing it. Ends with the command's own exit code."""
    told = given.overrides(dict(locals()))
    if sum(map(bool, (command, pid, program, cgroup, host))) != 1:
        raise InputError("say what to watch: a command after `--`, or one of --pid, --program, --cgroup, --host")
    person, resource = behind_sudo(os.environ), {"host.id": _host_id(), "spyglass.watch.id": secrets.token_hex(8)}
    child = launch(command, _environment(os.environ, resource), person) if command else None  # first: libraries start threads, and then a fork is not safe
    try:
        settings = load(config, {"watch": told})
        _bounded(host=host, stoppable=settings.watch.stoppable)
        endpoint = endpoint or (beside(url, os.environ) if url else None)
    except BaseException:
        if child is not None:
            child.give_up()
        raise

    from spyglass.cli.watch_stops import Stops  # noqa: PLC0415 - take half a second to load, which no other command needs
    from spyglass.cli.watching import Order, run  # noqa: PLC0415

    called = name or (Path(command[0]).name if command else program)
    order = Order(resource, called, (child.pid,) if child else tuple(pid or ()), program, cgroup, settings, tuple(command or ()), quiet)
    stops = Stops(endpoint, project, url, api_key) if settings.watch.stoppable else None
    raise typer.Exit(run(order, child, person, endpoint, project, stops))


def _bounded(*, host: bool, stoppable: bool) -> None:
    """What others may end is what whoever allows it has named: a command, processes, programs, a control group.

    Raises:
        InputError: it would be any program of the machine, whoever runs it.
    """
    if host and stoppable:
        raise InputError(
            "--host and --stoppable (watch.stoppable) do not go together: the server could end any agent on the machine, whoever started it. "
            "Say which may be ended with a command after `--`, --pid, --program or --cgroup; or watch the machine with --no-stoppable"
        )


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
