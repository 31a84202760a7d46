"""The live tail shows what arrives, and comes back when the connection breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest

from spyglass.cli.tail import Tail, line
from spyglass.decode.encode import encode
from spyglass.model.clock import SystemClock
from spyglass.model.errors import InputError, StoreError
from spyglass.model.schema import Kind
from spyglass.testing.rows import events, spans


@contextmanager
def arriving(server: Any, project: str) -> Iterator[None]:
    """Spans and events arrive, again and again, as long as the block runs."""
    stop = threading.Event()
    headers = {"content-type": "application/x-protobuf", "x-spyglass-project": project}

    def send() -> None:
        number = 0
        with httpx.Client(base_url=server.endpoint, headers=headers, trust_env=False, verify=False) as client:
            while not stop.wait(0.05):
                now, number = SystemClock().now_ns(), number + 4
                client.post("/v1/traces", content=encode(Kind.SPAN, spans(4, first=number, at_ns=now)))
                client.post("/v1/logs", content=encode(Kind.EVENT, events(4, first=number, at_ns=now)))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


def test_records_are_shown_as_they_arrive(run: Any, server: Any, project: str) -> None:
    """One line each, and no wider than the terminal says when it is one."""
    with arriving(server, project):
        result = run("tail", "-n", "6", "--url", server.url, "--project", project)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) >= 6
    assert "gpt-4o-mini" in result.stdout or "step" in result.stdout


def test_kinds_and_searches_choose(run: Any, server: Any, project: str, told: Any) -> None:
    """As JSON, one object per line."""
    with arriving(server, project):
        found = told(run("tail", "kind:llm", "--kind", "span", "-n", "4", "--url", server.url, "--project", project, "--json"))
    assert [frame["kind"] for frame in found if frame["type"] == "span"] == ["llm"] * 4
    with pytest.raises(InputError, match="unknown field"):
        run("tail", "nonsense:1", "--url", server.url)


def test_no_server_is_told_at_once(run: Any) -> None:
    """Only a connection that once stood is waited for."""
    with pytest.raises(httpx.ConnectError):
        run("tail", "--url", "http://127.0.0.1:9")


def stream(*parts: bytes | type[Exception], requests: list[httpx.Request]) -> Callable[[httpx.Request], httpx.Response]:
    """A server that answers each connection with the next part, and then breaks it."""
    left = iter(parts)

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        part = next(left)
        if isinstance(part, bytes):
            return httpx.Response(200, content=part)
        raise part("gone")

    return answer


def event(cursor: str, *frames: dict[str, Any]) -> bytes:
    """A server-sent event."""
    return b"id: " + cursor.encode() + b"\ndata: " + orjson.dumps(list(frames)) + b"\n\n"


def test_a_broken_connection_goes_on_where_it_stopped() -> None:
    """The last cursor is sent; what comes between is waited for; signs of life move the place too."""
    requests: list[httpx.Request] = []
    first = event("1.a", {"type": "hello"}, {"type": "span", "n": 1}) + b": heartbeat\nid: 2.a\n\n" + b"id: 3.a\ndata: [{"
    answer = stream(first, httpx.ConnectError, httpx.ReadTimeout, event("4.a", {"type": "span", "n": 2}), requests=requests)
    watched = Tail(httpx.Client(base_url="http://server", transport=httpx.MockTransport(answer)), {"query": "x"})
    waits: list[float] = []
    watched.sleep = waits.append
    frames = watched.frames()
    assert [next(frames)["n"], next(frames)["n"]] == [1, 2]
    assert [request.headers.get("last-event-id") for request in requests] == [None, "2.a", "2.a", "2.a"]
    assert waits == [0.5, 1.0, 2.0]
    assert requests[0].url.params["query"] == "x"


def test_a_server_that_is_full_is_told() -> None:
    """On the first connection; later ones are tried again."""
    client = httpx.Client(base_url="http://server", transport=httpx.MockTransport(lambda _: httpx.Response(503, json={"detail": "500 viewers are watching"})))
    with pytest.raises(StoreError, match="viewers"):
        next(Tail(client, {}).frames())


SPAN = {
    "type": "span",
    "time": "2026-01-01T00:00:00.000000000Z",
    "kind": "llm",
    "name": "chat",
    "model": "gpt-4.1",
    "tool": "",
    "agent": "planner",
    "status": "error",
    "pending": False,
    "duration_ns": 1_200_000_000,
    "input_tokens": 1000,
    "output_tokens": 20,
    "cost_usd": 0.01,
    "summary": "RateLimitError: too many",
}


def test_a_line_says_what_matters_first() -> None:
    """Model, time taken, tokens, cost; a failure is marked; what runs is said to run."""
    text = line(SPAN).plain
    assert [text.index(part) for part in ("llm", "gpt-4.1", "1.2 s", "1020", "$0.0100", "planner", "✗", "too many")] == sorted(
        text.index(part) for part in ("llm", "gpt-4.1", "1.2 s", "1020", "$0.0100", "planner", "✗", "too many")
    )
    assert text.index("too many") < 110
    assert "running" in line(SPAN | {"pending": True}).plain


@pytest.mark.parametrize(("count", "reason", "says"), [(2900, "rate", "2,900 records not shown: more than --rate"), (None, "expired", "away for too long")])
def test_what_is_lost_is_told(count: int | None, reason: str, says: str) -> None:
    """With its number, where it is known."""
    assert says in line({"type": "lost", "count": count, "reason": reason}).plain


def test_events_and_points_have_lines_too() -> None:
    """The name, and what they say."""
    told = {"type": "event", "time": SPAN["time"], "severity": "warning", "name": "", "source": "shop", "agent": "", "summary": "late"}
    assert line(told).plain.endswith("late")
    assert "queue 5" in " ".join(line({"type": "point", "time": SPAN["time"], "name": "queue", "summary": "5"}).plain.split())
