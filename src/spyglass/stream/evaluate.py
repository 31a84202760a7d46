"""One batch and the plans of many viewers in, the frames of each out. Plain functions for a worker thread: no viewer's state but its bucket is touched.

The order of work keeps it cheap: equal filters are evaluated once; rate limits are applied before anything is rendered; each row is rendered once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import structlog

from spyglass.stream.bucket import Bucket
from spyglass.stream.filter import Filter, Rows, Want
from spyglass.stream.frame import Frame, Whole, render
from spyglass.stream.kin import Brought, Late
from spyglass.stream.ring import Entry
from spyglass.stream.windows import Sums, add_up

__all__ = ["Found", "Kindred", "Plan", "evaluate", "match", "sums_of"]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What one viewer wants, what is left of its rate, and what renders whole records, if it wants those."""

    want: Want
    bucket: Bucket
    whole: Whole | None

    @property
    def windowed(self) -> bool:
        """Whether it gets sums in place of rows."""
        return self.want.wants.window_s is not None


@dataclass(frozen=True, slots=True)
class Found:
    """What a batch holds for one viewer."""

    frames: Sequence[Frame] = ()
    size_bytes: int = 0
    over: int = 0  # rows over its rate
    failed: int = 0  # rows that could not be looked at
    sums: Sums = field(default_factory=dict)


_NOTHING: Final = Found()
_NONE: Final = np.empty(0, np.int64)


def match(wanted: Filter, entry: Entry, now_ns: int) -> Rows | None:
    """The rows of the entry that match; None: the filter failed on them, which is logged and must harm no other viewer."""
    try:
        return wanted.rows(entry.batch, now_ns)
    except Exception:
        log.exception("live filter failed", kind=str(entry.batch.kind), rows=len(entry.batch))
        return None


def sums_of(plan: Plan, entry: Entry, rows: Rows, now_ns: int) -> Sums:
    """The rows' sums by what the viewer groups by."""
    return add_up(entry.batch, rows, tuple(columns for _, columns in plan.want.group_by), now_ns)


@dataclass(frozen=True, slots=True)
class Kindred:
    """What an entry brought for the filters that ask for relatives, and where the rows of earlier entries are."""

    brought: Mapping[Filter, Brought | None]
    get: Callable[[int], Entry | None]
    cursor: str  # of what was seen before the entry: who resumes with a late frame sees the entry again

    def frames(self, late: Iterable[Late], whole: Whole | None) -> list[Frame]:
        """Of the late rows that are still in the ring."""
        return [frame for number, rows in late if (old := self.get(number)) is not None for frame in render(old, rows, whole, self.cursor)]


def evaluate(entry: Entry, plans: Iterable[Plan], now_ns: int, now_s: float, kin: Kindred | None = None) -> list[Found]:
    """What the entry holds for each of the plans, in their order. `now_ns`: wall time; `now_s`: monotonic. `kin`: for filters that ask for relatives."""
    matched: dict[Filter, Brought | None] = {}
    taken: list[tuple[Plan, Brought | None, Rows, int]] = []
    late: dict[tuple[Filter, Whole | None], list[Frame]] = {}
    for plan in plans:
        wanted = plan.want.filter
        if wanted not in matched:
            rows = match(wanted, entry, now_ns) if kin is None or wanted not in kin.brought else None
            matched[wanted] = kin.brought[wanted] if kin and wanted in kin.brought else None if rows is None else Brought(rows, ())
        found = matched[wanted]
        if found is None or plan.windowed:
            taken.append((plan, found, _NONE, 0))
            continue
        granted = plan.bucket.take(found.total, now_s)
        if kin and granted and found.late and (wanted, plan.whole) not in late:
            late[wanted, plan.whole] = kin.frames(found.late, plan.whole)
        first = min(granted, found.total - len(found.rows))
        taken.append((plan, found, found.rows[: granted - first], first))
    shown = {whole: _rendered(entry, [rows for plan, _, rows, _ in taken if plan.whole is whole], whole) for whole in {plan.whole for plan, *_ in taken}}
    return [
        _found(entry, plan, found, [*late.get((plan.want.filter, plan.whole), ())[:first], *_of_rows(shown[plan.whole], rows)], now_ns, kin)
        for plan, found, rows, first in taken
    ]


def _found(entry: Entry, plan: Plan, found: Brought | None, frames: list[Frame], now_ns: int, kin: Kindred | None) -> Found:
    if found is None:
        return Found(failed=len(entry.batch))
    if not found.total:
        return _NOTHING
    gone = sum(len(rows) for number, rows in found.late if kin is not None and kin.get(number) is None)
    if plan.windowed:
        old = [(kept, rows) for number, rows in found.late if kin is not None and (kept := kin.get(number)) is not None]
        return Found(sums=_together([sums_of(plan, one, rows, now_ns) for one, rows in [*old, (entry, found.rows)]]), failed=gone)
    return Found(frames, sum(len(frame.body) for frame in frames), over=found.total - gone - len(frames), failed=gone)


def _together(parts: Iterable[Sums]) -> Sums:
    whole: Sums = {}
    for part in parts:
        for key, figures in part.items():
            whole[key] = [one + other for one, other in zip(whole[key], figures, strict=True)] if key in whole else figures
    return whole


def _rendered(entry: Entry, wanted: list[Rows], whole: Whole | None) -> dict[int, Frame]:
    """Row number → frame, for all rows that someone gets."""
    if not any(len(rows) for rows in wanted):
        return {}
    rows = np.unique(np.concatenate(wanted))
    return dict(zip(rows.tolist(), render(entry, rows, whole), strict=True))


def _of_rows(frames: dict[int, Frame], rows: Rows) -> list[Frame]:
    return [frames[row] for row in rows.tolist()]
