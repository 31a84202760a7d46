"""OTLP/JSON → OTLP protobuf bytes, so that both encodings share one road afterwards.

The walk is made once, from the protobuf descriptors: one encoder per field, each taking a parsed JSON value and giving the bytes of the
field. It is liberal where senders differ: hexadecimal ids in either case (or base64), enums as numbers or names, integers as numbers or
strings, doubles as numbers or `"NaN"`, `"Infinity"`, snake_case names, standard and URL-safe base64; null fields, null list items and
unknown fields are skipped. Anything else of a wrong type is refused with its JSON path.
"""

from __future__ import annotations

import base64
import binascii
import gc
import json
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

import orjson
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from spyglass.decode import refusal
from spyglass.decode.limits import DepthError
from spyglass.decode.rules import DEEPEST
from spyglass.decode.wire import REQUESTS
from spyglass.model.body import Signal

__all__ = ["any_value", "to_protobuf"]

Encode = Callable[[Any], bytes]

_IDS: Final = {"trace_id", "span_id", "parent_span_id"}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_URL_SAFE: Final = str.maketrans("-_", "+/")


class _ShapeError(Exception):
    """A value of the wrong type; the levels above add where it is, innermost first."""

    def __init__(self, found: object, wanted: str) -> None:
        super().__init__(wanted)
        self.found, self.wanted, self.path = found, wanted, list[str]()

    def where(self) -> str:
        return "$" + "".join(reversed(self.path))


def to_protobuf(signal: Signal, data: bytes) -> bytes:
    """The export request which the JSON text says, as protobuf bytes.

    Raises:
        DecodeError: it is not JSON, not OTLP/JSON, or nested too deep.
    """
    try:
        with _collector_paused():
            return _ROOTS[signal](_parse(signal, data))
    except DepthError as error:
        raise refusal.from_limit(signal, error) from error
    except _ShapeError as error:
        raise refusal.json_type(signal, error.where(), _type_name(error.found), error.wanted) from error


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Tens of thousands of small dicts, all dead a moment later: the cyclic garbage collector would take half of the time to look for cycles in them."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:  # of threads that overlap, the first to end starts it again: the others are slower, and it never stays off
            gc.enable()


def any_value(document: object) -> bytes:
    """The AnyValue which parsed OTLP/JSON says, as protobuf bytes; for text that we wrote ourselves."""
    return _any(document, 0)


def _parse(signal: Signal, data: bytes) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if b"NaN" not in data and b"Infinity" not in data:
            raise refusal.json_malformed(signal, str(error)) from error
    try:  # bare NaN and Infinity are no JSON, but Python and JavaScript senders write them
        return json.loads(data)
    except RecursionError as error:
        raise refusal.from_limit(signal, DepthError()) from error
    except ValueError as error:
        raise refusal.json_malformed(signal, str(error)) from error


def _type_name(value: object) -> str:
    if isinstance(value, str):
        return "a string"  # never its text: it may be a prompt
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "null"


# ---- scalars: a JSON value → the bytes after the tag


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


_SHORT: Final = [_varint(number) for number in range(4096)]


def _sized(data: bytes) -> bytes:
    size = len(data)
    return (_SHORT[size] if size < 4096 else _varint(size)) + data


def _string(value: Any) -> bytes:
    if type(value) is not str:
        raise _ShapeError(value, "a string")
    try:
        return _sized(value.encode())
    except UnicodeEncodeError as error:  # half a surrogate pair
        raise _ShapeError(value, "valid Unicode") from error


