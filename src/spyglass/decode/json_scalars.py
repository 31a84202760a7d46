"""JSON values of OTLP's scalar fields → protobuf bytes, liberal where senders differ and strict about types."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from typing import Any, Final

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from spyglass.model.varint import varint

__all__ = ["Encode", "ShapeError", "field_of", "sized", "string", "tag_of"]

Encode = Callable[[Any], bytes]

_IDS: Final = {"trace_id", "span_id", "parent_span_id"}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_URL_SAFE: Final = str.maketrans("-_", "+/")


class ShapeError(Exception):
    """A value of the wrong type; the levels above add where it is, innermost first."""

    def __init__(self, found: object, wanted: str) -> None:
        super().__init__(wanted)
        self.found, self.wanted, self.path = found, wanted, list[str]()

    def where(self) -> str:
        """The JSON path of the value."""
        return "$" + "".join(reversed(self.path))


def tag_of(field: FieldDescriptor) -> bytes:
    """The tag of a field that has a size: a string, bytes, message or packed numbers."""
    return varint(field.number << 3 | _BYTES)


def field_of(field: FieldDescriptor) -> tuple[bytes, Encode]:
    """The tag of a scalar field that is not repeated, and what makes the bytes of a value after the tag."""
    if field.enum_type is not None:
        kind, encode = _VARINT, _enum(field.enum_type)
    elif field.name in _IDS:
        kind, encode = _BYTES, _id
    else:
        kind, encode = _TYPES[field.type]
    return varint(field.number << 3 | kind), encode


_SIZES: Final = [varint(number) for number in range(4096)]


def sized(data: bytes) -> bytes:
    """Bytes behind their size."""
    size = len(data)
    return (_SIZES[size] if size < 4096 else varint(size)) + data


def string(value: Any) -> bytes:
    """Text, behind its size."""
    if type(value) is not str:
        raise ShapeError(value, "a string")
    try:
        return sized(value.encode())
    except UnicodeEncodeError as error:  # half a surrogate pair
        raise ShapeError(value, "valid Unicode") from error


def _base64(value: Any) -> bytes:
    if type(value) is not str:
        raise ShapeError(value, "a base64 string")
    try:
        text = value.translate(_URL_SAFE).rstrip("=")
        return sized(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except (binascii.Error, ValueError) as error:
        raise ShapeError(value, "base64") from error


def _id(value: Any) -> bytes:
    if type(value) is not str:
        raise ShapeError(value, "a hexadecimal string")
    if value.endswith("=") and len(value) in (12, 24):  # 8 or 16 bytes as plain protobuf JSON writes them
        return _base64(value)
    try:
        return sized(bytes.fromhex(value))
    except ValueError as error:
        raise ShapeError(value, "a hexadecimal string") from error


def _bool(value: Any) -> bytes:
    if type(value) is not bool:
        raise ShapeError(value, "a boolean")
    return b"\1" if value else b"\0"


def _double(value: Any) -> bytes:
    """A number, or the text of one: JSON has no NaN and no infinity."""
    if type(value) is float:
        return struct.pack("<d", value)
    if type(value) is str or type(value) is int:
        try:
            return struct.pack("<d", float(value))
        except (ValueError, OverflowError) as error:
            raise ShapeError(value, "a number within the range of a double") from error
    raise ShapeError(value, "a number")


def _integer(value: Any, low: int, high: int) -> int:
    if type(value) is str:
        if len(value) > 20 or not value.removeprefix("-").isdecimal():
            raise ShapeError(value, "an integer")
        value = int(value)
    elif type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int:
        raise ShapeError(value, "an integer")
    if not low <= value <= high:
        raise ShapeError(value, f"an integer between {low} and {high}")
    return value


def _range(bits: int, *, signed: bool) -> tuple[int, int]:
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def _number(bits: int, *, signed: bool) -> Encode:
    low, high = _range(bits, signed=signed)
    return lambda value: varint(_integer(value, low, high) & (2**64 - 1))


def _zigzag(value: Any) -> bytes:
    number = _integer(value, *_range(32, signed=True))
    return varint(number << 1 ^ number >> 31)


def _fixed(code: str, bits: int, *, signed: bool) -> Encode:
    low, high = _range(bits, signed=signed)
    pack = struct.Struct(code).pack
    return lambda value: pack(_integer(value, low, high))


def _enum(enum: EnumDescriptor) -> Encode:
    """Numbers; names with and without their common prefix (`SPAN_KIND_CLIENT`, `client`)."""
    names = [value.name for value in enum.values]
    prefix = names[0].removesuffix("UNSPECIFIED").removesuffix("UNSET")
    numbers = {value.name.removeprefix(prefix): value.number for value in enum.values}
    number = _number(32, signed=True)

    def encode(value: Any) -> bytes:
        if type(value) is str and not value.removeprefix("-").isdecimal():
            found = numbers.get(value.upper().removeprefix(prefix))
            if found is None:
                raise ShapeError(value, f"a number or one of {', '.join(names)}")
            return varint(found)
        return number(value)

    return encode


_TYPES: Final[dict[int, tuple[int, Encode]]] = {
    FieldDescriptor.TYPE_STRING: (_BYTES, string),
    FieldDescriptor.TYPE_BYTES: (_BYTES, _base64),
    FieldDescriptor.TYPE_BOOL: (_VARINT, _bool),
    FieldDescriptor.TYPE_DOUBLE: (_FIXED64, _double),
    FieldDescriptor.TYPE_INT32: (_VARINT, _number(32, signed=True)),
    FieldDescriptor.TYPE_INT64: (_VARINT, _number(64, signed=True)),
    FieldDescriptor.TYPE_UINT32: (_VARINT, _number(32, signed=False)),
    FieldDescriptor.TYPE_UINT64: (_VARINT, _number(64, signed=False)),
    FieldDescriptor.TYPE_SINT32: (_VARINT, _zigzag),
    FieldDescriptor.TYPE_FIXED32: (_FIXED32, _fixed("<I", 32, signed=False)),
    FieldDescriptor.TYPE_FIXED64: (_FIXED64, _fixed("<Q", 64, signed=False)),
    FieldDescriptor.TYPE_SFIXED64: (_FIXED64, _fixed("<q", 64, signed=True)),
}
