"""What was seen lately: a bounded mapping that forgets the longest unseen, half at a time.

Two plain dicts, a young and an old one; when the young one is half the limit it becomes the old one. A look-up costs one dict access, which is all that
the hot road can afford; an ordered dict costs three.
"""

from __future__ import annotations

from typing import Generic, TypeVar

__all__ = ["Recent"]

V = TypeVar("V")


class Recent(Generic[V]):
    """At most `limit` entries. Threads may share one: at worst something is forgotten early."""

    __slots__ = ("_half", "old", "young")

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self.young: dict[bytes, V] = {}  # the hot road reads these two directly, and writes the young one; then it must call `trim`
        self.old: dict[bytes, V] = {}

    def get(self, key: bytes) -> V | None:
        """The value, which counts as seen now; None when it is not known."""
        value = self.young.get(key)
        if value is None and (value := self.old.get(key)) is not None:
            self.put(key, value)
        return value

    def put(self, key: bytes, value: V) -> None:
        """Remember."""
        if len(self.young) >= self._half:
            self.old, self.young = self.young, {}
        self.young[key] = value

    def trim(self) -> None:
        """Make room after `young` was written directly."""
        if len(self.young) >= self._half:
            self.old, self.young = self.young, {}

    def forget(self, key: bytes) -> None:
        """As if it had never been seen."""
        self.young.pop(key, None)
        self.old.pop(key, None)

    def __len__(self) -> int:
        return len(self.young.keys() | self.old.keys())
