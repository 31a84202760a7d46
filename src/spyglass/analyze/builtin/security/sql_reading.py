"""How far a text reads as the rest of an SQL expression: tokens in, what was seen on the way out. Operands and operators must alternate; clauses may follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from spyglass.analyze.builtin.security.sql_statements import NEAR, statement
from spyglass.analyze.builtin.security.sql_tokens import Token

__all__ = ["Reading", "read"]

_DEEPEST: Final = 64
_NONE: Final = Token("", "", False)
_UNARY: Final = frozenset(("+", "-", "~", "!", "not", "glob"))
_NAMES_TOO: Final = frozenset("when column database schema user index view top all end".split())  # words of clauses that may be names
_OPENING: Final = frozenset("having limit procedure where offset collate".split())  # a clause begins with it, and an operand follows
_WITHIN: Final = frozenset("as from using for then else end when asc desc by".split())  # only within a clause, a query or a call
_CLAUSES: Final = frozenset(("order", "select", "case", "where"))
_TYPES: Final = frozenset(("date", "time", "timestamp"))  # before a literal
_UNITS: Final = frozenset("year month week day hour minute second".split())  # behind that of an interval


@dataclass(slots=True)
class Reading:
    """What one walk over the tokens met."""

    operators: int = 0
    logic: int = 0
    compare: int = 0
    literals: int = 0  # operands that are no bare names
    names: int = 0
    calls: list[str] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)  # union, stacked, select, comment, open, order, having …
    whole: bool = False  # it was read to the end
    complete: bool = False  # and nothing is missing there


def read(pieces: Sequence[Token], operand: bool, quote: str = "") -> Reading:
    """Read on from where an operand is expected, or from behind one; `quote`: those that the statement around may still have to close."""
    return _Walk(pieces, operand, quote).done()


class _Walk:
    """One pass over the tokens, each looked at once or twice."""

    def __init__(self, pieces: Sequence[Token], operand: bool, quote: str) -> None:
        self._pieces, self._operand, self._quote = pieces, operand, quote
        self._at, self._depth, self._seen = 0, 0, Reading()

    def done(self) -> Reading:
        """Walk until nothing fits any more."""
        seen = self._seen
        if statement(self._pieces[:NEAR]):
            seen.marks.add("statement" if self._operand else "stacked")
        while self._at < len(self._pieces) and abs(self._depth) <= _DEEPEST:
            piece = self._pieces[self._at]
            if piece.kind == "c":
                seen.marks.add("dashes" if not piece.text.startswith("/*") and piece.text.strip("-#")[:1].isalnum() else "comment")
                self._at = len(self._pieces)
            elif not (self._takes_operand(piece) if self._operand else self._takes_operator(piece)):
                return seen
        seen.whole = True
        seen.complete = not self._operand or "statement" in seen.marks
        return seen

    def _go(self, operand: bool, steps: int = 1, deeper: int = 0) -> bool:
        self._at, self._operand, self._depth = self._at + steps, operand, self._depth + deeper
        return True

    def _ahead(self, steps: int = 1) -> Token:
        at = self._at + steps
        return self._pieces[at] if 0 <= at < len(self._pieces) else _NONE

    def _takes_operand(self, piece: Token) -> bool:
        seen, (kind, text, _) = self._seen, piece
        match kind:
            case "1" | "s" | "v":
                seen.literals += 1
                if text.startswith("@@"):
                    seen.marks.add("server")
                return self._go(False)
            case "q":
                return self._takes_open(text)
            case "f":
                seen.calls.append(text)
                return self._go(False, 3) if self._ahead(2).kind == ")" else self._go(True, 2, 1)
            case "(" | "p":
                seen.marks.add("case" if text == "case" else "nested")
                return self._go(True, 1, kind == "(")
            case "E":
                return text == "select" and statement(self._pieces[self._at : self._at + NEAR]) and self._skips_query()
            case _:
                return self._takes_word(piece)

    def _takes_open(self, quote: str) -> bool:
        """A string that the quote around will end."""
        if quote not in self._quote:
            return False
        self._seen.literals += 1
        self._seen.marks.add("open")
        return self._go(False)

    def _takes_word(self, piece: Token) -> bool:
        """What may stand before an operand, and names."""
        kind, text, _ = piece
        before = self._ahead(-1)
        if kind == "{":
            return self._go(True, 2)
        if kind in "o=" and text == "*":
            return self._go(False)
        if (kind in "o=" and text in _UNARY) or text == "by" or (kind == "=" and before.kind == "=") or (text == "to" and before.text == "similar"):
            return self._go(True)
        if text == "when" and "case" in self._seen.marks:
            self._seen.marks.add("when")
            return self._go(True)
        if kind == "n" or (kind == "w" and text in _NAMES_TOO):
            self._seen.names += before.text != "::"  # a type is none
            return self._go(False)
        return False

    def _skips_query(self) -> bool:
        """A query within: its parts are not judged, up to the parenthesis that closes it."""
        marks, depth = self._seen.marks, 0
        marks.add("select")
        for at in range(self._at + 1, len(self._pieces)):
            kind, text, _ = self._pieces[at]
            depth += (kind == "(") - (kind == ")")
            if depth < 0 or kind in ";c":
                return self._go(False, at - self._at)
            if kind == "f":
                self._seen.calls.append(text)
            elif kind in "Uq":
                marks.add("union" if kind == "U" else "open")
        return self._go(False, len(self._pieces) - self._at)

    def _takes_operator(self, piece: Token) -> bool:
        seen, (kind, text, _) = self._seen, piece
        match kind:
            case "&" | "=" | "o":
                return self._counts(kind, text)
            case ")":
                if self._depth <= 0:
                    seen.marks.add("closed")
                return self._go(False, 1, -1)
            case "v" if text == "?" and self._ahead().kind in tuple("sq"):  # PostgreSQL: whether JSON has this key
                return self._counts("=", text)
            case "," | "{" | "}":
                if self._depth <= 0:
                    seen.marks.add("list")
                return self._go(kind != "}")
            case ";":
                self._ends()
                return False
            case "U":
                self._unites()
                return False
            case "(":
                return self._ahead(-1).kind in tuple("nf") and self._go(True, 1, 1)
            case "s" | "q":  # strings side by side are one; a type may stand before
                return (self._ahead(-1).kind == "s" or self._ahead(-1).text in _TYPES) and (self._takes_open(text) if kind == "q" else self._go(False))
            case _:
                return self._takes_clause(kind, text)

    def _counts(self, kind: str, text: str) -> bool:
        """An operator. Of several in a row (`not like`, `is not`) all but the first are read as part of the operand."""
        seen = self._seen
        seen.operators += 1
        seen.logic += kind == "&"
        seen.compare += kind == "="
        if text == "::":
            seen.marks.add("cast")
        return self._go(text not in ("isnull", "notnull") and not (text == "not" and self._ahead().kind == "="))

    def _takes_clause(self, kind: str, text: str) -> bool:
        """Words that may follow an operand, as far as one can tell."""
        marks, after = self._seen.marks, self._ahead().text
        if (text == "for" and after in ("update", "share")) or (text in _UNITS and self._ahead(-2).text == "interval"):
            return self._go(False, 2 if text == "for" else 1)
        if text in ("order", "group") and after == "by":
            marks.add("order")
        elif text == "into" and after in ("outfile", "dumpfile"):
            marks.add("file")
            return False
        elif kind == "w" and text in _OPENING:
            marks.add(text)
        elif text in _WITHIN and ((self._depth > 0 and self._seen.calls) or marks & _CLAUSES):
            return self._go(text not in ("asc", "desc", "end"))
        else:
            if kind == "E" and statement(self._pieces[self._at : self._at + NEAR]):  # SQL Server needs no semicolon
                marks.add("stacked")
            return False
        return self._go(True)

    def _ends(self) -> None:
        """A semicolon, and what follows it."""
        seen, after = self._seen, self._ahead()
        seen.marks.add("semicolon")
        if statement(self._pieces[self._at + 1 : self._at + NEAR]):
            seen.marks.add("stacked")
        elif after.kind in ("", "c", "q"):
            seen.marks |= {"ended", "comment"} if after.kind == "c" else {"ended"}
            seen.whole = seen.complete = True

    def _unites(self) -> None:
        """A set operation: a query must follow, unless the value ends there."""
        rest = self._pieces[self._at + 1 : self._at + 9]
        words = [piece.text for piece in rest if piece.kind not in "(co" and piece.text not in ("all", "distinct", "distinctrow")]
        if words and words[0] in ("select", "values", "table"):
            self._seen.marks.add("union")
        elif self._ahead().kind in ("", "c"):
            self._seen.marks.add("cut_union")
