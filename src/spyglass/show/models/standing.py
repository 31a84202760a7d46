"""Health: of agents and of the system, and what people do about it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spyglass.show.models.base import Answer, Body
from spyglass.show.models.page import Page, Time

__all__ = ["Acted", "Action", "AgentHealth", "AgentHealthList", "AgentMetrics", "AgentMetricsList", "SystemHealth"]

State = Literal["healthy", "degraded", "critical", "no_data"]
Score = Annotated[float | None, Field(description="0 to 100; null: no data.", ge=0, le=100)]
Counts = Annotated[dict[str, int], Field(description="Agents by state: healthy, degraded, critical, no_data.")]


class AgentPart(Answer):
    """One part of an agent's score."""

    name: Literal["success", "errors", "latency", "cost", "liveness"] = Field(
        description="success: runs that did not fail; errors: model calls and tool executions that failed; latency: p95 of runs; cost: USD of a run; "
        "liveness: runs that stalled or were given up."
    )
    score: float = Field(description="0 to 100.")
    weight: float = Field(description="Against those of the other parts.")
    value: float = Field(description="Share of what failed or went silent; ns (latency); USD of a run, or of a call where there are no runs (cost).")
    usual: float | None = Field(description="The same over the seven days before; null: there was none.")
    count: int = Field(description="Runs or calls behind it.")
    bad: int = Field(description="Of these: failed, or silent.")
    back_at: float | None = Field(description="The most that `value` may be for the part to have 90; null: it has.")
    gives: float | None = Field(description="The whole score, once it is.")
    told: str = Field(description="In words.", examples=["p95 8.1 s against 3.0 s usual"])
    restores: str = Field(description="What would restore it, in words; empty: it is good.", examples=["back below 4.4 s gives 81"])


class Known(Answer):
    """Somebody knows of it."""

    note: str = Field(description="What they said.")
    since: Time
    until: Time | None = Field(description="Until when; null: until it is cleared.")


class AgentHealth(Answer):
    """How an agent stands: the last hour against what is usual for it."""

    agent: str = Field(description="Name of the agent.")
    state: State = Field(description="healthy from 80, degraded from 60, critical below; no_data: it did nothing in the last hour.")
    score: Score
    runs: int = Field(description="Runs that ended in the last hour; cancelled ones are left out.")
    failed_runs: int = Field(description="Of these: failed.")
    calls: int = Field(description="Model calls and tool executions.")
    failed_calls: int = Field(description="Of these: failed.")
    p95_ns: float | None = Field(description="Of the runs; null: none ended.")
    cost_usd: float = Field(description="Of its calls.")
    stalled: int = Field(description="Runs that are silent for longer than is usual for the agent.")
    abandoned: int = Field(description="Runs that were given up.")
    usual_runs: int = Field(description="Runs that its usual figures are made of.")
    parts: list[AgentPart] = Field(description="Those that are known, worst first.")
    worst: list[AgentPart] = Field(description="The two worst of those that are not good.")
    known: Known | None = Field(description="Somebody knows of it, so that it does not count for the system; null: nobody said so.")
    baseline_since: Time | None = Field(description="From when on what is usual counts; null: the last seven days.")


class AgentHealthList(Page[AgentHealth]):
    """Agents, worst first."""

    counts: Counts
    since: Time
    as_of: Time


class Part(Answer):
    """One part of the system's score."""

    name: Literal["agents", "ingest", "store", "runners", "losses"] = Field(description="What is judged.")
    score: float | None = Field(description="0 to 100; null: there is nothing to judge.")
    weight: float = Field(description="Against those of the other parts.")
    told: str = Field(description="How it stands, in words.")
    problems: list[str] = Field(description="What is wrong, and what to do.")


class SystemHealth(Answer):
    """How everything stands, in one answer."""

    state: State = Field(description="healthy from 80, degraded from 60, critical below.")
    score: float = Field(description="0 to 100.")
    parts: list[Part] = Field(description="Worst first; those that are not judged last.")
    counts: Counts
    known: int = Field(description="Agents that are unwell and somebody knows of; they do not count.")
    worst: list[AgentHealth] = Field(description="The agents that are worst off, at most ten; those that somebody knows of are left out.")
    received: int = Field(description="Rows that came in the last hour, of all projects; since the start, where that was later.")
    lost: int = Field(description="Of these: rejected or dropped.")
    as_of: Time


class Action(Body):
    """Something to do about health."""

    action: Literal["recheck", "reset_baseline", "acknowledge", "clear"] = Field(
        description="recheck: count and judge anew, now. reset_baseline: what is usual counts from `since` on. acknowledge: its state is known, until `until`. "
        "clear: take acknowledgements back."
    )
    agent: str = Field("", max_length=512, description="Name of the agent; empty: all agents.")
    note: str = Field("", max_length=2000, description="Why; goes into the audit.")
    since: str = Field("now", max_length=64, description="For reset_baseline: ISO 8601, `now`, `-1h`, or Unix time.")
    until: str = Field("", max_length=64, description="For acknowledge: ISO 8601, or Unix time; empty: until it is cleared.")


class Acted(Answer):
    """What was done, and how it stands now."""

    action: Literal["recheck", "reset_baseline", "acknowledge", "clear"] = Field(description="What was done.")
    agent: str = Field(description="To whom; empty: to all agents.")
    changed: int = Field(description="recheck: windows of ten minutes that were counted; clear: acknowledgements that were taken back; else 1.")
    health: SystemHealth = Field(description="As it is now.")


class AgentMetrics(Answer):
    """Figures of an agent in the time range."""

    agent: str = Field(description="Name of the agent; `other` stands for all beyond the limit.")
    score: Score
    runs: int = Field(description="Runs that ended.")
    failed_runs: int = Field(description="Of these: failed.")
    p50_ns: float | None = Field(description="Median of their durations; null: none ended.")
    p95_ns: float | None = Field(description="95 of 100 took no longer; null: none ended.")
    calls: int = Field(description="Model calls and tool executions.")
    failed_calls: int = Field(description="Of these: failed.")
    input_tokens: int = Field(description="Tokens in.")
    output_tokens: int = Field(description="Tokens out.")
    cost_usd: float = Field(description="Cost in USD.")


class AgentMetricsList(Page[AgentMetrics]):
    """Figures per agent, most runs and calls first."""

    since: Time
    until: Time
