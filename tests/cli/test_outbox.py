"""What a watch tells reaches the server, or is counted as lost."""

from __future__ import annotations

import httpx

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
