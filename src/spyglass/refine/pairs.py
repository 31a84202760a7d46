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

_MARKER: Final = re.compile(r"\[redacted:[a-z0-9_]+\]")
_OPENING: Final = re.compile(r"[bBrRuUfF]{0,2}(?P<escape>\\{0,31})(?P<mark>[\"'`])")
_BARE: Final = re.compile(r"(?:\[redacted:[a-z0-9_]+\]|[^\s\"'`\\,;&(){}<>\[\]])++")
_LINE: Final = re.compile(r"[^\r\n\"'\\]*+")
_ITEM: Final = re.compile(r"\s{0,8},?\s{0,8}")
_SCHEME: Final = re.compile(r"(?i:bearer|basic|token|digest|apikey|api-key|key|negotiate|ntlm|dpop|sso-key|aws4-hmac-sha256)(?:\s|%20|\+){1,4}")
_COOKIE: Final = re.compile(r"\s*[!#$%&*+.^_|~0-9A-Za-z-]+=")
_PLACEHOLDER: Final = re.compile(
    r"(?i)(?:null|none|nil|undefined|true|false|yes|no|str|string|optional|required|any|self|\*+|x+|\.+|…|-+|<[^>]*>|\$\{[^}]*\}|\{\{.*\}\}|\{\w*\}|%\(?\w*\)?s|\$\w+)"
)
_CODE: Final = re.compile(r"[A-Za-z_][A-Za-z_]*+(?:\.[A-Za-z_]++)*+")  # a variable rather than a value
_NAMED: Final = re.compile(r"(?i)pass|pwd|key|token|secret|auth|cred|cookie")
_RANDOM: Final = re.compile(r"(?=[^0-9]*+[0-9])(?=[^A-Za-z]*+[A-Za-z])[A-Za-z0-9._~+/=:-]{16,}+")
_NUMBER: Final = re.compile(r"-?[0-9]++(?:\.[0-9]++)?")
_PATH: Final = re.compile(r"[/~.]|[A-Za-z]:[\\/]")
_CURSORS: Final = ("page", "next", "continuation", "sync", "cursor", "cancellation", "cancel", "start", "end", "pad", "bos", "eos", "new")
_SLUGS: Final = (
    ("pass", "password"),
    ("pwd", "password"),
    ("cookie", "cookie"),
    ("authorization", "authorization"),
    ("token", "token"),
    ("secret", "secret"),
    ("key", "key"),
)


@dataclass(frozen=True, slots=True)
class _Head:
    """A name and what separates it from its value, which starts at `end`."""

    name: str
    weak: bool
    quote: str  # the quote after the name with its backslashes, e.g. `\"`; empty: none
    separator: str
    start: int
    end: int


class Pairs:
    """Finds values by the names of their keys. Keeps no state."""

    def __init__(self, strong: tuple[str, ...], weak: tuple[str, ...], disabled: frozenset[str] = frozenset()) -> None:
        name = f"(?:(?P<strong>{'|'.join(strong)})|(?P<weak>{'|'.join(weak)}))"
        plain = "|".join([*strong, *weak])
        self._heads = re.compile(
            rf"(?i:{name})(?P<quote>\\{{0,31}}[\"'`])?(?:(?P<separator>\s{{0,8}}(?::=|=>|=|:)\s{{0,8}})|(?P<flag>\s{{1,4}}(?=\S)))"
        )
        self._tail = re.compile(rf"(?i:{name})\Z")
        self._disabled = disabled
        self.hint: str = rf"(?i:{plain})[\\\"'`]*\s*[=:]|--[A-Za-z-]*(?i:{plain})\s"

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
        match = self._tail.search(key.rpartition(".")[2] if len(key) > 256 else key)
        if match is None or _MARKER.fullmatch(value) or _trivial(value):
            return ""
        slug = _slug(match.group())
        if slug in self._disabled:
            return ""
        if match["weak"] is not None:
            return slug if _is_own_word(key, match.start()) and _RANDOM.fullmatch(value) else ""
        if slug == "token" and _NUMBER.fullmatch(value):
            return ""  # a count
        return "" if _is_working_directory(match.group(), value) else slug

    def _secrets(self, text: str) -> Iterator[tuple[int, int, str, str]]:
        """(start, end, replacement, name), left to right, never overlapping."""
        at = 0
        while match := self._heads.search(text, at):
            head = _head(match)
            at = head.end
            slug = _slug(head.name)
            if slug in self._disabled or not _may_be_a_name(text, head, flag=match["flag"] is not None):
                continue
            for start, end, replacement in _values(text, head, slug, flag=match["flag"] is not None):
                yield start, end, replacement, slug
                at = max(at, end)


def _head(match: re.Match[str]) -> _Head:
    name = match["strong"] if match["strong"] is not None else match["weak"]
    return _Head(name, match["weak"] is not None, match["quote"] or "", match["separator"] or " ", match.start(), match.end())


def _may_be_a_name(text: str, head: _Head, *, flag: bool) -> bool:
    if head.weak and not _is_own_word(text, head.start):
        return False
    if not flag:
        return True
    start = head.start
    while start and (text[start - 1].isalnum() or text[start - 1] == "-") and head.start - start < 64:
        start -= 1
    return not head.quote and text.startswith("--", start)


def _is_own_word(text: str, start: int) -> bool:
    """Whether a weak name at `start` is a word of its own, and not a cursor such as `next_token` or `pageToken`."""
    before = text[max(0, start - 16) : start]
    if before[-1:].isalnum() and not text[start].isupper():
        return False
    return not before.rstrip("_-. ").lower().endswith(_CURSORS)


