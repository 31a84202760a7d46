"""The demo that the server tells itself: one at a time, on the road of all other telemetry, and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from spyglass.app.demo import SENDER, Demo
from spyglass.model.body import Body, Outcome
from spyglass.model.errors import Conflict, Refused, StoreError
from spyglass.receive.ledger import Ledger
from spyglass.testing.clock import ManualClock


class Sink:
    """Takes bodies as `answers` says, the last answer for all that follow."""

    def __init__(self, *answers: Outcome | Exception) -> None:
        self.answers = list(answers) or [Outcome(5)]
        self.bodies: list[Body] = []

    async def submit(self, body: Body) -> Outcome:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        self.bodies.append(body)
        return answer


def demo(sink: Any) -> tuple[Demo, Ledger]:
    """A demo and what counts it."""
    ledger = Ledger()
    return Demo(sink, ledger, ManualClock(1_795_000_000.0)), ledger


async def told(one: Demo, live_s: float = 0) -> Any:
    """What it comes to, asked for two minutes of the past."""
    async with one.running():
        one.start("trial", 120, live_s)
        async with asyncio.timeout(60):
            while one.state().phase in {"past", "live"}:  # type: ignore[union-attr]
                await asyncio.sleep(0.01)
    return one.state()


async def test_the_past_goes_the_road_and_is_counted() -> None:
    """As protobuf, into the project that was asked for; the ledger has a row of it."""
    sink = Sink(Outcome(5, 1))
    one, ledger = demo(sink)
    state = await told(one)
    assert {(body.project, body.encoding, body.transport) for body in sink.bodies} == {("trial", "protobuf", SENDER)}
    assert {body.signal for body in sink.bodies} == {"traces", "logs", "metrics"}
    (row,) = ledger.rows()
    assert (row.client, row.project, row.requests, row.rejected_rows) == (SENDER, "trial", len(sink.bodies), len(sink.bodies))
    assert (state.phase, state.rejected, state.records.total()) == ("ended", len(sink.bodies), row.accepted_rows)


async def test_a_second_one_waits_for_the_end_of_the_first() -> None:
    """And is refused until then, with the way to stop it; after that another can begin."""
    one, _ = demo(Sink())
    async with one.running():
        one.start("trial", 120, 1e6)
        with pytest.raises(Conflict, match="project trial"):
            one.start("other", 120, 0)
        one.stop()
        while one.state().phase != "stopped":  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
        assert one.start("other", 120, 0).phase == "past"


async def test_the_end_of_the_server_ends_it() -> None:
    """Without a word in any log."""
    one, _ = demo(Sink())
    async with one.running():
        one.start("trial", 120, 1e6)
    assert one.state().phase == "stopped"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sink", "phase"), [(lambda: Sink(Refused("full", retry_after_s=0.01), Outcome(5)), "ended"), (lambda: Sink(StoreError("no disk")), "failed")]
)
async def test_a_busy_road_is_asked_again_and_a_broken_one_is_told(sink: Callable[[], Sink], phase: str) -> None:
    """The demo fails; the server does not."""
    one, _ = demo(sink())
    state = await told(one)
    assert (state.phase, state.problem) == (phase, "" if phase == "ended" else "no disk")
