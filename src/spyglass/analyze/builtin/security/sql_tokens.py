"""SQL in pieces: text in, tokens out, each with one character for what it is. It never fails, and takes time in proportion to the text.

| kind | is |
| --- | --- |
| `1` `s` `v` `n` | a number or NULL, a string, a variable, a name |
| `q` | a string that the text leaves open: its end is in the statement around |
| `f` | a name that is called: `(` follows |
| `&` `=` `o` | logic, comparison, arithmetic |
| `U` `E` `w` `p` | a set operation, the verb of a statement, a word of a clause, a word that may stand before an operand |
| `c` | a comment up to the end of the text |
| `(` `)` `,` `;` `{` `}` | themselves |
| `?` | nothing that SQL knows |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from spyglass.analyze.builtin.security import sql_words as words

__all__ = ["Token", "tokens"]

_TOKEN: Final = re.compile(
    r"""
 (?P<json>->>|->(?=\s*['"\d])|\#>>?(?=\s*')|@>|<@|@\?|@@(?=\s*')|\?[|&](?=\s*(?:array\b|')))
|(?P<array>array\s*+\[)
|(?P<comment>/\*!?\d{0,6}|\*/|--|\#)
|(?P<string>[nxb]?'(?:[^'\\]|\\.|'')*+'|"(?:[^"\\]|\\.|"")*+"|`[^`]*+`|\[[\w ]{1,64}\])
|(?P<number>0x[0-9a-f]*+|0b[01]++|\d++(?:\.\d*+)?(?:e[+-]?\d++)?|\.\d++(?:e[+-]?\d++)?|\\n\b)
|(?P<open>['"`])
|(?P<variable>@@?[\w.$`]*+|:\w++|\?(?=[\s)=,]|$)|\$\d)
|(?P<op><=>|<=|>=|<>|!=|==|:=|<<|>>|&&|\|\||!<|!>|::|!~|~\*|[=<>+\-*/%^|&~!])
|(?P<word>[^\W\d][\w$]*+(?:\.(?!\d)[\w$*`]++)*+(?:\[\w{1,64}\])?)
|(?P<mark>[(),;{}])
|(?P<space>[\s\x00\xa0\ufffd\\]++)
|(?P<other>.)
""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN: Final = {"string": "s", "open": "q", "number": "1", "variable": "v", "other": "?"}
_PARTS_OF_JSON: Final = frozenset(("->", "->>", "#>", "#>>"))
_BY_WORD: Final = {
    **dict.fromkeys(words.CLAUSES, "w"),
    **dict.fromkeys(words.STATEMENTS, "E"),
    **dict.fromkeys(words.PREFIXES, "p"),
    **dict.fromkeys(words.ARITHMETIC, "o"),
    **dict.fromkeys(words.LITERALS, "1"),
    **dict.fromkeys(words.COMPARISONS, "="),
    **dict.fromkeys(words.SETS, "U"),
    **dict.fromkeys(words.LOGIC, "&"),
}


class Token(NamedTuple):
    """One piece, lower case."""

    kind: str
    text: str
    glued: bool  # no space before it


def tokens(text: str) -> list[Token]:
    """The pieces of a text in lower case; what a comment hides is left out, as a database would."""
    return list(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    at, glued, arrays = 0, True, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:  # cannot be: `other` takes all
            return
        sort, piece, before = match.lastgroup or "other", match.group(), at
        at = match.end()
        if sort == "space":
            glued = False
            continue
        if sort == "comment":
            after = _after_comment(text, before, at, piece)
            if after is None:
                yield Token("c", text[before : before + 8], glued)
                return
            at, glued = after, False
            continue
        if sort == "array":  # PostgreSQL's constructor reads like a call
            yield Token("f", "array", glued)
            sort, piece, arrays = "mark", "(", arrays + 1
        elif arrays and piece == "]":
            sort, piece, arrays = "mark", ")", arrays - 1
        yield Token(_kind(sort, piece, text, at), piece, glued)
        glued = True
        if sort == "open":  # the rest belongs to the string
            return


def _after_comment(text: str, before: int, at: int, piece: str) -> int | None:
    """Where SQL goes on after a comment; None: it hides all the rest."""
    if piece == "*/" or piece.startswith("/*!"):  # the inside of a version comment is run
        return at
    if piece == "/*":
        end = text.find("*/", at)
        return None if end < 0 else end + 2
    end = text.find("\n", before)
    return None if end < 0 or not text[end:].strip() else end + 1


def _kind(sort: str, piece: str, text: str, at: int) -> str:
    if sort == "mark":
        return piece
    if sort == "op":
        return _BY_WORD.get(piece, "o")
    if sort == "json":
        return "o" if piece in _PARTS_OF_JSON else "="
    if piece == "member":  # MySQL: `value member of (array)`
        return "=" if text[at : at + 8].split()[:1] == ["of"] else "n"
    if sort != "word":
        return _PLAIN[sort]
    called = text[at : at + 8].lstrip()[:1] == "("
    if called and (piece in words.FUNCTIONS or (piece not in _BY_WORD and text[at : at + 1] == "(")):
        return "f"
    return _BY_WORD.get(piece, "n")
