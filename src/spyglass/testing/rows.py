"""Rows for tests and benchmarks: a number of rows in, a table of one of the schemas out, every column filled, the same each time.

Rows tell a small believable story: a trace is an agent, a model call, a tool call and a second model call; four traces
make a session, in which each model call carries the conversation so far. Row `i` is always the same row, so `spans(8)`
equals `spans(4)` followed by `spans(4, first=4)`.

A keyword names a column and replaces its values: a list or Arrow array holds one value per row, anything else is repeated in every row
(for a list column, give a tuple to repeat it).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
import xxhash

from spyglass.model.schema import EVENT, MESSAGE, POINT, SPAN

__all__ = ["BASE_NS", "events", "messages", "points", "spans"]

BASE_NS: Final = 1_767_225_600_000_000_000  # 2026-01-01 00:00 UTC: when row 0 starts, unless `at_ns` says otherwise

_SPANS_PER_TRACE: Final = 4
_SPANS_PER_SESSION: Final = 16
_STEP_NS: Final = 1_000_000  # from one row to the next
_KINDS: Final = ("agent", "llm", "tool", "llm")
_TYPES: Final = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
_SEVERITIES: Final = ((5, "debug"), (9, "info"), (13, "warning"), (17, "error"))
_FEW: Final = 64  # rows
_PART: Final = 512

Fill = Callable[[int], object]  # row number → value
Story = Callable[[int], tuple[pa.Schema, Mapping[str, Fill]]]  # time of row 0 → what fills the columns of a schema


def spans(n: int, *, first: int = 0, at_ns: int = BASE_NS, **columns: Any) -> pa.Table:
    """`n` spans from row `first` on, schema SPAN; row `i` starts `i` ms after `at_ns`.

    Raises:
        ValueError: a keyword is not a column, or its list has not `n` values.
    """
    return _replaced(_story(_span_story, n, first, at_ns), columns)


def events(n: int, *, first: int = 0, at_ns: int = BASE_NS, **columns: Any) -> pa.Table:
    """`n` log records and events from row `first` on, schema EVENT; errors as in `spans`."""
    return _replaced(_story(_event_story, n, first, at_ns), columns)


def points(n: int, *, first: int = 0, at_ns: int = BASE_NS, **columns: Any) -> pa.Table:
    """`n` metric data points of all five types in turn from row `first` on, schema POINT; errors as in `spans`."""
    return _replaced(_story(_point_story, n, first, at_ns), columns)


def messages(n: int, *, first: int = 0, at_ns: int = BASE_NS, **columns: Any) -> pa.Table:
    """What the hashes of `spans(n, first=first)` point at, each message once; schema MESSAGE, columns replaced as in `spans`."""
    calls = [i for i in range(first, first + n) if _is_call(i)]
    seen: dict[int, tuple[int, str, int]] = {}  # message → span, direction, position
    for i in calls:
        for position, message in enumerate(_inputs(i)):
            seen.setdefault(message, (i, "input", position))
        seen.setdefault(_output(i), (i, "output", 0))
    keys = list(seen)
    fills: dict[str, Fill] = {
        "project": lambda _: "default",
        "scope": lambda k: _session(seen[keys[k]][0]),
        "hash": lambda k: _hash(keys[k]),
        "received": lambda k: at_ns + seen[keys[k]][0] * _STEP_NS,
        "start": lambda k: at_ns + seen[keys[k]][0] * _STEP_NS,
        "trace_id": lambda k: _trace_id(seen[keys[k]][0]),
        "span_id": lambda k: _span_id(seen[keys[k]][0]),
        "session_id": lambda k: _session(seen[keys[k]][0]),
        "service": lambda _: "travel",
        "agent": lambda _: "planner",
        "model": lambda _: "gpt-4o-mini-2024-07-18",
        "direction": lambda k: seen[keys[k]][1],
        "position": lambda k: seen[keys[k]][2],
        "role": lambda k: _role(keys[k]),
        "text": lambda k: _text(keys[k]),
        "body": lambda k: _body(keys[k]),
    }
    return _replaced(_filled(MESSAGE, fills, len(keys), 0), columns)


def _story(story: Story, n: int, first: int, at_ns: int) -> pa.Table:
    parts = [_part(story, min(_PART, n - done), first + done, at_ns) for done in range(0, n, _PART)]
    return pa.concat_tables(parts).combine_chunks() if len(parts) > 1 else parts[0] if parts else _part(story, 0, first, at_ns)


@lru_cache(maxsize=2_000)  # tests want the same few rows again and again, and to make one takes milliseconds
def _few(story: Story, n: int, first: int, at_ns: int) -> pa.Table:
    return _filled(*story(at_ns), n, first)


@lru_cache(maxsize=64)
def _many(story: Story, n: int, first: int, at_ns: int) -> pa.Table:
    return _filled(*story(at_ns), n, first)


def _part(story: Story, n: int, first: int, at_ns: int) -> pa.Table:
    return (_few if n <= _FEW else _many)(story, n, first, at_ns)


def _span_story(at_ns: int) -> tuple[pa.Schema, Mapping[str, Fill]]:
    return SPAN, {**_origin(at_ns), **_span(at_ns), **_canonical()}


def _event_story(at_ns: int) -> tuple[pa.Schema, Mapping[str, Fill]]:
    return EVENT, {**_origin(at_ns), **_plain(), **_event(at_ns)}


def _point_story(at_ns: int) -> tuple[pa.Schema, Mapping[str, Fill]]:
    return POINT, {**_origin(at_ns), **_point(at_ns), **_canonical()}


def _filled(schema: pa.Schema, fills: Mapping[str, Fill], n: int, first: int) -> pa.Table:
    return pa.Table.from_arrays([_column(field.type, fills[field.name], n, first) for field in schema], schema=schema)


def _column(kind: pa.DataType, fill: Fill, n: int, first: int) -> pa.Array:
    if isinstance(fill, _Constant):
        return pa.array([fill.value], kind).take(np.zeros(n, np.int64))
    return pa.array([fill(i) for i in range(first, first + n)], kind)


def _replaced(table: pa.Table, columns: Mapping[str, Any]) -> pa.Table:
    unknown = columns.keys() - set(table.column_names)
    if unknown:
        raise ValueError(f"rows: expected columns of the schema, got {', '.join(sorted(unknown))}")
    arrays = [_given(field, len(table), columns[field.name]) if field.name in columns else table[field.name] for field in table.schema]
    return pa.Table.from_arrays(arrays, schema=table.schema)


def _given(field: pa.Field, n: int, value: Any) -> pa.Array | pa.ChunkedArray:
    if not isinstance(value, pa.Array | pa.ChunkedArray):
        value = pa.array(value if isinstance(value, list) else [value] * n, field.type)
    array = value.cast(field.type)
    if len(array) != n:
        raise ValueError(f"rows: {field.name}: expected {n} values, got {len(array)}")
    return array


@dataclass(frozen=True, slots=True)
class _Constant:
    """The same in every row."""

    value: object

    def __call__(self, _: int) -> object:
        return self.value


def _origin(at_ns: int) -> dict[str, Fill]:
    resource = [("service.name", "travel"), ("deployment.environment.name", "test"), ("telemetry.sdk.language", "python")]
    return {
        "project": _Constant("default"),
        "received": lambda i: at_ns + i * _STEP_NS + 5 * _STEP_NS,
        "service": _Constant("travel"),
        "environment": _Constant("test"),
        "scope_name": _Constant("opentelemetry.instrumentation.openai_v2"),
        "scope_version": _Constant("2.1"),
        "scope_attributes": _Constant([]),
        "scope_attribute_types": _Constant(""),
        "scope_dropped_attributes": _Constant(0),
        "scope_schema_url": _Constant("https://opentelemetry.io/schemas/1.37.0"),
        "resource_attributes": _Constant(resource),
        "resource_attribute_types": _Constant("sss"),
        "resource_dropped_attributes": _Constant(0),
        "resource_schema_url": _Constant(""),
        "resource_entity_refs": _Constant(""),
        "attributes": _attributes,
        "attribute_types": _Constant("ssiids"),
        "dropped_attributes": _Constant(0),
    }


def _span(at_ns: int) -> dict[str, Fill]:
    def moment(i: int) -> list[dict[str, object]]:
        if not _failed(i):
            return []
        attributes = [("exception.type", "TimeoutError")]
        return [{"time": at_ns + i * _STEP_NS, "name": "exception", "attributes": attributes, "attribute_types": "s", "dropped_attributes": 0}]

    return {
        "trace_id": _trace_id,
        "span_id": _span_id,
        "parent_span_id": lambda i: _span_id(i - i % _SPANS_PER_TRACE) if i % _SPANS_PER_TRACE else bytes(8),
        "trace_state": _Constant(""),
        "flags": _Constant(257),  # sampled, and the parent is known not to be remote
        "name": lambda i: ("invoke_agent planner", "chat gpt-4o-mini", "execute_tool search", "chat gpt-4o-mini")[i % _SPANS_PER_TRACE],
        "span_kind": lambda i: "client" if _is_call(i) else "internal",
        "start": lambda i: at_ns + i * _STEP_NS,
        "duration_ns": lambda i: 800_000_000 if i % _SPANS_PER_TRACE == 0 else 100_000_000 + i % 1000 * 100_000,
        "original_start_ns": _Constant(0),
        "original_end_ns": _Constant(0),
        "status": lambda i: "error" if _failed(i) else "unset",
        "status_message": lambda i: "the search timed out" if _failed(i) else "",
        "events": moment,
        "links": _Constant([]),
        "dropped_events": _Constant(0),
        "dropped_links": _Constant(0),
        "issues": _Constant([]),
    }


def _canonical() -> dict[str, Fill]:
    def of_calls(value: object, otherwise: object) -> Fill:
        return lambda i: value if _is_call(i) else otherwise

    return {
        "kind": lambda i: _KINDS[i % _SPANS_PER_TRACE],
        "operation": lambda i: ("invoke_agent", "chat", "execute_tool", "chat")[i % _SPANS_PER_TRACE],
        "dialect": _Constant("genai"),
        "plumbing": _Constant(False),
        "pending": _Constant(False),
        "provider": of_calls("openai", ""),
        "request_model": of_calls("gpt-4o-mini", ""),
        "response_model": of_calls("gpt-4o-mini-2024-07-18", ""),
        "model": of_calls("gpt-4o-mini-2024-07-18", ""),
        "response_id": lambda i: f"chatcmpl-{i:08x}" if _is_call(i) else "",
        "pair_key": _Constant(""),
        "stream": _Constant(False),
        "finish_reasons": of_calls(["stop"], []),
        "input_tokens": of_calls(1200, 0),
        "output_tokens": of_calls(80, 0),
        "cache_read_tokens": of_calls(1024, 0),
        "cache_write_tokens": _Constant(0),
        "reasoning_tokens": _Constant(0),
        "has_usage": _is_call,
        "reported_tokens": _Constant(0),
        "cost_usd": of_calls(0.0001512, 0.0),
        "input_cost_usd": of_calls(0.0001032, 0.0),
        "output_cost_usd": of_calls(0.000048, 0.0),
        "cost_source": of_calls("price:test", ""),
        "reported_cost_usd": _Constant(0.0),
        "time_to_first_chunk_s": _Constant(0.0),
        "agent": _Constant("planner"),
        "agent_id": _Constant("agent-1"),
        "agent_version": _Constant("1.0"),
        "workflow": _Constant(""),
        "tool": lambda i: "search" if _is_tool(i) else "",
        "tool_call_id": lambda i: f"call_{i:08x}" if _is_tool(i) else "",
        "session_id": _session,
        "user_id": _Constant("user-1"),
        "error_type": lambda i: "TimeoutError" if _failed(i) else "",
        "input": lambda i: f'{{"query":"weather {i}"}}' if _is_tool(i) else "",
        "output": lambda i: f'{{"answer":"sunny {i}"}}' if _is_tool(i) else "",
        "input_messages": lambda i: [_hash(message) for message in _inputs(i)] if _is_call(i) else [],
        "output_messages": lambda i: [_hash(_output(i))] if _is_call(i) else [],
    }


def _plain() -> dict[str, Fill]:
    """The canonical columns of a record that is no model call: those of an agent's span, without its kind."""
    fills = {name: _Constant(fill(0)) for name, fill in _canonical().items()}
    return {**fills, "kind": _Constant(""), "operation": _Constant(""), "dialect": _Constant(""), "session_id": _session}


