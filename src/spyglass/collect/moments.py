"""Times and severities as programs write them: a value or a line of text in, nanoseconds since 1970 (UTC) or a severity number of OpenTelemetry out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

__all__ = ["moment_in", "moment_of", "severity_in", "severity_of"]

_MONTHS: Final = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_ISO: Final = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?")
_COMMON: Final = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})")  # of web servers
_SYSLOG: Final = re.compile(r"([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?!\d)")
_EPOCH: Final = re.compile(r"\[?(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})\b")
_LOOKED_AT: Final = 160  # characters of a line in which its time and severity stand
_WORDS: Final = {
    "TRACE": 1,
    "VERBOSE": 5,
    "DEBUG": 5,
    "DBG": 5,
    "INFO": 9,
    "INFORMATION": 9,
    "NOTICE": 10,
    "WARN": 13,
    "WARNING": 13,
    "ERR": 17,
    "ERROR": 17,
    "CRITICAL": 21,
    "CRIT": 21,
    "ALERT": 21,
    "EMERG": 21,
    "PANIC": 21,
    "FATAL": 21,
}
_SEVERITY: Final = re.compile(rf"(?<![A-Za-z_/.-])({'|'.join(sorted(_WORDS, key=len, reverse=True))})(?![A-Za-z_/.-])")
_SHORT: Final = re.compile(r"(?i)[a-z]+")
_PINO: Final = {10: 1, 20: 5, 30: 9, 40: 13, 50: 17, 60: 21}  # numbers of pino and bunyan; 20, 30, 40, 50 are Python's + 10


def moment_of(value: Any, now_ns: int) -> int | None:
    """A time as JSON has it: ISO 8601, or seconds, ms, µs or ns since 1970, by size. None: it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _epoch(value)
    return moment_in(value, now_ns) if isinstance(value, str) else None


def moment_in(line: str, now_ns: int) -> int | None:
    """The time that stands at the begin of a line. One without a zone is this machine's, one without a year is the latest that is not in the future."""
    head = line[:_LOOKED_AT]
    if found := _ISO.search(head):
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        return _ns(int(year), int(month), int(day), int(hour), int(minute), int(second), _zone(zone), fraction)
    if found := _COMMON.search(head):
        day, name, year, hour, minute, second, zone = found.groups()
        return _ns(int(year), _MONTHS.get(name, 0), int(day), int(hour), int(minute), int(second), _zone(zone))
    if found := _SYSLOG.match(head.lstrip("<>0123456789")):
        name, day, hour, minute, second = found.groups()
        return _without_year(_MONTHS.get(name, 0), int(day), int(hour), int(minute), int(second), now_ns)
    found = _EPOCH.match(head)
    return _epoch_text(found[1]) if found else None


def severity_of(value: Any) -> int | None:
    """A level as JSON has it: a word, or a number of pino or bunyan. None: it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return _PINO.get(value)
    if isinstance(value, str) and (word := _SHORT.match(value)):
        return _WORDS.get(word[0].upper())
    return None


def severity_in(line: str) -> int | None:
    """The level that stands at the begin of a line, in capitals as programs write it, or as `level=info`."""
    head = line[:_LOOKED_AT]
    found = _SEVERITY.search(head)
    if found:
        return _WORDS[found[1]]
    named = re.search(r"\b(?:level|lvl|severity)=\"?([a-zA-Z]+)", head)
    return _WORDS.get(named[1].upper()) if named else None


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return None
    return UTC if text in {"Z", "UTC"} else datetime.strptime(text, "%z").tzinfo


def _ns(year: int, month: int, day: int, hour: int, minute: int, second: int, zone: tzinfo | None, fraction: str | None = None) -> int | None:
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
        return int(moment.timestamp()) * 10**9 + int((fraction or "0").ljust(9, "0"))
    except (ValueError, OverflowError):
        return None


def _without_year(month: int, day: int, hour: int, minute: int, second: int, now_ns: int) -> int | None:
    year = datetime.fromtimestamp(now_ns / 1e9).astimezone().year
    for candidate in (year, year - 1):
        found = _ns(candidate, month, day, hour, minute, second, None)
        if found is not None and found <= now_ns + 86_400 * 10**9:
            return found
    return None


def _epoch_text(text: str) -> int | None:
    """Whole digits, so that nothing is lost to a float."""
    whole, _, fraction = text.partition(".")
    return int(whole) * 10**9 + int(fraction.ljust(9, "0")) if fraction else _epoch(int(whole))


def _epoch(value: float) -> int | None:
    """By its size: between 2001 and 2286 in each unit."""
    for limit, factor in ((10**10, 10**9), (10**13, 10**6), (10**16, 10**3), (10**19, 1)):
        if limit // 10 <= value < limit:
            return int(value * factor) if isinstance(value, float) else value * factor
    return None
