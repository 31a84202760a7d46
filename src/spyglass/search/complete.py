"""What may be typed at the cursor: text and position in, what is expected there and the candidates that the language itself knows out.

The API adds what it has observed: values of `field` where a value is expected, attribute names where the prefix begins with `attr.` or
`resource.`. A value goes into the text as `str(Pattern((value,)))`, which puts it in quotes where it needs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from lark import Token, UnexpectedInput

from spyglass.model.errors import QueryError
from spyglass.search.conditions import reference
from spyglass.search.fields import FIELDS, KINDS, NAMES, STATES, Type, find
from spyglass.search.parse import MAX_BYTES, could_follow, grammar
from spyglass.search.tree import Ref

__all__ = ["Candidate", "Completion", "Expected", "complete"]

Expected = Literal["field", "operator", "value", "keyword"]

_TYPED: Final = frozenset({"WORD", "VALUE", "NAME", "QUOTED_NAME", "UNDER", "OVER", "_AND", "_OR", "_NOT"})
_KEYWORDS: Final = {
    "_AND": ("and", "both; the same as nothing between two conditions"),
    "_OR": ("or", "one of both"),
    "_NOT": ("not", "the opposite of what follows"),
    "UNDER": ("under", "spans with an ancestor that matches what follows"),
    "OVER": ("over", "spans with a descendant that matches what follows"),
}
_WORDS: Final = {"has": "the field was told", "is": f"a state: {', '.join(STATES)}, or a kind", "parent": "spans whose parent matches: parent:(…)"}
_PREFIX: Final = re.compile(r'"[^"]*|[^\s"(),]*(?:"[^"]*"?)?')  # one word, or what follows an opening quote
_SIGNS: Final = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}
_ORDERED: Final = frozenset({Type.COUNT, Type.NUMBER, Type.USD, Type.DURATION, Type.TIME, Type.ATTRIBUTE})


@dataclass(frozen=True, slots=True)
class Candidate:
    """`text` may replace the prefix."""

    text: str
    expected: Expected
    about: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What is expected at the cursor; nothing, where what stands before it is no beginning of a search."""

    expected: tuple[Expected, ...]
    prefix: str  # what was already typed of it, without an opening quote
    start: int  # offset of the prefix (its opening quote included) in the text
    field: Ref | None  # whose value is expected
    candidates: tuple[Candidate, ...]


def complete(text: str, position: int) -> Completion:
    """What may be typed at `position`, a count of characters from the beginning of the text. Never raises."""
    before = text[: max(position, 0)]
    if len(before) > MAX_BYTES:
        return Completion((), "", len(before), None, ())
    tokens, end, start = _typing(before)
    if not _PREFIX.fullmatch(before[start:]):
        return Completion((), "", len(before), None, ())
    prefix = before[start:].removeprefix('"')
    could = could_follow(before[:end])
    if "VALUE" in could:
        ref = _asked(tokens)
        return Completion(("value",), prefix, start, ref, _matching(prefix, _values(tokens, ref)))
    if "NAME" in could:
        return Completion(("field",), prefix, start, None, _matching(prefix, _fields()))
    keywords = [Candidate(word, "keyword", about) for name, (word, about) in _KEYWORDS.items() if name in could]
    if "STRING" not in could:
        return Completion(("keyword",) if could else (), prefix, start, None, _matching(prefix, keywords))
    if before[start:].startswith('"'):
        return Completion((), prefix, start, None, ())
    found = _matching(prefix, [*_operators(prefix), *_fields(), *_words(), *keywords, *_operands(tokens)])
    return Completion(("field", *sorted({one.expected for one in found} - {"field"})), prefix, start, None, found)


def _typing(before: str) -> tuple[list[Token], int, int]:
    """The tokens before what is being typed, where they end, and where that begins."""
    tokens, broken = _tokens(before)
    end = (before[broken:].strip() and broken) or len(before)
    tail = before[end:]
    if tail in ("-", "!"):
        return tokens, end, end + 1
    last = tokens[-1] if tokens else None
    if last is None or last.end_pos != end:
        return tokens, end, end
    quoted_key = tail.startswith('"') and last.type == "WORD" and last.lower() in {"attr.", "resource."}
    if quoted_key or (not tail and last.type in _TYPED):
        return tokens[:-1], int(last.start_pos or 0), int(last.start_pos or 0)
    return tokens, end, end


def _tokens(before: str) -> tuple[list[Token], int]:
    """The tokens that the grammar accepts, and where it stops."""
    state, tokens = grammar().parse_interactive(before), list[Token]()
    try:
        tokens.extend(state.iter_parse())
    except UnexpectedInput as error:
        return tokens, int(error.pos_in_stream or 0)
    return tokens, len(before)


def _asked(tokens: list[Token]) -> Ref | None:
    """The field whose value is typed; None for `is`."""
    name = next(token for token in reversed(tokens) if token.type in {"FIELD", "QUOTED_FIELD"})
    try:
        return reference(name)
    except QueryError:
        return None


def _values(tokens: list[Token], ref: Ref | None) -> Iterator[Candidate]:
    if ref is None:
        name = next(token for token in reversed(tokens) if token.type == "FIELD")
        states = {**STATES, **{kind: f"the same as kind:{kind}" for kind in KINDS}} if name.lower() == "is" else {}
        yield from (Candidate(state, "value", about) for state, about in states.items())
        return
    field = NAMES[ref.name]
    known = {Type.BOOL: ("true", "false"), Type.TIME: ("-15m", "-1h", "-1d", "-7d", "now")}.get(field.type, field.values)
    yield from (Candidate(value, "value", field.about) for value in known)


def _fields() -> Iterator[Candidate]:
    yield from (Candidate(field.name, "field", field.about) for field in FIELDS)
    yield from (Candidate(alias, "field", f"the same as {field.name}") for field in FIELDS for alias in field.aliases)


def _words() -> Iterator[Candidate]:
    yield from (Candidate(word, "field", about) for word, about in _WORDS.items())


def _operators(name: str) -> Iterator[Candidate]:
    """What may follow a name that is already whole."""
    field = find(name.partition(".")[0]) if name.lower().startswith(("attr.", "resource.")) else find(name)
    if field is None or name.count('"') == 1:
        return
    yield Candidate(f"{name}:", "operator", "equals; with commas one of several")
    if field.type in _ORDERED or field.ordered:
        yield from (Candidate(f"{name}{sign}", "operator", about) for sign, about in _SIGNS.items())


def _operands(tokens: list[Token]) -> Iterator[Candidate]:
    """Kinds stand for themselves beside under and over."""
    if tokens and tokens[-1].type in {"UNDER", "OVER"}:
        yield from (Candidate(kind, "keyword", f"the same as kind:{kind}") for kind in KINDS)
        yield Candidate("root", "keyword", STATES["root"])


def _matching(prefix: str, candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(one for one in candidates if one.text.lower().startswith(prefix.lower()))
