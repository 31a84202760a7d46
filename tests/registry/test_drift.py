"""Promises about drift: only what is declared and seen is compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from spyglass.model.sighting import Sighting
from spyglass.registry.drift import differences

SEEN = Sighting(
    *("p", "a", "prod", "web", "", 1, "t", "s"),
    prompts=("Be kind to Ann.", "Be brief."),
    tools=({"name": "find"},),
    model="m",
    settings={"temperature": 0.2},
    configuration="3",
)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prompt": "Be brief."},
        {"prompt": "Be kind to {name}."},
        {"system_prompt": "Be kind to {{ user.name }}.\n\nBe brief.\n"},
        {"model": "m", "temperature": 0.2, "top_p": 1},
        {"settings": {"temperature": 0.2, "seed": 3}, "tools": ["find"]},
        {"tools": [{"type": "function", "function": {"name": "find"}}], "anything": [1]},
        {"prompt": {"template": "x"}, "model": ["m"], "tools": "find", "settings": 3},
    ],
)
def test_a_run_as_deployed_does_not_differ(body: dict[str, Any]) -> None:
    """What it does not show is not held against it."""
    assert differences(3, body, SEEN) == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"prompt": "Be kind"}, "prompt"),
        ({"prompt": "Be rude to {name}."}, "prompt"),
        ({"model": "n"}, "model"),
        ({"temperature": 1}, "settings.temperature"),
        ({"settings": {"temperature": 1}}, "settings.temperature"),
        ({"tools": ["find", "go"]}, "tools"),
    ],
)
def test_what_differs_is_named(body: dict[str, Any], what: str) -> None:
    """One thing at a time, and no text of a prompt."""
    (one,) = differences(3, body, SEEN)
    assert one["what"] == what
    assert "kind" not in str(one)


@pytest.mark.parametrize("stamped", ["2", "default"])
def test_another_configuration_differs(stamped: str) -> None:
    """Whatever the run shows."""
    assert differences(3, {}, replace(SEEN, configuration=stamped)) == [{"what": "configuration", "declared": "3", "observed": stamped}]


def test_a_run_that_shows_nothing_does_not_differ() -> None:
    """Content may be off."""
    bare = Sighting("p", "a", "prod", "web", "", 1, "t", "s")
    assert differences(3, {"prompt": "x", "model": "m", "tools": ["a"], "temperature": 1}, bare) == []
