"""A text that should be JSON, decoded as far as it can be.

In: a text as telemetry has it: JSON, JSON in a JSON string in a JSON string, JSON that a limit cut off, with NaN or half a surrogate pair, OTLP's own form
of lists and maps, or no JSON at all. Out: its value; a text where it is none.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

import orjson

from spyglass.refine.messages.broken import completed

__all__ = ["decoded", "plain_of_otlp"]

_LEVELS: Final = 3  # of JSON strings in JSON strings
_LONE: Final = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_DEEPEST: Final = 200  # levels of an OTLP value


def decoded(text: str, levels: int = _LEVELS) -> Any:
    """The value of a JSON text; the text itself where it is no JSON."""
    start = text.lstrip()[:1]
    if start not in ("{", "[", '"') or not start:
        return text
    try:
        value = _loaded(text)
    except (ValueError, RecursionError):
        found = completed(text.lstrip())
        return text if found is None else found
    return decoded(value, levels - 1) if isinstance(value, str) and levels > 1 else value


def _loaded(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(_LONE.sub(r"\\ufffd", text), parse_constant=lambda _: None)


def plain_of_otlp(value: Any, depth: int = 0) -> Any:
    """The plain value of the OTLP/JSON form (type codes `A` and `K`); bytes stay base64."""
    if not isinstance(value, dict) or len(value) != 1 or depth > _DEEPEST:
        return value
    [(kind, inner)] = value.items()
    if kind == "arrayValue" and isinstance(inner, dict):
        return [plain_of_otlp(item, depth + 1) for item in inner.get("values") or []]
    if kind == "kvlistValue" and isinstance(inner, dict):
        return {str(item.get("key", "")): plain_of_otlp(item.get("value"), depth + 1) for item in inner.get("values") or [] if isinstance(item, dict)}
    if kind == "intValue" and isinstance(inner, str):
        return int(inner)
    return inner if kind in {"stringValue", "boolValue", "intValue", "doubleValue", "bytesValue"} else None
