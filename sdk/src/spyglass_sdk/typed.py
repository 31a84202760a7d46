"""Any value of the host in, JSON that keeps its types out, within bounds of size, time and depth; `untyped.py` reads it back.

Plain JSON stands for itself. Whatever JSON cannot tell is an object with `$type`: tuple, set, frozenset, bytes, datetime, date, time, timedelta, decimal, uuid,
path, complex, int and float (out of JSON's range), text (that UTF-8 cannot tell), dict (keys that are no texts), enum, namedtuple, dataclass, pydantic,
exception, class (all by import path). What cannot be told at all is a `placeholder`, which says what it was and why; where a bound is met, a container is
`cut` to what fitted. Nothing is pickled, and nothing of the host's code runs but properties of its containers.
"""

from __future__ import annotations

import base64
import dataclasses
import decimal
import json
import math
import pathlib
import time
import types
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from enum import Enum
from hashlib import blake2b
from itertools import islice
from typing import Any, Final

__all__ = ["TYPE", "Bounds", "Typed", "encode", "hash_of"]

TYPE: Final = "$type"
_DEEPEST: Final = 64
_NODE_BYTES: Final = 8  # what a value costs beside its text
_LOOK_AT_CLOCK: Final = 512  # values
_BEGIN: Final = 1_000  # characters that are kept of a text which does not fit
_PLAIN: Final = frozenset({bool, type(None)})
_INT_LIMIT: Final = 2**63
_compact: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")).encode
_sorted: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"), sort_keys=True).encode


@dataclasses.dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a value is told: bytes of JSON, about, and seconds."""

    most_bytes: int
    most_s: float = 1.0


@dataclasses.dataclass(frozen=True, slots=True)
class Typed:
    """A value as JSON text, how many placeholders stand in it, and whether a bound was met."""

    text: str
    placeholders: int = 0
    was_cut: bool = False

    @property
    def whole(self) -> bool:
        """Whether the value can be had back."""
        return not self.placeholders and not self.was_cut

    @property
    def hash(self) -> str:
        """Of the text, 32 hex digits."""
        return hash_of(self.text)


def hash_of(text: str) -> str:
    """BLAKE2b of a text, 32 hex digits."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def encode(value: object, bounds: Bounds, *, canonical: bool = True) -> Typed:
    """The value. `canonical`: equal values have equal texts, because keys are sorted; else mappings keep their order."""
    walk = _Walk(bounds, canonical)
    text = (_sorted if canonical else _compact)(walk.told(value, 0))
    return Typed(text, walk.placeholders, walk.was_cut)


