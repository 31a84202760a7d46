"""Events, sessions, agents, sources, and what there is to search for."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Attributes, CallFigures, Page, SpanId, Time, TraceId

__all__ = ["AgentList", "AttributeNames", "Completion", "EdgeList", "EventList", "Facets", "Session", "SessionList", "SourceList", "UsageList"]


class Event(Answer):
    """A log record or event."""

    event_id: str = Field(description="Hash of its content, 32 hex digits: the same record sent twice has one.")
    time: Time
    observed_time: Time
    received: Time
    trace_id: TraceId
    span_id: SpanId
    event_name: str = Field(description="Empty: a plain log record.")
    severity: str = Field(description="trace, debug, info, warning, error, critical, or empty.")
    severity_number: int = Field(description="As OpenTelemetry numbers it, 0 to 24.")
    severity_text: str = Field(description="As the source wrote it.")
    body: Any = Field(description="Of any type.")
    source: str = Field(description="Runner, instrumentation or service that told it.")
    execution_id: str = Field(description="Execution, one run of an agent.")
    service: str = Field(description="Service that sent it.")
    environment: str = Field(description="Deployment environment.")
    kind: str = Field(description="What the record tells of, where it is a call: llm, tool, …")
    model: str = Field(description="Model.")
    agent: str = Field(description="Agent.")
    tool: str = Field(description="Tool.")
    session_id: str = Field(description="Session.")
    user_id: str = Field(description="User.")
    error_type: str = Field(description="Type of the error.")
    attributes: Attributes
    issues: list[str] = Field(description="What was wrong with the record as it arrived.")


class EventList(Page[Event]):
    """Log records and events."""


class Session(CallFigures):
    """A conversation, over its whole life."""

    session_id: str = Field(description="Its id.")
    start: Time
    end: Time
    traces: int = Field(description="Its traces.")
    spans: int = Field(description="Its spans.")
    errors: int = Field(description="Its spans that failed.")
    users: list[str] = Field(description="Users, at most 20.")
    agents: list[str] = Field(description="Agents, at most 20.")
    first_input: str = Field(description="Begin of what a user said first, else of what went in first.")
    last_output: str = Field(description="Begin of what came out last.")


class SessionList(Page[Session]):
    """Sessions."""


class Agent(CallFigures):
    """An agent as it was seen in the time range."""

    agent: str = Field(description="Its name.")
    runs: int = Field(description="Agent spans.")
    failed_runs: int = Field(description="Agent spans that failed.")
    running: int = Field(description="Agent spans that have not ended.")
    spans: int = Field(description="Spans that name it.")
    errors: int = Field(description="Spans that name it and failed.")
    p50_ns: float | None = Field(description="Median duration of its runs.")
    p95_ns: float | None = Field(description="95th percentile of the duration of its runs.")
    first_seen: Time
    last_seen: Time
    versions: list[str] = Field(description="Versions, at most 20.")
    ids: list[str] = Field(description="Ids, at most 20.")
    services: list[str] = Field(description="Services, at most 20.")
    dialects: list[str] = Field(description="Naming conventions of its spans.")
    sessions: int = Field(description="Sessions it took part in.")
    models: list[str] = Field(description="Models it called, at most 20.")
    tools: list[str] = Field(description="Tools it used, at most 50.")


class AgentList(Page[Agent]):
    """Agents."""


class Edge(Answer):
    """One agent that called another."""

    caller: str = Field(description="The agent that called.")
    callee: str = Field(description="The agent that was called.")
    calls: int = Field(description="Runs of the callee below a run of the caller.")
    errors: int = Field(description="Those of them that failed.")
    p50_ns: float | None = Field(description="Median of their duration; null: none has ended.")
    p95_ns: float | None = Field(description="95th percentile of their duration.")
    last_seen: Time


class EdgeList(Page[Edge]):
    """Who called whom."""

    partial: bool = Field(description="There were more traces than were looked at.")


class Usage(Answer):
    """What the calls of one tool or model came to, each call counted once."""

    name: str = Field(description="The tool or the model.")
    providers: list[str] = Field(description="Providers, at most 10.")
    kinds: list[str] = Field(description="llm, embedding, tool.")
    calls: int = Field(description="Calls, failed ones included.")
    errors: int = Field(description="Calls that failed.")
    error_types: list[str] = Field(description="Why they failed, at most 10.")
    p50_ns: float | None = Field(description="Median of the duration.")
    p95_ns: float | None = Field(description="95th percentile of the duration.")
    failed_ns: int = Field(description="Time that went into failed calls.")
    input_tokens: int = Field(description="Tokens in, cached ones included.")
    output_tokens: int = Field(description="Tokens out, reasoning included.")
    cache_read_tokens: int = Field(description="Tokens read from the provider's cache.")
    cache_write_tokens: int = Field(description="Tokens written to the provider's cache.")
    reasoning_tokens: int = Field(description="Tokens of reasoning.")
    cost_usd: float = Field(description="Cost in USD.")
    failed_cost_usd: float = Field(description="Cost of failed calls.")
    unpriced: int = Field(description="Calls with tokens and no price.")
    agents: list[str] = Field(description="Agents that called it, at most 20.")
    services: list[str] = Field(description="Services, at most 20.")
    last_seen: Time


class UsageList(Page[Usage]):
    """Tools or models by use."""


class ToldBy(Answer):
    """An instrumentation that tells of calls which another source tells of too."""

    service: str = Field(description="Service.")
    scope_name: str = Field(description="Instrumentation scope.")
    spans: int = Field(description="Model spans of the source that tell of its calls again; beyond 300 estimated.")
    events: int = Field(description="Log records of the source that tell of its calls again; beyond 300 estimated.")


class Source(Answer):
    """A service and the instrumentation that tells of it, with what it sends, and what its telemetry lacks or doubles."""

    service: str = Field(description="Service.")
    scope_name: str = Field(description="Instrumentation scope.")
    scope_version: str = Field(description="Its version; of several the last by name.")
    sdk: str = Field(description="Telemetry SDK of its latest record: name, language, version; empty: not told.")
    dialects: list[str] = Field(description="Naming conventions.")
    kinds: list[Literal["spans", "events", "points"]] = Field(description="What it sends: spans, log records, data points.")
    spans: int = Field(description="Spans.")
    events: int = Field(description="Log records.")
    points: int = Field(description="Data points; from some thousands on within 1 %.")
    traces: int = Field(description="Traces.")
    plumbing: int = Field(description="Inner spans of frameworks.")
    pending: int = Field(description="Spans that have begun and not ended.")
    model_spans: int = Field(description="Spans of model calls.")
    model_events: int = Field(description="Log records of model calls.")
    without_usage: int = Field(description="Model calls, told by spans or log records, that succeeded and told no tokens.")
    without_model: int = Field(description="Model calls that do not tell their model.")
    unpriced: int = Field(description="Calls with tokens of a model without a known price.")
    without_messages: int = Field(description="Spans of model calls without messages.")
    without_parent: int = Field(description="Spans whose parent has not come.")
    without_session: int = Field(description="Spans, and log records of calls, without a session.")
    dropped_attributes: int = Field(description="Attributes that the sender dropped.")
    last_seen: Time
    issues: dict[str, int] = Field(description="What was wrong with its records, with counts.")
    told_twice: int = Field(description="Model spans and log records of calls that another span tells of too.")
    told_by: list[ToldBy] = Field(description="Who tells of these calls too.")
    hints: list[str] = Field(description="What is incomplete or doubled, and why that may be.")


class SourceList(Page[Source]):
    """Telemetry health."""


class FacetValue(Answer):
    """A value of a field."""

    value: str = Field(description="The value.")
    count: int = Field(description="Records that have it.")
    errors: int = Field(description="Those of them that failed; of log records also those of severity error or critical.")


class Facet(Answer):
    """A field with its most frequent values."""

    field: str = Field(description="Its name in searches.")
    values: list[FacetValue] = Field(description="Most frequent first.")


class Facets(Page[Facet]):
    """Fields and their values."""

    kind: Literal["spans", "events"] = Field(description="Of which records.")
    exact: bool = Field(description="False: hours with too many spans to look through at once are taken as they are, copies included.")


class AttributeName(Answer):
    """A name of attributes."""

    key: str = Field(description="The name.")
    count: int = Field(description="Spans and log records that have it.")


class AttributeNames(Page[AttributeName]):
    """Names of attributes."""


class Candidate(Answer):
    """Something that may be typed."""

    text: str = Field(description="The text.")
    kind: str = Field(description="What it is: field, value, keyword, …")
    about: str = Field(description="What it means.")


class Completion(Page[Candidate]):
    """What may stand at a place of a search."""

    expected: list[str] = Field(description="What the language expects there.")
    prefix: str = Field(description="What of it is typed already.")
    start: int = Field(description="Where the replaced text begins, in characters.")
