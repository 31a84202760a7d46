"""What people made of findings, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spyglass.facts.database import Facts
from spyglass.facts.findings import FindingMarks
from spyglass.facts.verdicts import FindingVerdicts, Subject, Verdict
from spyglass.model.errors import Conflict, Refused
from spyglass.testing.clock import ManualClock


@pytest.fixture
def opened(url: str) -> Iterator[Facts]:
    """An empty database."""
    facts = Facts.open(url)
    yield facts
    facts.close()


@pytest.fixture
def verdicts(opened: Facts) -> FindingVerdicts:
    """Of it."""
    return FindingVerdicts(opened, ManualClock(now_s=5))


def nothing() -> None:
    """Nobody is told."""


def say(verdicts: FindingVerdicts, *said: Verdict, first: int = 1) -> None:
    """One verdict on each of some tellings of the same finding."""
    for at, verdict in enumerate(said, first):
        verdicts.judge("p", Subject("ab", at, "anomaly", "duration_point", "planner"), verdict, "ann", "", nothing)


def test_each_telling_counts_once_and_the_weight_stays_within_bounds(verdicts: FindingVerdicts) -> None:
    """Said again of the same telling it is another verdict on that, not one more."""
    say(verdicts, "noise")
    say(verdicts, "noise")
    assert verdicts.of("p")["ab"].factor == 0.1
    say(verdicts, "useful")
    assert verdicts.of("p")["ab"].factor == 10
    say(verdicts, *["noise"] * 30, first=2)
    assert [(one.factor, one.agent, one.rule) for one in verdicts.heard()] == [(0.001, "planner", "duration_point")]
    say(verdicts, "useful", first=40)
    assert verdicts.of("p")["ab"].factor == 0.01
    assert verdicts.of("q") == {}


def test_forgetting_gives_the_usual_weight_back_and_each_step_stays(verdicts: FindingVerdicts, opened: Facts) -> None:
    """What has no verdict cannot be forgotten."""
    say(verdicts, "noise", "noise")
    verdicts.forget("p", "ab", "bob", "a new version", nothing)
    assert (verdicts.of("p"), verdicts.heard()) == ({}, [])
    with pytest.raises(Conflict):
        verdicts.forget("p", "ab", "bob", "", nothing)
    assert [step.action for step in FindingMarks(opened, ManualClock()).history("p", "ab")] == ["noise", "noise", "forget"]


def test_a_verdict_that_cannot_be_told_is_not_kept(verdicts: FindingVerdicts) -> None:
    """Nor is one taken back."""

    def refuse() -> None:
        raise Refused("not now")

    with pytest.raises(Refused):
        verdicts.judge("p", Subject("ab", 1, "anomaly", "duration_point", "planner"), "noise", "", "", refuse)
    assert verdicts.of("p") == {}
    say(verdicts, "noise")
    with pytest.raises(Refused):
        verdicts.forget("p", "ab", "", "", refuse)
    assert verdicts.of("p")["ab"].factor == 0.1
