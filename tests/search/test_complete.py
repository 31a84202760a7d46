"""Completion: what is expected at the cursor, and what the language itself can offer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.search.complete import Completion, complete
from spyglass.search.tree import Ref


def at_end(text: str) -> Completion:
    """The cursor after the last character."""
    return complete(text, len(text))


def offered(text: str) -> list[str]:
    """The candidates' texts."""
    return [one.text for one in at_end(text).candidates]


@pytest.mark.parametrize(
    ("text", "expected", "prefix"),
    [
        ("", "field", ""),
        ("ag", "field", "ag"),
        ("-ag", "field", "ag"),
        ("agent:x ", "keyword", ""),
        ("agent:x an", "keyword", "an"),
        ("agent:(a ", "keyword", ""),
        ("duration", "operator", "duration"),
        ("attr.http.route", "operator", "attr.http.route"),
        ("has:mo", "field", "mo"),
        ("parent:(ag", "field", "ag"),
        ("attr.ht", "field", "attr.ht"),
        ('attr."odd k', "field", 'attr."odd k'),
    ],
)
def test_names_and_keywords_are_expected_where_they_may_stand(text: str, expected: str, prefix: str) -> None:
    """The kind of thing, and how much of it was typed."""
    completion = at_end(text)
    assert expected in completion.expected
    assert (completion.prefix, completion.start) == (prefix, len(text) - len(prefix))


@pytest.mark.parametrize(
    ("text", "field", "prefix"),
    [
        ("agent:", Ref("agent"), ""),
        ("agent:pl", Ref("agent"), "pl"),
        ("gen_ai.agent.name:pl", Ref("agent"), "pl"),
        ("agent:a,b", Ref("agent"), "b"),
        ("agent:(a or b", Ref("agent"), "b"),
        ('agent:"the pl', Ref("agent"), "the pl"),
        ("duration>", Ref("duration"), ""),
        ('attr."odd key":x', Ref("attr", "odd key"), "x"),
        ("modle:", None, ""),
    ],
)
def test_a_value_is_expected_of_its_field(text: str, field: Ref | None, prefix: str) -> None:
    """The API adds the values it has seen of that field."""
    completion = at_end(text)
    assert (completion.expected, completion.field, completion.prefix) == (("value",), field, prefix)


def test_candidates_are_what_the_language_knows() -> None:
    """Fields and other names, states, choices, operators, keywords, kinds beside under."""
    assert offered("status:e") == ["error"]
    assert offered("is:ro") == ["root"]
    assert offered("has:mode") == ["model"]
    assert offered("gen_ai.request.m") == ["gen_ai.request.model"]
    assert offered("tool und") == ["under"]
    assert offered("cost") == ["cost:", "cost>", "cost>=", "cost<", "cost<=", "cost", "cost_source", "cost_usd"]
    assert "retriever" in offered("root over ")
    assert offered("stream:") == ["true", "false"]


@pytest.mark.parametrize("text", ["a)", "a:(b c) d", '"some tex', "a\n) b"])
def test_nothing_is_offered_where_nothing_can_stand(text: str) -> None:
    """Inside free text, and behind a mistake."""
    assert at_end(text).candidates == ()


def test_what_follows_the_cursor_does_not_matter() -> None:
    """Completion in the middle of a text sees what stands before."""
    assert complete("ag kind:tool)", 2) == complete("ag", 2)
    assert complete("ag", 99) == complete("ag", 2)


@given(st.lists(st.sampled_from([*'()",-!:<>= ', "or", "under ", "agent", "attr.", "has:", "is:", "duration", "x"]), max_size=12).map("".join))
@settings(max_examples=200, deadline=None)
def test_completion_never_raises_and_stays_in_the_text(text: str) -> None:
    """Whatever was typed: the prefix stands where the completion says."""
    completion = at_end(text)
    assert 0 <= completion.start <= len(text)
    assert text[completion.start :].removeprefix('"') == completion.prefix
    assert all(one.text.lower().startswith(completion.prefix.lower()) for one in completion.candidates)
