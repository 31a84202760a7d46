"""Content encodings, undone in bounded memory.

In: the bytes as sent and the name of their encoding. Out: the bytes that were meant; a bomb is stopped while it unfolds, not after.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Final

import pyarrow as pa

from spyglass.model.errors import DecodeError, TooLarge, UnsupportedMedia
from spyglass.receive.answers import shown

__all__ = ["CODINGS", "coding", "inflate", "inflate_off_loop"]

CODINGS: Final = ("gzip", "deflate", "zstd")  # beside identity
_STEP_BYTES: Final = 256 * 1024
_INLINE_BYTES: Final = 64 * 1024  # smaller bodies are unfolded in less time than a thread takes to begin …
_INLINE_INFLATED_BYTES: Final = 1024 * 1024  # … unless they unfold into much


def coding(header: str) -> str | None:
    """The one coding that a `content-encoding` header names; None when the body is as it is.

    Raises:
        UnsupportedMedia: another coding, or several of them.
    """
    names = [name for name in (part.strip().lower() for part in header.split(",")) if name not in {"", "identity"}]
    if not names:
        return None
    name = names[0].removeprefix("x-")
    if len(names) > 1 or name not in CODINGS:
        raise UnsupportedMedia(f"content-encoding: expected one of identity, {', '.join(CODINGS)}, got {shown(header)}")
    return name


async def inflate_off_loop(data: bytes, name: str, limit_bytes: int, grow: Callable[[int], None], threads: Executor) -> bytes:
    """`inflate`, without keeping the event loop waiting: in a thread unless the body is small."""
    if len(data) < _INLINE_BYTES:
        try:
            whole = inflate(data, name, min(limit_bytes, _INLINE_INFLATED_BYTES), lambda _: None)
        except TooLarge:
            pass
        else:
            grow(len(whole))
            return whole
    return await asyncio.get_running_loop().run_in_executor(threads, inflate, data, name, limit_bytes, grow)


def inflate(data: bytes, name: str, limit_bytes: int, grow: Callable[[int], None]) -> bytes:
    """Undo a coding. `grow` is told of each piece before the next one is made, and may raise to stop.

    Raises:
        DecodeError: the bytes are not what the coding's name says, or they end early.
        TooLarge: more than `limit_bytes` come out.
    """
    pieces: list[bytes] = []
    size_bytes = 0
    try:
        for piece in _pieces(data, name):
            size_bytes += len(piece)
            if size_bytes > limit_bytes:
                raise TooLarge(f"the {name} body unfolds into more than {limit_bytes} bytes (receive.max_body_bytes); send smaller batches")
            grow(len(piece))
            pieces.append(piece)
    except (OSError, zlib.error) as error:
        raise DecodeError(f"the body is not valid {name}: {error}") from error
    return b"".join(pieces)


def _pieces(data: bytes, name: str) -> Iterator[bytes]:
    if name == "deflate" and not _has_zlib_header(data):
        yield from _raw_deflate(data)
        return
    # Arrow's gzip also reads zlib's format, and members or frames one after another.
    with pa.CompressedInputStream(pa.BufferReader(data), "zstd" if name == "zstd" else "gzip") as stream:
        while piece := stream.read(_STEP_BYTES):
            yield piece


def _has_zlib_header(data: bytes) -> bool:
    """RFC 1950: method 8, and a check that makes the first two bytes a multiple of 31."""
    return len(data) > 1 and data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0


def _raw_deflate(data: bytes) -> Iterator[bytes]:
    """RFC 1951, which some clients mean by `deflate`. The input goes in in steps, because zlib copies what it has not used yet."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    view = memoryview(data)
    for start in range(0, len(view), _STEP_BYTES):
        rest: bytes | memoryview = view[start : start + _STEP_BYTES]
        while rest:
            if inflater.eof:
                raise zlib.error("bytes follow its end")
            yield inflater.decompress(rest, _STEP_BYTES)
            rest = inflater.unconsumed_tail or inflater.unused_data
    yield inflater.flush()
    if not inflater.eof:
        raise zlib.error("it ends early")
