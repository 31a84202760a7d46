"""All receivers together: start, stop, and clients that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import grpc
import grpc.aio
import httpx
import pytest

from spyglass.model.errors import ConfigError
from spyglass.receive.limits import Limits
from spyglass.receive.serve import serving
from spyglass.receive.settings import GrpcSettings, HttpSettings

TRACES = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
HEAD = b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n"


async def answer_to(port: int, *pieces: bytes, timeout_s: float = 10) -> bytes:
    """What the HTTP port answers to these pieces, until it closes or is silent."""
    loop, got = asyncio.get_running_loop(), b""
    # A plain socket: who closes may not have read all that was sent, and a stream would forget the answer that came before the reset.
    with socket.socket() as client, contextlib.suppress(TimeoutError, ConnectionError):
        client.setblocking(False)
        async with asyncio.timeout(timeout_s):
            await loop.sock_connect(client, ("127.0.0.1", port))
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    await loop.sock_sendall(client, piece)
                    await asyncio.sleep(0.002)
            while piece := await loop.sock_recv(client, 65536):
                got += piece
    return got


async def test_both_loopbacks_answer(serve):
    """`localhost` works whatever it means."""
    server = await serve()
    hosts = {host for host, _ in server.listening.http}
    async with httpx.AsyncClient(verify=False) as client:
        for host in hosts:
            written = f"[{host}]" if ":" in host else host
            assert (await client.get(f"http://{written}:{server.http_port}/")).status_code == 404
    assert hosts == {host for host, _ in server.listening.grpc}


async def test_a_port_in_use_is_told_at_the_start_and_leaves_nothing_open(sink):
    """The second server fails, and the port that it had already bound is free again."""
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
        other.close()
        hosts = ("127.0.0.1",)
        with pytest.raises(ConfigError, match="otlp_grpc_port"):
            async with serving(sink, http=HttpSettings(hosts, free), grpc=GrpcSettings(hosts, taken.getsockname()[1])):
                pass
        socket.create_server(("127.0.0.1", free)).close()


async def test_either_port_may_be_left_out(serve, sink):
    """And the other one says so to those who look for it."""
    server = await serve(grpc=None)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.http_port}") as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary(TRACES)(b"x", timeout=60)
    assert "OTLP/gRPC is switched off" in failed.value.details()


async def test_a_stop_finishes_what_is_under_way(sink):
    """Requests that were taken are answered, new connections are not taken."""
    sink.gate = asyncio.Event()
    async with httpx.AsyncClient(verify=False) as client, asyncio.TaskGroup() as group:
        async with serving(sink, http=HttpSettings(port=0), grpc=GrpcSettings(port=0)) as listening:
            url, target = f"http://127.0.0.1:{listening.http[0][1]}/v1/traces", f"127.0.0.1:{listening.grpc[0][1]}"
            sent = group.create_task(client.post(url, content=b"x", headers={"content-type": "application/x-protobuf"}))
            channel = grpc.aio.insecure_channel(target)
            called = channel.unary_unary(TRACES)(b"x", timeout=60)
            await sink.until_waiting(2)
            asyncio.get_running_loop().call_later(0.15, sink.gate.set)
        assert (await sent).status_code == 200
        assert await called == b""
        await channel.close()
        with pytest.raises(httpx.ConnectError):
            await client.post(url)


async def test_a_stop_does_not_wait_for_ever(sink):
    """What does not end in time is told to come back."""
    sink.gate = asyncio.Event()
    async with httpx.AsyncClient(verify=False) as client:
        async with serving(sink, http=HttpSettings(port=0), grpc=None, stop_timeout_s=0.2) as listening:
            url = f"http://127.0.0.1:{listening.http[0][1]}/v1/traces"
            sent = asyncio.create_task(client.post(url, content=b"x", headers={"content-type": "application/x-protobuf"}))
            await sink.until_waiting(1)
        assert ((await sent).status_code, (await sent).headers["retry-after"]) == (503, "1")


async def test_an_error_in_the_block_closes_the_ports(sink):
    """And comes out as it went in."""
    with pytest.raises(KeyError, match="mine"):
        async with serving(sink, http=HttpSettings(port=0), grpc=GrpcSettings(port=0)) as listening:
            raise KeyError("mine")
    for _, port in (*listening.http, *listening.grpc):
        with pytest.raises(OSError, match=r"refused|Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)


async def test_a_body_that_does_not_arrive_is_408(serve):
    """The slow client hears it; others are served meanwhile."""
    server = await serve(limits=Limits(read_timeout_s=0.2))
    slow = asyncio.create_task(answer_to(server.http_port, HEAD + b"content-length: 10\r\n\r\n", b"abc", timeout_s=60))
    assert b" 200 " in (await answer_to(server.http_port, HEAD + b"connection: close\r\ncontent-length: 1\r\n\r\nx"))
    assert b" 408 " in await slow


async def test_a_head_that_does_not_arrive_is_408(serve):
    """Slow loris: one header at a time, and never the last."""
    server = await serve(limits=Limits(read_timeout_s=0.1))
    assert b" 408 " in await answer_to(server.http_port, HEAD, b"x-a: b\r\n")


async def test_a_head_without_end_is_431(serve):
    """Headers do not fill the memory."""
    server = await serve(grpc=None)
    got = await answer_to(server.http_port, HEAD, *[b"x-a: " + b"b" * 9_990 + b"\r\n"] * 7)
    assert got.startswith(b"HTTP/1.1 431")


async def test_a_refused_body_is_read_to_its_end_and_the_connection_lives_on(serve):
    """The next request of the same connection is answered."""
    server = await serve(limits=Limits(max_compressed_bytes=10, max_body_bytes=10, max_in_flight_bytes=20))
    long = HEAD + b"content-length: 300000\r\n\r\n" + bytes(300_000)
    got = await answer_to(server.http_port, long, HEAD + b"connection: close\r\ncontent-length: 1\r\n\r\nx")
    assert (got.count(b"HTTP/1.1 413"), got.count(b"HTTP/1.1 200")) == (1, 1)


async def test_a_client_that_asks_before_it_sends_is_answered_before_it_sends(serve):
    """`Expect: 100-continue` with a body that is too large: 413 at once, and the connection ends."""
    server = await serve(limits=Limits(max_compressed_bytes=10, max_body_bytes=10, max_in_flight_bytes=20))
    got = await answer_to(server.http_port, HEAD + b"expect: 100-continue\r\ncontent-length: 300000\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in got


async def test_requests_in_a_row_are_answered_in_their_order(serve, sink):
    """Pipelining, as HTTP/1.1 allows it."""
    server = await serve()
    one = HEAD + b"content-length: 1\r\n\r\n"
    got = await answer_to(server.http_port, one + b"a" + one + b"b" + HEAD + b"connection: close\r\ncontent-length: 1\r\n\r\nc")
    assert got.count(b"HTTP/1.1 200") == 3
    assert [body.data for body in sink.bodies] == [b"a", b"b", b"c"]


async def test_a_head_that_follows_a_large_body_is_not_taken_for_a_long_one(serve, sink):
    """Also when it begins in the same piece, and ends in the next."""
    server = await serve(grpc=None)
    last = HEAD + b"connection: close\r\ncontent-length: 1\r\n\r\nx"
    got = await answer_to(server.http_port, HEAD + b"content-length: 200000\r\n\r\n" + bytes(200_000) + last[:30], last[30:])
    assert got.count(b"HTTP/1.1 200") == 2


UPGRADE = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAA\r\n"


@pytest.mark.parametrize("cut", [0, 1, 150, 170, 230])
async def test_a_body_is_kept_though_its_request_offers_an_upgrade(serve, sink, cut):
    """Java's client offers HTTP/2 with each first request; the body that comes with it is not lost, nor are the requests after it."""
    server = await serve()
    first = HEAD + UPGRADE + b"content-length: 5\r\n\r\nhello"
    chunked = HEAD + UPGRADE + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    last = HEAD + b"upgrade: h2c\r\nconnection: upgrade, close\r\ncontent-length: 2\r\n\r\nok"
    sent = first + chunked + last
    assert (await answer_to(server.http_port, sent[:cut], sent[cut:])).count(b"HTTP/1.1 200") == 3
    assert [body.data for body in sink.bodies] == [b"hello", b"abc", b"ok"]


