"""The summary, and figures over time."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import CallFigures, Page, Time

__all__ = ["CallSeries", "EventSeries", "MetricList", "PointSeries", "SpanSeries", "SqlAnswer", "SqlSchema", "Summary"]


class Names(Answer):
    """What was counted; of each the first by the alphabet, as many as were asked for."""

    agents: list[str] = Field(description="Agents.")
    sessions: list[str] = Field(description="Sessions.")
    users: list[str] = Field(description="Users.")
    models: list[str] = Field(description="Models.")


class LeftOut(Answer):
    """How many names are not listed."""

    agents: int = Field(description="Agents.")
    sessions: int = Field(description="Sessions.")
    users: int = Field(description="Users.")
    models: int = Field(description="Models.")


class Summary(CallFigures):
    """What happened."""

    traces: int = Field(description="Traces.")
    spans: int = Field(description="Spans.")
    embeddings: int = Field(description="Embedding calls.")
    agents: int = Field(description="Agents.")
    sessions: int = Field(description="Sessions.")
    users: int = Field(description="Users.")
    models: int = Field(description="Models.")
    without_usage: int = Field(description="Successful model calls that told no tokens: the tokens are incomplete by theirs.")
    unpriced: int = Field(description="Calls with tokens and no price: the cost is incomplete by theirs.")
    names: Names = Field(description="What was counted.")
    left_out: LeftOut = Field(description="How many of them are not listed; they are counted all the same.")


class _Point(Answer):
    time: Time
    group: dict[str, str] = Field(description="Values of `group_by`.")
    count: int = Field(description="How many.")


class _Durations(_Point):
    errors: int = Field(description="How many of them failed.")
    p50_ns: float | None = Field(description="Median of the duration.")
    p90_ns: float | None = Field(description="90th percentile of the duration.")
    p95_ns: float | None = Field(description="95th percentile of the duration.")
    p99_ns: float | None = Field(description="99th percentile of the duration.")


class SpanPoint(_Durations):
    """Spans of one bucket and group."""

    sum_ns: int = Field(description="Sum of their durations.")
    min_ns: int = Field(description="Shortest duration.")
    max_ns: int = Field(description="Longest duration.")


class CallPoint(_Durations):
    """Calls of one bucket and group, each counted once."""

    input_tokens: int = Field(description="Tokens in, cached ones included.")
    output_tokens: int = Field(description="Tokens out, reasoning included.")
    cache_read_tokens: int = Field(description="Tokens read from the provider's cache.")
    cache_write_tokens: int = Field(description="Tokens written to the provider's cache.")
    reasoning_tokens: int = Field(description="Tokens of reasoning.")
    cost_usd: float = Field(description="Cost in USD.")


class EventPoint(_Point):
    """Log records of one bucket and group."""

    errors: int = Field(description="Those of severity error or critical.")


class MetricPoint(_Point):
    """A metric in one bucket and group."""

    type: str = Field(description="gauge, sum, histogram, exponential_histogram, summary.")
    unit: str = Field(description="Unit.")
    count: int = Field(description="Values in the histograms or summaries; of gauges and sums 0.")
    samples: int = Field(description="Data points.")
    avg: float | None = Field(description="Mean of the values; null: not told.")
    min: float | None = Field(description="Smallest value; of histograms that do not tell it, where their lowest bucket begins.")
    max: float | None = Field(description="Largest value; of histograms that do not tell it, where their highest bucket ends.")
    last: float | None = Field(description="Latest value; of histograms and summaries the mean of the latest.")
    increase: float | None = Field(description="Growth in the bucket, of histograms and summaries that of the sum of values; resets are seen. Null: not known.")
    rate: float | None = Field(description="Growth per second.")
    p50: float | None = Field(None, description="Median, of histograms, and of summaries that tell it.")
    p90: float | None = Field(None, description="90th percentile, as p50.")
    p95: float | None = Field(None, description="95th percentile, as p50.")
    p99: float | None = Field(None, description="99th percentile, as p50.")
    quantiles: dict[str, float | None] | None = Field(None, description="Of summaries: the quantiles that the latest one tells, and their values.")


class SpanSeries(Page[SpanPoint]):
    """Spans over time."""

    bucket_s: int = Field(description="Seconds of one bucket.")


class CallSeries(Page[CallPoint]):
    """Calls over time."""

    bucket_s: int = Field(description="Seconds of one bucket.")
    of: Literal["calls", "sums"] = Field(description="What was added up: the calls themselves, or sums of hours and days, whose quantiles are within 1 %.")


class EventSeries(Page[EventPoint]):
    """Log records over time."""

    bucket_s: int = Field(description="Seconds of one bucket.")


class PointSeries(Page[MetricPoint]):
    """A metric over time."""

    metric: str = Field(description="Its name.")
    bucket_s: int = Field(description="Seconds of one bucket.")


class Metric(Answer):
    """A metric."""

    metric: str = Field(description="Its name.")
    type: str = Field(description="gauge, sum, histogram, exponential_histogram, summary.")
    unit: str = Field(description="Unit.")
    description: str = Field(description="What its source says of it.")
    temporality: str = Field(description="delta, cumulative, or empty.")
    points: int = Field(description="Data points, each once; from some thousands on within 1 %.")
    last_seen: Time
    services: list[str] = Field(description="Services, at most 20.")
    attributes: list[str] = Field(description="Names of its attributes, at most 50.")


class MetricList(Page[Metric]):
    """Metrics."""


class SqlAnswer(Page[dict[str, Any]]):
    """Rows by column."""

    columns: list[str] = Field(description="Names of the columns, in order.")


class SqlColumn(Answer):
    """A column."""

    name: str = Field(description="Its name.")
    type: str = Field(description="Its type, as ClickHouse names it.")


class SqlTable(Answer):
    """A table."""

    table: str = Field(description="Its name.")
    columns: list[SqlColumn] = Field(description="Its columns, in order.")


class SqlSchema(Page[SqlTable]):
    """What SQL may ask."""
