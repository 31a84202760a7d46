"""Command lines, as long and as secret as they come, become a bounded list of clean text without what looks like a password."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from typing import Final, NamedTuple, TypeAlias

from spyglass.collect.system.settings import Arguments
from spyglass.collect.system.text import clean

__all__ = ["HIDDEN", "CommandLine", "Redact", "Teller"]

Redact: TypeAlias = "Callable[[Sequence[str]], Sequence[str]]"
"""Arguments in, the same without secrets out. Where it fails, no argument is told."""

HIDDEN: Final = "[REDACTED]"
_HEADERS: Final = re.compile(r"(?i)^((?:proxy-)?authorization|cookie|x-api-key|api-key)\s*:\s*.+", re.DOTALL)
_USER_INFO: Final = re.compile(r"(?<=://)[^/@\s:]{0,256}:[^/@\s]{1,256}(?=@)")
_AHEAD: Final = 2  # redaction sees so many times more than is told, so that a secret across the cut is whole when it is looked for


class CommandLine(NamedTuple):
    """What is told of a command line: `length` arguments there were, `cut` when not all of their text is here."""

    args: tuple[str, ...]
    length: int
    cut: bool
    failed: bool = False  # to redact


class Teller:
    """Tells command lines within the limits set."""

    def __init__(self, limits: Arguments, redact: Redact | None = None) -> None:
        self._limits = limits
        self._redact = redact
        self._options = re.compile("|".join(translate(glob) for glob in limits.hide) or r"(?!)", re.IGNORECASE)

    def tell(self, argv: Sequence[str], truncated: bool = False) -> CommandLine:
        """The command line, fit to be told; `truncated`: whoever read it did not read all."""
        few, shortened = self._first(argv)
        hidden: Sequence[str] = self._hide(few)
        if self._redact is not None:
            try:
                hidden = self._redact(hidden)
            except Exception:
                return CommandLine((HIDDEN,), len(argv), True, failed=True)
        args, cut = self._fit(hidden)
        return CommandLine(args, len(argv), truncated or shortened or cut)

    def _first(self, argv: Sequence[str]) -> tuple[list[str], bool]:
        limits, left = self._limits, self._limits.max_total_chars * _AHEAD
        out: list[str] = []
        for arg in argv[: limits.max_count]:
            piece = arg[: min(left, limits.max_chars * _AHEAD)]
            out.append(piece)
            left -= len(piece)
            if len(piece) < len(arg) and left <= 0:
                return out, True
        return out, len(argv) > limits.max_count

    def _hide(self, argv: Sequence[str]) -> list[str]:
        out: list[str] = []
        follows = False  # the option before this one was a secret's name
        for index, arg in enumerate(argv):
            name, equals, value = arg[:256].partition("=")
            secret = index > 0 and bool(self._options.match(name.lstrip("-"))) and (arg[0] == "-" or bool(equals)) if arg else False
            if follows:
                out.append(HIDDEN)
            elif secret and equals:
                out.append(f"{name}={HIDDEN}" if value else arg)
            else:
                out.append(_USER_INFO.sub(HIDDEN, _HEADERS.sub(rf"\1: {HIDDEN}", arg)))
            follows = secret and not equals and not follows
        return out

    def _fit(self, argv: Sequence[str]) -> tuple[tuple[str, ...], bool]:
        limits, left = self._limits, self._limits.max_total_chars
        out: list[str] = []
        for arg in argv:
            if left < 16:
                return tuple(out), True
            out.append(clean(arg, min(limits.max_chars, left)))
            left -= len(out[-1])
        return tuple(out), any(len(told) < len(arg) or len(told) == limits.max_chars for told, arg in zip(out, argv, strict=True))
