"""OTLP/gRPC over real sockets, with real grpcio clients."""

from __future__ import annotations

import asyncio
import base64
import gc
import os
import tracemalloc

import grpc
import grpc.aio
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse

from spyglass.model.body import Outcome
from spyglass.model.errors import DecodeError, Refused
from spyglass.receive.limits import Limits

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
LOGS = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
METRICS = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
SMALL = Limits(max_compressed_bytes=100_000, max_body_bytes=200_000, max_in_flight_bytes=300_000)


async def call(server, method=TRACES, message=b"x", metadata=(), compression=None) -> bytes:
    async with grpc.aio.insecure_channel(server.target) as channel:
        return await channel.unary_unary(method)(message, metadata=metadata, compression=compression, timeout=60)


async def failure(*args, **others) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await call(*args, **others)
    return failed.value


def details(error: grpc.aio.AioRpcError) -> tuple[Status, RetryInfo | None]:
    """The google.rpc.Status in the trailers, and its RetryInfo."""
    trailers = dict(error.trailing_metadata())
    status, info = Status.FromString(trailers["grpc-status-details-bin"]), RetryInfo()
    assert (status.code, status.message) == (error.code().value[0], error.details())
    return status, info if status.details and status.details[0].Unpack(info) else None


async def test_each_signal_has_its_service(serve, sink):
    """The three Export methods, with bytes and metadata handed on as they came."""
    server = await serve(http=None)
    for method in (TRACES, LOGS, METRICS):
        assert await call(server, method, b"\x0a\x00", (("x-spyglass-project", "p-1"),)) == b""
    assert [(body.signal, body.data, body.project, body.transport, body.encoding) for body in sink.bodies] == [
        (signal, b"\x0a\x00", "p-1", "grpc", "protobuf") for signal in ("traces", "logs", "metrics")
    ]
    assert {body.client for body in sink.bodies} <= {"127.0.0.1", "::1"}


async def test_rejected_rows_are_told_as_partial_success(serve, sink):
    """The number of rows and the reason."""
    server = await serve(http=None)
    sink.outcome = Outcome(1, 4, "no value")
    partial = ExportMetricsServiceResponse.FromString(await call(server, METRICS)).partial_success
    assert (partial.rejected_data_points, partial.error_message) == (4, "no value")


async def test_compressed_messages_arrive_unfolded(serve, sink):
    """gzip and deflate are gRPC's own."""
    server = await serve(http=None)
    for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
        await call(server, message=b"t" * 50_000, compression=compression)
    assert [body.data for body in sink.bodies] == [b"t" * 50_000] * 2


async def test_an_empty_message_is_an_empty_request(serve, sink):
    """Success, and nothing for the sink to do."""
    server = await serve(http=None)
    assert await call(server, message=b"") == b""
    assert sink.bodies == []


async def test_a_malformed_message_is_invalid_argument(serve, sink):
    """With the sink's own words, and no invitation to try again."""
    server = await serve(http=None)
    sink.error = DecodeError("not a span")
    error = await failure(server)
    assert (error.code(), error.details(), details(error)[1]) == (grpc.StatusCode.INVALID_ARGUMENT, "not a span", None)


async def test_pressure_tells_when_to_come_back(serve, sink):
    """UNAVAILABLE and RESOURCE_EXHAUSTED, with RetryInfo where the specification puts it, and where the Python exporter looks."""
    server = await serve(http=None)
    for refused, code in (
        (Refused("log full", retry_after_s=2.5), "UNAVAILABLE"),
        (Refused("slow down", retry_after_s=2.5, too_fast=True), "RESOURCE_EXHAUSTED"),
    ):
        sink.error = refused
        error = await failure(server)
        info = details(error)[1]
        assert (error.code().name, info.retry_delay.ToMilliseconds()) == (code, 2500)
        assert RetryInfo.FromString(dict(error.trailing_metadata())["google.rpc.retryinfo-bin"]) == info


async def test_a_message_that_is_too_large_is_resource_exhausted(serve, sink):
    """As sent, or once it is unfolded; the core stops it, and tells no time to wait."""
    server = await serve(http=None, limits=SMALL)
    for message, compression in ((os.urandom(150_000), None), (bytes(50_000_000), grpc.Compression.Gzip)):
        error = await failure(server, message=message, compression=compression)
        assert (error.code(), "larger than max" in error.details()) == (grpc.StatusCode.RESOURCE_EXHAUSTED, True)
    assert (sink.bodies, server.listening.in_flight.used_bytes) == ([], 0)


async def test_keys_are_asked_for_where_they_are_set(serve, sink):
    """UNAUTHENTICATED without, success with either header."""
    server = await serve(http=None, api_keys=["sk-1"])
    assert (await failure(server)).code() is grpc.StatusCode.UNAUTHENTICATED
    basic = "Basic " + base64.b64encode(b"pk:sk-1").decode()
    for shown in (("authorization", "Bearer sk-1"), ("x-api-key", "sk-1"), ("authorization", basic)):
        await call(server, metadata=(shown,))
    assert len(sink.bodies) == 3


async def test_who_is_refused_is_refused_before_the_message_is_read(serve, sink):
    """A sender without a key cannot fill the memory, even with a message that would be too large."""
    server = await serve(http=None, api_keys=["sk-1"], limits=SMALL)
    error = await failure(server, message=bytes(3_000_000))
    assert error.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_project_that_is_no_name_is_invalid_argument(serve):
    """The same rule as for HTTP."""
    server = await serve(http=None)
    error = await failure(server, metadata=(("x-spyglass-project", "a b"),))
    assert (error.code(), "x-spyglass-project" in error.details()) == (grpc.StatusCode.INVALID_ARGUMENT, True)


