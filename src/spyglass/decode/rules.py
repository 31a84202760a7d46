"""What decode decides about single values: names of enums, plausible times, projects, severities, event names.

Both roads (columns and reference) take their constants and their per-value functions from here.
Columns call them once per distinct value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

__all__ = [
    "AHEAD_NS",
    "DEEPEST",
    "DEFAULT_PROJECT",
    "EARLIEST_NS",
    "ENVIRONMENT_KEYS",
    "EVENT_NAME",
    "EVENT_NAME_KEYS",
    "EVENT_NAME_MAX",
    "EXECUTION_KEY",
    "LARGEST",
    "LOCATION",
    "LONGEST_NS",
    "MOST",
    "PROJECT_KEYS",
    "REPEATED_LIMIT",
    "SERVICE_KEY",
    "SEVERITY_MAX",
    "SLOWEST",
    "SOURCE_KEY",
    "SPAN_KINDS",
    "STATUSES",
    "TEMPORALITIES",
    "is_event_name",
    "is_location",
    "plausible",
    "project_of",
    "severity_of_number",
    "severity_of_text",
]

SPAN_KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
STATUSES: Final = ("unset", "ok", "error")
TEMPORALITIES: Final = ("", "delta", "cumulative")

_DAY_NS: Final = 86_400 * 10**9
EARLIEST_NS: Final = 946_684_800 * 10**9  # 2000-01-01: no telemetry is older, and clocks that were never set are
AHEAD_NS: Final = _DAY_NS  # a wrong time zone puts a clock up to 14 h ahead
LONGEST_NS: Final = 3_653 * _DAY_NS  # ten years: nothing runs longer, but an end beside a start of 0 would

SLOWEST: Final = 2**20  # bytes of a body that columns cannot read and the reference then does; up to three seconds, if it is hostile
DEEPEST: Final = 30  # levels of lists in lists; protobuf itself stops at 100 messages, three a level, ten above
MOST: Final = 500_000  # resources, scopes, records or points in one body, and values that go one by one; a row takes half a kilobyte
LARGEST: Final = 8 * 2**20  # bytes of one list or key-value list; its members take sixty times as much while they are read
REPEATED_LIMIT: Final = 256 * 2**20  # bytes of one body's resource, scope and metric fields, repeated for each record

DEFAULT_PROJECT: Final = "default"
PROJECT_KEYS: Final = ("spyglass.project", "openinference.project.name")
SERVICE_KEY: Final = "service.name"
ENVIRONMENT_KEYS: Final = ("deployment.environment.name", "deployment.environment")
SOURCE_KEY: Final = "spyglass.source"
EXECUTION_KEY: Final = "spyglass.execution.id"
EVENT_NAME_KEYS: Final = ("event.name", "event_name")

SEVERITY_MAX: Final = 24
_SEVERITIES: Final = ("trace", "debug", "info", "warning", "error", "critical")  # four numbers each, from 1 on
_SEVERITY_WORDS: Final = {
    **{name: name for name in _SEVERITIES},
    "verbose": "trace",
    "information": "info",
    "notice": "info",
    "warn": "warning",
    "err": "error",
    "crit": "critical",
    "fatal": "critical",
    "alert": "critical",
    "emerg": "critical",
    "emergency": "critical",
    "panic": "critical",
}

# Regular expressions which mean the same to RE2 and to Python. (No counted repeats: RE2 unfolds them, and compiles them for each column.)
EVENT_NAME: Final = r"\A[a-z][a-z0-9_]*(\.[a-z0-9_]+)+\z"
EVENT_NAME_MAX: Final = 100  # characters; a body of this shape that is longer is data
LOCATION: Final = r"[ \t\r\n]|:[0-9]"


_EVENT_NAME, _LOCATION = re.compile(EVENT_NAME.replace(r"\z", r"\Z")), re.compile(LOCATION)


def plausible(time_ns: int, received_ns: int) -> bool:
    """Whether a clock that runs can have said this time."""
    return EARLIEST_NS <= time_ns <= received_ns + AHEAD_NS


@lru_cache(maxsize=4096)
def project_of(name: str) -> tuple[str, bool]:
    """The project a sender named, and whether that name can be used: 1 to 128 printable characters, no blank at either end."""
    if 0 < len(name) <= 128 and name.isprintable() and name == name.strip():
        return name, True
    return DEFAULT_PROJECT, False


def severity_of_number(number: int) -> str:
    """The word for an OTel severity number, "" for 0 (not told)."""
    return _SEVERITIES[(number - 1) // 4] if 1 <= number <= SEVERITY_MAX else ""


@lru_cache(maxsize=4096)
def severity_of_text(text: str) -> str:
    """The word for what a logging library calls its level, such as `WARN` or `Info2`; "" when it is not known."""
    return _SEVERITY_WORDS.get(text.strip().lower().rstrip("1234"), "") if len(text) < 32 else ""


def is_event_name(body: str) -> bool:
    """Whether a body is but the name of an event, as in `gen_ai.user.message`."""
    return len(body) <= EVENT_NAME_MAX and _EVENT_NAME.search(body) is not None


def is_location(event_name: str) -> bool:
    """Whether an event name is only the place in the source that logged it, as in `event otel/src/x.rs:803`."""
    return _LOCATION.search(event_name) is not None
