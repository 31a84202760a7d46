"""What is possible here."""

from __future__ import annotations

from spyglass.collect.fallback.levels import LOST, survey
from spyglass.collect.probe.requirements import check


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


def test_full_evidence_is_promised_only_where_the_probe_can_start():
    """A machine without its kernel programs, or a user without the right, is told what to do."""
    needed = [one for one in check() if one.needed and not one.met]
    assert (survey().level == "full") == (not needed)
    assert {one.name for one in needed} <= {one.name for one in survey().checks if not one.met}
