"""OTLP/HTTP over real sockets: every answer of the protocol."""

from __future__ import annotations

import asyncio
import base64
import gzip
import random
import zlib

import httpx
import pytest
import zstandard
from google.protobuf import json_format
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from spyglass.model.body import Outcome
from spyglass.model.errors import DecodeError, Refused, StoreError
from spyglass.receive.limits import Limits

PROTOBUF = {"content-type": "application/x-protobuf"}
JSON = {"content-type": "application/json"}
SMALL = Limits(max_compressed_bytes=100_000, max_body_bytes=200_000, max_in_flight_bytes=300_000)


@pytest.fixture
async def client():
    async with httpx.AsyncClient(timeout=10, verify=False) as one:
        yield one


def status(response: httpx.Response) -> Status:
    """The body of a refusal, in whichever encoding it came."""
    if response.headers["content-type"] == "application/x-protobuf":
        return Status.FromString(response.content)
    return json_format.Parse(response.content, Status())


async def test_each_signal_has_its_paths(serve, sink, client):
    """OpenTelemetry's paths and Langfuse's, with or without a slash at the end."""
    server = await serve(grpc=None)
    for prefix in ("/v1", "/otel/v1", "/api/public/otel/v1"):
        for path in ("traces", "logs", "metrics", "traces/"):
            assert (await client.post(f"{server.url}{prefix}/{path}", content=b"x", headers=PROTOBUF)).status_code == 200
    assert [body.signal for body in sink.bodies] == ["traces", "logs", "metrics", "traces"] * 3


async def test_an_address_that_ended_in_a_slash_is_understood(serve, sink, client):
    """Many exporters append the path to whatever address they are given."""
    server = await serve(grpc=None)
    assert (await client.post(f"{server.url}//v1/traces", content=b"x", headers=PROTOBUF)).status_code == 200
    assert (await client.post(f"{server.url}/api/public/otel//v1/traces/", content=b"x", headers=PROTOBUF)).status_code == 200
    assert (await client.post(f"{server.url}//v1/nothing", content=b"x", headers=PROTOBUF)).status_code == 404


async def test_paths_are_a_setting(serve, client):
    """Where the operator says other prefixes, only those are there."""
    server = await serve(grpc=None, http={"paths": ("/ingest/",)})
    assert (await client.post(f"{server.url}/ingest/logs", content=b"x", headers=PROTOBUF)).status_code == 200
    assert (await client.post(f"{server.url}/v1/logs", content=b"x", headers=PROTOBUF)).status_code == 404


async def test_the_sink_gets_the_body_and_who_sent_it(serve, sink, client):
    """Bytes, encoding, project and the client's address."""
    server = await serve(grpc=None)
    await client.post(f"{server.url}/v1/traces", content=b'{"a": 1}', headers={"content-type": "application/json; charset=UTF-8", "x-spyglass-project": "p-1"})
    body = sink.bodies[0]
    assert (body.data, body.encoding, body.project, body.transport) == (b'{"a": 1}', "json", "p-1", "http")
    assert body.client in {"127.0.0.1", "::1"}


async def test_success_is_answered_in_the_encoding_of_the_request(serve, client):
    """Protobuf to protobuf, JSON to JSON."""
    server = await serve(grpc=None)
    binary = await client.post(f"{server.url}/v1/logs", content=b"x", headers={"content-type": "application/protobuf"})
    text = await client.post(f"{server.url}/v1/logs", content=b"{}", headers=JSON)
    assert (binary.content, binary.headers["content-type"]) == (b"", "application/x-protobuf")
    assert (text.content, text.headers["content-type"]) == (b"{}", "application/json")


async def test_rejected_rows_are_told_as_partial_success(serve, sink, client):
    """The number of rows and the reason."""
    server = await serve(grpc=None)
    sink.outcome = Outcome(3, 2, "no name")
    response = await client.post(f"{server.url}/v1/logs", content=b"x", headers=PROTOBUF)
    partial = ExportLogsServiceResponse.FromString(response.content).partial_success
    assert (response.status_code, partial.rejected_log_records, partial.error_message) == (200, 2, "no name")


