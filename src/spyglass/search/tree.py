"""The tree of a search: what `parse` makes of a text, what `lower` gives a meaning, and what the web app edits.

`str(tree)` is the canonical text: canonical field names, shortest values, no needless brackets; it parses to the same tree.
A node's `column` is where it stood in the text (1-based, 0 where there was none); it is no part of what the node means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from spyglass.search.fields import KINDS
from spyglass.search.values import Pattern, Value, quoted

__all__ = [
    "And",
    "Comparison",
    "Condition",
    "Everything",
    "Has",
    "Is",
    "Match",
    "Not",
    "Op",
    "Or",
    "Over",
    "Parent",
    "Range",
    "Ref",
    "Tree",
    "Under",
    "all_of",
    "any_of",
    "children",
    "walk",
]

Op = Literal["<", "<=", ">", ">="]

_KEY: Final = re.compile(r"[\w.-]+")
_WORD: Final = re.compile(r"[^\W_]+")
_RESERVED: Final = frozenset({"and", "or", "not", "under", "over", "root", *KINDS})  # mean something else without quotes


@dataclass(frozen=True, slots=True)
class Ref:
    """A field by its canonical name; `key` is the attribute's name where the field is `attr` or `resource`."""

    name: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.name}.{self.key if _KEY.fullmatch(self.key) else quoted(self.key)}" if self.key else self.name


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty search."""

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Match:
    """The field equals one of `values`; of a full-text field, it has the words of one of them."""

    ref: Ref
    values: tuple[Value, ...]
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        if self.ref.name == "text" and len(self.values) == 1 and isinstance(self.values[0], Pattern):
            return _words_text(self.values[0])
        return f"{self.ref}:{','.join(map(str, self.values))}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The field is less or more than `value`."""

    ref: Ref
    op: Op
    value: Value
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.ref}{self.op}{self.value}"


@dataclass(frozen=True, slots=True)
class Range:
    """The field lies between `low` and `high`, both included."""

    ref: Ref
    low: Value
    high: Value
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.ref}:{self.low}..{self.high}"


@dataclass(frozen=True, slots=True)
class Has:
    """The field was told: it is not empty."""

    ref: Ref
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"has:{self.ref}"


@dataclass(frozen=True, slots=True)
class Is:
    """A state by its name (`fields.STATES`): root, error, …."""

    state: str
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"is:{self.state}"


@dataclass(frozen=True, slots=True)
class Not:
    """What `term` does not match."""

    term: Tree

    def __str__(self) -> str:
        return f"-{_operand(self.term)}"


@dataclass(frozen=True, slots=True)
class And:
    """What all of at least two terms match; an And within an And becomes one."""

    terms: tuple[Tree, ...]

    def __post_init__(self) -> None:
        flat = tuple(inner for term in self.terms for inner in (term.terms if isinstance(term, And) else (term,)))
        object.__setattr__(self, "terms", flat)

    def __str__(self) -> str:
        return " ".join(_operand(term) if isinstance(term, Or | Everything) else str(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Or:
    """What one of at least two terms matches; an Or within an Or becomes one."""

    terms: tuple[Tree, ...]

    def __post_init__(self) -> None:
        flat = tuple(inner for term in self.terms for inner in (term.terms if isinstance(term, Or) else (term,)))
        object.__setattr__(self, "terms", flat)

    def __str__(self) -> str:
        return " or ".join(_operand(term) if isinstance(term, Everything) else str(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Under:
    """Spans that match `span` and have an ancestor, at any depth, that matches `other`."""

    span: Tree
    other: Tree
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return _topology_text(self.span, "under", self.other)


@dataclass(frozen=True, slots=True)
class Over:
    """Spans that match `span` and have a descendant, at any depth, that matches `other`."""

    span: Tree
    other: Tree
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return _topology_text(self.span, "over", self.other)


@dataclass(frozen=True, slots=True)
class Parent:
    """Spans whose parent matches `term`."""

    term: Tree
    column: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return f"parent:({'*' if isinstance(self.term, Everything) else self.term})"


Condition = Match | Comparison | Range | Has | Is
Tree = Everything | Condition | Not | And | Or | Under | Over | Parent


def all_of(*trees: Tree) -> Tree:
    """What all of the trees match; everything for none."""
    terms = tuple(tree for tree in trees if not isinstance(tree, Everything))
    return And(terms) if len(terms) > 1 else terms[0] if terms else Everything()


def any_of(*trees: Tree) -> Tree:
    """What one of the trees matches; at least one is wanted."""
    return Or(trees) if len(trees) > 1 else trees[0]


def children(tree: Tree) -> tuple[Tree, ...]:
    """The trees right below, from left to right."""
    match tree:
        case And(terms) | Or(terms):
            return terms
        case Not(term) | Parent(term):
            return (term,)
        case Under(span, other) | Over(span, other):
            return (span, other)
        case _:
            return ()


def walk(tree: Tree) -> Iterator[tuple[Tree, int]]:
    """Every node with its depth (the root has 1). Not recursive: it also measures trees that are too deep."""
    stack = [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in reversed(children(node)))


def _words_text(words: Pattern) -> str:
    text = words.parts[0]
    return text if _WORD.fullmatch(text) and text.lower() not in _RESERVED else quoted(text)


def _operand(tree: Tree) -> str:
    if isinstance(tree, Everything):
        return "*"
    return f"({tree})" if isinstance(tree, And | Or | Under | Over) else str(tree)


def _topology_text(span: Tree, word: str, other: Tree) -> str:
    chained = isinstance(other, Under | Over)  # a under b under c reads a under (b under c)
    return f"{_operand(span)} {word} {str(other) if chained else _operand(other)}"
