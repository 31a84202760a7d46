"""Parsed OTLP/JSON (dicts and lists) → protobuf bytes, with the JSON path of whatever is wrong.

The walk is made once, from the protobuf descriptors: one encoder per field. Names may be camelCase or snake_case; null fields, null list items
and unknown fields are skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from spyglass.decode.json_scalars import Encode, ShapeError, field_of, sized, string, tag_of
from spyglass.decode.limits import DepthError
from spyglass.decode.rules import DEEPEST

__all__ = ["any_value", "message"]


@cache
def message(descriptor: Descriptor) -> Encode:
    """What makes the bytes of a message from its JSON object.

    Raises (when called with an object):
        ShapeError: something in it has a wrong type.
        DepthError: a value is nested too deep.
    """
    fields: dict[str, tuple[bytes, Encode]] = {}
    for field in descriptor.fields:
        fields[field.name] = fields[field.json_name] = _field(field)

    def encode(value: Any) -> bytes:
        if type(value) is not dict:
            raise ShapeError(value, "an object")
        parts: list[bytes] = []
        for name, item in value.items():
            field = fields.get(name)
            if field is not None and item is not None:
                tag, member = field
                parts += (tag, _placed(f".{name}", member, item))
        return b"".join(parts)

    return encode


def any_value(value: Any, depth: int = 0) -> bytes:
    """The bytes of an AnyValue from its JSON object, which stands in `depth` lists; errors as in `message`."""
    if type(value) is not dict:
        raise ShapeError(value, "an object")
    parts: list[bytes] = []
    for name, item in value.items():
        if item is None:
            continue
        if name in _SCALARS:
            tag, scalar = _SCALARS[name]
            parts += (tag, _placed(f".{name}", scalar, item))
        elif name in _LISTS:
            parts.append(_placed(f".{name}", _LISTS[name](depth), item))
    return b"".join(parts)


def _placed(place: str, encode: Encode, item: Any) -> bytes:
    try:
        return encode(item)
    except ShapeError as error:
        error.path.append(place)
        raise


def _field(field: FieldDescriptor) -> tuple[bytes, Encode]:
    """A field's tag, and what makes the bytes after it; fields of many messages bring their tags themselves."""
    if field.message_type is not None:
        tag = tag_of(field)
        if field.message_type.name == "KeyValue":
            return b"", _pairs(tag, 0)
        encode = any_value if field.message_type is AnyValue.DESCRIPTOR else message(field.message_type)
        return (b"", _repeated(tag, encode)) if field.is_repeated else (tag, lambda value: sized(encode(value)))
    tag, scalar = field_of(field)
    if not field.is_repeated:
        return tag, scalar
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return b"", lambda value: b"".join([tag + item for item in _items(value, scalar)])
    return tag_of(field), lambda value: sized(b"".join(_items(value, scalar)))


def _items(value: Any, encode: Encode) -> list[bytes]:
    if type(value) is not list:
        raise ShapeError(value, "a list")
    return [_placed(f"[{position}]", encode, item) for position, item in enumerate(value) if item is not None]


def _repeated(tag: bytes, encode: Encode) -> Encode:
    return lambda value: b"".join([tag + sized(item) for item in _items(value, encode)])


def _pairs(tag: bytes, depth: int) -> Encode:
    return _repeated(tag, lambda pair: _pair(pair, depth))


def _pair(pair: Any, depth: int) -> bytes:
    if type(pair) is not dict:
        raise ShapeError(pair, "an object")
    key, value = pair.get("key"), pair.get("value")
    found = b"" if key is None else b"\x0a" + _placed(".key", string, key)
    return found if value is None else found + b"\x12" + sized(_placed(".value", lambda item: any_value(item, depth), value))


def _array(depth: int) -> Encode:
    return _list(b"\x2a", depth, _repeated(b"\x0a", lambda item: any_value(item, depth + 1)))


def _kvlist(depth: int) -> Encode:
    return _list(b"\x32", depth, _pairs(b"\x0a", depth + 1))


def _list(tag: bytes, depth: int, encode: Encode) -> Encode:
    if depth >= DEEPEST:
        raise DepthError

    def whole(value: Any) -> bytes:
        if type(value) is not dict:
            raise ShapeError(value, "an object")
        values = value.get("values")
        return tag + sized(b"" if values is None else _placed(".values", encode, values))

    return whole


_LISTS: Final[dict[str, Callable[[int], Encode]]] = {"arrayValue": _array, "array_value": _array, "kvlistValue": _kvlist, "kvlist_value": _kvlist}
_SCALARS: Final = {name: field_of(field) for field in AnyValue.DESCRIPTOR.fields if field.message_type is None for name in (field.name, field.json_name)}
