"""How much of what strangers send is kept at a time, and what was given up for it.

In: sizes and reasons, from every parser. Out: whether something may be kept, and counts by reason.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

__all__ = ["Account", "Held", "Limits"]

_KIB: Final = 1024
_MIB: Final = 1024 * _KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of memory. What is over them is counted, and the exchange says that it is not whole."""

    streams: int = 2048  # the one that was silent longest is ended for a new one
    held_bytes: int = 48 * _MIB  # of all streams together
    body_bytes: int = 8 * _MIB  # of one body, decoded
    header_bytes: int = 256 * _KIB  # of one message
    exchanges: int = 2048  # that are open, of all connections
    waiting: int = 256  # exchanges of one connection that have no answer yet
    events: int = 50_000  # of one streamed answer
    sessions: int = 1024  # of MCP
    requests: int = 1024  # of one MCP session that have no answer yet


class Account:
    """What all parsers hold together, and what they lost, by reason."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.held = 0
        self.exchanges = 0  # open now
        self._lost: Counter[str] = Counter()

    def hold(self, size: int) -> bool:
        """Ask for memory; False when there is none left, which is counted."""
        if self.held + size > self.limits.held_bytes:
            self.lose("memory_full")
            return False
        self.held += size
        return True

    def release(self, size: int) -> None:
        """Give back what `hold` has given."""
        self.held -= size

    def lose(self, reason: str, count: int = 1) -> None:
        """Something is not told, or not whole, for this reason."""
        if count:
            self._lost[reason] += count

    def losses(self) -> dict[str, int]:
        """The counts since the last time."""
        told = dict(self._lost)
        self._lost.clear()
        return told


class Held:
    """An amount of memory that changes: of a buffer, for example."""

    __slots__ = ("_account", "size")

    def __init__(self, account: Account) -> None:
        self._account = account
        self.size = 0

    def be(self, size: int) -> bool:
        """Hold so much from now on; False, and nothing changes, when there is none left."""
        if size > self.size and not self._account.hold(size - self.size):
            return False
        if size < self.size:
            self._account.release(self.size - size)
        self.size = size
        return True