async def test_an_empty_body_is_an_empty_request(serve, sink, client):
    """Success, and nothing for the sink to do."""
    server = await serve(grpc=None)
    for headers in (PROTOBUF, JSON, PROTOBUF | {"content-encoding": "gzip"}):
        response = await client.post(f"{server.url}/v1/traces", content=b"", headers=headers)
        assert (response.status_code, sink.bodies) == (200, [])


async def test_every_content_encoding_is_undone(serve, sink, client):
    """For small and larger bodies; also gzip of several members."""
    server = await serve(grpc=None)
    packers = [
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd", zstandard.compress),
        ("gzip", lambda data: gzip.compress(data) * 2),
    ]
    for name, pack in packers:
        for data in (b"t" * 10, random.Random(1).randbytes(90_000)):
            response = await client.post(f"{server.url}/v1/traces", content=pack(data), headers=PROTOBUF | {"content-encoding": name})
            assert (response.status_code, sink.bodies.pop().data in {data, data * 2}) == (200, True)


async def test_a_malformed_body_is_400_in_the_encoding_of_the_request(serve, sink, client):
    """With the sink's own words, as a google.rpc.Status."""
    server = await serve(grpc=None)
    sink.error = DecodeError("not a span")
    for headers in (PROTOBUF, JSON):
        response = await client.post(f"{server.url}/v1/traces", content=b"x", headers=headers)
        assert response.headers["content-type"] == headers["content-type"]
        assert (response.status_code, status(response).code, status(response).message) == (400, 3, "not a span")


async def test_a_broken_compression_is_400(serve, client):
    """Bytes that are not what content-encoding says."""
    server = await serve(grpc=None)
    response = await client.post(f"{server.url}/v1/traces", content=b"not gzip", headers=PROTOBUF | {"content-encoding": "gzip"})
    assert (response.status_code, "not valid gzip" in status(response).message) == (400, True)


async def test_a_project_that_is_no_name_is_400(serve, client):
    """1 to 128 letters, digits, dots, dashes and underscores."""
    server = await serve(grpc=None)
    for project, code in (("", 400), ("a b", 400), ("a/b", 400), ("x" * 129, 400), ("ü", 400), ("x" * 128, 200), ("a.B_c-1", 200)):
        headers = {b"content-type": b"application/json", b"x-spyglass-project": project.encode()}
        response = await client.post(f"{server.url}/v1/traces", content=b"{}", headers=headers)
        assert (response.status_code, "x-spyglass-project" in response.text) == (code, code == 400)


async def test_keys_are_asked_for_where_they_are_set(serve, sink, client):
    """401 without, success with any of the ways to show one; Langfuse's Basic too."""
    server = await serve(grpc=None, api_keys=["sk-1"])
    url = f"{server.url}/api/public/otel/v1/traces"
    refused = await client.post(url, content=b"x", headers=PROTOBUF)
    assert (refused.status_code, status(refused).code, "Bearer" in refused.headers["www-authenticate"]) == (401, 16, True)
    langfuse = "Basic " + base64.b64encode(b"pk-1:sk-1").decode()
    for shown in ({"authorization": "Bearer sk-1"}, {"x-api-key": "sk-1"}, {"authorization": langfuse}):
        assert (await client.post(url, content=b"x", headers=PROTOBUF | shown)).status_code == 200
    assert len(sink.bodies) == 3


async def test_an_unknown_path_is_404_with_the_right_ones(serve, client):
    """Whoever forgot or doubled the path reads what to set."""
    server = await serve(grpc=None)
    for path in ("/", "/v1", "/v1/spans", "/v1/traces/v1/traces", "/v1/traces%00"):
        response = await client.post(server.url + path, content=b"x", headers=PROTOBUF)
        assert (response.status_code, "/v1/traces" in status(response).message) == (404, True)
        assert "OTEL_EXPORTER_OTLP_ENDPOINT" in status(response).message


