"""What is possible here."""

from __future__ import annotations

import os

from spyglass.collect.fallback.levels import GRANT, LOST, survey


def test_the_survey_tries_what_it_says():
    """Its level follows from its checks; each that is not met says what to do."""
    seen = survey()
    assert seen.level in LOST
    assert seen.lost == LOST[seen.level]
    assert all(check.advice for check in seen.checks if not check.met)
    assert len(seen.problems) == sum(not check.met for check in seen.checks)


def test_lower_levels_lose_more():
    """And full loses nothing."""
    assert not LOST["full"]
    assert LOST["partial"]
    assert "files" in LOST["minimal"]


def test_who_lacks_the_right_is_told_how_to_get_it():
    """By command."""
    missing = [check for check in survey().checks if check.name == "capabilities" and not check.met]
    assert bool(missing) == (os.geteuid() != 0) or missing == []
    assert "CAP_BPF" in GRANT
