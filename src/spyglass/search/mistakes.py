"""What to say about a text that is no search: where (1-based column), what was found, what was expected, what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lark import UnexpectedInput, UnexpectedToken

from spyglass.model.errors import QueryError
from spyglass.search.fields import NAMES, nearest

__all__ = ["misread", "misspelt", "mistake", "syntax", "unknown_field"]

_FOUND: Final = re.compile(r"\w+|\S")
_KEYWORDS: Final = frozenset({"and", "or", "not", "under", "over"})
_SIGNS: Final = frozenset(':=<>,"')


def mistake(column: int, message: str, **details: str) -> QueryError:
    """The error for a place in the text."""
    return QueryError(f"column {column}: {message}", column=column, **details)


def syntax(text: str, error: UnexpectedInput, could_follow: Callable[[str], frozenset[str]]) -> QueryError:
    """What the grammar could not read; `could_follow` names the terminals that may stand after a text."""
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    position = len(text) if at_end else int(error.pos_in_stream or 0)
    rest = text[position:]
    if rest.startswith('"'):
        return mistake(position + 1, 'this quote is not closed: expected another "')
    could = could_follow(text[:position])
    if rest.startswith(")") and "_OR" in could and "_RPAR" not in could:
        return mistake(position + 1, 'found ")" without a "(" before it')
    word = _FOUND.match(rest)
    found = f'"{word[0][:40]}"' if word else "the end"
    return mistake(position + 1, f"expected {_expected(could)}, found {found}{_hint(rest, word[0] if word else '', could)}")


def misread(column: int, name: str, expected: str, found: str) -> QueryError:
    """A value that its field cannot have."""
    return mistake(column, f'{name}: found "{_short(found)}", expected {expected}')


def misspelt(column: int, name: str, found: str, words: tuple[str, ...]) -> QueryError:
    """A value that is none of the few that its field can have."""
    near = nearest(found, words)
    if near is None:
        return misread(column, name, f"one of {', '.join(words)}", found)
    return mistake(column, f'{name}: unknown value "{_short(found)}"; did you mean "{near}"?', suggestion=near)


def unknown_field(column: int, name: str) -> QueryError:
    """No field has that name."""
    near = nearest(name, tuple(NAMES))
    if near is not None:
        return mistake(column, f'unknown field "{_short(name)}"; did you mean "{near}"?', suggestion=near)
    hint = f"an attribute is written attr.{_short(name)}, and text with a colon goes in quotes"
    return mistake(column, f'unknown field "{_short(name)}"; {hint}', suggestion=f"attr.{name}")


def _expected(could: frozenset[str]) -> str:
    if "VALUE" in could:
        return "a value"
    if "NAME" in could:
        return "the name of a field"
    if "STRING" not in could:
        return '"or", "," or ")"'  # within the brackets of a list of values
    if "_OR" not in could:
        return "a condition such as kind:tool, or a word"
    return '")" or another condition' if "_RPAR" in could else "and, or, or another condition"


def _hint(rest: str, found: str, could: frozenset[str]) -> str:
    if "VALUE" in could:
        special = re.match(r"""[^\s"(),\\]*["(),\\]""", rest)
        return "; a value with brackets, commas, quotes or backslashes goes in quotes" if special else ""
    if found.lower() in _KEYWORDS:
        return f"; to search for the word itself, put it in quotes: {chr(34)}{found}{chr(34)}"
    return "; text with such signs goes in quotes" if found and found in _SIGNS else ""


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