def _base64(value: Any) -> bytes:
    if type(value) is str:
        try:
            text = value.translate(_URL_SAFE).rstrip("=")
            return _sized(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
        except (binascii.Error, ValueError) as error:
            raise _ShapeError(value, "base64") from error
    raise _ShapeError(value, "a base64 string")


def _id(value: Any) -> bytes:
    if type(value) is not str:
        raise _ShapeError(value, "a hexadecimal string")
    if value.endswith("=") and len(value) in (12, 24):  # 8 or 16 bytes as plain protobuf JSON writes them
        return _base64(value)
    try:
        return _sized(bytes.fromhex(value))
    except ValueError as error:
        raise _ShapeError(value, "a hexadecimal string") from error


def _bool(value: Any) -> bytes:
    if type(value) is not bool:
        raise _ShapeError(value, "a boolean")
    return b"\1" if value else b"\0"


def _double(value: Any) -> bytes:
    if type(value) is str:
        try:
            return struct.pack("<d", float(value))
        except ValueError as error:
            raise _ShapeError(value, "a number") from error
    if type(value) is float or type(value) is int:
        try:
            return struct.pack("<d", value)
        except OverflowError as error:
            raise _ShapeError(value, "a number within the range of a double") from error
    raise _ShapeError(value, "a number")


def _integer(value: Any, low: int, high: int) -> int:
    if type(value) is int and low <= value <= high:
        return value
    if type(value) is str:
        if len(value) > 20 or not value.removeprefix("-").isdecimal():
            raise _ShapeError(value, "an integer")
        value = int(value)
    elif type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int:
        raise _ShapeError(value, "an integer")
    if not low <= value <= high:
        raise _ShapeError(value, f"an integer between {low} and {high}")
    return value


def _int_range(bits: int, signed: bool) -> tuple[int, int]:
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)


def _plain_varint(bits: int, signed: bool) -> Encode:
    low, high = _int_range(bits, signed)
    return lambda value: _varint(_integer(value, low, high) & (2**64 - 1))


def _zigzag(value: Any) -> bytes:
    number = _integer(value, *_int_range(32, signed=True))
    return _varint(number << 1 ^ number >> 31)


def _fixed(code: str, bits: int, signed: bool) -> Encode:
    low, high = _int_range(bits, signed)
    pack = struct.Struct(code).pack
    return lambda value: pack(_integer(value, low, high))


def _enum(enum: EnumDescriptor) -> Encode:
    """Numbers; names with and without their common prefix (`SPAN_KIND_CLIENT`, `client`)."""
    names = [value.name for value in enum.values]
    prefix = names[0].removesuffix("UNSPECIFIED").removesuffix("UNSET")
    numbers = {value.name.removeprefix(prefix): value.number for value in enum.values}
    number = _plain_varint(32, signed=True)

    def encode(value: Any) -> bytes:
        if type(value) is str and not value.removeprefix("-").isdigit():
            found = numbers.get(value.upper().removeprefix(prefix))
            if found is None:
                raise _ShapeError(value, f"a number or one of {', '.join(names)}")
            return _varint(found)
        return number(value)

    return encode


_TYPES: Final[dict[int, tuple[int, Encode]]] = {
    FieldDescriptor.TYPE_STRING: (_BYTES, _string),
    FieldDescriptor.TYPE_BYTES: (_BYTES, _base64),
    FieldDescriptor.TYPE_BOOL: (_VARINT, _bool),
    FieldDescriptor.TYPE_DOUBLE: (_FIXED64, _double),
    FieldDescriptor.TYPE_INT32: (_VARINT, _plain_varint(32, signed=True)),
    FieldDescriptor.TYPE_INT64: (_VARINT, _plain_varint(64, signed=True)),
    FieldDescriptor.TYPE_UINT32: (_VARINT, _plain_varint(32, signed=False)),
    FieldDescriptor.TYPE_UINT64: (_VARINT, _plain_varint(64, signed=False)),
    FieldDescriptor.TYPE_SINT32: (_VARINT, _zigzag),
    FieldDescriptor.TYPE_FIXED32: (_FIXED32, _fixed("<I", 32, signed=False)),
    FieldDescriptor.TYPE_FIXED64: (_FIXED64, _fixed("<Q", 64, signed=False)),
    FieldDescriptor.TYPE_SFIXED64: (_FIXED64, _fixed("<q", 64, signed=True)),
}


