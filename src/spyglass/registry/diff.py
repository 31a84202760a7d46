"""What differs between two versions: texts by line, JSON by path, tools by name. Plain values in, plain values out.

Line numbers count from 1; paths are JSON pointers (RFC 6901).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Final, Literal, NamedTuple, TypeAlias

__all__ = ["MOST_LINES", "Change", "Line", "ToolChange", "json_changes", "line_changes", "tool_changes"]

MOST_LINES: Final = 5_000  # of one side that are compared line by line; a longer text differs as a whole beyond them
_MOST_CHANGES: Final = 1_000
_DEEPEST: Final = 32

Json: TypeAlias = Any


class Line(NamedTuple):
    """A line of a text: in both, or in one of them. Its number there, None where it is not."""

    kind: Literal["same", "removed", "added"]
    text: str
    from_line: int | None
    to_line: int | None


class Change(NamedTuple):
    """One place of a JSON value that differs; the side where it is missing is None."""

    kind: Literal["added", "removed", "changed"]
    path: str
    before: Json
    after: Json


class ToolChange(NamedTuple):
    """A tool that only one side has, or that differs in these places."""

    kind: Literal["added", "removed", "changed"]
    name: str
    changes: list[Change]


def line_changes(before: str, after: str) -> list[Line]:
    """Every line of both texts, in order; a line that changed is removed and added."""
    left, right = before.splitlines()[:MOST_LINES], after.splitlines()[:MOST_LINES]
    found: list[Line] = []
    for _, from_low, from_high, to_low, to_high in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if left[from_low:from_high] == right[to_low:to_high]:
            found += [Line("same", left[from_low + at], from_low + at + 1, to_low + at + 1) for at in range(from_high - from_low)]
            continue
        found += [Line("removed", left[at], at + 1, None) for at in range(from_low, from_high)]
        found += [Line("added", right[at], None, at + 1) for at in range(to_low, to_high)]
    return found


def json_changes(before: Json, after: Json) -> list[Change]:
    """Places that differ, in order of their paths; at most 1,000. Members of objects are compared by name, those of lists by position."""
    found: list[Change] = []
    for change in _changes(before, after, "", 0):
        found.append(change)
        if len(found) >= _MOST_CHANGES:
            break
    return found


def tool_changes(before: list[Mapping[str, Json]], after: list[Mapping[str, Json]]) -> list[ToolChange]:
    """Tools that were added, removed or changed, by name."""
    left, right = ({str(tool.get("name", "")): dict(tool) for tool in tools} for tools in (before, after))
    found: list[ToolChange] = []
    for name in sorted(left.keys() | right.keys()):
        if name not in right:
            found.append(ToolChange("removed", name, []))
        elif name not in left:
            found.append(ToolChange("added", name, []))
        elif changes := json_changes(left[name], right[name]):
            found.append(ToolChange("changed", name, changes))
    return found


def _changes(before: Json, after: Json, path: str, depth: int) -> Iterator[Change]:
    match before, after:
        case dict(), dict() if depth < _DEEPEST:
            for key in sorted(before.keys() | after.keys(), key=str):
                yield from _member(before, after, key, f"{path}/{_escaped(key)}", depth)
        case list(), list() if depth < _DEEPEST:
            left, right = dict(enumerate(before)), dict(enumerate(after))
            for at in range(max(len(left), len(right))):
                yield from _member(left, right, at, f"{path}/{at}", depth)
        case _ if not _same(before, after):
            yield Change("changed", path, before, after)


def _member(before: Mapping[Any, Json], after: Mapping[Any, Json], key: Any, path: str, depth: int) -> Iterator[Change]:
    if key not in after:
        yield Change("removed", path, before[key], None)
    elif key not in before:
        yield Change("added", path, None, after[key])
    else:
        yield from _changes(before[key], after[key], path, depth + 1)


def _same(before: Json, after: Json) -> bool:
    """Equal, and of one type: true is not 1; whole numbers may be written either way."""
    return type(before) is type(after) and before == after if isinstance(before, bool) or isinstance(after, bool) else before == after


def _escaped(key: object) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")
