"""A whole Spyglass in a process of its own, for tests that need one that really runs: `with running_server(forks, folder) as server: …`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import httpx

START_S = 180.0  # on a machine with much else to do
STOP_S = 90.0
DEFAULTS = {"RUNNERS__DEFAULTS": "false", "ANALYZERS__BUSY_SHARE": "1", "STORE__PERIODIC_SHARE": "1"}


class Process(Protocol):
    """What there is of `subprocess.Popen`."""

    pid: int
    stdout: IO[bytes] | None

    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int) -> None: ...
    def kill(self) -> None: ...


class Forks(Protocol):
    """`tests/forking.py`: where processes come from."""

    def begin(self, arguments: list[str], *, env: dict[str, str], cwd: Path, stdout: int, stderr: IO[bytes]) -> Process: ...


@dataclass(frozen=True, slots=True)
class Server:
    """Where a running server is."""

    http: int
    otlp_http: int
    otlp_grpc: int
    data_dir: Path
    process: Process

    @property
    def url(self) -> str:
        """The API."""
        return f"http://127.0.0.1:{self.http}"

    @property
    def endpoint(self) -> str:
        """Where to send OTLP over HTTP."""
        return f"http://127.0.0.1:{self.otlp_http}"

    def get(self, path: str, **parameters: object) -> httpx.Response:
        """An answer of the API."""
        return httpx.get(f"{self.url}{path}", params=parameters, timeout=120, trust_env=False, verify=False)  # type: ignore[arg-type]

    def settled(self, timeout_s: float = 120.0) -> None:
        """Wait until everything that was acknowledged is in the store."""
        deadline = time.monotonic() + timeout_s
        while (log := self.get("/health").json()["log"])["unconsumed_bytes"] > 0:
            assert time.monotonic() < deadline, f"the store did not catch up in {timeout_s} s: {log}"
            threading.Event().wait(0.05)


@contextmanager
def running_server(forks: Forks, folder: Path, *arguments: str, **settings: str) -> Iterator[Server]:
    """A server on free ports with its data in `folder`; `settings` are environment variables without their prefix (RECEIVE__MAX_BODY_BYTES="100").

    No runner runs that is not asked for: what a test counts is what it sent. Nothing of the server rests because tests keep the machine busy.
    """
    command = ["up", "--json", "--data-dir", str(folder / "data"), *arguments]
    for port in ("--http-port", "--otlp-http-port", "--otlp-grpc-port"):
        command += [port, "0"] if port not in arguments else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPYGLASS_")}
    environment |= {f"SPYGLASS_{name}": value for name, value in {**DEFAULTS, **settings}.items()}
    errors = folder / "server.log"
    with errors.open("wb") as log:
        process = forks.begin(command, stdout=subprocess.PIPE, stderr=log, env=environment, cwd=folder)
        try:
            yield _ready(process, folder / "data", errors)
        finally:
            _stop(process)


# Servers that tests share, by the fixture that gives them; and which of these rest: what nobody asks would cost a thirtieth of a core each all the same.
_shared: dict[str, Server] = {}
_resting: set[str] = set()


@contextmanager
def shared_server(forks: Forks, fixture: str, folder: Path, **settings: str) -> Iterator[Server]:
    """The same for a fixture of all tests: it is stopped while tests run that do not ask for that fixture."""
    with running_server(forks, folder, **settings) as server:
        _shared[fixture] = server
        try:
            yield server
        finally:
            wake([fixture])
            del _shared[fixture]


def wake(fixtures: Iterable[str]) -> None:
    """Let the servers of these go on."""
    for name in _resting.intersection(fixtures):
        _resting.remove(name)
        _shared[name].process.send_signal(signal.SIGCONT)


def rest(but: Iterable[str]) -> None:
    """Stop the servers of all others."""
    for name in _shared.keys() - _resting - set(but):
        _resting.add(name)
        _shared[name].process.send_signal(signal.SIGSTOP)


def _ready(process: Process, data_dir: Path, errors: Path) -> Server:
    assert process.stdout is not None
    late = threading.Timer(START_S, process.kill)  # ends the wait below
    late.start()
    line = process.stdout.readline()
    late.cancel()
    if not line:
        raise AssertionError(f"the server did not start:\n{errors.read_text(errors='replace')[-4000:]}")
    ports = json.loads(line)["ports"]
    return Server(ports["http"], ports["otlp_http"], ports["otlp_grpc"], data_dir, process)


def _stop(process: Process) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)
    finally:
        if process.stdout is not None:
            process.stdout.close()
