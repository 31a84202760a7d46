"""Secrets in one text: what they look like (secrets.yaml), and the same text with each replaced by `[redacted:<name>]`.

In: a text that may be plain, JSON, or JSON escaped inside JSON. Out: the text without its secrets; what was valid JSON still is.
Every pattern takes time linear in the text: beginnings are literal, repeats bounded or possessive.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import yaml
from pydantic import BaseModel

from spyglass.refine.pairs import Pairs

__all__ = ["Names", "Pattern", "Prefixed", "Scrubber", "Secrets", "builtin", "marker", "names"]

_PASSES: Final = 4  # a replacement may uncover another secret; a text that still changes after these is given up
_ESCAPES: Final = (r"\\[nrtbf]", r"\\u[0-9a-fA-F]{4}", "%[0-9A-Fa-f]{2}", r"\[[0-9]m", r"\[[0-9]{2}m")  # may stand directly before a secret
_PEM_WINDOW: Final = 16_384  # characters; the longest private key in use is shorter
_MARKER: Final = re.compile(r"\[redacted:[a-z0-9_]+\]")

Rule = Callable[[str, str, "Counter[str]"], str]  # (text, lower-case text, counts) → text


class Prefixed(BaseModel, extra="forbid", frozen=True):
    """A secret that announces itself by how it starts; fields as in secrets.yaml."""

    name: str
    starts: tuple[str, ...]
    then: str
    hint: str = ""
    before: str = "A-Za-z0-9"


class Pattern(BaseModel, extra="forbid", frozen=True):
    """A secret without a fixed beginning; fields as in secrets.yaml."""

    name: str
    contains: tuple[str, ...]
    hint: str
    regex: str = ""
    check: Literal["", "user_and_password"] = ""
    rule: Literal["", "pem"] = ""


class Names(BaseModel, extra="forbid", frozen=True):
    """What holds a secret, by the name of its key."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


class Secrets(BaseModel, extra="forbid", frozen=True):
    """Everything that counts as a secret."""

    prefixed: tuple[Prefixed, ...]
    patterns: tuple[Pattern, ...]
    names: Names


@cache
def builtin() -> Secrets:
    """The patterns that come with Spyglass."""
    return Secrets.model_validate(yaml.safe_load(files(__package__).joinpath("secrets.yaml").read_text("utf-8")))


def names(secrets: Secrets) -> frozenset[str]:
    """Every name under which something can be replaced and which can be switched off."""
    pairs = Pairs(secrets.names.strong, secrets.names.weak)
    return frozenset([*(pattern.name for pattern in secrets.prefixed), *(pattern.name for pattern in secrets.patterns), *pairs.slugs])


def marker(name: str) -> str:
    """What stands where a secret was."""
    return f"[redacted:{name}]"


class Scrubber:
    """Takes the secrets out of one text after the other. Keeps no state: any number of threads may use one."""

    def __init__(self, secrets: Secrets, disabled: frozenset[str] = frozenset()) -> None:
        prefixed = [pattern for pattern in secrets.prefixed if pattern.name not in disabled]
        patterns = [pattern for pattern in secrets.patterns if pattern.name not in disabled]
        self.pairs = Pairs(secrets.names.strong, secrets.names.weak, disabled)
        self._rules: tuple[Rule, ...] = (
            *(_starting(pattern, start) for pattern in prefixed for start in pattern.starts),
            *(_matching(pattern) for pattern in patterns),
        )
        self.hint: str = "|".join(
            [
                *_grouped(prefixed),
                *(pattern.hint for pattern in patterns),
                self.pairs.hint,
            ]
        )
        """RE2 without anchors, cheap and rarely true: a text (or many, end to end) which it does not match holds no secret."""

    def scrub(self, text: str, found: Counter[str]) -> str:
        """`text` without its secrets; adds to `found` how many of each name there were.

        Raises:
            ValueError: the text still changes after several passes; the caller must treat all of it as secret.
        """
        for _ in range(_PASSES):
            before = text
            text = self._once(text, found)
            if text == before:
                return text
        raise ValueError("the text does not come to rest")

    def _once(self, text: str, found: Counter[str]) -> str:
        lower = text.lower()
        for rule in self._rules:
            text = rule(text, lower, found)
        return self.pairs.scrub(text, found)


