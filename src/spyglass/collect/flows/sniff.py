"""Which protocol a stream of plaintext speaks, and who asks, by the first bytes of a direction.

In: the begin of what was sent in one direction. Out: a guess, that more bytes are needed, or that it is nothing we know.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from spyglass.collect.flows.http1 import ANSWER, REQUEST
from spyglass.collect.flows.http2 import PREFACE, plausible

__all__ = ["LONGEST", "Guess", "sniff"]

LONGEST: Final = len(PREFACE)  # bytes after which there is nothing to wait for

_BEGUN: Final = re.compile(rb"[A-Z]{1,10}|[A-Z]{3,10} |HTTP/|HTTP/1|HTTP/1\.|HTTP/1\.[01]|HTTP/1\.[01] \d{0,2}|P[A-Z]* \*? ?[HTP/]*2?\.?0?[\r\nSM]*")
_HEADERS: Final = 1
_SETTINGS: Final = 4


class Guess(NamedTuple):
    """`asks`: the direction is the one of requests. `begun`: these are the first bytes of the connection, or a new message, where that makes no difference."""

    protocol: Literal["http1", "http2"]
    asks: bool
    begun: bool


def sniff(begin: bytes, out: bool) -> Guess | Literal["wait", "other"]:
    """Look at the begin of a direction; `out`: written by the watched program, which decides nothing but what nobody could know otherwise."""
    if b"A" <= begin[:1] <= b"Z":  # all of these begin so
        if begin.startswith(PREFACE):
            return Guess("http2", asks=True, begun=True)
        if REQUEST.match(begin):
            return Guess("http1", asks=True, begun=True)
        if ANSWER.match(begin):
            return Guess("http1", asks=False, begun=True)
    if len(begin) < LONGEST and (PREFACE.startswith(begin) or _BEGUN.fullmatch(begin)):
        return "wait"
    if plausible(begin):
        return _frames(begin, out)
    return "wait" if len(begin) < 9 and begin[:1] in {b"\x00", b""} else "other"


def _frames(begin: bytes, out: bool) -> Guess | Literal["wait", "other"]:
    """HTTP/2 in its middle, or a server that speaks first. Two frames have to follow each other, or the first to be whole."""
    length, kind, flags = int.from_bytes(begin[:3]), begin[3], begin[4]
    if kind == _SETTINGS and not flags and length:
        return Guess("http2", asks=False, begun=True)
    after = begin[9 + length :]
    if len(after) >= 9 and not plausible(after):
        return "other"
    if kind == _HEADERS and len(begin) > 9 and (role := _role(begin, flags)) is not None:
        return Guess("http2", asks=role, begun=False)
    return Guess("http2", asks=out, begun=False)  # most who are watched are clients


def _role(begin: bytes, flags: int) -> bool | None:
    """Whether a HEADERS frame is a request's: pseudo-header fields come first, and those of answers are others (RFC 7541, appendix A)."""
    place = 9 + (flags >> 3 & 1) + 5 * (flags >> 5 & 1)  # length of padding, priority
    first = begin[place] if place < len(begin) else 0
    index = first & 0x7F if first & 0x80 else first & 0x3F if first & 0x40 else first & 0x0F
    if 1 <= index <= 7:
        return True
    return False if 8 <= index <= 14 else None
