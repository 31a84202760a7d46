"""Rows as they arrive in, those of each minute (or another step of time) by themselves out, when it is over: so it does not matter how they were cut.

Who judges what when: all of them at once would hold up the batch that ends a minute, and with it what is found at once (a flood, an injection), by most of a
second. So those whose findings are of whole minutes and can wait a little take turns: `LATER_NS` after its end; what they find is the same. Those that judge
each agent by itself judge a busy minute in parts, one after the other (`MinutesInParts`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.stats.digest import combined, of_names
from spyglass.plugin.contracts import State

__all__ = ["LATER_NS", "MINUTE_NS", "Minutes", "MinutesInParts", "ticks"]

Which = npt.NDArray[np.bool_]
MINUTE_NS: Final = 60 * 10**9
_SECOND_NS: Final = 10**9
LATER_NS: Final = {name: at * _SECOND_NS + 800_000_000 for name, at in (("relations", 0), ("drift", 1), ("behaviour", 2), ("privileges", 4), ("tools", 6))}
"""How long after the end of a minute it is judged. Who is not named judges at once."""
_TOGETHER: Final = 64  # tables
_PART_ROWS: Final = 4_096  # a minute with fewer is judged at once
_PARTS: Final = 32  # at most
_WHOSE: Final = "whose"
_PART_NS: Final = 50_000_000  # until the next one: all of them within the two seconds of its turn
_TICK_NS: Final = 250_000_000
_PHASE_NS: Final = {"performance": 50_000_000, "flow": 150_000_000}  # of those who look four times a second, within a quarter


def ticks(name: str, now_ns: int, done_ns: int) -> bool:
    """Whether a quarter of a second has begun since `done_ns`, as this one counts them."""
    phase = _PHASE_NS[name]
    return (now_ns - phase) // _TICK_NS > (done_ns - phase) // _TICK_NS


class Minutes:
    """What waits for the end of its minute."""

    def __init__(self, length_ns: int = MINUTE_NS, column: str = "received", *, whole: bool = True) -> None:
        """`column`: when a row arrived (ns, or a timestamp of that unit). `whole`: whether what comes out shall be of one piece, which copies it."""
        self._length_ns, self._column, self._whole = length_ns, column, whole
        self._waiting: list[pa.Table] = []
        self._now = 0  # the one that goes on

    def add(self, rows: pa.Table) -> None:
        """Let these wait, too."""
        if rows.num_rows:
            self._waiting.append(rows)

    def due(self, now_ns: int) -> bool:
        """Whether one has ended since `over` was asked last."""
        return now_ns // self._length_ns > self._now

    def over(self, now_ns: int) -> Iterator[tuple[int, pa.Table]]:
        """Each that is over now and has rows, with its number: it began so many lengths after 1970."""
        now = now_ns // self._length_ns
        if now <= self._now:
            return
        self._now = now
        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting)
        table = table.combine_chunks() if self._whole else table
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


class MinutesInParts:
    """Rows with project and agent that wait for the end of their minute; those of one agent are in one part, whatever came when."""

    def __init__(self, later_ns: int) -> None:
        """`later_ns`: after the end of the minute."""
        self._later_ns, self._minutes = later_ns, Minutes(whole=False)
        self._fresh: list[pa.Table] = []
        self._rows = 0  # of these
        self._parts: deque[tuple[int, pa.Table, Which]] = deque()  # when they are due, and which rows of the minute they are

    def add(self, rows: pa.Table) -> None:
        """Let these wait, too."""
        if rows.num_rows:
            self._fresh.append(rows)
            self._rows += rows.num_rows
        if len(self._fresh) >= _TOGETHER or self._rows >= _PART_ROWS // 4:
            self._gather()

    def _gather(self) -> None:
        """Put those together that came since, and tell whose they are: the end of a minute shall not have to look at all of them."""
        if self._fresh:
            rows, self._fresh, self._rows = pa.concat_tables(self._fresh).combine_chunks(), [], 0
            whose = combined(of_names(rows["project"]), of_names(rows["agent"]))
            self._minutes.add(rows.append_column(_WHOSE, pa.array(whose)))

    def due(self, now_ns: int) -> bool:
        """Whether a minute is over, and what came of it is wanted now."""
        return self._minutes.due(now_ns - self._later_ns)

    def over(self, now_ns: int) -> Iterator[pa.Table]:
        """The parts that are due."""
        if self.due(now_ns):
            self._gather()
        for number, rows in self._minutes.over(now_ns - self._later_ns):
            self._parts.extend(_parted(rows, (number + 1) * MINUTE_NS + self._later_ns))
        while self._parts and self._parts[0][0] <= now_ns:
            _, rows, which = self._parts.popleft()
            yield rows.filter(pa.array(which))

    def save(self) -> dict[str, pa.Table]:
        """Those of `Minutes`, and `parts` where any are left of a minute."""
        self._gather()
        left = [rows.append_column("due_ns", pa.array(np.full(len(which), due_ns))).filter(pa.array(which)) for due_ns, rows, which in self._parts]
        return self._minutes.save() | ({"parts": pa.concat_tables(left)} if left else {})

    def restore(self, state: State) -> None:
        """Go on with what was saved."""
        self._fresh, self._rows = [], 0
        self._minutes.restore({"clock": state["clock"]})
        if "waiting" in state:
            self.add(state["waiting"].drop_columns([_WHOSE]) if _WHOSE in state["waiting"].column_names else state["waiting"])
        self._parts.clear()
        if "parts" in state:
            due, rows = state["parts"]["due_ns"].to_numpy(), state["parts"].drop_columns(["due_ns"])
            self._parts.extend((due_ns, rows, due == due_ns) for due_ns in np.unique(due).tolist())


def _parted(rows: pa.Table, due_ns: int) -> Iterator[tuple[int, pa.Table, Which]]:
    """A minute in as many parts as it needs, and when each is due."""
    count, whose, rows = min(_PARTS, -(-rows.num_rows // _PART_ROWS)), rows[_WHOSE].to_numpy(), rows.drop_columns([_WHOSE])
    if count < 2:
        yield due_ns, rows, np.ones(rows.num_rows, np.bool_)
        return
    part = (whose % np.uint64(count)).astype(np.int8)
    for number in range(count):
        if (which := part == number).any():
            yield due_ns + number * _PART_NS, rows, which
