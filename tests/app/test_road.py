"""Promises of the whole road: OTLP bytes in, API JSON out."""

import json
import os
import uuid
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest

PROTOBUF = {"content-type": "application/x-protobuf"}
CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5}


@pytest.fixture
def project() -> str:
    return f"flow-{uuid.uuid4().hex[:8]}"


def send(server: Any, project: str, data: bytes) -> None:
    headers = PROTOBUF | {"x-spyglass-project": project}
    httpx.post(f"{server.endpoint}/v1/traces", content=data, headers=headers, trust_env=False, verify=False).raise_for_status()


def summary(server: Any, project: str) -> dict[str, Any]:
    told: dict[str, Any] = server.get("/api/v1/summary", project=project).json()
    return told


def test_a_span_is_found_with_all_its_attributes(server: Any, project: str, body: Any, eventually: Any) -> None:
    """Types survive the whole road."""
    attributes = {"text": "é", "yes": True, "no": False, "count": 2**60, "part": 0.1, "raw": b"\x00\xff", "list": ["a", 1], "long": "x" * 5000}
    trace = uuid.uuid4().bytes
    send(server, project, body({"id": 1, "trace": trace, "attributes": attributes}))
    path = f"/api/v1/traces/{trace.hex()}/spans/{(1).to_bytes(8).hex()}"
    eventually(lambda: server.get(path, project=project).status_code == 200)
    told = server.get(path, project=project).json()["attributes"]
    assert told == attributes | {"raw": "AP8="}


def test_grpc_and_json_take_the_same_road(server: Any, project: str, body: Any, eventually: Any) -> None:
    """A span over gRPC and one as OTLP/JSON stand in one list."""
    with grpc.insecure_channel(f"127.0.0.1:{server.otlp_grpc}") as channel:
        call = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        call(body({"id": 2, "name": "by grpc"}), metadata=(("x-spyglass-project", project),), timeout=60)
    span = {"traceId": "0a" * 16, "spanId": "0b" * 8, "name": "by json", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    document = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    headers = {"content-type": "application/json", "x-spyglass-project": project}
    httpx.post(f"{server.endpoint}/v1/traces", content=json.dumps(document), headers=headers, trust_env=False, verify=False).raise_for_status()
    eventually(lambda: {item["name"] for item in server.get("/api/v1/spans", project=project).json()["items"]} == {"by grpc", "by json"})


def test_a_retried_body_is_stored_once(server: Any, project: str, body: Any, eventually: Any) -> None:
    """The same bytes again are acknowledged and change nothing."""
    data = body({"id": 3, "attributes": CALL})
    for _ in range(3):
        send(server, project, data)
    eventually(lambda: summary(server, project)["spans"] == 1)
    rows = httpx.post(
        f"{server.url}/api/v1/sql", params={"project": project}, json={"sql": "SELECT count() AS n FROM spans"}, trust_env=False, verify=False
    ).json()
    assert rows["items"] == [{"n": 1}]


def test_late_parents_correct_the_count(server: Any, project: str, body: Any, eventually: Any) -> None:
    """A client's span counts as a call until the framework's span above it arrives; then the two are one."""
    trace = uuid.uuid4().bytes
    send(server, project, body({"id": 2, "parent": 1, "trace": trace, "attributes": CALL}))
    eventually(lambda: summary(server, project)["model_calls"] == 1)
    send(server, project, body({"id": 1, "trace": trace, "attributes": CALL | {"gen_ai.usage.input_tokens": 12}}))
    eventually(lambda: (summary(server, project)["spans"], summary(server, project)["input_tokens"]) == (2, 12))
    assert summary(server, project)["model_calls"] == 1


def test_a_bad_body_harms_nobody(server: Any, project: str, body: Any, eventually: Any) -> None:
    """A malformed request is told so; its neighbours are kept."""
    send(server, project, body({"id": 4}))
    answer = httpx.post(f"{server.endpoint}/v1/traces", content=b"\x0a\xff\xff", headers=PROTOBUF, trust_env=False, verify=False)
    assert answer.status_code == 400
    send(server, project, body({"id": 5}))
    eventually(lambda: summary(server, project)["spans"] == 2)


def test_pages_neither_repeat_nor_lose_a_trace(server: Any, project: str, body: Any, eventually: Any) -> None:
    """Cursors lead through all traces, latest first."""
    traces = [uuid.uuid4().bytes for _ in range(7)]
    for number, trace in enumerate(traces):
        send(server, project, body({"id": 1, "trace": trace, "attributes": {"number": number}}))
    eventually(lambda: summary(server, project)["traces"] == 7)
    seen: list[str] = []
    cursor = None
    while True:
        page = server.get("/api/v1/traces", project=project, limit=3, **({"cursor": cursor} if cursor else {})).json()
        seen += [item["trace_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [trace.hex() for trace in reversed(traces)]


def _files(folder: Path) -> list[Path]:
    """All of them; unlike a glob it goes on where the engine removes a folder meanwhile."""
    return [Path(at, name) for at, _, names in os.walk(folder) for name in names]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # merged away since, or a socket
        return b""


def test_secrets_are_not_stored(server: Any, project: str, body: Any, eventually: Any) -> None:
    """What looks like a key is gone before anything is written."""
    secret = "sk-" + "proj-" + "a1B2c3D4" * 6
    send(server, project, body({"id": 6, "attributes": {"note": f"my key is {secret}", "authorization": "Bearer abcdefghijklmnop"}}))
    eventually(lambda: summary(server, project)["spans"] == 1)
    assert [file for file in _files(server.data_dir) if secret.encode() in _content(file)] == []
    [span] = server.get("/api/v1/spans", project=project).json()["items"]
    detail = server.get(f"/api/v1/traces/{span['trace_id']}/spans/{span['span_id']}", project=project).json()
    assert secret not in json.dumps(detail)
    assert "[redacted:" in detail["attributes"]["note"]


def test_projects_keep_apart(server: Any, project: str, body: Any, eventually: Any) -> None:
    """One project's rows are not seen with another's name."""
    send(server, project, body({"id": 7}))
    eventually(lambda: summary(server, project)["spans"] == 1)
    assert summary(server, f"{project}-other")["spans"] == 0


def test_health_and_metrics_tell(server: Any) -> None:
    """Health is well while data flows, and our own metrics are Prometheus'."""
    health = server.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    assert "spyglass_stored_rows_total" in server.get("/metrics").text


def test_retention_follows_the_settings_and_is_told(run_server: Any, tmp_path: Any) -> None:
    """Each table says how long it keeps what, after a restart too; what depends on another table is kept longer than that."""
    for _ in range(2):
        with run_server(tmp_path, RETENTION__SPANS_DAYS="500", RETENTION__POINTS_DAYS="5") as server:
            told = server.get("/api/v1/storage").json()
    days = {item["table"]: item["keep_days"] for item in told["items"]}
    assert (days["spans"], days["points"], days["traces"], days["tellings"], days["events_minute"]) == (500, 5, 501, 501, 400)
    assert told["disk_free_bytes"] > 0


def test_storage_tells_its_oldest_row(server: Any, project: str, body: Any, eventually: Any) -> None:
    """So that it can be seen what retention has dropped."""
    send(server, project, body({"id": 8}))
    eventually(lambda: summary(server, project)["spans"] == 1)
    [spans] = [item for item in server.get("/api/v1/storage").json()["items"] if item["table"] == "spans"]
    assert spans["rows"] >= 1
    assert spans["oldest"][:2] == "20"
