"""Clients at the wrong port are told so, in the protocol that they speak."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket

import grpc
import grpc.aio
import h2.config
import h2.connection
import h2.events
import httpx
import pytest

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"


async def raw(port: int, *pieces: bytes) -> bytes:
    """What a server answers to bytes that come in such pieces, until it closes."""
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.005)
        answer = await reader.read()
        writer.close()
        return answer


@pytest.mark.parametrize("size", [0, 3_000_000])
async def test_a_grpc_client_at_the_http_port_prints_where_to_go(serve, sink, size):
    """A real grpcio client gets a status with the right port, also while it still sends."""
    server = await serve()
    async with grpc.aio.insecure_channel(f"localhost:{server.http_port}") as channel:
        for _ in range(3):
            with pytest.raises(grpc.aio.AioRpcError) as failed:
                await channel.unary_unary(TRACES)(bytes(size), timeout=60)
            assert failed.value.code() is grpc.StatusCode.UNIMPLEMENTED
            assert failed.value.details() == f"this is the OTLP/HTTP port {server.http_port}; OTLP/gRPC is on port {server.grpc_port}"
    assert sink.bodies == []


async def test_a_grpc_client_hears_it_however_its_bytes_are_cut(serve):
    """The preface one byte at a time."""
    server = await serve()
    client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    client.initiate_connection()
    client.send_headers(1, [(":method", "POST"), (":path", TRACES), (":scheme", "http"), (":authority", "x"), ("content-type", "application/grpc")])
    sent = client.data_to_send()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.http_port)
    for start in range(30):
        writer.write(sent[start : start + 1])
        await writer.drain()
    writer.write(sent[30:])
    headers: dict[str, str] = {}
    async with asyncio.timeout(60):
        while "grpc-status" not in headers:
            for event in client.receive_data(await reader.read(65536)):
                headers |= dict(getattr(event, "headers", []) or [])
    writer.close()
    assert (headers[":status"], headers["grpc-status"]) == ("200", "12")


async def test_other_http2_at_the_http_port_is_505(serve):
    """A client that is not gRPC's gets a text."""
    server = await serve()
    client = h2.connection.H2Connection()
    client.initiate_connection()
    client.send_headers(1, [(":method", "GET"), (":path", "/"), (":scheme", "http"), (":authority", "x")], end_stream=True)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.http_port)
    writer.write(client.data_to_send())
    body, status = b"", b""
    async with asyncio.timeout(60):
        while not body:
            for event in client.receive_data(await reader.read(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    status = dict(event.headers)[b":status"]
                body += getattr(event, "data", None) or b"" if isinstance(event, h2.events.DataReceived) else b""
    writer.close()
    assert (status, b"OTLP/HTTP port" in body) == (b"505", True)


@pytest.mark.parametrize("nonsense", [b"\x00\x00\x00\x00\x00\x00\x00\x00\x01", b"\xff" * 2_000_000])
async def test_broken_http2_at_the_http_port_ends(serve, nonsense):
    """Data before any request, or a frame that never ends: the connection is closed, and holds no more memory than a good one."""
    server = await serve()
    with contextlib.suppress(ConnectionError):
        await raw(server.http_port, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + nonsense)


@pytest.mark.parametrize("size", [0, 5_000_000])
async def test_an_http_client_at_the_grpc_port_reads_where_to_go(serve, sink, size):
    """A 400 with a text, which also reaches a client that is still sending."""
    server = await serve()

    def ask() -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", server.grpc_port, timeout=60)
        connection.request("POST", "/v1/traces", bytes(size), {"content-type": "application/json"})
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    status, text = await asyncio.to_thread(ask)
    assert (status, text.decode()) == (400, f"this is the OTLP/gRPC port {server.grpc_port}; OTLP/HTTP is on port {server.http_port}\n")
    assert sink.bodies == []


async def test_httpx_at_the_grpc_port_reads_it_too(serve):
    """Another client, and every cut of its first line."""
    server = await serve()
    async with httpx.AsyncClient(verify=False) as client:
        response = await client.get(f"http://127.0.0.1:{server.grpc_port}/")
    assert (response.status_code, "OTLP/HTTP is on port" in response.text) == (400, True)
    assert b"OTLP/HTTP is on port" in await raw(server.grpc_port, b"P", b"OST /v1/traces HTTP/1.1\r\n")


@pytest.mark.parametrize("which", ["http_port", "grpc_port"])
@pytest.mark.parametrize("pieces", [(b"\x16\x03\x01\x02\x00\x01",), (b"\x16", b"\x03\x01")])
async def test_tls_at_a_plain_port_is_closed_and_logged(serve, capsys, which, pieces):
    """The client sees a clean end, the operator a line that says what to do."""
    server = await serve()
    assert await raw(getattr(server, which), *pieces) == b""
    logged = capsys.readouterr().out
    assert "wrong protocol" in logged
    assert "tls" in logged


async def test_a_client_that_comes_often_is_logged_once(serve, capsys):
    """A wrong setting does not fill the log."""
    server = await serve()
    for _ in range(3):
        await raw(server.grpc_port, b"GET / HTTP/1.1\r\n\r\n")
    assert capsys.readouterr().out.count("wrong protocol") == 1


async def test_neighbours_at_the_right_ports_notice_nothing(serve, sink):
    """Wrong and right clients at the same time."""
    server = await serve()
    with socket.create_connection(("127.0.0.1", server.grpc_port)) as idle:
        idle.sendall(b"PRI")
        async with grpc.aio.insecure_channel(server.target) as channel, httpx.AsyncClient(verify=False) as client:
            await asyncio.gather(raw(server.grpc_port, b"GET / HTTP/1.1\r\n\r\n"), raw(server.http_port, b"\x16\x03\x01"))
            assert await channel.unary_unary(TRACES)(b"x", timeout=60) == b""
            response = await client.post(f"{server.url}/v1/traces", content=b"x", headers={"content-type": "application/x-protobuf"})
    assert (response.status_code, len(sink.bodies)) == (200, 2)
