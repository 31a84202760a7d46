"""Promises about configurations: an agent always has one, and the server being away is no trouble."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PRELUDE = "import spyglass_sdk as s\nfrom spyglass_sdk import configuration\n"


@dataclass
class Registry:
    """A server that has one configuration deployed, or none; `silent` keeps every answer back."""

    url: str = ""
    body: dict[str, Any] | None = None
    number: int = 1
    code: int = 200
    raw: bytes | None = None
    silent: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def registry() -> Iterator[Registry]:
    state = Registry()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            tag = f'"{state.number}"'
            state.asked.append((self.path, self.headers.get("if-none-match")))
            if state.silent.is_set():
                state.over.wait(30)
            same = self.headers.get("if-none-match") == tag and state.code == 200
            code = 304 if same else 404 if state.body is None else state.code
            told = b"" if code == 304 else state.raw if state.raw is not None else json.dumps({"number": state.number, "body": state.body}).encode()
            self.send_response(code)
            self.send_header("etag", tag)
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    state.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(program: Callable[..., Any], registry: Registry, tmp_path: Path) -> Callable[..., str]:
    """Run a program that asks that server; gives what it prints."""

    def run_(text: str, **environ: str) -> str:
        return str(program(PRELUDE + text, SPYGLASS_API=registry.url, SPYGLASS_SDK_CACHE_DIR=str(tmp_path / "cache"), **environ).stdout).strip()

    return run_


TELL = "c = configuration('planner', default={'model': 'm'}); print(c.version, c.source, c['model'])"


def test_what_is_deployed_is_used(run: Callable[..., str], registry: Registry) -> None:
    """It is a mapping with a version."""
    registry.body, registry.number = {"model": "gpt-5"}, 7
    assert run(TELL) == "7 server gpt-5"
    assert registry.asked[0][0] == "/api/v1/agents/planner/configuration?project=default&environment=production"


def test_a_server_that_is_away_leaves_the_last_answer(run: Callable[..., str], registry: Registry) -> None:
    """From the disk, in a later process; and before anything was ever answered, the default."""
    registry.body, registry.code = {"model": "gpt-5"}, 503
    assert run(TELL) == "default default m"
    registry.code = 200
    assert run(TELL) == "1 server gpt-5"
    registry.code = 503
    assert run(TELL) == "1 cache gpt-5"
    assert "answered 503" in run(TELL + "; print(s.status()['configurations']['planner@production']['problem'])")


def test_what_is_no_longer_deployed_is_not_used(run: Callable[..., str], registry: Registry) -> None:
    """The server's word stands over the disk."""
    registry.body = {"model": "gpt-5"}
    run(TELL)
    registry.body = None
    assert run(TELL) == "default default m"
    registry.code, registry.body = 503, {"model": "gpt-5"}
    assert run(TELL) == "default default m"


def test_the_file_is_private_and_whole(run: Callable[..., str], registry: Registry, tmp_path: Path) -> None:
    """Only this user can read it, and nothing half written lies beside it."""
    registry.body = {"model": "gpt-5"}
    run(TELL)
    (file,) = (tmp_path / "cache").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    file.write_text("{broken")
    registry.code = 503
    assert run(TELL) == "default default m"


@pytest.mark.parametrize("raw", [b"no json", b"[]", b'{"number": 1}', b'{"number": 1, "body": [1]}', b'{"number": 1, "body": "' + b"x" * 3_000_000 + b'"}'])
def test_nonsense_is_never_raised(run: Callable[..., str], registry: Registry, raw: bytes) -> None:
    """Whatever the server says."""
    registry.body, registry.raw = {}, raw
    assert run(TELL) == "default default m"


def test_a_silent_server_holds_nobody_up(run: Callable[..., str], registry: Registry) -> None:
    """The first call waits as long as it may, the next not at all."""
    registry.silent.set()
    text = "import time\nc = configuration('planner', default={'a': 1}, timeout_s=0.2)\nb = time.monotonic()\nfor _ in range(1000): configuration('planner')\n"
    assert run(text + "print(c['a'], time.monotonic() - b < 10)") == "1 True"


def test_what_is_deployed_meanwhile_is_taken_up(run: Callable[..., str], registry: Registry) -> None:
    """The server is asked again with what is known, and answers shortly while that holds."""
    registry.body = {"model": "a"}

    def change() -> None:
        while not any(tag for _, tag in registry.asked) and not registry.over.wait(0.01):
            pass
        registry.body, registry.number = {"model": "b"}, 2

    changing = threading.Thread(target=change)
    changing.start()
    text = (
        "import spyglass_sdk.configuration as m, sys, time\nmodule = sys.modules['spyglass_sdk.configuration']\nmodule._fetcher.refresh_s = 0.02\n"
        "end = time.monotonic() + 30\nwhile configuration('planner')['model'] != 'b' and time.monotonic() < end: time.sleep(0.01)\n"
        "print(configuration('planner').version)"
    )
    assert run(text) == "2"
    changing.join()


def test_spans_of_the_agent_tell_their_configuration(run: Callable[..., str], registry: Registry) -> None:
    """Of this agent alone."""
    registry.body, registry.number = {"model": "a"}, 3
    text = (
        "from opentelemetry import trace\ns.init(endpoint='http://127.0.0.1:9', instrument=False)\nconfiguration('planner', 'staging')\n"
        "for name in ('planner', 'other'):\n    with s.observation(name, kind='agent') as run:\n"
        "        print(run.span.attributes.get('spyglass.agent.config_version'), run.span.attributes.get('spyglass.agent.config_environment'))\n"
        "s.shutdown(0)"
    )
    assert run(text).splitlines()[:2] == ["3 staging", "None None"]