async def test_a_sender_that_is_too_fast_is_told_exactly_when_to_return(serve):
    """The same buckets as for HTTP."""
    server = await serve(http=None, limits=Limits(max_requests_per_s=0.25, burst_s=4))
    await call(server)
    error = await failure(server)
    info = details(error)[1]
    assert (error.code(), 3_000 < info.retry_delay.ToMilliseconds() <= 4_000) == (grpc.StatusCode.RESOURCE_EXHAUSTED, True)


async def test_too_much_at_once_is_unavailable_without_waiting(serve, sink):
    """The call that does not fit is told so while the others are still worked on."""
    server = await serve(http=None, limits=SMALL)
    sink.gate = asyncio.Event()
    held = [asyncio.create_task(call(server, message=bytes(90_000))) for _ in range(3)]
    await sink.until_waiting(3)
    error = await failure(server, message=bytes(90_000))
    sink.gate.set()
    assert (error.code(), details(error)[1].retry_delay.seconds) == (grpc.StatusCode.UNAVAILABLE, 1)
    assert await asyncio.gather(*held) == [b"", b"", b""]
    assert server.listening.in_flight.used_bytes == 0


async def test_a_message_that_never_comes_is_deadline_exceeded(serve):
    """A call without its message ends by itself."""
    server = await serve(http=None, limits=Limits(read_timeout_s=0.1))

    async def nothing():
        await asyncio.sleep(5)
        yield b"x"

    async with grpc.aio.insecure_channel(server.target) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.stream_unary(TRACES)(nothing(), timeout=60)
    assert (failed.value.code(), "receive.read_timeout_s" in failed.value.details()) == (grpc.StatusCode.DEADLINE_EXCEEDED, True)


async def test_a_client_that_hangs_up_leaves_nothing_behind(serve, sink):
    """What it held is given back, and the ledger knows."""
    server = await serve(http=None)
    sink.gate = asyncio.Event()
    async with grpc.aio.insecure_channel(server.target) as channel:
        running = channel.unary_unary(TRACES)(b"x" * 1000)
        await sink.until_waiting(1)
        running.cancel()
    async with asyncio.timeout(60):
        while server.listening.in_flight.used_bytes:
            await asyncio.sleep(0.001)
    assert [row.refused for row in server.ledger.rows()] == [{"client_left": 1}]


async def test_what_was_refused_is_let_go_at_once(serve, sink):
    """Messages that were not taken do not wait for the garbage collector."""
    server = await serve(http=None, limits=Limits(max_in_flight_bytes=96 * 2**20))

    def judge(_body):
        raise Refused("log full")

    sink.judge = judge
    async with grpc.aio.insecure_channel(server.target) as channel:
        export = channel.unary_unary(TRACES)
        message = bytes(1_000_000)
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            for _ in range(10):
                with pytest.raises(grpc.aio.AioRpcError):
                    await export(message, timeout=60)
            held_bytes, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            gc.enable()
    assert held_bytes < 2_500_000


async def test_our_own_fault_is_internal_without_details(serve, sink):
    """What broke is for the log, not for the sender."""
    server = await serve(http=None)
    sink.error = RuntimeError("a secret")
    error = await failure(server)
    assert (error.code(), "secret" in error.details()) == (grpc.StatusCode.INTERNAL, False)


async def test_an_unknown_method_is_unimplemented_and_says_what_there_is(serve):
    """Also one with a message on its way."""
    server = await serve(http=None)
    error = await failure(server, "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", bytes(500_000))
    assert (error.code(), TRACES in error.details()) == (grpc.StatusCode.UNIMPLEMENTED, True)


async def test_health_says_whether_the_road_is_ready(serve):
    """SERVING or NOT_SERVING, as whoever built the server says; no key is needed."""
    ready = [True]
    server = await serve(http=None, ready=lambda: ready[0], api_keys=["sk-1"])
    serving = await call(server, "/grpc.health.v1.Health/Check", b"")
    ready[0] = False
    assert (serving, await call(server, "/grpc.health.v1.Health/Check", b"")) == (b"\x08\x01", b"\x08\x02")


async def test_both_protocols_share_a_ledger_and_limits(serve, sink):
    """Rows per source, whatever it speaks."""
    server = await serve(http=None)
    sink.outcome = Outcome(2)
    for _ in range(3):
        await call(server, message=b"12345", metadata=(("x-spyglass-project", "p"),))
    rows = [row for row in server.ledger.rows() if row.project == "p"]
    assert [(row.requests, row.bytes, row.accepted_rows) for row in rows] == [(3, 15, 6)]


async def test_a_bad_message_never_disturbs_a_good_one(serve, sink):
    """Forty calls at once on one connection, every second one fails: each hears of its own."""
    server = await serve(http=None)

    def judge(body):
        if body.data.startswith(b"bad"):
            raise DecodeError(body.data.decode())

    sink.judge = judge
    messages = [(b"bad" if number % 2 else b"good") + str(number).encode() for number in range(40)]
    async with grpc.aio.insecure_channel(server.target) as channel:
        export = channel.unary_unary(TRACES)
        answers = await asyncio.gather(*(export(message, timeout=60) for message in messages), return_exceptions=True)
    assert answers[::2] == [b""] * 20
    assert [answer.details() for answer in answers[1::2]] == [message.decode() for message in messages[1::2]]