def _event(at_ns: int) -> dict[str, Fill]:
    return {
        "event_id": lambda i: xxhash.xxh3_128_digest(b"event" + i.to_bytes(8)),
        "trace_id": _trace_id,
        "span_id": _span_id,
        "flags": _Constant(1),
        "time": lambda i: at_ns + i * _STEP_NS,
        "observed_time": lambda i: at_ns + i * _STEP_NS,
        "original_time_ns": _Constant(0),
        "event_name": lambda i: "" if i % 2 else "execution.step",
        "severity_number": lambda i: _SEVERITIES[i % 4][0],
        "severity_text": lambda i: _SEVERITIES[i % 4][1].upper(),
        "severity": lambda i: _SEVERITIES[i % 4][1],
        "body": lambda i: f"step {i} of the plan is done",
        "body_type": _Constant("s"),
        "source": _Constant("travel"),
        "execution_id": lambda i: f"execution-{i // _SPANS_PER_TRACE}",
        "status": _Constant("unset"),
        "duration_ns": _Constant(0),
        "issues": _Constant([]),
    }


def _point(at_ns: int) -> dict[str, Fill]:
    def of_type(kinds: set[str], value: object, otherwise: object) -> Fill:
        return lambda i: value if _TYPES[i % 5] in kinds else otherwise

    numbers, histograms = {"gauge", "sum"}, {"histogram", "exponential_histogram"}
    counted, exponential = {*histograms, "summary"}, {"exponential_histogram"}
    return {
        "metric": lambda i: f"test.{_TYPES[i % 5]}",
        "description": _Constant("a metric of a test"),
        "unit": lambda i: "1" if _TYPES[i % 5] in numbers else "s",
        "metadata": _Constant([]),
        "metadata_types": _Constant(""),
        "type": lambda i: _TYPES[i % 5],
        "temporality": of_type({"sum", *histograms}, "cumulative", ""),
        "monotonic": of_type({"sum"}, True, False),
        "start": lambda _: at_ns - 60_000 * _STEP_NS,
        "time": lambda i: at_ns + i * _STEP_NS,
        "original_time_ns": _Constant(0),
        "original_start_ns": _Constant(0),
        "flags": _Constant(0),
        "value": lambda i: i + 0.5 if _TYPES[i % 5] == "gauge" else float(i) if _TYPES[i % 5] == "sum" else 0.0,
        "value_int": lambda i: i if _TYPES[i % 5] == "sum" else 0,
        "value_type": lambda i: {"gauge": "d", "sum": "i"}.get(_TYPES[i % 5], ""),
        "count": of_type(counted, 6, 0),
        "sum": of_type(counted, 4.5, 0.0),
        "min": of_type(histograms, 0.1, 0.0),
        "max": of_type(histograms, 2.0, 0.0),
        "has_sum": of_type(counted, True, False),
        "has_min": of_type(histograms, True, False),
        "has_max": of_type(histograms, True, False),
        "bucket_counts": of_type({"histogram"}, [1, 2, 3], []),
        "explicit_bounds": of_type({"histogram"}, [0.5, 1.0], []),
        "scale": of_type(exponential, 1, 0),
        "zero_count": of_type(exponential, 1, 0),
        "zero_threshold": _Constant(0.0),
        "positive_offset": of_type(exponential, -2, 0),
        "positive_counts": of_type(exponential, [1, 3], []),
        "negative_offset": _Constant(0),
        "negative_counts": of_type(exponential, [1], []),
        "quantiles": of_type({"summary"}, [0.5, 0.99], []),
        "quantile_values": of_type({"summary"}, [0.4, 1.9], []),
        "exemplars": _Constant([]),
        "issues": _Constant([]),
    }


