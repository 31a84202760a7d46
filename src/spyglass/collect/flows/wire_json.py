"""JSON that others wrote, read and written so that nothing in it raises: half emoji, numbers of any size, documents that are cut.

In: bytes. Out: values, or None; and text.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, TypeAlias

import orjson

__all__ = ["Json", "document", "dumps", "loads", "named"]

Json: TypeAlias = dict[str, Any]

_STRING: Final = rb'\s*:\s*"((?:[^"\\\x00-\x1f]|\\.){1,256})"'
_NAMES: Final = {name: re.compile(b'"' + name.encode() + b'"' + _STRING) for name in ("id", "model")}
_SEARCHED: Final = 8 * 1024  # bytes of the begin of a document that is cut


def loads(data: bytes | str) -> Any:
    """The value; None where it is none."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(data)  # JavaScript writes half a surrogate pair as an escape, Python NaN
    except (ValueError, RecursionError):
        return None


def document(data: bytes | str) -> Json:
    """The object; empty where it is none."""
    value = loads(data)
    return value if isinstance(value, dict) else {}


def dumps(value: Any) -> str:
    """The value as text; whatever has no form in JSON is told by its name."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except (orjson.JSONEncodeError, UnicodeError):
        pass
    try:
        return json.dumps(value, separators=(",", ":"), default=lambda odd: type(odd).__name__)
    except (ValueError, TypeError, RecursionError):
        return ""


def named(data: bytes, name: str) -> str:
    """The first text of this name in a document that is not whole: `id` or `model`; empty where it is not in its begin."""
    match = _NAMES[name].search(data, 0, _SEARCHED)
    found = loads(b'"' + match[1] + b'"') if match else None
    return found if isinstance(found, str) else ""
