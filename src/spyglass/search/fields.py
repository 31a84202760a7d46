"""The fields that a search can name: canonical name, meaning, columns in each kind of record, other names.

The one place to add a field. docs/search.md shows this table, and a test compares both.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from spyglass.model.schema import SCHEMAS, Kind
from spyglass.search.predicates import AnyOf, IsTrue, Negation, Number, OneOf, Predicate

__all__ = ["FAILED", "FIELDS", "KINDS", "NAMES", "STATES", "Field", "Type", "find", "nearest"]

KINDS: Final = (
    *("llm", "agent", "tool", "workflow", "chain", "embedding", "reranker", "retriever", "guardrail", "evaluator"),
    *("prompt", "memory", "mcp", "create_agent", "span"),
)
SEVERITIES: Final = ("trace", "debug", "info", "warning", "error", "critical")
STATES: Final[Mapping[str, str]] = {
    "root": "a span without a parent",
    "error": "a span or event that failed, or an event of severity error or above",
    "pending": "a span that has begun and not ended",
    "plumbing": "an inner span of a framework, hidden by default",
    "stream": "a streamed model call",
}


class Type(StrEnum):
    """What the values of a field look like, and which comparisons it knows."""

    TEXT = "text"  # exact, or with wildcards
    WORDS = "words"  # full text
    CHOICE = "choice"  # one of `values`; `<` and `>` where ordered
    BOOL = "bool"
    COUNT = "count"  # a whole number, 0 or more
    NUMBER = "number"
    USD = "usd"
    DURATION = "duration"
    TIME = "time"
    ID = "id"  # hexadecimal
    LIST = "list"  # of texts, one of which has to match
    ATTRIBUTE = "attribute"  # texts, and numbers where they are compared


@dataclass(frozen=True, slots=True)
class Field:
    """One field. A kind of record that is missing in `columns` does not know it."""

    name: str
    type: Type
    about: str
    columns: Mapping[Kind, tuple[str, ...]]
    aliases: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    ordered: bool = False
    spellings: Mapping[str, str] = field(default_factory=dict)  # other spellings of `values`
    told: Mapping[Kind, Predicate] = field(default_factory=dict)  # when it was told, where that is not plain from its columns


def _columns(*names: str) -> dict[Kind, tuple[str, ...]]:
    found = {kind: tuple(name for name in names if name in schema.names) for kind, schema in SCHEMAS.items()}
    return {kind: columns for kind, columns in found.items() if columns}


def _text(name: str, about: str, *aliases: str) -> Field:
    return Field(name, Type.TEXT, about, _columns(name), aliases)


def _choice(name: str, about: str, values: tuple[str, ...], *aliases: str) -> Field:
    return Field(name, Type.CHOICE, about, _columns(name), aliases, values)


def _plain(name: str, kind: Type, about: str, *aliases: str) -> Field:
    return Field(name, kind, about, _columns(name), aliases)


def _told(name: str, kind: Type, about: str, aliases: tuple[str, ...], told: Predicate, *columns: str) -> Field:
    """A number that a source may not have told: then no comparison matches it."""
    where = _columns(*(columns or (name,)))
    return Field(name, kind, about, where, aliases, told=dict.fromkeys(where, told))


def _not_zero(column: str) -> Predicate:
    return Negation(Number((column,), "=", 0))


FAILED: Final[Mapping[Kind, Predicate]] = {
    Kind.SPAN: OneOf("status", ("error",)),
    Kind.EVENT: AnyOf((OneOf("status", ("error",)), OneOf("severity", ("error", "critical")))),
}
_USAGE: Final = IsTrue("has_usage")
_PRICED: Final = Negation(OneOf("cost_source", ("", "unknown_model")))
_DISTRIBUTION: Final = OneOf("type", ("histogram", "exponential_histogram", "summary"))
_MODELS: Final = ("request_model", "response_model", "model")

FIELDS: Final[tuple[Field, ...]] = (
    # what it is
    Field(
        "name",
        Type.TEXT,
        "name of the span; of an event its event name, of a point its metric",
        {Kind.SPAN: ("name",), Kind.EVENT: ("event_name",), Kind.POINT: ("metric",)},
    ),
    _choice("kind", "what the span does", KINDS),
    _text("operation", "GenAI operation", "gen_ai.operation.name"),
    _choice("span_kind", "OpenTelemetry span kind", ("unspecified", "internal", "server", "client", "producer", "consumer")),
    _text("service", "service that sent it", "service.name"),
    _text("environment", "deployment environment", "env", "deployment.environment.name", "deployment.environment"),
    _text("dialect", "naming convention of the instrumentation that decided the kind"),
    _text("scope_name", "instrumentation scope", "scope", "otel.scope.name"),
    _text("scope_version", "version of the instrumentation scope", "otel.scope.version"),
    # where it belongs
    _plain("trace_id", Type.ID, "trace, 32 hexadecimal digits", "trace"),
    _plain("span_id", Type.ID, "span, 16 hexadecimal digits", "span"),
    _plain("parent_span_id", Type.ID, "parent span, 16 hexadecimal digits; parent:(…) asks for what the parent is", "parent"),
    _text("session_id", "session, a conversation", "session", "session.id", "conversation", "thread", "gen_ai.conversation.id"),
    _text("user_id", "user", "user", "user.id", "enduser.id"),
    _text("execution_id", "execution, one run of an agent", "execution"),
    # when and how long
    Field(
        "time",
        Type.TIME,
        "when it was; of a span its start",
        {Kind.SPAN: ("start",), Kind.EVENT: ("time",), Kind.POINT: ("time",)},
        ("timestamp",),
    ),
    _plain("start", Type.TIME, "start of the span, or of the interval that the point covers"),
    _plain("received", Type.TIME, "when it arrived here"),
    _plain("observed_time", Type.TIME, "when the event was observed"),
    Field(
        "duration",
        Type.DURATION,
        "how long it took",
        _columns("duration_ns"),
        ("latency", "duration_ns"),
        told={Kind.EVENT: _not_zero("duration_ns")},
    ),
    _told(
        "ttft",
        Type.DURATION,
        "time to the first token",
        ("time_to_first_chunk_s", "gen_ai.response.time_to_first_chunk"),
        _not_zero("time_to_first_chunk_s"),
        "time_to_first_chunk_s",
    ),
    # how it went
    _choice("status", "outcome", ("unset", "ok", "error")),
    _text("status_message", "what the source said about the outcome"),
    Field(
        "error",
        Type.TEXT,
        "type or message of the error",
        _columns("error_type", "status_message"),
        told={kind: AnyOf((Negation(OneOf("error_type", ("",))), failed)) for kind, failed in FAILED.items()},
    ),
    _text("error_type", "type of the error", "error.type"),
    _plain("issues", Type.LIST, "what was wrong with the record as it arrived", "issue"),
    _plain("pending", Type.BOOL, "begun and not ended"),
    _plain("plumbing", Type.BOOL, "an inner span of a framework"),
    # model calls
    Field(
        "model",
        Type.TEXT,
        "model, asked for or answering",
        {Kind.SPAN: _MODELS, Kind.EVENT: _MODELS, Kind.POINT: ("model",)},
    ),
    _text("request_model", "model asked for", "gen_ai.request.model"),
    _text("response_model", "model that answered", "gen_ai.response.model"),
    _text("provider", "provider of the model", "gen_ai.provider.name", "gen_ai.system"),
    _text("response_id", "the provider's id of the answer", "gen_ai.response.id"),
    _plain("finish_reasons", Type.LIST, "why the model stopped", "finish_reason", "gen_ai.response.finish_reasons"),
    _plain("stream", Type.BOOL, "a streamed call", "gen_ai.request.stream"),
    _told("tokens", Type.COUNT, "tokens in and out together", (), _USAGE, "input_tokens", "output_tokens"),
    _told("input_tokens", Type.COUNT, "tokens in, cached ones included", ("gen_ai.usage.input_tokens",), _USAGE),
    _told("output_tokens", Type.COUNT, "tokens out, reasoning included", ("gen_ai.usage.output_tokens",), _USAGE),
    _told("cache_read_tokens", Type.COUNT, "tokens read from the provider's cache", ("gen_ai.usage.cache_read.input_tokens",), _USAGE),
    _told(
        "cache_write_tokens",
        Type.COUNT,
        "tokens written to the provider's cache",
        ("gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"),
        _USAGE,
    ),
    _told("reasoning_tokens", Type.COUNT, "tokens of reasoning", ("gen_ai.usage.reasoning.output_tokens",), _USAGE),
    _told("reported_tokens", Type.COUNT, "usage that repeats what the span's children used", (), _not_zero("reported_tokens")),
    _told("cost", Type.USD, "cost in USD", ("cost_usd", "spy.cost.total"), _PRICED, "cost_usd"),
    _told("input_cost", Type.USD, "cost of the tokens in", ("input_cost_usd", "spy.cost.input"), _PRICED, "input_cost_usd"),
    _told("output_cost", Type.USD, "cost of the tokens out", ("output_cost_usd", "spy.cost.output"), _PRICED, "output_cost_usd"),
    _told("reported_cost", Type.USD, "cost as the source reported it", ("reported_cost_usd",), _not_zero("reported_cost_usd"), "reported_cost_usd"),
    _text("cost_source", "how the cost was computed"),
    # agents and tools
    _text("agent", "agent, by name", "gen_ai.agent.name"),
    _text("agent_id", "agent, by id", "gen_ai.agent.id"),
    _text("agent_version", "version of the agent", "gen_ai.agent.version"),
    _text("workflow", "workflow", "gen_ai.workflow.name"),
    _text("tool", "tool, by name", "gen_ai.tool.name"),
    _text("tool_call_id", "tool call, as the model named it", "gen_ai.tool.call.id"),
    # what was said
    Field(
        "text",
        Type.WORDS,
        "everything that was said: of a span its messages, input, output, name and status message; of an event its body and name",
        {
            Kind.SPAN: ("name", "status_message", "input", "output"),
            Kind.EVENT: ("body", "event_name"),
            Kind.POINT: ("metric", "description"),
        },
    ),
    _plain("input", Type.WORDS, "what went in: messages, a tool's arguments", "gen_ai.input.messages", "gen_ai.tool.call.arguments"),
    _plain("output", Type.WORDS, "what came out: messages, a tool's result", "gen_ai.output.messages", "gen_ai.tool.call.result"),
    _plain("body", Type.WORDS, "body of the event"),
    # events
    _text("event_name", "name of the event; empty for a plain log record", "event", "event.name"),
    Field(
        "severity",
        Type.CHOICE,
        "severity, ordered: severity>=warning",
        _columns("severity"),
        ("level",),
        SEVERITIES,
        ordered=True,
        spellings={"warn": "warning", "err": "error", "fatal": "critical", "information": "info"},
    ),
    _plain("severity_number", Type.COUNT, "severity as OpenTelemetry numbers it, 1 to 24"),
    _text("severity_text", "severity as the source wrote it"),
    _text("source", "runner, instrumentation or service that told it"),
    _plain("event_id", Type.ID, "event, 32 hexadecimal digits"),
    # points
    _text("metric", "name of the metric"),
    _text("description", "description of the metric"),
    _text("unit", "unit of the metric"),
    _choice("type", "type of the metric", ("gauge", "sum", "histogram", "exponential_histogram", "summary")),
    _choice("temporality", "temporality of the metric", ("delta", "cumulative")),
    _plain("monotonic", Type.BOOL, "a sum that only grows"),
    _told("value", Type.NUMBER, "value of a gauge or sum", (), Negation(OneOf("value_type", ("",)))),
    _told("count", Type.COUNT, "number of values in a histogram or summary", (), _DISTRIBUTION),
    _told("sum", Type.NUMBER, "sum of the values in a histogram or summary", (), IsTrue("has_sum")),
    _told("min", Type.NUMBER, "smallest value in a histogram", (), IsTrue("has_min")),
    _told("max", Type.NUMBER, "largest value in a histogram", (), IsTrue("has_max")),
    # attributes
    Field("attr", Type.ATTRIBUTE, 'attribute of the record: attr.http.route, attr."odd name"', _columns("attributes")),
    Field("resource", Type.ATTRIBUTE, "attribute of what sent it: resource.host.name", _columns("resource_attributes")),
    _plain("dropped_attributes", Type.COUNT, "attributes that the sender dropped"),
    _plain("dropped_events", Type.COUNT, "span events that the sender dropped"),
    _plain("dropped_links", Type.COUNT, "span links that the sender dropped"),
)

NAMES: Final[Mapping[str, Field]] = {name: one for one in FIELDS for name in (one.name, *one.aliases)}


def find(name: str) -> Field | None:
    """The field of that canonical or other name; case does not matter. `attr` and `resource` are found without a key."""
    return NAMES.get(name.lower())


def nearest(word: str, words: tuple[str, ...]) -> str | None:
    """The word that was probably meant."""
    close = difflib.get_close_matches(word.lower()[:64], words, n=1, cutoff=0.65)
    return close[0] if close else None
