"""A whole Spyglass in a process of its own, for tests that need one that really runs: `with running_server(folder) as server: …`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_S = 180.0  # on a machine with much else to do
STOP_S = 90.0
DEFAULTS = {"RUNNERS__DEFAULTS": "false", "ANALYZERS__BUSY_SHARE": "1", "STORE__PERIODIC_SHARE": "1"}


@dataclass(frozen=True, slots=True)
class Server:
    """Where a running server is."""

    http: int
    otlp_http: int
    otlp_grpc: int
    data_dir: Path
    process: subprocess.Popen[bytes]

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
        return httpx.get(f"{self.url}{path}", params=parameters, timeout=120, trust_env=False)  # type: ignore[arg-type]

    def settled(self, timeout_s: float = 120.0) -> None:
        """Wait until everything that was acknowledged is in the store."""
        deadline = time.monotonic() + timeout_s
        while (log := self.get("/health").json()["log"])["unconsumed_bytes"] > 0:
            assert time.monotonic() < deadline, f"the store did not catch up in {timeout_s} s: {log}"
            threading.Event().wait(0.05)


@contextmanager
def running_server(folder: Path, *arguments: str, **settings: str) -> Iterator[Server]:
    """A server on free ports with its data in `folder`; `settings` are environment variables without their prefix (RECEIVE__MAX_BODY_BYTES="100").

    No runner runs that is not asked for: what a test counts is what it sent. Nothing of the server rests because tests keep the machine busy.
    """
    command = [sys.executable, "-c", "from spyglass.cli.main import main; main()", "up", "--json", "--data-dir", str(folder / "data"), *arguments]
    for port in ("--http-port", "--otlp-http-port", "--otlp-grpc-port"):
        command += [port, "0"] if port not in arguments else []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPYGLASS_")}
    environment |= {f"SPYGLASS_{name}": value for name, value in {**DEFAULTS, **settings}.items()}
    errors = folder / "server.log"
    with errors.open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment, cwd=folder)
        try:
            yield _ready(process, folder / "data", errors)
        finally:
            _stop(process)


def _ready(process: subprocess.Popen[bytes], data_dir: Path, errors: Path) -> Server:
    assert process.stdout is not None
    late = threading.Timer(START_S, process.kill)  # ends the wait below
    late.start()
    line = process.stdout.readline()
    late.cancel()
    if not line:
        raise AssertionError(f"the server did not start:\n{errors.read_text(errors='replace')[-4000:]}")
    ports = json.loads(line)["ports"]
    return Server(ports["http"], ports["otlp_http"], ports["otlp_grpc"], data_dir, process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)
    finally:
        if process.stdout is not None:
            process.stdout.close()
