"""Errors: they point at the place, say what was found and expected, and suggest what was meant."""

from __future__ import annotations

import pytest

from spyglass.model.errors import QueryError
from spyglass.search.parse import parse


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("modle:gpt", 1, 'unknown field "modle"; did you mean "model"?'),
        ("kind:tool servce.name:x", 11, 'did you mean "service.name"?'),
        ("https://x", 1, "text with a colon goes in quotes"),
        ("kind:tol", 6, 'unknown value "tol"; did you mean "tool"?'),
        ("is:rot", 4, 'did you mean "root"?'),
        ("severity>=warnin", 11, 'did you mean "warning"?'),
        ("plumbing:yes", 10, "expected true or false"),
        ("agent:", 7, "expected a value, found the end"),
        ("agent:a,", 9, "expected a value, found the end"),
        ("name:f(x)", 6, "goes in quotes"),
        ("agent:(a b)", 10, 'expected "or", "," or ")", found "b"'),
        ("has:", 5, "expected the name of a field"),
        ("a or", 5, "expected a condition such as kind:tool, or a word, found the end"),
        ("a or or b", 6, 'put it in quotes: "or"'),
        ("(a", 3, 'expected ")"'),
        ("a)", 2, 'found ")" without a "("'),
        ("()", 2, 'found ")"'),
        ('a "b', 3, "this quote is not closed"),
        ('attr."b', 6, "this quote is not closed"),
        ("attr:x", 1, "attr.http.route"),
        ("trace:abc", 7, "expected 32 hexadecimal digits"),
        ("parent:x", 8, "or a condition in brackets"),
        ("tokens>0.5", 8, "expected a whole number"),
        ("tokens:5..1", 8, "is empty"),
        ("start:-1h", 7, "write start>-1h"),
        ("start>soon", 7, "expected a time"),
        ("name>x", 6, "name has no order"),
        ("is>root", 1, "is has no order"),
        ("chat*", 1, "* stands in the values of fields"),
        ("input:foo*", 7, "looks for whole words"),
        ('"?!"', 1, "at least one letter or digit"),
        ("a && b", 3, "is written and"),
        ("10:30", 3, 'found ":"; text with such signs goes in quotes'),
        ("a\n  b:c", 5, 'unknown field "b"'),
        ("\ud800", 1, "not valid Unicode"),
    ],
)
def test_a_mistake_is_told_with_its_place(source: str, column: int, message: str) -> None:
    """The column is 1-based over the whole text, and the message helps."""
    with pytest.raises(QueryError) as raised:
        parse(source)
    assert raised.value.details["column"] == column
    assert raised.value.message.startswith(f"column {column}: ")
    assert message in raised.value.message


@pytest.mark.parametrize(
    ("source", "suggestion"), [("modle:x", "model"), ("kind:tol", "tool"), ("start:-1h", "start>-1h"), ("a || b", "or"), ("x.y:z", "attr.x.y")]
)
def test_a_suggestion_can_replace_the_mistake(source: str, suggestion: str) -> None:
    """The web app offers `details["suggestion"]` as a click."""
    with pytest.raises(QueryError) as raised:
        parse(source)
    assert raised.value.details["suggestion"] == suggestion


def test_long_values_are_shortened_in_messages() -> None:
    """A pasted page does not come back as an error message."""
    with pytest.raises(QueryError) as raised:
        parse("kind:" + "x" * 3000)
    assert len(raised.value.message) < 400