# ---- messages


def _message(descriptor: Descriptor) -> Encode:
    fields: dict[str, tuple[bytes, Encode]] = {}
    for field in descriptor.fields:
        fields[field.name] = fields[field.json_name] = _field(field)

    def encode(value: Any) -> bytes:
        if type(value) is not dict:
            raise _ShapeError(value, "an object")
        parts: list[bytes] = []
        for name, item in value.items():
            field = fields.get(name)
            if field is None or item is None:
                continue
            tag, member = field
            try:
                parts += (tag, member(item))
            except _ShapeError as error:
                error.path.append(f".{name}")
                raise
        return b"".join(parts)

    return encode


def _field(field: FieldDescriptor) -> tuple[bytes, Encode]:
    """A field's tag, and what makes the bytes after it; fields of many messages bring their tags themselves."""
    tag = _varint(field.number << 3 | _BYTES)
    if field.message_type is not None:
        if field.message_type.name == "KeyValue":
            return b"", lambda value: _pairs(value, tag, 0)
        if field.message_type is AnyValue.DESCRIPTOR:
            return tag, lambda value: _sized(_any(value, 0))
        encode = _message(field.message_type)
        return (b"", _repeated(tag, encode)) if field.is_repeated else (tag, lambda value: _sized(encode(value)))
    kind, scalar = (_VARINT, _enum(field.enum_type)) if field.enum_type else (_BYTES, _id) if field.name in _IDS else _TYPES[field.type]
    if field.is_repeated:
        if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
            return b"", _repeated(tag, scalar, sized=True)
        return tag, lambda value: _sized(b"".join(_items(value, scalar)))
    return _varint(field.number << 3 | kind), scalar


def _items(value: Any, encode: Encode) -> list[bytes]:
    if type(value) is not list:
        raise _ShapeError(value, "a list")
    parts = []
    for position, item in enumerate(value):
        if item is not None:
            try:
                parts.append(encode(item))
            except _ShapeError as error:
                error.path.append(f"[{position}]")
                raise
    return parts


def _repeated(tag: bytes, encode: Encode, *, sized: bool = False) -> Encode:
    if sized:
        return lambda value: b"".join([tag + item for item in _items(value, encode)])
    return lambda value: b"".join([tag + _sized(item) for item in _items(value, encode)])


# ---- attributes: the hot part, so by hand


class _Keys(dict[str, bytes]):
    """Key → its field; keys repeat, and are remembered."""

    def __missing__(self, key: str) -> bytes:
        field = b"\x0a" + _string(key)
        if len(self) < 8192 and len(field) < 256:
            self[key] = field
        return field


_KEYS: Final = _Keys()


def _pairs(value: Any, tag: bytes, depth: int) -> bytes:
    """A list of key-value pairs; the usual pair takes the first way, whatever is unusual the second, which also knows what is wrong."""
    if type(value) is not list:
        raise _ShapeError(value, "a list")
    parts: list[bytes] = []
    for position, pair in enumerate(value):
        try:
            told = pair["value"]
            (name,) = told
            if name == "stringValue" and (size := len(data := told[name].encode())) < _SHORT_STRING:
                key = _KEYS[pair["key"]]
                parts += (tag, _SHORT[len(key) + 4 + size], key, _STRING_HEADS[size], data)
                continue
            if (quick := _QUICK.get(name)) is not None:
                key, item = _KEYS[pair["key"]], quick(told[name])
                parts += (tag, _SHORT[len(key) + len(item)], key, item)
                continue
        except (LookupError, TypeError, ValueError, AttributeError, _ShapeError):
            if pair is None:
                continue
        try:
            parts.append(tag + _sized(_pair(pair, depth)))
        except _ShapeError as error:
            error.path.append(f"[{position}]")
            raise
    return b"".join(parts)


