"""Calls and runs over long ranges, from the sums of hours and days (store/sums.py); what these do not have yet, from the records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from spyglass.store.read.asking import EVERYTHING, Ask, Scope, ask, fragment, received_bound
from spyglass.store.sums import DAY_S, HOUR_S

__all__ = ["KEYS", "Buckets", "fits", "series"]

KEYS: Final = frozenset({"kind", "agent", "agent_version", "model", "tool"})
"""What sums are told apart by."""
_LONG_S: Final = 2 * DAY_S  # shorter ranges are asked of the records, to the nanosecond
_SECOND_NS: Final = 10**9


@dataclass(frozen=True, slots=True)
class Buckets:
    """How time is cut."""

    width_s: int
    origin_s: int = 0  # where they are counted from


def fits(scope: Scope, buckets: Buckets, until_s: int) -> bool:
    """Whether a range is asked of the sums: a long one, without a search, in buckets of whole hours; `until_s`: as in `store.sums.Sums`."""
    long = scope.to_ns - scope.from_ns >= _LONG_S * _SECOND_NS
    whole = buckets.width_s % HOUR_S == 0 and buckets.origin_s % HOUR_S == 0
    return long and whole and scope.filter_sql == EVERYTHING and until_s * _SECOND_NS > scope.from_ns


def series(engine: Ask, scope: Scope, buckets: Buckets, until_s: int, group: str, limit: int, only: str = EVERYTHING, **bound: Any) -> pa.Table:
    """Columns of sums/series.sql. The range is widened to whole hours, as far as these are over.

    Args:
        engine: the store.
        scope: project and range.
        buckets: for which `fits`.
        until_s: the begin of the first hour that is not added up yet.
        group: SQL of ours: the group as an array of text, of `KEYS`.
        limit: rows.
        only: SQL of ours over `KEYS`; its values in `bound`.
        bound: see `only`.
    """
    first_s = scope.from_ns // _SECOND_NS // HOUR_S * HOUR_S
    hours_end_s = max(first_s, min(until_s, -(-scope.to_ns // (HOUR_S * _SECOND_NS)) * HOUR_S))
    day_s, days_end_s = -(-first_s // DAY_S) * DAY_S, hours_end_s // DAY_S * DAY_S
    if buckets.width_s % DAY_S or buckets.origin_s % DAY_S or days_end_s <= day_s:
        day_s = days_end_s = first_s
    lo_ns = hours_end_s * _SECOND_NS
    times = {
        "first_s": first_s,
        "day_s": day_s,
        "days_end_s": days_end_s,
        "hours_end_s": hours_end_s,
        "origin_s": buckets.origin_s,
        "bucket_s": buckets.width_s,
    }
    records = {"lo_ns": lo_ns, "hi_ns": max(lo_ns, scope.to_ns), "received_ns": received_bound(lo_ns)}
    asked = {"project": scope.project, **times, **records, **bound, "limit": limit}
    return ask(engine, "sums/series", asked, filter_sql=only, told=fragment("sums/told"), rows=fragment("sums/rows"), group=group)
