"""Where the rows of some traces lie, so that a question about them reads a few pages of the tables and not all.

In: trace ids. Out: their ranges, and the condition that bounds `start` and `received` of their spans: spans are sorted by time, and traces that stand
beside each other in a list mostly lie beside each other in the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from spyglass.store.read.asking import Ask, ask, hours

__all__ = ["Range", "Whereabouts", "ranges"]

_MOST_INTERVALS: Final = 8  # each is looked up in the primary index of every part
_SAME_PLACE_NS: Final = 10 * 10**9  # what lies so near is read as one


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
    def of(cls, engine: Ask, project: str, traces: Sequence[str]) -> Whereabouts:
        """Look up traces (ids in hex); those that do not exist are left out."""
        return cls(project, tuple(ranges(engine, project, traces)))

    def __bool__(self) -> bool:
        return bool(self.ranges)

    @property
    def parameters(self) -> dict[str, Any]:
        """What `condition` binds, and the traces."""
        bounds: dict[str, Any] = {
            "project": self.project,
            "traces": [one.trace_id for one in self.ranges],
            "received_ns": min((one.first_received for one in self.ranges), default=0),
            "last_received_ns": max((one.last_received for one in self.ranges), default=0),
        }
        for number, (low, high) in enumerate(self._intervals()):
            bounds |= {f"low{number}": low, f"high{number}": high}
        return bounds

    @property
    def condition(self) -> str:
        """For `/*where*/`: the spans that may belong to the traces."""
        intervals = [
            f"s.start >= fromUnixTimestamp64Nano({{low{number}:Int64}}, 'UTC') AND s.start <= fromUnixTimestamp64Nano({{high{number}:Int64}}, 'UTC')"
            for number, _ in enumerate(self._intervals())
        ]
        return " OR ".join(intervals) or "false"

    @property
    def hours(self) -> str:
        """For `/*hours*/`: where the calls of the traces may be kept."""
        return " OR ".join(hours(f"low{number}", f"high{number}") for number, _ in enumerate(self._intervals())) or "false"

    def _intervals(self) -> list[tuple[int, int]]:
        """Of their starts, merged where they are near each other."""
        near = _SAME_PLACE_NS
        merged = _merged(((one.start, one.end) for one in self.ranges), near)
        while len(merged) > _MOST_INTERVALS:
            near *= 8
            merged = _merged(merged, near)
        return merged


def ranges(engine: Ask, project: str, traces: Sequence[str]) -> list[Range]:
    """When each trace happened and arrived; traces that do not exist are left out."""
    if not traces:
        return []
    table = ask(engine, "traces/ranges", {"project": project, "traces": list(traces)})
    return [Range(**row | {"trace_id": row["trace_id"].hex()}) for row in table.to_pylist()]


def _merged(intervals: Iterable[tuple[int, int]], near: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1] + near:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged
