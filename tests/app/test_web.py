"""Promises of the web port's HTTP: what the OTLP port answers to odd requests, it answers too."""

import asyncio
from typing import Any

import grpc
import grpc.aio
import pytest
import websockets

from spyglass.app.web import serving_web

OFFER = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAA\r\n"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An app that answers with what it was sent."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        told = await receive()
        await send({"type": "websocket.send", "text": told["text"]})
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("cut", [1, 60, 10_000])
async def test_a_body_is_read_though_its_request_offers_an_upgrade(cut: int) -> None:
    """Java's client offers HTTP/2 so; however the bytes are cut, the app gets all of them, and the connection goes on."""
    request = b"POST /sql HTTP/1.1\r\nhost: x\r\n" + OFFER + b"content-length: 5\r\n\r\nhello"
    last = b"POST /sql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
    async with serving_web(echo, ("127.0.0.1",), 0) as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for begin in range(0, len(request), cut):
            writer.write(request[begin : begin + cut])
            await writer.drain()
        first = await reader.readuntil(b"hello")
        writer.write(last)
        second = await reader.read()
        writer.close()
    assert first.startswith(b"HTTP/1.1 200")
    assert second.startswith(b"HTTP/1.1 200")
    assert second.endswith(b"ok")


async def test_a_websocket_is_an_upgrade_that_we_know() -> None:
    """The live tail's."""
    async with serving_web(echo, ("127.0.0.1",), 0) as port, asyncio.timeout(60), websockets.connect(f"ws://127.0.0.1:{port}/", proxy=None) as live:
        await live.send("hello")
        assert await live.recv() == "hello"


async def test_headers_without_end_are_refused() -> None:
    """They would be kept in memory."""
    async with serving_web(echo, ("127.0.0.1",), 0) as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 200_000)
        answer = await reader.readuntil(b"\r\n")
        writer.close()
    assert b" 431 " in answer


async def test_grpc_is_told_where_to_go() -> None:
    """With a status that its clients print and do not try again."""
    direct = [("grpc.enable_http_proxy", 0)]
    async with (
        serving_web(echo, ("127.0.0.1",), 0, elsewhere=lambda: "OTLP/gRPC is on port 4317") as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=direct) as channel,
    ):
        call = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        with pytest.raises(grpc.aio.AioRpcError) as told:
            await call(b"", timeout=60)
    assert (told.value.code(), told.value.details()) == (grpc.StatusCode.UNIMPLEMENTED, "OTLP/gRPC is on port 4317")


async def test_connections_beyond_the_bound_are_refused() -> None:
    """With an answer; those that are there go on."""
    async with serving_web(echo, ("127.0.0.1",), 0, max_connections=1) as port, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"200" in await reader.readuntil(b"\r\n\r\n")
        late, closing = await asyncio.open_connection("127.0.0.1", port)
        assert b" 503 " in await late.read()
        closing.close()
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert b"200" in await reader.read()
        writer.close()
