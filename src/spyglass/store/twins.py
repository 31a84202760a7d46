"""Calls that a watch read from connections and that the agent's own spans tell too, without an id that says so: made one in the table `tellings`.

In: the ranges of time in which such calls came, in projects that somebody watches. Out: rows of `tellings`, where a span's call is kept under the key of the
same call on the wire and so stands for it. `likeness.py` says which are surely the same. What is told again later is looked at again: all that has to be
known is in the store.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.model.clock import Clock
from spyglass.model.columns import flat
from spyglass.store.calls import CALL_KINDS, WATCH, keys_of_spans
from spyglass.store.likeness import Call, compare

__all__ = ["Read", "Twins", "own_calls", "wire_calls"]

Read = Callable[[str, dict[str, Any]], pa.Table]  # a query file and its parameters

_LONGEST_NS: Final = 900 * 10**9  # a call that began earlier is not looked for
_DAY_NS: Final = 86_400 * 10**9
_PAUSE_S: Final = 1.0  # between two looks at a project
_MOST: Final = 5_000  # calls that are looked at once
_MOST_PROJECTS: Final = 1_000
_REMEMBERED: Final = 20_000  # calls; about 10 MB
_CHOSEN: Final = np.uint64(1 << 62)  # above any later telling of the call on the wire alone
_WITH_USAGE: Final = np.uint64(1 << 63)

Range = tuple[int, int]  # ns
Ids = tuple[str, bytes, bytes]  # project, trace id, span id


class _Place(NamedTuple):
    """Where a call is kept in `tellings`."""

    key: bytes
    response_id: str
    hour: datetime


class Twins:
    """Bounded memory. Not thread-safe: it belongs to the writer's thread."""

    def __init__(self, read: Read, clock: Clock) -> None:
        self._read, self._clock = read, clock
        self._watched: OrderedDict[str, Range] = OrderedDict()  # project → when something was seen on the wire
        self._due: dict[str, Range] = {}
        self._rest: dict[str, float] = {}  # project → when it may be looked at again (monotonic s)
        self._made: OrderedDict[Ids, _Place] = OrderedDict()  # own calls that are kept under another key

    def expect(self, watched: pa.Table) -> None:
        """After a restart: where there were calls on the wire (columns project, first_ns, last_ns)."""
        for row in watched.to_pylist():
            self._watched[row["project"]] = row["first_ns"], row["last_ns"]
            self._look(row["project"], (row["first_ns"], row["last_ns"]))

    def note(self, spans: pa.Table) -> None:
        """Spans that were just told (columns project, dialect, kind, start)."""
        calls = spans.select(["project", "dialect", "start"]).filter(pc.is_in(spans["kind"], pa.array(CALL_KINDS)))
        if not calls.num_rows:
            return
        wires = pc.equal(calls["dialect"], WATCH)
        for project, seen in _ranges(calls.filter(wires)).items():
            self._watched[project] = _both(self._watched.pop(project, seen), seen)
            self._look(project, seen)
        while len(self._watched) > _MOST_PROJECTS:
            self._watched.popitem(last=False)
        if self._watched:
            for project, told in _ranges(calls.filter(pc.invert(wires))).items():
                if project in self._watched and _near(told, self._watched[project]):
                    self._look(project, told)

    def placed(self, calls: pa.Table) -> pa.Table:
        """`calls` as spans tell them, those that were made one with another before in its place: till the next look they would count twice else."""
        if not self._made or not calls.num_rows:
            return calls
        ids = zip(calls["project"].to_pylist(), calls["trace_id"].to_pylist(), calls["span_id"].to_pylist(), strict=True)
        of_us = zip(ids, calls["counted"].to_pylist(), calls["source"].to_pylist(), strict=True)
        known = {row: self._made[each] for row, (each, counted, source) in enumerate(of_us) if counted and source == "span" and each in self._made}
        return _replaced(calls, known, self._clock.now_ns()) if known else calls

    def waiting(self) -> float | None:
        """Seconds until there is something to look at; None: nothing."""
        if not self._due:
            return None
        return max(0.0, min(self._rest.get(project, 0.0) for project in self._due) - self._clock.monotonic())

    def joined(self) -> pa.Table | None:
        """Rows of `tellings` that make one of two, for one project; None: there are none. Whoever asks must keep them."""
        now = self._clock.monotonic()
        project = next((project for project in self._due if self._rest.get(project, 0.0) <= now), None)
        if project is None:
            return None
        low, high = self._due.pop(project)
        self._rest = {name: until for name, until in self._rest.items() if until > now} | {project: now + _PAUSE_S}
        return self._join(project, low - _LONGEST_NS, high + _LONGEST_NS)

    def _look(self, project: str, seen: Range) -> None:
        self._due[project] = _both(self._due.get(project, seen), seen)

    def _join(self, project: str, low_ns: int, high_ns: int) -> pa.Table | None:
        wires = wire_calls(self._read, project, low_ns, high_ns)
        if not wires:
            return None
        if len(wires) == _MOST:  # the rest in a further look
            high_ns = wires[-1].start_ns
            self._look(project, (high_ns + _LONGEST_NS, self._watched.get(project, (0, high_ns))[1] + _LONGEST_NS))
        standing, own = own_calls(self._read, project, wires[0].start_ns - _LONGEST_NS, wires[-1].end_ns + 1, {wire.key for wire in wires})
        kept = {key: row for row, key in enumerate(standing["call_key"].to_pylist())}
        ids = list(zip(standing["trace_id"].to_pylist(), standing["span_id"].to_pylist(), strict=True))
        mine = {ids[kept[call.key]]: call.key for call in own}
        told_again = [(wire.key, mine[ids[kept[wire.key]]]) for wire in wires if wire.key in kept and ids[kept[wire.key]] in mine]
        alone = [wire for wire in wires if wire.key in kept and standing["dialect"][kept[wire.key]].as_py() == WATCH]
        known = {key for _, key in told_again}
        pairs = [*told_again, *compare(alone, [call for call in own if call.key not in known]).pairs]
        if not pairs:
            return None
        rows = _as_one(standing, [kept[wire] for wire, _ in pairs], [kept[told] for _, told in pairs], self._clock.now_ns())
        self._remember(rows.filter(rows["counted"]))
        return rows

    def _remember(self, calls: pa.Table) -> None:
        ids = zip(calls["project"].to_pylist(), calls["trace_id"].to_pylist(), calls["span_id"].to_pylist(), strict=True)
        places = zip(calls["call_key"].to_pylist(), calls["response_id"].to_pylist(), calls["hour"].to_pylist(), strict=True)
        self._made |= {each: _Place(*place) for each, place in zip(ids, places, strict=True)}
        while len(self._made) > _REMEMBERED:
            self._made.popitem(last=False)


