"""Matchers over the labels of an alert: texts such as `agent=billing-*` or `severity!=info` in, yes or no out. `*` stands for any text.

A label that an alert does not have is empty: `team=` matches alerts without a team.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Final

from pydantic import AfterValidator, Field

__all__ = ["Matcher", "Matchers", "label_of", "matches"]

_FORM: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_.\-]{0,199})\s*(!=|=)(.*)", re.DOTALL)


def _checked(text: str) -> str:
    if _FORM.fullmatch(text) is None:
        raise ValueError(f"expected `label=value` or `label!=value`, with `*` for any text, got {text[:80]!r}")
    return text


Matcher = Annotated[str, Field(min_length=2, max_length=500, description="`label=value` or `label!=value`; `*` stands for any text."), AfterValidator(_checked)]
Matchers = tuple[Matcher, ...]


def matches(matchers: Sequence[str], labels: Mapping[str, str]) -> bool:
    """Whether all of them hold; true where there are none."""
    return all(_holds(matcher, labels) for matcher in matchers)


def label_of(matcher: str) -> str:
    """The label that a matcher looks at."""
    return _read(matcher)[0]


def _holds(matcher: str, labels: Mapping[str, str]) -> bool:
    name, wanted, parts = _read(matcher)
    return _like(labels.get(name, ""), parts) == wanted


@lru_cache(maxsize=4096)
def _read(matcher: str) -> tuple[str, bool, tuple[str, ...]]:
    found = _FORM.fullmatch(matcher)
    if found is None:
        return "", False, ("",)  # never kept: `_checked` refuses it
    value = found[3].strip()
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return found[1], found[2] == "=", tuple((value[1:-1] if quoted else value).split("*"))


def _like(text: str, parts: tuple[str, ...]) -> bool:
    """As a search for each part after the other: no pattern can take long."""
    if len(parts) == 1:
        return text == parts[0]
    first, *middle, last = parts
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
