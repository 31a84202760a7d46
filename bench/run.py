"""One long run of agents as OTLP bodies: a trace of as many spans as asked, with the conversations that real ones carry.

A workflow calls agents, one after the other; each of them asks a model, uses the tool that it wants, and asks again: twenty spans an agent.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from bench.workload import _kv, _say

__all__ = ["bodies"]

_SPANS_PER_AGENT = 20
_SPANS_PER_BODY = 4000
_STEP_NS = 10**6
_TOOLS = ("search", "fetch_page", "run_sql", "read_file")


def bodies(trace_id: bytes, count: int, begin_ns: int) -> Iterator[bytes]:
    """Requests that together hold a trace of `count` spans, the root first."""
    rng = random.Random(count)
    spans = _spans(trace_id, count, begin_ns, rng)
    for first in range(0, count, _SPANS_PER_BODY):
        request = ExportTraceServiceRequest()
        group = request.resource_spans.add()
        group.resource.attributes.append(_kv("service.name", "long-run"))
        group.scope_spans.add().spans.extend(next(spans) for _ in range(min(_SPANS_PER_BODY, count - first)))
        yield request.SerializeToString()


def _spans(trace_id: bytes, count: int, begin_ns: int, rng: random.Random) -> Iterator[Span]:
    agent = 1
    for number in range(1, count + 1):
        place = (number - 2) % _SPANS_PER_AGENT
        agent = number if place == 0 else agent
        span = Span(trace_id=trace_id, span_id=_id(number), kind=Span.SPAN_KIND_INTERNAL, start_time_unix_nano=begin_ns + number * _STEP_NS)
        length = count if number == 1 else _SPANS_PER_AGENT if place == 0 else 1
        span.end_time_unix_nano = span.start_time_unix_nano + length * _STEP_NS
        if number > 1:
            span.parent_span_id = _id(1 if place == 0 else agent)
        _tell(span, number, place, rng)
        yield span


def _tell(span: Span, number: int, place: int, rng: random.Random) -> None:
    name = f"agent-{number // _SPANS_PER_AGENT % 12}"
    if number == 1:
        span.name = "invoke_workflow long run"
        span.attributes.append(_kv("gen_ai.operation.name", "invoke_workflow"))
    elif place == 0:
        span.name = f"invoke_agent {name}"
        span.attributes.extend([_kv("gen_ai.operation.name", "invoke_agent"), _kv("gen_ai.agent.name", name)])
    elif place % 2:
        _call(span, number, rng)
    else:
        _tool(span, number, rng)
    if rng.random() < 0.01:
        span.status.code, span.status.message = Status.STATUS_CODE_ERROR, "upstream timeout"
        span.attributes.append(_kv("error.type", "TimeoutError"))


def _call(span: Span, number: int, rng: random.Random) -> None:
    question = [{"role": "user", "parts": [{"type": "text", "content": f"{number}: {_say(rng, 12)}"}]}]
    wants = {"type": "tool_call", "id": f"call_{number + 1}", "name": _TOOLS[(number + 1) % 4], "arguments": {"query": _say(rng, 4)}}
    answer = [{"role": "assistant", "parts": [{"type": "text", "content": f"{number}: {_say(rng, 20)}"}, wants]}]
    span.name = "chat gpt-5"
    told: list[tuple[str, str | int]] = [("gen_ai.operation.name", "chat"), ("gen_ai.provider.name", "openai"), ("gen_ai.request.model", "gpt-5")]
    told += [("gen_ai.usage.input_tokens", rng.randrange(50, 4000)), ("gen_ai.usage.output_tokens", rng.randrange(5, 900))]
    told += [("gen_ai.input.messages", json.dumps(question)), ("gen_ai.output.messages", json.dumps(answer))]
    span.attributes.extend(_kv(*pair) for pair in told)


def _tool(span: Span, number: int, rng: random.Random) -> None:
    tool = _TOOLS[number % 4]
    span.name = f"execute_tool {tool}"
    told = [("gen_ai.operation.name", "execute_tool"), ("gen_ai.tool.name", tool), ("gen_ai.tool.call.id", f"call_{number}")]
    span.attributes.extend(_kv(*pair) for pair in [*told, ("gen_ai.tool.call.result", _say(rng, 20))])


def _id(number: int) -> bytes:
    return number.to_bytes(8, "big")
