"""Text -> tree, or a `QueryError` that says where, what was found, what was expected, and what was probably meant."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final, cast

from lark import Lark, Token, UnexpectedInput
from lark import Tree as Node

from spyglass.model.schema import Kind
from spyglass.search.conditions import column, condition, full_text, reference
from spyglass.search.lower import check
from spyglass.search.mistakes import mistake, syntax
from spyglass.search.tree import And, Condition, Everything, Has, Not, Or, Over, Parent, Tree, Under, any_of, walk

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_RELATIONS", "MAX_TERMS", "could_follow", "grammar", "parse"]

MAX_BYTES: Final = 4096
MAX_DEPTH: Final = 32  # of trees within trees
MAX_TERMS: Final = 64  # conditions
MAX_RELATIONS: Final = 8  # under, over, parent: each reads the spans of the candidate traces


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
            return make(_tree(parts[0], shorthand=True), _tree(parts[2], shorthand=True), column(cast("Token", parts[1])))
        case "parent":
            return Parent(_tree(parts[1], shorthand=True), column(cast("Token", parts[0])))
        case "everything":
            return Everything()
        case "word" | "phrase":
            return full_text(cast("Token", parts[0]), shorthand=shorthand)
        case "has":
            return any_of(*(Has(reference(token), column(token)) for token in _tokens(parts[1])))
        case _:
            return condition(rule, *(token for part in parts for token in _tokens(part)))


def _tokens(node: Node[Token] | Token) -> list[Token]:
    """The tokens of a name, a value, or a list of these."""
    return [node] if isinstance(node, Token) else [token for child in node.children for token in _tokens(child)]
