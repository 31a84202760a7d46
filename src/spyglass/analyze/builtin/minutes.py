"""Rows as they arrive in, those of each minute (or another step of time) by themselves out, when it is over: so it does not matter how they were cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from spyglass.plugin.contracts import State

__all__ = ["MINUTE_NS", "Minutes"]

MINUTE_NS: Final = 60 * 10**9


class Minutes:
    """What waits for the end of its minute."""

    def __init__(self, length_ns: int = MINUTE_NS, column: str = "received") -> None:
        """`column`: when a row arrived (ns, or a timestamp of that unit)."""
        self._length_ns, self._column = length_ns, column
        self._waiting: list[pa.Table] = []
        self._now = 0  # the one that goes on

    def add(self, rows: pa.Table) -> None:
        """Let these wait, too."""
        if rows.num_rows:
            self._waiting.append(rows)

    def over(self, now_ns: int) -> Iterator[tuple[int, pa.Table]]:
        """Each that is over now and has rows, with its number: it began so many lengths after 1970."""
        now = now_ns // self._length_ns
        if now <= self._now:
            return
        self._now = now
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting).combine_chunks()
        numbers = table[self._column].cast(pa.int64()).to_numpy() // self._length_ns
        if (numbers[1:] < numbers[:-1]).any():
            order = np.argsort(numbers, kind="stable")
            table, numbers = table.take(pa.array(order)), numbers[order]
        found, begins = np.unique(numbers, return_index=True)
        ends = [*begins[1:].tolist(), len(numbers)]
        self._waiting = [table.slice(begins[found >= now][0])] if (found >= now).any() else []
        for number, begin, end in zip(found.tolist(), begins.tolist(), ends, strict=True):
            if number < now:
                yield number, table.slice(begin, end - begin)

    def save(self) -> dict[str, pa.Table]:
        """The tables `clock` and, where rows wait, `waiting`."""
        clock = {"clock": pa.table({"minute": [self._now]})}
        return clock | ({"waiting": pa.concat_tables(self._waiting)} if self._waiting else {})

    def restore(self, state: State) -> None:
        """Go on with what was saved."""
        self._now = state["clock"]["minute"][0].as_py()
        self._waiting = [state["waiting"]] if "waiting" in state else []
