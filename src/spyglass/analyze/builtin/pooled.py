"""Batches as they come in, as one when they are many rows or waited for a second: what is done of few rows costs nearly as much as of thousands.

For analyzers that judge whole minutes, and take their part of each row by itself: so it does not matter how rows were cut.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from spyglass.model.batch import Batch

__all__ = ["Pooled"]

_LONGEST_NS: Final = 10**9


class Pooled:
    """Batches of one kind."""

    def __init__(self, enough: int) -> None:
        """`enough`: rows. Analyzers have different ones, so that they do not all take theirs in the same batch."""
        self._enough = enough
        self._batches: list[Batch] = []
        self._rows = 0
        self._since_ns = 0  # when the first of them was there; 0: nobody has asked since

    def add(self, batch: Batch) -> None:
        """One more."""
        if len(batch):
            self._batches.append(batch)
            self._rows += len(batch)

    def ready(self, now_ns: int) -> bool:
        """Whether they shall be taken now."""
        if not self._rows:
            return False
        self._since_ns = self._since_ns or now_ns
        return self._rows >= self._enough or not self._since_ns <= now_ns < self._since_ns + _LONGEST_NS

    def take(self) -> Batch | None:
        """All of them; None: there are none."""
        batches, self._batches, self._rows, self._since_ns = self._batches, [], 0, 0
        if not batches:
            return None
        messages = [batch.messages for batch in batches if batch.messages is not None]
        rows = pa.concat_tables([batch.rows for batch in batches])
        return Batch(batches[0].kind, rows, pa.concat_tables(messages) if messages else None)