def _values(text: str, head: _Head, slug: str, *, flag: bool) -> Iterator[tuple[int, int, str]]:
    if text.startswith("[", head.end) and not head.weak and not _MARKER.match(text, head.end):
        yield from _listed(text, head, slug)
        return
    opening = _OPENING.match(text, head.end)
    if opening is not None:
        yield from _quoted(text, head, slug, opening)
        return
    if slug in {"authorization", "cookie"}:
        yield from _header(text, head, slug)
        return
    yield from _bare(text, head, slug, flag=flag)


def _listed(text: str, head: _Head, slug: str) -> Iterator[tuple[int, int, str]]:
    """Each string of a list of strings: `"api_keys": ["…", "…"]`."""
    at = head.end + 1
    while True:
        gap = _ITEM.match(text, at)
        opening = _OPENING.match(text, gap.end() if gap else at)
        if opening is None:
            return
        yield from _quoted(text, head, slug, opening)
        at = _string_end(text, opening) + len(opening["escape"]) + 1


def _quoted(text: str, head: _Head, slug: str, opening: re.Match[str]) -> Iterator[tuple[int, int, str]]:
    start, end = opening.end(), _string_end(text, opening)
    value = text[start:end]
    scheme = _SCHEME.match(value)
    if scheme is not None and slug in {"authorization", "token"}:
        start, value = start + scheme.end(), value[scheme.end() :]
    if _MARKER.fullmatch(value) or _trivial(value):
        return
    if head.weak and not _RANDOM.fullmatch(value):
        return
    if _is_working_directory(head.name, value) or (slug == "token" and _NUMBER.fullmatch(value)):
        return
    yield start, end, f"[redacted:{slug}]"


def _string_end(text: str, opening: re.Match[str]) -> int:
    """Where the content of a string ends: at the backslashes of its closing quote, or with the text where that was cut off."""
    own, mark = len(opening["escape"]), opening["mark"]
    at = opening.end()
    while (at := text.find(mark, at)) >= 0:
        run = 0
        while text[at - 1 - run] == "\\" and at - run > opening.end():
            run += 1
        if run < own or run % (2 * own + 2) == own:
            return at - min(run, own)
        at += 1
    return len(text)


def _header(text: str, head: _Head, slug: str) -> Iterator[tuple[int, int, str]]:
    """The rest of the line of an HTTP header."""
    line = _LINE.match(text, head.end)
    value = line.group().rstrip() if line else ""
    scheme = _SCHEME.match(value)
    start = head.end + (scheme.end() if scheme else 0)
    rest = value[scheme.end() :] if scheme else value
    if not rest or _MARKER.fullmatch(rest):
        return
    if slug == "cookie" and not _COOKIE.match(rest):
        return
    if slug == "authorization" and not (scheme or _RANDOM.fullmatch(rest)):
        return
    if scheme and not head.quote and " " in rest and not re.search(r"[0-9=]", rest):
        return  # prose: "authorization: basic rules apply"
    yield start, start + len(rest), f"[redacted:{slug}]"


def _bare(text: str, head: _Head, slug: str, *, flag: bool) -> Iterator[tuple[int, int, str]]:
    """A value without quotes: of an environment file, a query string, a connection string, a flag, YAML, or a JSON number."""
    match = _BARE.match(text, head.end)
    if match is None or _MARKER.fullmatch(match.group()) or _trivial(match.group()):
        return
    value, end = match.group(), match.end()
    if _NUMBER.fullmatch(value):
        if slug == "password" and len(value) >= 4:
            yield head.end, end, f"{head.quote}[redacted:{slug}]{head.quote}"
        return
    if head.weak:
        secret = _RANDOM.fullmatch(value) is not None
    elif flag or (head.separator == "=" and not head.quote):
        secret = not (_is_code(value) or text.startswith("(", end))
    else:
        secret = _stands_out(text, head, value, end)
    if secret and not _is_working_directory(head.name, value):
        yield head.end, end, f"{head.quote}[redacted:{slug}]{head.quote}"


def _is_code(value: str) -> bool:
    """Whether a value without quotes is an expression of a program (`settings.password`) rather than a secret."""
    return _CODE.fullmatch(value) is not None and ("." in value or _NAMED.search(value) is not None)


def _stands_out(text: str, head: _Head, value: str, end: int) -> bool:
    """After `name: ` or `name = `: prose and programs stand there as well, so the value must look like a secret."""
    if text.startswith("(", end) or _CODE.fullmatch(value):
        line_start = max(text.rfind("\n", max(0, head.start - 64), head.start), text.rfind("\\n", max(0, head.start - 64), head.start) + 1)
        alone = text[line_start + 1 : head.start].strip(" \t-_.").replace("_", "").isalnum() or line_start + 1 >= head.start
        whole = end == len(text) or text[end] in "\r\n" or text.startswith("\\n", end)
        return ":" in head.separator and alone and whole and not _is_code(value) and not text.startswith("(", end)
    return len(value) >= 6 and re.search(r"[0-9!@#$%^*+=~?|]", value) is not None and not text.startswith(":", max(0, head.start - 1))


def _trivial(value: str) -> bool:
    return not value or value.isspace() or _PLACEHOLDER.fullmatch(value) is not None


def _is_working_directory(name: str, value: str) -> bool:
    return name.lower() == "pwd" and _PATH.match(value) is not None


def _slug(name: str) -> str:
    lower = name.lower()
    return next((slug for word, slug in _SLUGS if word in lower), "credential")
