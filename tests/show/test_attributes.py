"""Typed attributes become JSON in their own types."""

from __future__ import annotations

import math

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.show.attributes import attributes_json, typed


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [
        ("true", "b", True),
        ("false", "b", False),
        ("-9223372036854775808", "i", -(2**63)),
        ("0.5", "d", 0.5),
        ("", "s", ""),
        ("0", "s", "0"),
        ("AAE=", "y", "AAE="),
        ('[1,"a",null]', "a", [1, "a", None]),
        ('{"a":{"b":[]}}', "k", {"a": {"b": []}}),
        ('{"arrayValue":{}}', "A", {"arrayValue": {}}),
        ("", "e", None),
    ],
)
def test_a_value_has_its_type(text: str, code: str, value: object) -> None:
    """Empty and false values too."""
    found = typed(text, code)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_numbers_that_json_has_not_stay_text(text: str) -> None:
    """Rather than becoming null."""
    assert typed(text, "d") == text


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=30) | st.integers().map(str), st.sampled_from("sbidyakAKe>?"))
def test_text_that_does_not_fit_its_code_breaks_nothing(text: str, code: str) -> None:
    """Whatever stands there, there is an answer that JSON can hold."""
    assert orjson.dumps(typed(text, code))


def test_a_key_that_comes_twice_is_shown_twice() -> None:
    """Nothing is hidden by what has the same name."""
    assert attributes_json([("a", "1"), ("a", "2"), ("a#2", "x"), ("a", "3")], "iisi") == {"a": 1, "a#2": 2, "a#2#2": "x", "a#3": 3}


@given(st.lists(st.tuples(st.sampled_from(["a", "a#2", "b"]), st.integers(0, 9).map(str)), max_size=8))
def test_no_value_is_lost(pairs: list[tuple[str, str]]) -> None:
    """There are as many members as attributes."""
    assert sorted(attributes_json(pairs, "i" * len(pairs)).values()) == sorted(int(text) for _, text in pairs)


def test_a_double_is_the_same_double() -> None:
    """The shortest text reads back to the same number."""
    assert typed(repr(math.pi), "d") == math.pi
