"""What the tests of the receivers ask for: a sink in memory, a clock that stands still, and servers on free ports, on both event loops."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvloop

from spyglass.model.body import Body, Outcome
from spyglass.receive.ledger import Ledger
from spyglass.receive.limits import Limits
from spyglass.receive.serve import Listening, serving
from spyglass.receive.settings import GrpcSettings, HttpSettings, Tls
from spyglass.testing.clock import ManualClock

NONE: Mapping[str, Any] = {}


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Whatever touches sockets is tested on both loops; the rest on the one we serve with."""
    both = item.path.stem in {"test_pipe", "test_serve", "test_wrong_port"}
    return {"uvloop": uvloop.new_event_loop} | ({"asyncio": asyncio.new_event_loop} if both else {})


@dataclass
class MemorySink:
    """Remembers bodies, and answers as told."""

    bodies: list[Body] = field(default_factory=list)
    outcome: Outcome = field(default_factory=lambda: Outcome(1))
    error: BaseException | None = None
    judge: Callable[[Body], None] = lambda body: None
    gate: asyncio.Event | None = None
    waiting: int = 0

    async def submit(self, body: Body) -> Outcome:
        """Keep a body."""
        if self.gate is not None:
            self.waiting += 1
            await self.gate.wait()
        self.judge(body)
        if self.error is not None:
            raise self.error
        self.bodies.append(body)
        return self.outcome

    async def until_waiting(self, bodies: int) -> None:
        """Return when so many bodies wait at the gate."""
        async with asyncio.timeout(60):
            while self.waiting < bodies:
                await asyncio.sleep(0.001)


@dataclass(frozen=True)
class Running:
    """A server of a test."""

    listening: Listening
    ledger: Ledger
    scheme: str

    @property
    def http_port(self) -> int:
        """Of OTLP/HTTP."""
        return self.listening.http[0][1]

    @property
    def grpc_port(self) -> int:
        """Of OTLP/gRPC."""
        return self.listening.grpc[0][1]

    @property
    def url(self) -> str:
        """Of OTLP/HTTP."""
        return f"{self.scheme}://localhost:{self.http_port}"

    @property
    def target(self) -> str:
        """Of OTLP/gRPC."""
        return f"localhost:{self.grpc_port}"


@pytest.fixture
def sink() -> MemorySink:
    """A sink in memory."""
    return MemorySink()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock()


@pytest.fixture
async def serve(sink: MemorySink) -> AsyncIterator[Callable[..., Any]]:
    """`await serve(limits=…, http={…}, grpc={…}, api_keys=…)` starts a server on free ports for the length of the test; a None leaves a port out."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(
            *, limits: Limits | None = None, http: Mapping[str, Any] | None = NONE, grpc: Mapping[str, Any] | None = NONE, **others: Any
        ) -> Running:
            ledger = Ledger()
            listening = await stack.enter_async_context(
                serving(
                    sink,
                    http=None if http is None else HttpSettings(port=0, **http),
                    grpc=None if grpc is None else GrpcSettings(port=0, **grpc),
                    limits=limits,
                    ledger=ledger,
                    **others,
                )
            )
            return Running(listening, ledger, "https" if http and http.get("tls") else "http")

        yield start


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate for localhost, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    folder: Path = tmp_path_factory.mktemp("tls")
    made = Tls(folder / "certificate.pem", folder / "key.pem")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    extra = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run([*command, *extra], check=True, capture_output=True, timeout=60)
    return made
