"""Bodies go together, and none harms another."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from spyglass.decode import ptars_door
from spyglass.decode.decoder import Decoded, Decoder
from spyglass.decode.rules import DEEPEST
from spyglass.decode.shape import WIRE
from spyglass.model.body import Body, Outcome, Signal
from spyglass.model.errors import DecodeError
from spyglass.model.schema import Kind
from spyglass.telemetry.metrics import DECODE_FALLBACKS, DECODE_REFUSED, DROPPED
from spyglass.testing.rows import BASE_NS

NOW = BASE_NS + 3_600 * 10**9

Make = Callable[..., tuple[Any, Any]]


def refused(decoded: Decoded) -> DecodeError:
    (outcome,) = decoded.outcomes
    assert isinstance(outcome, DecodeError)
    assert len(decoded.batch) == 0
    return outcome


def size(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def bomb(levels: int) -> bytes:
    """An AnyValue of lists in lists."""
    data = AnyValue(int_value=1).SerializeToString()
    for _ in range(levels):
        data = b"\x0a" + size(len(data)) + data
        data = b"\x2a" + size(len(data)) + data
    return data


def with_value(request: Any, data: bytes) -> bytes:
    """The request with one span attribute of this raw value."""
    pair = b"\x0a\x01k\x12" + size(len(data)) + data
    span = request.resource_spans[0].scope_spans[0].spans[0].SerializeToString() + b"\x4a" + size(len(pair)) + pair
    scope = b"\x12" + size(len(span)) + span
    resource = b"\x12" + size(len(scope)) + scope
    return bytes(b"\x0a" + size(len(resource)) + resource)


@pytest.mark.parametrize("data", [b"\xff", b"\n\x05abc", b"not protobuf at all", b"\x0b\x0c\x0b"])
def test_what_is_no_request_is_refused(decode: Callable[..., Decoded], data: bytes) -> None:
    """Cut off or of another kind: the answer says so."""
    error = refused(decode("traces", data))
    assert error.message.startswith("ExportTraceServiceRequest: not a valid protobuf message")
    assert error.details["reason"] == "malformed"


def test_a_truncated_body_is_refused_whole(span: Make, decode: Callable[..., Decoded]) -> None:
    """Nothing of it is kept, not even its first spans."""
    data = span(name="long enough")[0].SerializeToString()
    assert refused(decode("traces", data[:-3])).status == 400


@pytest.mark.parametrize("raw", [b"\x0a\x02\xff\xfe", b"\x2a\x06\x0a\x04\x0a\x02\xff\xfe"])
def test_invalid_utf8_is_refused_by_its_name(span: Make, decode: Callable[..., Decoded], raw: bytes) -> None:
    """In a string, and in a string of a list."""
    error = refused(decode("traces", with_value(span()[0], raw)))
    assert error.details["reason"] == "invalid_utf8"
    assert "bytes_value" in error.message


@pytest.mark.parametrize("levels", [DEEPEST + 1, 60, 10_000])
def test_a_recursive_bomb_is_refused(span: Make, decode: Callable[..., Decoded], levels: int) -> None:
    """Lists in lists beyond the limit, and far beyond any stack."""
    error = refused(decode("traces", with_value(span()[0], bomb(levels))))
    assert error.details["reason"] == "too_deep"
    assert f"{DEEPEST} levels" in error.message


def test_the_deepest_value_is_read(span: Make, decode: Callable[..., Decoded]) -> None:
    """The limit itself is within what protobuf reads."""
    decoded = decode("traces", with_value(span()[0], bomb(DEEPEST)))
    assert decoded.batch.rows["attributes"].to_pylist()[0] == [("k", "[" * DEEPEST + "1" + "]" * DEEPEST)]


@pytest.mark.parametrize("columns", [True, False])
def test_a_small_body_cannot_fill_the_memory(span: Make, columns: bool) -> None:
    """A large resource over many spans is refused before it is repeated; on every road, and beside a good body."""
    request, it = span()
    good = Body("traces", "protobuf", request.SerializeToString())
    request.resource_spans[0].resource.attributes.add(key="k").value.string_value = "x" * 10**6
    request.resource_spans[0].scope_spans[0].spans.extend([it] * 300)
    decoded = Decoder(columns=columns).decode("traces", [good, Body("traces", "protobuf", request.SerializeToString()), good], NOW)
    assert decoded.row_counts == [1, 0, 1]
    assert isinstance(decoded.outcomes[1], DecodeError)
    assert decoded.outcomes[1].details["reason"] == "repeats_too_much"


@pytest.mark.parametrize("columns", [True, False])
def test_a_body_has_at_most_so_many_records(span: Make, monkeypatch: pytest.MonkeyPatch, columns: bool) -> None:
    """Empty records take two bytes each, and a row half a kilobyte; a body of too many is refused, its neighbours are not."""
    monkeypatch.setattr("spyglass.decode.limits.MOST", 10)
    request, it = span()
    good = Body("traces", "protobuf", request.SerializeToString())
    request.resource_spans[0].scope_spans[0].spans.extend([it] * 10)
    decoded = Decoder(columns=columns).decode("traces", [good] * 6 + [Body("traces", "protobuf", request.SerializeToString())] + [good] * 6, NOW)
    assert decoded.row_counts == [1] * 6 + [0] + [1] * 6
    assert isinstance(decoded.outcomes[6], DecodeError)
    assert decoded.outcomes[6].details["reason"] == "too_many"


def test_a_list_has_at_most_so_many_bytes(span: Make, decode: Callable[..., Decoded], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its members take far more memory while they are read."""
    monkeypatch.setattr("spyglass.decode.anyvalue.LARGEST", 100)
    request, it = span()
    it.attributes.add(key="k").value.array_value.values.add(string_value="x" * 100)
    assert refused(decode("traces", request)).details["reason"] == "value_too_large"


