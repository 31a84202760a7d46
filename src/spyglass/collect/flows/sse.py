"""Pieces of a streamed answer, whole events out, each with the time at which it was complete: server-sent events, or JSON one a line.

In: decoded bytes in any pieces. Out: `ServerEvent`s. An event longer than the limit is left out and counted.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, Protocol

from spyglass.collect.flows.limits import Account, Held

__all__ = ["EventStream", "JsonLines", "ServerEvent", "Splitter"]

_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n|\r\r")
_LONGEST_END: Final = 4  # bytes of a blank line with the end of the line before


class ServerEvent(NamedTuple):
    """One event; `kind` is empty where the stream does not name it."""

    time_ns: int
    kind: str
    data: bytes


class Splitter(Protocol):
    """Cuts a body into events."""

    def feed(self, time_ns: int, data: bytes) -> list[ServerEvent]:
        """The events that this piece completes."""

    def end(self, time_ns: int) -> list[ServerEvent]:
        """What is left when nothing more comes."""

    def drop(self) -> None:
        """Give back what is held."""


class _Pieces:
    """Bytes that wait for the end of their event."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._rest = bytearray()
        self._held = Held(account)
        self._skipping = False

    def split(self, data: bytes, ends: re.Pattern[bytes]) -> list[bytes]:
        """The blocks that `data` completes."""
        searched = max(0, len(self._rest) - _LONGEST_END)
        self._rest += data
        blocks, begin = [], 0
        for match in ends.finditer(self._rest, searched):
            if not self._skipping:
                blocks.append(bytes(self._rest[begin : match.start()]))
            self._skipping, begin = False, match.end()
        del self._rest[:begin]
        too_long = len(self._rest) > self._account.limits.body_bytes
        if too_long or not self._held.be(len(self._rest)):
            self._account.lose("event_too_long", int(too_long))
            self.drop()
            self._skipping = True
        return blocks

    def rest(self) -> bytes:
        """What has no end yet, given once."""
        left = b"" if self._skipping else bytes(self._rest)
        self.drop()
        return left

    def drop(self) -> None:
        """Forget what has no end."""
        self._rest.clear()
        self._held.be(0)


class EventStream:
    """Server-sent events (`text/event-stream`, WHATWG HTML 9.2)."""

    def __init__(self, account: Account) -> None:
        self._pieces = _Pieces(account)

    def feed(self, time_ns: int, data: bytes) -> list[ServerEvent]:
        """The events that this piece completes; comments and empty events are none."""
        return [event for block in self._pieces.split(data, _BLANK_LINE) if (event := _event(time_ns, block)) is not None]

    def end(self, time_ns: int) -> list[ServerEvent]:
        """A last event that no blank line ended: clients drop it, but what it says was sent."""
        event = _event(time_ns, self._pieces.rest())
        return [] if event is None else [event]

    def drop(self) -> None:
        """Give back what is held."""
        self._pieces.drop()


def _event(time_ns: int, block: bytes) -> ServerEvent | None:
    kind, data = "", []
    for line in block.splitlines():
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            kind = value.decode("utf-8", "replace")
    return ServerEvent(time_ns, kind, b"\n".join(data)) if data else None


class JsonLines:
    """One JSON value a line, as Ollama streams."""

    _END: Final = re.compile(rb"\n")

    def __init__(self, account: Account) -> None:
        self._pieces = _Pieces(account)

    def feed(self, time_ns: int, data: bytes) -> list[ServerEvent]:
        """The lines that this piece completes."""
        return [ServerEvent(time_ns, "", line) for line in self._pieces.split(data, self._END) if line.strip()]

    def end(self, time_ns: int) -> list[ServerEvent]:
        """A last line without its end."""
        line = self._pieces.rest().strip()
        return [ServerEvent(time_ns, "", line)] if line else []

    def drop(self) -> None:
        """Give back what is held."""
        self._pieces.drop()
