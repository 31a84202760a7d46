"""Values that leave their place in a statement."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.security.sql import _parts, break_out
from spyglass.analyze.builtin.security.sql_tokens import tokens


@pytest.mark.parametrize(
    ("value", "does"),
    [
        ("1' or '1'='1", "logic"),
        ("admin'--", "cut"),
        ("7 UNION/**/SELECT name, password FROM users", "union"),
        ("x'; DROP TABLE orders; --", "stacked"),
        ("1%27%20AND%20SLEEP(5)%23", "runs_function"),
        ("1) or (2=2", "logic"),
        ("(select password from users limit 1)", "select"),
        ("1 order by 7--", "cut"),
        ("'||(select version())||'", "select"),
        ("1\u2019 or 1=1 --", "logic"),
        ("7 or '{\"k\": 1}'::jsonb @> '{\"k\": 1}'::jsonb", "logic"),
        ("ann' or '{\"k\": 5}' ->> '$.k' = '5' -- ", "logic"),
        ("ann' or '{\"k\": 1}'::jsonb ?| array['k', 'm'] -- ", "logic"),
        ("7 or '{\"k\": 1}'::jsonb ? 'k'", "logic"),
        ("ann' or '1' member of ('[1]') -- ", "logic"),
        ("7) or interval '1' day > interval '0' day -- ", "logic"),
        ("ann' or 5=5 for update -- ", "logic"),
        ("1 and pg_read_file('a')", "runs_function"),
        ("dbms_lock.sleep(5)", "runs_function"),
        ("1; set global general_log = 1", "stacked"),
        ("ann'-password--", "expression"),
        ("ann', 'a@b.example', 1) -- ", "values"),
        ("ann&#x27; or 5=5 -- ", "logic"),
        ("ann\\u0027 union select 1, 2 -- ", "union"),
        ("ann%252527%252520or%2525205%25253D5", "logic"),
    ],
)
def test_what_a_database_would_read_as_sql_is_found(value, does):
    """Each with what it does."""
    assert does in break_out(value).does


@pytest.mark.parametrize(
    "value",
    [
        "O'Reilly and Sons; books or music",
        'monitor 24" - black and "matte"',
        "rock 'n' roll or jazz",
        "select the best option from the list and drop me a line",
        "it's 5 o'clock; update me -- thanks",
        "C# or C++ (union of both)",
        "where is George? -- he's having lunch",
        "https://example.com/a?b=1&c=2#top",
        "SELECTED: 3 and 4",
        "2026-11-22T10:00:00Z",
        "member of the board or 'guest'",
        "a -> b; c ->> d",
        "rock'-n-roll",
        "R&amp;D &lt;b&gt; it&#39;s",
        "",
    ],
)
def test_prose_with_the_words_and_marks_of_sql_is_none(value):
    """It alternates nowhere for long."""
    assert break_out(value) is None


def test_a_whole_statement_is_called_one():
    """So that a tool which takes SQL is judged otherwise."""
    assert break_out("select name from users where id = 3").statement
    assert not break_out("3 union select 1, 2").statement


@pytest.mark.parametrize("value", ["how to union select two tables", "what does union select null,null do", "docs for 'drop table if exists' please"])
def test_sentences_about_sql_are_known_from_values_that_are_sql(value):
    """By what is around it, and by words that no expression has."""
    found = break_out(value)
    assert found.prose or not found.fits
    meant = break_out("ann' union select name, password from users -- ")
    assert meant.fits
    assert not meant.prose


@settings(max_examples=200)
@given(st.text(max_size=300) | st.text(alphabet="'\"`;-/*#()=,. ors1a%\\", max_size=120))
def test_any_text_is_read_without_failing(value):
    """And its tokens lose nothing but spaces and comments."""
    assert break_out(value) is None or 0.5 <= break_out(value).confidence <= 1
    assert all(piece.text for piece in tokens(value.lower()))


@pytest.mark.parametrize("unit", ["'", "(", "union select ", "'' ", "/*", ";select ", "' or ", "\\'", "case when "])
def test_only_a_bounded_part_of_a_huge_value_is_read(unit):
    """However long a hostile value is; and reading it does not fail."""
    assert sum(map(len, _parts(unit * 20_000))) <= 4_096
    assert break_out(unit * 20_000) is None or break_out(unit * 20_000).does
