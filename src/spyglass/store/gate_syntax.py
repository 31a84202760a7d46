"""Whether a SELECT is of the kinds that users may run: its canonical text and syntax tree come in, a QueryError goes out if it is not.

Everything here is an allow-list: kinds of nodes, functions, tables. The tree is the text of `EXPLAIN AST` (one node a line, depth by indentation), so the
engine's own parser decides what a text means. What names mean in the end is checked again, in `EXPLAIN QUERY TREE`, after the engine has resolved them:
a common table expression may have the name of a table, and stand for it in one place only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from spyglass.model.errors import QueryError
from spyglass.store.binding import placeholders, without_literals
from spyglass.store.gate_functions import SHUT, TABLE_FUNCTIONS, base_aggregate

__all__ = ["Allowed", "check_names", "check_syntax", "check_text"]

_KINDS: Final = frozenset(
    "SelectWithUnionQuery SelectQuery SelectIntersectExceptQuery ExpressionList Identifier QualifiedAsterisk Asterisk Literal Function TablesInSelectQuery "
    "TablesInSelectQueryElement TableExpression TableIdentifier TableJoin ArrayJoin Subquery OrderByElement WithElement WindowDefinition WindowListElement "
    "ColumnsRegexpMatcher ColumnsListMatcher QualifiedColumnsRegexpMatcher QualifiedColumnsListMatcher ColumnsTransformerList ColumnsExceptTransformer "
    "ColumnsReplaceTransformer ColumnsReplaceTransformer::Replacement InterpolateElement SampleRatio".split()
)
_CLAUSES: Final = {"Set": "a SETTINGS clause", "ColumnsApplyTransformer": "APPLY"}
_ONLY_SELECT: Final = "only SELECT can be run here"
_NO_FORMAT: Final = "FORMAT and INTO OUTFILE are not allowed here: ask for a format with the request"
_WORDS: Final = (  # of the canonical text, where keywords are upper case
    (re.compile(r"\bPREWHERE\b"), "PREWHERE is not allowed here: WHERE does the same"),
    (re.compile(r"\bSETTINGS\s+\w+\s*="), "a SETTINGS clause is not allowed here"),
    (re.compile(r"\bINTO\s+OUTFILE\b|\bFORMAT\s+\w+\s*$"), _NO_FORMAT),
)
_NODE: Final = re.compile(r"( *)([A-Za-z][\w:]*)(?: (?!\(children \d+\)$)(.*?))?(?: \(children (\d+)\))?$")
_ALIAS: Final = re.compile(r" ?\(alias .*\)$")
_CTE: Final = re.compile(r"(?:\bWITH(?: RECURSIVE)?|,)\s+(`(?:[^`\\]|\\.)+`|\w+)\s+AS\s*(?:MATERIALIZED\s*)?\(")
_IN: Final = frozenset("in notIn globalIn globalNotIn nullIn notNullIn globalNullIn globalNotNullIn".split())
_TYPED: Final = frozenset("cast _cast accuratecast accuratecastornull accuratecastordefault reinterpret".split())
_STATE: Final = "aggregatefunction"  # bytes taken for the inner state of a function could crash the engine
_TABLE: Final = re.compile(r" *TABLE id: \d+.*?, table_name: (.+?)(?:, .*)?$")
_RECURSION: Final = re.compile(r"_temporary_and_external_tables\._tmp_[0-9a-f-]{36}")  # what a recursive WITH reads of itself
_TABLE_FUNCTION: Final = re.compile(r" *TABLE_FUNCTION id: \d+.*?, table_function_name: (\w+)")


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a user's text may name."""

    database: str
    tables: tuple[str, ...]
    functions: frozenset[str]  # lower case
    aggregates: frozenset[str]  # lower case

    @property
    def qualified(self) -> frozenset[str]:
        """The tables with the database's name."""
        return frozenset(f"{self.database}.{table}" for table in self.tables)


@dataclass(slots=True)
class _Node:
    kind: str
    rest: str
    depth: int
    parent: _Node | None
    children: list[_Node]

    @property
    def name(self) -> str:
        return _ALIAS.sub("", self.rest)


def check_text(canonical: str) -> None:
    """Refuse what must not even be explained: an EXPLAIN takes settings, reads values, and may write the file of INTO OUTFILE.

    Raises:
        QueryError: a clause or a type of a parameter that is not allowed, or a name that the syntax tree could be misread by.
    """
    if not canonical.lstrip("(\n ").startswith(("SELECT", "WITH")):
        raise _refusal(_ONLY_SELECT)
    bare = without_literals(canonical)
    for words, message in _WORDS:
        if words.search(bare):
            raise _refusal(message)
    for name, kind in placeholders(canonical).items():
        if kind == "Identifier" or _STATE in kind.lower():
            raise _refusal(f"parameter {name!r}: the type {kind} is not allowed here")
    for quoted in re.findall(r"`(?:[^`\\]|\\.)*`", re.sub(r"'(?:[^'\\]|\\.)*'", "''", canonical)):
        if "\\" in quoted:
            raise _refusal("names with line breaks, quotes or backslashes are not allowed here")