async def test_another_method_is_405(serve, client):
    """With the one that is allowed."""
    server = await serve(grpc=None)
    for method in ("GET", "PUT", "DELETE", "HEAD", "OPTIONS"):
        response = await client.request(method, f"{server.url}/v1/traces")
        assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_what_is_not_understood_is_415_and_says_what_to_send(serve, client):
    """Content type, charset and content encoding; nothing is guessed."""
    server = await serve(grpc=None)
    kinds = (
        {},
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=latin-1"},
        PROTOBUF | {"content-encoding": "br"},
        {"content-type": "json"},
    )
    for headers in kinds:
        response = await client.post(f"{server.url}/v1/traces", content=b"{}", headers=headers)
        assert (response.status_code, "expected" in status(response).message) == (415, True)


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_that_is_too_large_is_413(serve, sink, client, announced):
    """Whether the client says so at the start, or it turns out on the way."""
    server = await serve(grpc=None, limits=SMALL)

    async def pieces():
        for _ in range(11):
            yield bytes(10_000)

    response = await client.post(f"{server.url}/v1/traces", content=bytes(110_000) if announced else pieces(), headers=PROTOBUF)
    assert (response.status_code, status(response).code, sink.bodies) == (413, 8, [])
    assert "receive.max_compressed_bytes" in status(response).message


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
async def test_a_bomb_is_413_and_nothing_stays_held(serve, sink, client, pack):
    """A body that unfolds into more than allowed."""
    server = await serve(grpc=None, limits=SMALL)
    name = "gzip" if pack is gzip.compress else "zstd"
    response = await client.post(f"{server.url}/v1/traces", content=pack(bytes(50_000_000)), headers=PROTOBUF | {"content-encoding": name})
    assert (response.status_code, sink.bodies, server.listening.in_flight.used_bytes) == (413, [], 0)


async def test_a_sender_that_is_too_fast_gets_429_with_the_time_to_wait(serve, client):
    """Whole seconds in Retry-After, the exact time in the status."""
    server = await serve(grpc=None, limits=Limits(max_requests_per_s=0.25, burst_s=4))
    first, second = [await client.post(f"{server.url}/v1/traces", content=b"x", headers=PROTOBUF) for _ in range(2)]
    assert (first.status_code, second.status_code, second.headers["retry-after"]) == (200, 429, "4")
    info = RetryInfo()
    assert status(second).details[0].Unpack(info)
    assert 3 < info.retry_delay.ToTimedelta().total_seconds() <= 4


async def test_a_sink_that_cannot_now_is_503_and_one_that_is_pressed_429(serve, sink, client):
    """Both with Retry-After."""
    server = await serve(grpc=None)
    for error, code in ((Refused("log full", retry_after_s=2.5), 503), (Refused("slow down", too_fast=True), 429)):
        sink.error = error
        response = await client.post(f"{server.url}/v1/traces", content=b"x", headers=PROTOBUF)
        assert (response.status_code, response.headers["retry-after"]) == (code, "3" if code == 503 else "1")


async def test_too_much_at_once_is_503_without_waiting(serve, sink, client):
    """The request that does not fit is told so while the others are still worked on."""
    server = await serve(grpc=None, limits=SMALL)
    sink.gate = asyncio.Event()
    url = f"{server.url}/v1/traces"
    held = [asyncio.create_task(client.post(url, content=bytes(90_000), headers=PROTOBUF)) for _ in range(3)]
    await sink.until_waiting(3)
    refused = await client.post(url, content=bytes(90_000), headers=PROTOBUF)
    sink.gate.set()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert [(await one).status_code for one in held] == [200, 200, 200]
    assert server.listening.in_flight.used_bytes == 0


