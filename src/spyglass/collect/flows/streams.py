"""The bytes of one direction of a stream, in order, with the holes between them.

In: chunks as the kernel told them. Out: for each the hole before it, if any, and its bytes; None for one that came twice or too late.
"""

from __future__ import annotations

from typing import NamedTuple

from spyglass.collect.records import Chunk

__all__ = ["Direction", "Placed"]


class Placed(NamedTuple):
    """`hole`: bytes were lost before `data`; `size` of them, None: nobody knows how many. `begins`: `data` is the begin of a read or write."""

    data: bytes
    begins: bool
    hole: bool = False
    size: int | None = None


class Direction:
    """Where a direction is: the operation, and how much of it was seen."""

    __slots__ = ("_operation", "_place", "_total")

    def __init__(self) -> None:
        self._operation = -1
        self._place = 0
        self._total = 0

    @property
    def fresh(self) -> bool:
        """Whether nothing was put here yet."""
        return self._operation < 0

    def place(self, chunk: Chunk) -> Placed | None:
        """Put the next chunk behind the others."""
        if chunk.operation == self._operation + 1 and chunk.offset == 0 and self._place == self._total and not chunk.missing:  # what mostly is
            self._operation, self._place, self._total = chunk.operation, len(chunk.data), chunk.total
            return Placed(chunk.data, True)
        if self._operation < 0:
            hole, size = chunk.offset > 0 or chunk.missing, None
        elif chunk.operation == self._operation:
            if chunk.offset < self._place:
                return None
            hole, size = self._between(chunk, chunk.offset - self._place)
        elif chunk.operation == self._operation + 1:
            hole, size = self._between(chunk, max(0, self._total - self._place) + chunk.offset)
        elif chunk.operation < self._operation:
            return None
        else:
            hole, size = True, None
        self._operation, self._place, self._total = chunk.operation, chunk.offset + len(chunk.data), chunk.total
        return Placed(chunk.data, chunk.offset == 0, hole, size)

    @staticmethod
    def _between(chunk: Chunk, size: int) -> tuple[bool, int | None]:
        """A hole of a size that the numbers tell; one that only the source knows of has none."""
        return size > 0 or chunk.missing, size if size > 0 else None
