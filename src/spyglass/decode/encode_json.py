"""An export request as OTLP/JSON, the inverse of `otlp_json`: a protobuf message comes in, one JSON document goes out.

As the OTLP specification wants it: ids are hexadecimal, 64-bit integers are text, enums are numbers, bytes are base64, names are in lowerCamelCase.
Doubles that JSON has no word for are `"NaN"`, `"Infinity"`, `"-Infinity"`. Fields that are not set are left out.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from spyglass.decode.anyvalue import json_double

__all__ = ["to_json"]

Render = Callable[[Any], Any]

_IDS: Final = {"trace_id", "span_id", "parent_span_id"}
_AS_TEXT: Final = {FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64}


def to_json(request: Any) -> bytes:
    """The JSON text of an `Export*ServiceRequest`, in one line without an end of line."""
    return orjson.dumps(_message(request))


def _message(message: Any) -> dict[str, Any]:
    fields = _fields(message.DESCRIPTOR)
    out = {}
    for field, value in message.ListFields():
        name, render = fields[field.number]
        out[name] = render(value)
    return out


@cache
def _fields(descriptor: Descriptor) -> dict[int, tuple[str, Render]]:
    """Number of each field → its JSON name, and what makes its value JSON."""
    return {field.number: (field.json_name, _repeated(_single(field)) if field.is_repeated else _single(field)) for field in descriptor.fields}


def _repeated(render: Render) -> Render:
    return lambda values: [render(value) for value in values]


def _single(field: FieldDescriptor) -> Render:
    if field.message_type is not None:
        return _message
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes.hex if field.name in _IDS else _base64
    if field.cpp_type in _AS_TEXT:
        return str
    return json_double if field.type == FieldDescriptor.TYPE_DOUBLE else _as_is


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _as_is(value: Any) -> Any:
    return value
