"""A receiver of OTLP/HTTP on a real socket, and programs that run the SDK in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Receiver:
    """What arrived so far. `silent` holds every answer back until the test is over."""

    url: str = ""
    silent: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def spans(self) -> list[tuple[str, str]]:
        """Give (service name, span name) of each span, in order of arrival."""
        bodies = [ExportTraceServiceRequest.FromString(body) for path, _, body in self.requests if path == "/v1/traces"]
        groups = [group for body in bodies for group in body.resource_spans]
        return [(_service(group), span.name) for group in groups for scope in group.scope_spans for span in scope.spans]

    def logs(self) -> list[tuple[str, str]]:
        """Give (service name, event name) of each log record, in order of arrival."""
        bodies = [ExportLogsServiceRequest.FromString(body) for path, _, body in self.requests if path == "/v1/logs"]
        groups = [group for body in bodies for group in body.resource_logs]
        return [(_service(group), record.event_name) for group in groups for scope in group.scope_logs for record in scope.log_records]


def _service(group) -> str:
    return next(a.value.string_value for a in group.resource.attributes if a.key == "service.name")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An OTLP/HTTP receiver on a free port."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if state.silent.is_set():
                state.over.wait(30)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a client that ended while we were silent
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    state.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def program() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program with only the environment given; it must end by itself, and well."""

    def run(text: str, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "SPYGLASS_")) and "proxy" not in k.lower()}
        command = [sys.executable, "-c", textwrap.dedent(text)]
        done = subprocess.run(command, env=kept | environ, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done

    return run
