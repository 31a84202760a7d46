"""Real programs that wait until they are watched, and hands for sources."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from spyglass.collect.fallback.netlink import Connector
from spyglass.collect.records import Exit, Record
from spyglass.model.errors import ConfigError

if sys.platform != "linux":
    pytest.skip("the fall-backs are Linux's", allow_module_level=True)


@dataclass
class Held:
    """A shell that waits for a line, and then runs its script."""

    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def go(self) -> None:
        assert self.process.stdin is not None
        if self.process.stdin.closed:
            return
        self.process.stdin.write(b"\n")
        self.process.stdin.close()


@pytest.fixture
def held(tmp_path: Any) -> Iterator[Callable[..., Held]]:
    """`held(script)`: in a folder of its own."""
    started: list[Held] = []

    def start(script: str, pass_fds: tuple[int, ...] = ()) -> Held:
        ready, told = os.pipe()  # so that its own exec is over
        line = f"echo >&{told}; exec {told}>&-; read -r _; {script}"
        process = subprocess.Popen(["/bin/bash", "-c", line], stdin=subprocess.PIPE, cwd=tmp_path, pass_fds=[told, *pass_fds])
        os.close(told)
        os.read(ready, 1)
        os.close(ready)
        started.append(Held(process))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        if one.process.stdin:
            one.process.stdin.close()


@pytest.fixture
def drained() -> Callable[..., list[Record]]:
    """`drained(read, held)`: what a source tells of a program, until its end and whatever comes just after it."""

    def drain(read: Callable[[], list[Record]], program: Held, limit_s: float = 60) -> list[Record]:
        program.go()
        records: list[Record] = []
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            records += read()
            program.process.poll()
            if any(type(record) is Exit and record.actor.pid == program.pid for record in records):
                return records + read()
        pytest.fail(f"the end of the program was not told in {limit_s} s; {len(records)} records were")

    return drain


@pytest.fixture
def as_root() -> None:
    """Of tests that need root."""
    if os.geteuid() != 0:
        pytest.skip("needs root: fanotify is not tested here")


@pytest.fixture
def connectable() -> None:
    """Of tests that need the process connector."""
    try:
        Connector().close()
    except ConfigError as error:
        pytest.skip(f"the process connector is not tested here: {error}")


@pytest.fixture
def unused_port_server() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
