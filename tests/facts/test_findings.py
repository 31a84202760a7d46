"""What people do about findings, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spyglass.facts.database import Facts
from spyglass.facts.findings import FindingMarks, Mitigation
from spyglass.model.errors import Conflict, Refused
from spyglass.testing.clock import ManualClock


@pytest.fixture
def marks(url: str) -> Iterator[FindingMarks]:
    """In an empty database."""
    opened = Facts.open(url)
    yield FindingMarks(opened, ManualClock(now_s=5))
    opened.close()


def nothing() -> None:
    """Nobody is told."""


def test_a_finding_is_mitigated_and_reopened_and_each_step_stays(marks: FindingMarks) -> None:
    """In its project; what is not mitigated cannot be reopened."""
    marks.mitigate("p", "ab", "ann", "rotated the key", nothing)
    marks.mitigate("p", "ab", "bob", "and again", nothing)
    assert marks.of("p") == {"ab": Mitigation("bob", "and again", 5_000_000_000)}
    assert marks.of("q") == {}
    marks.reopen("p", "ab", "ann", "it came back", nothing)
    assert marks.of("p") == {}
    with pytest.raises(Conflict):
        marks.reopen("p", "ab", "ann", "", nothing)
    assert [(step.action, step.who) for step in marks.history("p", "ab")] == [("mitigate", "ann"), ("mitigate", "bob"), ("reopen", "ann")]


def test_a_mitigation_that_cannot_be_told_is_not_made(marks: FindingMarks) -> None:
    """Nor is one taken back."""

    def refuse() -> None:
        raise Refused("not now")

    with pytest.raises(Refused):
        marks.mitigate("p", "ab", "ann", "", refuse)
    assert (marks.of("p"), marks.history("p", "ab")) == ({}, [])
    marks.mitigate("p", "ab", "ann", "", nothing)
    with pytest.raises(Refused):
        marks.reopen("p", "ab", "ann", "", refuse)
    assert (list(marks.of("p")), len(marks.history("p", "ab"))) == (["ab"], 1)
