"""What tests of runners need: a context, a sink that keeps what it is given, and waiting without sleeping blindly."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from spyglass.collect.counts import Counts
from spyglass.model.body import Body, Outcome
from spyglass.model.clock import SystemClock
from spyglass.model.told import Told
from spyglass.plugin.contracts import RunnerContext


@pytest.fixture
def context(tmp_path: Path) -> RunnerContext:
    """Of a runner that has its folder, the machine's clock, and counts of its own."""
    folder = tmp_path / "runner"
    folder.mkdir()
    return RunnerContext(folder, SystemClock(), Counts("tested"))


@pytest.fixture
def first() -> Callable[..., Any]:
    """`await first(runner, 3)`: what a runner tells first; `then` is called after each that was taken."""

    async def take(runner: Any, many: int, then: Callable[[int], object] = lambda _: None) -> list[Told]:
        told: list[Told] = []
        stream: AsyncIterator[Told] = runner.run()
        async for one in stream:
            told.append(one)
            then(len(told))
            if len(told) == many:
                break
        await stream.aclose()  # type: ignore[attr-defined]
        return told

    return take


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """`eventually(condition)`: wait until it holds, a minute at most."""

    def wait(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, "it did not come about in time"
            threading.Event().wait(0.01)

    return wait


class Sink:
    """`collect.delivery.Submit`: keeps bodies; `answer` says what becomes of each."""

    def __init__(self) -> None:
        self.bodies: list[Body] = []
        self.answer: Callable[[Body], Outcome | Exception | None] = lambda body: Outcome(records_of(body))  # None: no answer

    def __call__(self, body: Body) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        answer = self.answer(body)
        if isinstance(answer, Exception):
            future.set_exception(answer)
        elif answer is not None:
            self.bodies.append(body)
            future.set_result(answer)
        return future

    def names(self) -> list[str]:
        """Names of the events that were kept."""
        requests = [ExportLogsServiceRequest.FromString(body.data) for body in self.bodies if body.signal == "logs"]
        return [record.event_name for request in requests for group in request.resource_logs for scope in group.scope_logs for record in scope.log_records]


def records_of(body: Body) -> int:
    """Records of a body of logs."""
    request = ExportLogsServiceRequest.FromString(body.data)
    return sum(len(scope.log_records) for group in request.resource_logs for scope in group.scope_logs)


@pytest.fixture
def sink() -> Sink:
    """One that keeps everything."""
    return Sink()


class Site:
    """A web server on a free port of this machine; `pages` are what it answers by path."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status, headers, body = site.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def put(self, path: str, body: bytes | str, content_type: str = "text/plain", status: int = 200, **headers: str) -> str:
        """Answer so from now on; gives the address."""
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = (status, {"Content-Type": content_type, **{name.replace("_", "-"): value for name, value in headers.items()}}, data)
        return f"{self.url}{path}"


@pytest.fixture
def site() -> Iterator[Site]:
    """A web server of this test's own."""
    running = Site()
    thread = threading.Thread(target=running.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.server.shutdown()
    thread.join()
    running.server.server_close()
