"""Every value of OTLP has a text and a code that bring it back."""

from __future__ import annotations

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from spyglass.decode.anyvalue import array_text, double_text, kvlist_text, value_text
from spyglass.decode.limits import DepthError
from spyglass.decode.rules import DEEPEST


def text(value: str) -> AnyValue:
    return AnyValue(string_value=value)


def listed(*values: AnyValue) -> AnyValue:
    return AnyValue(array_value=ArrayValue(values=values))


def paired(*pairs: tuple[str, AnyValue]) -> AnyValue:
    return AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key=key, value=value) for key, value in pairs]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (AnyValue(), ("e", "")),
        (text(""), ("s", "")),
        (text("é\0"), ("s", "é\0")),
        (AnyValue(bool_value=False), ("b", "false")),
        (AnyValue(int_value=0), ("i", "0")),
        (AnyValue(int_value=-(2**63)), ("i", "-9223372036854775808")),
        (AnyValue(double_value=0.0), ("d", "0")),
        (AnyValue(double_value=math.nan), ("d", "nan")),
        (AnyValue(double_value=-math.inf), ("d", "-inf")),
        (AnyValue(bytes_value=b"\xff\0"), ("y", "/wA=")),
        (listed(), ("a", "[]")),
        (paired(), ("k", "{}")),
        (listed(text("a"), AnyValue(int_value=1), AnyValue(double_value=1.0), AnyValue(bool_value=True)), ("a", '["a",1,1.0,true]')),
        (paired(("b", text("é")), ("a", listed(paired(("", AnyValue(double_value=1e300)))))), ("k", '{"b":"é","a":[{"":1e+300}]}')),
    ],
)
def test_a_value_has_a_code_and_a_text(value: AnyValue, expected: tuple[str, str]) -> None:
    """Plain text, and plain JSON wherever that says all."""
    assert value_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (listed(AnyValue()), ("A", '{"arrayValue":{"values":[{}]}}')),
        (listed(AnyValue(bytes_value=b"a")), ("A", '{"arrayValue":{"values":[{"bytesValue":"YQ=="}]}}')),
        (listed(AnyValue(double_value=math.inf)), ("A", '{"arrayValue":{"values":[{"doubleValue":"Infinity"}]}}')),
        (
            paired(("a", text("x")), ("a", AnyValue(int_value=1))),
            ("K", '{"kvlistValue":{"values":[{"key":"a","value":{"stringValue":"x"}},{"key":"a","value":{"intValue":"1"}}]}}'),
        ),
    ],
)
def test_what_plain_json_would_lose_is_otlp_json(value: AnyValue, expected: tuple[str, str]) -> None:
    """Missing values, bytes, numbers that JSON lacks and duplicate keys."""
    assert value_text(value) == expected


@given(st.floats())
def test_doubles_read_back(value: float) -> None:
    """The text of a double is the double, to the bit (one NaN is as good as another), and as Arrow writes it."""
    again = float(double_text(value))
    assert double_text(value) == pa.scalar(value).cast(pa.string()).as_py()
    assert math.isnan(again) if math.isnan(value) else (again, math.copysign(1, again)) == (value, math.copysign(1, value))


@pytest.mark.parametrize("wrap", [listed, lambda value: paired(("k", value))])
@pytest.mark.parametrize("innermost", [AnyValue(int_value=1), AnyValue()])
def test_nesting_has_a_limit(wrap: object, innermost: AnyValue) -> None:
    """As many levels as protobuf allows everywhere are read, one more is refused; plain or not."""
    value = innermost
    for _ in range(DEEPEST):
        value = wrap(value)  # type: ignore[operator]
    assert value_text(value)[0].lower() in "ak"
    with pytest.raises(DepthError):
        value_text(wrap(value))  # type: ignore[operator]


def test_bytes_of_lists_are_read_as_lists() -> None:
    """The columns hold lists as bytes; they give the same text."""
    assert array_text(listed(text("a")).array_value.SerializeToString()) == ("a", '["a"]')
    assert kvlist_text(paired(("k", text("a"))).kvlist_value.SerializeToString()) == ("k", '{"k":"a"}')
