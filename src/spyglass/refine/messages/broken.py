"""JSON that a limit cut off: closed again where it ends, so that what is left of it can be read.

In: a text that does not parse. Out: the value of its longest beginning that can be completed, or None.
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

__all__ = ["completed"]

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)
_CLOSES: Final = {"{": "}", "[": "]"}
_HALF_ESCAPE: Final = re.compile(r"(?<!\\)(?:\\\\)*(\\(?:u[0-9a-fA-F]{0,3})?)\Z")


def completed(text: str) -> Any | None:
    """What a cut off JSON text still says; None when it never was JSON."""
    if text[:1] not in "{[":
        return None
    open_, before_last = _nesting(text)
    if open_ is None:
        return None
    for cut, closing in ((_mended(text), open_), before_last):
        try:
            return orjson.loads(cut + closing)
        except orjson.JSONDecodeError:
            continue
    return None


def _nesting(text: str) -> tuple[str | None, tuple[str, str]]:
    """What closes everything that is open at the end; and the text before its last comma, with what closes that."""
    stack: list[str] = []
    comma, at_comma = 0, ""
    inside = ""
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece[0] == '"':
            inside = '"' if match.end() == len(text) and not _is_closed(piece) else ""
        elif piece in _CLOSES:
            stack.append(_CLOSES[piece])
        elif piece == ",":
            comma, at_comma = match.start(), "".join(reversed(stack))
        elif not stack or stack.pop() != piece:
            return None, ("", "")
    return inside + "".join(reversed(stack)), (text[:comma], at_comma)


def _is_closed(string: str) -> bool:
    if len(string) < 2 or string[-1] != '"':
        return False
    run = len(string) - 1 - len(string[:-1].rstrip("\\"))
    return run % 2 == 0


def _mended(text: str) -> str:
    """Without half an escape at the end."""
    match = _HALF_ESCAPE.search(text[-8:])
    return text[: len(text) - len(match[1])] if match else text
