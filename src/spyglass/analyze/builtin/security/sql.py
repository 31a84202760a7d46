"""SQL injection by grammar: a value in, how it would break out of the statement around it out, or nothing.

A value is harmful when a database would read a part of it as SQL. So it is read as the statement around would go on: as it stands (a number in `where id = …`),
and from behind its first quote (a text in `where name = '…'`). Behind a whole operand an operator must follow, behind that an operand, and at the end the quote
that the statement still has must be used up: by a string left open or by a comment. Prose alternates nowhere for long, whatever words it has.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from spyglass.analyze.builtin.security.sql_reading import Reading, read
from spyglass.analyze.builtin.security.sql_statements import NEAR, statement
from spyglass.analyze.builtin.security.sql_tokens import Token, tokens
from spyglass.analyze.builtin.security.sql_words import CATALOGUES, EFFECTS, FUNCTIONS, PACKAGES

__all__ = ["Break", "break_out", "condition", "decoded"]

# Calls that hardly stand in a text for a person; the second ones do something by themselves.
_TELLING: Final = frozenset(
    (
        "sleep benchmark pg_sleep load_file extractvalue updatexml xp_cmdshell sp_executesql openrowset opendatasource utl_http group_concat concat_ws unhex "
        "sqlite_version db_name randomblob aes_decrypt name_const make_set elt substring_index load_extension current_setting query_to_xml "
        "dbms_pipe.receive_message utl_inaddr.get_host_address master_pos_wait get_lock ascii ord substring substr mid lpad rpad char chr cast convert hex "
        "concat ifnull isnull coalesce if iif database version user system_user session_user current_user exists conv strcmp coercibility collation schema "
        "row_count json_extract json_type md5 is_srvrolemember object_id col_name suser_name host_name ucase lcase xmltype last_insert_id nullif"
    ).split()
)
_RUNS: Final = EFFECTS | {"group_concat"}
_ENOUGH: Final = 0.5
_WEAK: Final = 0.5
_VERBS: Final = frozenset("select insert update delete drop create alter exec truncate union declare".split())
_LONG: Final = 512  # characters
_MOST_SPOTS, _BEFORE, _BEHIND = 4, 100, 300
# How a value is left: a set operation, a second statement, logic behind a quote, or a comment that hides the rest.
_LEAVES: Final = re.compile(
    r"\bunion\b.{0,20}\bselect\b|;\W{0,8}(?:select|insert|update|delete|drop|create|alter|exec|execute|truncate|declare|shutdown|waitfor|grant)\b|"
    r"['\"`][\s)]{0,8}(?:or|and|xor|\|\||&&)[\s('\"`]{1,8}[\w@.]{0,40}['\"`]?\s{0,4}(?:=|<|>|like|is|in|between)|['\"`][\s)]{0,8}(?:--|\#|/\*)\s*$|"
    r"\binformation_schema\b|\b(?:pg_sleep|benchmark|sleep|extractvalue|updatexml|load_file|xp_cmdshell)\s{0,4}\(|\(\s{0,8}select\b|\s(?:or|and)\s+(\d+)\s*=\s*\1\b",
    re.DOTALL,
)
_SHORT: Final = 6  # tokens
_QUOTES: Final = "'\"`"
# What databases may take for quotes.
_QUOTES_ALIKE: Final = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\uff07"), "'") | dict.fromkeys(map(ord, "\u201c\u201d\uff02"), '"')
_MOST_QUOTES: Final = 3
_MOST_ESCAPES: Final = 3  # within each other
_ESCAPE: Final = re.compile(r"(?:\\u00|%u00|\\x)([2-7][0-9a-f])", re.IGNORECASE)  # of programs: `\u0027`, `%u0027`, `\x27`
# Prose: words that tie sentences together, which hardly name a column, and three words in a row, which no expression has.
_TIES: Final = frozenset(
    "the an of my your our their his her its this that these those how what why who which please can could should would will we they you".split()
)
_IN_A_ROW: Final = 3
_OPENERS: Final = " \t\r\n([{=,:+<>|&!?`"  # a quote behind one begins something rather than ends it
_WHOLE: Final = frozenset(("order", "having", "procedure", "where", "when"))  # words of prose, too
_SURE: Final = {
    "union": 0.98,
    "stacked": 0.97,
    "select": 0.9,
    "statement": 0.85,
    "file": 0.97,
    "cut_union": 0.7,
    "order": 0.6,
    "having": 0.6,
    "procedure": 0.6,
    "where": 0.5,
    "when": 0.6,
}


@dataclass(frozen=True, slots=True)
class Break:
    """How a value leaves its place."""

    quote: str  # which one it closes; empty: none is needed
    does: tuple[str, ...]  # what the database would do: union, stacked, logic …
    confidence: float  # that it is meant
    statement: bool = False  # it is a whole statement from its first word on
    fits: bool = True  # it begins where the value does, or behind a quote that ends one: what is around it is no other text
    prose: bool = False  # what is read as SQL could be a sentence as well


def decoded(text: str) -> str:
    """Without the escapes of addresses, of markup and of programs; lower case."""
    for _ in range(_MOST_ESCAPES):
        after = unquote_plus(text) if "%" in text or ("+" in text and " " not in text) else text
        after = html.unescape(after) if "&" in after and ";" in after else after
        after = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), after) if "\\" in after or "%" in after else after
        if after == text:
            break
        text = after
    return text.replace("\0", " ").translate(_QUOTES_ALIKE).lower()


def break_out(text: str) -> Break | None:
    """The strongest reading in which the value is SQL; None: there is none. Takes time in proportion to the text."""
    found = [one for part in _parts(decoded(text)) for one in _readings(part) if one and one.confidence >= _ENOUGH]
    return max(found, key=lambda one: (one.fits and not one.prose, one.confidence), default=None)


def condition(text: str) -> bool:
    """Whether the value is a whole condition, as filters take them: every quote that it opens it closes."""
    seen = read(tokens(decoded(text)), operand=True)
    return seen.whole and seen.complete and seen.operators > 0


def _parts(plain: str) -> list[str]:
    """A short value as it is; of a long one what is around the places in which a value is left: the rest is prose or data."""
    if len(plain) <= _LONG:
        return [plain]
    spots = [match.span() for match, _ in zip(_LEAVES.finditer(plain), range(_MOST_SPOTS), strict=False)]
    return [plain[max(0, begin - _BEFORE) : end + _BEHIND] for begin, end in spots]


def _readings(plain: str) -> Iterator[Break | None]:
    pieces = tokens(plain)
    yield _plain(read(pieces, operand=not pieces or pieces[0].kind not in "&U"), pieces)
    yield _fragment(read(_opened(pieces), operand=False, quote=_QUOTES), pieces)
    for quote, at in _breaks(plain):
        rest = _opened(tokens(plain[at + 1 :]))
        if rest:
            yield _quoted(quote, plain[:at], read(rest, operand=False, quote=quote), rest)


def _breaks(plain: str) -> Iterator[tuple[str, int]]:
    """The first quotes of each sort, each of which may be the one that ends the text around."""
    for quote in _QUOTES:
        at = -1
        for _ in range(_MOST_QUOTES):
            at = plain.find(quote, at + 1)
            if at < 0:
                break
            yield quote, at


def _does(seen: Reading, pieces: list[Token]) -> tuple[list[str], float]:
    """What is sure to be SQL wherever it stands, and how sure."""
    marks = seen.marks | _anywhere(pieces)
    does = [mark for mark in _SURE if mark in marks and (mark not in _WHOLE or (seen.complete and seen.whole))]
    sure = max((_SURE[mark] for mark in does), default=0.0)
    if (seen.operators or marks or len(pieces) <= _SHORT) and any({piece.text.strip("`"), piece.text.partition(".")[0]} & CATALOGUES for piece in pieces):
        does.append("catalogue")
        sure = max(sure, 0.95)
    if any(call in _RUNS or call.startswith(PACKAGES) for call in seen.calls) and (seen.operators or marks or len(pieces) < 12):
        does.append("runs_function")
        sure = max(sure, 0.9)
    return does, sure


def _anywhere(pieces: list[Token]) -> set[str]:
    """What no prose has, even where the text around it is no SQL that we know."""
    marks: set[str] = set()
    for i, piece in enumerate(pieces):
        if piece.kind == "U" and "union" in read(pieces[i : i + NEAR], operand=False).marks:
            marks.add("union")
        if piece.kind == ";" and i and statement(pieces[i + 1 : i + NEAR]):
            marks.add("stacked")
        if piece.text == "select" and i and pieces[i - 1].kind in "(f" and statement(pieces[i : i + NEAR]):
            marks.add("select")
    return marks


def _plain(seen: Reading, pieces: list[Token]) -> Break | None:
    """Read where a number or a name stands, without a quote."""
    does, sure = _does(seen, pieces)
    telling = _TELLING & set(seen.calls)
    ended = bool(seen.marks & {"comment", "ended"})
    firm = seen.literals + len(seen.calls)
    if seen.whole and seen.logic and firm and (seen.compare or telling or ended or seen.marks & {"nested", "server"}):
        does.append("logic")
        sure = max(sure, 0.8)
    if seen.whole and seen.calls and "cast" in seen.marks:
        does.append("cast")
        sure = max(sure, 0.7)
    if (
        seen.whole
        and (telling or "server" in seen.marks)
        and (seen.complete or ended)
        and (seen.operators or ended or len(seen.calls) > 1 or "server" in seen.marks)
    ):
        does.append("calls")
        sure = max(sure, 0.7)
    if (
        seen.whole
        and ended
        and firm
        and (seen.operators or seen.marks & {"nested", "order", "having"} or pieces[-1].text.startswith("/*"))
        and (seen.names == 0 or seen.compare)
    ):
        does.append("cut")
        sure = max(sure, 0.6)
    fits = seen.whole or not seen.marks.isdisjoint(does)
    return Break("", tuple(does), sure, "statement" in seen.marks, fits, _prose(pieces)) if does else None


def _prose(pieces: list[Token]) -> bool:
    """Whether people write so."""
    row = 0
    for kind, text, _ in pieces:
        row = row + 1 if kind == "n" and text.isalpha() else 0
        if row >= _IN_A_ROW or (kind == "n" and text in _TIES):
            return True
    return all(text.replace("_", "a").isalpha() for _, text, _ in pieces)


def _true(left: Token, operator: Token, right: Token) -> bool:
    """Two numbers that are compared, truly."""
    if left.kind != "1" or right.kind != "1":
        return False
    return (left.text == right.text) == (operator.text == "=") and operator.text in ("=", "!=", "<>")


def _opened(pieces: list[Token]) -> list[Token]:
    """From the first token that closes no parenthesis of the statement around."""
    at = next((i for i, piece in enumerate(pieces) if piece.kind != ")"), len(pieces))
    return pieces[at:]


def _fragment(seen: Reading, pieces: list[Token]) -> Break | None:
    """A piece of SQL that is nothing by itself: the beginning of a call, or an operator with something to compare with. Weak."""
    if len(pieces) == 2 and pieces[0].text in FUNCTIONS and pieces[1].kind == "(":
        return Break("", ("call_begun",), _WEAK)
    if len(pieces) == 3 and _true(*pieces):
        return Break("", ("tautology",), _WEAK)
    if len(pieces) == 3 and pieces[0].kind == pieces[2].kind == "1" and pieces[1].kind == "&" and pieces[2].text == "true":
        return Break("", ("tautology",), _WEAK)
    if [piece.kind for piece in pieces[:3]] == ["1", "w", "s"] and [piece.text for piece in pieces[1:4:2]] == ["as", "from"] and len(pieces) > 4:
        return Break("", ("projection",), _WEAK)
    if len(pieces) > 1 and pieces[0].kind == ";" and pieces[1].text in _VERBS:
        return Break("", ("statement_begun",), _WEAK)
    if len(pieces) > 3 and pieces[0].text == "from" and any(piece.text == "where" for piece in pieces) and any(piece.kind == "=" for piece in pieces):
        return Break("", ("where",), _WEAK)
    if not pieces or (pieces[0].text.isalpha() and len(pieces) > 1 and pieces[1].kind == "o" and pieces[1].glued):
        return None
    if seen.whole and seen.logic and not seen.names and seen.literals and seen.complete:
        return Break("", ("logic",), _WEAK)
    if seen.whole and seen.logic and seen.compare and pieces[0].text in ("&&", "||"):
        return Break("", ("logic",), _WEAK)
    firm = seen.literals or seen.calls or (seen.compare and not pieces[-1].text.isalpha() and (seen.logic or "nested" in seen.marks))
    if seen.whole and seen.compare and firm and "list" not in seen.marks:
        return Break("", ("comparison",), _WEAK)
    return None


def _quoted(quote: str, before: str, seen: Reading, pieces: list[Token]) -> Break | None:
    """Read from behind a quote that closes the text around."""
    does, sure = _does(seen, pieces)
    firm = seen.logic or seen.compare or seen.literals > seen.names
    operators = seen.operators or "collate" in seen.marks
    used_up = bool(seen.marks & {"comment", "open", "ended"}) or ("dashes" in seen.marks and firm)
    first = quote not in before
    is_word = before[-1:] in ("", " ") and pieces[0].glued and len(pieces) > 1 and pieces[0].text.isalpha() and pieces[1].glued and pieces[1].kind == "q"
    if seen.whole and operators and used_up and "list" not in seen.marks and not is_word and (seen.logic or seen.compare or (first and not seen.names)):
        does.append("logic" if seen.logic else "expression")
        sure = max(sure, 0.9 if seen.logic else 0.7)
    elif seen.whole and seen.logic and (seen.compare or seen.calls or (first and seen.literals and not seen.names)):
        does.append("logic")
        sure = max(sure, 0.7)
    elif "semicolon" in seen.marks and seen.logic and seen.literals:
        does.append("logic")
        sure = max(sure, _WEAK)
    elif seen.whole and "comment" in seen.marks and pieces[0].kind in "c;" and " " not in before.strip() and first:
        does.append("cut")
        sure = max(sure, 0.6)
    elif seen.whole and "comment" in seen.marks and first and " " not in before and _glued(pieces, seen):
        does.append("expression")
        sure = max(sure, 0.6)
    elif seen.whole and first and seen.marks >= {"list", "closed", "comment"} and not seen.names:
        does.append("values")
        sure = max(sure, 0.7)
    opens = bool(before.strip()) and before[-1] in _OPENERS
    fits = not opens and before.count(quote) % 2 == 0 and (seen.whole or not seen.marks.isdisjoint(does))
    return Break(quote, tuple(does), sure, fits=fits, prose=_prose(pieces)) if does else None


def _glued(pieces: list[Token], seen: Reading) -> bool:
    """An operator right behind the quote, and a column: `'||password--`."""
    return seen.operators > 0 and pieces[0].glued and len(pieces) > 1 and pieces[1].glued and pieces[-1].glued and not pieces[0].text.isalpha()
