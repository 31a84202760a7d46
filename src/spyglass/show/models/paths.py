"""Where the time of an agent's runs goes, as the API tells it."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, SpanId, Time, TraceId

__all__ = ["CriticalPath"]


class PathChange(Answer):
    """What a step's share is now, less what it was."""

    difference: float = Field(description="Of the shares.")
    low: float = Field(description="The difference lies between this …")
    high: float = Field(description="… and this, 19 times of 20.")
    probability: float = Field(description="Of such a difference by chance (Welch).")
    false_share: float = Field(description="Share of false ones among all steps that are at least as sure (Benjamini and Hochberg).")


class PathStep(Answer):
    """A step that the ends of runs waited for."""

    kind: str = Field(description="tool, llm, agent, retriever …; `others`: what there are too many of to tell apart.")
    name: str = Field(description="The tool, model or agent (`itself`: the agent, while nothing below it ran), or else the operation.")
    share: float = Field(description="Of a run's time, 0 to 1: the mean over the runs, each counting the same.")
    mean_ns: float = Field(description="Time of a run, mean.")
    runs: int = Field(description="Runs that waited for it.")
    share_before: float = Field(description="The same share before.")
    mean_before_ns: float = Field(description="The same time before.")
    change: PathChange | None = Field(description="Null: fewer than 30 runs on one side.")


class Lost(Answer):
    """What calls that failed and were made again took: from the begin of the failed call to the begin of the next."""

    retries: int = Field(description="Calls of the same step that were asked the same, after one that had failed.")
    runs: int = Field(description="Runs with any.")
    lost_ns: int = Field(description="Time, waiting between included. Retries that ran side by side count each.")
    time_share: float = Field(description="Of all time of the runs.")
    lost_usd: float = Field(description="Cost of the failed calls.")
    cost_share: float = Field(description="Of the cost of all calls in the runs.")


class LostOnStep(Answer):
    """The same for one step."""

    kind: str = Field(description="tool, llm, embedding, reranker.")
    name: str = Field(description="The tool or model.")
    retries: int = Field(description="How many.")
    lost_ns: int = Field(description="Time.")
    lost_usd: float = Field(description="Cost.")


class SlowestRun(Answer):
    """The longest run that was looked at."""

    trace_id: TraceId
    span_id: SpanId
    duration_ns: int = Field(description="How long it took.")


class CriticalPath(Page[PathStep]):
    """Which steps the ends of an agent's runs waited for, by their share; all on one page."""

    model_config = ConfigDict(populate_by_name=True)

    agent: str = Field(description="Its name.")
    from_: Time = Field(alias="from", description="Begin of the range in which the runs began.")
    to: Time
    before_from: Time = Field(description="Begin of the range that they are compared with.")
    before_to: Time
    runs: int = Field(description="Runs that were looked at.")
    runs_before: int = Field(description="Runs that they were compared with.")
    partial: bool = Field(description="There are more runs; these were chosen by chance.")
    mean_ns: float | None = Field(description="Duration of a run, mean; null: none ended.")
    mean_before_ns: float | None = Field(description="The same before.")
    slowest: SlowestRun | None = Field(description="Null: none ended.")
    retries: Lost
    retries_before: Lost
    retried: list[LostOnStep] = Field(description="By step, what lost most time first.")
    told: str = Field(description="The same in a sentence.")
