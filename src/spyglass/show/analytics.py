"""What can be computed of a series, or of two: even buckets, correlation, distribution, decomposition, forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from fastapi import Depends, Query

from spyglass.analyze.series.correlate import Correlation, Method, lagged
from spyglass.analyze.series.decompose import decompose
from spyglass.analyze.series.forecast import MOST_STEPS, forecast
from spyglass.analyze.series.seasons import periods
from spyglass.analyze.series.summary import summary
from spyglass.model.errors import InputError
from spyglass.show.models.analytics import Buckets, Correlations, Decomposition, Distribution, Forecasted
from spyglass.show.one_series import FillOrAuto, Line, Wanted, line_of, nice_bucket_s
from spyglass.show.parameters import Project, SearchText, WindowOf
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Using

__all__ = ["router"]

router = resource("/analytics", tags=["analytics"])

Floats = npt.NDArray[np.float64]
Without = Literal["nothing", "waves", "differences"]
Name = Annotated[
    str,
    Query(max_length=600, description="`<source>.<figure>`: spans, llm, tool, embedding, events; `points.<figure>:<metric>`. docs/analytics.md lists them."),
]
Agent = Annotated[str, Query(max_length=512, description="Only calls of this agent (llm, tool, embedding); empty: all.")]
Bucket = Annotated[int, Query(ge=0, le=31_536_000, description="Seconds of one bucket; 0 chooses so that about 300 fit.")]


def _of_one(
    services: Using, window: WindowOf, series: Name, project: Project = "default", query: SearchText = "", agent: Agent = "", bucket_s: Bucket = 0
) -> Callable[[FillOrAuto], Line]:
    wanted, size_s = Wanted.parse(series, query, agent), nice_bucket_s(bucket_s, window)
    return lambda fill: line_of(services, project, window, wanted, size_s, fill)


OneSeries = Annotated[Callable[[FillOrAuto], Line], Depends(_of_one)]
FillHow = Annotated[FillOrAuto, Query(description="Empty buckets; auto: zero for what is counted, none for what is measured.")]


@router.get("/buckets", response_model=Buckets, summary="A series in even buckets, gaps filled")
def get_buckets(read: OneSeries, fill: FillHow = "auto") -> Json:
    """Only whole buckets: the one that goes on now is left out. It begins with the first one that has anything."""
    line = read(fill)
    return Json(_about(line) | {"filled": line.wanted.fill if fill == "auto" else fill, "values": _plain(line.values)})


@router.get("/distribution", response_model=Distribution, summary="How the values of a series are spread")
def get_distribution(read: OneSeries) -> Json:
    """One value per bucket: moments, quantiles, a histogram, the weight of the tail."""
    line = read("auto")
    return Json(_about(line) | asdict(summary(line.values)))


@router.get("/decomposition", response_model=Decomposition, summary="Trend, waves and rest of a series")
def get_decomposition(
    read: OneSeries,
    period: Annotated[list[int] | None, Query(max_length=3, description="Periods in buckets, up to three; none: those that the series shows.")] = None,
) -> Json:
    """STL by local lines, robust: what lies far off is in the rest."""
    line = read("auto")
    parts = decompose(line.values, period if period is not None else periods(line.values, line.bucket_s))
    waves = [
        {"period": length, "period_s": length * line.bucket_s, "strength": round(parts.strengths[length], 4), "values": wave.tolist()}
        for length, wave in parts.waves.items()
    ]
    told = {"trend": parts.trend.tolist(), "trend_strength": round(parts.trend_strength, 4), "waves": waves, "rest": _plain(parts.rest)}
    return Json(_about(line) | {"values": _plain(line.values)} | told)


@router.get("/forecast", response_model=Forecasted, summary="Where a series goes, beside the seasonal-naive line")
def get_forecast(
    read: OneSeries,
    steps: Annotated[int, Query(ge=1, le=MOST_STEPS, description="Buckets to forecast.")] = 24,
    coverage: Annotated[float, Query(ge=0.5, le=0.99, description="Share of what comes that the band shall hold.")] = 0.9,
) -> Json:
    """An average of simple forecasters, chosen by how they did in the past; `mase` below `naive_mase`: worth more than the naive line."""
    line = read("auto")
    made = forecast(line.values, steps, coverage, line.bucket_s)
    known = np.flatnonzero(np.isfinite(line.values))
    begins = iso((line.first_s + (int(known[-1]) + 1) * line.bucket_s) * 10**9)
    told = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in asdict(made).items()}
    return Json(_about(line) | {"values": _plain(line.values), "begins": begins} | told)


@router.get("/correlation", response_model=Correlations, summary="Whether two series go together")
def get_correlation(
    services: Using,
    window: WindowOf,
    first: Name,
    second: Name,
    project: Project = "default",
    query: SearchText = "",
    agent: Agent = "",
    second_query: SearchText = "",
    second_agent: Agent = "",
    bucket_s: Bucket = 0,
    method: Annotated[Method, Query(description="pearson: in a straight line; spearman: by rank.")] = "pearson",
    lags: Annotated[int, Query(ge=0, le=100, description="Buckets that the second may be ahead or behind, at most.")] = 0,
    without: Annotated[
        Without, Query(description="What is taken out of both before: what repeats, or all but changes; a shared day is no connection.")
    ] = "nothing",
) -> Json:
    """With the number of independent pairs that the buckets are worth, and probabilities that allow for every lag that was tried."""
    size_s = nice_bucket_s(bucket_s, window)
    lines = [
        line_of(services, project, window, Wanted.parse(first, query, agent), size_s),
        line_of(services, project, window, Wanted.parse(second, second_query, second_agent), size_s),
    ]
    x, y = (_ready(values, without, size_s) for values in _aligned(*lines))
    if 4 * lags > len(x):
        raise InputError(f"lags: {lags} buckets are more than a quarter of the {len(x)} that both series span; ask for a longer time range or smaller buckets")
    found = lagged(x, y, lags, method)
    best = min((one for one in found if one.probability is not None), key=lambda one: (one.probability, abs(one.lag)), default=None)
    names = lines[0].wanted.name, lines[1].wanted.name
    told = {"first": names[0], "second": names[1], "bucket_s": size_s, "buckets": len(x), "method": method, "without": without}
    items = [_item(one) for one in found]
    return Json(told | {"items": items, "next_cursor": None, "best": _item(best) if best else None, "told": _said(best, names, size_s)})


def _item(one: Correlation) -> dict[str, Any]:
    """Without the method, which is that of all."""
    told = asdict(one)
    del told["method"]
    return told


def _about(line: Line) -> dict[str, Any]:
    first = iso(line.first_s * 10**9) if len(line.values) else None
    return {"series": line.wanted.name, "unit": line.wanted.unit, "bucket_s": line.bucket_s, "first": first}


def _plain(values: Floats) -> list[float | None]:
    return [value if value == value else None for value in values.tolist()]  # noqa: PLR0124  what is not itself is no number


def _aligned(first: Line, second: Line) -> tuple[Floats, Floats]:
    """The buckets that both span."""
    begin = max(first.first_s, second.first_s)
    x, y = (line.values[(begin - line.first_s) // line.bucket_s :] for line in (first, second))
    count = min(len(x), len(y))
    return x[:count], y[:count]


def _ready(values: Floats, without: Without, bucket_s: int) -> Floats:
    if without == "differences":
        return np.diff(values)
    if without == "waves" and np.isfinite(values).sum() > 8:
        return decompose(values, periods(values, bucket_s)).rest
    return values


def _said(best: Correlation | None, names: tuple[str, str], bucket_s: int) -> str:
    if best is None or best.coefficient is None or best.probability is None:
        return "Too few buckets in which both have a value, or one of them stands still: nothing can be said."
    later = "" if not best.lag else f", {names[1]} {abs(best.lag) * bucket_s} s {'later' if best.lag > 0 else 'earlier'}"
    worth = f"{best.pairs} buckets that are worth {best.effective:.0f} independent ones"
    if best.probability >= 0.05:
        return f"No connection shows in {worth}: r = {best.coefficient:.2f}, p = {best.probability:.2g}{later}."
    size = f"r = {best.coefficient:.2f} ({best.low:.2f} to {best.high:.2f}), p = {best.probability:.2g}"
    return f"They go together{later}: {size}, of {worth}. That is no proof of a cause."