def _attributes(i: int) -> list[tuple[str, str]]:
    return [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.request.model", "gpt-4o-mini"),
        ("gen_ai.usage.input_tokens", "1200"),
        ("gen_ai.usage.output_tokens", "80"),
        ("gen_ai.request.temperature", "0.5"),
        ("test.row", str(i)),
    ]


def _is_call(i: int) -> bool:
    return _KINDS[i % _SPANS_PER_TRACE] == "llm"


def _is_tool(i: int) -> bool:
    return _KINDS[i % _SPANS_PER_TRACE] == "tool"


def _failed(i: int) -> bool:
    return i % 40 == 2  # one tool call in ten


def _trace_id(i: int) -> bytes:
    return xxhash.xxh3_128_digest(b"trace" + (i // _SPANS_PER_TRACE).to_bytes(8))


def _span_id(i: int) -> bytes:
    return xxhash.xxh3_64_digest(b"span" + i.to_bytes(8))


def _session(i: int) -> str:
    return f"session-{i // _SPANS_PER_SESSION}"


def _inputs(i: int) -> list[int]:
    """The messages of the conversation before model call `i`, as message numbers."""
    opening = i - i % _SPANS_PER_SESSION
    return list(range(opening * 2, i * 2 + 1))


def _output(i: int) -> int:
    return i * 2 + 1


def _role(message: int) -> str:
    return "assistant" if message % 2 else "user"


def _text(message: int) -> str:
    return f"What is the weather at place {message}?" if message % 2 == 0 else f"It is sunny there, says station {message}."


def _body(message: int) -> str:
    return f'{{"role":"{_role(message)}","parts":[{{"type":"text","content":"{_text(message)}"}}]}}'


def _hash(message: int) -> bytes:
    return xxhash.xxh3_128_digest(_body(message).encode())
