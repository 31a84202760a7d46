"""What changed between two states: two values of JSON in, the changes by JSON pointer (RFC 6901) out.

Lists that grew, or lost something, are compared at both ends first, so that one message more is one change and not as many as there are messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

__all__ = ["NOTHING", "Change", "changes", "pointed"]

NOTHING: Final = object()  # on the side where there is no value
_DEEPEST: Final = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `before` and `after` are NOTHING where there was no value, or is none."""

    kind: Literal["added", "removed", "changed"]
    pointer: str
    before: Any
    after: Any


def changes(before: Any, after: Any) -> Iterator[Change]:
    """All changes, in the order of the state after; lazily, so that who wants a hundred pays for no more."""
    yield from _between(before, after, "", 0)


def pointed(value: Any, pointer: str) -> Any:
    """What a JSON pointer points at; NOTHING where it points nowhere."""
    if pointer in ("", "/") and not (pointer == "/" and isinstance(value, dict) and "" in value):
        return value
    for part in pointer.removeprefix("/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and len(name) < 10 and int(name) < len(value):
            value = value[int(name)]
        else:
            return NOTHING
    return value


def _between(before: Any, after: Any, at: str, depth: int) -> Iterator[Change]:
    if depth < _DEEPEST and isinstance(before, dict) and isinstance(after, dict):
        yield from _dicts(before, after, at, depth)
    elif depth < _DEEPEST and isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, at, depth)
    elif not _same(before, after):
        yield Change("changed", at, before, after)


def _dicts(before: dict[str, Any], after: dict[str, Any], at: str, depth: int) -> Iterator[Change]:
    for key, value in after.items():
        place = f"{at}/{_escaped(key)}"
        if key in before:
            yield from _between(before[key], value, place, depth + 1)
        else:
            yield Change("added", place, NOTHING, value)
    for key, value in before.items():
        if key not in after:
            yield Change("removed", f"{at}/{_escaped(key)}", value, NOTHING)


def _lists(before: list[Any], after: list[Any], at: str, depth: int) -> Iterator[Change]:
    shorter = min(len(before), len(after))
    begin = 0
    while begin < shorter and _same(before[begin], after[begin]):
        begin += 1
    end = 0
    while end < shorter - begin and _same(before[-1 - end], after[-1 - end]):
        end += 1
    old, new = len(before) - end, len(after) - end
    common = min(old, new)
    for place in range(begin, common):
        yield from _between(before[place], after[place], f"{at}/{place}", depth + 1)
    for place in range(max(begin, common), new):
        yield Change("added", f"{at}/{place}", NOTHING, after[place])
    for place in range(max(begin, common), old):
        yield Change("removed", f"{at}/{place}", before[place], NOTHING)


def _same(before: Any, after: Any) -> bool:
    """Equal as JSON: 1, 1.0 and true are three values. Containers are equal only if all in them is, which `==` alone does not say."""
    if type(before) is not type(after):
        return False
    if isinstance(before, dict):
        return len(before) == len(after) and all(key in after and _same(value, after[key]) for key, value in before.items())
    if isinstance(before, list):
        return len(before) == len(after) and all(map(_same, before, after))
    return bool(before == after)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
