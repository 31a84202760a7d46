"""TLS on both ports."""

from __future__ import annotations

import asyncio
import http.client
import ssl

import grpc
import grpc.aio
import httpx
import pytest

from spyglass.model.errors import ConfigError
from spyglass.receive.settings import Tls
from spyglass.receive.tls import grpc_credentials, http_context

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


@pytest.fixture
def trust(tls):
    """What a client needs to trust the test's certificate."""
    return ssl.create_default_context(cafile=str(tls.certificate)), grpc.ssl_channel_credentials(tls.certificate.read_bytes())


async def test_both_ports_speak_tls_where_it_is_set(serve, sink, tls, trust):
    """With real clients that check the certificate."""
    server = await serve(http={"tls": tls}, grpc={"tls": tls})
    async with httpx.AsyncClient(verify=trust[0]) as client, grpc.aio.secure_channel(server.target, trust[1]) as channel:
        response = await client.post(f"{server.url}/v1/traces", content=b"x", headers={"content-type": "application/x-protobuf"})
        assert await channel.unary_unary(TRACES)(bytes(1_000_000), timeout=60) == b""
    assert (response.status_code, [len(body.data) for body in sink.bodies]) == (200, [1, 1_000_000])
    assert {body.client for body in sink.bodies} <= {"127.0.0.1", "::1"}


async def test_a_grpc_client_at_the_https_port_prints_where_to_go(serve, tls, trust):
    """Its protocol is agreed on just to tell it."""
    server = await serve(http={"tls": tls})
    async with grpc.aio.secure_channel(f"localhost:{server.http_port}", trust[1]) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary(TRACES)(b"x", timeout=60)
    assert f"OTLP/gRPC is on port {server.grpc_port}" in failed.value.details()


async def test_plain_clients_at_the_grpc_port_with_tls_are_told(serve, tls):
    """HTTP/1 by a text, gRPC by a status."""
    server = await serve(grpc={"tls": tls})

    def ask() -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", server.grpc_port, timeout=60)
        connection.request("GET", "/")
        text = connection.getresponse().read()
        connection.close()
        return text

    assert b"wants TLS" in await asyncio.to_thread(ask)
    async with grpc.aio.insecure_channel(server.target) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary(TRACES)(b"x", timeout=60)
    assert "wants TLS" in failed.value.details()


@pytest.mark.parametrize("make", [http_context, grpc_credentials])
def test_files_that_are_no_certificate_are_an_error_with_their_names(make, tmp_path):
    """At the start, not at the first connection."""
    for name in ("absent.pem", "text.pem"):
        path = tmp_path / name
        if name == "text.pem":
            path.write_text("no certificate")
        with pytest.raises(ConfigError, match=rf"receive.tls_certificate.*{name}"):
            make(Tls(path, path))