async def test_a_sink_that_takes_too_long_is_503(serve, sink, client):
    """The sender keeps its data and comes back."""
    server = await serve(grpc=None, limits=Limits(keep_timeout_s=0.05))
    sink.gate = asyncio.Event()
    response = await client.post(f"{server.url}/v1/traces", content=b"x", headers=PROTOBUF)
    assert (response.status_code, "receive.keep_timeout_s" in status(response).message) == (503, True)


@pytest.mark.parametrize("error", [RuntimeError("a secret"), ConnectionError("a secret"), TypeError("a secret")])
async def test_our_own_fault_is_500_without_details(serve, sink, client, error):
    """What broke is for the log, not for the sender."""
    server = await serve(grpc=None)
    sink.error = error
    response = await client.post(f"{server.url}/v1/traces", content=b"x", headers=PROTOBUF)
    assert (response.status_code, status(response).code, "secret" in status(response).message) == (500, 13, False)


async def test_other_errors_become_their_own_status(serve, sink, client):
    """The table of model.errors is the table of answers."""
    server = await serve(grpc=None)
    sink.error = StoreError("the disk is gone")
    response = await client.post(f"{server.url}/v1/traces", content=b"x", headers=PROTOBUF)
    assert (response.status_code, status(response).message) == (500, "the disk is gone")


async def test_a_page_that_is_allowed_may_send(serve, client):
    """Preflight, then the request itself."""
    server = await serve(grpc=None, http={"allowed_origins": ("http://localhost:5173",)})
    url, page = f"{server.url}/v1/traces", {"origin": "http://localhost:5173"}
    preflight = await client.options(url, headers=page | {"access-control-request-method": "POST", "access-control-request-headers": "content-type"})
    sent = await client.post(url, content=b"{}", headers=JSON | page)
    assert (preflight.status_code, preflight.headers["access-control-allow-methods"]) == (204, "POST")
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, "http://localhost:5173")


async def test_a_page_that_is_not_allowed_reads_what_to_set(serve, client):
    """403 with the setting's name, and no permission."""
    server = await serve(grpc=None)
    preflight = await client.options(f"{server.url}/v1/traces", headers={"origin": "http://evil", "access-control-request-method": "POST"})
    assert (preflight.status_code, "receive.allowed_origins" in status(preflight).message) == (403, True)
    assert "access-control-allow-origin" not in preflight.headers


async def test_every_end_of_a_request_is_in_the_ledger(serve, sink, client):
    """Requests, bytes, rows, and what was refused why, per source."""
    server = await serve(grpc=None)
    sink.outcome = Outcome(5, 1, "bad")
    url = f"http://127.0.0.1:{server.http_port}/v1/traces"
    await client.post(url, content=b"12345", headers=PROTOBUF | {"x-spyglass-project": "p"})
    await client.post(url, content=b"12345", headers={"x-spyglass-project": "p"})
    sink.error = DecodeError("no")
    await client.post(url, content=b"123", headers=PROTOBUF | {"x-spyglass-project": "p"})
    row = next(row for row in server.ledger.rows() if row.project == "p")
    assert (row.client, row.requests, row.bytes, row.accepted_rows, row.rejected_rows) == ("127.0.0.1", 3, 8, 5, 1)
    assert row.refused == {"unsupported_media": 1, "decode_failed": 1}


async def test_a_bad_body_never_disturbs_a_good_one(serve, sink, client):
    """Forty senders at once, every second one with bodies that fail: each hears of its own."""
    server = await serve(grpc=None)

    def judge(body):
        if body.data.startswith(b"bad"):
            raise DecodeError(body.data.decode())

    sink.judge = judge
    bodies = [(b"bad" if number % 2 else b"good") + str(number).encode() for number in range(40)]
    responses = await asyncio.gather(*(client.post(f"{server.url}/v1/traces", content=body, headers=JSON) for body in bodies))
    assert [response.status_code for response in responses] == [200, 400] * 20
    assert [status(response).message for response in responses[1::2]] == [body.decode() for body in bodies[1::2]]
    assert {body.data for body in sink.bodies} == set(bodies[::2])
