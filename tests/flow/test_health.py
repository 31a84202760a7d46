"""Health tells whether data flows, and a store that is away loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx
import pytest
from tests.flow.conftest import Client, span, spans
from tests.flow.wire import Wire, wire

from spyglass.testing.bridge import serve

Eventually = Callable[..., Any]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an engine elsewhere; each test has a database of its own there."""
    with serve(tmp_path_factory.mktemp("bridge")) as url:
        yield urlsplit(url).port or 0


@pytest.fixture
def store(elsewhere: int) -> Iterator[Wire]:
    """The cable to it."""
    with wire(elsewhere) as cable:
        yield cable


def client_of(server: Any, http: httpx.Client) -> Client:
    return Client(server, "default", http, grpc.insecure_channel(f"127.0.0.1:{server.otlp_grpc}"))


def health(server: Any) -> tuple[int, dict[str, Any]]:
    answer = server.get("/health")
    return answer.status_code, answer.json()


def test_an_idle_server_is_well(server: Any) -> None:
    """200, nothing wrong, and where it listens."""
    status, told = health(server)
    assert (status, told["status"], told["problems"]) == (200, "ok", [])
    assert told["ports"] == {"http": server.http, "otlp_http": server.otlp_http, "otlp_grpc": server.otlp_grpc}
    assert told["store"]["readable"]
    assert told["store"]["writable"]


def test_a_commit_shows_in_health(client: Any, trace: bytes, eventually: Eventually) -> None:
    """When the last one was, and how many rows there were."""
    before = health(client.server)[1]["store"]
    client.post(spans(span(trace=trace)))
    eventually(lambda: client.told("/summary")["spans"])
    after = eventually(lambda: health(client.server)[1]["store"], lambda store: store["last_commit_ns"] > before["last_commit_ns"])
    assert after["committed_rows"] > before["committed_rows"]


def test_a_store_that_goes_away_loses_nothing(run_server: Any, http: httpx.Client, store: Wire, tmp_path: Path, eventually: Eventually) -> None:
    """Senders are answered meanwhile, health is 503 with the reason, and in the end all is there in order, once."""
    with run_server(tmp_path, STORE__URL=f"clickhouse://127.0.0.1:{store.port}/away") as server:
        client = client_of(server, http)
        client.post(spans(span(trace=b"a" * 16)))
        eventually(lambda: client.told("/summary")["spans"])
        store.cut()
        for number in range(1, 6):
            assert client.post(spans(span(trace=bytes([number]) * 16))).status_code == 200
        status, told = eventually(lambda: health(server), lambda found: not found[1]["store"]["writable"])
        assert (status, told["status"]) == (503, "failing")
        assert any("cannot be written" in problem for problem in told["problems"])
        assert told["log"]["unconsumed_bytes"] > 0
        store.mend()
        eventually(lambda: health(server), lambda found: found[0] == 200)
        eventually(lambda: client.told("/summary"), lambda found: (found["traces"], found["spans"]) == (6, 6))
        assert client.sql("SELECT count() AS n FROM spans") == [{"n": 6}]


def test_a_log_that_is_full_refuses_and_says_so(run_server: Any, http: httpx.Client, store: Wire, tmp_path: Path, eventually: Eventually) -> None:
    """503 with Retry-After for senders and UNAVAILABLE over gRPC; what was acknowledged before is kept, and later there is room again."""
    with run_server(tmp_path, STORE__URL=f"clickhouse://127.0.0.1:{store.port}/full", LOG__MAX_BYTES="20000") as server:
        client = client_of(server, http)
        client.post(spans(span(trace=b"a" * 16)))
        eventually(lambda: client.told("/summary")["spans"])
        store.cut()
        answers = [client.post(spans(span(trace=number.to_bytes(16), note=str(number) * 500))) for number in range(1, 60)]
        kept = sum(answer.status_code == 200 for answer in answers)
        refused = [answer for answer in answers if answer.status_code != 200]
        assert kept
        assert {answer.status_code for answer in refused} == {503}
        assert int(refused[0].headers["retry-after"]) >= 1
        assert any("are refused" in problem for problem in health(server)[1]["problems"])
        with pytest.raises(grpc.RpcError) as told:
            client.call(spans(span(trace=b"z" * 16, note="z" * 20_000)))
        assert told.value.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED}
        store.mend()
        eventually(lambda: client.post(spans(span(trace=b"e" * 16))).status_code, lambda status: status == 200)
        eventually(lambda: client.told("/summary")["spans"], lambda count: count == kept + 2)


def test_too_little_disk_refuses_at_once(run_server: Any, http: httpx.Client, tmp_path: Path) -> None:
    """Senders hear it, and health too, before the disk is full."""
    with run_server(tmp_path, LOG__MIN_FREE_BYTES=str(2**60)) as server:
        client = client_of(server, http)
        assert client.post(spans(span(trace=b"a" * 16))).status_code == 503
        assert client.channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20) == b"\x08\x02"  # NOT_SERVING
        status, told = health(server)
        assert status == 503
        assert "senders are refused" in told["problems"][0]


def test_a_probe_needs_no_key(run_server: Any, tmp_path: Path) -> None:
    """It gets the status and nothing else; a wrong key is told, metrics and the API want a right one, in either spelling of its scheme."""
    with run_server(tmp_path, API_KEYS="k1,k2") as server:
        assert (server.get("/health").status_code, server.get("/health").json()) == (200, {"status": "ok", "problems": []})
        assert [server.get(path).status_code for path in ("/metrics", "/api/v1/summary", "/events/stream")] == [401, 401, 401]
        for scheme in ("Bearer", "bearer"):
            headers = {"authorization": f"{scheme} k2"}
            answers = [httpx.get(f"{server.url}{path}", headers=headers, trust_env=False, verify=False) for path in ("/health", "/metrics", "/api/v1/summary")]
            assert [answer.status_code for answer in answers] == [200, 200, 200]
            assert answers[0].json()["receive"]["in_flight_bytes"] == 0
        assert httpx.get(f"{server.url}/health", headers={"x-api-key": "wrong"}, trust_env=False, verify=False).status_code == 401
