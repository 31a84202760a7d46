"""Promises about registered agents, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spyglass.facts import agents as module
from spyglass.facts.agents import Declaration, DeclaredAgents, Registration
from spyglass.facts.cursors import Cursors
from spyglass.facts.database import Facts
from spyglass.model.errors import InputError
from spyglass.testing.clock import ManualClock


@pytest.fixture
def facts(url: str) -> Iterator[Facts]:
    """An empty database."""
    opened = Facts.open(url)
    yield opened
    opened.close()


@pytest.fixture
def agents(facts: Facts) -> DeclaredAgents:
    """Nobody registered yet."""
    return DeclaredAgents(facts, ManualClock())


def said(name: str, at_ns: int = 1, project: str = "p", **more: str) -> Registration:
    return Registration(project, Declaration(name, **more, body={"tags": ["x"]}), at_ns)


def test_saying_the_same_again_changes_nothing(agents: DeclaredAgents) -> None:
    """Only what is new does."""
    assert agents.register([said("a", owner="o"), said("b")]) == [True, True]
    before = agents.one("p", "a")
    assert agents.register([said("a", 2, owner="o"), said("b", 2, owner="new")]) == [False, True]
    assert agents.one("p", "a") == before
    assert {name: one.owner for name, one in agents.brief("p").items()} == {"a": "o", "b": "new"}


def test_what_another_server_changed_is_listed(facts: Facts) -> None:
    """Though what was read before is kept."""
    here, there = DeclaredAgents(facts, ManualClock()), DeclaredAgents(facts, ManualClock(1_001.0))
    here.register([said("a", owner="o"), said("b")])
    assert here.brief("p") is here.brief("p")
    there.register([said("b", 2, owner="new")])
    assert {name: one.owner for name, one in here.brief("p").items()} == {"a": "o", "b": "new"}
    there.register([said("c")])
    assert (set(here.brief("p")), set(there.brief("p")), dict(here.brief("q"))) == ({"a", "b", "c"}, {"a", "b", "c"}, {})


def test_what_was_said_earlier_says_nothing_any_more(agents: DeclaredAgents) -> None:
    """Events come in any order."""
    agents.register([said("a", 5, owner="now")])
    assert agents.register([said("a", 4, owner="before")]) == [False]
    assert [one.declaration.owner for one in agents.some("p", ["a", "z"]).values()] == ["now"]


def test_a_name_may_have_anything_in_it(agents: DeclaredAgents) -> None:
    """It may come from telemetry, and PostgreSQL itself has no text with a zero byte."""
    for owner, changed in (("", [True, True]), ("", [False, False]), ("o\0", [True, False])):
        assert agents.register([said("a\0b", agent_id="\0", owner=owner), said("c")]) == changed
    assert (agents.names("p"), agents.carriers("p", "\0")) == (["a\0b", "c"], ["a\0b"])
    assert [one.declaration.owner for one in agents.some("p", ["a\0b"]).values()] == ["o\0"]


def test_an_id_leads_to_all_who_carry_it(agents: DeclaredAgents) -> None:
    """In their project."""
    agents.register([said("b", agent_id="1"), said("a", agent_id="1"), said("c", agent_id="2"), said("d", agent_id="1", project="q")])
    assert (agents.carriers("p", "1"), agents.carriers("q", "1"), agents.carriers("p", "3")) == (["a", "b"], ["d"], [])
    assert agents.names("p") == ["a", "b", "c"]


def test_there_are_not_too_many(agents: DeclaredAgents, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of a request are kept, or none."""
    monkeypatch.setattr(module, "MOST_AGENTS", 2)
    agents.register([said("a"), said("b")])
    with pytest.raises(InputError, match="at most 2"):
        agents.register([said("a", 2, owner="o"), said("c", 2)])
    assert [one.owner for one in agents.brief("p").values()] == ["", ""]


def test_a_cursor_stays_where_it_was_moved(facts: Facts) -> None:
    """Over restarts."""
    cursors = Cursors(facts)
    assert cursors.get("runs") == 0
    cursors.move("runs", 2**62)
    cursors.move("runs", 2**62 + 1)
    assert (Cursors(facts).get("runs"), cursors.get("other")) == (2**62 + 1, 0)
