"""Values: what is read, what is printed, what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.search.values import (
    EARLIEST_NS,
    LATEST_NS,
    Ago,
    Duration,
    Moment,
    Number,
    Pattern,
    read_duration,
    read_id,
    read_number,
    read_time,
    unescaped,
    unquoted,
)


def ns(*date: int) -> int:
    """Nanoseconds of a date and time in UTC."""
    return int(datetime(*date, tzinfo=UTC).timestamp()) * 10**9  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "expected", "printed"),
    [
        ("2s", 2 * 10**9, "2s"),
        ("1.5s", 1_500_000_000, "1500ms"),
        ("0s", 0, "0s"),
        ("1h30m", 5_400 * 10**9, "90m"),
        ("10us", 10_000, "10us"),
        ("10µs", 10_000, "10us"),
        ("2d", 2 * 86_400 * 10**9, "2d"),
        ("999ns", 999, "999ns"),
    ],
)
def test_a_duration_is_read_exactly_and_printed_in_the_largest_unit(text: str, expected: int, printed: str) -> None:
    """Nothing is rounded, and the canonical text is short."""
    assert read_duration(text) == Duration(expected)
    assert str(Duration(expected)) == printed


@pytest.mark.parametrize("text", ["2", "2.5", "s", "2x", "-2s", "2 s", "", "1e3s", "٣s", "9" * 30 + "s", "99999999999999999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Every refusal is a ValueError that says what was expected."""
    with pytest.raises(ValueError, match="duration"):
        read_duration(text)


@pytest.mark.parametrize(
    ("text", "whole", "expected"),
    [
        ("1000", True, 1000),
        ("1.5k", True, 1500),
        ("2M", True, 2_000_000),
        ("18446744073709551615", True, 2**64 - 1),
        ("0.05", False, 0.05),
        ("$0.05", False, 0.05),
        ("-3", False, -3),
        ("5MB", False, 5_000_000),
        ("2KiB", False, 2048),
        ("1e-7", False, 1e-7),
        (".5", False, 0.5),
    ],
)
def test_numbers_know_thousands_and_bytes(text: str, whole: bool, expected: float) -> None:
    """A suffix multiplies; a whole number stays an int."""
    number = read_number(text, whole=whole)
    assert number == Number(expected)
    assert read_number(str(number), whole=whole) == number


@pytest.mark.parametrize(
    ("text", "whole"),
    [("0.5", True), ("-1", True), ("18446744073709551616", True), ("x", False), ("", False), ("1e999", False), ("nan", False), ("5s", False), ("1_000", True)],
)
def test_what_is_no_number_is_refused(text: str, whole: bool) -> None:
    """No infinity, no NaN, no fraction or sign where something is counted."""
    with pytest.raises(ValueError, match="number"):
        read_number(text, whole=whole)


@pytest.mark.parametrize(
    ("text", "start_ns", "span_ns", "printed"),
    [
        ("2026-11-01", ns(2026, 11, 1), 86_400 * 10**9, "2026-11-01"),
        ("2026-11-01T10:30", ns(2026, 11, 1, 10, 30), 60 * 10**9, "2026-11-01T10:30"),
        ("2026-11-01 10:30:05Z", ns(2026, 11, 1, 10, 30, 5), 10**9, "2026-11-01T10:30:05"),
        ("2026-11-01T10:30:05.25+02:00", ns(2026, 11, 1, 8, 30, 5) + 250_000_000, 10**7, "2026-11-01T08:30:05.25"),
        ("2026-11-01T10:30:05.123456789", ns(2026, 11, 1, 10, 30, 5) + 123_456_789, 1, "2026-11-01T10:30:05.123456789"),
        ("1969-12-31T23:59:59.5", -500_000_000, 10**8, "1969-12-31T23:59:59.5"),
    ],
)
def test_a_time_stands_for_as_long_as_it_says(text: str, start_ns: int, span_ns: int, printed: str) -> None:
    """A date is a day, a time without seconds a minute; the canonical text is UTC."""
    assert read_time(text) == Moment(start_ns, span_ns)
    assert str(Moment(start_ns, span_ns)) == printed


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2026-02-30", "2026-11-01T25:00", "1899-12-31", "2262-01-01", "9999-12-31T23:59-14:00", "yesterday", "2026", "-1", "+1h", "1h"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """Also times that no column can hold."""
    with pytest.raises(ValueError, match="time"):
        read_time(text)


def test_relative_times_count_back_from_now() -> None:
    """`-1h` and `now` stay relative in the tree."""
    assert (read_time("-1h30m"), read_time("now")) == (Ago(5_400 * 10**9), Ago(0))
    assert (str(Ago(5_400 * 10**9)), str(Ago(0))) == ("-90m", "now")


def test_ids_are_hexadecimal_and_as_long_as_their_column() -> None:
    """Upper case is welcome, another length is not."""
    assert read_id("AB" * 8, 8) == "ab" * 8
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        read_id("ab" * 8, 16)


@given(st.text(), st.booleans())
@settings(max_examples=200)
def test_patterns_read_back_as_they_were(text: str, wild: bool) -> None:
    """Whatever the text: its canonical form, bare or in quotes, means the same text."""
    pattern = Pattern((text, text[:3], "")) if wild and text[:3] else Pattern((text,))
    printed = str(pattern)
    assert (Pattern((unquoted(printed),)) if printed.startswith('"') else unescaped(printed)) == pattern


@given(st.integers(0, 2**63 - 1), st.integers(EARLIEST_NS, LATEST_NS - 1), st.sampled_from([86_400 * 10**9, 60 * 10**9, *(10**k for k in range(10))]))
@settings(max_examples=100)
def test_durations_and_times_read_back_as_they_were(span: int, time: int, precision: int) -> None:
    """Every nanosecond survives the canonical text."""
    assert read_duration(str(Duration(span))) == Duration(span)
    moment = Moment(time // precision * precision, precision)
    assert read_time(str(moment)) == moment
