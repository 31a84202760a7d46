"""Calls and runs added up per minute, hour and day: what arrives in, rows of `sums_minute`, `sums_hour` and `sums_day` out.

`keep` looks of which minutes something was told since it last looked, and adds those up whose hour is over; then their hours, and days that are over. What is
added up again replaces itself, so records may come late, again, and in any order, and a crash only means that some minutes are added up once more. No insert of
records waits for any of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final, NamedTuple, Protocol

import pyarrow as pa
import structlog

from spyglass.model.clock import Clock
from spyglass.store.changed import Changed, Times
from spyglass.store.quiet import Quiet
from spyglass.store.read.asking import DAY_NS, ask, fragment, has_others, received_bound, statement
from spyglass.telemetry.metrics import SUMS_TOO_LATE

__all__ = ["DAY_S", "HOUR_S", "Store", "Sums"]

log = structlog.get_logger()

HOUR_S: Final = 3_600
DAY_S: Final = 86_400
_MINUTE_S: Final = 60
_SECOND_NS: Final = 10**9
_OVER_S: Final = 600  # after an hour until it is added up: spans are sent when they end, and that is later than they began
_MARGIN_NS: Final = 30 * _SECOND_NS  # a correction of calls follows their commit within seconds
_BESIDE_S: Final = HOUR_S  # whether what others than spans tell counts depends on what spans tell around it
_MOST_MINUTES: Final = 5_000_000  # of one look: ten years
_MINUTES_AT_ONCE: Final = 720
_RECORDS_AT_ONCE: Final = 1_000_000
_APART: Final = 360  # minutes that lie farther apart are read by themselves
_SLOTS_AT_ONCE: Final = 24  # hours or days
_GENTLY: Final = {"max_threads": 1}

Slot = tuple[str, int]  # project and number since 1970


class Store(Protocol):
    """What this needs of `store.engine.Engine`."""

    def read(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """Run a query."""

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None, *, settings: Mapping[str, str | int | float] | None = None) -> None:
        """Run a statement."""

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        """Insert rows once per token."""


class _Noted(NamedTuple):
    """What is known of a minute that has to be added up."""

    told: int  # records, about
    since_ns: int  # a look that begins there finds it again


class Sums:
    """Keeps the sums up with what arrives. Safe from any thread; one look at a time."""

    def __init__(
        self,
        engine: Store,
        clock: Clock,
        *,
        records_days: int = 30,
        committed: Callable[[], int] = lambda: -1,
        behind_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """Begin where the last server ended.

        Args:
            engine: the store.
            clock: ours.
            records_days: how long records are kept. A day of which records are gone is not added up again.
            committed: rows that the writer has committed; while they stay the same there is nothing to look for. Negative: not known.
            behind_s: how long the oldest record that is not yet in the store has waited for it.
        """
        self._engine, self._clock, self._records_days = engine, clock, records_days
        self._quiet, self._behind_s = Quiet(committed), behind_s
        self._lock = threading.Lock()
        self._since_ns: int | None = None
        self._waiting: dict[Slot, _Noted] = {}  # minutes, most of them of the hour that goes on
        self._days: set[Slot] = set()  # that go on, or have to be added up again
        self._changed, self._times = Changed(engine, "sums", clock), set[Times]()  # of which calls cost something else now
        self._until_s = 0

    @property
    def until_s(self) -> int:
        """Begin of the first hour (Unix time) that is not added up yet; 0: not known. What is told late of those before is in them after the next look."""
        return self._until_s

    def keep(self, *, now: bool = False) -> int:
        """Add up what is new; gives how many minutes that were. `now`: look, even where nothing seems to have come.

        Raises:
            Refused, StoreError: the store did not let us; the next call goes on there.
        """
        with self._lock, self._quiet.look() as new:
            began_ns = self._clock.now_ns()
            if now or new:
                self._look(began_ns)
            over_s = (began_ns // _SECOND_NS - _OVER_S) // HOUR_S * HOUR_S
            due = {slot: noted for slot, noted in self._waiting.items() if slot[1] * _MINUTE_S < over_s}
            if due:
                self._add_up(self._possible(due, began_ns // _SECOND_NS), began_ns)
            self._fold_days(over_s, began_ns)
            if due:
                self._waiting = {slot: noted for slot, noted in self._waiting.items() if slot not in due}
                self._write_down()
            self._forget_counted()
            self._until_s = over_s
            return len(due)

    def again(self, project: str, lo_ns: int, hi_ns: int) -> None:
        """Calls of these times were changed long after they were told: the next look adds them up again."""
        with self._lock:
            self._note_times(Times(project, lo_ns, hi_ns))

    def expect(self, project: str, lo_ns: int, hi_ns: int) -> None:
        """Calls of these times are about to be changed: they are added up again after `again`, or, should the server end before that, by the next one."""
        self._changed.expect(Times(project, lo_ns, hi_ns))

    def _note_times(self, times: Times) -> None:
        asked = {"project": times.project, "lo_s": times.lo_ns // _SECOND_NS, "hi_s": -(-times.hi_ns // _SECOND_NS), "limit": _MOST_MINUTES}
        found = ask(self._engine.read, "sums/between", asked)["minute"].to_pylist()
        self._note(((times.project, minute), 0) for minute in found)
        self._times.add(times)

    def _forget_counted(self) -> None:
        """Times of which no minute waits any more."""
        left = [(project, minute * _MINUTE_S * _SECOND_NS) for project, minute in self._waiting] if self._times else []
        minute_ns = _MINUTE_S * _SECOND_NS
        waits = {times for times in self._times if any(project == times.project and times.lo_ns - minute_ns < at < times.hi_ns for project, at in left)}
        self._changed.counted(self._times - waits)
        self._times = waits

    def _look(self, now_ns: int) -> None:
        """Note of which minutes something was told."""
        behind_ns = round(self._behind_s() * _SECOND_NS)
        if self._since_ns is None:
            self._since_ns = ask(self._engine.read, "sums/until", {})["told_ns"][0].as_py()
            day_s = max(0, self._since_ns // _SECOND_NS - _OVER_S) // DAY_S * DAY_S
            days = ask(self._engine.read, "sums/days", {"since_s": day_s, "limit": _MOST_MINUTES})
            self._days |= set(zip(days["project"].to_pylist(), days["day"].to_pylist(), strict=True))
            for times in self._changed.waiting():
                self._note_times(times)
        asked = {"since_ns": self._since_ns, "told_ns": max(0, self._since_ns - DAY_NS), "limit": _MOST_MINUTES}
        found = ask(self._engine.read, "sums/touched", asked)
        self._note(((project, minute), told) for project, minute, told in zip(*(found[name].to_pylist() for name in found.column_names), strict=True))
        self._since_ns = now_ns - behind_ns - _MARGIN_NS

    def _note(self, found: Iterable[tuple[Slot, int]]) -> None:
        since_ns = self._since_ns or 0
        for slot, told in found:
            before = self._waiting.get(slot, _Noted(0, since_ns))
            self._waiting[slot] = _Noted(before.told + told, before.since_ns)

    def _possible(self, minutes: Mapping[Slot, _Noted], now_s: int) -> dict[str, dict[int, int]]:
        """By project: minutes whose day has lost no records yet, and how much was told of each."""
        gone_s = now_s - self._records_days * DAY_S
        possible: dict[str, dict[int, int]] = {}
        for (project, minute), noted in sorted(minutes.items()):
            possible.setdefault(project, {})[minute] = noted.told
        for project, own in possible.items():
            first_s = min(own) * _MINUTE_S // DAY_S * DAY_S
            if first_s >= gone_s + DAY_S:  # what began then has not arrived more than a day before
                continue
            asked = {"project": project, "lo_s": first_s, "hi_s": gone_s + DAY_S, "gone_s": gone_s, "limit": _MOST_MINUTES}
            final = set(ask(self._engine.read, "sums/final", asked)["day"].to_pylist())
            late = [minute for minute in own if minute * _MINUTE_S // DAY_S in final]
            for minute in late:
                del own[minute]
            SUMS_TOO_LATE.inc(len(late))
            if late:
                log.warning("records came too late for their sums", project=project, minutes=len(late), kept_days=self._records_days)
        return possible

    def _add_up(self, minutes: Mapping[str, Mapping[int, int]], version: int) -> None:
        for project, own in minutes.items():
            for part in _chunks(own):
                self._minutes(project, part, version)
            hours = {minute * _MINUTE_S // HOUR_S for minute in own}
            self._fold(project, ("sums_minute", "sums_hour"), HOUR_S, hours, version)
            self._days |= {(project, hour * HOUR_S // DAY_S) for hour in hours}

    def _minutes(self, project: str, minutes: list[int], version: int) -> None:
        lo_s, hi_s = minutes[0] * _MINUTE_S, (minutes[-1] + 1) * _MINUTE_S
        if has_others(self._engine.read, {"project": project, "received_ns": received_bound(lo_s * _SECOND_NS)}):
            lo_s, hi_s = max(0, lo_s - _BESIDE_S), hi_s + _BESIDE_S
        lo_ns, hi_ns = lo_s * _SECOND_NS, hi_s * _SECOND_NS
        bound = {"project": project, "minutes": minutes, "lo_ns": lo_ns, "hi_ns": hi_ns, "received_ns": received_bound(lo_ns), "version": version}
        sql = statement(self._engine.read, "sums/minutes", bound, told=fragment("sums/told"), rows=fragment("sums/rows"))
        self._engine.command(sql, bound, settings=_GENTLY)

    def _fold_days(self, over_s: int, version: int) -> None:
        over = {slot for slot in self._days if (slot[1] + 1) * DAY_S <= over_s}
        for project, slots in groupby(sorted(over), key=lambda slot: slot[0]):
            self._fold(project, ("sums_hour", "sums_day"), DAY_S, {day for _, day in slots}, version)
        self._days -= over

    def _fold(self, project: str, tables: tuple[str, str], width_s: int, numbers: Iterable[int], version: int) -> None:
        """Narrower sums into wider ones."""
        narrow, wide = tables
        for part in _chunks(dict.fromkeys(sorted(numbers), 0), _SLOTS_AT_ONCE, _SLOTS_AT_ONCE):
            bound = {"project": project, "width_s": width_s, "slots": part, "lo_s": part[0] * width_s, "hi_s": (part[-1] + 1) * width_s, "version": version}
            self._engine.command(statement(self._engine.read, "sums/fold", bound, narrow=narrow, wide=wide), bound, settings=_GENTLY)

    def _write_down(self) -> None:
        """Where the next server has to begin: what waits is found again from there."""
        told_ns = min([self._since_ns or 0, *(noted.since_ns for noted in self._waiting.values())])
        self._engine.insert("sums_told", pa.table({"told_ns": pa.array([told_ns], pa.int64())}), token=f"sums-told-{told_ns}")


def _chunks(told: Mapping[int, int], most: int = _MINUTES_AT_ONCE, apart: int = _APART) -> Iterator[list[int]]:
    """Numbers in order, cut so that each part is not long, lies close together and has not too many records."""
    part: list[int] = []
    records = 0
    for number, count in told.items():
        if part and (len(part) >= most or number - part[0] >= apart or records + count > _RECORDS_AT_ONCE):
            yield part
            part, records = [], 0
        part.append(number)
        records += count
    if part:
        yield part
