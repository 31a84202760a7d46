"""What is sent arrives, however the server answers."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse

from spyglass.cli import otlp
from spyglass.cli.endpoint import headers_of, targets
from spyglass.cli.otlp import Sender
from spyglass.decode.encode import encode
from spyglass.decode.pieces import Piece
from spyglass.model.errors import InputError, Refused
from spyglass.model.schema import Kind
from spyglass.receive.wire import status
from spyglass.testing.rows import spans

Answer = Callable[[httpx.Request], httpx.Response]


def sender(answer: Answer) -> tuple[Sender, list[float]]:
    """A sender to a server that answers so, and how long it waited."""
    made, waits = Sender("http://server:4318", "p", httpx.MockTransport(answer)), list[float]()
    made.sleep = waits.append
    return made, waits


def piece(records: int, first: int = 0) -> Piece:
    """Some spans."""
    return Piece("traces", encode(Kind.SPAN, spans(records, first=first)), records, f"line {first}")


def spans_of(request: httpx.Request) -> int:
    """How many spans a request has."""
    return sum(len(scope.spans) for resource in ExportTraceServiceRequest.FromString(request.content).resource_spans for scope in resource.scope_spans)


def taken(_: httpx.Request) -> httpx.Response:
    """Everything is kept."""
    return httpx.Response(200)


def test_small_pieces_go_together_and_large_ones_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """No body is larger than allowed, and none is sent for each small piece."""
    monkeypatch.setattr(otlp, "BODY_BYTES", 50_000)
    seen: list[httpx.Request] = []
    made, _ = sender(lambda request: seen.append(request) or taken(request))
    for number in range(40):
        made.add(piece(5, number * 5))
    made.add(piece(500, 200))
    made.flush()
    assert sum(map(spans_of, seen)) == made.sent.accepted == 700
    assert max(len(request.content) for request in seen) < 52_000
    assert len(seen) < 10
    assert (seen[0].url.path, seen[0].headers["x-spyglass-project"]) == ("/v1/traces", "p")


@pytest.mark.parametrize("code", [429, 503])
def test_a_busy_server_is_asked_again_when_it_says(code: int) -> None:
    """After Retry-After, with the same bytes."""
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return taken(request) if len(bodies) == 3 else httpx.Response(code, headers={"retry-after": "7"})

    made, waits = sender(answer)
    made.add(piece(3))
    made.flush()
    assert (waits, made.sent.accepted, made.sent.retries) == ([7.0, 7.0], 3, 2)
    assert len(set(bodies)) == 1


def test_a_server_that_stays_busy_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it said."""
    monkeypatch.setattr(otlp, "_PATIENCE_S", 10.0)
    answer = httpx.Response(503, headers={"retry-after": "60", "content-type": "application/x-protobuf"}, content=status("protobuf", 14, "the disk is full"))
    made, _ = sender(lambda _: answer)
    made.add(piece(1))
    with pytest.raises(Refused, match="the disk is full"):
        made.flush()


def test_a_bad_record_does_not_take_its_neighbours_with_it() -> None:
    """A refused body is sent again in parts; what is refused alone is told with its place."""

    def answer(request: httpx.Request) -> httpx.Response:
        bad = b"invoke_agent bad" in request.content
        return httpx.Response(400, headers={"content-type": "application/x-protobuf"}, content=status("protobuf", 3, "it is bad")) if bad else taken(request)

    made, _ = sender(answer)
    for number in range(8):
        made.add(piece(1, number))
    made.add(Piece("traces", encode(Kind.SPAN, spans(1, name="invoke_agent bad")), 1, "line 99"))
    made.flush()
    assert made.sent.accepted == 8
    assert dict(made.sent.rejected) == {"line 99: it is bad": 1}


def test_partial_success_is_counted() -> None:
    """Accepted, and rejected with the server's reason."""
    told = ExportTraceServiceResponse()
    told.partial_success.rejected_spans, told.partial_success.error_message = 2, "2 spans without ids"
    made, _ = sender(lambda _: httpx.Response(200, content=told.SerializeToString()))
    made.add(piece(5))
    made.flush()
    assert (made.sent.accepted, dict(made.sent.rejected)) == (3, {"2 spans without ids": 2})


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(401, json={"message": "a key is wanted"}), "a key is wanted"),
        (httpx.Response(404, json={"detail": "there is nothing here"}), "there is nothing here"),
        (httpx.Response(403, text="<html>"), "OTLP/HTTP port"),
        (httpx.Response(200, text="<html>hello</html>"), "OTLP/HTTP port"),
    ],
)
def test_a_wrong_server_is_told_at_once(answer: httpx.Response, says: str) -> None:
    """Nothing is tried again that would fail again."""
    made, waits = sender(lambda _: answer)
    made.add(piece(1))
    with pytest.raises(InputError, match=says):
        made.flush()
    assert waits == []


