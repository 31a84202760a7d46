"""Rows as they arrive in, those of each minute (or another step of time) by themselves out, when it is over: so it does not matter how they were cut.

Who judges what when: all of them at once would hold up the batch that ends a minute, and with it what is found at once (a flood, an injection), by most of a
second. So those whose findings are of whole minutes and can wait a little take turns: `LATER_NS` after its end; what they find is the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from spyglass.plugin.contracts import State

__all__ = ["LATER_NS", "MINUTE_NS", "Minutes", "ticks"]

MINUTE_NS: Final = 60 * 10**9
_SECOND_NS: Final = 10**9
LATER_NS: Final = {name: at * _SECOND_NS + 800_000_000 for at, name in enumerate(("relations", "drift", "behaviour", "privileges", "tools"))}
"""How long after the end of a minute it is judged, and when nobody else looks at a whole second. Who is not named judges at once."""
_PHASE_NS: Final = {"performance": 300_000_000, "flow": 600_000_000}  # of those who look once a second, within it


def ticks(name: str, now_ns: int, done_ns: int) -> bool:
    """Whether a second has begun since `done_ns`, as this one counts them."""
    phase = _PHASE_NS[name]
    return (now_ns - phase) // _SECOND_NS > (done_ns - phase) // _SECOND_NS


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
