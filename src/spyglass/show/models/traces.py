"""Traces, spans and what was said in them."""

from __future__ import annotations

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Attributes, CallFigures, Page, SpanId, Time, TraceId

__all__ = ["CallMessageList", "OpeningList", "Span", "SpanList", "TraceList", "TraceMessageList", "TraceTree"]


class Trace(CallFigures):
    """A trace in a list."""

    trace_id: TraceId
    start: Time
    duration_ns: int = Field(description="From the first start to the last end of its spans.")
    spans: int = Field(description="Spans that have come.")
    errors: int = Field(description="Spans that failed.")
    plumbing: int = Field(description="Inner spans of frameworks, hidden by default.")
    pending: int = Field(description="Spans that have begun and not ended.")
    name: str = Field(description="Of its root, else of its first span.")
    kind: str = Field(description="Kind of its root, else of its first span.")
    status: str = Field(description="Of its root, else of its first span: unset, ok, error.")
    status_message: str = Field(description="What the source said about the outcome.")
    input: str = Field(description="Begin of what went into its root.")
    output: str = Field(description="Begin of what came out of its root.")
    root_span_id: SpanId
    session_id: str = Field(description="Session; empty: none.")
    user_id: str = Field(description="User; empty: none.")
    service: str = Field(description="Service of its root.")
    environment: str = Field(description="Deployment environment of its root.")
    agents: list[str] = Field(description="Agents that took part, at most 20.")
    models: list[str] = Field(description="Models that were called, at most 20.")
    tools: list[str] = Field(description="Tools that were used, at most 20.")
    dialects: list[str] = Field(description="Naming conventions of its spans.")


class Opening(Answer):
    """What a user said first in a trace."""

    trace_id: TraceId
    text: str = Field(description="Its begin.")


class OpeningList(Page[Opening]):
    """Openings."""


class TraceList(Page[Trace]):
    """Traces."""


class _SpanHead(Answer):
    """What every telling of a span has."""

    span_id: SpanId
    parent_span_id: SpanId
    start: Time
    duration_ns: int = Field(description="How long it took.")
    name: str = Field(description="Name of the span.")
    kind: str = Field(description="What it does: llm, agent, tool, workflow, chain, embedding, …, or span.")
    operation: str = Field(description="GenAI operation.")
    span_kind: str = Field(description="OpenTelemetry span kind.")
    status: str = Field(description="unset, ok, error.")
    error_type: str = Field(description="Type of the error.")
    plumbing: bool = Field(description="An inner span of a framework.")
    pending: bool = Field(description="Begun and not ended.")
    service: str = Field(description="Service that sent it.")
    agent: str = Field(description="Agent, by name.")
    model: str = Field(description="Model that answered, else the one asked for.")
    provider: str = Field(description="Provider of the model.")
    tool: str = Field(description="Tool, by name.")
    session_id: str = Field(description="Session.")
    dialect: str = Field(description="Naming convention that decided the kind.")
    input_tokens: int = Field(description="Tokens in, cached ones included.")
    output_tokens: int = Field(description="Tokens out, reasoning included.")
    cache_read_tokens: int = Field(description="Tokens read from the provider's cache.")
    has_usage: bool = Field(description="The source told tokens; else the counts are not known.")
    cost_usd: float = Field(description="Cost in USD.")
    cost_source: str = Field(description="How the cost was computed: reported, price:…, unknown_model, or empty.")
    time_to_first_chunk_s: float = Field(description="Seconds to the first token; 0: not told.")
    issues: list[str] = Field(description="What was wrong with the record as it arrived.")


class TreeSpan(_SpanHead):
    """A row of a trace's tree."""

    row: int = Field(description="Its place in the tree, depth first, from 0.")
    depth: int = Field(description="How deep it stands; 0: a top.")
    parent_row: int = Field(description="Row of its parent; -1: none.")
    children: int = Field(description="Spans right below it.")
    descendants: int = Field(description="Spans anywhere below it: the rows that follow it.")
    orphan: bool = Field(description="Its parent has not come.")
    self_ns: int = Field(description="Its duration less the time in which any child ran.")
    critical: bool = Field(description="On the critical path.")
    reported_tokens: int = Field(description="Usage that repeats what its children used.")
    tool_call_id: str = Field(description="Tool call, as the model named it.")
    inputs: int = Field(description="Messages that went in.")
    outputs: int = Field(description="Messages that came out.")
    events: int = Field(description="Span events.")
    links: int = Field(description="Span links.")


class TraceTree(Answer):
    """A trace, and a page of its spans in tree order."""

    trace: Trace = Field(description="What it comes to.")
    total: int = Field(description="Rows of the tree.")
    offset: int = Field(description="Row of the first item.")
    roots: int = Field(description="Spans without a parent.")
    orphans: int = Field(description="Spans whose parent has not come.")
    truncated: bool = Field(description="The trace has more spans than a tree holds; these are the first.")
    items: list[TreeSpan] = Field(description="The spans of this page.")
    next_offset: int | None = Field(description="`offset` of the next page; null: this is the last one.")


