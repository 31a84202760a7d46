"""The Arrow schemas of the three kinds of record, as they travel from decode to the store and the live viewers.

Every schema is `wire columns + canonical columns`. Decode fills the wire columns (OTLP, nothing lost); refine fills the canonical ones
(`semconv.md` names, shortened; see `docs/concepts.md` for the table of both). A column of the store has the name of the column here.

Typed attributes travel as a `map<string, string>` beside a string with one character per entry, in the same order:

| code | OTLP value | text |
| --- | --- | --- |
| `s` | string | as is |
| `b` | bool | `true` or `false` |
| `i` | int | decimal |
| `d` | double | shortest decimal that reads back to the same double; `nan`, `inf`, `-inf` |
| `y` | bytes | base64 |
| `a` | array | plain JSON |
| `k` | key-value list | plain JSON |
| `A`, `K` | array, key-value list that plain JSON cannot express | the OTLP/JSON form of the value |
| `e` | no value | empty |
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import pyarrow as pa

__all__ = ["ATTRIBUTES", "CANONICAL", "EVENT", "MESSAGE", "PIECE", "POINT", "SCHEMAS", "SPAN", "USAGE", "Kind"]


class Kind(StrEnum):
    """The three kinds of record, all of them OpenTelemetry's."""

    SPAN = "span"
    EVENT = "event"
    POINT = "point"


TIME: Final = pa.timestamp("ns", tz="UTC")
ATTRIBUTES: Final = pa.map_(pa.string(), pa.string())

_SPAN_EVENT: Final = pa.struct(
    [
        ("time", TIME),
        ("name", pa.string()),
        ("attributes", ATTRIBUTES),
        ("attribute_types", pa.string()),
        ("dropped_attributes", pa.uint32()),
    ]
)
_SPAN_LINK: Final = pa.struct(
    [
        ("trace_id", pa.binary(16)),
        ("span_id", pa.binary(8)),
        ("trace_state", pa.string()),
        ("flags", pa.uint32()),
        ("attributes", ATTRIBUTES),
        ("attribute_types", pa.string()),
        ("dropped_attributes", pa.uint32()),
    ]
)
_EXEMPLAR: Final = pa.struct(
    [
        ("time", TIME),
        ("value", pa.float64()),
        ("value_int", pa.int64()),
        ("trace_id", pa.binary(16)),
        ("span_id", pa.binary(8)),
        ("attributes", ATTRIBUTES),
        ("attribute_types", pa.string()),
    ]
)

_ORIGIN: Final[list[tuple[str, pa.DataType]]] = [
    ("project", pa.string()),
    ("received", TIME),  # when the body arrived here; never the sender's clock
    ("service", pa.string()),  # resource service.name
    ("environment", pa.string()),  # resource deployment.environment.name
    ("scope_name", pa.string()),
    ("scope_version", pa.string()),
    ("scope_attributes", ATTRIBUTES),
    ("scope_attribute_types", pa.string()),
    ("scope_dropped_attributes", pa.uint32()),
    ("scope_schema_url", pa.string()),
    ("resource_attributes", ATTRIBUTES),
    ("resource_attribute_types", pa.string()),
    ("resource_dropped_attributes", pa.uint32()),
    ("resource_schema_url", pa.string()),
    ("resource_entity_refs", pa.string()),  # OTLP/JSON: which resource attributes name and describe which entity; empty: not told
    ("attributes", ATTRIBUTES),
    ("attribute_types", pa.string()),
    ("dropped_attributes", pa.uint32()),
]

