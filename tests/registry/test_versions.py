"""Promises about versions: what was seen is one of them, and one that comes back is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.model.sighting import Sighting
from spyglass.registry.versions import Agent, declare, is_lower, observe

MINUTE_NS = 60 * 10**9  # after which a version has taken over


def run(at: int, declared: str = "", prompt: str = "", **more: Any) -> Sighting:
    """In such a minute."""
    told = {"environment": "prod", "service": "web", "trace_id": f"{at:032x}", "span_id": "1" * 16, "prompts": (prompt,) if prompt else ()}
    return Sighting("p", "a", declared=declared, start_ns=at * MINUTE_NS, **(told | more))


def told(agent: Agent) -> list[tuple[int, str, int, int]]:
    return [(one.number, one.declared, one.first_ns // MINUTE_NS, one.last_ns // MINUTE_NS) for one in agent.versions]


def events(agent: Agent) -> list[str]:
    return [event.name.removeprefix("agent.version.") for event in agent.events]


def test_another_prompt_or_name_is_another_version() -> None:
    """The same again is not."""
    agent = Agent()
    observe(agent, [run(1, "1", "x"), run(2, "1", "x"), run(3, "1", "y"), run(4, "2", "y")])
    assert told(agent) == [(1, "1", 1, 2), (2, "1", 3, 3), (3, "2", 4, 4)]
    assert events(agent) == ["observed"] * 2  # the first is no news


def test_what_is_not_told_belongs_to_what_it_agrees_with() -> None:
    """A call without the version, a run without content; nothing at all is no version."""
    agent = Agent()
    observe(agent, [run(1, "1", "x"), run(2, "", "x"), run(3, "1"), run(4)])
    assert told(agent) == [(1, "1", 1, 3)]


def test_what_is_told_later_completes_it() -> None:
    """A run that told its version before its first call; a call of a trace whose run told it at its end; a version that was declared."""
    agent = Agent()
    observe(agent, [run(1, "1")])
    observe(agent, [run(1, "1", "x")])
    observe(agent, [run(5, "", "y")])
    observe(agent, [run(5, "2", "y")])
    assert told(agent) == [(1, "1", 1, 1), (2, "2", 5, 5)]
    declare(agent, "p", "a", "3", 7 * MINUTE_NS)
    observe(agent, [run(8, "3", "z")])
    assert told(agent)[2] == (3, "3", 7, 8)
    assert events(agent) == ["observed"] * 2


def test_a_version_without_a_name_keeps_its_history() -> None:
    """When another run gives the same prompt a name, that is another version."""
    agent = Agent()
    observe(agent, [run(1, "", "x"), run(9, "1", "x")])
    assert told(agent) == [(1, "", 1, 1), (2, "1", 9, 9)]


@pytest.mark.parametrize(
    ("first", "then", "back"),
    [
        (("2", "x"), ("1", "y"), True),
        (("1", "x"), ("2", "y"), False),
        (("1.10", "x"), ("1.9", "x"), True),
        (("blue", "x"), ("green", "y"), False),
    ],
)
def test_a_version_that_goes_backwards_is_told(first: tuple[str, str], then: tuple[str, str], back: bool) -> None:
    """By names where they are numbers."""
    agent = Agent()
    observe(agent, [run(1, *first), run(2, *then)])
    assert events(agent) == ["regressed" if back else "observed"]


def test_an_older_fingerprint_after_a_newer_one_is_told() -> None:
    """Once, each time that it comes back; in another environment it is none."""
    agent = Agent()
    observe(agent, [run(1, "", "x"), run(2, "", "y"), run(3, "", "x"), run(4, "", "x"), run(5, "", "x", environment="staging")])
    assert events(agent) == ["observed", "regressed"]
    observe(agent, [run(6, "", "y"), run(7, "", "x")])
    assert events(agent)[2:] == ["regressed"]


def test_agents_that_change_between_two_versions_tell_nothing() -> None:
    """Both are in use: there is nothing new, and nothing comes back."""
    agent = Agent()
    observe(agent, [replace(run(0, "", "xy"[at % 2]), start_ns=at * MINUTE_NS // 3) for at in range(40)])
    assert events(agent) == []


def test_what_comes_hours_late_is_no_step_back() -> None:
    """It was before, and is kept as that."""
    agent = Agent()
    observe(agent, [run(1_000, "1", "x"), run(2_000, "2", "y")])
    observe(agent, [run(1_500, "1", "x"), run(500, "1", "x")])
    assert events(agent) == ["observed"]
    assert told(agent)[0] == (1, "1", 500, 1_500)


@given(st.permutations(range(8)), st.integers(1, 8))
def test_seeing_it_in_any_order_and_again_comes_to_the_same(order: list[int], size: int) -> None:
    """Names, first and last of what is fully told."""
    runs = [run(10 * at, str(at // 3), f"prompt {at // 2}") for at in range(8)]
    agent = Agent()
    shuffled = [runs[at] for at in order]
    for first in range(0, 8, size):
        observe(agent, shuffled[first : first + size])
    observe(agent, runs)
    found = sorted((declared, first, last) for _, declared, first, last in told(agent))
    assert found == [("0", 0, 10), ("0", 20, 20), ("1", 30, 30), ("1", 40, 50), ("2", 60, 70)]


def test_names_that_are_no_numbers_have_no_order() -> None:
    """Neither comes before the other."""
    assert [is_lower(*pair) for pair in (("1", "2"), ("v2", "1.9"), ("a", "b"), ("1-rc", "1"))] == [True, False, None, None]
