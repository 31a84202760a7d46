"""OTLP to send to a running server, and ways to ask it. Each test has a project of its own on the server that all share."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
import httpx
import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests.flow.answers import checked

T = TypeVar("T")
Request = ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest

SECOND_NS = 10**9
PATHS = {ExportTraceServiceRequest: "traces", ExportLogsServiceRequest: "logs", ExportMetricsServiceRequest: "metrics"}
METHODS = {
    ExportTraceServiceRequest: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    ExportLogsServiceRequest: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    ExportMetricsServiceRequest: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}
_projects = itertools.count(1)


def any_value(value: object) -> AnyValue:
    """A Python value as OTLP."""
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=attributes(value)))
    return AnyValue(string_value=str(value))


def attributes(values: dict[str, object]) -> list[KeyValue]:
    """A dict as OTLP attributes."""
    return [KeyValue(key=key, value=any_value(value)) for key, value in values.items()]


def span(name: str = "work", *, trace: bytes, number: int = 1, under: int = 0, start_ns: int | None = None, duration_ns: int = SECOND_NS, **told: Any) -> Span:
    """A span whose id is a small number; `told` are its attributes, with `__` for dots."""
    begin = time.time_ns() - SECOND_NS if start_ns is None else start_ns
    return Span(
        trace_id=trace,
        span_id=number.to_bytes(8),
        parent_span_id=under.to_bytes(8) if under else b"",
        name=name,
        start_time_unix_nano=begin,
        end_time_unix_nano=begin + duration_ns,
        attributes=attributes({key.replace("__", "."): value for key, value in told.items()}),
    )


def chat(*, trace: bytes, number: int, under: int = 0, response: str = "", tokens: tuple[int, int] | None = (10, 5), **more: Any) -> Span:
    """A model call by the GenAI convention."""
    told: dict[str, Any] = {"gen_ai__operation__name": "chat", "gen_ai__provider__name": "openai", "gen_ai__request__model": "gpt-4o-mini"}
    if response:
        told["gen_ai__response__id"] = response
    if tokens:
        told |= {"gen_ai__usage__input_tokens": tokens[0], "gen_ai__usage__output_tokens": tokens[1]}
    return span("chat gpt-4o-mini", trace=trace, number=number, under=under, **told, **more)


def spans(*members: Span, service: str = "test", scope: str = "test") -> ExportTraceServiceRequest:
    """A request of spans."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(attributes({"service.name": service}))
    group.scope_spans.add(spans=members).scope.name = scope
    return request


def records(*members: LogRecord, service: str = "test", scope: str = "test") -> ExportLogsServiceRequest:
    """A request of log records."""
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(attributes({"service.name": service}))
    group.scope_logs.add(log_records=members).scope.name = scope
    return request


@dataclass(frozen=True)
class Client:
    """Sends for one project, and asks for it."""

    server: Any
    project: str
    http: httpx.Client
    channel: grpc.Channel

    def post(self, request: Request) -> httpx.Response:
        """Over HTTP as protobuf."""
        return self.post_bytes(PATHS[type(request)], request.SerializeToString())

    def post_bytes(self, signal: str, data: bytes, content_type: str = "application/x-protobuf", **headers: str) -> httpx.Response:
        """Any bytes over HTTP."""
        told = {"content-type": content_type, "x-spyglass-project": self.project, **headers}
        return self.http.post(f"{self.server.endpoint}/v1/{signal}", content=data, headers=told)

    def post_json(self, request: Request) -> httpx.Response:
        """Over HTTP as OTLP/JSON: ids in hex."""
        return self.http.post(
            f"{self.server.endpoint}/v1/{PATHS[type(request)]}", json=_hex_ids(MessageToDict(request)), headers={"x-spyglass-project": self.project}
        )

    def call(self, request: Request) -> bytes:
        """Over gRPC."""
        method = self.channel.unary_unary(METHODS[type(request)])
        return bytes(method(request.SerializeToString(), metadata=(("x-spyglass-project", self.project),), timeout=20))

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        """An answer of the API."""
        return self.http.get(f"{self.server.url}/api/v1{path}", params={"project": self.project, **parameters})

    def told(self, path: str, **parameters: Any) -> Any:
        """The JSON of a good answer, which is what its route says."""
        return checked(self.get(path, **parameters))

    def items(self, path: str, **parameters: Any) -> list[Any]:
        """All items of a list, page by page."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        for _ in range(1_000):
            page = self.told(path, **parameters, **cursor)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}
        raise AssertionError("the list does not end")

    def sql(self, text: str) -> list[dict[str, Any]]:
        """Rows of a query over this project."""
        answer = self.http.post(f"{self.server.url}/api/v1/sql", params={"project": self.project}, json={"sql": text})
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["items"]
        return rows


def _hex_ids(value: Any) -> Any:
    """OTLP/JSON writes ids in hex where protobuf's own JSON has base64."""
    if isinstance(value, list):
        return [_hex_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    ids = {"traceId", "spanId", "parentSpanId"} & value.keys()
    return {key: _from_base64(item) if key in ids else _hex_ids(item) for key, item in value.items()}


def _from_base64(text: str) -> str:
    import base64

    return base64.b64decode(text).hex()


@pytest.fixture(scope="session")
def http() -> Iterator[httpx.Client]:
    """Connections that all tests share."""
    with httpx.Client(timeout=60, trust_env=False, verify=False) as client:
        yield client


@pytest.fixture(scope="session")
def channel(server: Any) -> Iterator[grpc.Channel]:
    """To the shared server."""
    with grpc.insecure_channel(f"127.0.0.1:{server.otlp_grpc}") as opened:
        yield opened


@pytest.fixture
def client(server: Any, http: httpx.Client, channel: grpc.Channel) -> Client:
    """A client of the shared server with a project of its own."""
    return Client(server, f"flow-{next(_projects)}", http, channel)


@pytest.fixture
def other(client: Client) -> Client:
    """The same with another project."""
    return Client(client.server, f"{client.project}-other", client.http, client.channel)


@pytest.fixture
def trace() -> bytes:
    """A new trace id."""
    return secrets.token_bytes(16)


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """`eventually(look, wanted, timeout_s)`: what `look` gives, as soon as `wanted` holds for it."""

    def wait(look: Callable[[], T], wanted: Callable[[T], object] = bool, timeout_s: float = 120.0) -> T:
        deadline, pause_s = time.monotonic() + timeout_s, 0.02
        while not wanted(found := look()):
            assert time.monotonic() < deadline, f"in the end it was {found!r:.2000}"
            threading.Event().wait(pause_s)
            pause_s = min(pause_s * 1.5, 0.3)  # who asks without a pause keeps the server from what is waited for
        return found

    return wait
