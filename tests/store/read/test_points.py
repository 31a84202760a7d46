"""Promises about metrics over time: figures are of values, growth sees resets, and a point counts once. Expected figures are computed by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from spyglass.store.read import series

SECOND_NS = 10**9
PLAIN: dict[str, Any] = {"attributes": (), "attribute_types": "", "metric": "m", "exemplars": ()}
NO_BUCKETS: dict[str, Any] = {"explicit_bounds": (), "bucket_counts": (), "positive_counts": (), "negative_counts": (), "zero_count": 0, "zero_threshold": 0.0}
HISTOGRAM: dict[str, Any] = {
    **PLAIN,
    **NO_BUCKETS,
    "type": "histogram",
    "value_type": "",
    "value_int": None,
    "value": 0.0,
    "quantiles": (),
    "quantile_values": (),
}
EXPONENTIAL: dict[str, Any] = {**HISTOGRAM, "type": "exponential_histogram", "positive_offset": 0, "negative_offset": 0}
UNTOLD: dict[str, Any] = {"has_min": False, "has_max": False, "min": 0.0, "max": 0.0}


def begin(tables: Any) -> int:
    """A full hour inside of the scope."""
    return int(tables.scope().from_ns) + 3600 * SECOND_NS


def told(tables: Any, bucket_s: int = 3600) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = series.points(tables.engine.read, tables.scope(), bucket_s, [], "m")
    return found


def counter(tables: Any, values: list[int], **more: Any) -> None:
    """A cumulative sum, one point a second, begun before the first one."""
    times = [begin(tables) + at * SECOND_NS for at in range(len(values))]
    given = {"type": "sum", "temporality": "cumulative", "monotonic": True, "value_type": "i", "value_int": values, "start": begin(tables) - SECOND_NS}
    tables.points(len(values), **{**PLAIN, **NO_BUCKETS, "time": times, **given, **more})


def test_cumulative_sums_grow_and_resets_are_seen(tables: Any) -> None:
    """The increase is what was added, also where the counter began again."""
    counter(tables, [10, 15, 3, 7])
    [row] = told(tables)
    assert (row["samples"], row["last"], row["increase"]) == (4, 7.0, 10 + 5 + 3 + 4)


def test_a_new_start_is_a_reset_whatever_the_value(tables: Any) -> None:
    """The second process counted further than the first."""
    counter(tables, [10, 30], start=[begin(tables) - SECOND_NS, begin(tables) + SECOND_NS // 2])
    assert told(tables)[0]["increase"] == 10 + 30


def test_what_goes_up_and_down_is_never_reset(tables: Any) -> None:
    """Its fall is a negative growth."""
    counter(tables, [10, 4], monotonic=False)
    assert told(tables)[0]["increase"] == 10 - 6


def test_growth_before_the_range_is_not_known(tables: Any) -> None:
    """The first point of a series that began earlier tells its value; the next one tells growth."""
    counter(tables, [10], start=0)
    assert [(row["last"], row["increase"]) for row in told(tables)] == [(10.0, None)]
    counter(tables, [10, 12], start=0)
    assert [(row["samples"], row["last"], row["increase"]) for row in told(tables)] == [(2, 12.0, 2.0)]


def test_delta_sums_add(tables: Any) -> None:
    """Whatever their order."""
    counter(tables, [5, 3, 4], temporality="delta")
    assert told(tables)[0]["increase"] == 12


def test_a_point_that_comes_again_counts_once(tables: Any) -> None:
    """Also when it arrives on another day; one that differs in anything but its arrival is another one."""
    at = begin(tables)
    delta = {**PLAIN, "type": "sum", "temporality": "delta", "value_type": "d", "time": at, "start": at - 9}
    for received in (at, at + SECOND_NS, at - 86_400 * SECOND_NS):
        tables.points(1, **delta, value=5.0, received=received)
    tables.points(1, **delta, value=5.0, flags=1)
    tables.points(1, **delta, value=6.0)
    tables.points(1, **delta | {"start": at - 8}, value=5.0)
    [row] = told(tables)
    assert (row["samples"], row["increase"]) == (4, 5.0 + 5.0 + 6.0 + 5.0)
    [metric] = series.metrics(tables.engine.read, tables.scope(), 10).to_pylist()
    assert metric["points"] == 4


@pytest.mark.parametrize("temporality", ["delta", "cumulative"])
def test_a_histogram_tells_of_its_values(tables: Any, temporality: str) -> None:
    """Ten values with the sum 50: their mean is 5; least and greatest are the point's own."""
    given = {"temporality": temporality, "count": 10, "sum": 50.0, "has_sum": True, "has_min": True, "min": 1.5, "has_max": True, "max": 9.0}
    buckets = {"explicit_bounds": (2.0, 5.0, 10.0), "bucket_counts": (3, 4, 3, 0)}
    tables.points(1, **{**HISTOGRAM, **given, **buckets, "time": begin(tables), "start": begin(tables) - SECOND_NS})
    [row] = told(tables)
    assert (row["count"], row["samples"], row["avg"], row["min"], row["max"], row["last"], row["increase"]) == (10, 1, 5.0, 1.5, 9.0, 5.0, 50.0)
    assert row["p50"] == pytest.approx(2 + 3 * 2 / 4)  # the fifth value is the second of four between 2 and 5
    assert row["p90"] == pytest.approx(5 + (9 - 5) * 2 / 3)