def test_rows_and_answers_are_per_body(span: Make) -> None:
    """Each body has its own count, rejections and arrival; a bad one has an error, and its neighbours their rows."""
    request, it = span(name="one")
    one = request.SerializeToString()
    request.resource_spans[0].scope_spans[0].spans.add(name="no id")
    it.name = "two"
    two = request.SerializeToString()
    bodies = [Body("traces", "protobuf", data) for data in (one, b"\xff", two, b"")]
    decoded = Decoder().decode("traces", bodies, [NOW, NOW, NOW + 1, NOW])
    assert decoded.row_counts == [1, 0, 1, 0]
    assert isinstance(decoded.outcomes[1], DecodeError)
    kept = [outcome for outcome in decoded.outcomes if isinstance(outcome, Outcome)]
    assert [(outcome.accepted, outcome.rejected) for outcome in kept] == [(1, 0), (1, 1), (0, 0)]
    assert decoded.batch.rows["name"].to_pylist() == ["one", "two"]
    assert decoded.batch.rows["received"].cast("int64").to_pylist() == [NOW, NOW + 1]


@pytest.mark.parametrize(("signal", "kind"), [("traces", Kind.SPAN), ("logs", Kind.EVENT), ("metrics", Kind.POINT)])
@pytest.mark.parametrize("bodies", [0, 1, 200])
def test_nothing_has_the_schema_too(signal: Signal, kind: Kind, bodies: int) -> None:
    """No bodies and empty bodies give no rows of the right columns."""
    decoded = Decoder().decode(signal, [Body(signal, "protobuf", b"")] * bodies, NOW)
    assert decoded.batch.kind is kind
    assert decoded.batch.rows.schema.equals(WIRE[kind])
    assert decoded.outcomes == [Outcome(0)] * bodies


def test_no_column_has_nulls_but_the_integers(random_request: Callable[..., Any]) -> None:
    """What a record does not tell is a default; only `value_int` tells zero and nothing apart by null."""
    for signal in ("traces", "logs", "metrics"):
        data = random_request(Random(3), signal).SerializeToString()
        rows = Decoder().decode(signal, [Body(signal, "protobuf", data)] * 10, NOW).batch.rows
        assert [name for name in rows.schema.names if rows[name].null_count and name != "value_int"] == []


def test_many_large_bodies_are_taken_in_turns(span: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies beyond what is decoded together are decoded in several groups, in order."""
    bodies = [Body("traces", "protobuf", span(name=str(number))[0].SerializeToString()) for number in range(7)]
    monkeypatch.setattr("spyglass.decode.decoder._TOGETHER", 2 * len(bodies[0].data))
    rows = Decoder().decode("traces", bodies, NOW).batch.rows
    assert rows["name"].to_pylist() == [str(number) for number in range(7)]
    assert rows["name"].num_chunks == 4


def test_when_the_columns_fail_the_reference_answers(span: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ptars that breaks costs time, not rows."""

    def broken(signal: Signal, bodies: list[bytes]) -> None:
        raise ptars_door.ParseError("panic")

    bodies = [Body("traces", "protobuf", span(name=name)[0].SerializeToString()) for name in "abc"]
    expected, before = Decoder().decode("traces", bodies, NOW), counted(DECODE_FALLBACKS, signal="traces", reason="ParseError")
    monkeypatch.setattr(ptars_door, "parse", broken)
    found = Decoder().decode("traces", bodies, NOW)
    assert found.batch.rows.equals(expected.batch.rows)
    assert found.row_counts == expected.row_counts
    assert counted(DECODE_FALLBACKS, signal="traces", reason="ParseError") == before + 3


def test_the_reference_is_not_given_large_bodies(span: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """One body that is slow to read would hold up all that wait behind it."""
    monkeypatch.setattr("spyglass.decode.decoder.SLOWEST", 10)
    monkeypatch.setattr(ptars_door, "parse", lambda signal, bodies: [])
    error = refused(Decoder().decode("traces", [Body("traces", "protobuf", span()[0].SerializeToString())], NOW))
    assert error.details["reason"] == "unusual"


def counted(counter: Any, **labels: str) -> float:
    """What a counter says now."""
    return float(counter.labels(**labels)._value.get())


def test_what_is_refused_or_rejected_is_counted(span: Make) -> None:
    """Bodies by signal and reason, rows by reason."""
    refusals, drops = {"signal": "logs", "reason": "malformed"}, {"room": "decode", "reason": "span_id_invalid"}
    before = counted(DECODE_REFUSED, **refusals), counted(DROPPED, **drops)
    Decoder().decode("logs", [Body("logs", "protobuf", b"\xff")] * 2, NOW)
    Decoder().decode("traces", [Body("traces", "protobuf", span(span_id=b"")[0].SerializeToString())] * 3, NOW)
    assert (counted(DECODE_REFUSED, **refusals), counted(DROPPED, **drops)) == (before[0] + 2, before[1] + 3)
