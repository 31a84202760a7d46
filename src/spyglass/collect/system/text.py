"""Names that programs chose, undecodable bytes included, become text that every receiver takes."""

from __future__ import annotations

__all__ = ["clean"]

_MARK = "…"


def clean(text: str, limit: int = 4096) -> str:
    r"""The text as valid Unicode of at most `limit` characters: an undecodable byte is spelled `\xff`, what was cut off ends in `…`."""
    if len(text) > limit:
        text = text[: limit - 1] + _MARK
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _spelled(text)[:limit]
    return text


def _spelled(text: str) -> str:
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # surrogates that no byte stands behind
        return text.encode("utf-8", "backslashreplace").decode()
