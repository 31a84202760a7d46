"""What people say of health, and workflows they declare, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spyglass.facts.database import Facts
from spyglass.facts.health_marks import ALL, HealthMarks, Mark
from spyglass.facts.workflows import DeclaredWorkflows
from spyglass.model.errors import Conflict, NotFound, Refused
from spyglass.testing.clock import ManualClock


@pytest.fixture
def facts(url: str) -> Iterator[Facts]:
    """An empty database."""
    opened = Facts.open(url)
    yield opened
    opened.close()


def nothing() -> None:
    """Nobody is told."""


def test_marks_are_of_an_agent_or_of_all(facts: Facts) -> None:
    """The later baseline counts; what is said of the agent itself comes first."""
    marks = HealthMarks(facts, ManualClock())
    marks.put("p", "baseline", Mark(ALL, 5, 0, ""), nothing)
    marks.put("p", "baseline", Mark("ada", 9, 0, ""), nothing)
    marks.put("p", "baseline", Mark("ada", 7, 0, "again"), nothing)
    marks.put("p", "known", Mark("ada", 1, 100, "on it"), nothing)
    marks.put("p", "known", Mark(ALL, 1, 0, "holidays"), nothing)
    found = marks.of("p")
    assert [found.since_ns(agent) for agent in ("ada", "bob")] == [7, 5]
    assert [getattr(found.known_of("ada", at), "note", None) for at in (50, 100)] == ["on it", "holidays"]
    assert marks.of("other").known == {}


def test_marks_are_cleared(facts: Facts) -> None:
    """Of one agent, or all; baselines stay."""
    marks = HealthMarks(facts, ManualClock())
    for agent in ("ada", "bob", ALL):
        marks.put("p", "known", Mark(agent, 1, 0, ""), nothing)
    marks.put("p", "baseline", Mark("ada", 9, 0, ""), nothing)
    assert marks.clear("p", "known", "ada", nothing) == 1
    assert marks.clear("p", "known", ALL, nothing) == 2
    assert (marks.of("p").known, len(marks.of("p").baseline)) == ({}, 1)


def test_what_cannot_be_told_is_not_done(facts: Facts) -> None:
    """An audit that is refused undoes the change."""
    marks = HealthMarks(facts, ManualClock())
    marks.put("p", "known", Mark("bob", 1, 0, ""), nothing)

    def refuse() -> None:
        raise Refused("not now")

    with pytest.raises(Refused):
        marks.put("p", "known", Mark("ada", 1, 0, ""), refuse)
    with pytest.raises(Refused):
        marks.clear("p", "known", ALL, refuse)
    assert list(marks.of("p").known) == ["bob"]


def test_a_workflow_is_declared_and_changed(facts: Facts) -> None:
    """Saying the same again changes nothing; of two who saw the same version, the second is told."""
    declared = DeclaredWorkflows(facts, ManualClock())
    one = declared.declare("p", "report", {"steps": ["a"]}, None)
    assert declared.declare("p", "report", {"steps": ["a"]}, None) == one
    assert declared.declare("p", "report", {"steps": ["b"]}, 1).version == 2
    with pytest.raises(Conflict) as told:
        declared.declare("p", "report", {"steps": ["c"]}, 1)
    assert told.value.details == {"version": 2}
    assert [found.body for found in declared.all("p")] == [{"steps": ["b"]}]
    declared.remove("p", "report")
    assert declared.one("p", "report") is None
    for act in (lambda: declared.remove("p", "report"), lambda: declared.declare("p", "report", {}, 2)):
        with pytest.raises((NotFound, Conflict)):
            act()
