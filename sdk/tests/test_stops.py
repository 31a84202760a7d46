"""Runs that let themselves be stopped, against a real HTTP server: at the next step, as cancelled, and only those."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from spyglass_sdk import Api, ExecutionStopped, execution
from spyglass_sdk.stops import STOPPABLE, Stoppable


class Stops:
    """A server that says which executions shall stop, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.wanted: set[str] = set()
        stops = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                ids = json.loads(self.rfile.read(int(self.headers["content-length"])))["execution_ids"]
                stops.asked.append(ids)
                items = [{"execution_id": one, "who": "policy x", "note": "it loops"} for one in ids if one in stops.wanted]
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({"items": items}).encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.api = Api(f"http://127.0.0.1:{self.server.server_port}", {}, "p")


@pytest.fixture
def stops(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stops]:
    """A server that is asked by hand, not by time."""
    made = Stops()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(STOPPABLE, "_api", lambda: made.api)
    monkeypatch.setattr(STOPPABLE, "_every_s", 3_600.0)
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def test_a_run_stops_at_its_next_step_and_was_cancelled(stops: Stops) -> None:
    """An agent that catches every Exception does not hold it up; who asked is said."""
    stops.wanted = {"r1"}
    runs, steps = [], []

    def loop() -> None:
        with execution("planner", "plan", execution_id="r1", stoppable=True) as run:
            runs.append(run)
            for number in range(5):
                try:
                    run.step("look")
                    steps.append(number)
                    STOPPABLE.ask()
                except Exception as error:  # what such agents do
                    pytest.fail(f"an agent could go on after {error!r}")

    with pytest.raises(ExecutionStopped, match="policy x: it loops") as told:
        loop()
    assert (steps, told.value.execution_id, STOPPABLE.find("r1")) == ([0], "r1", None)
    assert runs[0].complete() is False


def test_a_run_that_is_not_stoppable_is_neither_asked_for_nor_stopped(stops: Stops) -> None:
    """Nothing raises into a host that did not ask for it."""
    stops.wanted = {"r2", "r3"}
    with execution("planner", "plan", execution_id="r2") as run, execution("planner", "plan", execution_id="r3", stoppable=True) as other:
        STOPPABLE.ask()
        assert run.step("look").check() is run
        with pytest.raises(ExecutionStopped):
            other.check()
    assert [ids[0] for ids in stops.asked] == ["r3"]
    assert "r2" not in stops.asked[0]


def test_a_run_goes_by_its_trace_too(stops: Stops) -> None:
    """That is what analyzers know of a run that loops; the trace of what is not recorded is zeros, and nobody's."""
    runs = Stoppable(3_600.0, lambda: stops.api)
    zeros = "0" * 32
    for own, trace in (("r5", "ab" * 16), ("r6", zeros)):
        runs.add(own, trace, f"{trace}-{'cd' * 8}")
    stops.wanted = {"ab" * 16, zeros}
    runs.ask()
    assert (str(runs.find("r5")), runs.find("r6")) == ("execution r5 was stopped by policy x: it loops", None)
    for own in ("r5", "r6"):
        runs.drop(own)


def test_a_server_that_is_away_stops_nobody() -> None:
    """It is asked again, by a thread that ends with the last run."""
    asked = threading.Event()

    def away() -> Api:
        asked.set()
        return Api("http://127.0.0.1:9", {}, "p")

    runs = Stoppable(0.01, away)
    runs.add("r4")
    assert asked.wait(30)
    assert runs.find("r4") is None
    thread = runs._thread
    runs.drop("r4")
    assert thread is not None
    thread.join(30)
    assert not thread.is_alive()
