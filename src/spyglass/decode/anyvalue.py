"""OTLP AnyValue → type code and text (the table in `model.schema`), one value at a time."""

from __future__ import annotations

import base64
import math
from decimal import Decimal
from typing import Any, Final

import orjson
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

from spyglass.decode.limits import DepthError, LargeValueError
from spyglass.decode.rules import DEEPEST, LARGEST

__all__ = ["NO_VALUE", "array_text", "double_text", "json_double", "kvlist_text", "value_text"]

NO_VALUE: Final = ("e", "")


class _PlainError(ValueError):
    """Plain JSON would not read back as the same value."""


def value_text(value: Any) -> tuple[str, str]:
    """Type code and text of an AnyValue.

    Raises:
        DepthError: it is nested deeper than we read.
        LargeValueError: it is a list of more bytes than we read.
    """
    match value.WhichOneof("value"):
        case "string_value":
            return "s", value.string_value
        case "bool_value":
            return "b", "true" if value.bool_value else "false"
        case "int_value":
            return "i", str(value.int_value)
        case "double_value":
            return "d", double_text(value.double_value)
        case "bytes_value":
            return "y", base64.b64encode(value.bytes_value).decode()
        case "array_value":
            _check_size(value.array_value.ByteSize())
            return _nested_text("a", value)
        case "kvlist_value":
            _check_size(value.kvlist_value.ByteSize())
            return _nested_text("k", value)
    return NO_VALUE


def array_text(raw: bytes) -> tuple[str, str]:
    """The same for the bytes of an ArrayValue.

    Raises:
        DepthError: it is nested deeper than we read.
        LargeValueError: it is a list of more bytes than we read.
        google.protobuf.message.DecodeError: upb refuses it.
    """
    _check_size(len(raw))
    return _nested_text("a", AnyValue(array_value=ArrayValue.FromString(raw)))


def kvlist_text(raw: bytes) -> tuple[str, str]:
    """The same for the bytes of a KeyValueList; errors as in `array_text`."""
    _check_size(len(raw))
    return _nested_text("k", AnyValue(kvlist_value=KeyValueList.FromString(raw)))


def double_text(value: float) -> str:
    """The shortest decimal that reads back to the same double, written as Arrow writes whole columns: `0.1`, `1e+10`, `nan`."""
    if not math.isfinite(value):
        return str(value)
    sign, numerals, exponent = Decimal(repr(value)).as_tuple()
    digits = "".join(map(str, numerals)).rstrip("0") or "0"
    point = len(numerals) + int(exponent) if any(numerals) else 1  # where the decimal point stands in the digits
    if -6 < point <= 10:
        text = digits[:point].ljust(point, "0") if point > 0 else "0"
        rest = digits[point:] if point > 0 else "0" * -point + digits
    else:
        text, rest = digits[0], digits[1:]
    text = "-" * sign + text + ("." + rest if rest else "")
    return text if -6 < point <= 10 else f"{text}e{point - 1:+}"


def _check_size(size: int) -> None:
    if size > LARGEST:
        raise LargeValueError(size)


def _nested_text(code: str, value: Any) -> tuple[str, str]:
    try:
        return code, orjson.dumps(_plain(value, 0)).decode()
    except _PlainError:
        return code.upper(), orjson.dumps(_otlp(value, 0)).decode()


def _plain(value: Any, depth: int) -> object:
    """The value as plain JSON members, where that loses nothing."""
    which = value.WhichOneof("value")
    if which == "array_value":
        inner = _deeper(depth)
        return [_plain(item, inner) for item in value.array_value.values]
    if which == "kvlist_value":
        inner, pairs = _deeper(depth), value.kvlist_value.values
        members = {pair.key: _plain(pair.value, inner) for pair in pairs}
        if len(members) < len(pairs):
            raise _PlainError
        return members
    if which == "string_value":
        return value.string_value
    if which == "int_value":
        return value.int_value
    if which == "bool_value":
        return value.bool_value
    if which == "double_value" and math.isfinite(value.double_value):
        return value.double_value
    raise _PlainError


def _otlp(value: Any, depth: int) -> dict[str, object]:
    """The value as OTLP/JSON, which can say everything."""
    match value.WhichOneof("value"):
        case "string_value":
            return {"stringValue": value.string_value}
        case "bool_value":
            return {"boolValue": value.bool_value}
        case "int_value":
            return {"intValue": str(value.int_value)}
        case "double_value":
            return {"doubleValue": json_double(value.double_value)}
        case "bytes_value":
            return {"bytesValue": base64.b64encode(value.bytes_value).decode()}
        case "array_value":
            inner = _deeper(depth)
            return {"arrayValue": {"values": [_otlp(item, inner) for item in value.array_value.values]}}
        case "kvlist_value":
            inner = _deeper(depth)
            pairs = [{"key": pair.key, "value": _otlp(pair.value, inner)} for pair in value.kvlist_value.values]
            return {"kvlistValue": {"values": pairs}}
    return {}


def json_double(value: float) -> float | str:
    """As proto3 JSON has it: what is no number in JSON is a text."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _deeper(depth: int) -> int:
    if depth >= DEEPEST:
        raise DepthError
    return depth + 1
