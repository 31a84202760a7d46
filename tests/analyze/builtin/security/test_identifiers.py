"""Addresses and accounts in texts."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.security.identifiers import ACCOUNTS, IDENTIFIER, IDENTIFIERS, identifiers

MARKS = "@ a b.c . - + :// www. http DE89 0440 ABCD é 3 / : www.a@b.co bc1".split()
PIECES = st.sampled_from([*MARKS, " ", " 3704", " www.", "IT60 X054", "\n", f"0x{'a' * 40}", f"1{'A' * 25}", f"bc1{'q' * 30}", "x" * 63])


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_looking_only_where_one_can_begin_finds_the_same(text):
    """As trying it everywhere; and the vectorised first pass lets through whatever has one."""
    slow = {match.group().lower().replace(" ", "").removeprefix("www.").rstrip(".") for match in IDENTIFIER.finditer(text)}
    may, may_account = (pc.match_substring_regex(pa.array([text]), pattern)[0].as_py() for pattern in (IDENTIFIERS, ACCOUNTS))
    assert identifiers(text, accounts=may_account) == slow
    assert may or not slow


@pytest.mark.parametrize("unit", ["@", "a@", "://", "www.", "a" * 64 + "@", "DE89 ", "x@y.z "])
def test_huge_texts_harm_nobody(unit):
    """Only their begin is read, and a bounded number is kept."""
    assert len(identifiers(unit * 50_000)) <= 256
