"""Promises about who is suspected: silence against the own rhythm, never while waiting, never for what is our fault; told once, and taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from spyglass.model.batch import Batch
from spyglass.model.errors import Refused
from spyglass.model.schema import Kind
from spyglass.model.told import Event
from spyglass.registry.pulse import Known, Pulse
from spyglass.testing.clock import ManualClock
from spyglass.testing.rows import events, spans

HEARD = "spyglass.execution.heard_ns"


@dataclass
class Watched:
    """A pulse, its clock, and what it told."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(1_000.0))
    told: list[Event] = field(default_factory=list)
    stands: dict[str, str] = field(default_factory=dict)
    before: list[Known] = field(default_factory=list)
    refuse: bool = False
    most: int = 100
    pulse: Pulse = field(init=False)

    def __post_init__(self) -> None:
        self.pulse = Pulse(self.announce, self.clock, lambda _: self.before, lambda _, ids: self.stand(ids), abandoned_after_s=3600, most=self.most)

    def announce(self, project: str, told: Sequence[Event]) -> None:
        """As the server would."""
        if self.refuse:
            raise Refused("not now", retry_after_s=1)
        assert project == "default"
        self.told += told

    def stand(self, ids: Sequence[str]) -> dict[str, str]:
        """What the store knows."""
        return {one: self.stands[one] for one in ids if one in self.stands}

    def tell(self, name: str, *runs: str, trace: bytes = bytes(16), **attributes: str) -> None:
        """An event of some runs arrives now."""
        keys = [(key.replace("__", "."), value) for key, value in attributes.items()]
        now_ns = self.clock.now_ns()
        self.pulse.take(
            Batch(
                Kind.EVENT,
                events(
                    len(runs), event_name=f"execution.{name}", execution_id=list(runs), time=now_ns, received=now_ns, attributes=[keys] * len(runs),
                    attribute_types="s" * len(keys), trace_id=trace,
                ),
            )
        )  # fmt: skip

    def show(self, *pending: bool, kind: str = "agent", trace: bytes = b"t" * 16, **attributes: str) -> str:
        """Spans of one trace arrive now; gives the id of the first."""
        keys = [(key.replace("__", "."), value) for key, value in attributes.items()]
        now_ns, n = self.clock.now_ns(), len(pending)
        rows = spans(n, kind=kind, pending=list(pending), received=now_ns, trace_id=trace, attributes=[keys] * n, attribute_types="s" * len(keys))
        self.pulse.take(Batch(Kind.SPAN, rows))
        return f"{trace.hex()}-{rows['span_id'][0].as_py().hex()}"

    def pass_(self, seconds: float, each: float = 1.0) -> list[str]:
        """Time goes on, and it is looked every second; gives what was told in it."""
        before = len(self.told)
        for _ in range(round(seconds / each)):
            self.clock.now_s += each
            self.pulse.judge()
        return self.names()[before:]

    def names(self) -> list[str]:
        """What was told."""
        return [f"{event.name.removeprefix('execution.')} {event.attributes['spyglass.execution.id']}" for event in self.told]

    def beat(self, runs: Iterable[str], times: int, every: float = 10.0) -> list[str]:
        """All of them beat."""
        before = len(self.told)
        for _ in range(times):
            self.pass_(every)
            self.tell("heartbeat", *runs)
        return self.names()[before:]


def test_a_beat_that_stops_is_told_within_three() -> None:
    """Once, with when it was heard last; that it is back, too."""
    seen = Watched()
    seen.tell("start", "run")
    assert seen.beat(["run"], 10) == []
    heard_ns = seen.clock.now_ns()
    assert seen.pass_(29) == ["stalled run"]
    assert seen.pass_(100) == []
    assert seen.told[0].attributes[HEARD] == heard_ns
    assert 25e9 < seen.told[0].time_ns - heard_ns < 30e9
    seen.tell("heartbeat", "run")
    assert seen.names() == ["stalled run", "resumed run"]


def test_a_verdict_is_no_sign_of_life() -> None:
    """It comes back over the bus like everything."""
    seen = Watched()
    seen.beat(["run"], 5)
    seen.pass_(30)
    seen.tell("stalled", "run", spyglass__execution__heard_ns="5")
    assert seen.names() == ["stalled run"]


def test_long_silence_is_given_up() -> None:
    """After the setting; whoever comes back is back."""
    seen = Watched()
    seen.beat(["run"], 5)
    assert seen.pass_(3650, each=2) == ["stalled run", "abandoned run"]
    seen.tell("step", "run")
    assert seen.names()[-1] == "resumed run"


def test_who_waits_is_not_suspected() -> None:
    """Until it goes on."""
    seen = Watched()
    seen.beat(["run"], 5)
    seen.tell("waiting", "run", spyglass__execution__waiting_for="approval")
    assert seen.pass_(20_000, each=2) == []
    seen.clock.now_s += 1
    seen.tell("resumed", "run")
    assert seen.pass_(30) == ["stalled run"]


