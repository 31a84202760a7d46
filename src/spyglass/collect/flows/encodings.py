"""Content encodings undone as the bytes come, never more at once than asked for: a few bytes can stand for gigabytes.

In: pieces of an encoded body, and how much may come out. Out: decoded bytes. gzip, deflate, br and zstd; several of them one after the other.
"""

from __future__ import annotations

import zlib
from typing import Final, Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

from spyglass.model.errors import DecodeError

__all__ = ["Decoding", "decoding", "magic"]

_ZSTD_SLICE: Final = 128  # bytes: at most 32 blocks of 128 KiB come out of it, as the library gives all of them at once
_ZSTD_WINDOW: Final = 8 * 1024 * 1024  # what RFC 8878 wants decoders to support


class Decoding(Protocol):
    """Undoes one encoding."""

    def decode(self, data: bytes, most: int) -> bytes:
        """What `data` stands for; once `most` bytes or more came out, nothing more is asked of it.

        Raises:
            DecodeError: this is not of that encoding.
        """


class _Zlib:
    """gzip (also several members, one after the other) and deflate, with or without zlib's header."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._state = zlib.decompressobj(window)
        self._fresh = True

    def decode(self, data: bytes, most: int) -> bytes:
        out = bytearray()
        while data and len(out) < most:
            try:
                out += self._state.decompress(data, most - len(out))
            except zlib.error as error:
                if not (self._fresh and self._window == zlib.MAX_WBITS):
                    raise DecodeError("content encoding: the bytes are no gzip or deflate") from error
                self._window = -zlib.MAX_WBITS  # deflate as some servers understand it
                self._state = zlib.decompressobj(self._window)
                self._fresh = False
                continue
            self._fresh = False
            data = self._state.unused_data
            if self._state.eof and self._window > zlib.MAX_WBITS:
                self._state = zlib.decompressobj(self._window)
            elif self._state.eof:
                break
        return bytes(out)


class _Brotli:
    def __init__(self) -> None:
        self._state = brotli.Decompressor()

    def decode(self, data: bytes, most: int) -> bytes:
        out = bytearray()
        try:
            while len(out) < most and not self._state.is_finished():
                piece = self._state.process(data, output_buffer_limit=most - len(out))
                out += piece
                data = b""
                if not piece or self._state.can_accept_more_data():
                    break
        except brotli.error as error:
            raise DecodeError("content encoding: the bytes are no brotli") from error
        return bytes(out)


class _Zstd:
    def __init__(self) -> None:
        self._state = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj(read_across_frames=True)

    def decode(self, data: bytes, most: int) -> bytes:
        out = bytearray()
        try:
            for begin in range(0, len(data), _ZSTD_SLICE):
                if len(out) >= most:
                    break
                out += self._state.decompress(data[begin : begin + _ZSTD_SLICE])
        except zstandard.ZstdError as error:
            raise DecodeError("content encoding: the bytes are no zstd") from error
        return bytes(out)


def decoding(name: str) -> list[Decoding]:
    """What undoes a `content-encoding`, in the order in which it is to be undone.

    Raises:
        DecodeError: an encoding that we do not know, or more than three of them.
    """
    names = [part for piece in reversed(name.lower().split(",")) if (part := piece.strip()) not in {"", "identity"}]
    if len(names) > 3:
        raise DecodeError("content encoding: more than three, one in the other")
    return [_one(part) for part in names]


def _one(name: str) -> Decoding:
    match name:
        case "gzip" | "x-gzip":
            return _Zlib(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Zlib(zlib.MAX_WBITS)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
        case _:
            raise DecodeError("content encoding: expected gzip, deflate, br or zstd")


def magic(begin: bytes) -> str:
    """The encoding whose mark a body begins with, for where its headers are not known; brotli has no mark."""
    if begin.startswith(b"\x1f\x8b"):
        return "gzip"
    return "zstd" if begin.startswith(b"\x28\xb5\x2f\xfd") else ""