class _SpanLine(_SpanHead):
    trace_id: TraceId
    status_message: str = Field(description="What the source said about the outcome.")
    environment: str = Field(description="Deployment environment.")
    workflow: str = Field(description="Workflow.")
    user_id: str = Field(description="User.")
    cache_write_tokens: int = Field(description="Tokens written to the provider's cache.")
    reasoning_tokens: int = Field(description="Tokens of reasoning.")
    stream: bool = Field(description="A streamed call.")
    finish_reasons: list[str] = Field(description="Why the model stopped.")
    input: str = Field(description="What went in, where it is not messages.")
    output: str = Field(description="What came out, where it is not messages.")


class SpanLine(_SpanLine):
    """A span in a list; input and output are cut after 300 characters."""


class SpanList(Page[SpanLine]):
    """Spans."""


class SpanEvent(Answer):
    """Something that happened within a span."""

    time: Time
    name: str = Field(description="Name of the event.")
    attributes: Attributes
    dropped_attributes: int = Field(description="Attributes that the sender dropped.")


class SpanLink(Answer):
    """Another span that this one has to do with."""

    trace_id: TraceId
    span_id: SpanId
    trace_state: str = Field(description="W3C trace state.")
    flags: int = Field(description="W3C trace flags.")
    attributes: Attributes
    dropped_attributes: int = Field(description="Attributes that the sender dropped.")


class Span(_SpanLine):
    """A span, whole."""

    project: str = Field(description="Tenant.")
    received: Time
    trace_state: str = Field(description="W3C trace state.")
    flags: int = Field(description="W3C trace flags.")
    original_start_ns: int = Field(description="What the sender wrote, where the start had to be replaced; else 0.")
    original_end_ns: int = Field(description="What the sender wrote, where the duration had to be replaced; else 0.")
    request_model: str = Field(description="Model asked for.")
    response_model: str = Field(description="Model that answered.")
    response_id: str = Field(description="The provider's id of the answer.")
    reported_tokens: int = Field(description="Usage that repeats what its children used.")
    input_cost_usd: float = Field(description="Cost of the tokens in.")
    output_cost_usd: float = Field(description="Cost of the tokens out.")
    reported_cost_usd: float = Field(description="Cost as the source reported it.")
    agent_id: str = Field(description="Agent, by id.")
    agent_version: str = Field(description="Version of the agent.")
    tool_call_id: str = Field(description="Tool call, as the model named it.")
    input_messages: list[str] = Field(description="Hashes of the messages that went in, in order.")
    output_messages: list[str] = Field(description="Hashes of the messages that came out, in order.")
    scope_name: str = Field(description="Instrumentation scope.")
    scope_version: str = Field(description="Its version.")
    scope_attributes: Attributes
    scope_dropped_attributes: int = Field(description="Attributes of the scope that the sender dropped.")
    scope_schema_url: str = Field(description="Schema of the scope's data.")
    resource_attributes: Attributes
    resource_dropped_attributes: int = Field(description="Attributes of the resource that the sender dropped.")
    resource_schema_url: str = Field(description="Schema of the resource.")
    resource_entity_refs: str = Field(description="Which resource attributes name and describe which entity, as OTLP/JSON; empty: not told.")
    attributes: Attributes
    dropped_attributes: int = Field(description="Attributes that the sender dropped.")
    events: list[SpanEvent] = Field(description="Span events.")
    links: list[SpanLink] = Field(description="Span links.")
    dropped_events: int = Field(description="Span events that the sender dropped.")
    dropped_links: int = Field(description="Span links that the sender dropped.")


class _Message(Answer):
    hash: str = Field(description="Hash of its content, 32 hex digits.")
    direction: str = Field(description="input or output.")
    position: int = Field(description="Place in the list of its direction.")
    role: str = Field(description="system, user, assistant, tool.")
    text: str = Field(description="Its text.")
    body: str = Field(description='Canonical JSON: {"role": …, "parts": [{"type": …}]}.')


class TraceMessage(_Message):
    """A message where it was said first."""

    trace_id: TraceId
    span_id: SpanId
    start: Time
    session_id: str = Field(description="Session.")
    agent: str = Field(description="Agent.")
    model: str = Field(description="Model.")


class TraceMessageList(Page[TraceMessage]):
    """What was said in a trace."""


class CallMessage(_Message):
    """A message of one call."""

    new: bool = Field(description="No call before had it.")
    missing: bool = Field(description="It is not kept any more.")


class CallMessageList(Page[CallMessage]):
    """The conversation of one call."""