_SPAN_WIRE: Final[list[tuple[str, pa.DataType]]] = [
    ("trace_id", pa.binary(16)),
    ("span_id", pa.binary(8)),
    ("parent_span_id", pa.binary(8)),  # eight zero bytes: a root
    ("trace_state", pa.string()),
    ("flags", pa.uint32()),
    ("name", pa.string()),
    ("span_kind", pa.string()),  # unspecified internal server client producer consumer
    ("start", TIME),
    ("duration_ns", pa.uint64()),
    ("original_start_ns", pa.uint64()),  # what the sender wrote, where `start` had to be replaced; else 0
    ("original_end_ns", pa.uint64()),  # what the sender wrote, where the duration had to be replaced; else 0
    ("status", pa.string()),  # unset ok error
    ("status_message", pa.string()),
    ("events", pa.list_(_SPAN_EVENT)),
    ("links", pa.list_(_SPAN_LINK)),
    ("dropped_events", pa.uint32()),
    ("dropped_links", pa.uint32()),
    ("issues", pa.list_(pa.string())),  # what was wrong with the row: end_before_start, no_end, time_implausible …
]

# Token counts. Input includes cache reads and writes, output includes reasoning (semconv.md 8.2).
USAGE: Final = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")

CANONICAL: Final[list[tuple[str, pa.DataType]]] = [
    (
        "kind",
        pa.string(),
    ),  # llm embedding reranker retriever tool agent workflow chain guardrail evaluator prompt memory mcp create_agent span
    ("operation", pa.string()),  # gen_ai.operation.name
    ("dialect", pa.string()),  # the convention that decided the kind
    ("plumbing", pa.bool_()),  # an inner span of a framework, hidden by default
    ("pending", pa.bool_()),  # announced at its start, not ended yet
    ("provider", pa.string()),
    ("request_model", pa.string()),
    ("response_model", pa.string()),
    ("model", pa.string()),  # response model, else request model
    ("response_id", pa.string()),
    ("pair_key", pa.string()),  # request:<key> or result:<key>: the two halves of one call that share no id (Logfire's streams)
    ("stream", pa.bool_()),
    ("finish_reasons", pa.list_(pa.string())),
    *[(name, pa.uint64()) for name in USAGE],
    ("has_usage", pa.bool_()),  # the source told its tokens; false is "not reported", never zero
    ("reported_tokens", pa.uint64()),  # usage that repeats the children's; shown, never added
    ("cost_usd", pa.float64()),
    ("input_cost_usd", pa.float64()),
    ("output_cost_usd", pa.float64()),
    ("cost_source", pa.string()),  # reported | price:<table version> | unknown_model | "" (nothing to price)
    ("reported_cost_usd", pa.float64()),  # what the source said, kept beside ours
    ("time_to_first_chunk_s", pa.float32()),  # 0: not told
    ("agent", pa.string()),
    ("agent_id", pa.string()),
    ("agent_version", pa.string()),
    ("workflow", pa.string()),
    ("tool", pa.string()),
    ("tool_call_id", pa.string()),
    ("session_id", pa.string()),
    ("user_id", pa.string()),
    ("error_type", pa.string()),
    ("input", pa.string()),  # plain text or JSON of what went in, where it is not messages
    ("output", pa.string()),
    ("input_messages", pa.list_(pa.binary(16))),  # content hashes, in order
    ("output_messages", pa.list_(pa.binary(16))),
]

_EVENT_WIRE: Final[list[tuple[str, pa.DataType]]] = [
    ("event_id", pa.binary(16)),  # content address: the same record sent twice has one id
    ("trace_id", pa.binary(16)),  # zeros: none
    ("span_id", pa.binary(8)),
    ("flags", pa.uint32()),
    ("time", TIME),
    ("observed_time", TIME),
    ("original_time_ns", pa.uint64()),
    ("event_name", pa.string()),  # empty: a plain log record
    ("severity_number", pa.uint8()),
    ("severity_text", pa.string()),
    ("severity", pa.string()),  # trace debug info warning error critical, "" when unset
    ("body", pa.string()),
    ("body_type", pa.string()),  # one code of the table above
    ("source", pa.string()),  # runner, else scope name, else service
    ("execution_id", pa.string()),
    ("issues", pa.list_(pa.string())),
]