_SHORT_STRING: Final = 126  # bytes; the head of such a string, with the sizes of string and value, takes four
_STRING_HEADS: Final = [b"\x12" + _varint(size + 2) + b"\x0a" + _varint(size) for size in range(_SHORT_STRING)]


def _quick_string(text: Any) -> bytes:
    data: bytes = text.encode()
    size = len(data)
    value = b"\x0a" + _SHORT[size] + data
    return b"\x12" + _SHORT[len(value)] + value


@lru_cache(maxsize=8192, typed=True)
def _quick_int(value: Any) -> bytes:
    number = b"\x18" + _INT64(value)
    return b"\x12" + _SHORT[len(number)] + number


def _quick_bool(value: Any) -> bytes:
    return b"\x12\x02\x10" + _bool(value)


def _quick_double(value: Any) -> bytes:
    return b"\x12\x09\x21" + _double(value)


_INT64: Final = _plain_varint(64, signed=True)
_QUICK: Final[dict[str, Encode]] = {
    "stringValue": _quick_string,
    "intValue": _quick_int,
    "boolValue": _quick_bool,
    "doubleValue": _quick_double,
}


def _pair(pair: Any, depth: int) -> bytes:
    if type(pair) is not dict:
        raise _ShapeError(pair, "an object")
    key, value = pair.get("key"), pair.get("value")
    if key is None:
        name = b""
    elif type(key) is str:
        name = _KEYS[key]
    else:
        raise _under(".key", _ShapeError(key, "a string"))
    if value is None:
        return name
    try:
        return name + b"\x12" + _sized(_any(value, depth))
    except _ShapeError as error:
        raise _under(".value", error)  # noqa: B904  (the same error, with its place)


def _under(name: str, error: _ShapeError) -> _ShapeError:
    error.path.append(name)
    return error


def _any(value: Any, depth: int) -> bytes:
    if type(value) is not dict:
        raise _ShapeError(value, "an object")
    out = b""
    for name, item in value.items():
        member = _MEMBERS.get(name)
        if member is None or item is None:
            continue
        try:
            out += member(item, depth)
        except _ShapeError as error:
            error.path.append(f".{name}")
            raise
    return out


def _array(value: Any, depth: int) -> bytes:
    encode = _nested(depth)
    return _list(0x2A, value, lambda values: b"".join([b"\x0a" + _sized(item) for item in _items(values, encode)]))


def _kvlist(value: Any, depth: int) -> bytes:
    _nested(depth)
    return _list(0x32, value, lambda values: _pairs(values, b"\x0a", depth + 1))


def _list(tag: int, value: Any, encode: Encode) -> bytes:
    if type(value) is not dict:
        raise _ShapeError(value, "an object")
    values = value.get("values")
    try:
        return bytes([tag]) + _sized(encode([] if values is None else values))
    except _ShapeError as error:
        error.path.append(".values")
        raise


def _nested(depth: int) -> Encode:
    if depth >= DEEPEST:
        raise DepthError
    return lambda item: _any(item, depth + 1)


def _member(number: int) -> Callable[[Any, int], bytes]:
    kind, scalar = _TYPES[AnyValue.DESCRIPTOR.fields_by_number[number].type]
    tag = _varint(number << 3 | kind)
    return lambda value, _: tag + scalar(value)


_MEMBERS: Final[dict[str, Callable[[Any, int], bytes]]] = {}
for _names, _encode in (
    (("stringValue", "string_value"), _member(1)),
    (("boolValue", "bool_value"), _member(2)),
    (("intValue", "int_value"), _member(3)),
    (("doubleValue", "double_value"), _member(4)),
    (("arrayValue", "array_value"), _array),
    (("kvlistValue", "kvlist_value"), _kvlist),
    (("bytesValue", "bytes_value"), _member(7)),
):
    _MEMBERS.update(dict.fromkeys(_names, _encode))

_ROOTS: Final[dict[Signal, Encode]] = {signal: _message(request.DESCRIPTOR) for signal, request in REQUESTS.items()}
