"""Plain Python values to OTLP attributes, and back."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

__all__ = ["as_text", "pairs", "plain", "put", "put_all", "put_value"]


def put_all(attributes: Any, values: Mapping[str, Any]) -> None:
    """Add each value under its key; None is left out."""
    for key, value in values.items():
        if value is not None:
            put(attributes, key, value)


def put(attributes: Any, key: str, value: Any) -> None:
    """Add one attribute: text, bool, int, float, bytes, or lists and mappings of these."""
    put_value(attributes.add(key=key).value, value)


def put_value(target: Any, value: Any) -> None:
    """Write a value into an AnyValue; an integer beyond 64 bits becomes text."""
    match value:
        case str():
            target.string_value = value
        case bool():
            target.bool_value = value
        case int() if -(2**63) <= value < 2**63:
            target.int_value = value
        case float():
            target.double_value = value
        case bytes():
            target.bytes_value = value
        case Mapping():
            target.kvlist_value.SetInParent()
            put_all(target.kvlist_value.values, value)
        case list() | tuple():
            target.array_value.SetInParent()
            for item in value:
                put_value(target.array_value.values.add(), item)
        case None:
            pass
        case _:
            target.string_value = str(value)


def plain(value: Any) -> Any:
    """The Python value of an AnyValue; None where it has none."""
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [plain(item) for item in value.array_value.values]
        case "kvlist_value":
            return pairs(value.kvlist_value.values)
        case name:
            return getattr(value, name)


def pairs(attributes: Iterable[Any]) -> dict[str, Any]:
    """Attributes as a mapping; of a repeated key the last one stays."""
    return {pair.key: plain(pair.value) for pair in attributes}


def as_text(value: Any) -> str:
    """A value for formats that know only text: as it is, else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return "" if value is None else orjson.dumps(value, default=lambda item: base64.b64encode(item).decode()).decode()
