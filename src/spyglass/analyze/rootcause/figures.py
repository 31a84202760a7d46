"""Counts, failures and durations per bucket in; shifts of every node since the trouble began, and how much of it each could make up, out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.rootcause.rank import Symptom
from spyglass.analyze.rootcause.shift import Shift, shift
from spyglass.analyze.series.scales import ScaleName

__all__ = ["FEWEST_BUCKETS", "moved"]

Floats = npt.NDArray[np.float64]
FEWEST_BUCKETS: Final = 3  # before the trouble, with calls
_NS: Final = 1e9
_SCALES: Final[Mapping[str, ScaleName]] = {"latency.mean": "size", "latency.p95": "size", "failures.share": "share", "requests.count": "count"}


def moved(rows: pa.Table, onset_s: int, symptom: Symptom) -> tuple[dict[str, dict[str, Shift]], dict[str, float]]:
    """`rows`: node, bucket (unix s), count, errors, mean_ns, p95_ns; a bucket belongs to the trouble when it begins at `onset_s` or later.

    Shifts by node and figure, and by node the failed calls, or seconds, that there were more in a bucket than before.
    """
    shifts: dict[str, dict[str, Shift]] = {}
    more: dict[str, float] = {}
    if not rows.num_rows:
        return shifts, more
    table = rows.sort_by([("node", "ascending"), ("bucket", "ascending")])
    nodes = np.array(table["node"].to_pylist(), object)
    columns = {name: table[name].to_numpy().astype(np.float64) for name in ("bucket", "count", "errors", "mean_ns", "p95_ns")}
    edges = np.flatnonzero(np.concatenate([[True], nodes[1:] != nodes[:-1]]))
    every = np.unique(columns["bucket"])
    for begin, end in zip(edges, [*edges[1:], len(nodes)], strict=True):
        node = str(nodes[begin])
        own = {name: column[begin:end] for name, column in columns.items()}
        figures = _figures(own, every)
        found = {
            name: one for name, scale in _SCALES.items() if (one := shift(figures[name][every < onset_s], figures[name][every >= onset_s], scale)) is not None
        }
        if found:
            shifts[node] = found
        one = found.get("latency.mean" if symptom == "latency" else "failures.share")
        if one is not None:
            requests = own["count"][own["bucket"] >= onset_s]
            more[node] = float(requests.mean()) * (one.during - one.before) if len(requests) else 0.0
    return shifts, more


def _figures(own: Mapping[str, Floats], every: Floats) -> dict[str, Floats]:
    """Of all buckets; what was not called has no duration and no share, but zero calls."""
    at = np.searchsorted(every, own["bucket"])
    empty = np.full(len(every), np.nan)
    count, mean, p95, share = np.zeros(len(every)), empty.copy(), empty.copy(), empty.copy()
    np.add.at(count, at, own["count"])
    mean[at], p95[at] = own["mean_ns"] / _NS, own["p95_ns"] / _NS
    share[at] = own["errors"] / np.maximum(own["count"], 1)
    return {"latency.mean": mean, "latency.p95": p95, "failures.share": share, "requests.count": count}
