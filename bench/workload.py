"""OTLP bodies for load: built once as a template, stamped with fresh ids and times for each send, so that the client costs next to nothing.

A trace is eight spans: an agent, four model calls, three tools; a model call carries its conversation. About 830 bytes a span.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

__all__ = ["Template", "logs", "points", "spans"]

SPANS_PER_TRACE = 8
_MODELS = ("gpt-4o", "gpt-4o-mini", "claude-sonnet-4-5", "claude-haiku-4-5", "gemini-2.5-flash", "gpt-5", "mistral-large-latest")
_AGENTS = tuple(f"agent-{i}" for i in range(12))
_TOOLS = ("search", "fetch_page", "run_sql", "send_mail", "calculator", "read_file", "write_file", "weather")
_WORDS = (
    "plan trip budget hotel flight weather report customer refund invoice order ticket search result error retry summary table column price city date "
    "contract clause risk draft answer question source paper method sample model agent tool memory step goal check review deploy release branch test"
).split()


@dataclass(frozen=True, slots=True)
class Template:
    """A serialised body and where its ids and times stand."""

    body: bytes
    rows: int
    ids: npt.NDArray[np.int64]  # positions of the first bytes of trace ids
    trace: npt.NDArray[np.int64]  # which trace each of them is
    times: npt.NDArray[np.int64]  # positions of fixed64 times
    offsets: npt.NDArray[np.uint64]  # of each time, ns after the begin of the body

    def stamp(self, seed: int, begin_ns: int) -> bytes:
        """The body with ids made of `seed` and times that begin at `begin_ns`."""
        data = np.frombuffer(self.body, np.uint8).copy()
        rng = np.random.default_rng(seed)
        if len(self.ids):
            traces = rng.integers(0, 256, (int(self.trace[-1]) + 1, 16), np.uint8)
            data[self.ids[:, None] + np.arange(16)] = traces[self.trace]
        if len(self.times):
            stamps = (self.offsets + np.uint64(begin_ns)).view(np.uint8).reshape(-1, 8)
            data[self.times[:, None] + np.arange(8)] = stamps
        return data.tobytes()


def _kv(key: str, value: Any) -> KeyValue:
    kind = (
        "bool_value" if isinstance(value, bool) else "int_value" if isinstance(value, int) else "double_value" if isinstance(value, float) else "string_value"
    )
    return KeyValue(key=key, value=AnyValue(**{kind: value}))


def _say(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(words))


def _template(body: bytes, rows: int, traces: list[bytes], times: list[int]) -> Template:
    found = [(position, number) for number, trace in enumerate(traces) for position in _find(body, trace)]
    stamps = [(position, value) for value in times for position in _find(body, value.to_bytes(8, "little"))]
    positions = np.array([position for position, _ in stamps], np.int64)
    offsets = np.array([value - _BEGIN for _, value in stamps], np.uint64)
    ids, numbers = (np.array(column, np.int64) for column in zip(*found, strict=True)) if found else (np.zeros(0, np.int64),) * 2
    return Template(body, rows, ids, numbers, positions, offsets)


def _find(body: bytes, needle: bytes) -> list[int]:
    found, at = [], body.find(needle)
    while at >= 0:
        found.append(at)
        at = body.find(needle, at + 1)
    return found


_BEGIN = 0x1122334455000000  # times are stamped over, so they must be easy to find


def spans(count: int = 512, seed: int = 1, spread_ns: int = 1_000_000) -> Template:
    """A traces request of `count` spans, `spread_ns` between their starts."""
    rng = random.Random(seed)
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend([_kv("service.name", f"svc-{seed % 9}"), _kv("service.version", "1.2.3"), _kv("telemetry.sdk.language", "python")])
    scope = group.scope_spans.add()
    scope.scope.name, scope.scope.version = "opentelemetry.instrumentation.bench", "1.0"
    traces, times = [], []
    for i in range(count):
        place = i % SPANS_PER_TRACE
        if place == 0:
            trace, root = rng.randbytes(16), rng.randbytes(8)
            agent, session, user = rng.choice(_AGENTS), f"session-{rng.randrange(5000)}", f"user-{rng.randrange(500)}"
            traces.append(trace)
        start = _BEGIN + i * spread_ns + 1
        end = start + rng.randrange(10**6, 4 * 10**9)
        times += [start, end]
        span = scope.spans.add(
            trace_id=trace,
            span_id=root if place == 0 else rng.randbytes(8),
            parent_span_id=b"" if place == 0 else root,
            kind=3,
            start_time_unix_nano=start,
            end_time_unix_nano=end,
        )
        common = [
            _kv("gen_ai.agent.name", agent),
            _kv("gen_ai.conversation.id", session),
            _kv("user.id", user),
            _kv("app.tenant", f"tenant-{rng.randrange(50)}"),
        ]
        if place == 0:
            span.name = f"invoke_agent {agent}"
            span.attributes.extend([_kv("gen_ai.operation.name", "invoke_agent"), _kv("app.note", _say(rng, 60)), *common])
        elif place in (2, 4, 6):
            tool = rng.choice(_TOOLS)
            span.name = f"execute_tool {tool}"
            told = [_kv("gen_ai.operation.name", "execute_tool"), _kv("gen_ai.tool.name", tool), _kv("gen_ai.tool.call.id", f"call_{rng.getrandbits(64):x}")]
            arguments = json.dumps({"query": _say(rng, 8), "limit": rng.randrange(100)})
            span.attributes.extend([*told, _kv("gen_ai.tool.call.arguments", arguments), _kv("gen_ai.tool.call.result", _say(rng, 45)), *common])
        else:
            _model_call(span, rng, common)
        if rng.random() < 0.04:
            span.status.code = 2
            span.status.message = "upstream timeout"
            span.attributes.append(_kv("error.type", "TimeoutError"))
    return _template(request.SerializeToString(), count, traces, times)


def _model_call(span: Any, rng: random.Random, common: list[KeyValue]) -> None:
    model = rng.choice(_MODELS)
    span.name = f"chat {model}"
    provider = "anthropic" if "claude" in model else "gcp.gemini" if "gemini" in model else "mistral_ai" if "mistral" in model else "openai"
    question = [{"role": "user", "parts": [{"type": "text", "content": _say(rng, 16)}]}]
    answer = [{"role": "assistant", "parts": [{"type": "text", "content": _say(rng, 20)}], "finish_reason": "stop"}]
    told = [
        _kv("gen_ai.operation.name", "chat"),
        _kv("gen_ai.provider.name", provider),
        _kv("gen_ai.request.model", model),
        _kv("gen_ai.response.model", model),
    ]
    told += [
        _kv("gen_ai.usage.input_tokens", rng.randrange(50, 4000)),
        _kv("gen_ai.usage.output_tokens", rng.randrange(5, 900)),
        _kv("gen_ai.request.temperature", 0.7),
    ]
    told += [_kv("gen_ai.input.messages", json.dumps(question)), _kv("gen_ai.output.messages", json.dumps(answer))]
    span.attributes.extend([*told, *common])
    span.attributes.add(key="gen_ai.response.finish_reasons").value.array_value.values.add(string_value="stop")


def logs(count: int = 512, seed: int = 1) -> Template:
    """A logs request of `count` records of about 300 bytes."""
    rng = random.Random(seed)
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend([_kv("service.name", f"svc-{seed % 9}")])
    scope = group.scope_logs.add()
    scope.scope.name = "bench"
    traces, times = [], []
    for i in range(count):
        moment = _BEGIN + i * 1_000_000 + 1
        times.append(moment)
        traces.append(rng.randbytes(16))
        record = scope.log_records.add(time_unix_nano=moment, severity_number=rng.choice((9, 9, 9, 13, 17)), trace_id=traces[-1], span_id=rng.randbytes(8))
        record.body.string_value = _say(rng, 14)
        record.attributes.extend(
            [_kv("code.function", rng.choice(_WORDS)), _kv("thread.id", rng.randrange(64)), _kv("app.tenant", f"tenant-{rng.randrange(50)}")]
        )
    return _template(request.SerializeToString(), count, traces, times)


def points(count: int = 512, seed: int = 1) -> Template:
    """A metrics request of `count` points: sums and histograms by model and agent."""
    rng = random.Random(seed)
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend([_kv("service.name", f"svc-{seed % 9}")])
    scope = group.scope_metrics.add()
    scope.scope.name = "bench"
    times = []
    total = scope.metrics.add(name="gen_ai.client.inference.usage.input_tokens", unit="{token}")
    total.sum.aggregation_temporality, total.sum.is_monotonic = 1, True
    took = scope.metrics.add(name="gen_ai.client.operation.duration", unit="s")
    took.histogram.aggregation_temporality = 1
    for i in range(count):
        moment = _BEGIN + i * 1_000_000 + 1
        times.append(moment)
        told = [_kv("gen_ai.request.model", rng.choice(_MODELS)), _kv("gen_ai.agent.name", rng.choice(_AGENTS)), _kv("server.address", "api.example.com")]
        if i % 2:
            point = took.histogram.data_points.add(time_unix_nano=moment, count=10, sum=rng.random() * 10)
            point.explicit_bounds.extend([0.1, 0.5, 1, 5])
            point.bucket_counts.extend([1, 2, 3, 3, 1])
        else:
            point = total.sum.data_points.add(time_unix_nano=moment, as_int=rng.randrange(10**6))
        point.attributes.extend(told)
    return _template(request.SerializeToString(), count, [], times)


if __name__ == "__main__":
    for name, made in (("spans", spans()), ("logs", logs()), ("points", points())):
        begin = time.perf_counter()
        for seed in range(50):
            made.stamp(seed, time.time_ns())
        print(f"{name:8} {len(made.body) / made.rows:6.0f} bytes a row, {(time.perf_counter() - begin) / 50 * 1e3:.2f} ms a stamp")
