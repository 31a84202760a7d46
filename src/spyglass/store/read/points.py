"""One metric over time: rows of series/points.sql become one item per bucket of time, group and type.

Of histograms and summaries `avg`, `min`, `max`, `last` are of the values in them, never of their sums; what their buckets and quantiles tell is added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Final

import pyarrow as pa

from spyglass.store.read.distribution import QUANTILES, Distribution

__all__ = ["items"]

Row = dict[str, Any]

_NAMES: Final = tuple(f"p{round(100 * quantile)}" for quantile in QUANTILES)


def items(found: pa.Table) -> list[Row]:
    """One per bucket, group and type, in the order of the rows.

    Each has bucket (unix s), groups, type, unit, samples (points), count (values; of gauges and sums 0), avg, min, max, last, increase (None: not known).
    Histograms also p50, p90, p95, p99; summaries `quantiles` as their source told them, and those of the four that are among them.
    """
    rows = found.to_pylist()
    grouped = groupby(rows, key=lambda row: (row["bucket"], row["groups"], row["type"]))
    return [_item(list(members)) for _, members in grouped]


def _item(rows: list[Row]) -> Row:
    """Rows of one bucket, group and type."""
    known = [row for row in rows if not row["unknown"]]
    head = {name: rows[0][name] for name in ("bucket", "groups", "type", "unit")}
    head |= {"samples": sum(row["samples"] for row in rows)}
    kind = rows[0]["type"]
    if kind in ("gauge", "sum"):
        return head | _values(rows) | {"count": 0, "increase": _increase(known)}
    told = known or rows  # of series that were only begun before, what they tell since then is all there is
    figures = _summary(told) if kind == "summary" else _histogram(told)
    return (
        head
        | {"count": max(0, sum(row["count"] for row in told)), "avg": _mean(told), "last": _latest(told, "last_value"), "increase": _increase(known)}
        | figures
    )


def _values(rows: list[Row]) -> Row:
    samples = sum(row["samples"] for row in rows)
    return {
        "avg": sum(row["avg"] * row["samples"] for row in rows) / samples,
        "min": min(row["min"] for row in rows),
        "max": max(row["max"] for row in rows),
        "last": _latest(rows, "last"),
    }


def _increase(known: list[Row]) -> float | None:
    if not known or (known[0]["type"] not in ("gauge", "sum") and any(row["told_sums"] < row["samples"] for row in known)):
        return None
    return float(sum(row["increase"] for row in known))


def _mean(rows: list[Row]) -> float | None:
    count = sum(row["count"] for row in rows)
    if count <= 0 or any(row["told_sums"] < row["samples"] for row in rows):
        return None
    return float(sum(row["increase"] for row in rows) / count)


def _latest(rows: list[Row], name: str) -> Any:
    return max(rows, key=lambda row: (row[name] is not None, row["last_ns"]))[name]


def _bound(rows: list[Row], name: str, pick: Callable[[list[float]], float]) -> float | None:
    told = [row[name] for row in rows]
    return None if None in told else pick(told)


def _histogram(rows: list[Row]) -> Row:
    """What a point says of its least and greatest value holds for all of its series since its start: of what is newer it is a bound."""
    least, greatest = _bound(rows, "least", min), _bound(rows, "greatest", max)
    spread = Distribution.together([part for row in rows for part in _parts(row)]).within(least, greatest)
    low, high = spread.ends()
    if not any(row["since_start"] and not row["unknown"] for row in rows):
        low, high = (low if least is None else least), (high if greatest is None else greatest)
    return {"min": low, "max": high, **dict(zip(_NAMES, spread.quantiles(), strict=True))}


def _parts(row: Row) -> list[Distribution]:
    if row["type"] == "histogram":
        return [Distribution.explicit(row["bounds"], row["buckets"])]
    return [
        Distribution.exponential(row["scale"], *_pairs(row["negative"]), negative=True),
        Distribution.near_zero(row["zero_threshold"], row["zeros"]),
        Distribution.exponential(row["scale"], *_pairs(row["positive"])),
    ]


def _pairs(told: Any) -> tuple[Sequence[int], Sequence[int]]:
    """Bucket indices and counts, as the database gives a pair of arrays."""
    indices, counts = told.values() if isinstance(told, dict) else told
    return indices, counts


def _summary(rows: list[Row]) -> Row:
    """The quantiles of the latest point; those of several sources cannot be put together."""
    latest = max(rows, key=lambda row: row["last_ns"])
    told = dict(zip(latest["quantiles"], latest["quantile_values"], strict=False))
    named = {name: told[quantile] for name, quantile in zip(_NAMES, QUANTILES, strict=True) if quantile in told}
    return {"min": told.get(0.0), "max": told.get(1.0), "quantiles": {f"{quantile:g}": value for quantile, value in told.items()}, **named}
