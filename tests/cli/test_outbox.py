"""What a watch tells reaches the server, or is counted as lost."""

from __future__ import annotations

import queue
import random
import threading

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from spyglass.cli.otlp import Sender
from spyglass.cli.outbox import Outbox
from spyglass.collect.otlp import Scope
from spyglass.model.told import Event, Told


def outbox(answer: httpx.Response) -> Outbox:
    """One whose server always answers so."""
    return Outbox(Sender("http://server", transport=httpx.MockTransport(lambda _: answer)), Scope("s", "1"))


def telling(count: int) -> Told:
    return Told({}, [Event(f"e{number}", 1) for number in range(count)])


def test_what_is_taken_is_counted() -> None:
    """Nothing is lost."""
    box = outbox(httpx.Response(200))
    box.put(telling(3))
    assert (box.close(10), dict(box.lost), box.problem) == (3, {}, "")


def test_what_is_not_taken_is_lost_and_said() -> None:
    """All of it, whenever it was given: a wrong key, for example."""
    box = outbox(httpx.Response(401, json={"message": "wrong key"}))
    box.put(telling(3))
    box.put(telling(2))
    assert (box.close(10), dict(box.lost)) == (0, {"not_delivered": 5})
    assert "wrong key" in box.problem


def test_what_the_server_rejects_is_lost_and_said() -> None:
    """A record that it cannot keep."""
    box = outbox(httpx.Response(400, json={"message": "no"}))
    box.put(telling(1))
    assert (box.close(10), dict(box.lost), box.problem) == (0, {"rejected": 1}, "no")


def test_what_waits_long_takes_little_room() -> None:
    """What a server takes only later arrives whole and in order, though it is more than there is room for."""
    may, came = threading.Event(), list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        may.wait(30)
        for told in ExportLogsServiceRequest.FromString(request.content).resource_logs:
            came.extend(record.event_name for record in told.scope_logs[0].log_records)
        return httpx.Response(200)

    box = Outbox(Sender("http://server", transport=httpx.MockTransport(answer)), Scope("s", "1"), 200_000)
    for number in range(40):
        box.put(Told({}, [Event(f"e{number}", 1, {"text": "a boat " * 2000})]))
    may.set()
    assert (box.close(60), dict(box.lost)) == (40, {})
    assert came == [f"e{number}" for number in range(40)]


def test_what_there_is_no_room_for_is_counted() -> None:
    """While a server thinks about what it got, no more is kept than the bound says, however little it can be compressed."""
    asked, may = threading.Event(), threading.Event()

    def answer(_: httpx.Request) -> httpx.Response:
        asked.set()
        return httpx.Response(200 if may.wait(30) else 500)

    box = Outbox(Sender("http://server", transport=httpx.MockTransport(answer)), Scope("s", "1"), 300_000)
    noise = random.Random(1).randbytes(30_000)
    box.put(telling(1))
    assert asked.wait(30)
    for _ in range(15):
        box.put(Told({}, [Event("e", 1, {"bytes": noise})]))
    may.set()
    assert (box.close(60), dict(box.lost)) == (1 + 9, {"no_room": 6})


def test_what_comes_without_end_goes_together() -> None:
    """The first record after a pause goes alone and soon, those that follow it wait for each other; all arrive."""
    came: queue.SimpleQueue[int] = queue.SimpleQueue()

    def answer(request: httpx.Request) -> httpx.Response:
        told = ExportLogsServiceRequest.FromString(request.content).resource_logs
        came.put(sum(len(each.scope_logs[0].log_records) for each in told))
        return httpx.Response(200)

    box = Outbox(Sender("http://server", transport=httpx.MockTransport(answer)), Scope("s", "1"), every_s=600)
    box.put(telling(1))
    assert came.get(timeout=60) == 1
    box.put(telling(2))
    with pytest.raises(queue.Empty):
        came.get(timeout=0.5)
    box.put(telling(3))
    assert (box.close(60), came.get(timeout=60), came.empty()) == (6, 5, True)
