"""Where a statement begins: tokens in, yes or no. Its verb alone is a word of prose; what must follow that verb is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from spyglass.analyze.builtin.security.sql_tokens import Token

__all__ = ["NEAR", "statement"]

NEAR: Final = 32
"""Tokens that decide whether a statement begins."""
_NONE: Final = Token("", "", False)
_TARGETS: Final = frozenset("table database view index user schema procedure function trigger login role column temporary temp unique or sequence if".split())
_PROCEDURES: Final = ("xp_", "sp_", "master", "@", "'", "(", "immediate", "dbo")
_OPENINGS: Final = frozenset(("(", "begin", "then", "else", ";"))
_FILES: Final = frozenset("from to database open read =".split())


def statement(pieces: Sequence[Token]) -> bool:
    """Whether a statement begins with the first of the pieces."""
    first = 0
    while first < len(pieces) and pieces[first].text in _OPENINGS:
        first += 1
    if first == len(pieces) or pieces[first].kind not in "Enf":
        return False
    follows = _FOLLOWS.get(pieces[first].text)
    return follows is not None and follows(pieces[first + 1 :])


def _next(rest: Sequence[Token]) -> Token:
    return rest[0] if rest else _NONE


def _has(word: str, within: int) -> Callable[[Sequence[Token]], bool]:
    return lambda rest: any(piece.text == word for piece in rest[:within])


def _defines(rest: Sequence[Token]) -> bool:
    return _next(rest).text in _TARGETS and len(rest) > 1


def _executes(rest: Sequence[Token]) -> bool:
    first = _next(rest)
    return first.text.startswith(_PROCEDURES) or (first.kind == "n" and len(rest) == 1)


def _calls(rest: Sequence[Token]) -> bool:
    return len(rest) > 1 and (rest[0].text.startswith(_PROCEDURES) or rest[1].text == "(")


def _shuts_down(rest: Sequence[Token]) -> bool:
    return not rest or rest[0].kind in "c;" or rest[0].text == "with"


def _grants(rest: Sequence[Token]) -> bool:
    return any(piece.text in ("to", "on", "from") for piece in rest[:8])


def _asks(rest: Sequence[Token]) -> bool:
    return _next(rest).text in ("exists", "not", "(") or _next(rest).kind == "1"


def _opens(rest: Sequence[Token]) -> bool:
    return len(rest) > 1 and any(piece.text in _FILES for piece in rest[1:8])


def _sets(rest: Sequence[Token]) -> bool:
    if _next(rest).text in ("global", "session", "local"):
        rest = rest[1:]
    return _next(rest).kind == "v" or (len(rest) > 1 and rest[1].text == "=")


def _prints(rest: Sequence[Token]) -> bool:
    return bool(rest) and rest[0].kind in "v1" and len(rest) <= 2


def _selects(rest: Sequence[Token]) -> bool:
    """`select` is a common word: a list of expressions must follow, with something in it that prose has not."""
    first = _next(rest)
    if not rest:
        return False
    if first.kind in "1vsqf(p{" or first.text in ("*", "-", "@", "+", "~", "!", "not", "top"):
        return first.kind != "s" or len(rest) == 1 or rest[1].kind != "n"
    end = next((at for at, piece in enumerate(rest) if piece.text == "from"), None)
    if end is None:
        return first.kind in "nf" and len(rest) > 1 and rest[1].kind in ",o(f." and not any(one.kind == other.kind == "n" for one, other in pairwise(rest))
    head, tail = rest[:end], rest[end + 1 :]
    return bool(tail) and tail[0].kind in "ns(fvE`" and (len(head) == 1 or any(piece.kind in ",of*(" for piece in head))


def _first(*words: str) -> Callable[[Sequence[Token]], bool]:
    return lambda rest: _next(rest).text in words


def _first_kind(kinds: str) -> Callable[[Sequence[Token]], bool]:
    return lambda rest: bool(rest) and rest[0].kind in kinds


_FOLLOWS: Final[Mapping[str, Callable[[Sequence[Token]], bool]]] = {
    "select": _selects,
    **dict.fromkeys(("insert", "replace", "merge"), _has("into", 3)),
    "delete": _has("from", 4),
    "update": _has("set", 5),
    **dict.fromkeys(("drop", "create", "alter", "truncate", "rename"), _defines),
    **dict.fromkeys(("exec", "execute"), _executes),
    "call": _calls,
    "declare": _first_kind("v"),
    "waitfor": _first("delay", "time"),
    "shutdown": _shuts_down,
    **dict.fromkeys(("grant", "revoke"), _grants),
    "load": _first("data", "xml"),
    **dict.fromkeys(("if", "while"), _asks),
    **dict.fromkeys(("copy", "attach", "pragma", "handler", "backup", "restore"), _opens),
    "do": lambda rest: _next(rest).kind in tuple("(f") or [piece.text for piece in rest[:2]] == ["$", "$"],
    "bulk": _first("insert"),
    "explain": lambda rest: any(statement(rest[at:]) for at in range(min(len(rest), 4))),
    "with": lambda rest: any(one.text == "as" and other.text in ("(", "materialized") for one, other in pairwise(rest[:12])) and _has("select", NEAR)(rest),
    "begin": _first_kind("v"),
    "set": _sets,
    **dict.fromkeys(("sleep", "pg_sleep", "benchmark", "load_extension"), _first_kind("(")),
    **dict.fromkeys(("print", "kill"), _prints),
}
