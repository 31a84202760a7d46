"""Whatever arrives, the answer is one of the protocol's, and nothing stays held."""

from __future__ import annotations

import asyncio
import gzip
import random
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import zstandard
from google.protobuf import json_format
from google.rpc.status_pb2 import Status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spyglass.model.errors import DecodeError
from spyglass.receive.http import HttpApp
from spyglass.receive.intake import Intake
from spyglass.receive.keys import Keys
from spyglass.receive.ledger import Ledger
from spyglass.receive.limits import Limits
from spyglass.receive.settings import HttpSettings

header_values = st.sampled_from(
    [
        b"application/x-protobuf", b"application/json", b"application/json; charset=utf-16", b"gzip", b"deflate", b"zstd", b"identity", b"br",
        b"Bearer x", b"Basic eDp5", b"", b"9" * 5_000, b"-1", b"project-1", b"http://a", b"POST",
    ]
) | st.binary(max_size=40)  # fmt: skip
header_names = st.sampled_from(
    [b"content-type", b"content-encoding", b"content-length", b"authorization", b"x-api-key", b"x-spyglass-project", b"origin",
     b"access-control-request-method", b"access-control-request-headers", b"expect"]
)  # fmt: skip
packers = st.sampled_from([bytes, gzip.compress, zlib.compress, zstandard.compress])


async def ask(app: HttpApp, scope: dict[str, Any], pieces: list[bytes]) -> tuple[int, dict[bytes, bytes], bytes]:
    """One request in such pieces."""
    waiting, answered = list(pieces) or [b""], []

    async def receive() -> dict[str, Any]:
        piece = waiting.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        answered.append(message)

    await app({"type": "http", "client": ("10.0.0.1", 1)} | scope, receive, send)
    return answered[0]["status"], dict(answered[0]["headers"]), answered[1]["body"]


@pytest.fixture
def app(sink, clock):
    limits = Limits(max_compressed_bytes=20_000, max_body_bytes=20_000, max_in_flight_bytes=60_000)
    with ThreadPoolExecutor(1) as threads:
        yield HttpApp(Intake(sink, limits, Keys(["x"]), Ledger(), clock), HttpSettings(allowed_origins=("http://a",)), threads)


quick = settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@quick
@given(
    method=st.sampled_from(["POST", "POST", "POST", "GET", "OPTIONS"]),
    path=st.sampled_from(["/v1/traces", "/v1/logs", "/v1/metrics"]) | st.text(max_size=20),
    headers=st.dictionaries(header_names, header_values, max_size=8),
    pieces=st.lists(st.binary(max_size=300), max_size=5),
)
async def test_no_request_is_our_fault(app, sink, method, path, headers, pieces):
    """Any method, path, headers and body: never a 5xx, always a body in one of the two encodings, nothing held."""
    sink.error = DecodeError("no")
    status, answered, body = await ask(app, {"method": method, "path": path, "headers": list(headers.items())}, pieces)
    assert 200 <= status < 500
    assert int(answered[b"content-length"]) == len(body)
    if status >= 400:
        protobuf = answered[b"content-type"] == b"application/x-protobuf"
        read = Status.FromString(body) if protobuf else json_format.Parse(body, Status())
        assert read.message
    assert app._intake.in_flight.used_bytes == 0


@quick
@given(
    data=st.binary(max_size=3_000),
    pack=packers,
    coding=st.sampled_from([b"gzip", b"deflate", b"zstd", b""]),
    flip=st.integers(0, 2_999),
    cut=st.integers(0, 40),
)
async def test_no_compressed_body_is_our_fault(app, sink, data, pack, coding, flip, cut):
    """Packed, mislabelled, cut and with a broken byte: a success with some bytes, or a 4xx."""
    sink.error = None
    sent = bytearray(pack(data))[: len(pack(data)) - cut]
    if flip < len(sent):
        sent[flip] ^= 0x55
    headers = [(b"content-type", b"application/x-protobuf"), (b"content-encoding", coding), (b"x-api-key", b"x")]
    status, _, _ = await ask(app, {"method": "POST", "path": "/v1/traces", "headers": headers}, [bytes(sent)])
    assert status in {200, 400, 413}
    assert app._intake.in_flight.used_bytes == 0


@pytest.mark.parametrize("which", ["http_port", "grpc_port"])
async def test_no_bytes_at_either_port_disturb_a_good_client(serve, sink, which):
    """Noise, alone or after the beginning of a protocol, while another client is served."""
    server, chance = await serve(), random.Random(5)
    beginnings = [b"", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"POST /v1/traces HTTP/1.1\r\n", b"\x16\x03\x01", b"P"]
    for beginning in beginnings * 6:
        _, noisy = await asyncio.open_connection("127.0.0.1", getattr(server, which))
        noisy.write(beginning + chance.randbytes(chance.randrange(200)))
        good, other = await asyncio.open_connection("127.0.0.1", server.http_port)
        other.write(b"POST /v1/traces HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
        async with asyncio.timeout(60):
            assert (await good.read()).startswith(b"HTTP/1.1 200")
        noisy.close()
        other.close()
    assert len(sink.bodies) == len(beginnings) * 6
