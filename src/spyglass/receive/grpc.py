"""OTLP/gRPC: the three collector services (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc), and health.

In: calls of `Export`, their messages as raw bytes. Out: bodies for the sink, and an export response or a status; one that may be tried again has `RetryInfo`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, NoReturn, Protocol

import grpc
import grpc.aio

from spyglass.model.body import Signal
from spyglass.model.errors import InputError, Refused
from spyglass.receive import wire
from spyglass.receive.answers import LEFT, Answer, shown
from spyglass.receive.intake import Head, Intake, Visit
from spyglass.receive.limits import Limits

__all__ = ["Credentials", "GrpcServer", "credentials"]

Credentials = Any  # grpc.ServerCredentials; grpcio has no types

_SERVICES: Final[dict[str, Signal]] = {
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "traces",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "logs",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "metrics",
}
_HEALTH: Final = "/grpc.health.v1.Health/Check"
_SERVING, _NOT_SERVING = b"\x08\x01", b"\x08\x02"  # grpc.health.v1.HealthCheckResponse
_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_MAX_WAITING: Final = 1_000  # calls that wait to be read; each may have as much of its message in memory as HTTP/2 lets a sender send unread


class Context(Protocol):
    """`grpc.aio.ServicerContext`, as far as it is used here; grpcio has no types."""

    async def read(self) -> object:
        """The next message, or `grpc.aio.EOF`."""

    async def abort(self, code: grpc.StatusCode, details: str, trailing_metadata: tuple[tuple[str, bytes], ...]) -> NoReturn:
        """End the call, by raising."""

    def peer(self) -> str:
        """The name of the connection."""

    def invocation_metadata(self) -> Sequence[tuple[str, str | bytes]] | None:
        """What stood in the head of the call."""


def credentials(certificate: bytes, key: bytes) -> Credentials:
    """What a port with TLS shows to its clients; both PEM."""
    return grpc.ssl_server_credentials([(key, certificate)])


class GrpcServer:
    """The server. `client_of` tells the sender's address from the name of its connection."""

    def __init__(self, intake: Intake, client_of: Callable[[str], str], ready: Callable[[], bool]) -> None:
        self._intake = intake
        self._client_of = client_of
        self._ready = ready
        self._limits = intake.limits
        self._reads = asyncio.Semaphore(_reads(self._limits))
        self._calls = 0
        self._server = grpc.aio.server(options=_options(self._limits.max_compressed_bytes))
        self._server.add_generic_rpc_handlers((_Methods(self),))

    async def start(self, address: str, credentials: Credentials | None = None) -> int:
        """Listen on an address in gRPC's notation, e.g. `unix:/path` or `127.0.0.1:0`; gives the port."""
        port = self._server.add_secure_port(address, credentials) if credentials else self._server.add_insecure_port(address)
        await self._server.start()
        return int(port)

    async def stop(self, grace_s: float) -> None:
        """Take no more calls, and give those under way some time to end."""
        await self._server.stop(grace_s)

    async def export(self, signal: Signal, _requests: object, context: Context) -> bytes:
        """Answer one call of `Export`."""
        with self._intake.visit(self._head(context)) as visit:
            try:
                return await self._take(signal, context, visit)
            except asyncio.CancelledError:
                visit.refuse(LEFT)
                raise
            except Exception as error:
                answer = visit.fail(error)
        return await _abort(context, answer)

    async def _take(self, signal: Signal, context: Context, visit: Visit) -> bytes:
        """The response. A function of its own, because `abort` leaves its caller's frame in a cycle, and a message there would wait for the collector."""
        visit.admit()
        message = await self._read(context)
        visit.take(len(message))
        return wire.export_response(signal, "protobuf", await visit.submit(signal, "protobuf", message))

    async def check(self, _requests: object, _context: Context) -> bytes:
        """Answer a health check of any service: all of them stand on the same road."""
        return _SERVING if self._ready() else _NOT_SERVING

    async def unknown(self, method: str, _requests: object, context: Context) -> bytes:
        """Say what there is instead."""
        with self._intake.visit(self._head(context)) as visit:
            answer = Answer(405, f"there is no {shown(method)} here; OTLP is taken at {', '.join(_SERVICES)}", "not_found")
            visit.refuse(answer)
        return await _abort(context, answer)

    async def _read(self, context: Context) -> bytes:
        """The message.

        Raises:
            InputError: there is none; or the core refused it as too large, and has told the sender so.
            Refused: too many calls wait to be read.
            TimeoutError: it did not arrive in time.
        """
        if self._calls >= _MAX_WAITING:
            raise Refused(f"{_MAX_WAITING} calls wait to be read; send again in a moment", limit="waiting_calls")
        self._calls += 1
        try:
            async with asyncio.timeout(self._limits.read_timeout_s), self._reads:
                message = await context.read()
        finally:
            self._calls -= 1
        if not isinstance(message, bytes):
            raise InputError("the call ended before its message was complete")
        return message

    def _head(self, context: Context) -> Head:
        said = {key: value if isinstance(value, str) else value.decode("latin-1") for key, value in context.invocation_metadata() or ()}
        return Head("grpc", self._client_of(context.peer()), said.get("authorization"), said.get("x-api-key"), said.get("x-spyglass-project"))


class _Methods(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio has no types
    """From the name of a method to its handler. All of them read their message themselves, so that who is refused is refused before it is sent."""

    def __init__(self, server: GrpcServer) -> None:
        exports: Iterable[tuple[str, Callable[..., Awaitable[bytes]]]] = ((name, partial(server.export, signal)) for name, signal in _SERVICES.items())
        self._handlers = {name: grpc.stream_unary_rpc_method_handler(handle) for name, handle in (*exports, (_HEALTH, server.check))}
        self._unknown = server.unknown

    def service(self, details: Any) -> Any:
        """The handler of a call."""
        return self._handlers.get(details.method) or grpc.stream_unary_rpc_method_handler(partial(self._unknown, details.method))


async def _abort(context: Context, answer: Answer) -> NoReturn:
    trailers: list[tuple[str, bytes]] = [("grpc-status-details-bin", wire.status("protobuf", answer.grpc_code, answer.message, answer.retry_after_s))]
    if answer.retry_after_s is not None:
        # Where OpenTelemetry's Python exporter looks.
        trailers.append(("google.rpc.retryinfo-bin", wire.retry_info(answer.retry_after_s)))
    await context.abort(_CODES[answer.grpc_code], answer.message, tuple(trailers))


def _reads(limits: Limits) -> int:
    """How many messages may be on their way in at once: the gRPC core holds each of them whole before we see its size."""
    return max(8, limits.max_in_flight_bytes // limits.max_compressed_bytes)


def _options(max_message_bytes: int) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", max_message_bytes),  # of a message before, and again after its decompression
        ("grpc.http2.bdp_probe", 0),  # else the core takes in some MB of each message that nobody reads yet
        ("grpc.so_reuseport", 0),  # a second server on the port is an error, not a partner
        ("grpc.keepalive_time_ms", 120_000),  # find out about clients that vanished
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),  # exporters behind proxies ping often; do not hang up on them
        ("grpc.keepalive_permit_without_calls", 1),
    ]
