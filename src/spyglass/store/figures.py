"""What each agent did, in windows of ten minutes, of an hour and of a day: runs and calls in, rows of `agent_figures` out.

`keep` looks of which windows something was told since it last looked, counts those anew, and then the hours and days that they lie in. A window that is counted
again replaces itself, so records may come late, again, and in any order, and a crash only means that some windows are counted once more. Counted is from `runs`
and `tellings`, in which each run and each call stands once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from operator import itemgetter
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa

from spyglass.model.clock import Clock
from spyglass.store.changed import Changed, Times
from spyglass.store.quiet import Quiet
from spyglass.store.read.asking import EARLIER_HOUR_S, ask, fragment

__all__ = ["BUCKETS", "DAY_S", "HOUR_S", "OLDEST_S", "SLOT_S", "Figures", "Store"]

SLOT_S: Final = 600
HOUR_S: Final = 3_600
DAY_S: Final = 86_400
BUCKETS: Final = 71  # of durations; `bucket` in sql/figures/slots.sql
OLDEST_S: Final = 9 * DAY_S  # windows further back are left alone: a baseline of seven days, and what it ends before
_SECOND_NS: Final = 10**9
_MARGIN_NS: Final = 30 * _SECOND_NS  # a correction of calls follows their commit within seconds
_RESTART_NS: Final = 3_600 * _SECOND_NS  # what the log still held when the last server ended
_LATE_NS: Final = DAY_S * _SECOND_NS  # a run may have begun, and a call may be corrected, so long before
_MOST_SLOTS: Final = 100_000  # of one look
_WINDOWS_AT_ONCE: Final = 12
_PROJECTS_AT_ONCE: Final = 50
_MOST_AGENTS: Final = 100_000  # of one project and window

Slot = tuple[str, int]  # project and number


class Store(Protocol):
    """What this needs of `store.engine.Engine`."""

    def read(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """Run a query."""

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        """Insert rows once per token."""


class Figures:
    """Keeps `agent_figures` up with what arrives. Safe from any thread; one look at a time."""

    def __init__(
        self,
        engine: Store,
        clock: Clock,
        *,
        committed: Callable[[], int] = lambda: -1,
        behind_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Begin where the last server ended.

        Args:
            engine: the store.
            clock: ours.
            committed: rows that the writer has committed; while they stay the same there is nothing to look for. Negative: not known.
            behind_s: how long the oldest record that is not yet in the store has waited for it.
        """
        self._engine, self._clock, self._quiet, self._behind_s = engine, clock, Quiet(committed), behind_s
        self._lock = threading.Lock()
        self._since_ns: int | None = None
        self._again: set[Slot] = set()  # windows whose calls cost something else now
        self._changed, self._times = Changed(engine, "figures", clock), set[Times]()  # and what they are of, over restarts
        self._inserts = count()  # what was counted is inserted once, whatever it is like

    def keep(self, *, now: bool = False) -> int:
        """Count what is new; gives how many windows of ten minutes that were. `now`: look, even where nothing seems to have come.

        Raises:
            Refused, StoreError: the store did not let us; the next look begins where this one did.
        """
        with self._lock, self._quiet.look() as new:
            if not (new or now or self._times):
                return 0
            began, waiting_ns = self._clock.now_ns(), round(self._behind_s() * _SECOND_NS)
            if self._since_ns is None:
                for times in self._changed.waiting():
                    self._note(times)
            touched = {*self._touched(began), *self._again}
            self._count(touched, began)
            self._since_ns = began - waiting_ns - _MARGIN_NS
            self._changed.counted(self._times)
            self._again.clear()
            self._times.clear()
            return len(touched)

    def expect(self, project: str, lo_ns: int, hi_ns: int) -> None:
        """Calls of these times are about to be changed: windows are counted again after `again`, or by the next server, should this one end before that."""
        self._changed.expect(Times(project, lo_ns, hi_ns))

    def again(self, project: str, lo_ns: int, hi_ns: int) -> None:
        """Calls of these times were changed long after they were told: the next look counts their windows again, as far back as windows matter."""
        with self._lock:
            self._note(Times(project, lo_ns, hi_ns))

    def _note(self, times: Times) -> None:
        first = max(times.lo_ns, self._clock.now_ns() - OLDEST_S * _SECOND_NS) // _SECOND_NS // SLOT_S
        hi_s = -(-times.hi_ns // _SECOND_NS)
        asked = {"project": times.project, "lo_ns": first * SLOT_S * _SECOND_NS, "hi_ns": hi_s * _SECOND_NS, "limit": _MOST_SLOTS}
        found = ask(self._engine.read, "figures/between", asked)["slot"].to_pylist()
        self._again.update((times.project, slot) for slot in found)
        self._times.add(times)

    def _touched(self, now_ns: int) -> list[Slot]:
        since = self._first_look() if self._since_ns is None else self._since_ns
        now_s = now_ns // _SECOND_NS
        asked = {"since_ns": since, "told_ns": max(0, since - _LATE_NS), "oldest_s": now_s - OLDEST_S, "newest_s": now_s + DAY_S, "limit": _MOST_SLOTS}
        found = ask(self._engine.read, "figures/touched", asked)
        return list(zip(found["project"].to_pylist(), found["slot"].to_pylist(), strict=True))

    def _first_look(self) -> int:
        last: int = ask(self._engine.read, "figures/last", {})["version"][0].as_py()
        return max(0, last - _RESTART_NS)

    def _count(self, touched: Iterable[Slot], version: int) -> None:
        """Several projects cost hardly more than one, and in most of them little is new: they are counted together, each for the windows of any of them."""
        slots = set(touched)
        hours = {(project, number * SLOT_S // HOUR_S) for project, number in slots}
        days = {(project, number * HOUR_S // DAY_S) for project, number in hours}
        for projects, numbers in _together(slots):
            self._slots(projects, numbers, version)
        for projects, numbers in _together(hours):  # all of an hour's windows stand by then
            self._fold(projects, SLOT_S, HOUR_S, numbers, version)
        for projects, numbers in _together(days):
            self._fold(projects, HOUR_S, DAY_S, numbers, version)

    def _slots(self, projects: list[str], slots: list[int], version: int) -> None:
        low_s, high_s = slots[0] * SLOT_S, (slots[-1] + 1) * SLOT_S
        told_ns = max(0, (low_s - EARLIER_HOUR_S) * _SECOND_NS - _LATE_NS)
        asked = {"projects": projects, "slots": slots, "lo_ns": low_s * _SECOND_NS, "hi_ns": high_s * _SECOND_NS, "received_ns": told_ns}
        asked["limit"] = _MOST_AGENTS * len(projects) * len(slots)
        others = ask(self._engine.read, "figures/others", asked)["project"].to_pylist()
        plain = sorted(set(projects).difference(others))
        for some, once in ((plain, "source = 'span'"), *(([each], fragment("calls/once")) for each in others)):
            rows = ask(self._engine.read, "figures/slots", asked | {"projects": some}, once=once) if some else None
            if rows is not None:
                self._insert(SLOT_S, rows.rename_columns({"slot": "window"}), version)

    def _fold(self, projects: list[str], narrow_s: int, wide_s: int, numbers: list[int], version: int) -> None:
        low_ns, high_ns = numbers[0] * wide_s * _SECOND_NS, (numbers[-1] + 1) * wide_s * _SECOND_NS
        asked = {"projects": projects, "width_s": narrow_s, "wide_s": wide_s, "numbers": numbers, "lo_ns": low_ns, "hi_ns": high_ns}
        self._insert(wide_s, ask(self._engine.read, "figures/wider", asked | {"limit": _MOST_AGENTS * len(projects) * len(numbers)}), version)

    def _insert(self, width_s: int, rows: pa.Table, version: int) -> None:
        n = rows.num_rows
        if not n:
            return
        begins = np.asarray(rows["window"].to_numpy(), np.int64) * width_s
        head = {
            "project": rows["project"],
            "width_s": pa.array(np.full(n, width_s, np.uint32)),
            "begin": pa.array(begins).cast(pa.timestamp("s", tz="UTC")),
            "agent": rows["agent"],
            "version": pa.array(np.full(n, version, np.uint64)),
        }
        table = pa.table(head | {name: rows[name] for name in rows.column_names if name not in ("project", "window", "agent")})
        self._engine.insert("agent_figures", table, token=f"figures-{version}-{next(self._inserts)}")


def _together(windows: Iterable[Slot]) -> Iterator[tuple[list[str], list[int]]]:
    """Projects and windows of one width that are counted at once: few windows, so that what is read lies close together."""
    projects, numbers = set[str](), set[int]()
    for project, number in sorted(windows, key=itemgetter(1, 0)):
        if len(numbers | {number}) > _WINDOWS_AT_ONCE or len(projects | {project}) > _PROJECTS_AT_ONCE:
            yield sorted(projects), sorted(numbers)
            projects, numbers = set(), set()
        projects.add(project)
        numbers.add(number)
    if numbers:
        yield sorted(projects), sorted(numbers)
