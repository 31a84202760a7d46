"""What a search means for the rows of one kind: plain questions about columns, made by `lower`, answered by `masks` and `store.filters`.

Every predicate is true or false for every row, never unknown: a missing value is the empty text, zero or the empty list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spyglass.search.values import Pattern

__all__ = [
    "Above",
    "AllOf",
    "AnyOf",
    "Attribute",
    "AttributeLike",
    "AttributeNumber",
    "AttributeOneOf",
    "Beneath",
    "ChildOf",
    "Constant",
    "IdOneOf",
    "IsTrue",
    "Like",
    "Listed",
    "Negation",
    "NotEmpty",
    "Number",
    "OneOf",
    "Predicate",
    "Relation",
    "Words",
]

Relation = Literal["<", "<=", "=", ">=", ">"]


@dataclass(frozen=True, slots=True)
class Constant:
    """The same for every row."""

    value: bool


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of `terms`, at least one."""

    terms: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of `terms`, at least one."""

    terms: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """Not `term`."""

    term: Predicate


@dataclass(frozen=True, slots=True)
class OneOf:
    """A text column has exactly one of the values."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """A text column matches a pattern with wildcards."""

    column: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class IsTrue:
    """A bool column is true."""

    column: str


@dataclass(frozen=True, slots=True)
class IdOneOf:
    """A column of binary ids has one of the values, all as long as the column is wide."""

    column: str
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """The sum of number columns (or one time column, in ns since 1970) compared with a value of the first column's type."""

    columns: tuple[str, ...]
    relation: Relation
    value: int | float


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of texts has an element that matches the pattern."""

    column: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class NotEmpty:
    """A list has an element."""

    column: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A map of attributes (`column`) has the key."""

    column: str
    key: str


@dataclass(frozen=True, slots=True)
class AttributeOneOf:
    """The key is there, with exactly one of the values."""

    column: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttributeLike:
    """The key is there, with a value that matches the pattern."""

    column: str
    key: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class AttributeNumber:
    """The key is there, its value reads as a number, and the comparison holds."""

    column: str
    key: str
    relation: Relation
    value: float


@dataclass(frozen=True, slots=True)
class Words:
    """One of the text columns, or of the row's messages, has the words of `phrase` beside each other.

    A word is a run of ASCII letters and digits and of all characters beyond ASCII; case does not matter.
    """

    columns: tuple[str, ...]
    phrase: str
    messages: tuple[str, ...] = ()  # directions of the messages to look into: input, output


@dataclass(frozen=True, slots=True)
class ChildOf:
    """The span's parent matches."""

    term: Predicate


@dataclass(frozen=True, slots=True)
class Beneath:
    """An ancestor of the span, at any depth, matches."""

    term: Predicate


@dataclass(frozen=True, slots=True)
class Above:
    """A descendant of the span, at any depth, matches."""

    term: Predicate


Predicate = (
    Constant
    | AllOf
    | AnyOf
    | Negation
    | OneOf
    | Like
    | IsTrue
    | IdOneOf
    | Number
    | Listed
    | NotEmpty
    | Attribute
    | AttributeOneOf
    | AttributeLike
    | AttributeNumber
    | Words
    | ChildOf
    | Beneath
    | Above
)
