"""One condition: the tokens of its name, operator and values in, a small tree out, or a `QueryError` about the token that is at fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, cast

from lark import Token

from spyglass.model.errors import QueryError
from spyglass.search.fields import KINDS, NAMES, STATES, Field, Type, find
from spyglass.search.mistakes import misread, misspelt, mistake, unknown_field
from spyglass.search.tree import Comparison, Has, Is, Match, Not, Op, Range, Ref, Tree, any_of
from spyglass.search.values import Ago, Duration, Moment, Number, Pattern, Value, read_duration, read_id, read_number, read_time, unescaped, unquoted

__all__ = ["MAX_WILDCARDS", "column", "condition", "full_text", "reference"]

MAX_WILDCARDS: Final = 16  # in one value

_WORDS: Final = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]")  # what the text indexes keep as a word
_OTHER_LANGUAGES: Final = {"&&": "and", "&": "and", "||": "or", "|": "or"}
_ID_BYTES: Final = {"trace_id": 16, "event_id": 16, "span_id": 8, "parent_span_id": 8}
_RANGED: Final = frozenset({Type.COUNT, Type.NUMBER, Type.USD, Type.DURATION, Type.TIME, Type.ATTRIBUTE})


def condition(rule: str, name: Token, *rest: Token) -> Tree:
    """The tree of `name:values` (rules match, match_one, match_not) or of `name op value` (rule compare).

    Raises:
        QueryError: there is no such field, or a value is none that it can have.
    """
    if name.lower() == "is":
        if rule == "compare":
            raise mistake(column(name), "is has no order; write is:root")
        tree = any_of(*map(_state, rest))
    elif rule == "compare":
        return _comparison(reference(name), cast("Op", str(rest[0])), rest[1], column(name))
    else:
        tree = _match(reference(name), rest, column(name))
    return Not(tree) if rule == "match_not" else tree


def full_text(token: Token, *, shorthand: bool) -> Tree:
    """The tree of a bare word, or of a text in quotes. With `shorthand` the name of a kind stands for the kind.

    Raises:
        QueryError: there is nothing in it to search for.
    """
    text, at = str(token), column(token)
    if token.type == "STRING":
        return Match(Ref("text"), (_phrase("text", unquoted(token), at),), at)
    if text.lower() == "root":
        return Is("root", at)
    if shorthand and text.lower() in KINDS:
        return Match(Ref("kind"), (Pattern((text.lower(),)),), at)
    if "*" in text:
        raise mistake(at, f'"{text[:80]}": * stands in the values of fields, such as name:chat*; full text looks for whole words')
    if text in _OTHER_LANGUAGES:
        raise mistake(at, f'"{text}" is written {_OTHER_LANGUAGES[text]}', suggestion=_OTHER_LANGUAGES[text])
    return Match(Ref("text"), (_phrase("text", text, at),), at)


def reference(name: Token) -> Ref:
    """The field that a name means.

    Raises:
        QueryError: there is none.
    """
    head, _, key = str(name).partition(".")
    if head.lower() in {"attr", "resource"}:
        key = unquoted(key) if key.startswith('"') else key
        if not key:
            raise mistake(column(name), f"{head} needs the name of an attribute, such as {head}.http.route")
        return Ref(head.lower(), key)
    field = find(str(name))
    if field is None:
        raise unknown_field(column(name), str(name))
    return Ref(field.name)


def column(token: Token) -> int:
    """Where a token stands in the text, from 1 on."""
    return int(token.start_pos or 0) + 1


def _state(token: Token) -> Tree:
    state = _plain(token).lower()
    if state in KINDS:
        return Match(Ref("kind"), (Pattern((state,)),), column(token))
    if state not in STATES:
        raise misspelt(column(token), "is", state, (*STATES, *KINDS))
    return Is(state, column(token))


def _match(ref: Ref, tokens: Sequence[Token], at: int) -> Tree:
    """Values become one Match; ranges, and `*` for whatever is there, become terms beside it."""
    read = [_value(ref, token, at) for token in tokens]
    values = tuple(one for one in read if isinstance(one, Value))
    others = [one for one in read if not isinstance(one, Value)]
    return any_of(*([Match(ref, values, at)] if values else []), *others)


def _value(ref: Ref, token: Token, at: int) -> Value | Tree:
    field, text, bare = NAMES[ref.name], str(token), token.type == "VALUE"
    if bare and not text.strip("*"):
        return Has(ref, at)
    ranged = _range(ref, token, at) if bare and ".." in text and "\\" not in text and field.type in _RANGED else None
    if ranged is not None:
        return ranged
    match field.type:
        case Type.TEXT | Type.LIST | Type.ATTRIBUTE:
            return _pattern(token) if bare else Pattern((unquoted(text),))
        case Type.WORDS:
            if bare and unescaped(text).exact is None:
                raise mistake(column(token), f"{ref} is full text and looks for whole words; * stands in the values of other fields")
            return _phrase(str(ref), _plain(token), column(token))
        case _:
            value = _scalar(field, token, _plain(token))
    if isinstance(value, Ago):
        raise mistake(column(token), f"{ref}: a time before now needs a comparison; write {ref}>{text}", suggestion=f"{ref}>{text}")
    return value


def _phrase(name: str, text: str, at: int) -> Pattern:
    if not _WORDS.search(text):
        raise misread(at, name, "at least one letter or digit to search for", text)
    return Pattern((text,))


def _pattern(token: Token) -> Pattern:
    pattern = unescaped(token)
    if len(pattern.parts) > MAX_WILDCARDS + 1:
        raise mistake(column(token), f"expected at most {MAX_WILDCARDS} wildcards in a value, found {len(pattern.parts) - 1}")
    return pattern


def _comparison(ref: Ref, op: Op, token: Token, at: int) -> Tree:
    field, text = NAMES[ref.name], _plain(token)
    if not (field.type in _RANGED or field.ordered):
        raise mistake(column(token), f"{ref} has no order; write {ref}:value")
    if field.ordered and not text:
        raise misread(column(token), field.name, f"one of {', '.join(field.values)}", text)
    return Comparison(ref, op, _scalar(field, token, text), at)


def _range(ref: Ref, token: Token, at: int) -> Tree | None:
    """The range, or None where the value of an attribute only looks like one."""
    field, ends = NAMES[ref.name], str(token).split("..", 1)
    if ends == ["", ""]:
        raise misread(column(token), str(ref), "a range such as 1..5, 1.. or ..5", str(token))
    try:
        low, high = (_scalar(field, token, end) if end else None for end in ends)
    except QueryError:
        if field.type is Type.ATTRIBUTE:
            return None
        raise
    if low is not None and high is not None:
        if _is_more(low, high):
            raise mistake(column(token), f"{ref}: the range {low}..{high} is empty; write the smaller value first")
        return Range(ref, low, high, at)
    return Comparison(ref, ">=", low, at) if low is not None else Comparison(ref, "<=", cast("Value", high), at)


def _is_more(low: Value, high: Value) -> bool:
    match low, high:
        case (Number(a), Number(b)) | (Duration(a), Duration(b)) | (Ago(b), Ago(a)):
            return a > b
        case Moment(a), Moment(b):
            return a > b
        case _:
            return False


def _scalar(field: Field, token: Token, text: str) -> Value:
    """A value of a field that knows neither wildcards nor free text."""
    readers: dict[Type, Callable[[str], Value]] = {
        Type.COUNT: lambda text: read_number(text, whole=True),
        Type.DURATION: read_duration,
        Type.TIME: read_time,
        Type.ID: lambda text: _read_id(field, text),
        Type.BOOL: _read_bool,
        Type.CHOICE: lambda text: _read_choice(field, token, text),
    }
    try:
        return readers[field.type](text) if field.type in readers else read_number(text, whole=False)
    except ValueError as error:
        raise misread(column(token), field.name, str(error), text) from None


def _read_id(field: Field, text: str) -> Pattern:
    try:
        return Pattern((read_id(text, _ID_BYTES[field.name]),))
    except ValueError as error:
        also = ", or a condition in brackets, such as parent:(agent:planner)" if field.name == "parent_span_id" else ""
        raise ValueError(f"{error}{also}") from None


def _read_bool(text: str) -> Pattern:
    if text.lower() not in {"true", "false"}:
        raise ValueError("true or false")
    return Pattern((text.lower(),))


def _read_choice(field: Field, token: Token, text: str) -> Pattern:
    value = field.spellings.get(text.lower(), text.lower())
    if value not in field.values and value:
        raise misspelt(column(token), field.name, text, field.values)
    return Pattern((value,))


def _plain(token: Token) -> str:
    """The text of a value without wildcards: what a number, a time or a choice is read from."""
    return unquoted(token) if token.type == "STRING" else re.sub(r"\\([\s\S])", r"\1", token)
