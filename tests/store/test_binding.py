"""Values reach the database as they are, whatever is in them."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spyglass.model.errors import QueryError
from spyglass.store.binding import bound, placeholders, quoted, without_literals
from spyglass.store.engine import Engine

NASTY = "it's \\ a \"q\" `b`\n\t\r\0 {x:String} %s %(x)s é 漢 \\n \\x41 '); DROP TABLE t; --"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("String", NASTY),
        ("String", NASTY * 100),
        ("Array(String)", [NASTY, "", "'", "\\"] * 50),
        ("Array(Array(String))", [["x"], [], [NASTY]]),
        ("Map(String, String)", {"a": NASTY, "k'": "v"}),
        ("Tuple(String, UInt8)", (NASTY, 3)),
        ("Nullable(String)", None),
        ("Array(Nullable(UInt8))", [1, None]),
        ("Array(String)", []),
        ("Bool", True),
        ("Array(Bool)", [True, False]),
        ("UInt64", 2**64 - 1),
        ("Int64", -(2**63)),
        ("Float64", 1.5e300),
        ("Array(Float64)", [0.1, math.inf, -math.inf]),
        ("Date", date(2026, 1, 2)),
        ("UUID", UUID("01234567-89ab-cdef-0123-456789abcdef")),
        ("Array(FixedString(16))", [bytes(range(16)), b"'\\'\\\n\t`{}%s\"\0abcd"[:16].ljust(16, b"'")]),
        ("FixedString(16)", b"'\\'\\\n\t`{}%s\"\0".ljust(16, b"\xff")),
    ],
)
def test_values_arrive_as_they_are(shared_engine: Engine, kind: str, value: object) -> None:
    """Every type that a query can take, with everything that could break out of it."""
    found = shared_engine.read(f"SELECT {{v:{kind}}} AS v", {"v": value})["v"].to_pylist()[0]
    expected = list(value.items()) if isinstance(value, dict) else {"1": value[0], "2": value[1]} if isinstance(value, tuple) else value
    assert found == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("DateTime64(9)", datetime(2026, 1, 2, 3, 4, 5, 678901, UTC), "2026-01-02 03:04:05.678901000"),
        ("DateTime64(3, 'UTC')", datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))), "2026-01-02 01:04:05.000"),
        ("DateTime", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02 03:04:05"),
    ],
)
def test_times_arrive_in_utc(shared_engine: Engine, kind: str, value: datetime, expected: str) -> None:
    """With as many digits as the type has."""
    assert shared_engine.read(f"SELECT toString({{v:{kind}}}) AS v", {"v": value})["v"].to_pylist() == [expected]


def test_not_a_number_arrives(shared_engine: Engine) -> None:
    """It equals nothing, so it has a test of its own."""
    assert shared_engine.read("SELECT isNaN({v:Float64}) AS a, isNaN({w:Array(Float64)}[1]) AS b", {"v": math.nan, "w": [math.nan]}).to_pylist() == [
        {"a": True, "b": True}
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, texts=st.lists(TEXTS, max_size=3))
def test_any_text_arrives(shared_engine: Engine, text: str, texts: list[str]) -> None:
    """Alone and in arrays."""
    row = shared_engine.read("SELECT {a:String} AS a, {b:Array(String)} AS b", {"a": text, "b": texts}).to_pylist()[0]
    assert row == {"a": text, "b": texts}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS.filter(lambda text: "\0" not in text))
def test_a_quoted_text_is_itself(shared_engine: Engine, text: str) -> None:
    """For settings, which cannot be bound."""
    assert shared_engine.read(f"SELECT {quoted(text)} AS a")["a"].to_pylist() == [text]


def test_placeholders_inside_texts_are_none() -> None:
    """Strings, quoted names, comments and here-documents hold text, not SQL."""
    sql = "SELECT {a:Array(DateTime64(9, 'UTC'))}, '{b:String}', `{c:UInt8}` -- {d:String}\n /* {e:String} */ , $x${f:String}$x$, {g: String}"
    assert placeholders(sql) == {"a": "Array(DateTime64(9, 'UTC'))", "g": "String"}


def test_a_percent_sign_is_only_that(shared_engine: Engine) -> None:
    """The client must never format values into the text."""
    assert shared_engine.read("SELECT '%s %(a)s' AS a, {b:String} AS b", {"b": "x", "a": "y"}).to_pylist() == [{"a": "%s %(a)s", "b": "x"}]
    assert shared_engine.read("SELECT '%s' AS a", {"unused": 1}).to_pylist() == [{"a": "%s"}]


@pytest.mark.parametrize("value", [object(), "\ud800", ["\ud800"], {"a": {1j}}])
def test_what_cannot_be_bound_is_told(value: object) -> None:
    """Before it reaches the database."""
    with pytest.raises(QueryError):
        bound("SELECT {v:String}", {"v": value})


def test_blanks_stand_for_literals() -> None:
    """What is left is SQL."""
    assert without_literals("a 'x''y\\'z' b `c` d \"e\" -- f\ng").split() == ["a", "b", "d", "g"]