def _grouped(prefixed: list[Prefixed]) -> list[str]:
    """What the prefixed patterns look for first; those that go on alike make one, as RE2 is compiled for each batch."""
    hints = dict.fromkeys(pattern.hint for pattern in prefixed)
    return [f"(?:{'|'.join(re.escape(start) for pattern in prefixed if pattern.hint == hint for start in pattern.starts)}){hint}" for hint in hints]


def _starting(pattern: Prefixed, start: str) -> Rule:
    """The rule for one literal beginning; what may stand before it is looked at behind it, so that the search is for a literal."""
    literal = re.escape(start)
    boundary = "|".join([f"(?<![{pattern.before}]{literal})", *(f"(?<={escape}{literal})" for escape in _ESCAPES)])
    find = re.compile(f"{literal}{f'(?:{boundary})' if pattern.before else ''}{pattern.then}")
    replacement = marker(pattern.name)

    def apply(text: str, _lower: str, found: Counter[str]) -> str:
        if start not in text:
            return text
        text, count = find.subn(replacement, text)
        if count:
            found[pattern.name] += count
        return text

    return apply


def _matching(pattern: Pattern) -> Rule:
    gate = pattern.contains
    replace = _pem(pattern.name) if pattern.rule == "pem" else _group(pattern)

    def apply(text: str, lower: str, found: Counter[str]) -> str:
        return replace(text, found) if any(literal in lower for literal in gate) else text

    return apply


def _group(pattern: Pattern) -> Callable[[str, Counter[str]], str]:
    find = re.compile(pattern.regex)
    group = "secret" if "secret" in find.groupindex else 0
    check = _CHECKS[pattern.check]

    def replace(text: str, found: Counter[str]) -> str:
        def one(match: re.Match[str]) -> str:
            secret, whole = match.group(group), match.group()
            if _MARKER.fullmatch(secret) or not check(secret):
                return whole
            found[pattern.name] += 1
            start = match.start(group) - match.start()
            return whole[:start] + marker(pattern.name) + whole[start + len(secret) :]

        return find.sub(one, text)

    return replace


def _user_and_password(text: str) -> bool:
    """Whether this is `user:password` in base64: tells credentials of `Basic` from prose that uses the word."""
    try:
        plain = base64.b64decode(text.translate(_URL_SAFE) + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return False
    return ":" in plain and plain.isprintable()


_URL_SAFE: Final = str.maketrans("-_", "+/")
_CHECKS: Final[dict[str, Callable[[str], bool]]] = {"": lambda _: True, "user_and_password": _user_and_password}
_PEM_HEAD: Final = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_TAIL: Final = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY: Final = re.compile(r"(?:[A-Za-z0-9+/=\s:,-]|\\++[nrt/])*+")
_PEM_LINE: Final = re.compile(r"[A-Za-z0-9+/=]{16,}+")


def _pem(name: str) -> Callable[[str, Counter[str]], str]:
    """Private key blocks: to their end marker, or as far as they reach where that was cut off.

    Where a block is spread over the string literals of a program, its lines are replaced one by one, so that quotes stay in pairs.
    """

    def replace(text: str, found: Counter[str]) -> str:
        pieces: list[str] = []
        at = 0
        while head := _PEM_HEAD.search(text, at):
            body_end = _body_end(text, head.end())
            tail = _PEM_TAIL.search(text, head.end(), body_end)
            spread = None if tail else _PEM_TAIL.search(text, body_end, body_end + _PEM_WINDOW)
            pieces += [text[at : head.start()], marker(name)]
            at = tail.end() if tail else body_end
            if spread:
                pieces.append(_PEM_LINE.sub(marker(name), text[at : spread.start()]))
                at = spread.end()
            found[name] += 1
        return "".join([*pieces, text[at:]])

    return replace


def _body_end(text: str, start: int) -> int:
    body = _PEM_BODY.match(text, start)
    return body.end() if body else start
