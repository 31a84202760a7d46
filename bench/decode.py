"""How many records a CPU second decodes: `python bench/decode.py [--rounds N]`.

Bodies of 512 records; spans of about 830 bytes with 13 attributes. Times are CPU time, the best of the rounds. "upb parse alone" is the yardstick of
the machine (1.2 million spans a second where the project's figures were taken): compare ratios, not numbers from different days.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from spyglass.decode.decoder import Decoder
from spyglass.decode.wire import parse_request
from spyglass.model.body import Body, Encoding, Signal

RECORDS = 512
NOW = 1_767_225_600_000_000_000


def pair(key: str, value: Any) -> KeyValue:
    found = KeyValue(key=key)
    name = {bool: "bool_value", int: "int_value", float: "double_value", str: "string_value"}[type(value)]
    setattr(found.value, name, value)
    return found


def resource(request_part: Any, seed: int) -> None:
    request_part.resource.attributes.extend([pair("service.name", f"service-{seed % 50}"), pair("service.version", "1.2.3")])


def traces(count: int, seed: int) -> bytes:
    dice, request = random.Random(seed), ExportTraceServiceRequest()
    part = request.resource_spans.add()
    resource(part, seed)
    scope = part.scope_spans.add()
    scope.scope.name = "bench"
    for i in range(count):
        if i % 8 == 0:
            trace_id, parent = dice.randbytes(16), b""
        span = scope.spans.add(trace_id=trace_id, span_id=dice.randbytes(8), parent_span_id=parent, name="chat gpt-4o-mini", kind=3)
        span.start_time_unix_nano = NOW + i * 1000
        span.end_time_unix_nano = NOW + i * 1000 + dice.randrange(10**6, 10**9)
        parent = parent or span.span_id
        question = [{"role": "user", "parts": [{"type": "text", "content": f"What is the weather on day {i}? " * 4}]}]
        answer = [{"role": "assistant", "parts": [{"type": "text", "content": "sunny " * dice.randrange(1, 40)}]}]
        span.attributes.extend(
            [
                pair("gen_ai.operation.name", "chat"),
                pair("gen_ai.provider.name", "openai"),
                pair("gen_ai.request.model", f"model-{dice.randrange(9)}"),
                pair("gen_ai.response.id", f"chatcmpl-{dice.randrange(10**9):09d}"),
                pair("gen_ai.usage.input_tokens", dice.randrange(2000)),
                pair("gen_ai.usage.output_tokens", dice.randrange(800)),
                pair("gen_ai.request.temperature", 0.7),
                pair("gen_ai.request.stream", dice.random() < 0.5),
                pair("gen_ai.conversation.id", f"conversation-{dice.randrange(10000)}"),
                pair("user.id", f"user-{dice.randrange(1000)}"),
                pair("gen_ai.input.messages", json.dumps(question)),
                pair("gen_ai.output.messages", json.dumps(answer)),
            ]
        )
        span.attributes.add(key="gen_ai.response.finish_reasons").value.array_value.values.add(string_value="stop")
        if dice.random() < 0.05:
            span.events.add(time_unix_nano=NOW, name="exception").attributes.append(pair("exception.type", "TimeoutError"))
            span.status.code = 2
    return bytes(request.SerializeToString())


def logs(count: int, seed: int) -> bytes:
    dice, request = random.Random(seed), ExportLogsServiceRequest()
    part = request.resource_logs.add()
    resource(part, seed)
    scope = part.scope_logs.add()
    scope.scope.name = "bench"
    for i in range(count):
        record = scope.log_records.add(time_unix_nano=NOW + i, observed_time_unix_nano=NOW + i, severity_number=9, severity_text="INFO")
        record.trace_id, record.span_id, record.flags = dice.randbytes(16), dice.randbytes(8), 1
        record.body.string_value = f"the request {i} was answered after {dice.randrange(1000)} ms"
        record.attributes.extend([pair("session.id", f"session-{dice.randrange(1000)}"), pair("http.status_code", 200), pair("duration_ms", dice.random())])
        record.attributes.extend([pair("user.id", f"user-{i % 100}"), pair("cached", i % 2 == 0)])
    return bytes(request.SerializeToString())


def metrics(count: int, seed: int) -> bytes:
    dice, request = random.Random(seed), ExportMetricsServiceRequest()
    part = request.resource_metrics.add()
    resource(part, seed)
    scope = part.scope_metrics.add()
    scope.scope.name = "bench"
    for group in range(count // 16):
        if group % 4 == 0:
            metric = scope.metrics.add(name=f"gen_ai.client.operation.duration.{group}", unit="s", description="How long the calls take")
            metric.histogram.aggregation_temporality = 2
            for _ in range(16):
                point = metric.histogram.data_points.add(start_time_unix_nano=NOW, time_unix_nano=NOW, count=14, sum=dice.random(), min=0.1, max=2.0)
                point.bucket_counts.extend(range(14))
                point.explicit_bounds.extend(float(bound) for bound in range(13))
                point.attributes.extend([pair("gen_ai.request.model", f"model-{dice.randrange(9)}"), pair("host", f"host-{dice.randrange(100)}")])
        else:
            metric = scope.metrics.add(name=f"gen_ai.client.token.usage.{group}", unit="1", description="How many tokens the calls use")
            metric.sum.aggregation_temporality, metric.sum.is_monotonic = 2, True
            for _ in range(16):
                point = metric.sum.data_points.add(start_time_unix_nano=NOW, time_unix_nano=NOW, as_int=dice.randrange(10**6))
                point.attributes.extend([pair("gen_ai.request.model", f"model-{dice.randrange(9)}"), pair("host", f"host-{dice.randrange(100)}")])
    return bytes(request.SerializeToString())


def as_json(data: bytes) -> bytes:
    document = MessageToDict(parse_request("traces", data))
    for part in document["resourceSpans"]:
        for scope in part["scopeSpans"]:
            for span, told in zip(scope["spans"], parse_request("traces", data).resource_spans[0].scope_spans[0].spans, strict=True):
                span |= {"traceId": told.trace_id.hex(), "spanId": told.span_id.hex(), "parentSpanId": told.parent_span_id.hex(), "kind": 3}
    return json.dumps(document, separators=(",", ":")).encode()


def best(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def decoding(signal: Signal, bodies: list[bytes], together: int, encoding: Encoding = "protobuf") -> Callable[[], object]:
    decoder, wrapped = Decoder(), [Body(signal, encoding, data) for data in bodies]
    return lambda: [decoder.decode(signal, wrapped[i : i + together], NOW) for i in range(0, len(wrapped), together)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=10)
    rounds = arguments.parse_args().rounds
    spans, records, points = ([make(RECORDS, seed) for seed in range(20)] for make in (traces, logs, metrics))
    print(f"bytes a record: spans {len(spans[0]) // RECORDS}, logs {len(records[0]) // RECORDS}, points {len(points[0]) // RECORDS}")
    yardstick = best(lambda: [parse_request("traces", data) for data in spans], rounds)
    rows = [("upb parse alone, spans", 20, yardstick)]
    signals: list[tuple[str, Signal, list[bytes]]] = [("spans", "traces", spans), ("logs", "logs", records), ("points", "metrics", points)]
    for name, signal, bodies in signals:
        rows += [(f"{name}, {together} bodies together", 20, best(decoding(signal, bodies, together), rounds)) for together in (1, 10, 20)]
    documents = [as_json(data) for data in spans[:4]]
    rows.append(("spans as JSON, 4 bodies together", 4, best(decoding("traces", documents, 4, "json"), rounds)))
    for name, count, seconds in rows:
        print(f"{name:36s} {count * RECORDS / seconds:10,.0f} a CPU second, {seconds / count / RECORDS * 1e6:6.2f} us each")
    tiny = [traces(1, seed) for seed in range(100)]
    single, hundred = best(decoding("traces", tiny[:1], 1), rounds * 3), best(decoding("traces", tiny, 100), rounds)
    print(f"one span: {single * 1e3:.2f} ms; 100 bodies of one: {hundred * 1e3:.2f} ms")


if __name__ == "__main__":
    main()