_POINT_WIRE: Final[list[tuple[str, pa.DataType]]] = [
    ("metric", pa.string()),
    ("description", pa.string()),
    ("unit", pa.string()),
    ("metadata", ATTRIBUTES),  # of the metric, not of the series
    ("metadata_types", pa.string()),
    ("type", pa.string()),  # gauge sum histogram exponential_histogram summary
    ("temporality", pa.string()),  # "" delta cumulative
    ("monotonic", pa.bool_()),
    ("start", TIME),
    ("time", TIME),
    ("original_time_ns", pa.uint64()),
    ("original_start_ns", pa.uint64()),
    ("flags", pa.uint32()),
    ("value", pa.float64()),  # gauge and sum; an int is kept exactly in value_int
    ("value_int", pa.int64()),
    ("value_type", pa.string()),  # d, i, or "" (no value recorded)
    ("count", pa.uint64()),
    ("sum", pa.float64()),
    ("min", pa.float64()),
    ("max", pa.float64()),
    ("has_sum", pa.bool_()),
    ("has_min", pa.bool_()),
    ("has_max", pa.bool_()),
    ("bucket_counts", pa.list_(pa.uint64())),
    ("explicit_bounds", pa.list_(pa.float64())),
    ("scale", pa.int32()),
    ("zero_count", pa.uint64()),
    ("zero_threshold", pa.float64()),
    ("positive_offset", pa.int32()),
    ("positive_counts", pa.list_(pa.uint64())),
    ("negative_offset", pa.int32()),
    ("negative_counts", pa.list_(pa.uint64())),
    ("quantiles", pa.list_(pa.float64())),
    ("quantile_values", pa.list_(pa.float64())),
    ("exemplars", pa.list_(_EXEMPLAR)),
    ("issues", pa.list_(pa.string())),
]
# A record that is itself a call has what a span has.
_EVENT_CALL: Final[list[tuple[str, pa.DataType]]] = [("status", pa.string()), ("duration_ns", pa.uint64())]  # unset ok error; 0: not told
_POINT_CANONICAL: Final = [(name, kind) for name, kind in CANONICAL if name in {"provider", "model", "agent", "tool", "session_id", "user_id"}]
_EVENT_CANONICAL: Final = [(name, kind) for name, kind in CANONICAL if name not in {"pending", "plumbing", "pair_key", "reported_tokens"}]

SPAN: Final = pa.schema([*_ORIGIN, *_SPAN_WIRE, *CANONICAL])
EVENT: Final = pa.schema([*_ORIGIN, *_EVENT_WIRE, *_EVENT_CANONICAL, *_EVENT_CALL])
POINT: Final = pa.schema([*_ORIGIN, *_POINT_WIRE, *_POINT_CANONICAL])
MESSAGE: Final = pa.schema(
    [
        ("project", pa.string()),
        ("scope", pa.string()),  # the conversation within which a message is kept once: session id, else trace id in hex
        ("hash", pa.binary(16)),  # of body
        ("received", TIME),
        ("start", TIME),  # of the span that said it first
        ("trace_id", pa.binary(16)),
        ("span_id", pa.binary(8)),
        ("session_id", pa.string()),
        ("service", pa.string()),
        ("agent", pa.string()),
        ("model", pa.string()),
        ("direction", pa.string()),  # input output
        ("position", pa.uint32()),  # index in that span's list
        ("role", pa.string()),  # system user assistant tool
        ("text", pa.string()),  # plain text of its parts
        ("body", pa.string()),  # canonical JSON: {"role": …, "parts": [{"type": …}]}
    ]
)
PIECE: Final = pa.schema(
    [
        ("project", pa.string()),
        ("hash", pa.binary(16)),  # BLAKE2b of data
        ("received", TIME),  # of the snapshot that told it; told again each day that a snapshot needs it
        ("data", pa.binary()),  # a part of a state, or a list of hashes of parts (refine/snapshots.py)
    ]
)
SCHEMAS: Final[dict[Kind, pa.Schema]] = {Kind.SPAN: SPAN, Kind.EVENT: EVENT, Kind.POINT: POINT}
