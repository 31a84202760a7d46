"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): lines come in, events go out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

__all__ = ["Event", "events"]


class Event(NamedTuple):
    """One event. `id` is the last one that was told, with this event or before; an event without data is a sign of life."""

    id: str
    data: str


def events(lines: Iterable[str]) -> Iterator[Event]:
    """The events of a stream, and an empty one for each blank line after an id or a comment alone. An event that is cut off is left out."""
    last, data, something = "", list[str](), False
    for line in lines:
        if not line:
            if something:
                yield Event(last, "\n".join(data))
            data, something = [], False
            continue
        something = True
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "id" and "\0" not in value:
            last = value
