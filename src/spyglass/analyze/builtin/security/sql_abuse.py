"""Statements that are meant to be SQL, and do what no query of an application does: a text in, what it does out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from spyglass.analyze.builtin.security.sql_statements import NEAR, statement
from spyglass.analyze.builtin.security.sql_tokens import Token, tokens
from spyglass.analyze.builtin.security.sql_words import EFFECTS, PACKAGES

__all__ = ["abuses"]

_ASKS: Final = frozenset(("select", "with", "explain"))
_CHANGES: Final = frozenset("insert update delete drop create alter truncate replace merge rename grant revoke exec execute copy load set".split())
# Tables in which databases keep their users and their passwords; to ask which tables and columns there are is how an agent begins.
_SECRETS: Final = frozenset(
    "mysql.user pg_shadow pg_authid pg_user_mapping sys.sql_logins sql_logins syslogins sys.syslogins sys.user$ dba_users sysusers sysxlogins".split()
)
_FILES: Final = frozenset(("outfile", "dumpfile", "program"))


def abuses(text: str) -> tuple[str, ...] | None:
    """Sorted; none: an ordinary statement; None: it is no statement at all."""
    pieces = tokens(text.lower())
    if not statement(pieces[:NEAR]):
        return None
    return tuple(sorted(set(_found(pieces))))


def _found(pieces: Sequence[Token]) -> Iterator[str]:
    verbs = list(_verbs(pieces))
    if verbs[0] in _ASKS and any(verb in _CHANGES for verb in verbs[1:]):
        yield "a change behind a query"
    for at, (kind, text, _) in enumerate(pieces):
        if (kind == "f" and text in EFFECTS) or text.startswith(PACKAGES):
            yield "a function that reaches out of the database"
        elif text in _SECRETS:
            yield "the table of users and passwords"
        elif text in _FILES and pieces[at - 1].text in ("into", "from", "to"):
            yield "a file or a program of its server"
        elif text == "or" and _always(pieces[at + 1 : at + 4]):
            yield "a condition that is always true"


def _verbs(pieces: Sequence[Token]) -> Iterator[str]:
    """Of each statement, the first word."""
    yield next(piece.text for piece in pieces if piece.kind in "Enf")
    for at, (one, other) in enumerate(pairwise(pieces), 1):
        if one.kind == ";" and statement(pieces[at : at + NEAR]):
            yield other.text


def _always(pieces: Sequence[Token]) -> bool:
    if not pieces:
        return False
    left, operator, right = (*pieces, *[Token("", "", False)] * 2)[:3]
    return left.text == "true" or (left.kind in "1s" and operator.text in ("=", "like") and left.text == right.text)
