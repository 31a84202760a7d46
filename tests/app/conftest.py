"""Bodies for a server that really runs, and waiting without sleeping blindly."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Body = Callable[..., bytes]


def _value(value: Any) -> AnyValue:
    if isinstance(value, list):
        held = AnyValue()
        held.array_value.values.extend(_value(item) for item in value)
        return held
    kind = {bool: "bool_value", int: "int_value", float: "double_value", str: "string_value", bytes: "bytes_value"}[type(value)]
    return AnyValue(**{kind: value})


@pytest.fixture(scope="session")
def body() -> Body:
    """`body(*spans)`: a traces request; a span is a dict with id, and may have trace, parent, name, status, start_ns and attributes."""

    def make(*spans: dict[str, Any], service: str = "flow") -> bytes:
        request = ExportTraceServiceRequest()
        group = request.resource_spans.add()
        group.resource.attributes.append(KeyValue(key="service.name", value=_value(service)))
        scope = group.scope_spans.add()
        for span in spans:
            start = span.get("start_ns", time.time_ns())
            told = scope.spans.add(
                trace_id=span.get("trace", b"f" * 16),
                span_id=span["id"].to_bytes(8),
                parent_span_id=span["parent"].to_bytes(8) if span.get("parent") else b"",
                name=span.get("name", "work"),
                start_time_unix_nano=start,
                end_time_unix_nano=start + 1_000_000,
            )
            told.status.code = 2 if span.get("status") == "error" else 0
            told.attributes.extend(KeyValue(key=key, value=_value(value)) for key, value in span.get("attributes", {}).items())
        return request.SerializeToString()

    return make


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], bool]], None]:
    """`eventually(condition)`: wait until it holds, a minute at most."""

    def wait(condition: Callable[[], bool], timeout_s: float = 60.0) -> None:
        deadline, pause_s = time.monotonic() + timeout_s, 0.02
        while not condition():
            assert time.monotonic() < deadline, "it did not come about in time"
            threading.Event().wait(pause_s)
            pause_s = min(pause_s * 1.5, 0.3)  # who asks without a pause keeps the server from what is waited for

    return wait


@pytest.fixture
def soon() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """`await soon(condition)`: while the event loop goes on."""

    async def wait(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.01)

    return wait
