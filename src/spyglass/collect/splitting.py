"""Bytes of a log file to its records: a line each, or several where only the first line of a record matches a pattern. Bounded, whatever the file has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Piece", "Split", "Splitter"]


class Piece(NamedTuple):
    """A record as it stands in the file, without its last line feed."""

    start: int  # in the data
    data: bytes
    cut: bool  # it was longer, and its end was left out


class Split(NamedTuple):
    """Records, and how much of the data they are: what is left is told with what comes after it."""

    pieces: list[Piece]
    consumed: int
    skipping: bool  # the data ends within a line whose begin was told: its rest is to be skipped


class _Line(NamedTuple):
    start: int
    end: int  # behind its line feed
    data: bytes
    cut: bool


@dataclass(frozen=True, slots=True)
class Splitter:
    """How records are told apart."""

    max_bytes: int  # of a record; what a single line has beyond is left out
    first: re.Pattern[bytes] | None = None  # what the first line of a record matches; None: every line is one
    most_lines: int = 1_000  # of one record

    def split(self, data: bytes, *, final: bool, skipping: bool = False) -> Split:
        """The records of `data` that are whole; `final`: nothing comes after it."""
        begin = 0
        if skipping:
            begin = data.find(b"\n") + 1
            if not begin:
                return Split([], len(data), not final)
        lines = list(self._lines(data, begin, final=final))
        end = lines[-1].end if lines else begin
        skipping = bool(lines) and lines[-1].cut and end == len(data) and not data.endswith(b"\n") and not final
        if self.first is None:
            return Split([Piece(line.start, line.data, line.cut) for line in lines], end, skipping)
        pieces, consumed = self._grouped(lines, begin, whole=final or skipping)
        return Split(pieces, consumed, skipping)

    def _lines(self, data: bytes, at: int, *, final: bool) -> Iterator[_Line]:
        while at < len(data):
            feed = data.find(b"\n", at)
            stop = feed if feed >= 0 else len(data)
            long = stop - at > self.max_bytes
            if feed < 0 and not final and not long:
                return
            text = data[at : min(stop, at + self.max_bytes)]
            yield _Line(at, stop + (feed >= 0), text.removesuffix(b"\r") if feed >= 0 and not long else text, long)
            at = stop + 1

    def _grouped(self, lines: list[_Line], begin: int, *, whole: bool) -> tuple[list[Piece], int]:
        """Lines as records; the last one is told only when it is whole, as more of it may come."""
        groups: list[list[_Line]] = []
        size = 0
        for line in lines:
            size += len(line.data) + 1
            full = bool(groups) and (size > self.max_bytes or len(groups[-1]) >= self.most_lines)
            if not groups or full or (self.first is not None and self.first.search(line.data)):
                groups.append([])
                size = len(line.data)
            groups[-1].append(line)
        told = groups if whole else groups[:-1]
        pieces = [Piece(group[0].start, b"\n".join(line.data for line in group), any(line.cut for line in group)) for group in told]
        return pieces, told[-1][-1].end if told else begin
