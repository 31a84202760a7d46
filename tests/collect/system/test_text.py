"""Any name becomes text that can be sent."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from spyglass.collect.system.text import clean


@given(st.binary(max_size=60), st.integers(16, 64))
def test_any_bytes_become_unicode_within_the_limit(data, limit):
    """Whatever a program called its file can be encoded, and is no longer than allowed."""
    told = clean(os.fsdecode(data), limit)
    assert len(told.encode()) >= 0
    assert len(told) <= limit


def test_undecodable_bytes_are_spelled_and_newlines_stay():
    """A reader sees which bytes they were."""
    assert clean(os.fsdecode(b"a\xff\nb")) == "a\\xff\nb"


def test_a_lone_surrogate_is_spelled_too():
    """Text that no byte stands behind does not stop the road."""
    assert clean("a\ud800") == "a\\ud800"


def test_what_is_cut_says_so():
    """The last character is an ellipsis."""
    assert clean("x" * 100, 10) == "x" * 9 + "…"
