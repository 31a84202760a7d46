"""Zipkin's JSON in and out."""

from __future__ import annotations

import io
from typing import Any

import orjson
import pytest

from spyglass.cli.formats.zipkin import Writer
from spyglass.decode.attributes import pairs
from spyglass.decode.pieces import Skipped
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind
from spyglass.testing.rows import spans as span_rows


def span(**changes: Any) -> dict[str, Any]:
    """A span."""
    told = {"traceId": "86154a4ba6e91385", "id": "4d1e00c0db9010db", "name": "get", "timestamp": 1_700_000_000_000_001, "duration": 207_000}
    return told | {"localEndpoint": {"serviceName": "frontend", "ipv4": "10.0.0.1"}} | changes


def test_a_span_is_read_with_its_ids_and_times(read: Any, spans: Any) -> None:
    """Short trace ids get zeros, microseconds become nanoseconds, the local endpoint is the service."""
    peer = {"serviceName": "backend", "ipv6": "fe80::1", "port": 9000}
    ((service, out),) = spans(read(orjson.dumps([span(kind="CLIENT", parentId="1", remoteEndpoint=peer, tags={"a": "b"}, debug=True)])))
    assert (service, out.name, out.kind, out.trace_id.hex()) == ("frontend", "get", 3, "0" * 16 + "86154a4ba6e91385")
    assert (out.parent_span_id.hex(), out.end_time_unix_nano - out.start_time_unix_nano) == ("1".rjust(16, "0"), 207_000_000)
    told = {"a": "b", "net.host.ip": "10.0.0.1", "peer.service": "backend", "net.peer.ip": "fe80::1", "net.peer.port": 9000, "zipkin.debug": True}
    assert pairs(out.attributes) == told


def test_annotations_become_events(read: Any, spans: Any) -> None:
    """And are the start where there is no other."""
    ((_, out),) = spans(read(orjson.dumps([span(timestamp=None, annotations=[{"timestamp": 9, "value": "ws"}, {"timestamp": 7, "value": "wr"}])])))
    assert [(event.time_unix_nano, event.name) for event in out.events] == [(9000, "ws"), (7000, "wr")]
    assert out.start_time_unix_nano == 7000


@pytest.mark.parametrize(("tags", "code", "message"), [({"error": "boom"}, 2, "boom"), ({"error": "true"}, 2, ""), ({"error": "false"}, 0, ""), ({}, 0, "")])
def test_the_tag_error_is_a_failure(read: Any, spans: Any, tags: dict[str, str], code: int, message: str) -> None:
    """What it says is the message."""
    ((_, out),) = spans(read(orjson.dumps([span(tags=tags)])))
    assert (out.status.code, out.status.message) == (code, message)


@pytest.mark.parametrize("shared", [True, None])
def test_both_sides_of_a_shared_span_stay(read: Any, spans: Any, shared: bool | None) -> None:
    """The server's side becomes a child with an id of its own, and what the server did hangs below it; what the client did does not."""
    client = span(kind="CLIENT")
    server = span(kind="SERVER", shared=shared, localEndpoint={"serviceName": "backend"})
    below = span(id="a1", parentId=client["id"], localEndpoint={"serviceName": "backend"}, name="query")
    beside = span(id="a2", parentId=client["id"], name="log")
    found = {out.name if out.kind == 0 else out.kind: out for _, out in spans(read(orjson.dumps([client, server, below, beside])))}
    assert found[2].parent_span_id == found[3].span_id != found[2].span_id
    assert found["query"].parent_span_id == found[2].span_id
    assert found["log"].parent_span_id == found[3].span_id


def test_a_span_that_was_reported_in_parts_is_one(read: Any, spans: Any) -> None:
    """Tags and annotations of all parts, the longest duration."""
    parts = [span(duration=None, tags={"a": "1"}), span(duration=9, tags={"b": "2"}, annotations=[{"timestamp": 7, "value": "x"}])]
    ((_, out),) = spans(read(orjson.dumps(parts)))
    assert (len(out.events), out.end_time_unix_nano - out.start_time_unix_nano) == (1, 9000)
    assert {"a", "b"} <= pairs(out.attributes).keys()


def test_lists_of_traces_and_broken_spans(read: Any, spans: Any) -> None:
    """What is no span is told with its number."""
    items = read(orjson.dumps([[span(id="1"), span(id="2")], [span(id="3"), {"traceId": "1"}, span(id="not hex")]]))
    assert [item.place for item in items if isinstance(item, Skipped)] == ["item 2, 2", "item 2, 3"]
    assert len(spans([item for item in items if not isinstance(item, Skipped)])) == 3


def test_what_is_written_reads_back(read: Any, spans: Any) -> None:
    """Ids, names, kinds, errors are kept; attributes become text."""
    out, rows = io.BytesIO(), span_rows(50)
    writer = Writer(out, Kind.SPAN)
    for at in range(0, 50, 20):
        writer.add(rows.slice(at, 20))
    writer.close()
    again = {told.span_id: told for _, told in spans(read(out.getvalue()))}
    assert len(again) == 50
    for row in rows.select(["span_id", "parent_span_id", "name", "attributes", "status", "status_message"]).to_pylist():
        told = again[row["span_id"]]
        assert (told.parent_span_id or bytes(8), told.name, told.status.message) == (row["parent_span_id"], row["name"], row["status_message"])
        assert {key for key, _ in row["attributes"]} <= pairs(told.attributes).keys()


def test_nothing_is_an_empty_list(read: Any) -> None:
    """Which is Zipkin's too."""
    out = io.BytesIO()
    Writer(out, Kind.SPAN).close()
    assert orjson.loads(out.getvalue()) == []
    with pytest.raises(InputError, match="spans alone"):
        Writer(out, Kind.POINT)
