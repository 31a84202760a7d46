"""JSON files, whatever their layout: values come out one after the other, each with its place.

- One value per line (JSON lines): a broken line spoils only itself.
- One document: whole when it is small and sound. Else its items come out one by one, those of a list at the top, or of the lists that are direct
  members of an object at the top; so a document of any size is read in one pass, with one item at a time in memory.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from spyglass.cli.formats.source import Source
from spyglass.decode.pieces import Skipped

__all__ = ["Value", "is_lines", "parse", "values"]

LONGEST_LINE_BYTES: Final = 256 * 1024 * 1024
LARGEST_ITEM_BYTES: Final = 256 * 1024 * 1024
WHOLE_BYTES: Final = 32 * 1024 * 1024
_CHUNK_BYTES: Final = 1024 * 1024
# A whole string (nothing in it counts), a bracket, or a string that does not end within what was read so far.
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]|"', re.DOTALL)
_INSIDE: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Value:
    """JSON text. `member` is the name of the list that it is an item of, empty where it is none; `place` is empty for a whole document."""

    place: str
    data: bytes
    member: str = ""


def values(source: Source) -> Iterator[Value | Skipped]:
    """The values of a file. The text of one may still be broken: parse it."""
    if is_lines(source.head):
        yield from _lines(source.stream)
        return
    begin = source.stream.read(WHOLE_BYTES).removeprefix(_BOM)
    if len(begin) < WHOLE_BYTES and _is_json(begin):
        yield Value("", begin)
    else:
        yield from _items(begin, source.stream.read1)


def parse(value: Value) -> Any:
    """What the text says.

    Raises:
        ValueError: it is not JSON; the message tells where, and no text of it.
    """
    try:
        return orjson.loads(value.data)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error


def is_lines(head: bytes) -> bool:
    """Whether a file that begins so has one value per line; a document in one line counts as that when it is short enough to be seen whole."""
    lines = [line for line in head.removeprefix(_BOM).split(b"\n") if line.strip()]
    if not lines or lines[0].lstrip()[:1] != b"{":
        return False
    if _is_json(lines[0]):
        return True
    cut_off = lines[0].startswith(b'{"') and not lines[0].rstrip().endswith((b"[", b"{", b",", b":"))  # what is laid out over lines breaks at these
    return cut_off and len(lines) > 1 and lines[1].startswith(b'{"')


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _lines(stream: io.BufferedReader[Any]) -> Iterator[Value | Skipped]:
    number = 0
    while line := stream.readline(LONGEST_LINE_BYTES):
        number += 1
        if len(line) == LONGEST_LINE_BYTES and not line.endswith(b"\n"):
            while not line.endswith(b"\n") and (line := stream.readline(_CHUNK_BYTES)):
                pass
            yield Skipped(f"line {number}", f"longer than {LONGEST_LINE_BYTES >> 20} MiB")
        elif text := line.removeprefix(_BOM).strip():
            yield Value(f"line {number}", text)


def _items(begin: bytes, read: Callable[[int], bytes]) -> Iterator[Value | Skipped]:
    scanner = _Scanner()
    yield from scanner.feed(begin)
    while chunk := read(scanner.wanted):
        yield from scanner.feed(chunk)
    if scanner.unfinished:
        yield Skipped(f"line {scanner.line}", "the document ends in the middle: it is cut off, or a bracket is missing")
    elif not scanner.found:
        yield Skipped("", "there is nothing in it that could be read")


class _Scanner:
    """Finds the items of a document by its brackets alone."""

    def __init__(self) -> None:
        self.line, self.found = 1, 0  # the line of `_counted`; items so far
        self._buffer, self._at, self._counted = b"", 0, 0  # read up to `_at`, lines counted up to `_counted`
        self._open = bytearray()  # the brackets that are open
        self._name = b""  # the last string in the object at the top
        self._deep, self._member = 0, ""  # how many brackets enclose the items of the list that we are in (0: in none), and its name
        self._begin: int | None = None  # where in the buffer the item under way begins
        self._too_large = False

    @property
    def wanted(self) -> int:
        """How much to feed next: a long string must not be scanned again and again."""
        return max(_CHUNK_BYTES, len(self._buffer))

    @property
    def unfinished(self) -> bool:
        return bool(self._open) or bool(self._buffer.strip())

    def feed(self, chunk: bytes) -> Iterator[Value | Skipped]:
        """The items that end within the next part of the document."""
        self._buffer += chunk
        for token in _TOKEN.finditer(self._buffer, self._at):
            mark = token[0]
            self._at = token.start() if mark == b'"' else token.end()
            if mark == b'"':  # a string that goes on in the next part
                break
            if len(mark) > 1:
                self._name = mark if len(self._open) == 1 else self._name
            elif mark in b"[{":
                self._opens(mark, token.start())
            elif self._open and (item := self._closes(token.end())):
                yield item
        else:
            self._at = len(self._buffer)
        self._forget()

    def _opens(self, mark: bytes, at: int) -> None:
        if not self._deep and mark == b"[" and bytes(self._open) in (b"", b"{"):
            self._deep, self._member = len(self._open) + 1, _text(self._name) if self._open else ""
        elif self._deep and len(self._open) == self._deep:
            self._begin = at
        self._open += mark

    def _closes(self, end: int) -> Value | Skipped | None:
        self._open.pop()
        if len(self._open) < self._deep:
            self._deep = 0
        if not self._deep or len(self._open) != self._deep:
            return None
        self.found += 1
        begin, self._begin = self._begin, None
        place = f"line {self._line_of(end if begin is None else begin)}, item {self.found}"
        if self._too_large or begin is None:
            self._too_large = False
            return Skipped(place, f"larger than {LARGEST_ITEM_BYTES >> 20} MiB")
        return Value(place, self._buffer[begin:end], self._member)

    def _line_of(self, at: int) -> int:
        self.line += self._buffer.count(b"\n", self._counted, at)
        self._counted = at
        return self.line

    def _forget(self) -> None:
        """Drop what was read, except for the item under way."""
        if self._begin is not None and len(self._buffer) - self._begin > LARGEST_ITEM_BYTES:
            self._begin, self._too_large = None, True
        if self._begin is None and len(self._buffer) - self._at > LARGEST_ITEM_BYTES:  # a string without end
            inside = _INSIDE.match(self._buffer, self._at + 1)
            self._line_of(self._at)
            self._buffer = self._buffer[: self._at] + b'"' + self._buffer[inside.end() if inside else len(self._buffer) :]
        keep = self._at if self._begin is None else self._begin
        self._line_of(keep)
        self._buffer, self._at, self._counted = self._buffer[keep:], self._at - keep, 0
        self._begin = None if self._begin is None else 0


def _text(string: bytes) -> str:
    try:
        return str(orjson.loads(string))
    except orjson.JSONDecodeError:
        return ""
