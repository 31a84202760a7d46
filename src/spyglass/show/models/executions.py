"""Executions: the runs of agents, and their steps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, Time

__all__ = ["Execution", "ExecutionCount", "ExecutionCountList", "ExecutionDetail", "ExecutionList", "ExecutionStatus", "StepList"]

ExecutionStatus = Literal["created", "running", "waiting", "stalled", "succeeded", "failed", "cancelled", "abandoned"]


class Execution(Answer):
    """One run of an agent. Figures are of the spans below it, of the executions below it too; null where there are too many spans to look at for a list."""

    id: str = Field(description="Where it is an agent's span: trace id, `-`, span id, in hex. Else `spyglass.execution.id`.")
    source: Literal["span", "event"] = Field(description="What tells of it: the span of an agent, or the events `execution.*` alone.")
    status: ExecutionStatus = Field(
        description="How it stands. `waiting`: for somebody; `stalled`: silent against its own rhythm; `abandoned`: given up after that."
    )
    start: Time = Field(description="When it started, by its sender's clock; else when it was created, else the first that it told.")
    end: Time | None = Field(description="When it ended; null: it has not. The first end stands.")
    duration_ns: int = Field(description="How long it took; of one that has not ended, until now.")
    last_heard: Time = Field(description="When the latest record of its own arrived, by the server's clock.")
    stalled_since: Time | None = Field(description="When its silence was longer than its rhythm lets expect; null: it has not stalled.")
    waiting_for: str = Field(description="What it waits for; empty: it does not wait, or does not say.")
    trace_id: str = Field(description="Trace, 32 hex digits; empty: none.")
    span_id: str = Field(description="The span that it is or stands at, 16 hex digits; empty: none.")
    agent: str = Field(description="Agent, by name.")
    agent_id: str = Field(description="Agent, by id.")
    agent_version: str = Field(description="Version of the agent.")
    name: str = Field(description="Name of the span, or the operation.")
    session_id: str = Field(description="Session.")
    user_id: str = Field(description="User.")
    service: str = Field(description="Service.")
    environment: str = Field(description="Deployment environment.")
    task_id: str = Field(description="Task that it works on.")
    parent_id: str = Field(description="The execution above it; empty: none.")
    forked_from: str = Field(description="The execution that it was forked from; empty: it is no fork.")
    forked_at_step: int | None = Field(description="After which step of that one; null: it is no fork.")
    error_type: str = Field(description="Type of the error.")
    status_message: str = Field(description="What was said about the outcome.")
    input: str = Field(description="Begin of what went in.")
    output: str = Field(description="Begin of what came out.")
    steps: int = Field(description="Its steps: those that it tells of, else the spans below it that do work, not counting work within work.")
    last_step: str = Field(description="Name of its latest step; empty: none.")
    last_step_at: Time | None = Field(description="When that began; null: none.")
    model_calls: int | None = Field(description="Model calls, failed ones included.")
    model_errors: int | None = Field(description="Model calls that failed.")
    tool_calls: int | None = Field(description="Tool executions, failed ones included.")
    tool_errors: int | None = Field(description="Tool executions that failed.")
    input_tokens: int | None = Field(description="Tokens in, cached ones included.")
    output_tokens: int | None = Field(description="Tokens out, reasoning included.")
    cache_read_tokens: int | None = Field(description="Tokens read from the provider's cache.")
    cache_write_tokens: int | None = Field(description="Tokens written to the provider's cache.")
    reasoning_tokens: int | None = Field(description="Tokens of reasoning.")
    cost_usd: float | None = Field(description="Cost in USD.")
    spans: int | None = Field(description="Its spans, its own included.")
    errors: int | None = Field(description="Spans, or steps that it tells of, that failed.")
    partial: bool = Field(description="Its trace is too large for figures here; GET /traces/{trace_id} has them.")
    memory_bytes: int | None = Field(description="Most resident memory that it told; null: not told.")
    cpu_s: float | None = Field(description="CPU time that it told; null: not told.")
    issues: list[str] = Field(description="What is odd about how it was told: no_start, started_twice, ended_twice, ended_before_start.")


class ExecutionList(Page[Execution]):
    """Executions."""


class ExecutionCount(Answer):
    """How many executions stand in one way."""

    status: ExecutionStatus = Field(description="How they stand.")
    count: int = Field(description="How many.")


class ExecutionCountList(Page[ExecutionCount]):
    """All statuses that some have, most first."""


class ExecutionDetail(Execution):
    """One execution with those around it."""

    parent: Execution | None = Field(description="The execution above it; null: none, or it is no longer kept.")
    children: list[Execution] = Field(description="The executions right below it, earliest first; at most 200.")
    origin: Execution | None = Field(description="What it was forked from; null: it is no fork, or that is no longer kept.")
    forks: list[Execution] = Field(description="What was forked from it, earliest first; at most 200.")


class Step(Answer):
    """Something that an execution did on the way."""

    number: int | None = Field(description="Its number, from 1; null: not told.")
    time: Time
    name: str = Field(description="Its name: as told, else the tool, the model, the agent, or the span.")
    status: Literal["ok", "failed", "running"] = Field(description="How it went.")
    kind: str = Field(description="Of the span: llm, tool, agent …; empty: it was told by an event.")
    duration_ns: int | None = Field(description="How long it took; null: not told, or it has not ended.")
    trace_id: str = Field(description="Trace, 32 hex digits; empty: none.")
    span_id: str = Field(description="Span, 16 hex digits; empty: none.")
    input: str = Field(description="Begin of what was told with it.")
    output: str = Field(description="Begin of what came out of it.")


class StepList(Page[Step]):
    """Steps, in order."""
