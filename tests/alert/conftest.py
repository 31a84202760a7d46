"""A world of alerts, and real servers that channels send to."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socketserver
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest


def _world() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tests_alert_world", Path(__file__).with_name("world.py"))
    assert spec is not None
    assert spec.loader is not None
    if spec.name not in sys.modules:
        sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[spec.name])
    return sys.modules[spec.name]


@pytest.fixture
def make_world(memory_path: Path, made_facts: Path) -> Iterator[Callable[..., Any]]:
    """`make_world(after=…, start_s=…)`: a world over the same database each time."""
    made: list[Any] = []
    shutil.copy(made_facts, memory_path / "facts.db")

    def make(*arguments: Any, **more: Any) -> Any:
        made.append(_world().World(memory_path / "facts.db", *arguments, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def world(make_world: Callable[..., Any]) -> Any:
    """A new one."""
    return make_world()


@dataclass
class Sink:
    """An HTTP server that takes what is posted, and answers what `answer` says."""

    url: str = ""
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)  # path, headers, body
    answer: Callable[[str], tuple[int, dict[str, str]]] = lambda _path: (200, {})

    def bodies(self, path: str = "") -> list[Any]:
        return [json.loads(body) for at, _, body in self.taken if at.startswith(path)]


@pytest.fixture
def sink() -> Iterator[Sink]:
    """One that runs."""
    told = Sink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, headers = told.answer(self.path)
            told.taken.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def do_PATCH(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


class Smtp(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs; recipients named `nobody` are refused, and the sender `busy@` is told to come later."""

    def handle(self) -> None:
        server: Any = self.server
        self._say(220, "here")
        while line := self.rfile.readline():
            word, rest = line[:4].upper().strip(), line.decode()
            if word == b"DATA":
                self._say(354, "go on")
                lines = []
                while (one := self.rfile.readline()) != b".\r\n":
                    lines.append(one)
                server.mails.append(b"".join(lines))
            if word == b"QUIT":
                self._say(221, "bye")
                return
            self._say(*((550, "unknown") if "nobody@" in rest else (451, "later") if "busy@" in rest else (250, "fine")))

    def _say(self, code: int, text: str) -> None:
        self.wfile.write(f"{code} {text}\r\n".encode())


@pytest.fixture
def smtp() -> Iterator[Any]:
    """A server that takes mail."""
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)
    server.daemon_threads = True
    server.mails = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Issues:
    """As much of GitHub's API as the channel asks; issues in memory."""

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.comments: list[tuple[int, str]] = []
        self.fail_after_post = False
        issues = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                self.tell([{"body": body} for number, body in issues.comments if f"/{number}/" in path] if path.endswith("/comments") else issues.issues)

            def do_POST(self) -> None:
                body = self.body()
                if urlsplit(self.path).path.endswith("/comments"):
                    issues.comments.append((int(self.path.split("/")[-2]), body["body"]))
                    made: dict[str, Any] = {"id": 1}
                else:
                    made = {"number": len(issues.issues) + 1, "state": "open", "created_at": "2026-01-01T00:00:00Z", **body}
                    issues.issues.append(made)
                self.tell(made, 500 if issues.fail_after_post else 201)

            def do_PATCH(self) -> None:
                issues.issues[int(self.path.split("/")[-1]) - 1] |= self.body()
                self.tell({})

            def body(self) -> dict[str, Any]:
                found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["content-length"])))
                return found

            def tell(self, told: object, status: int = 200) -> None:
                if self.headers["authorization"] != "Bearer t0ken":
                    status = 401
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(told).encode())

            def log_message(self, *_: object) -> None:
                """Nothing on the screen."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def github() -> Iterator[Issues]:
    """A repository."""
    made = Issues()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()