def wire_calls(read: Read, project: str, low_ns: int, high_ns: int) -> list[Call]:
    """Calls on the wire, in order of start; at most 5,000."""
    bounds = {"project": project, "lo_ns": max(0, low_ns), "hi_ns": high_ns, "received_ns": max(0, low_ns - _DAY_NS), "limit": _MOST}
    rows = read("calls/wires", bounds)
    keys = keys_of_spans(rows)
    return [_call(row, key) for row, key in zip(rows.to_pylist(), keys, strict=True)]


def own_calls(read: Read, project: str, low_ns: int, high_ns: int, wires: set[bytes]) -> tuple[pa.Table, list[Call]]:
    """The rows of `tellings` of a range, and those of them that agents tell themselves, but for those which are kept under a key of `wires`."""
    bounds = {"project": project, "lo_ns": max(0, low_ns), "hi_ns": high_ns, "received_ns": max(0, low_ns - _DAY_NS)}
    standing = read("calls/standing", {**bounds, "limit": 10 * _MOST})
    mine = standing.filter(pc.not_equal(standing["dialect"], WATCH))
    rows = [row for row in _with_times(mine).to_pylist() if row["call_key"] not in wires]
    ids = {"traces": [row["trace_id"].hex() for row in rows], "spans": [row["span_id"].hex() for row in rows]}
    told = read("calls/own", {**bounds, **ids, "limit": len(rows)}).to_pylist() if rows else []
    about = {(row["trace_id"], row["span_id"]): row for row in told}
    found = [(row, about[row["trace_id"], row["span_id"]]) for row in rows if (row["trace_id"], row["span_id"]) in about]
    return standing, [_call(row | more, row["call_key"]) for row, more in found]