def test_without_its_own_least_and_greatest_the_buckets_tell(tables: Any) -> None:
    """The lowest one begins at 0, the highest one is known by its lower bound."""
    given = {"temporality": "delta", "count": 4, "sum": 10.0, "has_sum": True, "explicit_bounds": (1.0, 2.0), "bucket_counts": (1, 2, 1), **UNTOLD}
    tables.points(1, **{**HISTOGRAM, **given, "time": begin(tables)})
    [row] = told(tables)
    assert (row["avg"], row["min"], row["max"], row["p50"], row["p99"]) == (2.5, 0.0, 2.0, 1.5, 2.0)


def test_of_cumulative_histograms_the_growth_counts(tables: Any) -> None:
    """Six values came between the second and the first: all of them in the second bucket. What is least since the start is no least of these."""
    given = {"temporality": "cumulative", "count": [4, 10], "sum": [2.0, 11.0], "has_sum": True, "has_min": True, "min": 0.1, "has_max": True, "max": 1.75}
    buckets = {"explicit_bounds": (1.0, 2.0), "bucket_counts": [[4, 0, 0], [4, 6, 0]]}
    times = [begin(tables), begin(tables) + 60 * SECOND_NS]
    tables.points(2, **{**HISTOGRAM, **given, **buckets, "time": times, "start": begin(tables) - SECOND_NS})
    first, second = told(tables, 60)
    assert (first["count"], first["avg"], first["min"]) == (4, 0.5, 0.1)
    assert (second["count"], second["avg"], second["min"], second["max"], second["last"]) == (6, 1.5, 1.0, 1.75, 1.5)


def test_a_histogram_whose_growth_is_not_known_tells_all_since_its_start(tables: Any) -> None:
    """And says that its growth is not known."""
    given = {"temporality": "cumulative", "count": 4, "sum": 10.0, "has_sum": True, "explicit_bounds": (1.0, 4.0), "bucket_counts": (1, 3, 0), **UNTOLD}
    tables.points(1, **{**HISTOGRAM, **given, "time": begin(tables), "start": 0})
    [row] = told(tables)
    assert (row["avg"], row["count"], row["increase"], row["max"]) == (2.5, 4, None, 4.0)


def test_a_fine_exponential_histogram_has_the_quantiles_of_its_values(tables: Any) -> None:
    """Within the width of a bucket: 2^(1/32) - 1 = 2.2 %, negative values and zeros too."""
    values = np.concatenate([np.random.default_rng(7).lognormal(3, 1.5, 4000), -np.random.default_rng(8).lognormal(1, 1, 500), np.zeros(100)])
    scale, width = 5, 2.0 ** (2.0**-5) - 1
    up, down = (np.ceil(np.log2(part) * 2**scale).astype(int) - 1 for part in (values[values > 0], -values[values < 0]))
    given = {"positive_offset": int(up.min()), "positive_counts": tuple(np.bincount(up - up.min()).tolist()), "zero_count": 100, **UNTOLD, "scale": scale}
    given |= {"negative_offset": int(down.min()), "negative_counts": tuple(np.bincount(down - down.min()).tolist())}
    tables.points(
        1, **{**EXPONENTIAL, "temporality": "delta", "count": len(values), "sum": float(values.sum()), "has_sum": True, **given, "time": begin(tables)}
    )
    [row] = told(tables)
    wanted = np.quantile(values, [0.5, 0.9, 0.95, 0.99], method="inverted_cdf")
    assert [row[name] for name in ("p50", "p90", "p95", "p99")] == pytest.approx(wanted, rel=width)
    assert (row["min"], row["max"], row["avg"]) == (
        pytest.approx(values.min(), rel=width),
        pytest.approx(values.max(), rel=width),
        pytest.approx(values.mean()),
    )


