"""Where something can be sent: a text in; the mail addresses, hosts and accounts that stand in it out.

`IDENTIFIER` says what one is. It is tried only where one can begin, as trying it at each letter of a page takes a hundred times as long: each has a mark
within it (`@`, `://`, `www.`) or looks like the number of an account.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["ACCOUNTS", "IDENTIFIER", "IDENTIFIERS", "LONGEST", "identifiers"]

# RE2: a text without these has none.
ACCOUNTS: Final = r"\b[A-Z]{2}[0-9]{2}[ A-Z0-9]{12}|\b0x[0-9a-fA-F]{40}\b|\b(?:bc1|[13])[a-zA-Z0-9]{25}"
IDENTIFIERS: Final = rf"@|://|\bwww\.|{ACCOUNTS}"
_ACCOUNT: Final = r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b|\b0x[0-9a-fA-F]{40}\b|\b(?:bc1|[13])[a-km-zA-HJ-NP-Z0-9]{25,60}\b"
IDENTIFIER: Final = re.compile(rf"[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}})+|(?<=://)[\w.-]{{3,253}}|\bwww\.[\w.-]{{3,253}}|{_ACCOUNT}")
_BEGINS_ACCOUNT: Final = re.compile(r"\b(?:[A-Z]{2}[0-9]{2}|0x[0-9a-fA-F]{40}|(?:bc1|[13])[a-km-zA-HJ-NP-Z0-9]{25})")
_NAME: Final = re.compile(r"[\w.+-]{1,64}")  # before the @, read backwards
_LONGEST_NAME: Final = 64
_MOST: Final = 256
LONGEST: Final = 65_536  # characters of a text that are looked at


def identifiers(text: str, *, accounts: bool = True) -> frozenset[str]:
    """Those of a text, in small letters; a bounded number. `accounts`: whether it may have numbers of accounts; it has none without a match of `ACCOUNTS`."""
    seen = text[:LONGEST]
    begins = [*_names(seen), *((at + 3, 1) for at in _places(seen, "://")), *((at, 1) for at in _places(seen, "www."))]
    if accounts:
        begins += [(match.start(), 1) for match in _BEGINS_ACCOUNT.finditer(seen)]
    found: set[str] = set()
    end = 0
    for begin, is_mark in sorted(begins):
        # What begins within the one before does not count; only a name before an @ may begin where that ends.
        at = begin if is_mark else max(begin, end)
        match = IDENTIFIER.match(seen, at) if at >= end else None
        if match is not None:
            end = match.end()
            found.add(match.group().lower().replace(" ", "").removeprefix("www.").rstrip("."))
            if len(found) >= _MOST:
                break
    return frozenset(found)


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Where what stands before each @ begins."""
    for at in _places(text, "@"):
        if name := _NAME.match(text[max(0, at - _LONGEST_NAME) : at][::-1]):
            yield at - name.end(), 0


def _places(text: str, mark: str) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)
