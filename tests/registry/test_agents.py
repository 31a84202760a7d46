"""Promises about what agents say of themselves."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import pytest

from spyglass.facts.agents import Declaration
from spyglass.model.errors import InputError
from spyglass.registry.agents import RegistrationEvent, attributes_of, checked, from_event, nearest


def event(agent: str = "planner", agent_id: str = "p-1", **attributes: Any) -> RegistrationEvent:
    return RegistrationEvent("p", 1, agent, agent_id, "2", "gpt-5", "prod", {f"spyglass.agent.{name}": value for name, value in attributes.items()})


def test_an_event_says_what_a_request_says() -> None:
    """Lists are lists however they are told, and what has no place is metadata."""
    told = from_event(event(type="t", owner="o", tools=["a", "b"], tags="x, y", capabilities='["plan"]', region="eu"))
    body = {"capabilities": ["plan"], "tools": ["a", "b"], "tags": ["x", "y"], "metadata": {"region": "eu"}}
    assert told == Declaration("planner", "p-1", "t", "o", "prod", "2", "gpt-5", body)


def test_what_is_said_comes_back_as_it_was() -> None:
    """As an event, and read again."""
    told = Declaration("a", "1", "t", "o", "prod", "2", "m", {"tags": ["x"], "description": "plans", "metadata": {"region": "eu"}})
    own = {name.removeprefix("spyglass.agent."): value for name, value in attributes_of(told).items() if name.startswith("spyglass.agent.")}
    assert from_event(RegistrationEvent("p", 1, "a", "1", "2", "m", "", {f"spyglass.agent.{name}": value for name, value in own.items()})) == told


def test_nobody_and_too_much_are_no_trouble() -> None:
    """An event has no sender who could be told; a request has."""
    assert from_event(event("", "")) is None
    big = from_event(event("n" * 300, notes="x" * 70_000))
    assert big is not None
    assert (len(big.name), big.body) == (256, {})
    with pytest.raises(InputError, match="at most 65536"):
        checked(Declaration("a", body={"metadata": {"x": "y" * 70_000}}))


@pytest.mark.parametrize(("name", "found"), [("plannr", ["planner"]), ("PLANNER", ["planner"]), ("plan", ["planner"]), ("zzz", [])])
def test_the_nearest_names_are_told(name: str, found: list[str]) -> None:
    """What somebody may have meant."""
    assert nearest(name, ["writer", "planner", "critic"]) == found


@pytest.mark.parametrize("name", ["agnt-1742", "AGENTS-99", "wrker-31"])
def test_the_nearest_of_thousands_are_those_of_a_look_at_each(name: str) -> None:
    """Most need not be compared: they share too few letters with it."""
    known = [f"agent-{at}" for at in range(3_000)] + [f"worker-{at}" for at in range(100)]
    assert nearest(name, known)[0] == get_close_matches(name.casefold(), known, 1)[0]
