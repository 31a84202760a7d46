"""Where the rows of some traces lie, so that a question about them reads a few pages of the tables and not all.

In: trace ids. Out: their ranges, and the conditions that bound `start` and `received` of their spans and the `hour` of what is told of their calls: the tables
are sorted by time, and traces that stand beside each other in a list mostly lie beside each other there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from spyglass.store.read.asking import EARLIER_HOUR_S, LATER_HOUR_S, Ask, ask

__all__ = ["Range", "Whereabouts", "ranges"]

# One set that the primary index is searched with costs less than an interval for each trace, which every part would be asked for.
_BUCKETS: Final = ((60, "toStartOfMinute"), (3_600, "toStartOfHour"), (86_400, "toStartOfDay"))
_BESIDE_NS: Final = 86_400 * 10**9  # so much before and after a trace's spans may log records arrive that tell of its calls
_MOST_BUCKETS: Final = 1_000
_HOUR_S: Final = 3_600
_SET: Final = "(SELECT toDateTime(arrayJoin({{{}:Array(UInt32)}}), 'UTC'))"


@dataclass(frozen=True, slots=True)
class Range:
    """When a trace happened and arrived (ns), and how many rows tell of its spans."""

    trace_id: str  # hex
    start: int
    end: int
    first_received: int
    last_received: int
    span_rows: int


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Some traces of a project that exist."""

    project: str
    ranges: tuple[Range, ...]

    @classmethod
    def of(cls, engine: Ask, project: str, traces: Sequence[str], known: Mapping[str, Range] | None = None) -> Whereabouts:
        """Look up traces (ids in hex), but those that are `known`; those that do not exist are left out."""
        known = known or {}
        found = ranges(engine, project, [trace for trace in traces if trace not in known])
        return cls(project, (*(known[trace] for trace in traces if trace in known), *found))

    def __bool__(self) -> bool:
        return bool(self.ranges)

    @property
    def parameters(self) -> dict[str, Any]:
        """What the conditions bind, and the traces."""
        first = min((one.first_received for one in self.ranges), default=0)
        last = max((one.last_received for one in self.ranges), default=0)
        return {
            "project": self.project,
            "traces": [one.trace_id for one in self.ranges],
            "received_ns": first,
            "last_received_ns": last,
            "told_ns": max(0, first - _BESIDE_NS),
            "told_last_ns": last + _BESIDE_NS,
            "first_ns": min((one.start for one in self.ranges), default=0),
            "last_ns": max((one.end for one in self.ranges), default=0),
            "starts": self._starts()[1],
            "hours": self._hours(),
        }

    @property
    def condition(self) -> str:
        """For `/*where*/`: the spans that may belong to the traces."""
        bounds = "s.start >= fromUnixTimestamp64Nano({first_ns:Int64}, 'UTC') AND s.start <= fromUnixTimestamp64Nano({last_ns:Int64}, 'UTC')"
        rounded, buckets = self._starts()
        return f"{bounds} AND {rounded}(s.start, 'UTC') IN {_SET.format('starts')}" if buckets else bounds

    @property
    def hours(self) -> str:
        """For `/*hours*/`: where what is told of the traces' calls may be kept."""
        return f"hour IN {_SET.format('hours')}" if self._hours() else "true"

    def _starts(self) -> tuple[str, list[int]]:
        """How starts are rounded, and what may come out of it (s); nothing when that is too much to tell."""
        for size, rounded in _BUCKETS:
            buckets = _buckets(((one.start, one.end) for one in self.ranges), size)
            if buckets:
                return rounded, buckets
        return "", []

    def _hours(self) -> list[int]:
        earlier, later = EARLIER_HOUR_S * 10**9, LATER_HOUR_S * 10**9
        return _buckets(((one.start - earlier, one.end + later) for one in self.ranges), _HOUR_S)


def ranges(engine: Ask, project: str, traces: Sequence[str]) -> list[Range]:
    """When each trace happened and arrived; traces that do not exist are left out."""
    if not traces:
        return []
    table = ask(engine, "traces/ranges", {"project": project, "traces": list(traces)})
    return [Range(**row | {"trace_id": row["trace_id"].hex()}) for row in table.to_pylist()]


def _buckets(intervals: Iterable[tuple[int, int]], size_s: int) -> list[int]:
    """The beginnings (s) of all buckets that the intervals (ns) touch; empty when they are too many."""
    found: set[int] = set()
    for low, high in intervals:
        first, last = (max(0, at // 10**9 // size_s) for at in (low, high))
        if last - first > _MOST_BUCKETS:
            return []
        found.update(range(first, last + 1))
    return [bucket * size_s for bucket in sorted(found)] if len(found) <= _MOST_BUCKETS else []
