"""Promises about fingerprints: the same agent has the same one."""

from __future__ import annotations

import pytest

from spyglass.model.sighting import Sighting
from spyglass.registry.fingerprint import LONGEST_PROMPT, fingerprint, kept, parts_of

TOOLS = ({"name": "b"}, {"name": "a"})
SEEN = Sighting("p", "a", "", "", "", 1, "t", "s", ("be kind",), TOOLS, "m", {"top_p": 1, "temperature": 0})


def test_the_order_of_tools_and_settings_says_nothing() -> None:
    """They are sets."""
    other = Sighting("q", "b", "", "", "9", 2, "u", "v", SEEN.prompts, SEEN.tools[::-1], "m", dict(reversed(SEEN.settings.items())))
    assert fingerprint(parts_of(SEEN)) == fingerprint(parts_of(other))


@pytest.mark.parametrize("part", ["prompt", "tools", "model", "settings"])
def test_every_part_counts(part: str) -> None:
    """Whatever is missing makes another."""
    parts = parts_of(SEEN)
    assert fingerprint({name: value for name, value in parts.items() if name != part}) != fingerprint(parts)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Today is 2026-01-02.", "Today is 2027-11-30."),
        ("It is 2026-01-02T03:04:05.123Z now", "It is 2027-01-02T23:04:05+02:00 now"),
        ("Now: 03:04", "Now: 23:59:59"),
        ("Friday, January 2, 2026", "Sunday, March 15, 2027"),
        ("run 6f9619ff-8b86-d011-b42d-00cf4fc964ff", "run 00000000-8b86-d011-b42d-00cf4fc964ff"),
        ("at 1767225600", "at 1767229999123"),
    ],
)
def test_what_changes_with_every_run_does_not_count(one: str, other: str) -> None:
    """Dates, times, ids."""
    assert fingerprint({"prompt": one}) == fingerprint({"prompt": other})


@pytest.mark.parametrize(("one", "other"), [("at most 3 steps", "at most 4 steps"), ("be kind", "be kind."), ("v1.2", "v1.3"), ("may I", "march on")])
def test_what_somebody_wrote_counts(one: str, other: str) -> None:
    """Numbers in a sentence do."""
    assert fingerprint({"prompt": one}) != fingerprint({"prompt": other})


def test_nothing_known_is_no_fingerprint() -> None:
    """Empty."""
    assert fingerprint(parts_of(Sighting("p", "a", "", "", "2", 1, "t", "s"))) == ""


def test_a_prompt_of_unusual_length_is_cut_where_it_is_kept() -> None:
    """And said to be."""
    whole = {"prompt": "x" * (LONGEST_PROMPT + 1), "model": "m"}
    assert kept(whole) == {"prompt": "x" * LONGEST_PROMPT, "model": "m", "prompt_cut": LONGEST_PROMPT + 1}