class _Walk:
    def __init__(self, bounds: Bounds, canonical: bool) -> None:
        self._left, self._deadline = bounds.most_bytes, time.monotonic() + bounds.most_s
        self._canonical = canonical
        self._until_look = _LOOK_AT_CLOCK
        self._above: set[int] = set()
        self.placeholders = 0
        self.was_cut = False

    def told(self, value: Any, depth: int) -> Any:
        """JSON of a value."""
        self._left -= _NODE_BYTES
        kind = type(value)
        if kind is str:
            return self._text(value)
        if kind in _PLAIN:
            return value
        if kind is int:
            return value if -_INT_LIMIT <= value < _INT_LIMIT else self._int(value)
        if kind is float:
            return value if math.isfinite(value) else {TYPE: "float", "value": repr(value)}
        return self._container(value, kind, depth)

    def _container(self, value: Any, kind: type, depth: int) -> Any:
        if depth >= _DEEPEST:
            return self._placeholder(kind, "too deep")
        if id(value) in self._above:
            return self._placeholder(kind, "holds itself")
        self._above.add(id(value))
        try:
            if kind is dict:
                return self._dict(value, depth + 1)
            if kind is list:
                return self._list(value, depth + 1)
            return self._other(value, kind, depth + 1)
        except Exception as error:  # the host's own code: a property, a half made object, a mapping that changes meanwhile
            return self._placeholder(kind, f"raised {type(error).__name__}")
        finally:
            self._above.discard(id(value))

    @property
    def _full(self) -> bool:
        """Whether a bound is met."""
        self._until_look -= 1
        if self._until_look <= 0:
            self._until_look = _LOOK_AT_CLOCK
            if time.monotonic() > self._deadline:
                self._left = -1
        return self._left < 0

    def _text(self, value: str) -> Any:
        plain = len(value) > self._left or value.isascii()  # what is too long is not even looked at
        size = len(value) if plain else len(value.encode("utf-8", "surrogatepass"))
        self._left -= size
        if self._left < 0:
            self.was_cut = True
            return {TYPE: "cut", "of": "str", "length": len(value), "value": value[:_BEGIN].encode("utf-8", "replace").decode()}
        if size > len(value) and any("\ud800" <= letter <= "\udfff" for letter in value):
            return {TYPE: "text", "value": _base64(value.encode("utf-8", "surrogatepass"))}
        return value

    def _int(self, value: int) -> Any:
        self._left -= value.bit_length() // 3
        return {TYPE: "int", "value": hex(value)} if self._left >= 0 else self._placeholder(int, "too large")

    def _dict(self, value: Mapping[Any, Any], depth: int) -> Any:
        plain = all(type(key) is str for key in islice(value, 100_000)) and TYPE not in value
        if not plain:
            return self._pairs(value, depth)
        found: dict[str, Any] = {}
        for key in sorted(value) if self._canonical and len(value) <= 100_000 else value:
            if self._full:
                return self._cut("dict", len(value), found)
            name = self._text(key)
            found[name if type(name) is str else f"{key[:100]}…"] = self.told(value[key], depth)
        return found

    def _pairs(self, value: Mapping[Any, Any], depth: int) -> Any:
        found: list[Any] = []
        for key, part in value.items():
            if self._full:
                return self._cut("dict", len(value), found)
            found.append([self.told(key, depth), self.told(part, depth)])
        return {TYPE: "dict", "value": sorted(found, key=_sorted) if self._canonical else found}

    def _list(self, value: Iterable[Any], depth: int, length: int | None = None) -> Any:
        found: list[Any] = []
        for part in value:
            if self._full:
                return self._cut("list", len(value) if length is None else length, found)  # type: ignore[arg-type]
            found.append(self.told(part, depth))
        return found

    def _cut(self, of: str, length: int, found: Any) -> Any:
        self.was_cut = True
        return {TYPE: "cut", "of": of, "length": length, "value": found}

    def _placeholder(self, kind: type, why: str, **more: Any) -> Any:
        self.placeholders += 1
        self._left -= 64
        return {TYPE: "placeholder", "of": _path(kind), "why": why, **more}

    def _other(self, value: Any, kind: type, depth: int) -> Any:
        if isinstance(value, Enum):
            return {TYPE: "enum", "of": _path(kind), "value": value.name}
        simple = _SIMPLE.get(kind)
        if simple:
            name, text = simple
            if kind in (bytes, bytearray) and len(value) > self._left:
                return self._cut(name, len(value), "")
            self._left -= len(made := text(value))
            return {TYPE: name, "value": made} if self._left >= 0 else self._cut(name, len(made), "")
        if isinstance(value, tuple):
            parts = self._list(value, depth)
            return {TYPE: "namedtuple", "of": _path(kind), "value": parts} if hasattr(kind, "_fields") else {TYPE: "tuple", "value": parts}
        if kind in (set, frozenset):
            parts = self._list(value, depth)
            return {TYPE: kind.__name__, "value": sorted(parts, key=_sorted) if isinstance(parts, list) else parts}
        return self._object(value, kind, depth)

    def _object(self, value: Any, kind: type, depth: int) -> Any:
        if isinstance(value, type):
            return {TYPE: "class", "of": _path(value)}
        if dataclasses.is_dataclass(kind):
            fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(kind) if hasattr(value, one.name)}
            return {TYPE: "dataclass", "of": _path(kind), "value": self._dict(fields, depth)}
        if hasattr(kind, "model_fields") and hasattr(kind, "model_construct"):  # pydantic
            fields = {**vars(value), **(getattr(value, "__pydantic_extra__", None) or {})}
            return {TYPE: "pydantic", "of": _path(kind), "value": self._dict(fields, depth), "set": sorted(value.model_fields_set)}
        if isinstance(value, BaseException):
            return {TYPE: "exception", "of": _path(kind), "value": self._list(value.args, depth), "state": self._dict(_state(value), depth)}
        if isinstance(value, types.SimpleNamespace):
            return {TYPE: "namespace", "value": self._dict(vars(value), depth)}
        if isinstance(value, (str, int, float)):  # a subclass counts as what it is
            return self.told(next(base(value) for base in (str, int, float) if isinstance(value, base)), depth)
        if isinstance(value, datetime):
            return {TYPE: "datetime", "value": value.isoformat()}
        if isinstance(value, Mapping):
            return self._dict(dict(value), depth)
        if isinstance(value, list) or kind.__name__ == "deque":
            return self._list(value, depth, len(value))
        if kind.__module__ == "numpy" and not getattr(value, "shape", (0,)):
            return self.told(value.item(), depth)
        shape = getattr(value, "shape", None)
        return self._placeholder(kind, "has no JSON", **({"shape": list(shape)} if isinstance(shape, tuple) and all(type(one) is int for one in shape) else {}))


def _state(error: BaseException) -> dict[str, Any]:
    return {name: part for name, part in vars(error).items() if not name.startswith("__")}


def _path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


_SIMPLE: Final[dict[type, tuple[str, Callable[[Any], str]]]] = {
    bytes: ("bytes", _base64),
    bytearray: ("bytearray", _base64),
    datetime: ("datetime", datetime.isoformat),
    date: ("date", date.isoformat),
    clock_time: ("time", clock_time.isoformat),
    timedelta: ("timedelta", lambda value: f"{value.days}:{value.seconds}:{value.microseconds}"),
    decimal.Decimal: ("decimal", str),
    uuid.UUID: ("uuid", str),
    complex: ("complex", repr),
    **dict.fromkeys((pathlib.PurePosixPath, pathlib.PureWindowsPath, pathlib.PosixPath, pathlib.WindowsPath), ("path", str)),
}
