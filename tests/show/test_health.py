"""Health tells what has ended, and that it is our fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from spyglass.config.spec import Settings
from spyglass.model.clock import SystemClock
from spyglass.publish.bus import Bus
from spyglass.publish.log import DiskLog
from spyglass.publish.policy import Policy
from spyglass.receive.limits import InFlight
from spyglass.show import health
from spyglass.show.problem import answer_problems
from spyglass.store.writer import WriterStatus
from spyglass.stream.hub import Hub

Ask = Callable[..., tuple[int, dict[str, object]]]


@contextmanager
def asking(folder: Path) -> Iterator[Ask]:
    """Asks the health of a server whose store answers as told, and whose live view was never begun."""
    clock, settings = SystemClock(), Settings.model_validate({"log": {"min_free_bytes": 0}})
    with DiskLog(folder / "log", settings.log) as log:

        def ask(*, readable: bool = True, ended: Sequence[str] = ()) -> tuple[int, dict[str, object]]:
            app = FastAPI()
            app.state.bodies = InFlight(100)
            app.state.services = SimpleNamespace(
                settings=settings,
                version="0",
                clock=clock,
                ports={},
                log=log,
                engine=SimpleNamespace(address="here", answers=lambda timeout_s: readable),
                writer=SimpleNamespace(status=lambda: WriterStatus(0, 0, "")),
                road=SimpleNamespace(depth=lambda: 0),
                hub=Hub(Bus().subscribe("live", Policy.DROP_OLDEST, capacity=1), settings.stream, clock),
                in_flight=InFlight(200),
                ended=lambda: ended,
            )
            answer_problems(app)
            app.include_router(health.probe)
            answer = TestClient(app).get("/health")
            return answer.status_code, answer.json()

        yield ask


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """As above."""
    with asking(tmp_path) as found:
        yield found


def test_a_live_view_that_ended_is_told(ask: Ask) -> None:
    """Records still arrive, but nobody sees them come."""
    status, told = ask()
    assert (status, told["status"]) == (503, "failing")
    assert told["problems"] == ["the live view has ended: viewers get nothing new; the server's log says why, restart it"]


@pytest.mark.parametrize("name", ["road", "log-writer", "store-writer"])
def test_a_thread_that_ended_is_told(ask: Ask, name: str) -> None:
    """With what it means."""
    _, told = ask(ended=[name])
    assert any(f"the thread {name} has ended: nothing" in problem for problem in told["problems"])  # type: ignore[attr-defined]


def test_a_store_that_does_not_answer_is_told(ask: Ask) -> None:
    """As a problem and as a figure."""
    _, told = ask(readable=False)
    assert "the store does not answer queries" in told["problems"]  # type: ignore[operator]
    assert told["store"]["readable"] is False  # type: ignore[index]


def test_bytes_in_flight_are_shown(ask: Ask) -> None:
    """With their bounds."""
    _, told = ask()
    assert (told["receive"], told["web"]) == ({"in_flight_bytes": 0, "max_in_flight_bytes": 200}, {"in_flight_bytes": 0, "max_in_flight_bytes": 100})