def _call(row: dict[str, Any], key: bytes) -> Call:
    return Call(
        key,
        row["kind"],
        row["start_ns"],
        row["end_ns"],
        frozenset(row["models"] or filter(None, [row.get("model")])),
        row["tool"],
        row["response_id"],
        (row["input_tokens"], row["output_tokens"]) if row["has_usage"] else None,
        tuple(row["said"]),
        row["watch"],
        row["host"],
        row["pid"],
    )


def _with_times(calls: pa.Table) -> pa.Table:
    """Columns start_ns and end_ns in place of Python's own times, which would cut them."""
    start = np.asarray(calls["start"].cast(pa.int64()).to_numpy(), np.int64)
    end = start + calls["duration_ns"].to_numpy().astype(np.int64)
    wanted = calls.select("trace_id span_id call_key kind model tool response_id has_usage input_tokens output_tokens".split())
    return wanted.append_column("start_ns", pa.array(start)).append_column("end_ns", pa.array(end))


def _as_one(standing: pa.Table, wires: list[int], own: list[int], now_ns: int) -> pa.Table:
    """The own calls under the keys, in the hours and with the response ids of those on the wire; and what they were kept under, taken back."""
    mine, theirs = standing.take(pa.array(own)), standing.take(pa.array(wires))
    full = np.asarray(pc.or_(mine["has_usage"], theirs["has_usage"]).to_numpy(), bool)
    lacking = pc.invert(mine["has_usage"])
    one = mine
    for name in _LENT:
        one = _with(one, name, pc.if_else(lacking, theirs[name], mine[name]))
    one = _with(one, "call_key", theirs["call_key"])
    one = _with(one, "hour", theirs["hour"])
    one = _with(one, "response_id", theirs["response_id"])
    one = _with(one, "version", pa.array(_versions(full, now_ns) | _CHOSEN))
    gone = _with(mine, "counted", pa.array(np.zeros(len(own), bool)))
    gone = _with(gone, "version", pa.array(_versions(np.ones(len(own), bool), now_ns)))
    return pa.concat_tables([one, gone])


_LENT: Final = (
    "has_usage input_tokens output_tokens cache_read_tokens cache_write_tokens reasoning_tokens cost_usd cost_source price_key cache_write_1h_tokens".split()
)


def _replaced(calls: pa.Table, places: Mapping[int, _Place], now_ns: int) -> pa.Table:
    """Calls with the rows of `places` kept there."""
    mask = np.zeros(calls.num_rows, bool)
    mask[list(places)] = True
    versions = _versions(np.asarray(calls["has_usage"].to_numpy(), bool)[mask], now_ns) | _CHOSEN
    columns: dict[str, Any] = {"version": versions}
    columns |= {"call_key": [place.key for place in places.values()], "response_id": [place.response_id for place in places.values()]}
    columns["hour"] = [place.hour for place in places.values()]
    for name, values in columns.items():
        at = calls.schema.get_field_index(name)
        replaced = pc.replace_with_mask(flat(calls[name]), pa.array(mask), pa.array(values, calls.schema.field(at).type))
        calls = calls.set_column(at, calls.schema.field(at), replaced)
    return calls


def _versions(full: npt.NDArray[np.bool_], now_ns: int) -> npt.NDArray[np.uint64]:
    return np.full(len(full), now_ns, np.uint64) | np.where(full, _WITH_USAGE, np.uint64(0))


def _with(table: pa.Table, name: str, values: Any) -> pa.Table:
    at = table.schema.get_field_index(name)
    return table.set_column(at, table.schema.field(at), values.cast(table.schema.field(at).type))


def _ranges(calls: pa.Table) -> dict[str, Range]:
    """When each project's calls began."""
    times = (
        pa.table({"project": calls["project"], "start": calls["start"].cast(pa.int64())}).group_by("project").aggregate([("start", "min"), ("start", "max")])
    )
    return {row["project"]: (row["start_min"], row["start_max"]) for row in times.to_pylist()}


def _both(one: Range, other: Range) -> Range:
    return min(one[0], other[0]), max(one[1], other[1])


def _near(one: Range, other: Range) -> bool:
    return one[0] - _LONGEST_NS <= other[1] and other[0] - _LONGEST_NS <= one[1]
