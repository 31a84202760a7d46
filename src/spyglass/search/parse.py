"""Text -> tree, or a `QueryError` that says where, what was found, what was expected, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final, cast

from lark import Lark, Token, UnexpectedInput
from lark import Tree as Node

from spyglass.model.errors import QueryError
from spyglass.model.schema import Kind
from spyglass.search.fields import KINDS, NAMES, STATES, Field, Type, find
from spyglass.search.lower import check
from spyglass.search.mistakes import misread, misspelt, mistake, syntax, unknown_field
from spyglass.search.tree import (
    And,
    Comparison,
    Condition,
    Everything,
    Has,
    Is,
    Match,
    Not,
    Op,
    Or,
    Over,
    Parent,
    Range,
    Ref,
    Tree,
    Under,
    any_of,
    walk,
)
from spyglass.search.values import Ago, Duration, Moment, Number, Pattern, Value, read_duration, read_id, read_number, read_time, unescaped, unquoted

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_RELATIONS", "MAX_TERMS", "MAX_WILDCARDS", "could_follow", "grammar", "parse", "reference"]

MAX_BYTES: Final = 4096
MAX_DEPTH: Final = 32  # of trees within trees
MAX_TERMS: Final = 64  # conditions
MAX_RELATIONS: Final = 8  # under, over, parent: each reads the spans of the candidate traces
MAX_WILDCARDS: Final = 16  # in one value

_WORDS: Final = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]")  # what the text indexes keep as a word
_OTHER_LANGUAGES: Final = {"&&": "and", "&": "and", "||": "or", "|": "or"}
_ID_BYTES: Final = {"trace_id": 16, "event_id": 16, "span_id": 8, "parent_span_id": 8}
_RANGED: Final = frozenset({Type.COUNT, Type.NUMBER, Type.USD, Type.DURATION, Type.TIME, Type.ATTRIBUTE})


@cache
def grammar() -> Lark:
    """The parser of grammar.lark; built once, at the first search."""
    text = files("spyglass.search").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)


def could_follow(text: str) -> frozenset[str]:
    """The terminals of the grammar that may stand after the beginning of a search; none where it is no beginning."""
    state = grammar().parse_interactive(text)
    try:
        state.exhaust_lexer()
    except UnexpectedInput:
        return frozenset()
    return frozenset(state.accepts())  # type: ignore[no-untyped-call]


def parse(text: str, *kinds: Kind) -> Tree:
    """The tree of a search.

    Args:
        text: at most 4 KB; the empty text is everything.
        kinds: the kinds of record it is for: a field that none of them has is an error. Without any, all fields are welcome.

    Raises:
        QueryError: the text is no search; `details["column"]` points at the place, `details["suggestion"]` may say what was meant.
    """
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise mistake(error.start + 1, "this character is not valid Unicode") from None
    if size > MAX_BYTES:
        raise mistake(1, f"the search is {size} bytes long, expected at most {MAX_BYTES}")
    try:
        node = grammar().parse(text)
    except UnexpectedInput as error:
        raise syntax(text, error, could_follow) from None
    _refuse_deep(node)
    tree = _tree(node.children[0], shorthand=False) if node.children else Everything()
    _refuse_large(tree)
    check(tree, *kinds)
    return tree


def _refuse_deep(node: Node[Token]) -> None:
    """Before anything recursive: an alternation of all rules that nest takes at most three levels for one of the tree."""
    level: list[Node[Token]] = [node]
    for _ in range(3 * MAX_DEPTH):
        level = [child for parent in level for child in parent.children if isinstance(child, Node)]
        if not level:
            return
    raise mistake(1, f"the search is nested too deep, expected at most {MAX_DEPTH} levels")


def _refuse_large(tree: Tree) -> None:
    nodes = list(walk(tree))
    if max(depth for _, depth in nodes) > MAX_DEPTH:
        raise mistake(1, f"the search is nested too deep, expected at most {MAX_DEPTH} levels")
    terms = [node for node, _ in nodes if isinstance(node, Condition)]
    if len(terms) > MAX_TERMS:
        raise mistake(terms[MAX_TERMS].column, f"expected at most {MAX_TERMS} conditions, found {len(terms)}; words in quotes count as one")
    relations = [node for node, _ in nodes if isinstance(node, Under | Over | Parent)]
    if len(relations) > MAX_RELATIONS:
        raise mistake(relations[MAX_RELATIONS].column, f"expected at most {MAX_RELATIONS} of under, over and parent, found {len(relations)}")


def _tree(node: Node[Token] | Token, *, shorthand: bool) -> Tree:
    """`shorthand`: within an operand of under, over or parent, where the name of a kind stands for the kind."""
    rule, parts = str(cast("Node[Token]", node).data), cast("Node[Token]", node).children
    match rule:
        case "all_of":
            return And(tuple(_tree(part, shorthand=shorthand) for part in parts))
        case "any_of":
            return Or(tuple(_tree(part, shorthand=shorthand) for part in parts))
        case "negate":
            return Not(_tree(parts[0], shorthand=shorthand))
        case "under" | "over":
            make = Under if rule == "under" else Over
            return make(_tree(parts[0], shorthand=True), _tree(parts[2], shorthand=True), _column(parts[1]))
        case "parent":
            return Parent(_tree(parts[1], shorthand=True), _column(parts[0]))
        case "everything":
            return Everything()
        case "word" | "phrase":
            return _full_text(cast("Token", parts[0]), shorthand=shorthand)
        case "has":
            return any_of(*(Has(reference(token), _column(token)) for token in _tokens(parts[1])))
        case _:
            return _condition(rule, _tokens(parts[0])[0], parts[1:])


def _condition(rule: str, name: Token, rest: list[Node[Token] | Token]) -> Tree:
    if name.lower() == "is":
        tree = _states(rule, name, rest)
    else:
        ref, field = reference(name), _field(name)
        if rule == "compare":
            return _comparison(ref, field, cast("Op", str(rest[0])), _tokens(rest[1])[0], _column(name))
        tree = _match(ref, field, _tokens(rest[0]), _column(name))
    return Not(tree) if rule == "match_not" else tree


def _full_text(token: Token, *, shorthand: bool) -> Tree:
    text, column = str(token), _column(token)
    if token.type == "STRING":
        text = unquoted(token)
    elif text.lower() == "root":
        return Is("root", column)
    elif shorthand and text.lower() in KINDS:
        return Match(Ref("kind"), (Pattern((text.lower(),)),), column)
    elif "*" in text:
        raise mistake(column, f'"{text[:80]}": * stands in the values of fields, such as name:chat*; full text looks for whole words')
    elif text in _OTHER_LANGUAGES:
        raise mistake(column, f'"{text}" is written {_OTHER_LANGUAGES[text]}', suggestion=_OTHER_LANGUAGES[text])
    return Match(Ref("text"), (_phrase(text, column, "text"),), column)


def _phrase(text: str, column: int, name: str) -> Pattern:
    if not _WORDS.search(text):
        raise misread(column, name, "at least one letter or digit to search for", text)
    return Pattern((text,))


def _states(rule: str, name: Token, rest: list[Node[Token] | Token]) -> Tree:
    if rule == "compare":
        raise mistake(_column(name), "is has no order; write is:root")
    states: list[Tree] = []
    for token in _tokens(rest[0]):
        state, column = _plain(token).lower(), _column(token)
        if state not in STATES and state not in KINDS:
            raise misspelt(column, "is", state, (*STATES, *KINDS))
        states.append(Is(state, column) if state in STATES else Match(Ref("kind"), (Pattern((state,)),), column))
    return any_of(*states)


def _match(ref: Ref, field: Field, tokens: list[Token], column: int) -> Tree:
    """Values become one Match; ranges, and `*` for whatever is there, become terms beside it."""
    read = [_value(ref, field, token, column) for token in tokens]
    values = tuple(one for one in read if isinstance(one, Value))
    others = [one for one in read if not isinstance(one, Value)]
    return any_of(*([Match(ref, values, column)] if values else []), *others)


def _value(ref: Ref, field: Field, token: Token, at: int) -> Value | Tree:
    text, column = str(token), _column(token)
    if token.type == "VALUE" and not text.strip("*"):
        return Has(ref, at)
    if token.type == "VALUE" and ".." in text and "\\" not in text and field.type in _RANGED:
        found = _range(ref, field, token, at)
        if found is not None:
            return found
    match field.type:
        case Type.TEXT | Type.LIST | Type.ATTRIBUTE:
            return _pattern(text, column) if token.type == "VALUE" else Pattern((unquoted(text),))
        case Type.WORDS:
            if token.type == "VALUE" and unescaped(text).exact is None:
                raise mistake(column, f"{ref} is full text and looks for whole words; * stands in the values of other fields")
            return _phrase(_plain(token), column, str(ref))
        case _:
            value = _scalar(field, _plain(token), column)
            if isinstance(value, Ago):
                raise mistake(column, f"{ref}: a time before now needs a comparison; write {ref}>{text}", suggestion=f"{ref}>{text}")
            return value


def _pattern(text: str, column: int) -> Pattern:
    pattern = unescaped(text)
    if len(pattern.parts) > MAX_WILDCARDS + 1:
        raise mistake(column, f"expected at most {MAX_WILDCARDS} wildcards in a value, found {len(pattern.parts) - 1}")
    return pattern


def _scalar(field: Field, text: str, column: int) -> Value:
    """A value of a field that has neither wildcards nor free text."""
    readers: dict[Type, Callable[[str], Value]] = {
        Type.COUNT: lambda text: read_number(text, whole=True),
        Type.NUMBER: lambda text: read_number(text, whole=False),
        Type.ATTRIBUTE: lambda text: read_number(text, whole=False),
        Type.USD: lambda text: read_number(text, whole=False),
        Type.DURATION: read_duration,
        Type.TIME: read_time,
        Type.ID: lambda text: _read_id(field, text),
        Type.BOOL: _read_bool,
        Type.CHOICE: lambda text: Pattern((_choice(field, text, column),)),
    }
    try:
        return readers[field.type](text)
    except ValueError as error:
        raise misread(column, field.name, str(error), text) from None


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


def _choice(field: Field, text: str, column: int) -> str:
    value = field.spellings.get(text.lower(), text.lower())
    if value not in field.values and value:
        raise misspelt(column, field.name, text, field.values)
    return value


def _comparison(ref: Ref, field: Field, op: Op, token: Token, at: int) -> Tree:
    text, column = _plain(token), _column(token)
    if not (field.type in _RANGED or field.ordered):
        raise mistake(column, f"{ref} has no order; write {ref}:value")
    if field.ordered and not text:
        raise misread(column, field.name, f"one of {', '.join(field.values)}", text)
    return Comparison(ref, op, _scalar(field, text, column), at)


def _range(ref: Ref, field: Field, token: Token, at: int) -> Tree | None:
    """The range, or None where the value of an attribute only looks like one."""
    text, column = str(token), _column(token)
    low_text, high_text = text.split("..", 1)
    try:
        low, high = (_scalar(field, part, column) if part else None for part in (low_text, high_text))
    except QueryError:
        if field.type is Type.ATTRIBUTE:
            return None
        raise
    if low is None or high is None:
        bound = low if high is None else high
        if bound is None:
            raise misread(column, str(ref), "a range such as 1..5, 1.. or ..5", text)
        return Comparison(ref, ">=" if high is None else "<=", bound, at)
    if _empty(low, high):
        raise mistake(column, f"{ref}: the range {low}..{high} is empty; write the smaller value first")
    return Range(ref, low, high, at)


def _empty(low: Value, high: Value) -> bool:
    match low, high:
        case (Number(a), Number(b)) | (Duration(a), Duration(b)) | (Ago(b), Ago(a)):
            return a > b
        case Moment(a), Moment(b):
            return a > b
        case _:
            return False


def _field(name: Token) -> Field:
    return NAMES[reference(name).name]


def reference(token: Token) -> Ref:
    """The field that a name means.

    Raises:
        QueryError: there is none.
    """
    head, _, key = str(token).partition(".")
    if head.lower() in {"attr", "resource"}:
        key = unquoted(key) if key.startswith('"') else key
        if not key:
            raise mistake(_column(token), f"{head} needs the name of an attribute, such as {head}.http.route")
        return Ref(head.lower(), key)
    field = find(str(token))
    if field is None:
        raise unknown_field(_column(token), str(token))
    return Ref(field.name)


def _tokens(node: Node[Token] | Token) -> list[Token]:
    """The tokens of a list of values or names."""
    return [node] if isinstance(node, Token) else [token for child in node.children for token in _tokens(child)]


def _plain(token: Token) -> str:
    """The text of a value without wildcards: what a number, a time or a choice is read from."""
    return unquoted(token) if token.type == "STRING" else re.sub(r"\\([\s\S])", r"\1", token)


def _column(token: Node[Token] | Token) -> int:
    return int(cast("Token", token).start_pos or 0) + 1
