"""Rows of a batch -> small frames, as JSON bytes that all viewers share: each row is rendered once, and only when a viewer gets it.

A frame of one type always has the same members. Text is cut at 512 characters, and long texts are one short `summary`; with `fields=full` the
frame also has the whole record as `row`, unless that makes it too large: then it says `"truncated": true`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any, Final, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.schema import Kind
from spyglass.model.times import iso_texts
from spyglass.stream.filter import Rows
from spyglass.stream.ring import Entry

__all__ = ["MAX_FRAME_BYTES", "Frame", "Whole", "dump", "render"]

MAX_FRAME_BYTES: Final = 256 * 1024  # what clients take in one message without being told otherwise is 1 MiB
_TEXT: Final = 512
_SUMMARY: Final = 160

Whole = Callable[[pa.Table], list[dict[str, Any]]]
"""n rows, all columns -> n JSON objects with everything in them."""


class Frame(NamedTuple):
    """One JSON object, and the place after it."""

    cursor: str
    body: bytes


def dump(value: Any) -> bytes:
    """JSON; bytes become hex."""
    return orjson.dumps(value, default=_hex, option=orjson.OPT_NON_STR_KEYS)


def render(entry: Entry, rows: Rows, whole: Whole | None, cursor: str | None = None) -> list[Frame]:
    """A frame for each of the rows, in their order. With `whole` frames have the whole record too. `cursor`: of all of them, where they are told late."""
    kind, table = entry.batch.kind, entry.batch.rows
    columns = _RENDER[kind](_Picked(table.select(_COLUMNS[kind]).take(pa.array(rows)), entry, rows, cursor))
    objects = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=False)]  # some columns repeat for ever
    if whole is None:
        bodies = [orjson.dumps(one) for one in objects]
    else:
        bodies = [_full(one, row) for one, row in zip(objects, whole(table.take(pa.array(rows))), strict=True)]
    return [Frame(one["cursor"], body) for one, body in zip(objects, bodies, strict=True)]


def _full(lean: dict[str, Any], row: dict[str, Any]) -> bytes:
    body = dump({**lean, "row": row})
    return body if len(body) <= MAX_FRAME_BYTES else orjson.dumps({**lean, "truncated": True})


class _Picked:
    """The columns of the rows that are rendered."""

    def __init__(self, table: pa.Table, entry: Entry, rows: Rows, cursor: str | None) -> None:
        self.table, self.entry = table, entry
        self.cursors = [cursor or f"{entry.last.prefix}{row:x}" for row in rows.tolist()]

    def text(self, name: str) -> list[str]:
        return self._cut(name).to_pylist()  # type: ignore[no-any-return]

    def plain(self, name: str) -> list[Any]:
        return self.table[name].to_pylist()  # type: ignore[no-any-return]

    def time(self, name: str) -> list[str]:
        return iso_texts(self.table[name]).to_pylist()  # type: ignore[no-any-return]

    def hex(self, name: str) -> list[str | None]:
        """Ids; null where there is none."""
        return [value.hex() if value and any(value) else None for value in self.table[name].to_pylist()]

    def said(self) -> list[str]:
        """Of each span the last thing that was said in it, of the messages that came with the batch."""
        messages = self.entry.batch.messages
        if messages is None or not len(messages):
            return [""] * len(self.cursors)
        spans = self.plain("span_id")
        found = messages.select(["span_id", "direction", "position", "text"]).filter(pc.is_in(messages["span_id"], pa.array(spans, pa.binary(8))))
        found = found.set_column(3, "text", pc.utf8_slice_codeunits(found["text"], 0, _TEXT)).to_pylist()
        found.sort(key=lambda message: (message["direction"] == "output", message["position"]))
        last = {message["span_id"]: message["text"] for message in found if message["text"]}
        return [last.get(span, "") for span in spans]

    def _cut(self, name: str) -> pa.ChunkedArray:
        return pc.utf8_slice_codeunits(pc.fill_null(self.table[name], ""), 0, _TEXT)


def _span(of: _Picked) -> dict[str, Iterable[Any]]:
    status, error, message = of.text("status"), of.text("error_type"), of.text("status_message")
    failures = [_failure(*one) for one in zip(status, error, message, strict=True)]
    spans = of.hex("span_id")
    return {
        "type": repeat("span"),
        "cursor": of.cursors,
        "id": spans,
        "time": of.time("start"),
        "project": of.text("project"),
        "name": of.text("name"),
        "kind": of.text("kind"),
        "status": status,
        "severity": ["error" if one == "error" else "" for one in status],
        "service": of.text("service"),
        "agent": of.text("agent"),
        "session_id": of.text("session_id"),
        "trace_id": of.hex("trace_id"),
        "span_id": spans,
        "parent_span_id": of.hex("parent_span_id"),
        "model": of.text("model"),
        "tool": of.text("tool"),
        "pending": of.plain("pending"),
        "plumbing": of.plain("plumbing"),
        "duration_ns": of.plain("duration_ns"),
        "input_tokens": of.plain("input_tokens"),
        "output_tokens": of.plain("output_tokens"),
        "cost_usd": of.plain("cost_usd"),
        "error_type": error,
        "summary": _summaries(failures, of.said(), of.text("output"), of.text("input")),
    }


def _event(of: _Picked) -> dict[str, Iterable[Any]]:
    name = of.text("event_name")
    return {
        "type": repeat("event"),
        "cursor": of.cursors,
        "id": of.hex("event_id"),
        "time": of.time("time"),
        "project": of.text("project"),
        "name": name,
        "kind": of.text("kind"),
        "status": of.text("status"),
        "severity": of.text("severity"),
        "service": of.text("service"),
        "source": of.text("source"),
        "agent": of.text("agent"),
        "session_id": of.text("session_id"),
        "execution_id": of.text("execution_id"),
        "trace_id": of.hex("trace_id"),
        "span_id": of.hex("span_id"),
        "model": of.text("model"),
        "tool": of.text("tool"),
        "duration_ns": of.plain("duration_ns"),
        "input_tokens": of.plain("input_tokens"),
        "output_tokens": of.plain("output_tokens"),
        "cost_usd": of.plain("cost_usd"),
        "error_type": of.text("error_type"),
        "summary": _summaries(of.text("body"), of.text("output"), of.text("input"), name),
    }


def _point(of: _Picked) -> dict[str, Iterable[Any]]:
    types, units = of.text("type"), of.text("unit")
    told = zip(of.plain("value_type"), of.plain("value_int"), of.plain("value"), strict=True)
    values = [integer if code == "i" else number if code == "d" else None for code, integer, number in told]
    counts, sums = of.plain("count"), of.plain("sum")
    return {
        "type": repeat("point"),
        "cursor": of.cursors,
        "id": repeat(None),
        "time": of.time("time"),
        "project": of.text("project"),
        "name": of.text("metric"),
        "metric_type": types,
        "unit": units,
        "value": values,
        "count": counts,
        "sum": sums,
        "service": of.text("service"),
        "agent": of.text("agent"),
        "session_id": of.text("session_id"),
        "model": of.text("model"),
        "tool": of.text("tool"),
        "summary": [_measure(*one) for one in zip(values, counts, sums, units, strict=True)],
    }


def _failure(status: str, error: str, message: str) -> str:
    return ": ".join(part for part in (error, message) if part) if status == "error" else ""


def _summaries(*texts: Sequence[str]) -> list[str]:
    """The first of the texts that says something, on one line."""
    return [" ".join(next((text for text in options if text), "").split())[:_SUMMARY] for options in zip(*texts, strict=True)]


def _measure(value: float | None, count: int | None, total: float | None, unit: str) -> str:
    unit = "" if unit in {"", "1"} else f" {unit}"
    return f"{count or 0} values, together {total or 0:g}{unit}" if value is None else f"{value:g}{unit}"


def _hex(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} is not JSON")


_COMMON: Final = ["project", "service", "agent", "session_id", "model", "tool"]
_CALL: Final = ["status", "kind", "duration_ns", "input_tokens", "output_tokens", "cost_usd", "error_type", "input", "output", "trace_id", "span_id"]
_COLUMNS: Final = {
    Kind.SPAN: [*_COMMON, *_CALL, "parent_span_id", "start", "name", "pending", "plumbing", "status_message"],
    Kind.EVENT: [*_COMMON, *_CALL, "event_id", "time", "event_name", "severity", "source", "execution_id", "body"],
    Kind.POINT: [*_COMMON, "time", "metric", "type", "unit", "value", "value_int", "value_type", "count", "sum"],
}
_RENDER: Final[dict[Kind, Callable[[_Picked], dict[str, Iterable[Any]]]]] = {Kind.SPAN: _span, Kind.EVENT: _event, Kind.POINT: _point}
