"""Whether the arguments of a tool call tell of a command or a path: the strongest sign that an action was meant, where nothing carries the span's id.

In: the arguments as text, mostly JSON, and an argv or a path. Out: how sure the sign is, 0 to 1, and what it says.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

__all__ = ["NOTHING", "Sign", "names_command", "names_file", "sign_of_command", "sign_of_path", "writes"]

_SHELLS: Final = frozenset({"sh", "bash", "dash", "zsh", "ksh", "fish", "ash", "busybox"})
_COMMAND_KEYS: Final = frozenset({"command", "cmd", "script", "shell", "bash", "commands", "shell_command", "commandline", "command_line"})
_PATH_KEYS: Final = frozenset(
    {"path", "file", "filename", "file_path", "filepath", "notebook_path", "target_file", "directory", "dir", "destination", "source"}
)
_CHANGES: Final = frozenset({"write", "edit", "create", "delete", "remove", "move", "rename", "save", "append", "patch", "replace", "mkdir"})
_NAME_PARTS: Final = re.compile(r"[a-z]+")
_LONGEST: Final = 100_000  # characters of arguments that are looked at
_SHORTEST_PART: Final = 4  # characters: a shorter text is part of too many others
_DEEPEST: Final = 20


class Sign(NamedTuple):
    """How sure it is, and what it says."""

    confidence: float
    reason: str


NOTHING: Final = Sign(0.0, "")


def sign_of_command(arguments: str, argv: tuple[str, ...]) -> Sign:
    """Whether the arguments tell of the program that was started."""
    if not argv:
        return NOTHING
    best = NOTHING
    script = _script(argv)
    for text in _texts(arguments):
        best = max(best, _in_text(" ".join(text.split()), argv, script))
    return best


def _in_text(text: str, argv: tuple[str, ...], script: str) -> Sign:
    plain = " ".join(argv)
    if text in {script, plain} and text:
        return Sign(0.97, "the tool was told to run exactly this")
    if script and len(script) >= _SHORTEST_PART and (script in text or (len(text) >= _SHORTEST_PART and text in script)):
        return Sign(0.93, "the command is part of what the tool was told to run")
    words = _words(text)
    own = [_name(argv[0]), *argv[1:]]
    if len(own) > 1 and _contains(words, own):
        return Sign(0.93, "the command is part of what the tool was told to run")
    if own[0] and own[0] in words and own[0] not in _SHELLS:
        return Sign(0.75, "the tool was told to run this program")
    return NOTHING


def sign_of_path(arguments: str, path: str) -> Sign:
    """Whether the arguments name the file."""
    if not path:
        return NOTHING
    best, name = NOTHING, _name(path)
    for text in _texts(arguments):
        if text == path:
            return Sign(0.95, "the tool was given this path")
        if len(text) >= _SHORTEST_PART and "/" in text and path.endswith("/" + text.removeprefix("./")):
            best = max(best, Sign(0.9, "the tool was given the end of this path"))
        elif path in text:
            best = max(best, Sign(0.9, "the path stands in what the tool was given"))
        elif len(name) >= _SHORTEST_PART and name in _words(text):
            best = max(best, Sign(0.8, "the file's name stands in what the tool was given"))
    return best


def names_file(arguments: str, path: str) -> bool:
    """Whether the arguments name a file that is called so, wherever it is: what was opened has its true path, without `~` and symbolic links."""
    name = _name(path)
    return bool(name) and any(name == _name(word) for text in _texts(arguments) for word in (text, *_words(text)))


def names_command(arguments: str) -> bool:
    """Whether the arguments tell of a command, so that a process can be expected."""
    return bool(_keys(arguments) & _COMMAND_KEYS)


def writes(tool: str, arguments: str) -> bool:
    """Whether a tool with this name and these arguments says that it changes a file, so that the change can be expected."""
    return bool(_keys(arguments) & _PATH_KEYS) and not _CHANGES.isdisjoint(_NAME_PARTS.findall(tool.lower()))


def _keys(arguments: str) -> set[str]:
    value = _parsed(arguments)
    return {str(key).lower() for key in value} if isinstance(value, dict) else set()


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _script(argv: tuple[str, ...]) -> str:
    """What a shell was given after `-c`."""
    if _name(argv[0]).lstrip("-") not in _SHELLS:
        return ""
    for at, word in enumerate(argv[1:-1], 1):
        if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
            return " ".join(argv[at + 1].split())
    return ""


@lru_cache(maxsize=4096)
def _texts(arguments: str) -> tuple[str, ...]:
    """Every text in the arguments; a list of words stands as one text, too."""
    return tuple(_inside(_parsed(arguments), 0))


def _inside(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST and isinstance(value, dict):
        for one in value.values():
            yield from _inside(one, depth + 1)
    elif depth < _DEEPEST and isinstance(value, list):
        if value and all(isinstance(one, str) for one in value):
            yield " ".join(value)
        for one in value:
            yield from _inside(one, depth + 1)


def _parsed(arguments: str) -> Any:
    text = arguments[:_LONGEST]
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    """The words of a command as a shell would see them, or as they stand when it could not."""
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        return tuple(lexer)
    except ValueError:
        return tuple(text.split())


def _contains(words: tuple[str, ...], part: list[str]) -> bool:
    last = len(words) - len(part)
    return any(_name(words[at]) == part[0] and list(words[at + 1 : at + len(part)]) == part[1:] for at in range(last + 1) if words[at])
