"""Texts as numbers."""

from __future__ import annotations

import re

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from spyglass.analyze.stats.digest import digests, of_names

TEXTS = st.lists(st.one_of(st.text(st.sampled_from("ab \n\t\r\x0b\u2003é"), max_size=12), st.binary(max_size=6), st.none()), max_size=12)


@given(TEXTS)
def test_texts_have_the_same_number_exactly_when_they_are_the_same(texts):
    """In slices and in pieces, too; nothing is as the empty text."""
    plain = [text.encode() if isinstance(text, str) else text or b"" for text in texts]
    numbers = digests(pa.array(plain, pa.binary())).tolist()
    assert len(set(numbers)) == len(set(plain))
    assert dict(zip(numbers, plain, strict=True)).items() == {(number, text) for number, text in zip(numbers, plain, strict=True)}
    pieces = pa.chunked_array([pa.array(plain[:3], pa.binary()), pa.array([b"x", *plain[3:]], pa.binary()).slice(1)])
    assert digests(pieces).tolist() == numbers


@given(TEXTS)
def test_spaces_need_not_count(texts):
    """Those that regular expressions call so: no other kinds of space."""
    plain = [text.encode() if isinstance(text, str) else text or b"" for text in texts]
    bare = [re.sub(rb"[\t\n\f\r ]+", b"", text) for text in plain]
    assert digests(pa.array(plain, pa.binary()), spaces=False).tolist() == digests(pa.array(bare, pa.binary())).tolist()


def test_of_long_texts_the_begin_and_the_length_count():
    """So that no text costs more than two kilobytes do."""
    numbers = digests(pa.array(["x" * 2_048 + "a", "x" * 2_048 + "b", "x" * 2_048 + "bb", "y" + "x" * 2_048], pa.string())).tolist()
    assert numbers[0] == numbers[1]
    assert len(set(numbers)) == 3


@given(st.lists(st.one_of(st.none(), st.text(max_size=5))))
def test_names_have_the_numbers_of_texts(names):
    """However often each stands there, and cut into whatever parts."""
    column = pa.chunked_array([pa.array(names, pa.string()), pa.array(names[1:], pa.string())])
    assert of_names(column).tolist() == digests(column).tolist()
