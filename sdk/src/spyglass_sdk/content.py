"""Any value of the host in, bounded JSON text out: nothing it holds can raise, run for long, or take much memory.

Lists and mappings are walked to a bounded number of nodes and a bounded depth; what is left out is said as `…`.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, time, timedelta
from enum import Enum
from typing import Any, Final, cast

__all__ = ["attribute", "cut", "dump", "said", "shape", "text_of"]

_MOST_NODES: Final = 5_000
_MOST_DEPTH: Final = 16
_NUMBERS: Final = frozenset({int, float, bool, type(None)})
_SMALL, _CONTAINER = 16_384, 128  # characters that need no walk; what a list or mapping counts as
_MOST_BITS: Final = 4096  # of a number that is written out: Python refuses from 4300 digits on
_encode: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False, default=str).encode  # what it gets is a tree, seen to be one


def text_of(value: object, most_bytes: int) -> tuple[str, bool]:
    """A text as it is, everything else as JSON, of at most so many bytes of UTF-8; and whether it was cut."""
    return cut(value, most_bytes) if isinstance(value, str) else dump(value, most_bytes)


def attribute(value: object, most_bytes: int) -> Any:
    """What OpenTelemetry takes as it is: numbers of 64 bits, a few texts; anything else as a text."""
    if isinstance(value, (bool, float)) or (isinstance(value, int) and -(2**63) <= value < 2**63):
        return value
    if isinstance(value, (list, tuple)) and len(value) <= 128 and all(isinstance(one, str) for one in value):
        return [cut(one, most_bytes)[0] for one in value]
    return text_of(value, most_bytes)[0]


def said(value: object, most_bytes: int) -> str:
    """What a value, such as an error, says of itself, in at most so many bytes."""
    try:
        return cut(str(value), most_bytes)[0]
    except Exception:  # the host's own `__str__`
        return f"<{type(value).__name__}>"


def dump(value: object, most_bytes: int, most_nodes: int = _MOST_NODES) -> tuple[str, bool]:
    """JSON of at most so many bytes, and whether something was left out. JSON that is cut is no JSON any more; it stays readable."""
    try:
        if _left(value, _SMALL) >= 0:
            return cut(_encode(value), most_bytes)
    except (ValueError, RuntimeError):  # a number beyond what Python writes out; a mapping that changes meanwhile: the walk goes around them
        pass
    walk = _Walk(most_bytes, most_nodes)
    text, was_cut = cut(_encode(walk.plain(value, 0)), most_bytes)
    return text, was_cut or walk.left_out


def cut(text: str, most_bytes: int) -> tuple[str, bool]:
    """The beginning of a text, whole characters of it, in at most so many bytes of UTF-8."""
    if type(text) is not str:
        text = str.__str__(text)  # what it holds: a class of the host's may say something else of itself, or raise
    if len(text) * 4 <= most_bytes:
        return text if text.isascii() else _sound(text), False
    encoded = text[: most_bytes + 1].encode("utf-8", "replace")
    if len(encoded) <= most_bytes and len(text) <= most_bytes:
        return encoded.decode("utf-8"), False
    return encoded[: max(0, most_bytes - 3)].decode("utf-8", "ignore") + "…", True


def shape(value: object) -> str:
    """What a value is, without its content: `str[12]`, `list[3]`, `{"query": "str[12]"}`."""
    try:
        if isinstance(value, Mapping):
            return _encode({said(name, 100): _kind(part) for name, part in list(value.items())[:50]})
    except Exception:  # the host's own mapping
        return type(value).__name__
    return _kind(value)


def _kind(value: object) -> str:
    name = type(value).__name__
    try:
        return f"{name}[{len(value)}]" if isinstance(value, (str, bytes, bytearray, Sequence, Mapping, Set)) else name
    except Exception:  # the host's own length
        return name


def _sound(text: str) -> str:
    """Half of a pair of surrogates cannot be sent."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _left(value: Any, left: int) -> int:
    """What is left of a budget of characters after plain JSON of this value; below 0: it is too much, or not plain. A container costs enough to bound depth."""
    kind = type(value)
    if kind is dict:
        left -= _CONTAINER
        for name, part in value.items():
            if left < 0 or type(name) is not str:
                return -1
            of = type(part)
            left = left - len(part) - 16 if of is str else left - 24 if of in _NUMBERS else _left(part, left - 16)
        return left
    if kind is list or kind is tuple:
        left -= _CONTAINER
        for part in value:
            if left < 0:
                return -1
            left = left - len(part) if type(part) is str else _left(part, left)
        return left
    if kind is str:
        return left - len(value)
    return left - 8 if kind in _NUMBERS else -1


class _Walk:
    def __init__(self, most_chars: int, most_nodes: int) -> None:
        self._nodes = most_nodes
        self._most_chars = most_chars
        self.left_out = False

    def plain(self, value: object, depth: int) -> Any:
        self._nodes -= 1
        if self._nodes < 0 or depth > _MOST_DEPTH:
            self.left_out = True
            return "…"
        try:
            return self._told(value, depth)
        except Exception:  # the host's own code, which may be half made
            self.left_out = True
            return f"<{type(value).__name__}>"

    def _told(self, value: object, depth: int) -> Any:
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            self.left_out = True
            return f"<int of {value.bit_length()} bits>"
        if value is None or isinstance(value, (bool, int, float)):
            return value.value if isinstance(value, Enum) else value
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {self._text(said(name, self._most_chars)): self.plain(part, depth + 1) for name, part in self._some(value.items())}
        if isinstance(value, (list, tuple, Set)) or type(value).__name__ in ("deque", "dict_keys", "dict_values"):
            return [self.plain(part, depth + 1) for part in self._some(cast("Iterable[Any]", value))]
        return self._other(value, depth)

    def _some(self, parts: Iterable[Any]) -> Iterable[Any]:
        for part in parts:
            if self._nodes <= 0:
                self.left_out = True
                return
            yield part

    def _text(self, value: str) -> str:
        text, was_cut = cut(value, self._most_chars)
        self.left_out |= was_cut
        return text

    def _other(self, value: object, depth: int) -> Any:
        if isinstance(value, Enum):
            return self.plain(value.value, depth + 1)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return f"<{len(value)} bytes: {base64.b64encode(bytes(value[:24])).decode()}>"
        if isinstance(value, (date, time)):
            return value.isoformat()
        if isinstance(value, timedelta):
            return value.total_seconds()
        if isinstance(value, BaseException):
            return self._text(f"{type(value).__name__}: {value}")
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: self.plain(getattr(value, field.name), depth + 1) for field in dataclasses.fields(value)}
        if callable(dumped := getattr(type(value), "model_dump", None)):  # pydantic
            return self.plain(dumped(value), depth + 1)
        return self._text(repr(value))
