"""What agents waste, as the API tells it."""

from __future__ import annotations

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, SpanId, TraceId

__all__ = ["LoopList", "ToolWasteList"]


class ToolFound(Answer):
    """What analyzers found of a tool of an agent."""

    fingerprint: str = Field(description="Of the finding.")
    rule: str = Field(description="always_fails, unread, repeated, never_called.")
    severity: str = Field(description="Of the finding.")
    title: str = Field(description="For a person.")


class ToolWaste(Answer):
    """Calls of one tool by one agent."""

    agent: str = Field(description="The nearest agent above the calls; empty: none.")
    tool: str = Field(description="Its name; empty: what was found is about several.")
    calls: int = Field(description="Calls, failed ones included.")
    errors: int = Field(description="Calls that failed.")
    comparable: int = Field(description="Successful calls whose arguments are known.")
    repeated: int = Field(description="Of these, calls with the arguments and the result of an earlier one of their run.")
    judged: int = Field(description="Successful calls in traces that are over (nothing arrived for ten minutes) and that call models.")
    unread: int = Field(description="Of these, calls after whose end no model was called in the trace.")
    duration_ns: int = Field(description="Time of all calls.")
    failed_ns: int = Field(description="Time of failed calls.")
    result_tokens: int = Field(description="Tokens of all results, roughly: four bytes each.")
    traces: int = Field(description="In how many traces.")
    last_seen: str | None = Field(description="Start of the latest call; null: it was not called.")
    trace_id: str = Field(description="Trace of the latest call that was wasted, else of the latest.")
    span_id: str = Field(description="Its span.")
    found: list[ToolFound] = Field(description="What analyzers found in the time.")


class ToolWasteList(Page[ToolWaste]):
    """What was found first, then most wasted first."""

    partial: bool = Field(description="Whether there are more calls than were looked at: the latest 200,000.")


class LoopItem(Answer):
    """A run that went round in circles."""

    fingerprint: str = Field(description="Of the finding.")
    rule: str = Field(description="loop, polling, retries.")
    severity: str = Field(description="Of the latest.")
    title: str = Field(description="The latest, for a person.")
    suggestion: str = Field(description="What to do.")
    agent: str = Field(description="Whose run; empty: not told.")
    trace_id: TraceId
    span_id: SpanId
    execution: str | None = Field(description="Id of the execution; null: there is none.")
    status: str = Field(description="Of the execution; empty: there is none.")
    running: bool = Field(description="Whether it goes on now.")
    rounds: int = Field(description="So many rounds when it was told last.")
    calls: list[str] = Field(description="What it calls in one round.")
    run_calls: int = Field(description="Calls of the run when it was told last.")
    run_tokens: int = Field(description="Tokens of the run when it was told last.")
    spent_usd: float = Field(description="What the run had spent when it was told last.")
    spent_since_usd: float = Field(description="Of this, since the second round.")
    cost_usd: float | None = Field(description="What the execution has spent until now; null: not known.")
    began: str = Field(description="When the run began.")
    last_seen: str = Field(description="When it was told last.")


class LoopList(Page[LoopItem]):
    """Told last first."""
