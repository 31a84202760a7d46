"""Which of many expressions are worth trying on a text: expressions in, the numbers of those that may match out, in one pass over the text.

RE2 reads the text once for all of them, but knows no assertions and only ASCII words; so each expression is widened until it surely matches whatever the
original does. Where the package has no wheel, all are worth trying.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Sequence
from typing import Any, Final

__all__ = ["Prefilter", "widened"]

_MEMORY: Final = 32 << 20
_ASSERTION: Final = re.compile(r"\(\?<[!=][^()]*\)|\(\?[=!](?:[^()]|\([^()]*\))*\)")
_CLASS: Final = re.compile(r"(\[(?:\\.|[^\]\\])*\])|\\([bws])|\(\?-i:([^()]*)\)", re.DOTALL)
_WIDER: Final = {"b": "", "w": r"[\pL\pN_]", "s": r"[\s\pZ\x{85}\x{1c}-\x{1f}]"}


class Prefilter:
    """Safe to share between threads."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """`patterns`: for Python, without flags of their own; upper and lower case are alike, `.` is any character, `^` begins a line."""
        self._all = range(len(patterns))
        self._set: Any = None
        if importlib.util.find_spec("re2") is None:
            return
        re2: Any = importlib.import_module("re2")
        options = re2.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        self._set = re2.Set.SearchSet(options)
        for pattern in patterns:
            self._set.Add(f"(?ims){widened(pattern)}")
        self._set.Add("")  # matches always, so that nothing found means that RE2 gave up for want of memory
        self._set.Compile()

    def __call__(self, text: str) -> Sequence[int]:
        """Numbers of the expressions that may match; the others surely do not."""
        if self._set is None:
            return self._all
        found: list[int] | None = self._set.Match(text)
        return sorted(found)[:-1] if found else self._all


def widened(pattern: str) -> str:
    """An expression of RE2 that matches in every text in which this one of Python does."""

    def wider(match: re.Match[str]) -> str:
        if match.group(1) is not None:  # a class: only its letters are widened
            return match.group(1).replace(r"\w", r"\pL\pN_").replace(r"\s", r"\s\pZ\x{85}\x{1c}-\x{1f}")
        if match.group(2) is not None:
            return _WIDER[match.group(2)]
        return f"(?:{match.group(3)})"

    return _CLASS.sub(wider, _ASSERTION.sub("", pattern))
