"""OTLP/JSON, as its many senders write it."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from spyglass.decode.otlp_json import any_value, to_protobuf
from spyglass.decode.rules import DEEPEST
from spyglass.decode.wire import parse_request
from spyglass.model.body import Signal
from spyglass.model.errors import DecodeError


def read(document: object, signal: Signal = "traces") -> Any:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return parse_request(signal, to_protobuf(signal, text))


def read_span(**fields: object) -> Any:
    return read({"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]}).resource_spans[0].scope_spans[0].spans[0]


def read_value(**value: object) -> Any:
    return read_span(attributes=[{"key": "k", "value": value}]).attributes[0].value


def refusal(document: object) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        read(document)
    return caught.value


def with_hex(message: Any) -> Any:
    """The message as the JSON of protobuf, with ids as OTLP wants them."""
    found = MessageToDict(message)

    def walk(item: Any, source: Any) -> None:
        for field, value in source.ListFields():
            if field.name in ("trace_id", "span_id", "parent_span_id"):
                item[field.json_name] = value.hex()
            elif field.message_type is not None:
                pairs = zip(item[field.json_name], value, strict=True) if field.is_repeated else [(item[field.json_name], value)]
                for part, inner in pairs:
                    walk(part, inner)

    walk(found, message)
    return found


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
@settings(max_examples=25, deadline=None)
@given(dice=st.randoms(use_true_random=False))
def test_json_says_what_protobuf_says(random_request: Callable[..., Any], signal: Signal, dice: Random) -> None:
    """Any request, written as JSON by protobuf's own library, is the same request; a field that we do not know makes no difference."""
    request = random_request(dice, signal)
    document = with_hex(request)
    assert str(read(document, signal)) == str(request)
    assert str(read(document | {"newer": 1}, signal)) == str(request)


@pytest.mark.parametrize("text", ["0102030405060708090A0b0C0d0E0f10", "AQIDBAUGBwgJCgsMDQ4PEA=="])
def test_ids_are_hexadecimal_in_either_case(text: str) -> None:
    """Base64, which plain protobuf JSON writes, cannot be mistaken for it and is read too."""
    assert read_span(traceId=text).trace_id == bytes(range(1, 17))


@pytest.mark.parametrize(("kind", "number"), [(3, 3), ("3", 3), ("SPAN_KIND_CLIENT", 3), ("client", 3), (99, 99), (-1, -1)])
def test_enums_are_numbers_or_names(kind: object, number: int) -> None:
    """With or without the prefix; an unknown number is for decode to tell."""
    assert read_span(kind=kind).kind == number


@pytest.mark.parametrize("time", [1767225600000000000, "1767225600000000000", 1.7672256e18])
def test_integers_are_numbers_or_strings(time: object) -> None:
    """JavaScript cannot hold them as numbers."""
    assert read_span(startTimeUnixNano=time).start_time_unix_nano == 1767225600000000000


@pytest.mark.parametrize(("number", "text"), [("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf"), ("1.5", "1.5"), (1, "1.0"), (1e300, "1e+300")])
def test_doubles_are_numbers_or_strings(number: object, text: str) -> None:
    """With the three that JSON lacks."""
    assert str(read_value(doubleValue=number).double_value) == text


def test_bare_numbers_that_json_lacks_are_read() -> None:
    """Python writes them unless told not to."""
    text = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"k","value":{"doubleValue":NaN}}]}]}]}]}'
    assert str(read(text).resource_spans[0].scope_spans[0].spans[0].attributes[0].value.double_value) == "nan"


@pytest.mark.parametrize("text", ["+/8A", "-_8A", "-_8", "-_8="])
def test_bytes_are_base64_of_either_alphabet(text: str) -> None:
    """Padded or not."""
    assert read_value(bytesValue=text).bytes_value[:2] == b"\xfb\xff"


def test_nulls_and_unknown_fields_are_skipped() -> None:
    """As absent, wherever they stand."""
    document = {
        "resourceSpans": [
            None,
            {"scopeSpans": [{"scope": None, "new": [1], "spans": [None, {"name": "a", "attributes": [None, {"key": "k", "value": None}]}]}]},
        ],
        "newer": {"deep": True},
    }
    (span,) = read(document).resource_spans[0].scope_spans[0].spans
    assert (span.name, span.attributes[0].key, span.attributes[0].value.WhichOneof("value")) == ("a", "k", None)


def test_null_items_of_a_list_value_are_skipped() -> None:
    """A list of values may have holes."""
    value = read_value(arrayValue={"values": [None, {"stringValue": "a"}]})
    assert [item.string_value for item in value.array_value.values] == ["a"]


