"""What asks the server: it waits a little for what was just sent, and says what is wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from spyglass_sdk import Api, FetchError, Placeholder, ReplayError, UnreadableError, recording_of, replay, state_of
from spyglass_sdk.typed import hash_of


@pytest.fixture
def answers() -> Iterator[tuple[Api, list[tuple[int, object]], list[str]]]:
    """An API on a free port; gives what to answer next (the last answer stays), and what was asked."""
    told: list[tuple[int, object]] = []
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, answer = told.pop(0) if len(told) > 1 else told[0]
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Api(f"http://127.0.0.1:{server.server_port}", {}, "p"), told, asked
    server.shutdown()
    thread.join()
    server.server_close()


def call(number: int, **more: object) -> dict[str, object]:
    """A recorded call, as the API tells it."""
    told = {"number": number, "kind": "tool", "name": "search", "input_hash": "h", "outcome": "returned", "form": "", "output": "1", "complete": True}
    return {**told, "output_hash": hash_of("1"), "step": 0, "parent": -1, **more}


def page(*items: object, ended: bool = True, cursor: str | None = None) -> dict[str, object]:
    """A page of a recording."""
    return {"items": list(items), "next_cursor": cursor, "agent": "planner", "agent_id": "", "name": "plan", "steps": 2, "ended": ended}


def test_a_recording_comes_page_by_page_once_the_execution_has_ended(answers):
    """And not before the server knows of it."""
    api, told, asked = answers
    told += [
        (404, {"detail": "not yet"}),
        (200, page(ended=False)),
        (200, page() | {"missing": 2}),
        (200, page()),
        (200, page(call(0), cursor="c")),
        (200, page(call(2))),
    ]
    found = recording_of("a/b", api)
    assert ([one.number for one in found.calls], found.missing, found.agent, found.operation, found.steps) == ([0, 2], 1, "planner", "plan", 2)
    assert asked[0].startswith("/api/v1/executions/a%2Fb/recording?project=p")
    assert "cursor=c" in asked[-1]


def test_what_was_never_recorded_is_said_before_anything_runs(answers):
    """So is an execution that is none, and a server that is no Spyglass."""
    api, told, _ = answers
    told.append((200, page()))
    with pytest.raises(ReplayError, match="no call of it was recorded"):
        replay("e", api=api)
    told[0] = (200, page() | {"missing": 2})
    assert recording_of("e", api, wait_s=0).missing == 2
    told[0] = (404, {"detail": "there is no execution e"})
    with pytest.raises(FetchError, match="there is no execution e"):
        recording_of("e", api, wait_s=0)
    told[0] = (200, b"<html>")
    with pytest.raises(FetchError, match="expected JSON"):
        recording_of("e", api, wait_s=0)


def test_no_server_is_said():
    """With what to set."""
    with pytest.raises(FetchError, match=r"no answer .*SPYGLASS_API"):
        replay("e", api=Api("http://127.0.0.1:9", {}, "p"))


def test_a_state_comes_back_or_says_why_not(answers):
    """What could not be told is a placeholder; what is gone is an error."""
    api, told, _ = answers
    told.append(
        (
            200,
            {"problem": "", "problem_detail": "", "state": {"a": {"$type": "tuple", "value": [1]}, "b": {"$type": "placeholder", "of": "m:Lock", "why": "w"}}},
        )
    )
    assert state_of("e", 3, api) == {"a": (1,), "b": Placeholder("m:Lock", "m:Lock: w")}
    told[0] = (200, {"problem": "pieces_missing", "problem_detail": "3 pieces are gone", "state": None})
    with pytest.raises(UnreadableError, match="3 pieces are gone"):
        state_of("e", api=api)
