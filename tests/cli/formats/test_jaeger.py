"""Jaeger's JSON in and out."""

from __future__ import annotations

import io
from typing import Any

import orjson
import pytest

from spyglass.cli.formats.jaeger import Writer
from spyglass.decode.attributes import pairs
from spyglass.decode.pieces import Piece, Skipped
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind
from spyglass.testing.rows import spans as span_rows

TRACE = "5af7183fb1d4cf5f"


def tag(key: str, kind: str, value: Any) -> dict[str, Any]:
    """A tag."""
    return {"key": key, "type": kind, "value": value}


def document(**changes: Any) -> bytes:
    """One trace of one span, as Jaeger's UI saves it."""
    span = {
        "traceID": TRACE,
        "spanID": "1f2",
        "flags": 1,
        "operationName": "get /",
        "references": [],
        "startTime": 1_700_000_000_000_001,
        "duration": 1500,
        "tags": [],
        "logs": [],
        "processID": "p1",
        "warnings": None,
    }
    process = {"serviceName": "shop", "tags": [tag("host", "string", "a")]}
    return orjson.dumps({"data": [{"traceID": TRACE, "spans": [span | changes], "processes": {"p1": process}}], "total": 0}, option=orjson.OPT_INDENT_2)


def test_a_span_is_read_with_its_ids_and_times(read: Any, spans: Any) -> None:
    """Short ids get their zeros back, microseconds become nanoseconds, the process is the resource."""
    ((service, span),) = spans(read(document()))
    assert (service, span.name, span.flags) == ("shop", "get /", 1)
    assert (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id) == (TRACE.rjust(32, "0"), "1f2".rjust(16, "0"), b"")
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (1_700_000_000_000_001_000, 1_700_000_000_001_501_000)


def test_tags_keep_their_types(read: Any, spans: Any) -> None:
    """Whole numbers as text too, as JavaScript cannot write them otherwise; what does not fit its type stays as text."""
    tags = [tag("s", "string", ""), tag("b", "bool", False), tag("i", "int64", "9007199254740993"), tag("f", "float64", 1.0), tag("y", "binary", "AAE=")]
    ((_, span),) = spans(read(document(tags=[*tags, tag("w", "int64", "many")])))
    assert pairs(span.attributes) == {"s": "", "b": False, "i": 2**53 + 1, "f": 1.0, "y": b"\0\1", "w": "many"}


def test_logs_become_events(read: Any, spans: Any) -> None:
    """Named by their field `event`, else by `message`."""
    logs = [{"timestamp": 5, "fields": [tag("event", "string", "retry"), tag("n", "int64", 2)]}, {"timestamp": 6, "fields": [tag("message", "string", "hm")]}]
    ((_, span),) = spans(read(document(logs=logs)))
    assert [(event.time_unix_nano, event.name, pairs(event.attributes)) for event in span.events] == [(5000, "retry", {"n": 2}), (6000, "hm", {})]


@pytest.mark.parametrize(
    ("references", "parent", "links"),
    [
        ([("CHILD_OF", TRACE, "a1")], "a1", []),
        ([("FOLLOWS_FROM", TRACE, "a1"), ("CHILD_OF", TRACE, "b2")], "b2", ["a1"]),
        ([("FOLLOWS_FROM", TRACE, "a1")], "a1", []),
        ([("FOLLOWS_FROM", "77", "a1"), ("CHILD_OF", TRACE, "b2"), ("CHILD_OF", TRACE, "c3")], "b2", ["a1", "c3"]),
        ([], "", []),
    ],
)
def test_references_become_parent_and_links(read: Any, spans: Any, references: list[tuple[str, str, str]], parent: str, links: list[str]) -> None:
    """The parent is of the same trace; CHILD_OF goes first; nothing is lost."""
    told = [{"refType": kind, "traceID": trace, "spanID": span} for kind, trace, span in references]
    ((_, span),) = spans(read(document(references=told)))
    assert span.parent_span_id.hex().lstrip("0") == parent
    assert [link.span_id.hex().lstrip("0") for link in span.links] == links


def test_what_opentelemetry_hides_in_tags_goes_back_to_its_place(read: Any, spans: Any) -> None:
    """Kind, status, scope, trace state."""
    tags = [
        tag("span.kind", "string", "client"),
        tag("error", "bool", True),
        tag("otel.status_description", "string", "no"),
        tag("w3c.tracestate", "string", "a=b"),
    ]
    items = read(document(tags=[*tags, tag("otel.scope.name", "string", "lib")]))
    ((_, span),) = spans(items)
    assert (span.kind, span.status.code, span.status.message, span.trace_state, len(span.attributes)) == (3, 2, "no", "a=b", 0)


def test_bad_spans_are_told_and_the_others_come(read: Any) -> None:
    """With the number of trace and span, and what they lack."""
    bad = orjson.loads(document())
    bad["data"][0]["spans"] += [{"traceID": TRACE}, {"traceID": "xyz", "spanID": "1", "startTime": 1}, 5]
    bad["data"].append({"no": "trace"})
    items = read(orjson.dumps(bad))
    assert [item.place for item in items if isinstance(item, Skipped)] == [
        f"line 1, {place}" for place in ("trace 1, span 2", "trace 1, span 3", "trace 1, span 4", "trace 2")
    ]
    assert [item.records for item in items if isinstance(item, Piece)] == [1]


def test_traces_may_stand_on_lines_or_alone(read: Any, spans: Any) -> None:
    """As other tools write them."""
    trace = orjson.dumps(orjson.loads(document())["data"][0])
    assert len(spans(read(trace + b"\n" + trace + b"\n", "jaeger"))) == 2
    assert len(spans(read(b"[" + trace + b"]", "jaeger"))) == 1


def test_what_is_written_reads_back(read: Any, spans: Any) -> None:
    """A trace whose spans come on several pages is one trace; ids, names, tags, events, errors are kept, and microseconds."""
    out, rows = io.BytesIO(), span_rows(50)
    writer = Writer(out, Kind.SPAN)
    for at in range(0, 50, 7):
        writer.add(rows.slice(at, 7))
    writer.close()
    written = orjson.loads(out.getvalue())
    assert written["total"] == len(written["data"]) == len({trace["traceID"] for trace in written["data"]}) == 13
    again = {span.span_id: span for _, span in spans(read(out.getvalue()))}
    assert len(again) == 50
    for row in rows.select(["span_id", "parent_span_id", "name", "attributes", "status"]).to_pylist():
        span = again[row["span_id"]]
        assert (span.parent_span_id or bytes(8), span.name) == (row["parent_span_id"], row["name"])
        assert list(pairs(span.attributes)) == [key for key, _ in row["attributes"]]
        assert (span.status.code == 2) == (row["status"] == "error")


def test_only_spans_can_be_written() -> None:
    """Jaeger has no logs and no metrics."""
    with pytest.raises(InputError, match="spans alone"):
        Writer(io.BytesIO(), Kind.EVENT)