def test_of_two_members_the_last_counts() -> None:
    """As in protobuf; in a value and in a point."""
    value = read_value(stringValue="a", intValue=1)
    assert value.WhichOneof("value") == "int_value"
    for names in (["asInt", "asDouble"], ["asDouble", "asInt"]):
        document = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"gauge": {"dataPoints": [dict.fromkeys(names, 1)]}}]}]}]}
        (metric,) = read(document, "metrics").resource_metrics[0].scope_metrics[0].metrics
        assert metric.gauge.data_points[0].WhichOneof("value") == {"asInt": "as_int", "asDouble": "as_double"}[names[-1]]


def test_names_may_be_those_of_the_proto() -> None:
    """snake_case, as some libraries write it."""
    document = {"resource_spans": [{"scope_spans": [{"spans": [{"trace_id": "01" * 16, "attributes": [{"key": "k", "value": {"int_value": 5}}]}]}]}]}
    (span,) = read(document).resource_spans[0].scope_spans[0].spans
    assert (span.trace_id, span.attributes[0].value.int_value) == (b"\1" * 16, 5)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "$: expected an object, got a list"),
        ({"resourceSpans": {}}, "$.resourceSpans: expected a list, got an object"),
        ({"resourceSpans": [5]}, "$.resourceSpans[0]: expected an object, got a number"),
        ({"resourceSpans": [{}, {"schemaUrl": 5}]}, "$.resourceSpans[1].schemaUrl: expected a string, got a number"),
        ({"resourceSpans": [{"resource": {"attributes": [{}, {"key": 1}]}}]}, "$.resourceSpans[0].resource.attributes[1].key: expected a string, got a number"),
        (
            {"resourceSpans": [{"resource": {"attributes": [{"key": "k", "value": {"intValue": "x"}}]}}]},
            "$.resourceSpans[0].resource.attributes[0].value.intValue: expected an integer, got a string",
        ),
        (
            {"resourceSpans": [{"resource": {"attributes": [{"key": "k", "value": {"arrayValue": {"values": [{"boolValue": 1}]}}}]}}]},
            "$.resourceSpans[0].resource.attributes[0].value.arrayValue.values[0].boolValue: expected a boolean, got a number",
        ),
        ({"resourceSpans": [{"resource": {"attributes": [{"key": []}]}}]}, "attributes[0].key: expected a string, got a list"),
        ({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}, "spans[0].traceId: expected a hexadecimal string, got a string"),
        ({"resourceSpans": [{"scopeSpans": [{"spans": [{"startTimeUnixNano": -1}]}]}]}, "expected an integer between 0 and 18446744073709551615, got a number"),
        ({"resourceSpans": [{"scopeSpans": [{"spans": [{"kind": "BOSS"}]}]}]}, "kind: expected a number or one of SPAN_KIND_UNSPECIFIED"),
    ],
)
def test_a_wrong_type_is_refused_with_its_place(document: object, message: str) -> None:
    """The message has the path and both types, and never the value: it may be a prompt."""
    error = refusal(document)
    assert message in error.message
    assert error.details["reason"] == "wrong_type"


@pytest.mark.parametrize("text", [b"", b"{", b"nonsense", b'{"a":NaN', b"\xff\xfe", b'"\xff"'])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    """The answer says that it is no JSON."""
    assert refusal(text).details["reason"] == "malformed_json"


def test_half_a_surrogate_pair_is_refused() -> None:
    """It is no text: protobuf could not hold it."""
    assert refusal(b'{"resourceSpans":[{"schemaUrl":"\\ud800"}]}').details["reason"] in ("malformed_json", "wrong_type")


@pytest.mark.parametrize("levels", [DEEPEST + 1, 200, 100_000])
@pytest.mark.parametrize("start", [b"", b'{"x":NaN,"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":'])
def test_a_recursive_bomb_is_refused(levels: int, start: bytes) -> None:
    """Whatever parser meets it."""
    opening, closing = b'{"arrayValue":{"values":[' * levels, b"]}}" * levels
    head = start or b'{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":'
    assert refusal(head + opening + closing + b"}]}}]}").details["reason"] in ("too_deep", "malformed_json")


def test_an_error_deep_inside_is_found_quickly() -> None:
    """Each level is looked at once, also when the innermost is wrong."""
    value: dict[str, Any] = {"boolValue": 5}
    for _ in range(DEEPEST):
        value = {"kvlistValue": {"values": [{"key": "k", "value": value}]}}
    assert "expected a boolean" in refusal({"resourceSpans": [{"resource": {"attributes": [{"key": "k", "value": value}]}}]}).message


def test_values_that_we_wrote_are_read() -> None:
    """The codes `A` and `K` hold OTLP/JSON."""
    assert AnyValue.FromString(any_value({"arrayValue": {"values": [{}]}})).array_value.values[0] == AnyValue()
