"""Every failed request is answered with a problem that says where, what and what to do."""

from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import Body, FastAPI, Path
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY

from spyglass.model.errors import ConfigError, NotFound, QueryError, Refused, SpyglassError, StoreError, Unauthorized
from spyglass.show.problem import Problem, answer_problems


@pytest.fixture(scope="module")
def client() -> TestClient:
    """An app whose paths fail in every way."""
    app = FastAPI()
    answer_problems(app)
    errors: dict[str, Exception] = {
        "query": QueryError("column 3: unknown field", column=3, suggestion="model"),
        "missing": NotFound("there is no trace"),
        "key": Unauthorized("a key is wanted"),
        "later": Refused("the disk is full", retry_after_s=7),
        "busy": Refused("all readers are busy", reason="busy"),
        "slower": Refused("too many requests", too_fast=True, retry_after_s=0.2),
        "store": StoreError("the store failed"),
        "config": ConfigError("no such folder"),
        "bug": ZeroDivisionError("the text of a prompt"),
    }

    @app.get("/of/{trace_id}")
    def of(trace_id: Annotated[str, Path(pattern="^[0-9a-fA-F]{32}$")]) -> None: ...

    @app.post("/keep")
    def keep(body: Annotated[dict[str, str], Body(embed=True)]) -> None: ...

    @app.get("/fail/{how}")
    def fail(how: str, number: int = 0) -> None:
        raise errors[how]

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("query", 400, "query_invalid"),
        ("missing", 404, "not_found"),
        ("key", 401, "unauthorized"),
        ("later", 503, "refused"),
        ("slower", 429, "refused"),
        ("store", 500, "store_failed"),
        ("config", 500, "config_invalid"),
        ("bug", 500, "internal"),
    ],
)
def test_an_error_has_its_status_and_code(client: TestClient, how: str, status: int, code: str) -> None:
    """As problem+json with all its members."""
    answer = client.get(f"/fail/{how}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = Problem.model_validate_json(answer.content)
    assert (problem.status, problem.code) == (status, code)


def test_details_are_members(client: TestClient) -> None:
    """What an error knows more is there for programs."""
    assert client.get("/fail/query").json() | {"column": 3, "suggestion": "model"} == client.get("/fail/query").json()


def test_refused_says_when_to_come_back(client: TestClient) -> None:
    """Whole seconds, one at least."""
    assert client.get("/fail/later").headers["retry-after"] == "7"
    assert client.get("/fail/slower").headers["retry-after"] == "1"


def test_a_bug_tells_nothing_of_what_it_saw(client: TestClient) -> None:
    """The text of an unexpected error may hold data; it stays in the log."""
    assert "prompt" not in client.get("/fail/bug").text


def test_a_wrong_parameter_is_named(client: TestClient) -> None:
    """422, with the place of each."""
    answer = client.get("/fail/query?number=x")
    assert (answer.status_code, answer.json()["code"]) == (422, "input_invalid")
    assert answer.json()["problems"][0]["at"] == "query.number"


def test_unknown_paths_and_methods_are_problems(client: TestClient) -> None:
    """404 says where to look, 405 what is allowed."""
    assert client.get("/nowhere").json()["code"] == "not_found"
    wrong = client.delete("/fail/query")
    assert (wrong.status_code, wrong.headers["content-type"], wrong.headers["allow"]) == (405, "application/problem+json", "GET")


def test_every_error_has_a_code_of_its_own() -> None:
    """Codes are what programs look at."""

    def below(kind: type[SpyglassError]) -> list[type[SpyglassError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in below(child))]

    ours = [kind for kind in below(SpyglassError) if kind.__module__ == SpyglassError.__module__]
    assert len({kind.code for kind in ours}) == len(ours)


def test_a_wrong_parameter_is_told_in_words(client: TestClient) -> None:
    """What was found, and what was wanted, without a regular expression or a word of Python."""
    assert client.get("/of/123").json()["detail"] == "path.trace_id: expected 32 hexadecimal digits, got '123'"
    assert "x" * 200 not in client.get(f"/of/{'x' * 200}").text


def test_a_wrong_body_is_told_without_what_is_in_it(client: TestClient) -> None:
    """It may hold prompts and secrets: only its kind is said."""
    answer = client.post("/keep", json={"body": ["the text of a prompt"]})
    assert (answer.status_code, answer.json()["detail"]) == (422, "body.body: expected a JSON object, got a list")
    assert "prompt" not in answer.text


def test_what_is_not_answered_is_counted_with_its_reason(client: TestClient) -> None:
    """So that a 503 that somebody saw can be explained afterwards."""

    def counted(status: str, reason: str) -> float:
        return REGISTRY.get_sample_value("spyglass_api_failed_requests_total", {"status": status, "reason": reason}) or 0.0

    kinds = {"busy": ("503", "busy"), "slower": ("429", "refused"), "store": ("500", "store_failed"), "bug": ("500", "internal")}
    before = {how: counted(*labels) for how, labels in kinds.items()}
    for how in kinds:
        client.get(f"/fail/{how}")
    assert {how: counted(*labels) - before[how] for how, labels in kinds.items()} == dict.fromkeys(kinds, 1.0)
