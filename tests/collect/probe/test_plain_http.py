"""HTTP without TLS, as local models and tool servers speak it."""

from __future__ import annotations

import http.server
import sys
import threading
from collections.abc import Iterator

import pytest
from tests.collect.probe.conftest import Echo

from spyglass.collect.records import Chunk, Connect, StreamEnd

CLIENT = """
import http.client, sys
link = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for number in range(2):
    link.request("POST", sys.argv[2], b"%d" % number + b"q" * 300000)
    link.getresponse().read()
link.close()
"""
SERVER = """
import socket, os
listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen()
if os.fork() == 0:
    link = socket.create_connection(listener.getsockname()); link.sendall(b"\\x16\\x03 this is another protocol"); link.recv(9); link.sendall(b"GET / HTTP/1.1")
    os._exit(0)
link, _ = listener.accept(); link.recv(99); link.sendall(b"POST / HT"); link.recv(99); os.wait()
"""


@pytest.fixture(scope="module")
def http_port() -> Iterator[int]:
    """The port of a server in this process, which is not watched."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


async def test_both_directions_are_whole(watch, http_port):
    """Two exchanges of 300 kB over one connection, then its end."""
    found = await watch([sys.executable, "-c", CLIENT, str(http_port), "/api/chat"], ["network", "tls"])
    pieces = [record for record in found if isinstance(record, Chunk)]
    (stream,) = {record.stream for record in pieces}
    ways = {way: b"".join(record.data for record in pieces if record.direction == way) for way in ("out", "in")}
    assert all(way.count(b"q" * 300_000) == 2 for way in ways.values())
    assert ways["out"].startswith(b"POST /api/chat HTTP/1.1")
    assert (stream.kind, any(record.missing for record in pieces)) == ("http", False)
    (asked,) = [record for record in found if isinstance(record, Connect)]
    assert {(record.remote, record.local, record.guessed) for record in pieces} == {(asked.remote, asked.local, False)}
    assert [record.stream for record in found if isinstance(record, StreamEnd)] == [stream]


async def test_connections_are_read_though_they_are_not_told(watch, http_port):
    """What connections there are is one wish, what is said over them another."""
    found = await watch([sys.executable, "-c", CLIENT, str(http_port), "/api/chat"], ["tls"])
    assert sum(len(record.data) for record in found if isinstance(record, Chunk) and record.direction == "out") > 600_000
    assert not any(isinstance(record, Connect) for record in found)


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
async def test_telemetry_on_its_way_is_not_read(watch, http_port, path):
    """An agent's own OpenTelemetry is told by itself."""
    found = await watch([sys.executable, "-c", CLIENT, str(http_port), path], ["network", "tls"])
    assert not any(isinstance(record, Chunk) for record in found)


async def test_other_protocols_and_servers_are_not_read(watch):
    """The first that a program writes decides, and who was called asks nothing."""
    found = await watch([sys.executable, "-c", SERVER], ["network", "tls"])
    assert not any(isinstance(record, Chunk) for record in found)