def test_an_end_is_the_end() -> None:
    """Also when something of the run arrives after it, or the store alone knows of it."""
    seen = Watched(stands={"elsewhere": "succeeded"})
    seen.beat(["run", "elsewhere"], 5)
    seen.tell("end", "run")
    seen.tell("heartbeat", "run")
    assert seen.pass_(100) == []
    assert len(seen.pulse) == 0


def test_work_without_beats_is_given_time() -> None:
    """What its trace tells are its signs."""
    seen = Watched()
    run = seen.show(True)
    for _ in range(20):
        assert seen.pass_(30) == []
        seen.show(False, False, kind="llm")
    assert seen.pass_(300) == []
    assert seen.pass_(8 * 3600, each=2)[0] == f"stalled {run}"


def test_announcements_of_spans_are_beats() -> None:
    """From the second one on, or when they say how often they come."""
    seen = Watched()
    run = seen.show(True, spyglass__heartbeat="1", spyglass__heartbeat__interval_s="10")
    assert seen.pass_(24) == []
    assert seen.pass_(5) == [f"stalled {run}"]


def test_what_arrives_while_the_store_is_asked_counts() -> None:
    """It was suspected, and is heard before that is told."""
    seen = Watched()
    seen.beat(["run"], 10)
    asked = seen.stand

    def stand(ids: Sequence[str]) -> dict[str, str]:
        seen.tell("heartbeat", "run")
        return asked(ids)

    seen.stand = stand  # type: ignore[method-assign]
    assert seen.pass_(30) == []


def test_when_nobody_is_heard_nobody_is_suspected() -> None:
    """For five minutes; when they are heard again, the pause did not happen."""
    runs = [f"run-{number}" for number in range(6)]
    seen = Watched()
    seen.beat(runs, 10)
    assert seen.pass_(200) == []
    seen.tell("heartbeat", runs[0])
    assert seen.pass_(8) == []
    assert seen.beat(runs, 3) == []
    told = seen.pass_(400)
    assert sorted(told) == sorted(f"stalled {run}" for run in runs)


def test_one_of_many_is_found_while_the_others_beat() -> None:
    """Its silence is its own."""
    runs = [f"run-{number}" for number in range(6)]
    seen = Watched()
    seen.beat(runs, 10)
    assert seen.beat(runs[1:], 4) == ["stalled run-0"]


def test_a_process_that_slept_suspects_nobody() -> None:
    """An hour in which nothing was looked at."""
    seen = Watched()
    seen.beat(["run"], 10)
    seen.clock.now_s += 3600
    seen.pulse.judge()
    assert seen.names() == []
    assert seen.pass_(30) == ["stalled run"]


def test_lost_deliveries_are_no_silence() -> None:
    """They may have been anybody's."""
    seen = Watched()
    seen.beat(["run"], 10)
    seen.pass_(20)
    seen.pulse.take(Batch(Kind.EVENT, events(0)), lost=100)
    assert seen.pass_(20) == []


def known(run: str, status: str = "running", heard_ns: int = 5, every_s: float = 0.0) -> Known:
    """As the store has it."""
    return Known("default", run, "planner", "travel", bytes(16), bytes(8), heard_ns, status, every_s)


def test_a_restart_is_no_silence() -> None:
    """Runs are taken up where they stood, and have their time again."""
    seen = Watched(before=[known("a"), known("b", "stalled"), known("c", "waiting")])
    seen.pulse.judge()
    assert len(seen.pulse) == 3
    assert seen.pass_(300) == []
    seen.tell("heartbeat", "b")
    assert seen.names() == ["resumed b"]
    assert not any(told.endswith(" c") for told in seen.pass_(9 * 3600, each=2))


def test_who_beat_before_a_restart_and_not_after_it_is_suspected() -> None:
    """Once senders have had time to find us again; who comes back is not, and who never beat has the time that it had."""
    seen = Watched(before=[known("gone", every_s=1), known("back", every_s=1), known("plain")])
    seen.pulse.judge()
    assert seen.pass_(40) == []
    assert seen.beat(["back"], 60, every=1) == ["stalled gone"]


def test_refused_announcements_are_told_later() -> None:
    """With the same words."""
    seen = Watched(refuse=True)
    seen.beat(["run"], 5)
    heard_ns = seen.clock.now_ns()
    assert seen.pass_(60) == []
    seen.refuse = False
    assert seen.pass_(1) == ["stalled run"]
    assert seen.told[0].time_ns - heard_ns < 30e9


def test_a_flood_of_runs_is_bounded() -> None:
    """Those that were silent longest are let go."""
    seen = Watched(most=100)
    for number in range(30):
        seen.tell("start", *[f"run-{number}-{one}" for one in range(10)])
    assert len(seen.pulse) == 100
    assert seen.beat([f"run-29-{one}" for one in range(10)], 3) == []
    assert len(seen.pulse) == 100


@pytest.mark.parametrize("batch", [Batch(Kind.SPAN, spans(0)), Batch(Kind.EVENT, events(0)), Batch(Kind.EVENT, events(8, execution_id=""))])
def test_what_tells_of_no_run_is_nothing(batch: Any) -> None:
    """Empty batches, and plain log records."""
    seen = Watched()
    seen.pulse.take(batch)
    assert len(seen.pulse) == 0