def check_syntax(canonical: str, tree: str, allowed: Allowed) -> None:
    """Refuse what is not a plain SELECT over allowed tables with allowed functions.

    Args:
        canonical: the statement as the engine spells it.
        tree: its EXPLAIN AST.
        allowed: what it may name.

    Raises:
        QueryError: it is something else; the message says what, `details["suggestion"]` a name that is near.
    """
    common = frozenset(name.strip("`") for name in _CTE.findall(canonical))
    for node in _parse(tree):
        if node.kind == "TableIdentifier":
            _check_table(node.name, allowed, common)
        elif node.kind == "Function":
            _check_function(node, allowed, common)
        elif node.kind not in _KINDS:
            raise _refusal(f"{_CLAUSES.get(node.kind, node.kind)} is not allowed here")


def check_names(tree: str, allowed: Allowed) -> None:
    """Refuse names that the engine resolved to something that is not allowed.

    Args:
        tree: EXPLAIN QUERY TREE of the statement.
        allowed: what it may name.

    Raises:
        QueryError: a table is none of the allowed ones.
    """
    for line in tree.split("\n"):
        if line.lstrip(" ").startswith("TABLE id:"):
            found = _TABLE.fullmatch(line)
            name = found[1] if found else "?"
            if name not in allowed.qualified and name != "system.one" and not _RECURSION.fullmatch(name):
                raise _no_table(name, allowed)
        elif line.lstrip(" ").startswith("TABLE_FUNCTION id:"):
            function = _TABLE_FUNCTION.match(line)
            if function is None or function[1].lower() not in TABLE_FUNCTIONS:
                raise _refusal("this table function is not allowed here")


def _parse(tree: str) -> list[_Node]:
    """All nodes, the root first."""
    nodes: list[_Node] = []
    last: _Node | None = None
    for line in filter(str.strip, tree.split("\n")):
        found = _NODE.fullmatch(line)
        if found is None:
            raise _refusal("this text cannot be read safely")
        while last is not None and last.depth >= len(found[1]):
            last = last.parent
        if last is None and nodes:
            raise _refusal("this text cannot be read safely")
        if last is None:
            _check_root(found[2], found[4])
        node = _Node(found[2], found[3] or "", len(found[1]), last, [])
        if last is not None:
            last.children.append(node)
        nodes.append(node)
        last = node
    return nodes


def _check_root(kind: str, children: str | None) -> None:
    if kind != "SelectWithUnionQuery":
        raise _refusal(_ONLY_SELECT)
    if children != "1":
        raise _refusal(_NO_FORMAT)


def _check_table(name: str, allowed: Allowed, common: frozenset[str]) -> None:
    if name not in allowed.tables and name not in allowed.qualified and name not in common:
        raise _no_table(name, allowed)


def _check_function(node: _Node, allowed: Allowed, common: frozenset[str]) -> None:
    name = node.name.split(" ")[0]
    if node.parent is not None and node.parent.kind == "TableExpression":
        if name.lower() not in TABLE_FUNCTIONS:
            raise _refusal(f"table function {name!r} is not allowed here: read a table, or numbers()")
        return
    if name.lower() not in allowed.functions and not base_aggregate(name, allowed.aggregates):
        raise _no_function(name, allowed)
    arguments = node.children[0].children if node.children else []
    if name in _IN and len(arguments) > 1 and arguments[1].kind == "Identifier":
        _check_set(arguments[1].name, allowed, common)
    if name.lower() in _TYPED and len(arguments) > 1 and (arguments[1].kind != "Literal" or _STATE in arguments[1].rest.lower()):
        raise _refusal(f"{name}: this type is not allowed here")


def _check_set(name: str, allowed: Allowed, common: frozenset[str]) -> None:
    if name not in allowed.tables and name not in allowed.qualified and name not in common:
        raise _refusal(f"IN {name}: expected a list of values or (SELECT …); for an array, has({name}, …)")


def _no_table(name: str, allowed: Allowed) -> QueryError:
    near = get_close_matches(name.rsplit(".", 1)[-1], allowed.tables, 1)
    message = f"there is no table {name!r} to read here: the tables are {', '.join(allowed.tables)}"
    return _refusal(message, **({"suggestion": near[0]} if near else {}))


def _no_function(name: str, allowed: Allowed) -> QueryError:
    reason = next((why for shut, why in SHUT.items() if shut.lower() == name.lower()), None)
    if reason is not None:
        return _refusal(f"function {name!r} is not allowed here: {reason}")
    near = get_close_matches(name.lower(), allowed.functions, 1, 0.8)
    return _refusal(f"there is no function {name!r} to use here", **({"suggestion": near[0]} if near else {}))


def _refusal(message: str, **details: str) -> QueryError:
    return QueryError(message, reason="not_allowed", **details)
