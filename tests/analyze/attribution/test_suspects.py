"""Which step a run failed at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.analyze.attribution.suspects import Step, suspects


def test_the_step_that_made_the_failing_call_is_suspected_and_not_the_call():
    """With the reason, in words."""
    run = [Step("user", "Find the file.", asked=True), Step("coder", "```open('x')```" * 5), Step("shell", "no such file", report=True, failed=True)]
    first, *_ = suspects([*run, Step("coder", "It does not exist, I am done with this now, thank you very much.")])
    assert first.index == 1
    assert first.reasons == ("it made the first call that failed",)


def test_a_step_that_assumes_is_suspected_more_than_one_that_looks():
    """Its numbers speak against it, too."""
    looks = [Step("user", "How many?", asked=True), *(Step("expert", f"I have looked at the page {at} and it says nothing about it.") for at in "abcd")]
    guesses = Step("expert", "I assume there are 12, 15, 19 and 112 of them, based on what I know from other places.")
    first, *_ = suspects([*looks, guesses])
    assert first.index == 5
    assert "it assumes, simulates or estimates instead of looking" in first.reasons
    assert "it states numbers that nobody said before" in first.reasons


def test_nothing_is_suspected_where_there_is_nothing():
    """And only as many as there are."""
    assert suspects([]) == []
    assert len(suspects([Step("a", "x")], 3)) == 1


@given(st.lists(st.builds(Step, st.sampled_from("abc"), st.text(max_size=200), st.booleans(), st.booleans(), st.booleans()), max_size=40))
def test_shares_are_of_one_and_fall(steps):
    """Whatever was said."""
    found = suspects(steps, len(steps) + 1)
    assert sum(one.share for one in found) == pytest.approx(1.0 if steps else 0.0)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)


def test_texts_without_end_take_no_time():
    """Only their begin is read."""
    found = suspects([Step("a", "1." * 3_000_000), Step("b", "assum" * 1_000_000), Step("c", "\0" * 5_000_000)])
    assert len(found) == 3
