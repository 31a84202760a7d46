"""The loss ledger of a server that really runs, and what a project sees of the others."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

PROTOBUF = {"content-type": "application/x-protobuf"}


@pytest.fixture
def project() -> str:
    return f"ledger-{uuid.uuid4().hex[:8]}"


def send(server: Any, project: str, data: bytes) -> httpx.Response:
    return httpx.post(f"{server.endpoint}/v1/traces", content=data, headers=PROTOBUF | {"x-spyglass-project": project}, trust_env=False, verify=False)


def ask(server: Any, sql: str, **parameters: str) -> Any:
    return httpx.post(f"{server.url}/api/v1/sql", params=parameters, json={"sql": sql}, trust_env=False, verify=False, timeout=30).json()["items"]


def lines(server: Any, project: str) -> dict[str, Any]:
    return {line["source"]: line for line in server.get("/api/v1/ledger", project=project).json()["items"]}


def test_what_a_source_sent_adds_up_over_a_restart(run_server: Any, tmp_path: Path, body: Any, eventually: Any) -> None:
    """Received is accepted and rejected; what was accepted gets stored; a retry counts once and hears of its partial success again."""
    data = body({"id": 1}, {"id": 2}, {"id": 3, "trace": b""}, service="shop")
    with run_server(tmp_path) as server:
        answers = {send(server, "p", data).content for _ in range(3)}
        assert len(answers) == 1
        assert answers != {b""}
        assert send(server, "p", b"\x0a\xff\xff").status_code == 400
        eventually(lambda: lines(server, "p")["shop"]["stored"] == 2)
    with run_server(tmp_path) as server:
        told = lines(server, "p")
        assert {told["shop"][name] for name in ("accepted", "stored")} == {2}
        assert (told["shop"]["received"], sum(told["shop"]["rejected"].values()), told["shop"]["signal"]) == (3, 1, "traces")
        assert sum(told["127.0.0.1"]["refused"].values()) == 1
        assert send(server, "p", data).content in answers
        assert lines(server, "p")["shop"]["received"] == 3


def test_a_project_sees_its_own_losses(server: Any, project: str, body: Any, eventually: Any) -> None:
    """Not those of its neighbours; `*` sees all, and what the process lost has a place of its own."""
    send(server, project, body({"id": 1}, service="mine"))
    send(server, f"{project}-other", body({"id": 1}, service="theirs"))
    eventually(lambda: lines(server, f"{project}-other") != {})
    assert lines(server, project).keys() == {"mine"}
    assert {"mine", "theirs"} <= lines(server, "*").keys()
    whole = server.get("/api/v1/ledger", project=project).json()
    assert {sender["project"] for sender in whole["senders"]} == {project}
    assert isinstance(whole["process"], list)
    assert not {"mine", "theirs"} & {line["source"] for line in server.get("/api/v1/ledger").json()["items"]}


def test_sql_and_storage_see_the_project_that_was_asked_for(server: Any, project: str, body: Any, eventually: Any) -> None:
    """SQL without one sees `default` as every other path does, and `*` shows all; storage without one tells of the whole tables."""
    send(server, project, body({"id": 1}, {"id": 2}))
    count = "SELECT count() AS n FROM spans"
    eventually(lambda: ask(server, count, project=project) == [{"n": 2}])
    projects = "SELECT DISTINCT project FROM spans"
    assert {row["project"] for row in ask(server, projects)} <= {"default"}
    assert {project} <= {row["project"] for row in ask(server, projects, project="*")}
    mine = {item["table"]: item for item in server.get("/api/v1/storage", project=project).json()["items"]}
    whole = {item["table"]: item for item in server.get("/api/v1/storage").json()["items"]}
    assert (mine["spans"]["rows"], mine["events"]["rows"], mine["events"]["oldest"]) == (2, 0, None)
    assert mine["spans"]["size_bytes"] <= whole["spans"]["size_bytes"]
    assert mine.keys() < whole.keys()
