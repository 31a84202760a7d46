"""OTLP/JSON is written as the specification wants it, and reads back as the same request."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.decode.encode_json import to_json
from spyglass.decode.otlp_json import to_protobuf
from spyglass.decode.wire import REQUESTS, parse_request
from spyglass.model.body import Signal


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
@settings(max_examples=60, deadline=None)
@given(dice=st.randoms(use_true_random=False))
def test_any_request_reads_back(random_request: Callable[..., Any], signal: Signal, dice: Random) -> None:
    """Byte for byte, whatever is in it."""
    request = random_request(dice, signal)
    again = parse_request(signal, to_protobuf(signal, to_json(request)))
    assert again.SerializeToString(deterministic=True) == request.SerializeToString(deterministic=True)


def test_it_is_written_as_the_specification_wants_it() -> None:
    """Ids in hexadecimal, 64-bit integers as text, enums as numbers, bytes as base64, names in lowerCamelCase, odd doubles as words."""
    request = REQUESTS["traces"]()
    span = request.resource_spans.add().scope_spans.add().spans.add(trace_id=b"\1" * 16, kind=3, start_time_unix_nano=2**63, flags=1)
    for value in (b"\xff", 2**53 + 1, float("nan"), float("-inf"), 0.5):
        span.attributes.add(key="k").value.CopyFrom(_value(span, value))
    told = orjson.loads(to_json(request))["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    assert {name: told[name] for name in told if name != "attributes"} == {
        "traceId": "01" * 16,
        "kind": 3,
        "startTimeUnixNano": str(2**63),
        "flags": 1,
    }
    values = [pair["value"] for pair in told["attributes"]]
    assert values == [
        {"bytesValue": "/w=="},
        {"intValue": "9007199254740993"},
        {"doubleValue": "NaN"},
        {"doubleValue": "-Infinity"},
        {"doubleValue": 0.5},
    ]


def _value(span: Any, value: Any) -> Any:
    made = type(span)().attributes.add().value
    setattr(made, {bytes: "bytes_value", int: "int_value", float: "double_value"}[type(value)], value)
    return made
