"""A test span through a running server: sent as programs send theirs, then looked for as people look for theirs."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import grpc
import httpx

from spyglass.cli.formats.attributes import put_all
from spyglass.decode.wire import REQUESTS

__all__ = ["PROJECT", "Probe", "Way", "send_grpc", "send_http", "wait_for"]

PROJECT: Final = "spyglass-doctor"  # so that nobody's lists and sums see it
_METHOD: Final = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_TIMEOUT_S: Final = 10.0
_POLL_S: Final = 0.05

Way = Callable[["Probe"], None]


@dataclass(frozen=True, slots=True)
class Probe:
    """Where to send to, and with what headers."""

    address: str
    headers: Mapping[str, str]
    trace_id: bytes

    @staticmethod
    def at(address: str, headers: Mapping[str, str]) -> Probe:
        """A probe with a trace of its own."""
        return Probe(address, {**headers, "x-spyglass-project": PROJECT}, secrets.token_bytes(16))

    def request(self) -> bytes:
        """One span that ends now."""
        request = REQUESTS["traces"]()
        resource = request.resource_spans.add()
        put_all(resource.resource.attributes, {"service.name": "spyglass-doctor"})
        now = time.time_ns()
        span = {"trace_id": self.trace_id, "span_id": secrets.token_bytes(8), "name": "doctor's test", "kind": 1}
        resource.scope_spans.add().spans.add(**span, start_time_unix_nano=now - 1_000_000, end_time_unix_nano=now)
        return bytes(request.SerializeToString())


class NotSentError(Exception):
    """The server did not take the span; says why."""


def send_http(probe: Probe) -> None:
    """Over OTLP/HTTP.

    Raises:
        NotSentError: it was not taken.
    """
    headers = {**probe.headers, "content-type": "application/x-protobuf"}
    try:
        answer = httpx.post(f"{probe.address}/v1/traces", content=probe.request(), headers=headers, timeout=_TIMEOUT_S, trust_env=False)
    except httpx.TransportError as error:
        raise NotSentError(f"{probe.address} does not answer: {error}") from error
    if not answer.is_success:
        raise NotSentError(f"{probe.address} answers {answer.status_code}: {answer.text[:200]}")


def send_grpc(probe: Probe) -> None:
    """Over OTLP/gRPC.

    Raises:
        NotSentError: it was not taken.
    """
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(probe.address, options=options) as channel:
        call = channel.unary_unary(_METHOD, request_serializer=_as_is, response_deserializer=_as_is)
        try:
            call(probe.request(), timeout=_TIMEOUT_S, metadata=[(name.lower(), value) for name, value in probe.headers.items()])
        except grpc.RpcError as error:
            told: Any = error
            raise NotSentError(f"{probe.address} answers {told.code().name}: {told.details()}") from error


def wait_for(client: httpx.Client, trace_id: bytes) -> float | None:
    """Seconds until the trace can be asked for; None when that takes too long.

    Raises:
        httpx.TransportError: the API does not answer.
    """
    began = time.monotonic()
    while time.monotonic() - began < _TIMEOUT_S:
        if client.get(f"/api/v1/traces/{trace_id.hex()}", params={"project": PROJECT}).is_success:
            return time.monotonic() - began
        time.sleep(_POLL_S)
    return None


def _as_is(data: bytes) -> bytes:
    return data
