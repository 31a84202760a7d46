"""The values of search conditions: text in, exact numbers and times out, and back to the shortest text that reads the same.

The readers raise `ValueError` with what was expected ("a duration such as 250ms, 2s or 1h"); `parse` puts field and column before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

__all__ = [
    "EARLIEST_NS",
    "LATEST_NS",
    "Ago",
    "Duration",
    "Moment",
    "Number",
    "Pattern",
    "Value",
    "quoted",
    "read_duration",
    "read_id",
    "read_number",
    "read_time",
    "unescaped",
    "unquoted",
]

_UNITS_NS: Final = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3_600 * 10**9,
    "d": 86_400 * 10**9,
}
_DURATION: Final = re.compile(r"(?:\d{1,19}(?:\.\d{1,18})?(?:ns|us|µs|μs|ms|s|m|h|d))+", re.ASCII)
_DURATION_PART: Final = re.compile(r"([\d.]+)([a-zµμ]+)")
_NUMBER: Final = re.compile(r"([+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:e[+-]?\d{1,3})?)([a-z]*)", re.IGNORECASE | re.ASCII)
_MULTIPLES: Final = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "kb": 10**3,
    "m": 10**6,
    "mb": 10**6,
    "g": 10**9,
    "gb": 10**9,
    "t": 10**12,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?:(:\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE | re.ASCII)
_BARE: Final = re.compile(r"\w(?:[\w:/@+#%&.-]*\w)?")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_NS: Final = _UNITS_NS["d"]
# What the columns can hold: DateTime64(9) ends on 2262-04-11; both ends rounded to a whole year.
EARLIEST_NS: Final = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH).days * _DAY_NS
LATEST_NS: Final = (datetime(2262, 1, 1, tzinfo=UTC) - _EPOCH).days * _DAY_NS


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text with wildcards: `parts` are the literal texts between the `*`; one part means the exact text."""

    parts: tuple[str, ...]

    @property
    def exact(self) -> str | None:
        """The text, where there is no wildcard."""
        return self.parts[0] if len(self.parts) == 1 else None

    def __str__(self) -> str:
        if len(self.parts) > 1:
            return "*".join(re.sub(r"([\s\"(),\\*<>=])", r"\\\1", part) for part in self.parts)
        return self.parts[0] if _BARE.fullmatch(self.parts[0]) and ".." not in self.parts[0] else quoted(self.parts[0])


@dataclass(frozen=True, slots=True)
class Number:
    """A plain number: an int where it is whole."""

    value: int | float

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class Duration:
    """Nanoseconds, never negative."""

    ns: int

    def __str__(self) -> str:
        return _span_text(self.ns)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as precise as it was written: the `span_ns` nanoseconds from `ns` (since 1970, UTC) on. A date is a whole day."""

    ns: int
    span_ns: int

    def __str__(self) -> str:
        seconds, fraction = divmod(self.ns, 10**9)
        time = _EPOCH + timedelta(seconds=seconds)
        if self.span_ns >= _DAY_NS:
            return f"{time:%Y-%m-%d}"
        if self.span_ns >= _UNITS_NS["m"]:
            return f"{time:%Y-%m-%dT%H:%M}"
        digits = 9 - (len(str(self.span_ns)) - 1)
        return f"{time:%Y-%m-%dT%H:%M:%S}" + (f".{fraction:09d}"[: digits + 1] if digits else "")


@dataclass(frozen=True, slots=True)
class Ago:
    """A time `ns` nanoseconds before now."""

    ns: int

    def __str__(self) -> str:
        return f"-{_span_text(self.ns)}" if self.ns else "now"


Value = Pattern | Number | Duration | Moment | Ago


def quoted(text: str) -> str:
    """The text between quotes, as the language reads it back."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(token: str) -> str:
    r"""What stands between the quotes of a token; only `\"` and `\\` are escapes, so that C:\temp needs none."""
    return re.sub(r"\\([\"\\])", r"\1", token[1:-1])