def test_a_server_that_goes_away_is_waited_for_and_one_that_never_was_is_not() -> None:
    """It may be restarting; or the address is wrong."""
    answers = iter([200, None, None, 200])

    def answer(request: httpx.Request) -> httpx.Response:
        if next(answers) is None:
            raise httpx.ConnectError("refused", request=request)
        return taken(request)

    made, waits = sender(answer)
    for number in range(2):
        made.add(piece(1, number))
        made.flush()
    assert (made.sent.accepted, len(waits)) == (2, 2)

    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    made, _ = sender(nobody)
    made.add(piece(1))
    with pytest.raises(httpx.ConnectError):
        made.flush()


def test_headers_of_the_environment() -> None:
    """As OpenTelemetry writes them."""
    assert headers_of("x-api-key=a%20b, Other = c=d") == {"x-api-key": "a b", "other": "c=d"}
    assert headers_of("") == {}
    with pytest.raises(InputError, match="OTEL_EXPORTER_OTLP_HEADERS"):
        headers_of("nonsense")


ALL = "OTEL_EXPORTER_OTLP_"


@pytest.mark.parametrize(
    ("given", "environment", "traces", "logs"),
    [
        (None, {}, "http://localhost:4318/v1/traces", "http://localhost:4318/v1/logs"),
        (None, {"ENDPOINT": "http://host:1/base/"}, "http://host:1/base/v1/traces", "http://host:1/base/v1/logs"),
        (None, {"ENDPOINT": "http://host:1", "TRACES_ENDPOINT": "http://own:2/exactly"}, "http://own:2/exactly", "http://host:1/v1/logs"),
        ("http://mine:3", {"ENDPOINT": "http://host:1", "TRACES_ENDPOINT": "http://own:2/x"}, "http://mine:3/v1/traces", "http://mine:3/v1/logs"),
        ("http://mine:3/v1/traces", {}, "http://mine:3/v1/traces", "http://mine:3/v1/logs"),
        (None, {"PROTOCOL": "grpc"}, "grpc://localhost:4317", "grpc://localhost:4317"),
        (None, {"PROTOCOL": "grpc", "ENDPOINT": "https://host:4317"}, "grpcs://host:4317", "grpcs://host:4317"),
        (None, {"TRACES_PROTOCOL": "grpc", "TRACES_ENDPOINT": "host:4317"}, "grpc://host:4317", "http://localhost:4318/v1/logs"),
        (None, {"PROTOCOL": "http/json"}, "http://localhost:4318/v1/traces", "http://localhost:4318/v1/logs"),
    ],
)
def test_the_environment_says_where_and_how(given: str | None, environment: dict[str, str], traces: str, logs: str) -> None:
    """As OpenTelemetry's specification has it: one signal's address is taken as it is, the common one gets the signal's path."""
    found = targets(given, {ALL + name: value for name, value in environment.items()})
    assert (found["traces"].url, found["logs"].url) == (traces, logs)


def test_headers_of_one_signal_go_before_those_of_all() -> None:
    """They are not mixed."""
    found = targets(None, {ALL + "HEADERS": "a=1", ALL + "LOGS_HEADERS": "b=2"})
    assert (found["traces"].headers, found["logs"].headers) == ({"a": "1"}, {"b": "2"})


def test_an_unknown_protocol_is_named_with_its_variable() -> None:
    """And what it may be."""
    with pytest.raises(InputError, match="OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: expected http/protobuf, http/json, grpc, got 'grcp'"):
        targets(None, {ALL + "METRICS_PROTOCOL": "grcp"})


def test_what_another_port_says_is_shown() -> None:
    """A port that speaks another protocol says so in plain words; no part of the body is tried on it."""
    words = "this port speaks gRPC; send OTLP/HTTP to port 4318"
    made, _ = sender(lambda _: httpx.Response(400, text=words))
    made.add(piece(3))
    made.add(piece(3, 3))
    with pytest.raises(InputError, match=words):
        made.flush()
    assert made.sent.bodies == 1
