"""What is computed of series, as the API tells it."""

from __future__ import annotations

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page

__all__ = ["Buckets", "Correlations", "Decomposition", "Distribution", "Forecasted"]


class _OfSeries(Answer):
    series: str = Field(description="Its name.")
    unit: str = Field(description="Of its values; empty: a number, or what the metric says.")
    bucket_s: int = Field(description="Seconds of one bucket.")
    first: str | None = Field(description="Where the first bucket begins; null: there is none.")


class Buckets(_OfSeries):
    """One value for every bucket, the first of which has something and the last of which is over."""

    filled: str = Field(description="What empty buckets were given: none, zero, previous, linear.")
    values: list[float | None] = Field(description="In order of time; null: nothing there.")


class CorrelationItem(Answer):
    """How two series go together, the second one `lag` buckets later."""

    lag: int = Field(description="Buckets that the second series lies behind; negative: ahead.")
    coefficient: float | None = Field(description="-1 to 1; null: fewer than 8 pairs, or a series that stands still.")
    pairs: int = Field(description="Buckets in which both have a value.")
    effective: float = Field(description="Independent pairs that these are worth: neighbours are alike.")
    probability: float | None = Field(description="Of a coefficient as far from zero where nothing connects the two, over all lags that were tried.")
    low: float | None = Field(description="Of the coefficient, 95 %.")
    high: float | None = Field(description="Of the coefficient, 95 %.")


class Correlations(Page[CorrelationItem]):
    """Two series. That they go together does not say that one causes the other."""

    first: str = Field(description="Name of the first series.")
    second: str = Field(description="Name of the second.")
    bucket_s: int = Field(description="Seconds of one bucket.")
    buckets: int = Field(description="Buckets in which at least one has a value.")
    method: str = Field(description="pearson (straight), spearman (by rank: whatever rises with the other).")
    without: str = Field(
        description="What was taken out of both before: nothing, waves (trend and what repeats), differences (all but the change from bucket to bucket)."
    )
    items: list[CorrelationItem] = Field(description="By lag.")
    best: CorrelationItem | None = Field(description="The one with the smallest probability.")
    told: str = Field(description="The same in a sentence.")


class BarItem(Answer):
    """Of a histogram."""

    low: float = Field(description="Where it begins.")
    high: float = Field(description="Where it ends.")
    count: int = Field(description="Values in it.")


class Distribution(_OfSeries):
    """How the values of a series are spread, one value per bucket."""

    count: int = Field(description="Buckets with a value.")
    missing: int = Field(description="Buckets without.")
    zeros: int = Field(description="Values that are zero.")
    mean: float | None = Field(description="Mean.")
    deviation: float | None = Field(description="Standard deviation.")
    least: float | None = Field(description="Smallest value.")
    greatest: float | None = Field(description="Largest value.")
    skew: float | None = Field(description="0: even to both sides; positive: a tail of large values.")
    quantiles: dict[str, float] = Field(description="From 0.01 to 0.99.")
    tail_index: float | None = Field(description="Of the upper tail (Hill); below about 3 single values rule the mean. Null: too few, or not positive.")
    memory: float | None = Field(description="Correlation with the value one bucket before.")
    bars: list[BarItem] = Field(description="The histogram.")


class Wave(Answer):
    """What repeats."""

    period: int = Field(description="Buckets of one period.")
    period_s: int = Field(description="Seconds of one period.")
    strength: float = Field(description="0 to 1: how much of what is left without the trend it is.")
    values: list[float] = Field(description="For every bucket.")


class Decomposition(_OfSeries):
    """What a series is made of: trend, waves and rest add up to the values."""

    values: list[float | None] = Field(description="The series.")
    trend: list[float] = Field(description="For every bucket.")
    trend_strength: float = Field(description="0 to 1: how much of what is left without waves it is.")
    waves: list[Wave] = Field(description="The shortest period first; none: nothing repeats.")
    rest: list[float | None] = Field(description="What is left.")


class Forecasted(_OfSeries):
    """Where a series goes, beside the line that says: as one period ago."""

    values: list[float | None] = Field(description="The past that it was made of.")
    begins: str = Field(description="Where the first forecast bucket begins.")
    middle: list[float] = Field(description="The forecast.")
    low: list[float] = Field(description="Lower end of the band.")
    high: list[float] = Field(description="Upper end.")
    naive: list[float] = Field(description="The seasonal-naive line: the latest value of the same place in the period.")
    coverage: float = Field(description="Share of what comes that the band is meant to hold.")
    periods: list[int] = Field(description="What repeats, in buckets.")
    mase: float | None = Field(description="Mean error at places in the past, in sizes of the seasonal-naive step; null: too short to look back.")
    naive_mase: float | None = Field(description="The same of the seasonal-naive line: a forecast with more is not worth its name.")
    places: int = Field(description="Places in the past that it was tried at.")
    made_of: dict[str, float] = Field(description="The forecasters that weigh most, and their weights.")
