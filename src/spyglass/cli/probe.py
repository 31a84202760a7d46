"""A test span through a running server: sent as programs send theirs, then looked for as people look for theirs."""

from __future__ import annotations

import os
import secrets
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc
import httpx

from spyglass.cli.checks import Finding
from spyglass.cli.endpoint import headers_of
from spyglass.config.spec import Settings
from spyglass.decode.attributes import put_all
from spyglass.decode.wire import REQUESTS

__all__ = ["PROJECT", "send_test_spans"]

PROJECT: Final = "spyglass-doctor"  # so that nobody's lists and sums see it
_METHOD: Final = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_TIMEOUT_S: Final = 10.0
_POLL_S: Final = 0.05
_SLOW_S: Final = 3.0


def send_test_spans(client: httpx.Client, settings: Settings, host: str, ports: Mapping[str, int]) -> Iterator[Finding]:
    """Send one span over each protocol, and say how long it took until it could be asked for.

    Args:
        client: of the API.
        settings: for the senders' key and certificate.
        host: of the server.
        ports: of the server, as its health tells them.
    """
    keys = [key.get_secret_value() for key in settings.receive.api_keys]
    headers = {"authorization": f"Bearer {keys[0]}"} if keys else {}
    headers |= {**headers_of(os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", "")), "x-spyglass-project": PROJECT}
    for name, port, way in (("OTLP/HTTP", ports["otlp_http"], _send_http), ("OTLP/gRPC", ports["otlp_grpc"], _send_grpc)):
        probe = _Probe(f"{host}:{port}", headers, settings.receive.tls_certificate)
        began = time.monotonic()
        refusal = way(probe)
        if refusal:
            yield Finding("fail", name, refusal, "see that nothing stands between; OTEL_EXPORTER_OTLP_HEADERS may carry a key")
        else:
            yield _looked_for(client, name, probe, time.monotonic() - began)


@dataclass(frozen=True, slots=True)
class _Probe:
    """Where to send to, with what headers, and with which certificate where the port has one; a trace of its own."""

    address: str
    headers: Mapping[str, str]
    certificate: Path | None
    trace_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def request(self) -> bytes:
        """One span that ends now."""
        request = REQUESTS["traces"]()
        resource = request.resource_spans.add()
        put_all(resource.resource.attributes, {"service.name": "spyglass-doctor"})
        now = time.time_ns()
        span = resource.scope_spans.add().spans.add(trace_id=self.trace_id, span_id=secrets.token_bytes(8), name="doctor's test", kind=1)
        span.start_time_unix_nano, span.end_time_unix_nano = now - 1_000_000, now
        return bytes(request.SerializeToString())


def _send_http(probe: _Probe) -> str:
    """Over OTLP/HTTP; what was wrong, or nothing."""
    headers = {**probe.headers, "content-type": "application/x-protobuf"}
    verify = ssl.create_default_context(cafile=str(probe.certificate)) if probe.certificate else True
    url = f"{'https' if probe.certificate else 'http'}://{probe.address}/v1/traces"
    try:
        answer = httpx.post(url, content=probe.request(), headers=headers, timeout=_TIMEOUT_S, trust_env=False, verify=verify)
    except httpx.TransportError as error:
        return f"{url} does not answer: {error}"
    return "" if answer.is_success else f"{url} answers {answer.status_code}: {answer.text[:200]!r}"


def _send_grpc(probe: _Probe) -> str:
    """Over OTLP/gRPC; what was wrong, or nothing."""
    options = [("grpc.enable_http_proxy", 0)]
    with _channel(probe, options) as channel:
        call = channel.unary_unary(_METHOD, request_serializer=_as_is, response_deserializer=_as_is)
        try:
            call(probe.request(), timeout=_TIMEOUT_S, metadata=[(name.lower(), value) for name, value in probe.headers.items()])
        except grpc.RpcError as error:
            told: Any = error
            return f"{probe.address} answers {told.code().name}: {told.details()}"
    return ""


def _channel(probe: _Probe, options: list[tuple[str, int]]) -> Any:
    if probe.certificate is None:
        return grpc.insecure_channel(probe.address, options=options)
    return grpc.secure_channel(probe.address, grpc.ssl_channel_credentials(probe.certificate.read_bytes()), options=options)


def _looked_for(client: httpx.Client, name: str, probe: _Probe, taken_s: float) -> Finding:
    taken = f"a test span was taken in {taken_s * 1000:.0f} ms"
    seconds = _wait_for(client, probe.trace_id)
    if seconds is None:
        return Finding("fail", name, f"{taken}, but cannot be asked for after {_TIMEOUT_S:.0f} s", "see the server's log")
    slow = seconds > _SLOW_S
    advice = "the store is slow: look at the server's CPU and disk" if slow else ""
    return Finding("warn" if slow else "ok", name, f"{taken}, and could be asked for {seconds:.2f} s later", advice)


def _wait_for(client: httpx.Client, trace_id: bytes) -> float | None:
    """Seconds until the trace can be asked for; None when that takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < _TIMEOUT_S:
        if client.get(f"/api/v1/traces/{trace_id.hex()}", params={"project": PROJECT}).is_success:
            return time.monotonic() - began
        time.sleep(_POLL_S)
    return None


def _as_is(data: bytes) -> bytes:
    return data