async def test_a_tunnel_is_refused(serve):
    """CONNECT is answered, and what follows it is not read as requests."""
    server = await serve()
    got = await answer_to(server.http_port, b"CONNECT /v1/traces HTTP/1.1\r\nhost: x\r\n\r\n" + b"GET / HTTP/1.1\r\n\r\n", b"more")
    assert got.startswith((b"HTTP/1.1 405", b"HTTP/1.1 400"))
    assert got.count(b"HTTP/1.1") == 1


async def test_a_client_that_leaves_in_the_middle_harms_nobody(serve, sink):
    """Nothing is kept of it, nothing stays held, and the ledger knows."""
    server = await serve()
    _, writer = await asyncio.open_connection("127.0.0.1", server.http_port)
    writer.write(HEAD + b"content-length: 1000\r\n\r\n" + b"x" * 100)
    await writer.drain()
    async with asyncio.timeout(60):
        while not server.listening.in_flight.used_bytes:
            await asyncio.sleep(0.001)
        writer.close()
        while server.listening.in_flight.used_bytes:
            await asyncio.sleep(0.001)
    assert [row.refused for row in server.ledger.rows()] == [{"client_left": 1}]
    assert sink.bodies == []


async def test_nonsense_at_the_http_port_is_400(serve):
    """Bytes of no protocol that we know."""
    server = await serve()
    assert b" 400 " in await answer_to(server.http_port, b"\x00\x01\x02 nonsense\r\n\r\n")


@pytest.mark.parametrize("which", ["http_port", "grpc_port"])
async def test_connections_are_bounded(serve, which):
    """One too many is closed; after one of the others left there is room again."""
    server = await serve(limits=Limits(max_connections=2))
    port = getattr(server, which)
    first, _second = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
    await asyncio.sleep(0.05)
    assert (await answer_to(port)).startswith(b"HTTP/1.1 503" if which == "http_port" else b"")
    first[1].close()
    await asyncio.sleep(0.05)
    assert b" 40" in await answer_to(port, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    _second[1].close()


async def test_idle_connections_of_grpc_clients_end_with_the_server(sink):
    """A client that keeps its channel open does not keep the server from stopping."""
    async with serving(sink, http=None, grpc=GrpcSettings(port=0)) as listening:
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{listening.grpc[0][1]}")
        assert await channel.unary_unary(TRACES)(b"x", timeout=60) == b""
    with pytest.raises(grpc.aio.AioRpcError):
        await channel.unary_unary(TRACES)(b"x", timeout=1)
    await channel.close()
