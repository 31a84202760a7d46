"""What stands before the API: bodies are bounded before they are read, and telemetry at the wrong port is sent on."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from spyglass.config.spec import Settings
from spyglass.receive.limits import InFlight
from spyglass.show.guard import Guard
from spyglass.show.problem import answer_problems

LIMIT = 1_000


def client_of(**settings: object) -> TestClient:
    """An app that tells how large a body was, and how many bytes were held meanwhile."""
    told = Settings.model_validate({"web": {"max_body_bytes": LIMIT, "max_in_flight_bytes": LIMIT}, **settings})
    bodies = InFlight(told.web.max_in_flight_bytes)
    app = FastAPI()
    app.state.services = SimpleNamespace(settings=told, ports={"otlp_http": 4318, "otlp_grpc": 14317})
    app.state.bodies = bodies
    answer_problems(app)
    app.add_middleware(Guard, settings=told, bodies=bodies)

    @app.post("/size")
    async def size(request: Request) -> list[int]:
        return [len(await request.body()), bodies.used_bytes]

    return TestClient(app)


@pytest.fixture
def client() -> TestClient:
    """One without keys."""
    return client_of()


def pieces(count: int) -> Iterator[bytes]:
    """A body that does not say how long it is."""
    yield from [b"x" * 100] * count


def test_a_body_comes_whole_and_is_counted_while_it_is_worked_on(client: TestClient) -> None:
    """Announced or in chunks; afterwards nothing is held."""
    assert client.post("/size", content=b"x" * LIMIT).json() == [LIMIT, LIMIT]
    assert client.post("/size", content=pieces(10)).json() == [LIMIT, LIMIT]
    assert client.post("/size").json() == [0, 0]
    assert client.app.state.bodies.used_bytes == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("content", [b"x" * (LIMIT + 1), pieces(11)], ids=["announced", "in chunks"])
def test_a_body_that_is_too_large_is_refused(client: TestClient, content: bytes | Iterator[bytes]) -> None:
    """413 as a problem that names the setting; nothing is held."""
    answer = client.post("/size", content=content)
    assert (answer.status_code, answer.headers["content-type"], answer.json()["code"]) == (413, "application/problem+json", "too_large")
    assert "web.max_body_bytes" in answer.json()["detail"]
    assert client.app.state.bodies.used_bytes == 0  # type: ignore[attr-defined]


def test_many_bodies_together_are_told_to_come_back(client: TestClient) -> None:
    """503 with Retry-After."""
    with client.app.state.bodies.hold() as others:  # type: ignore[attr-defined]
        others.grow(LIMIT - 10)
        answer = client.post("/size", content=b"x" * 11)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_the_key_is_wanted_before_the_body() -> None:
    """Who may not read cannot fill the memory either."""
    client = client_of(api_keys=["k"])
    assert client.post("/size", content=b"x" * (LIMIT + 1)).status_code == 401
    assert client.post("/size", content=b"x", headers={"authorization": "bearer k"}).json() == [1, 1]


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs/", "/api/public/otel/v1/metrics", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"])
def test_telemetry_is_told_its_port(client: TestClient, path: str) -> None:
    """Whatever its size; the ports are those that are really open."""
    answer = client.post(path, content=b"x" * (LIMIT + 1), headers={"content-type": "application/x-protobuf"})
    assert (answer.status_code, answer.json()["code"], answer.json()["type"]) == (404, "not_found", "urn:spyglass:error:not_found")
    assert "OTLP/HTTP is on port 4318, OTLP/gRPC on port 14317" in answer.json()["detail"]
