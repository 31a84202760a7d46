"""A real probe on the real kernel where that is allowed, and a real TLS server to talk to."""

from __future__ import annotations

import asyncio
import http.server
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from spyglass.collect.probe import requirements
from spyglass.collect.probe.protocol import Frame, Frames, message
from spyglass.collect.probe.spawn import hold
from spyglass.collect.probe_client import ProbeClient, Want, connect_probe, start_probe
from spyglass.collect.records import Exit, Record

PATIENCE_S = 60  # a machine can be busy

Watch = Callable[..., Awaitable[list[Any]]]


@pytest.fixture(scope="session")
def kernel() -> None:
    """Skips, with the reason, where the kernel's programs cannot be loaded."""
    lacking = [f"{each.name}: {each.found}" for each in requirements.check() if each.needed and not each.met]
    if lacking:
        pytest.skip(f"no kernel programs here ({'; '.join(lacking)})")


@pytest.fixture(scope="session")
def service(kernel: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where a probe serves all tests. Something is always watched, so that it need not attach to and leave the libraries for each test."""
    path = tmp_path_factory.mktemp("probe") / "probe.sock"
    with subprocess.Popen([sys.executable, "-m", "spyglass.collect.probe", "--socket", str(path)]) as process, subprocess.Popen(["sleep", "infinity"]) as quiet:
        try:
            with socket.socket(socket.AF_UNIX) as keeper:
                end = time.monotonic() + PATIENCE_S
                while keeper.connect_ex(str(path)):
                    assert process.poll() is None, "the probe ended"
                    assert time.monotonic() < end, "the probe did not begin to serve"
                    time.sleep(0.01)
                keeper.settimeout(PATIENCE_S)
                keeper.sendall(message(Frame.REQUEST, {"id": 1, "do": "track", "pid": quiet.pid, "want": ["tls"]}))
                frames = Frames()
                while not any(kind == Frame.REPLY for kind, _ in frames.feed(keeper.recv(1 << 16))):
                    pass
                yield path
        finally:
            process.terminate()
            quiet.kill()


@pytest.fixture
async def probe(service: Path) -> AsyncIterator[ProbeClient]:
    """A connection of our own to the probe."""
    async with await connect_probe(service) as client:
        yield client


@pytest.fixture
async def own_probe(kernel: None) -> AsyncIterator[ProbeClient]:
    """A probe of our own."""
    async with await start_probe() as client:
        yield client


@pytest.fixture
def watch(probe: ProbeClient) -> Watch:
    """Run a command to its end under watch; gives everything that was seen of it."""

    async def run(argv: Sequence[str], want: Sequence[Want] = (), **options: Any) -> list[Record]:
        await probe.attach(Path(shutil.which(argv[0]) or argv[0]))
        held = hold(argv, **options)
        await probe.track(held.process.pid, want)
        await asyncio.to_thread(held.release)
        found = await seen_until_exit(probe, held.process.pid)
        await asyncio.to_thread(held.process.wait)
        return found

    return run


async def seen_until_exit(probe: ProbeClient, pid: int) -> list[Record]:
    """Records up to the end of a process."""
    found: list[Record] = []
    async with asyncio.timeout(PATIENCE_S):
        async for batch in probe.batches():
            found += batch
            if any(isinstance(record, Exit) and record.actor.pid == pid for record in batch):
                break
    return found


@pytest.fixture
def until_exit() -> Callable[[ProbeClient, int], Awaitable[list[Record]]]:
    return seen_until_exit


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers a POST with its body; a GET with a short text."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers["content-length"])))

    def do_GET(self) -> None:
        self.answer(b"hello")

    def answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def https_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an HTTPS server in this process, which is not watched."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)
