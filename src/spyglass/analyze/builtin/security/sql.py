"""SQL injection by grammar: a value in, how it would break out of the statement around it out, or nothing.

A value is harmful when a database would read a part of it as SQL. So it is read as the statement around would go on: as it stands (a number in `where id = …`),
and from behind its first quote (a text in `where name = '…'`). Behind a whole operand an operator must follow, behind that an operand, and at the end the quote
that the statement still has must be used up: by a string left open or by a comment. Prose alternates nowhere for long, whatever words it has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_plus

from spyglass.analyze.builtin.security import sql_words as words
from spyglass.analyze.builtin.security.sql_tokens import Token, tokens

__all__ = ["Break", "break_out", "decoded"]

_DEEPEST: Final = 64
_OPERAND: Final = frozenset("1snv")


@dataclass(frozen=True, slots=True)
class Break:
    """How a value leaves its place."""

    quote: str  # which one it closes; empty: none is needed
    does: tuple[str, ...]  # what the database would do: union, stacked, always_true …
    confidence: float  # that it is meant
    statement: bool = False  # it is a whole statement from its first word on


@dataclass(slots=True)
class _Reading:
    """One walk over the tokens."""

    operators: int = 0
    logic: int = 0
    compare: int = 0
    literal: int = 0  # operands that are no bare names
    names: int = 0
    calls: list[str] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    depth: int = 0
    closed: int = 0  # parentheses of the statement around
    complete: bool = False  # it ends where an operator or the end may come
    whole: bool = False  # all tokens were read
    at: int = 0


def decoded(text: str) -> str:
    """Without the escapes of addresses, twice at most; lower case."""
    for _ in range(2):
        if "%" not in text:
            break
        after = unquote_plus(text)
        if after == text:
            break
        text = after
    return text.replace("\0", "").lower()


def break_out(text: str) -> Break | None:
    """The strongest reading in which the value is SQL; None: there is none. Takes time in proportion to the text."""
    plain = decoded(text)
    found = [_judged("", _read(tokens(plain), operand=True), tokens(plain))]
    for quote in "'\"`":
        at = plain.find(quote)
        if at >= 0:
            rest = tokens(plain[at + 1 :])
            found.append(_judged(quote, _read(rest, operand=False), rest))
    return max((one for one in found if one), key=lambda one: one.confidence, default=None)
