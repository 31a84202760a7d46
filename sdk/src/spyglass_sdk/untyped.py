"""What `typed.py` wrote in, the values out.

Classes are found by their import path, in packages that the program has loaded already: what a server says never makes a program load a library that it does
not use. They are filled without running their `__init__`, and only where they are what the text says: a dataclass, a model, an exception, an enum.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib
import json
import sys
import types
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Final

from spyglass_sdk.typed import TYPE

__all__ = ["Placeholder", "UnreadableError", "decode", "value_of"]


class UnreadableError(ValueError):
    """A text that does not give its value back: it was cut, holds a placeholder, or names a class that is not here."""


@dataclasses.dataclass(frozen=True, slots=True)
class Placeholder:
    """What could not be told, or was cut, in a state."""

    of: str
    why: str
    value: Any = None


def decode(text: str) -> Any:
    """The value of a text.

    Raises:
        UnreadableError: it cannot be had back as it was.
    """
    try:
        return value_of(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
        raise error if isinstance(error, UnreadableError) else UnreadableError(f"{type(error).__name__}: {error}") from error


def value_of(told: Any, *, strict: bool = True) -> Any:
    """The value of JSON. Not `strict`: what cannot be had back is a `Placeholder`.

    Raises:
        UnreadableError: it cannot be had back as it was; only if strict.
    """
    return _Reading(strict).value(told)


class _Reading:
    def __init__(self, strict: bool) -> None:
        self._strict = strict

    def value(self, told: Any) -> Any:
        if isinstance(told, list):
            return [self.value(part) for part in told]
        if not isinstance(told, dict):
            return told
        name = told.get(TYPE)
        if name is None:
            return {key: self.value(part) for key, part in told.items()}
        try:
            return self._typed(name, told)
        except UnreadableError as error:
            if self._strict:
                raise
            return Placeholder(str(told.get("of", name)), str(error), self.value(told.get("value")))

    def _typed(self, name: str, told: dict[str, Any]) -> Any:
        simple = _SIMPLE.get(name)
        if simple:
            return simple(told["value"])
        made = _PARTS.get(name)
        if made:
            return made(self.value(told["value"]))
        if name == "dict":
            return {self.value(key): self.value(part) for key, part in told["value"]}
        if name in ("placeholder", "cut"):
            raise UnreadableError(f"{told.get('of')}: {told.get('why', 'cut')}")
        found = _class(str(told["of"]))
        build = _BUILD.get(name)
        if build is None:
            raise UnreadableError(f"{name}: a kind of value that this version does not know")
        return build(found, self, told)


def _class(path: str) -> Any:
    module, _, qualified = path.partition(":")
    if module.partition(".")[0] not in sys.modules:
        raise UnreadableError(f"{path}: this program has not loaded {module}")
    try:
        found: Any = sys.modules.get(module) or importlib.import_module(module)
        for part in qualified.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise UnreadableError(f"{path}: it is not here") from error
    if not isinstance(found, type):
        raise UnreadableError(f"{path}: it is no class")
    return found


def _must(condition: object, found: type, wanted: str) -> None:
    if not condition:
        raise UnreadableError(f"{found.__module__}:{found.__qualname__}: expected {wanted}")


def _enum(found: Any, _: _Reading, told: dict[str, Any]) -> Any:
    _must(issubclass(found, Enum), found, "an enum")
    return found[told["value"]]


def _namedtuple(found: Any, reading: _Reading, told: dict[str, Any]) -> Any:
    _must(issubclass(found, tuple) and hasattr(found, "_make"), found, "a named tuple")
    return found._make(reading.value(told["value"]))


def _dataclass(found: Any, reading: _Reading, told: dict[str, Any]) -> Any:
    _must(dataclasses.is_dataclass(found), found, "a dataclass")
    made = object.__new__(found)
    for name, part in reading.value(told["value"]).items():
        object.__setattr__(made, name, part)
    return made


def _pydantic(found: Any, reading: _Reading, told: dict[str, Any]) -> Any:
    _must(hasattr(found, "model_fields") and callable(getattr(found, "model_construct", None)), found, "a pydantic model")
    fields = reading.value(told["value"])
    made = found.model_construct(_fields_set=set(told.get("set", ())), **fields)
    for name, part in fields.items():  # aliases are none of our business
        if name in found.model_fields:
            made.__dict__[name] = part
    return made


def _exception(found: Any, reading: _Reading, told: dict[str, Any]) -> Any:
    _must(issubclass(found, BaseException), found, "an exception")
    args = tuple(reading.value(told["value"]))
    made = found.__new__(found, *args)
    made.args = args
    vars(made).update(reading.value(told.get("state", {})))
    return made


def _whole(found: Any, _: _Reading, __: dict[str, Any]) -> Any:
    return found


def _timedelta(text: str) -> timedelta:
    days, seconds, microseconds = map(int, text.split(":"))
    return timedelta(days, seconds, microseconds)


_SIMPLE: Final[dict[str, Callable[[str], Any]]] = {
    "int": lambda text: int(text, 16),
    "float": float,
    "text": lambda text: base64.b64decode(text).decode("utf-8", "surrogatepass"),
    "bytes": base64.b64decode,
    "bytearray": lambda text: bytearray(base64.b64decode(text)),
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": clock_time.fromisoformat,
    "timedelta": _timedelta,
    "decimal": Decimal,
    "uuid": uuid.UUID,
    "complex": complex,
    "path": Path,
}
_PARTS: Final[dict[str, Callable[[Any], Any]]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "namespace": lambda fields: types.SimpleNamespace(**fields),
}
_BUILD: Final[dict[str, Callable[[Any, _Reading, dict[str, Any]], Any]]] = {
    "enum": _enum,
    "namedtuple": _namedtuple,
    "dataclass": _dataclass,
    "pydantic": _pydantic,
    "exception": _exception,
    "class": _whole,
}