def test_exponential_histograms_grow_across_a_change_of_scale(tables: Any) -> None:
    """From scale 1 to scale 0: of (1, 2] and (2, 4] there were 2 and 3, then 2 and 7."""
    given = {"temporality": "cumulative", "count": [5, 9], "sum": [10.0, 22.0], "has_sum": True, "scale": [1, 0], "positive_counts": [[1, 1, 2, 1], [2, 7]]}
    times = [begin(tables), begin(tables) + 60 * SECOND_NS]
    tables.points(2, **{**EXPONENTIAL, **given, **UNTOLD, "time": times, "start": begin(tables) - SECOND_NS})
    second = told(tables, 60)[1]
    assert (second["count"], second["avg"], second["min"], second["max"], second["p50"]) == (4, 3.0, 2.0, 4.0, 3.0)


def test_negative_indices_fall_into_the_bucket_below(tables: Any) -> None:
    """(0.5, 0.707] and (0.707, 1] at scale 1 are (0.5, 1] at scale 0: indices -2 and -1 become -1."""
    given = {"temporality": "cumulative", "count": [2, 3], "sum": [1.4, 2.2], "has_sum": True, "scale": [1, 0], "positive_offset": [-2, -1]}
    times = [begin(tables), begin(tables) + 60 * SECOND_NS]
    tables.points(2, **{**EXPONENTIAL, **given, **UNTOLD, "positive_counts": [[1, 1], [3]], "time": times, "start": begin(tables) - SECOND_NS})
    second = told(tables, 60)[1]
    assert (second["count"], second["min"], second["max"]) == (1, 0.5, 1.0)


def test_summaries_pass_their_quantiles_on(tables: Any) -> None:
    """The latest one's; their mean is that of the growth."""
    given = {"temporality": "", "count": [10, 14], "sum": [50.0, 90.0], "has_sum": False, "quantiles": (0.0, 0.5, 0.99, 1.0), **UNTOLD}
    values = [[1.0, 4.0, 9.0, 9.5], [1.0, 5.0, 19.0, 20.0]]
    times = [begin(tables), begin(tables) + SECOND_NS]
    tables.points(2, **{**HISTOGRAM, **given, "type": "summary", "quantile_values": values, "time": times, "start": begin(tables) - SECOND_NS})
    [row] = told(tables)
    assert (row["count"], row["avg"], row["last"], row["min"], row["max"]) == (14, 90 / 14, 10.0, 1.0, 20.0)
    assert (row["p50"], row["p99"], "p90" in row) == (5.0, 19.0, False)
    assert row["quantiles"] == {"0": 1.0, "0.5": 5.0, "0.99": 19.0, "1": 20.0}


def test_histograms_with_bounds_of_their_own_are_one_distribution(tables: Any) -> None:
    """Two services that cut differently: values are spread evenly from 0 to 4 in both."""
    for bounds, counts in (((2.0, 4.0), (2, 2, 0)), ((1.0, 4.0), (1, 3, 0))):
        given = {"temporality": "delta", "count": 4, "sum": 8.0, "has_sum": True, "explicit_bounds": bounds, "bucket_counts": counts, **UNTOLD}
        tables.points(1, **{**HISTOGRAM, **given, "time": begin(tables), "service": f"s{bounds[0]}"})
    [row] = told(tables)
    assert (row["count"], row["avg"], row["p50"]) == (8, 2.0, pytest.approx(2.0))
    assert row["p90"] == pytest.approx(0.9 * 4)


def test_gauges_are_as_they_are(tables: Any) -> None:
    """Mean, least, greatest, latest."""
    given = {**PLAIN, **NO_BUCKETS, "type": "gauge", "temporality": "", "value_type": "d", "value": [3.0, 1.0, 2.0]}
    tables.points(3, **given, time=[begin(tables) + at * SECOND_NS for at in range(3)])
    [row] = told(tables)
    assert [row[name] for name in ("avg", "min", "max", "last", "samples")] == [2.0, 1.0, 3.0, 2.0, 3]
    assert math.isfinite(row["increase"])
