r"""Secrets that are known by the name of their key: `password=…`, `"api_key": "…"`, `Authorization: Bearer …`, `--token …`.

In: a text that may be plain, program code, JSON, or JSON escaped inside JSON to any depth. Out: the text with the values replaced.

A JSON string that is escaped d times more has 2^d - 1 backslashes before its quotes; a quote with r backslashes before it ends the string
when r mod 2^(d+1) = 2^d - 1, and is part of its content otherwise. So a value ends where its own quotes end, and JSON stays JSON.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

__all__ = ["Pairs"]

Span = tuple[int, int, str]  # start, end, replacement

_WINDOW: Final = 48  # characters before the end of a name in which all of it lies
_SEPARATORS: Final = str.maketrans("", "", " _.-")
_REST: Final = re.compile(r"[A-Za-z]{0,24}(?P<name_end>)(?P<quote>\\{0,31}[\"'`])?(?:(?P<separator>\s{0,8}(?::=|=>|=|:)\s{0,8})|(?P<flag>\s{1,4}(?=[^\s-])))")
_ESCAPED: Final = re.compile(r"(?:\\[nrtbf]|\\u[0-9a-fA-F]{4}|%[0-9A-Fa-f]{2}|\[[0-9]{1,2}m)\Z")  # ends in a letter or digit that is no part of a word
_MARKER: Final = re.compile(r"\[redacted:[a-z0-9_]+\]")
_OPENING: Final = re.compile(r"[bBrRuUfF]{0,2}(?P<escape>\\{0,31})(?P<mark>[\"'`])")
_BARE: Final = re.compile(r"(?:\[redacted:[a-z0-9_]+\]|[^\s\"'`\\,;&(){}<>\[\]])++")
_LINE: Final = re.compile(r"[^\r\n\"'\\]*+")
_GAP: Final = re.compile(r"\s{0,8},?\s{0,8}")
_SCHEME: Final = re.compile(r"(?i:bearer|basic|token|digest|apikey|api-key|key|negotiate|ntlm|dpop|sso-key|aws4-hmac-sha256)(?:\s|%20|\+){1,4}")
_COOKIE: Final = re.compile(r"[!#$%&*+.^_|~0-9A-Za-z-]{1,128}=")
_PLACEHOLDER: Final = re.compile(
    r"(?i)(?:null|none|nil|undefined|true|false|yes|no|str|string|optional|required|any|self|\*+|x+|\.+|…|-+|<[^>]*>"
    r"|\$\{[^}]*\}|\{\{[^}]*\}\}|\{\w*\}|%\(?\w*\)?s|\$\w+)"
)
_VARIABLE: Final = re.compile(r"[A-Za-z_]++(?:\.[A-Za-z_]++)*+")
_NAMED: Final = re.compile(r"(?i)pass|pwd|key|token|secret|auth|cred|cookie")
_RANDOM: Final = re.compile(r"(?=[^0-9]{0,128}[0-9])(?=[^A-Za-z]{0,128}[A-Za-z])[A-Za-z0-9._~+/=:-]{16,}+")
_ODD: Final = re.compile(r"[0-9!@#$%^*+=~?|]")
_NUMBER: Final = re.compile(r"-?[0-9]++(?:\.[0-9]++)?")
_PATH: Final = re.compile(r"[/~.]|[A-Za-z]:[\\/]")
_CURSORS: Final = ("page", "next", "continuation", "sync", "cursor", "cancellation", "cancel", "start", "end", "pad", "bos", "eos", "new")
_SLUGS: Final = {
    "pwd": "password",
    "authorization": "authorization",
    "auth": "credential",
    "cookie": "cookie",
    "credential": "credential",
    "key": "key",
    "secret": "secret",
    "signature": "signature",
    "token": "token",
}


@dataclass(frozen=True, slots=True)
class _Name:
    """A name that says its value is a secret, and how sure that is."""

    text: str  # lower case, no separators
    slug: str  # goes into the replacement
    weak: bool


@dataclass(frozen=True, slots=True)
class _Head:
    """A name in a text with what separates it from its value, which starts at `end`."""

    name: _Name
    start: int
    end: int
    quote: str  # the quote after the name with its backslashes, e.g. `\"`; empty: none
    separator: str  # empty: a command line flag


class Pairs:
    """Finds values by the names of their keys. `strong` and `weak` as in secrets.yaml; keeps no state."""

    def __init__(self, strong: tuple[str, ...], weak: tuple[str, ...], disabled: frozenset[str] = frozenset()) -> None:
        names = [_name(text, weak=False) for text in strong] + [_name(text, weak=True) for text in weak]
        self._names = {name.text: name for name in names if name.slug not in disabled}
        self._endings = tuple(self._names)
        self._lengths = sorted({len(text) for text in self._names}, reverse=True)
        last = sorted({text.split(" ")[-1].lower() for text in (*strong, *weak)}, key=len)
        self._cores = [word for i, word in enumerate(last) if not word.startswith(tuple(last[:i]))]
        self.slugs = frozenset(name.slug for name in self._names.values())
        self.hint: str = _hint((*strong, *weak))

    def scrub(self, text: str, found: Counter[str]) -> str:
        """`text` with the values replaced; adds to `found` how many there were of each name."""
        pieces: list[str] = []
        at = 0
        for start, end, replacement, name in self._secrets(text):
            pieces += [text[at:start], replacement]
            found[name] += 1
            at = end
        return "".join([*pieces, text[at:]]) if pieces else text

    def of_key(self, key: str, value: str) -> str:
        """The name under which the whole value of an attribute is a secret because of its key; empty: it is not."""
        name = self.ending(key.lower())
        if name is None or _is_harmless(name, value):
            return ""
        return "" if name.weak and not _is_own_word(key, len(key) - len(name.text)) else name.slug

    def ending(self, lower: str) -> _Name | None:
        """The name with which a lower-case text ends."""
        plain = lower[-_WINDOW:].translate(_SEPARATORS)
        if not plain.endswith(self._endings):
            return None
        return next(self._names[plain[-n:]] for n in self._lengths if plain[-n:] in self._names)

    def _secrets(self, text: str) -> Iterator[tuple[int, int, str, str]]:
        """(start, end, replacement, name), left to right, never overlapping."""
        lower = _lower(text)
        at = line_end = 0
        for start in self._candidates(lower):
            head = self._head(text, lower, start) if start >= at else None
            if head is None:
                continue
            if line_end < head.end and head.name.slug in {"authorization", "cookie"}:
                line_end = _line_end(text, head.end)
            for begin, end, replacement in _values(text, head, line_end):
                yield begin, end, replacement, head.name.slug
                at = max(at, end)

    def _candidates(self, lower: str) -> list[int]:
        """Where the last word of a name may start, in order."""
        return sorted(at for core in self._cores for at in _occurrences(lower, core))

    def _head(self, text: str, lower: str, at: int) -> _Head | None:
        rest = _REST.match(text, at)
        if rest is None:
            return None
        name_end = rest.start("name_end")
        name = self.ending(lower[max(0, name_end - _WINDOW) : name_end])
        if name is None:
            return None
        start = _name_start(text, name_end, len(name.text))
        head = _Head(name, start, rest.end(), rest["quote"] or "", rest["separator"] or "")
        if name.weak and not _is_own_word(text, start):
            return None
        return head if head.separator or _is_flag(text, head) else None


def _hint(names: tuple[str, ...]) -> str:
    """RE2 that matches wherever there may be a pair; names with the same last word share it, as RE2 is compiled for each batch."""
    openings: dict[str, list[str]] = {}
    for name in names:
        *first, last = name.split(" ")
        openings.setdefault(last, []).append(re.escape(first[-1]) if first else "")
    words = [re.escape(last) if "" in first else f"(?:{'|'.join(first)})[ _.-]?{re.escape(last)}" for last, first in openings.items()]
    return rf"(?i:{'|'.join(words)})[\\\"'`]*\s*[=:]|--[A-Za-z-]*(?:pass|pwd|secret|key|token|cred|auth|cookie)[a-z]*\s"


def _name(text: str, *, weak: bool) -> _Name:
    last = text.rsplit(" ", maxsplit=1)[-1].lower()
    slug = next((slug for word, slug in _SLUGS.items() if last.startswith(word)), "password" if last.startswith("pass") else "credential")
    return _Name(text.lower().translate(_SEPARATORS), slug, weak)


def _lower(text: str) -> str:
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(char.lower() if char.isascii() else char for char in text)


def _occurrences(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def _line_end(text: str, start: int) -> int:
    line = _LINE.match(text, start)
    return line.end() if line else start


def _name_start(text: str, end: int, letters: int) -> int:
    """Where a name of so many characters that are no separators starts."""
    while letters and end:
        end -= 1
        letters -= text[end] not in " _.-"
    return end


def _is_flag(text: str, head: _Head) -> bool:
    """Whether this is `--name value` of a command line."""
    start = head.start
    while start and (text[start - 1].isalnum() or text[start - 1] == "-") and head.start - start < _WINDOW:
        start -= 1
    return not head.quote and text.startswith("--", start)


def _is_own_word(text: str, start: int) -> bool:
    """Whether a weak name at `start` is a word of its own, and not a cursor such as `next_token` or `pageToken`."""
    before = text[max(0, start - 16) : start]
    if before[-1:].isalnum() and not text[start].isupper() and not _ESCAPED.search(before):
        return False
    return not before.rstrip("_-. ").lower().endswith(_CURSORS)


def _is_harmless(name: _Name, value: str) -> bool:
    """Whether this value is no secret in spite of its name: a placeholder, a count, a directory, or already replaced."""
    if not value or value.isspace() or _MARKER.fullmatch(value) or _PLACEHOLDER.fullmatch(value):
        return True
    if name.weak:
        return _RANDOM.fullmatch(value) is None
    if name.text == "pwd" and _PATH.match(value):
        return True
    return name.slug != "password" and _NUMBER.fullmatch(value) is not None


def _values(text: str, head: _Head, line_end: int) -> Iterator[Span]:
    if text.startswith("[", head.end) and not head.name.weak and not _MARKER.match(text, head.end):
        yield from _listed(text, head)
        return
    opening = _OPENING.match(text, head.end)
    if opening is not None:
        yield from _quoted(text, head, opening, _string_end(text, opening))
    elif head.name.slug in {"authorization", "cookie"}:
        yield from _header(text, head, line_end)
    else:
        yield from _bare(text, head)


def _listed(text: str, head: _Head) -> Iterator[Span]:
    """Each string of a list of strings: `"api_keys": ["…", "…"]`."""
    at = head.end + 1
    while True:
        gap = _GAP.match(text, at)
        opening = _OPENING.match(text, gap.end() if gap else at)
        if opening is None:
            return
        end = _string_end(text, opening)
        yield from _quoted(text, head, opening, end)
        at = end + len(opening["escape"]) + 1


def _quoted(text: str, head: _Head, opening: re.Match[str], end: int) -> Iterator[Span]:
    start = opening.end()
    scheme = _SCHEME.match(text, start, end)
    if scheme is not None and head.name.slug in {"authorization", "token"}:
        start = scheme.end()
    if not _is_harmless(head.name, text[start:end]):
        yield start, end, _marker(head)


def _string_end(text: str, opening: re.Match[str]) -> int:
    """Where the content of a string ends: at the backslashes of its closing quote, or with the text where that was cut off."""
    own, mark = len(opening["escape"]), opening["mark"]
    at = opening.end()
    while (at := text.find(mark, at)) >= 0:
        run = 0
        while at - run > opening.end() and text[at - 1 - run] == "\\":
            run += 1
        if run < own or run % (2 * own + 2) == own:
            return at - min(run, own)
        at += 1
    return len(text)


def _header(text: str, head: _Head, line_end: int) -> Iterator[Span]:
    """The rest of the line of an HTTP header."""
    scheme = _SCHEME.match(text, head.end, line_end)
    start = scheme.end() if scheme else head.end
    if start >= line_end or _MARKER.match(text, start, line_end) or _PLACEHOLDER.fullmatch(text, start, line_end):
        return
    if head.name.slug == "cookie":
        secret = _COOKIE.match(text, start, line_end) is not None
    elif scheme:  # prose has words there: "authorization: basic rules apply"
        secret = text.find(" ", start, line_end) < 0 or _ODD.search(text, start, min(line_end, start + 128)) is not None
    else:
        secret = _RANDOM.fullmatch(text, start, line_end) is not None
    if secret:
        yield start, line_end, _marker(head)


def _bare(text: str, head: _Head) -> Iterator[Span]:
    """A value without quotes: of an environment file, a query string, a connection string, a flag, YAML, or a JSON number."""
    match = _BARE.match(text, head.end)
    if match is None or _is_harmless(head.name, match.group()):
        return
    value, end = match.group(), match.end()
    if _NUMBER.fullmatch(value):
        secret = len(value) >= 4
    elif head.name.weak:
        secret = True
    elif not head.separator or (head.separator == "=" and not head.quote):
        secret = not (_is_code(value) or text.startswith("(", end))
    elif text.startswith("(", end) or _VARIABLE.fullmatch(value):
        secret = _is_whole_line(text, head, end) and not _is_code(value)
    else:
        secret = len(value) >= 6 and _ODD.search(value) is not None and not text.startswith(":", max(0, head.start - 1))
    if secret:
        yield head.end, end, f"{head.quote}{_marker(head)}{head.quote}"


def _is_code(value: str) -> bool:
    """Whether a value without quotes is an expression of a program (`settings.password`) rather than a secret."""
    return _VARIABLE.fullmatch(value) is not None and ("." in value or _NAMED.search(value) is not None)


def _is_whole_line(text: str, head: _Head, end: int) -> bool:
    """Whether `name: value` is all of a line, as in YAML; a line may end with an escaped newline."""
    before = text[max(0, head.start - 64) : head.start]
    before = before[max(before.rfind("\n"), before.rfind("\\n") + 1) + 1 :].strip(" \t")
    after = end == len(text) or text[end] in "\r\n" or text.startswith(("\\n", "\\r"), end)
    return ":" in head.separator and after and before.replace("_", "").replace("-", "").isalnum() | (not before)


def _marker(head: _Head) -> str:
    return f"[redacted:{head.name.slug}]"
