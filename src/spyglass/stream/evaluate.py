"""One batch and the plans of many viewers in, the frames of each out. Plain functions for a worker thread: no viewer's state but its bucket is touched.

The order of work keeps it cheap: equal filters are evaluated once; rate limits are applied before anything is rendered; each row is rendered once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import structlog

from spyglass.stream.bucket import Bucket
from spyglass.stream.filter import Filter, Rows, Want
from spyglass.stream.frame import Frame, Whole, render
from spyglass.stream.ring import Entry
from spyglass.stream.windows import Sums, add_up

__all__ = ["Found", "Plan", "evaluate", "match", "sums_of"]

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


def evaluate(entry: Entry, plans: Iterable[Plan], now_ns: int, now_s: float) -> list[Found]:
    """What the entry holds for each of the plans, in their order. `now_ns`: wall time; `now_s`: monotonic."""
    matched: dict[Filter, Rows | None] = {}
    taken: list[tuple[Plan, Rows | None, Rows]] = []
    for plan in plans:
        wanted = plan.want.filter
        if wanted not in matched:
            matched[wanted] = match(wanted, entry, now_ns)
        rows = matched[wanted]
        allowed = _NONE if rows is None or plan.windowed else rows[: plan.bucket.take(len(rows), now_s)]
        taken.append((plan, rows, allowed))
    shown = {whole: _rendered(entry, [rows for plan, _, rows in taken if plan.whole is whole], whole) for whole in {plan.whole for plan, _, _ in taken}}
    return [_found(entry, plan, rows, _of_rows(shown[plan.whole], allowed), now_ns) for plan, rows, allowed in taken]


def _found(entry: Entry, plan: Plan, rows: Rows | None, frames: list[Frame], now_ns: int) -> Found:
    if rows is None:
        return Found(failed=len(entry.batch))
    if not len(rows):
        return _NOTHING
    if plan.windowed:
        return Found(sums=sums_of(plan, entry, rows, now_ns))
    return Found(frames, sum(len(frame.body) for frame in frames), over=len(rows) - len(frames))


def _rendered(entry: Entry, wanted: list[Rows], whole: Whole | None) -> dict[int, Frame]:
    """Row number → frame, for all rows that someone gets."""
    if not any(len(rows) for rows in wanted):
        return {}
    rows = np.unique(np.concatenate(wanted))
    return dict(zip(rows.tolist(), render(entry, rows, whole), strict=True))


def _of_rows(frames: dict[int, Frame], rows: Rows) -> list[Frame]:
    return [frames[row] for row in rows.tolist()]
