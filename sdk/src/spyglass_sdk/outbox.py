"""Encoded requests in, the same requests out in order, as long as the server takes none: memory that is bounded in bytes.

Full, it drops the oldest announcement or metric collection first (a later one says the same), then the oldest of all. Nobody waits to get in.
When a server that was away takes letters again, many small ones become a few large ones, as each costs it a write to its disk.
"""

from __future__ import annotations

import gzip
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from spyglass_sdk.tally import Tally

__all__ = ["Letter", "Outbox"]

_MANY: Final = 8  # letters that wait: with fewer it is not worth the while
_TOGETHER_BYTES: Final = 256 << 10  # compressed; some MB of records


@dataclass(frozen=True, slots=True, eq=False)
class Letter:
    """One OTLP/HTTP request, ready to be sent, and how to send it."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    records: int
    timeout_s: float
    expendable: bool = False
    verify: bool | str = True
    cert: str | tuple[str, str] | None = None
    parts: tuple[Letter, ...] = ()  # what it was made of
    alone: bool = False  # it is not put together with others any more

    def joins(self, other: Letter) -> bool:
        """Whether both can be one request: protobuf messages whose bytes follow each other are one message."""
        way = (self.url, self.headers, self.timeout_s, self.verify, self.cert)
        return way == (other.url, other.headers, other.timeout_s, other.verify, other.cert) and not (self.parts or self.alone or other.parts or other.alone)


class Outbox:
    """Letters that wait, first in, first out, of at most `most_bytes` together."""

    def __init__(self, most_bytes: int, tally: Tally) -> None:
        self._most_bytes = most_bytes
        self._tally = tally
        self._letters: deque[Letter] = deque()
        self._bytes = 0
        self._arrived = threading.Condition()

    @property
    def size_bytes(self) -> int:
        """What waits now."""
        return self._bytes

    def post(self, letter: Letter) -> None:
        """Take a letter; older ones give way when there is no room."""
        with self._arrived:
            dropped = self._make_room(len(letter.body))
            fits = self._bytes + len(letter.body) <= self._most_bytes
            if fits:
                self._letters.append(letter)
                self._bytes += len(letter.body)
                self._arrived.notify_all()
        self._tally.lose(dropped, "outbox_full")
        if not fits:
            self._tally.lose(letter.records, "too_large")

    def first(self, timeout_s: float | None = None) -> Letter | None:
        """The oldest letter, which stays; None when none came in time."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._letters, timeout_s)
            return self._letters[0] if self._letters else None

    def remove(self, letter: Letter) -> bool:
        """Take it out. False when it had to give way meanwhile, and is counted as lost."""
        with self._arrived:
            if letter not in self._letters:
                return False
            self._letters.remove(letter)
            self._bytes -= len(letter.body)
            return True

    def gather(self) -> None:
        """Where many letters wait, make one of the first and of those after it that go the same way, in their order."""
        with self._arrived:
            if len(self._letters) < _MANY or not _is_plain(self._letters[0].headers):
                return
            first, size, parts = self._letters[0], 0, list[Letter]()
            for letter in self._letters:
                if letter is first or letter.joins(first):
                    size += len(letter.body)
                    if parts and size > _TOGETHER_BYTES:
                        break
                    parts.append(letter)
            if len(parts) > 1 and not (first.parts or first.alone):
                self._replace(parts, (_joined(parts),))

    def part(self, letter: Letter) -> bool:
        """Put back what a letter was made of, for good; False: of nothing else."""
        with self._arrived:
            if letter.parts and letter in self._letters:
                self._replace([letter], [replace(one, alone=True) for one in letter.parts])
            return bool(letter.parts)

    def _replace(self, old: Sequence[Letter], new: Sequence[Letter]) -> None:
        for letter in old:
            self._letters.remove(letter)
        self._letters.extendleft(reversed(new))
        self._bytes += sum(len(letter.body) for letter in new) - sum(len(letter.body) for letter in old)

    def _make_room(self, size_bytes: int) -> int:
        records = 0
        while self._letters and size_bytes <= self._most_bytes < self._bytes + size_bytes:
            victim = next((letter for letter in self._letters if letter.expendable), self._letters[0])
            self._letters.remove(victim)
            self._bytes -= len(victim.body)
            records += victim.records
        return records


def _is_plain(headers: Mapping[str, str]) -> bool:
    """Whether bodies can be joined: protobuf, as it is or by gzip."""
    told = {name.lower(): value for name, value in headers.items()}
    return told.get("content-type") == "application/x-protobuf" and told.get("content-encoding", "gzip") == "gzip"


def _joined(parts: Sequence[Letter]) -> Letter:
    packed = any(name.lower() == "content-encoding" for name in parts[0].headers)
    body = b"".join(gzip.decompress(one.body) if packed else one.body for one in parts)
    return replace(
        parts[0],
        body=gzip.compress(body, 1) if packed else body,
        records=sum(one.records for one in parts),
        expendable=all(one.expendable for one in parts),
        parts=tuple(parts),
    )
