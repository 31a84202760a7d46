"""Quantiles of durations from counts per bucket.

Bucket i counts those up to 10 ms * 2^(i/3), so that an answer is within a bucket, 26 percent wide, and mostly nearer.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.model.columns import flat

__all__ = ["BUCKETS", "counts_of", "quantile_ns"]

BUCKETS: Final = 71
_UPPER_NS: Final = 1e7 * np.exp2(np.arange(BUCKETS) / 3)
_LOWER_NS: Final = np.concatenate([[0.0], _UPPER_NS[:-1]])

Counts = npt.NDArray[np.float64]  # (n, BUCKETS)


def counts_of(column: pa.ChunkedArray) -> Counts:
    """Lists of at most `BUCKETS` numbers as rows; what they lack is zero."""
    lists: Any = flat(column)
    lists = pa.concat_arrays(lists.chunks) if isinstance(lists, pa.ChunkedArray) else lists
    offsets = np.asarray(lists.offsets.to_numpy(), np.int64)
    lengths = np.diff(offsets)
    counts = np.zeros((len(lengths), BUCKETS))
    rows = np.repeat(np.arange(len(lengths)), lengths)
    places = np.arange(offsets[0], offsets[-1]) - np.repeat(offsets[:-1], lengths)
    counts[rows, places] = np.asarray(lists.values.to_numpy(zero_copy_only=False), np.float64)[offsets[0] : offsets[-1]]
    return counts


def quantile_ns(counts: Counts, share: float) -> npt.NDArray[np.float64]:
    """Of each row, ns; 0 where nothing was counted. Within a bucket durations are taken to lie evenly."""
    below = np.cumsum(counts, axis=1)
    total = below[:, -1]
    wanted = share * total
    bucket = np.minimum((below < wanted[:, None]).sum(axis=1), BUCKETS - 1)
    rows = np.arange(len(counts))
    here = counts[rows, bucket]
    within = np.clip((wanted - (below[rows, bucket] - here)) / np.maximum(here, 1.0), 0.0, 1.0)
    lower, upper = _LOWER_NS[bucket], _UPPER_NS[bucket]
    return np.asarray(np.where(total > 0, lower + within * (upper - lower), 0.0), np.float64)
