"""`GET /api/v1/export` gives everything, in a format that can be sent again."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pyarrow as pa
import pytest

from spyglass.decode.encode import encode
from spyglass.decode.otlp_json import to_protobuf
from spyglass.decode.wire import parse_request
from spyglass.model.clock import SystemClock
from spyglass.model.schema import SCHEMAS, Kind
from spyglass.testing.rows import points, spans


@pytest.fixture(scope="module")
def project(server: Any) -> str:
    """Some spans and points."""
    at = SystemClock().now_ns() - 600 * 10**9
    headers = {"content-type": "application/x-protobuf", "x-spyglass-project": "export"}
    for path, body in (("traces", encode(Kind.SPAN, spans(1500, at_ns=at))), ("metrics", encode(Kind.POINT, points(30, at_ns=at)))):
        httpx.post(f"{server.endpoint}/v1/{path}", content=body, headers=headers, trust_env=False, verify=False).raise_for_status()
    server.settled()
    return "export"


@pytest.mark.parametrize(
    ("kind", "what", "where", "rows"), [("spans", Kind.SPAN, "export", 1500), ("points", Kind.POINT, "export", 30), ("events", Kind.EVENT, "empty", 0)]
)
@pytest.mark.usefixtures("project")
def test_arrow_has_every_column(server: Any, kind: str, what: Kind, where: str, rows: int) -> None:
    """In pages, of the documented types; nothing found is an empty stream. What the server finds in the spans is an event beside them, sooner or later."""
    answer = server.get("/api/v1/export", project=where, kind=kind)
    assert answer.headers["content-type"] == "application/vnd.apache.arrow.stream"
    table = pa.ipc.open_stream(io.BytesIO(answer.content)).read_all()
    assert (table.num_rows, table.schema) == (rows, SCHEMAS[what])


def test_otlp_comes_as_json_lines_and_as_protobuf(server: Any, project: str) -> None:
    """Both say the same requests."""
    lines = server.get("/api/v1/export", project=project, format="otlp-json").content.splitlines()
    data = server.get("/api/v1/export", project=project, format="otlp-proto").content
    requests = [to_protobuf("traces", line) for line in lines]
    assert len(requests) > 1
    assert sum(len(scope.spans) for request in requests for one in parse_request("traces", request).resource_spans for scope in one.scope_spans) == 1500
    assert all(parse_request("traces", request).SerializeToString() in data for request in requests)


def test_a_search_and_a_range_choose(server: Any, project: str) -> None:
    """As in the lists."""
    answer = server.get("/api/v1/export", **{"project": project, "query": "name:execute_tool*", "from": "-1h"})
    assert set(pa.ipc.open_stream(io.BytesIO(answer.content)).read_all()["name"].to_pylist()) == {"execute_tool search"}


@pytest.mark.parametrize(
    ("parameters", "status", "says"),
    [
        ({"query": "nonsense:1"}, 400, "column 1"),
        ({"kind": "points", "trace_id": "0" * 32}, 400, "belong to no trace"),
        ({"kind": "cats"}, 422, "kind"),
        ({"trace_id": "xyz"}, 422, "trace_id"),
        ({"from": "yesterday"}, 400, "from"),
    ],
)
def test_a_wrong_question_is_a_problem(server: Any, parameters: dict[str, str], status: int, says: str) -> None:
    """Answered before the stream begins."""
    answer = server.get("/api/v1/export", **parameters)
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True)
