"""What the server itself tells."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from spyglass.app.announce import Announcer
from spyglass.app.periodic import Periodic, pause_s
from spyglass.model.body import Body, Outcome
from spyglass.model.clock import SystemClock
from spyglass.model.errors import Refused
from spyglass.model.told import Event


class Kept:
    """`collect.delivery.Submit`: keeps bodies."""

    def __init__(self) -> None:
        self.bodies: list[Body] = []

    def __call__(self, body: Body) -> Future[Outcome]:
        self.bodies.append(body)
        future: Future[Outcome] = Future()
        future.set_result(Outcome(1))
        return future

    def names(self) -> list[str]:
        requests = [ExportLogsServiceRequest.FromString(body.data) for body in self.bodies]
        return [record.event_name for request in requests for record in request.resource_logs[0].scope_logs[0].log_records]


@pytest.fixture
def sink() -> Kept:
    """The road."""
    return Kept()


async def test_what_any_thread_announces_is_told_before_the_server_stops(sink):
    """In order, to the project it is about."""
    announcer = Announcer(SystemClock())
    async with announcer.running(sink):
        for number in range(3):
            thread = threading.Thread(target=announcer, args=("travel", [Event(f"agent.drift{number}", 1_700_000_000_000_000_000)]))
            thread.start()
            thread.join()
    assert sink.names() == ["agent.drift0", "agent.drift1", "agent.drift2"]
    assert {body.project for body in sink.bodies} == {"travel"}


async def test_more_than_can_wait_is_refused(sink):
    """Whoever tells it tries again; nothing is lost silently."""
    announcer = Announcer(SystemClock())
    with pytest.raises(Refused):
        announcer("travel", [Event("early", 1)])
    async with announcer.running(sink):
        with pytest.raises(Refused):
            announcer("travel", [Event("one", 1)] * 20_001)


async def test_work_that_fails_is_done_again_and_harms_no_other():
    """Each has its own rounds."""
    rounds, reached = [0], threading.Event()

    def fails() -> None:
        rounds[0] += 1
        if rounds[0] == 3:
            reached.set()
        raise ValueError("this round")

    other = threading.Event()
    periodic = Periodic()
    periodic.add("fails", 0.001, fails)
    periodic.add("works", 60, other.set)
    async with periodic.running():
        await asyncio.to_thread(reached.wait, 30)
        await asyncio.to_thread(other.wait, 30)
    assert rounds[0] >= 3
    assert other.is_set()


@pytest.mark.parametrize(("every_s", "took_s", "share", "pause"), [(3, 0.03, 0.02, 3), (3, 0.1, 0.02, 5), (3, 9, 0.02, 20), (60, 9, 0.02, 60), (3, 0.1, 1, 3)])
def test_work_that_takes_long_is_done_less_often(every_s: float, took_s: float, share: float, pause: float) -> None:
    """So that it takes no more than its share, but not so seldom that nobody learns of anything, and no more often than it was asked for."""
    assert pause_s(every_s, took_s, share) == pytest.approx(pause)
