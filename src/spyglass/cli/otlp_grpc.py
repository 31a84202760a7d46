"""OTLP/gRPC for the commands, in the clothes of an HTTP transport: what `otlp.Sender` posts goes out as a call, its end comes back as a response.

So that patience, retries and parting of refused bodies are the same for both protocols.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import grpc
import httpx
import orjson
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.protobuf.wrappers_pb2 import BytesValue

__all__ = ["GrpcTransport"]

_SERVICES: Final = {"traces": "trace.v1.TraceService", "logs": "logs.v1.LogsService", "metrics": "metrics.v1.MetricsService"}
_CONNECT_S: Final = 10.0
_CALL_S: Final = 60.0
# Codes on which the OTLP specification wants a retry become those of HTTP on which the sender tries again.
_RETRY: Final = {"UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "DATA_LOSS"}
_STATUS: Final = {"RESOURCE_EXHAUSTED": 429, "INVALID_ARGUMENT": 400, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "UNIMPLEMENTED": 404}
_RETRY_INFO: Final = "google.rpc.retryinfo-bin"  # where OpenTelemetry's exporters look, too
_OPTIONS: Final = [("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class GrpcTransport(httpx.BaseTransport):
    """For URLs `grpc://host:port/v1/<signal>`, and `grpcs` with TLS. One channel for each address."""

    def __init__(self) -> None:
        self._channels: dict[str, Any] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One export.

        Raises:
            httpx.ConnectError: nobody answers there.
        """
        channel = self._channel(request)
        call = channel.unary_unary(_method(request), request_serializer=_as_is, response_deserializer=_as_is)
        metadata = [(name, value) for name, value in request.headers.items() if name not in _OF_HTTP]
        try:
            return httpx.Response(200, content=call(request.read(), timeout=_CALL_S, metadata=metadata))
        except grpc.RpcError as error:
            told: Any = error
            return _refusal(told.code().name, told.details() or "", _retry_after_s(told.trailing_metadata() or ()))

    def close(self) -> None:
        """Hang up."""
        for channel in self._channels.values():
            channel.close()

    def _channel(self, request: httpx.Request) -> Any:
        address = f"{request.url.host}:{request.url.port or 4317}"
        if address not in self._channels:
            made = _open(address, secure=request.url.scheme == "grpcs")
            try:
                grpc.channel_ready_future(made).result(_CONNECT_S)
            except grpc.FutureTimeoutError:
                made.close()
                raise httpx.ConnectError(f"{address} does not speak gRPC, or nobody is there", request=request) from None
            self._channels[address] = made
        return self._channels[address]


_OF_HTTP: Final = frozenset({"host", "content-type", "content-length", "accept", "accept-encoding", "connection", "user-agent"})


def _open(address: str, *, secure: bool) -> Any:
    if secure:
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(), options=_OPTIONS)
    return grpc.insecure_channel(address, options=_OPTIONS)


def _method(request: httpx.Request) -> str:
    return f"/opentelemetry.proto.collector.{_SERVICES[request.url.path.rsplit('/', 1)[-1]]}/Export"


def _refusal(code: str, text: str, after_s: int | None) -> httpx.Response:
    status = 503 if code in _RETRY else _STATUS.get(code, 500)
    told = {"content-type": "application/json"} | ({} if after_s is None else {"retry-after": str(after_s)})
    return httpx.Response(status, headers=told, content=orjson.dumps({"message": f"{text or 'no reason given'} ({code})"}))


def _retry_after_s(trailers: Iterable[tuple[str, Any]]) -> int | None:
    """Whole seconds that the server wants us to wait (`google.rpc.RetryInfo`); None where it does not say, or nothing that is understood."""
    for name, value in trailers:
        if name == _RETRY_INFO:
            try:
                # Its only field is a Duration; a message of bytes has the same form.
                delay = Duration.FromString(BytesValue.FromString(value).value)
            except DecodeError:
                return None
            return max(0, delay.seconds + (delay.nanos > 0))
    return None


def _as_is(data: bytes) -> bytes:
    return data
