"""Which parts of a JSON document are told: a document and JSON pointers (RFC 6901) in, values out."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import orjson

__all__ = ["checked_pointer", "digest", "pick", "read_json"]

_NOTHING: Final = object()


def checked_pointer(pointer: str) -> str:
    """A JSON pointer.

    Raises:
        ValueError: it is none.
    """
    if pointer and not pointer.startswith("/"):
        raise ValueError("expected a JSON pointer such as `/data/items/0/name`, or nothing for the whole document")
    return pointer


def pick(document: Any, pointer: str) -> Any:
    """What is at a pointer; None where nothing is."""
    at = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(at, dict):
            at = at.get(name, _NOTHING)
        elif isinstance(at, list) and name.isascii() and name.isdigit():
            at = at[int(name)] if int(name) < len(at) else _NOTHING
        else:
            return None
        if at is _NOTHING:
            return None
    return at


def read_json(body: bytes) -> Any:
    """The document.

    Raises:
        ValueError: it is not JSON.
    """
    return orjson.loads(body)


def digest(value: Any) -> str:
    """The same for the same value, whatever the order of its names."""
    return hashlib.blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
