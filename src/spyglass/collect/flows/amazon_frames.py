"""Amazon's event streams (`application/vnd.amazon.eventstream`): frames with a length, headers and a payload each.

In: decoded bytes in any pieces. Out: `ServerEvent`s whose kind is the event's type, or the exception's. Checksums are not looked at: TLS has them.
"""

from __future__ import annotations

import struct
from typing import Final

from spyglass.collect.flows.limits import Account, Held
from spyglass.collect.flows.sse import ServerEvent

__all__ = ["AmazonFrames"]

_PRELUDE: Final = 12  # lengths of the frame and of its headers, a checksum
_CHECKSUM: Final = 4
_STRING: Final = 7  # type of a header's value
_SIZES: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # of the values of other types
_TYPES: Final = (b":event-type", b":exception-type", b":error-code")


class AmazonFrames:
    """Cuts a body into events. A length that cannot be ends the reading, counted."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._rest = bytearray()
        self._held = Held(account)
        self._broken = False

    def feed(self, time_ns: int, data: bytes) -> list[ServerEvent]:
        """The events that this piece completes."""
        if self._broken:
            return []
        self._rest += data
        found: list[ServerEvent] = []
        place = 0
        while len(self._rest) - place >= _PRELUDE:
            total, headers = struct.unpack_from(">II", self._rest, place)
            if not _PRELUDE + headers + _CHECKSUM <= total <= self._account.limits.body_bytes:
                return [*found, *self._fail()]
            if len(self._rest) - place < total:
                break
            kind = _kind(bytes(self._rest[place + _PRELUDE : place + _PRELUDE + headers]))
            found.append(ServerEvent(time_ns, kind, bytes(self._rest[place + _PRELUDE + headers : place + total - _CHECKSUM])))
            place += total
        del self._rest[:place]
        return found if self._held.be(len(self._rest)) else [*found, *self._fail()]

    def end(self, time_ns: int) -> list[ServerEvent]:
        """Half a frame is none."""
        del time_ns
        self.drop()
        return []

    def drop(self) -> None:
        """Give back what is held."""
        self._rest.clear()
        self._held.be(0)

    def _fail(self) -> list[ServerEvent]:
        self._account.lose("frames_malformed")
        self._broken = True
        self.drop()
        return []


def _kind(headers: bytes) -> str:
    """The type of an event among its headers; empty where there is none."""
    place = 0
    while place < len(headers):
        size = headers[place]
        name, form = headers[place + 1 : place + 1 + size], headers[place + 1 + size : place + 2 + size]
        place += 2 + size
        if form and form[0] in {6, _STRING} and place + 2 <= len(headers):
            length = int.from_bytes(headers[place : place + 2])
            if name in _TYPES:
                return headers[place + 2 : place + 2 + length].decode("utf-8", "replace")
            place += 2 + length
        elif form and form[0] in _SIZES:
            place += _SIZES[form[0]]
        else:
            return ""
    return ""