def unescaped(token: str) -> Pattern:
    r"""A bare value: `*` is a wildcard, and `\` takes the next character as it is."""
    parts = [""]
    for piece in re.findall(r"\\[\s\S]|[*]|[^\\*]+", token):
        if piece != "*":
            parts[-1] += piece.removeprefix("\\")
        elif len(parts) == 1 or parts[-1]:
            parts.append("")
    return Pattern(tuple(parts))


def read_duration(text: str) -> Duration:
    """`250ms`, `1.5s`, `1h30m`: a number and a unit, one or more of them.

    Raises:
        ValueError: says what was expected.
    """
    if not _DURATION.fullmatch(text):
        hint = f'; did you mean "{text}s"?' if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text) else ""
        raise ValueError(f"a duration with its unit (ns us ms s m h d), such as 250ms, 2s or 1h30m{hint}")
    ns = sum(Decimal(number) * _UNITS_NS[unit.replace("μ", "µ")] for number, unit in _DURATION_PART.findall(text))
    if ns >= 2**63:
        raise ValueError("a duration of less than 292 years")
    return Duration(int(ns))


def read_number(text: str, *, whole: bool) -> Number:
    """`1000`, `0.05`, `$0.05`, `10k`, `5MB`; only whole numbers from 0 to 2^64-1 where `whole`.

    Raises:
        ValueError: says what was expected.
    """
    expected = "a whole number, 0 or more, such as 1000, 10k or 2M" if whole else "a number, such as 0.05, 3, 10k or 5MB"
    match = _NUMBER.fullmatch(text.removeprefix("$"))
    if match is None or match[2].lower() not in _MULTIPLES:
        raise ValueError(expected)
    number = Decimal(match[1]) * _MULTIPLES[match[2].lower()]
    if abs(number) < 2**64 and number == number.to_integral_value():
        value: int | float = int(number)
    else:
        value = float(number)
    if whole and not (isinstance(value, int) and 0 <= value < 2**64):
        raise ValueError(expected)
    if abs(value) == float("inf"):
        raise ValueError("a number smaller than 1e308")
    return Number(value)


def read_time(text: str) -> Moment | Ago:
    """`2026-11-01`, `2026-11-01T10:30`, `2026-11-01T10:30:00.123+02:00` (UTC where no offset is given), `-1h`, `now`.

    Raises:
        ValueError: says what was expected.
    """
    if text.lower() == "now":
        return Ago(0)
    if text.startswith("-") and _DURATION.fullmatch(text[1:]):
        return Ago(read_duration(text[1:]).ns)
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("a time, such as 2026-11-01, 2026-11-01T10:30, 2026-11-01T10:30:00Z, -1h or now")
    date, minutes, seconds, fraction, zone = match.groups()
    try:
        time = datetime.fromisoformat(date + "T" + (minutes or "00:00") + (seconds or "") + (zone or "Z").upper())
        ns = (time - _EPOCH) // timedelta(seconds=1) * 10**9
    except (ValueError, OverflowError):
        raise ValueError("a date and time that exist") from None
    if not EARLIEST_NS <= ns < LATEST_NS:
        raise ValueError("a time between the years 1900 and 2261")
    ns += int((fraction or "").ljust(9, "0"))
    span_ns = 10 ** (9 - len(fraction)) if fraction else 10**9 if seconds else _UNITS_NS["m"] if minutes else _DAY_NS
    return Moment(ns, span_ns)


def read_id(text: str, size_bytes: int) -> str:
    """An id in hexadecimal, in lower case.

    Raises:
        ValueError: says what was expected.
    """
    if not re.fullmatch(rf"[0-9a-fA-F]{{{size_bytes * 2}}}", text):
        raise ValueError(f"{size_bytes * 2} hexadecimal digits")
    return text.lower()


def _span_text(ns: int) -> str:
    unit = next(unit for unit in ("d", "h", "m", "s", "ms", "us", "ns") if ns % _UNITS_NS[unit] == 0) if ns else "s"
    return f"{ns // _UNITS_NS[unit]}{unit}"
