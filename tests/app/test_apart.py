"""The road parts bodies where one is at fault, and answers a retry as it answered the first time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from spyglass.app.notes import note_of, read_note
from spyglass.app.road import Refinery, Road
from spyglass.decode.decoder import Decoded, Decoder
from spyglass.model.batch import Batch
from spyglass.model.body import Body, Outcome, Signal
from spyglass.model.clock import SystemClock
from spyglass.model.errors import InputError, Refused, SpyglassError
from spyglass.publish.log import DiskLog
from spyglass.refine.chain import Chain, Step
from spyglass.refine.dialect import Dialects
from spyglass.refine.normalise import Normaliser
from spyglass.telemetry.ledger import LossLedger

Make = Callable[[Callable[[Batch], Batch | None]], Road]


@pytest.fixture
def ledger() -> LossLedger:
    return LossLedger(SystemClock())


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DiskLog]:
    with DiskLog(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def normalise() -> Normaliser:
    return Normaliser(Dialects.load())


@pytest.fixture
def together() -> threading.Event:
    """The road begins its work when this is set; what is submitted before that travels together, but for the first body."""
    return threading.Event()


@pytest.fixture
def make(log: DiskLog, ledger: LossLedger, normalise: Normaliser, together: threading.Event) -> Iterator[Make]:
    roads = []

    def decode(signal: Signal, bodies: Sequence[Body], received_ns: int) -> Decoded:
        together.wait(10)
        return Decoder().decode(signal, bodies, received_ns)

    def road(redact: Callable[[Batch], Batch | None]) -> Road:
        refinery = Refinery(Chain([Step("redact", redact, required=True), Step("normalise", normalise)]), lambda _: None)
        made = Road(decode, refinery, log, lambda *_: None, SystemClock(), ledger)
        made.start()
        roads.append(made)
        return made

    yield road
    for made in roads:
        made.stop()


def refuses(name: str) -> Callable[[Batch], Batch]:
    """A stage that fails on batches with a span of this name."""

    def stage(batch: Batch) -> Batch:
        if name in batch.rows["name"].to_pylist():
            raise ValueError(name)
        return batch

    return stage


async def _bring(road: Road, together: threading.Event, bodies: list[Body]) -> list[Outcome | BaseException]:
    tasks = [asyncio.create_task(road.submit(body)) for body in bodies]
    await asyncio.sleep(0)
    together.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_one_body_at_fault_harms_no_neighbour(make: Make, body: Any, together: threading.Event, ledger: LossLedger) -> None:
    """Of a hundred that travel together, the one on which redaction fails is refused with its reason, and 99 are kept."""
    counted = ("spyglass_road_refused_bodies_total", {"signal": "traces", "reason": "redact_failed"})
    before = REGISTRY.get_sample_value(*counted) or 0
    bodies = [Body("traces", "protobuf", body({"id": number + 1, "name": "bad" if number == 37 else "good"}), "p", "10.0.0.1") for number in range(100)]
    outcomes = await _bring(make(refuses("bad")), together, bodies)
    assert [number for number, outcome in enumerate(outcomes) if isinstance(outcome, SpyglassError)] == [37]
    assert isinstance(outcomes[37], InputError)
    assert REGISTRY.get_sample_value(*counted) == before + 1
    lines = {line.source: line for line in ledger.lines("p")}
    assert (lines["flow"].accepted, lines["10.0.0.1"].refused) == (99, {"redact_failed": 1})


async def test_a_stage_that_always_fails_is_not_tried_on_every_body(make: Make, body: Any, together: threading.Event) -> None:
    """All are refused, and the road is free again soon; those that were not tried alone may come again."""
    calls = []

    def always(batch: Batch) -> Batch:
        calls.append(len(batch))
        raise ValueError

    bodies = [Body("traces", "protobuf", body({"id": number + 1})) for number in range(400)]
    outcomes = await _bring(make(always), together, bodies)
    assert {type(outcome) for outcome in outcomes} == {InputError, Refused}
    assert len(calls) < 300  # they travel in two groups, in each of which 50 are tried alone; it takes 800 to try all


async def test_a_retry_gets_the_partial_success_of_the_first_time(make: Make, body: Any, together: threading.Event, ledger: LossLedger) -> None:
    """One of two spans has no trace id; the body is told so as often as it comes, and its rows count once."""
    road = make(lambda batch: batch)
    together.set()
    data = body({"id": 1}, {"id": 2, "trace": b""})
    first, again = [await road.submit(Body("traces", "protobuf", data, "p")) for _ in range(2)]
    assert (first.accepted, first.rejected) == (1, 1)
    assert (again.accepted, again.rejected, again.message) == (0, 1, first.message)
    [line] = ledger.lines("p")
    assert (line.source, line.received, line.accepted, sum(line.rejected.values())) == ("flow", 2, 1, 1)


def test_a_note_fits_behind_a_key() -> None:
    """Whatever the message; nothing is noted of a body that was kept whole."""
    long = Outcome(1, 3, "é" * 500)
    assert len(note_of(long)) <= 239
    assert read_note(note_of(long)).message.startswith("éé")
    assert (note_of(Outcome(5)), read_note(b"")) == (b"", Outcome(0))
