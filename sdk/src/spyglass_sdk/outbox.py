"""Encoded requests in, the same requests out in order, as long as the server takes none: memory that is bounded in bytes.

Full, it drops the oldest announcement or metric collection first (a later one says the same), then the oldest of all. Nobody waits to get in.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from spyglass_sdk.tally import Tally

__all__ = ["Letter", "Outbox"]


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

    def _make_room(self, size_bytes: int) -> int:
        records = 0
        while self._letters and size_bytes <= self._most_bytes < self._bytes + size_bytes:
            victim = next((letter for letter in self._letters if letter.expendable), self._letters[0])
            self._letters.remove(victim)
            self._bytes -= len(victim.body)
            records += victim.records
        return records
