"""Frames between probe and collector on a Unix stream socket: 8 bytes (length of what follows, kind), then records as they lie in the kernel's ring, or JSON.

The probe begins with HELLO. Requests have an `id`, a `do` (track, untrack, attach, status) and their parameters; each is answered by one REPLY with the
same `id`, with `error` {`code`, `message`} when it could not be done.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final

from spyglass.collect.probe.failures import ProbeError

__all__ = ["MAX_RECORDS_BYTES", "MAX_REQUEST_BYTES", "Frame", "Frames", "content_of", "header", "message"]

HEADER: Final = struct.Struct("<II")
MAX_RECORDS_BYTES: Final = 256 << 10  # of one frame; the probe adds at most one record to it
MAX_FRAME_BYTES: Final = 1 << 20
MAX_REQUEST_BYTES: Final = 64 << 10


class Frame:
    """Kinds of frames."""

    HELLO, RECORDS, REPLY, LOST, CLOCK, NOTICE = range(1, 7)
    REQUEST = 16


def header(kind: int, size: int) -> bytes:
    """What comes before `size` bytes of a frame."""
    return HEADER.pack(size, kind)


def message(kind: int, content: Mapping[str, Any]) -> bytes:
    """A whole frame of JSON."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return header(kind, len(body)) + body


class Frames:
    """Bytes in, whole frames out. Bounded: a frame of more than `most` bytes is an error."""

    def __init__(self, most: int = MAX_FRAME_BYTES) -> None:
        self._most = most
        self._held = bytearray()

    def feed(self, data: bytes | memoryview) -> Iterator[tuple[int, bytes]]:
        """Give (kind, content) of every frame that is complete now.

        Raises:
            ProbeError: a frame is longer than may be; the two sides do not speak the same language.
        """
        self._held += data
        held, at = self._held, 0
        while len(held) - at >= HEADER.size:
            size, kind = HEADER.unpack_from(held, at)
            if size > self._most:
                raise ProbeError("protocol", f"a frame of {size} bytes came where at most {self._most} may: the other side is of another version")
            if len(held) - at < HEADER.size + size:
                break
            yield kind, bytes(memoryview(held)[at + HEADER.size : at + HEADER.size + size])
            at += HEADER.size + size
        del held[:at]


def content_of(body: bytes) -> dict[str, Any]:
    """The JSON object of a frame.

    Raises:
        ProbeError: it is not one.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProbeError("protocol", f"a frame of {len(body)} bytes is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ProbeError("protocol", f"a frame should hold a JSON object, found {type(found).__name__}")
    return found
