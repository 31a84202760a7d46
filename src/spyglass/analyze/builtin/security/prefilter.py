"""Which of many expressions are worth trying on a text: expressions in, the numbers of those that may match out, in one pass over the text.

RE2 reads the text once for all of them. It knows no assertions, and it needs a state for each length of a counted gap that is under way, which for gaps of
sixty characters are more than its memory holds: it then makes them again and again, a thousand times slower. So each expression is widened: assertions are left
out, and what may come up to so many times may come any number of times. And its words, spaces and digits are those of ASCII: so letters beyond it are
replaced by others, in expressions and texts alike. Whatever matches still does.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

__all__ = ["Prefilter", "in_ascii", "widened"]

_MEMORY: Final = 32 << 20
_ASSERTION: Final = re.compile(r"\(\?<[!=][^()]*\)|\(\?[=!](?:[^()]|\([^()]*\))*\)")
_PART: Final = re.compile(r"(?P<members>\[(?:\\.|[^\]\\])*\])|\\(?P<space>s)|\(\?-i:(?P<cased>[^()]*)\)|\{(?P<least>[01]),\d+\}\??", re.DOTALL)
_GAP: Final = re.compile(r"(?:[^\\]\.|\[\^(?:\\.|[^\]\\])*\])\*")
_SPACES: Final = r"\s\x0b\x1c-\x1f"  # those of Python
_BEYOND: Final = re.compile(r"[^\x00-\x7f]+")
_LAST_OF_LATIN: Final = "\u024f"
_SIGN: Final = "\x7f"  # for what is no letter, no digit and no space


class Prefilter:
    """Safe to share between threads."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """`patterns`: for Python, without flags of their own; upper and lower case are alike, `.` is any character, `^` begins a line.

        Ranges of letters are of ASCII, and what is excluded (`[^…]`) are signs and spaces of it.
        """
        self._all = range(len(patterns))
        self._sets: list[tuple[list[int], Any]] = []
        if importlib.util.find_spec("re2") is not None:
            wider = [widened(pattern) for pattern in patterns]
            # What goes on over gaps stays under way to the end of a text: together with all others it would need a state for each mix of them.
            parts = [[at for at, one in enumerate(wider) if bool(_GAP.search(one)) is gaps] for gaps in (False, True)]
            self._sets = [(part, _set([wider[at] for at in part])) for part in parts if part]

    def __call__(self, text: str) -> Sequence[int]:
        """Numbers of the expressions that may match; the others surely do not."""
        if not self._sets:
            return self._all
        plain = in_ascii(text)
        found: list[int] = []
        for part, made in self._sets:
            matched: list[int] | None = made.Match(plain)
            found += part if not matched else [part[at] for at in matched if at < len(part)]
        return sorted(found)


def widened(pattern: str) -> str:
    """An expression of RE2 that matches `in_ascii` of every text in which this one of Python does."""

    def wider(match: re.Match[str]) -> str:
        if (members := match["members"]) is not None:  # where spaces are excluded, excluding fewer is wider
            return members if members.startswith("[^") else members.replace(r"\s", _SPACES)
        if match["space"] is not None:
            return f"[{_SPACES}]"
        if match["cased"] is not None:
            return f"(?:{match['cased']})"
        return "*" if match["least"] == "0" else "+"

    return _PART.sub(wider, in_ascii(_ASSERTION.sub("", pattern)))


def in_ascii(text: str) -> str:
    """The text with another letter for each beyond ASCII, a space for each space and a digit for each digit; the same for upper and lower case."""
    return text if text.isascii() else _BEYOND.sub(lambda match: "".join(map(_stand_in, match.group())), text)


@lru_cache(16_384)
def _stand_in(one: str) -> str:
    if one.isspace():
        return " "
    if one.isdecimal():
        return "0"
    if not one.isalnum():
        return _SIGN
    alike = "i" if one == "\u0131" else one.casefold()[0]  # Python takes the dotless for an i where case does not matter
    if alike.isascii():
        return alike
    return chr(ord("a") + ord(alike) % 26) if alike <= _LAST_OF_LATIN else "_"  # short words of other scripts shall not look like pieces of English ones


def _set(patterns: Sequence[str]) -> Any:
    re2: Any = importlib.import_module("re2")
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    made = re2.Set.SearchSet(options)
    for pattern in patterns:
        made.Add(f"(?ims){pattern}")
    made.Add("")  # matches always, so that nothing found means that RE2 gave up for want of memory
    made.Compile()
    return made
