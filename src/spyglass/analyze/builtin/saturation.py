"""What will be full soon: gauges in, findings out, with the time that is left and how sure that is.

Looked at are gauges that say which share of something is used (`….utilization`, unit 1: memory, file systems, pools, queues; not processors, which are not
filled), and those that settings give a limit: a budget of tokens, a rate that a provider allows, a number of files. One value a minute; the last hours are
continued as a straight line, where they are one (`stats/filling.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.stats.filling import Left, left
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Saturation", "Settings", "analyzer"]

_MINUTE_NS: Final = 60 * 10**9
_RING: Final = 120  # minutes
_LOOK_NS: Final = 5 * _MINUTE_NS
_QUIET_MINUTES: Final = 6 * 60
_NEVER: Final = -(10**9)
_FILLED: Final = r"(?:memory|filesystem|disk|paging|swap|heap|pool|queue|connection|descriptor|volume|quota|budget|context|limit)\S*utilization$"
_EMPTY: Final = frozenset(["available", "buffered", "buffers", "cached", "free", "idle", "inactive", "reserved", "slab_reclaimable"])
_COLUMNS: Final = ["project", "service", "agent", "metric", "unit", "received", "value", "attributes"]
_LONGEST: Final = 300
_LARGEST: Final = 1e30
_ADVICE: Final = (  # by words in the name of the metric
    (("memory", "heap"), "See which process takes the memory and whether it ever gives any back; restart it in good time, or give it more."),
    (("filesystem", "disk", "volume"), "Look for the largest and newest files there (logs, caches, temporary files); delete what may go, or enlarge the disk."),
    (("queue", "pool", "connection"), "See whether what empties it still works and is as fast as before; add workers, or let fewer in."),
    (("quota", "budget", "cost", "rate_limit"), "See which agent spends most of it now and whether it should; raise the limit, or slow that agent down."),
)
_OTHERWISE: Final = "Find out what grows and whether it is ever let go of; stop it, or raise the limit, before it is full."


class Settings(BaseModel, extra="forbid", frozen=True):
    """What is a limit, and how soon is soon."""

    limits: Mapping[str, float] = Field({}, description="Limit of a gauge by its name, in its unit: `tokens.month` to 5000000. Others are known by their name.")
    horizon_h: float = Field(12.0, gt=0, le=720, description="What will be full later than this is not told.")
    least_share: float = Field(0.5, ge=0, lt=1, description="Share of the limit below which nothing is told.")
    most_series: int = Field(5_000, ge=10, le=100_000, description="Series that are kept; those that were silent longest give way.")


Key = tuple[str, ...]  # project, service, agent, metric, what it is of


class Saturation:
    """A value a minute of each series."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rings: dict[Key, npt.NDArray[np.float32]] = {}
        self._times: dict[Key, tuple[int, int]] = {}  # minute of the latest value, minute in which it was told
        self._waiting: list[tuple[int, Key, float]] = []
        self._done = 0

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Points; nearly all are of other metrics."""
        if isinstance(seen, Batch) and seen.kind is Kind.POINT:
            rows = seen.rows
            known = pc.is_in(rows["metric"], pa.array(list(self._settings.limits), pa.string()))
            named = pc.and_(pc.equal(rows["unit"], "1"), pc.match_substring_regex(rows["metric"], _FILLED))
            wanted = pc.and_(pc.or_(known, named), pc.is_in(rows["type"], pa.array(["gauge", "sum"])))
            self._waiting += _values(rows.select(_COLUMNS).filter(wanted))
        return ()

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Five minutes that are over, each by themselves: so it does not matter how they were cut."""
        over = now_ns // _LOOK_NS
        if over <= self._done:
            return
        self._done = over
        ready = sorted(one for one in self._waiting if one[0] // _LOOK_NS < over)
        self._waiting = [one for one in self._waiting if one[0] // _LOOK_NS >= over]
        for number, several in groupby(ready, key=lambda one: one[0] // _LOOK_NS):
            touched = set()
            for received, key, value in several:
                self._put(received // _MINUTE_NS, key, value)
                touched.add(key)
            yield from self._look((number + 1) * _LOOK_NS, sorted(touched & self._times.keys()))

    def _put(self, minute: int, key: Key, value: float) -> None:
        latest, told = self._times.pop(key, (_NEVER, _NEVER))
        ring = self._rings.setdefault(key, np.full(_RING, np.nan, np.float32))
        minute = max(minute, latest)
        if minute - latest >= _RING:
            ring[:] = np.nan
        else:
            ring[np.arange(latest + 1, minute + 1) % _RING] = np.nan
        ring[minute % _RING] = min(max(value, -_LARGEST), _LARGEST)
        self._times[key] = (minute, told)  # the longest silent first
        if len(self._times) > self._settings.most_series:
            oldest = next(iter(self._times))
            del self._times[oldest], self._rings[oldest]

    def _look(self, now_ns: int, keys: Iterable[Key]) -> Iterator[Finding]:
        for key in keys:
            latest, told = self._times[key]
            limit = self._settings.limits.get(key[3], 1.0)
            values = np.roll(self._rings[key], -(latest % _RING) - 1).astype(np.float64)
            if latest - told < _QUIET_MINUTES or not limit > 0 or not values[-1] >= self._settings.least_share * limit:
                continue
            room = left(values, limit)
            if room is not None and room.likely <= self._settings.horizon_h * 60:
                self._times[key] = (latest, latest)
                yield _finding(key, now_ns, float(values[-1]), limit, room)

    def save(self) -> State:
        """Rings, and what waits."""
        keys = list(self._times)
        series = {
            "key": pa.array([list(key) for key in keys], pa.list_(pa.string())),
            "latest": pa.array([self._times[key][0] for key in keys], pa.int64()),
            "told": pa.array([self._times[key][1] for key in keys], pa.int64()),
            "ring": pa.array([self._rings[key].tobytes() for key in keys], pa.binary()),
        }
        waiting = {
            "received": pa.array([one[0] for one in self._waiting], pa.int64()),
            "key": pa.array([list(one[1]) for one in self._waiting], pa.list_(pa.string())),
            "value": pa.array([one[2] for one in self._waiting], pa.float64()),
        }
        return {"series": pa.table(series), "waiting": pa.table(waiting), "clock": pa.table({"done": [self._done]})}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        for row in state["series"].to_pylist():
            self._times[tuple(row["key"])] = row["latest"], row["told"]
            self._rings[tuple(row["key"])] = np.frombuffer(row["ring"], np.float32).copy()
        self._waiting = [(row["received"], tuple(row["key"]), row["value"]) for row in state["waiting"].to_pylist()]
        self._done = state["clock"]["done"][0].as_py()


def _values(rows: pa.Table) -> Iterator[tuple[int, Key, float]]:
    """Arrival, series, value; without what is not filled but left free."""
    received = rows["received"].cast(pa.int64()).to_pylist()
    for at_ns, row in zip(received, rows.drop_columns(["received"]).to_pylist(), strict=True):  # a time to the nanosecond is no datetime
        of = sorted((name, text) for name, text in row["attributes"] or ())
        if row["value"] is None or not np.isfinite(row["value"]) or any(text in _EMPTY for _, text in of):
            continue
        what = ", ".join(text for _, text in of)[:_LONGEST]
        yield at_ns, (row["project"], row["service"], row["agent"] or "", row["metric"], what), float(row["value"])


def _finding(key: Key, now_ns: int, value: float, limit: float, room: Left) -> Finding:
    project, service, agent, metric, what = key
    of = f" of {what}" if what else ""
    where = agent or service or "the host"
    used = f"{value / limit:.0%}" if limit == 1.0 else f"{value:,.6g} of {limit:,.6g}"
    grown = f"{room.slope * 60:.2g}" if limit != 1.0 else f"{room.slope * 60:.1%}"
    span = f"between {_hours(room.least)} and {_hours(room.most)}"
    return Finding(
        analyzer="saturation",
        version=analyzer.version,
        rule="full_soon",
        project=project,
        time_ns=now_ns,
        title=f"{where}: {metric}{of} is at {used} and grew by {grown} an hour; full in about {_hours(room.likely)} ({span})",
        severity="error" if room.likely <= 60 else "warning",
        subject={name: text for name, text in (("agent", agent), ("service", service), ("metric", metric), ("of", what)) if text},
        observed=value,
        expected=(0.0, limit),
        unit="1" if limit == 1.0 else "",
        suggestion=_advice(metric),
        details={"minutes_left": round(room.likely, 1), "minutes_left_least": round(room.least, 1), "grows_by_hour": room.slope * 60},
    )


def _advice(metric: str) -> str:
    """What to do before it is full."""
    return next((advice for words, advice in _ADVICE if any(word in metric for word in words)), _OTHERWISE)


def _hours(minutes: float) -> str:
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{min(minutes / 1440, 999):.0f} d"


analyzer: Final = AnalyzerKind(
    name="saturation",
    version="1.0.0",
    description="Memory, disks, pools and budgets that will be full soon, with the time that is left.",
    reads=frozenset({"point"}),
    settings=Settings,
    news=True,
    make=Saturation,
    rules=("full_soon",),
)
