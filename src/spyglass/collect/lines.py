"""What a record of a log file says: its text in, an event out, with time, severity, trace and attributes where they can be found.

JSON objects are understood as the usual loggers write them; all other text stays as it is. The same text gives the same event.
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from spyglass.collect.moments import moment_in, moment_of, severity_in, severity_of
from spyglass.model.told import INFO, Event, Value

__all__ = ["read_record"]

_TIMES: Final = ("time", "timestamp", "@timestamp", "ts", "asctime", "datetime", "date", "eventTime", "t")
_LEVELS: Final = ("level", "severity", "levelname", "log.level", "lvl", "loglevel", "severity_text", "levelno")
_BODIES: Final = ("message", "msg", "log", "body", "event", "text", "@message")
_TRACES: Final = ("trace_id", "traceId", "traceID", "otelTraceID", "trace.id", "dd.trace_id")
_SPANS: Final = ("span_id", "spanId", "spanID", "otelSpanID", "span.id", "dd.span_id")
_HEX: Final = re.compile(r"[0-9a-fA-F]+")


def read_record(text: str, now_ns: int, attributes: dict[str, Value], *, json: bool) -> Event:
    """The event of a record. `json`: whether an object is looked into; what is none stays text. Without a time of its own it has `now_ns`."""
    if json and text.lstrip().startswith("{"):
        try:
            told = orjson.loads(text)
        except ValueError:
            pass
        else:
            return _of_object(told, now_ns, attributes)
    return Event("", moment_in(text, now_ns) or now_ns, attributes, text, severity_in(text) or INFO)


def _of_object(told: dict[str, Any], now_ns: int, attributes: dict[str, Value]) -> Event:
    """What is told apart is not told again; everything else is an attribute under its own name."""
    time_ns = _take(told, _TIMES, lambda value: moment_of(value, now_ns))
    severity = _take(told, _LEVELS, severity_of)
    body = _take(told, _BODIES, lambda value: value.removesuffix("\n") if isinstance(value, str) else None)
    trace_id, span_id = _take(told, _TRACES, lambda value: _id(value, 16)), _take(told, _SPANS, lambda value: _id(value, 8))
    if severity is None and isinstance(body, str):
        severity = severity_in(body)  # a container's log has the program's line in it
    return Event("", time_ns or now_ns, {**told, **attributes}, body, severity or INFO, trace_id or b"", span_id or b"")


def _take(told: dict[str, Any], names: tuple[str, ...], read: Any) -> Any:
    """The first value that can be read, taken out of the object."""
    for name in names:
        if name in told and (value := read(told[name])) is not None:
            del told[name]
            return value
    return None


def _id(value: Any, size: int) -> bytes | None:
    """An id of so many bytes that is not all zeros."""
    if not isinstance(value, str) or len(value) != 2 * size or not _HEX.fullmatch(value):
        return None
    found = bytes.fromhex(value)
    return found if any(found) else None
