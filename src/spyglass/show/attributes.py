"""Typed attributes as JSON: the pairs of a map column and their type codes become an object with numbers, booleans, lists and objects in it."""

from __future__ import annotations

import math
from typing import Any

import orjson

__all__ = ["attributes_json", "typed"]


def attributes_json(pairs: list[tuple[str, str]], types: str) -> dict[str, Any]:
    """An object; of a key that stands there twice the first value is kept under the key and the others under `key#2` and so on."""
    out: dict[str, Any] = {}
    for (key, text), code in zip(pairs, types, strict=False):
        name, number = key, 1
        while name in out:
            number += 1
            name = f"{key}#{number}"
        out[name] = typed(text, code)
    return out


def typed(text: str, code: str) -> Any:
    """The value of one type code of model/schema.py; text that does not fit its code stays text."""
    try:
        match code:
            case "b":
                return text == "true"
            case "i":
                return _within_64_bits(int(text), text)
            case "d":
                return _finite(float(text), text)
            case "a" | "k" | "A" | "K":
                return orjson.loads(text)
            case "e":
                return None
    except ValueError:
        return text
    return text


def _within_64_bits(number: int, text: str) -> int | str:
    return number if -(2**63) <= number < 2**63 else text


def _finite(number: float, text: str) -> float | str:
    return number if math.isfinite(number) else text
