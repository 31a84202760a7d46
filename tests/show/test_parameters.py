"""Times, windows and cursors as clients write them."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.model.errors import InputError
from spyglass.show.parameters import decode_cursor, encode_cursor, parse_time
from spyglass.store.read.asking import Place

NOW_NS = 1_800_000_000 * 10**9
SECOND = 10**9


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("now", NOW_NS),
        ("-15m", NOW_NS - 900 * SECOND),
        ("now-2w", NOW_NS - 14 * 86_400 * SECOND),
        ("-999999w", 0),
        ("1767225600", 1_767_225_600 * SECOND),
        ("1767225600123", 1_767_225_600_123 * 10**6),
        ("1767225600123456", 1_767_225_600_123_456 * 10**3),
        ("1767225600123456789", 1_767_225_600_123_456_789),
        ("9999999999999999999", 2**63 - 1),
        ("2026-01-01", 1_767_225_600 * SECOND),
        ("2026-01-01T00:00:00Z", 1_767_225_600 * SECOND),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600 * SECOND),
        ("2026-01-01T00:00:00.000001Z", 1_767_225_600 * SECOND + 1000),
        ("2026-01-01T00:00:00.123456789Z", 1_767_225_600_123_456_789),
        ("2026-01-01T00:00:00.1234567891", 1_767_225_600_123_456_789),
        ("2026-01-01 00:00:00,5", 1_767_225_600 * SECOND + SECOND // 2),
        ("0001-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", 2**63 - 1),
    ],
)
def test_a_time_is_understood_to_the_nanosecond(text: str, ns: int) -> None:
    """ISO 8601, relative, and Unix times of four sizes."""
    assert parse_time(f" {text} ", NOW_NS, "from") == ns


@given(st.integers(0, 2**63 - 1))
def test_nanoseconds_pass_as_they_are(ns: int) -> None:
    """From 17 digits on a number is taken for nanoseconds."""
    assert ns < 10**17 or parse_time(str(ns), NOW_NS, "from") == ns


@pytest.mark.parametrize("text", ["", "yesterday", "-15", "15m", "--1h", "2026-13-01", "1e9", "NaN", "２０２６", "12345678901234567890"])
def test_other_texts_are_refused_with_the_name_of_the_parameter(text: str) -> None:
    """The message says which one, and what it may be."""
    with pytest.raises(InputError, match=r"^from: expected"):
        parse_time(text, NOW_NS, "from")


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.text(max_size=40))
def test_a_cursor_reads_back(figure: int, text: str) -> None:
    """Whatever the list is ordered by."""
    assert decode_cursor("list", encode_cursor("list", Place(figure, text))) == Place(figure, text)


def test_the_end_has_no_cursor() -> None:
    """Null, and back."""
    assert encode_cursor("list", None) is None
    assert decode_cursor("list", None) is None


def cursor(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


ODD = [None, [], ["list", 1], ["list", "1", "a"], ["list", 1, 2], ["other", 1, "a"], ["list", 1.5, "a"], ["list", 2**63, "a"], {"list": 1}]


@pytest.mark.parametrize("text", ["", "x", "é", "!!!!", "bnVsbA", *map(cursor, ODD)])
def test_any_other_text_is_refused(text: str) -> None:
    """A cursor of another list, or of another order, would skip items."""
    with pytest.raises(InputError, match=r"^cursor: expected"):
        decode_cursor("list", text)


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    """There is a place, or a clear error."""
    try:
        decode_cursor("list", text)
    except InputError:
        return
