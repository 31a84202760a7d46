"""OTLP protobuf files in all their layouts."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from spyglass.cli.formats.otlp_proto import Writer, signal_of
from spyglass.decode.encode import encode
from spyglass.decode.pieces import Piece, Skipped
from spyglass.decode.shape import KINDS
from spyglass.decode.wire import REQUESTS
from spyglass.model.body import Signal
from spyglass.model.schema import Kind
from spyglass.testing.rows import events, points, spans

MAKERS: list[tuple[Signal, Callable[..., pa.Table]]] = [("traces", spans), ("logs", events), ("metrics", points)]


def varint(data: bytes) -> bytes:
    """The message as the format writes it."""
    out = bytearray()
    number = len(data)
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number]) + data


@pytest.mark.parametrize(("signal", "make"), MAKERS)
@pytest.mark.parametrize("frame", [bytes, varint, lambda data: len(data).to_bytes(4) + data])
def test_layout_and_signal_are_seen_from_the_contents(read: Any, signal: Signal, make: Callable[..., pa.Table], frame: Callable[[bytes], bytes]) -> None:
    """One bare request, requests behind varints, requests behind four bytes as a collector writes them."""
    data = frame(encode(KINDS[signal], make(40))) + frame(encode(KINDS[signal], make(2, first=40)))
    items = read(data)
    assert {item.signal for item in items} == {signal}
    assert sum(item.records for item in items) == 42


def test_what_we_write_can_be_read(read: Any) -> None:
    """Page after page."""
    out = io.BytesIO()
    writer = Writer(out, Kind.EVENT)
    for page in (events(300), events(0), events(5, first=300)):
        writer.add(page)
    writer.close()
    assert [item.records for item in read(out.getvalue())] == [300, 5]


def test_a_file_that_is_cut_off_is_told(read: Any) -> None:
    """What was whole is there."""
    data = varint(encode(Kind.SPAN, spans(40))) + varint(encode(Kind.SPAN, spans(40)))[:-10]
    first, second = read(data)
    assert isinstance(first, Piece)
    assert isinstance(second, Skipped)
    assert "cut off" in second.reason


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 30, b"\x0a", b"\x0a\x05hello", b"\x0a\x00\x0a\x02\x12\x00"])
def test_bytes_of_something_else_are_told(read: Any, data: bytes) -> None:
    """And crash nothing."""
    assert all(isinstance(item, Skipped) for item in read(data, "otlp-proto"))


@pytest.mark.parametrize(
    ("signal", "fields"),
    [
        ("traces", {"start_time_unix_nano": 5}),
        ("traces", {"trace_id": bytes(range(16)), "span_id": bytes(range(8))}),
        ("logs", {"time_unix_nano": 5}),
        ("logs", {"severity_number": 9}),
        ("logs", {"observed_time_unix_nano": 5}),
        ("metrics", {"name": "m"}),
    ],
)
def test_the_signal_is_told_by_few_fields(signal: Signal, fields: dict[str, Any]) -> None:
    """A record need not be complete."""
    request = REQUESTS[signal]()
    resources, scopes, records = {"traces": ("spans", "spans", "spans"), "logs": ("logs", "logs", "log_records"), "metrics": ("metrics",) * 3}[signal]
    scope = getattr(getattr(request, f"resource_{resources}").add(), f"scope_{scopes}").add()
    getattr(scope, records).add(**fields)
    assert signal_of(request.SerializeToString()) == signal
