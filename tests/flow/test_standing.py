"""Health and workflows, over the API: what was sent decides, and what people say of it."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from tests.flow.conftest import SECOND_NS, Client, chat, span, spans


def run(agent: str, *, failed: bool = False) -> Span:
    """A run of an agent, a trace of its own."""
    told = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": agent}
    made = span(f"invoke_agent {agent}", trace=secrets.token_bytes(16), number=secrets.randbits(63), **told)
    if failed:
        made.status.code = Status.STATUS_CODE_ERROR
    return made


def act(client: Client, **action: Any) -> httpx.Response:
    """An administrative action."""
    return client.http.post(f"{client.server.url}/api/v1/observability/health", params={"project": client.project}, json=action)


def judge(client: Client, eventually: Any) -> Client:
    """Three agents: one that is well, one whose runs fail, one whose name is odd."""
    well, ill = ([run(name, failed=failed) for _ in range(12)] for name, failed in (("well", False), ("ill", True)))
    client.post(spans(*well, *ill, run("odd / [name] %")))

    def look() -> list[Any]:
        assert act(client, action="recheck").status_code == 200
        return client.items("/health/agents")

    eventually(look, lambda items: sum(item["runs"] for item in items) == 25)
    return client


@pytest.fixture(scope="module")
def judged(server: Any, http: Any, channel: Any, eventually: Any) -> Client:
    """A project with them, for looking only."""
    return judge(Client(server, f"standing-{secrets.token_hex(4)}", http, channel), eventually)


@pytest.fixture
def own(client: Client, eventually: Any) -> Client:
    """A project with them, for a test that acts."""
    return judge(client, eventually)


def test_agents_are_judged_worst_first(judged: Client) -> None:
    """With states, parts in words, and what restores them; filters leave out the others."""
    told = judged.told("/health/agents")
    states = {item["agent"]: item["state"] for item in told["items"]}
    assert states == {"ill": "critical", "odd / [name] %": "healthy", "well": "healthy"}
    assert told["counts"] == {"healthy": 2, "degraded": 0, "critical": 1, "no_data": 0}
    ill = told["items"][0]
    assert (ill["agent"], ill["runs"], ill["failed_runs"], ill["worst"][0]["told"]) == ("ill", 12, 12, "12 of 12 runs failed")
    assert " gives " in ill["worst"][0]["restores"]
    assert [item["agent"] for item in judged.items("/health/agents", state="critical")] == ["ill"]
    assert [item["agent"] for item in judged.items("/health/agents", agent="WE", limit=1)] == ["well"]
    assert len(judged.items("/health/agents", limit=1)) == 3


def test_the_system_is_told_in_one_answer(judged: Client) -> None:
    """Its parts, and the agents that are worst."""
    told = judged.told("/observability/health")
    assert {part["name"] for part in told["parts"]} == {"agents", "ingest", "store", "runners", "losses"}
    assert [item["agent"] for item in told["worst"]] == ["ill"]
    assert 0 < told["score"] < 100
    assert told["received"] > 0


def test_what_is_acknowledged_does_not_count(own: Client, eventually: Any) -> None:
    """Until it is cleared; each action is an event `audit`."""
    before = own.told("/observability/health")
    known = act(own, action="acknowledge", agent="ill", note="we know", until="2999-01-01").json()["health"]
    assert (known["worst"], known["known"], known["score"] > before["score"]) == ([], 1, True)
    assert own.items("/health/agents", known=True)[0]["known"]["note"] == "we know"
    cleared = act(own, action="clear", agent="ill").json()
    assert (cleared["changed"], cleared["health"]["known"]) == (1, 0)

    def audited() -> set[str]:
        return {item["attributes"]["spyglass.audit.action"] for item in own.items("/events", query="name:audit")}

    assert eventually(audited, lambda told: len(told) == 3) == {"health.acknowledge", "health.clear", "health.recheck"}


def test_a_baseline_begins_anew(own: Client) -> None:
    """From a time on, for one agent or for all."""
    assert act(own, action="reset_baseline", agent="well", note="new model").status_code == 200
    assert act(own, action="reset_baseline", since="-2h").status_code == 200
    items = {item["agent"]: item["baseline_since"] for item in own.items("/health/agents")}
    assert items["well"] > items["ill"]


@pytest.mark.parametrize(
    ("action", "status"),
    [
        ({"action": "explode"}, 422),
        ({"action": "acknowledge", "agent": "nobody"}, 404),
        ({"action": "acknowledge", "until": "-1h"}, 400),
        ({"action": "reset_baseline", "since": "2999-01-01"}, 400),
        ({"action": "reset_baseline", "since": "soon"}, 400),
        ({"action": "clear", "more": 1}, 422),
    ],
)
def test_actions_that_mean_nothing_are_refused(client: Client, action: dict[str, Any], status: int) -> None:
    """With what is wrong; nothing is done."""
    answer = act(client, **action)
    assert (answer.status_code, "detail" in answer.json()) == (status, True)


def test_figures_are_there_for_prometheus(judged: Client) -> None:
    """With labels, and what is beyond the limit under `other`."""
    told = judged.told("/observability/metrics", timeRange=60)
    assert {item["agent"]: (item["runs"], item["failed_runs"]) for item in told["items"]} == {"well": (12, 0), "ill": (12, 12), "odd / [name] %": (1, 0)}
    text = judged.get("/observability/metrics", timeRange=60, format="prometheus", limit=1).text
    assert f'spyglass_agent_failed_runs{{agent="ill",project="{judged.project}"}} 12.0' in text
    assert f'spyglass_agent_runs{{agent="other",project="{judged.project}"}} 13.0' in text
    assert judged.get("/observability/metrics", timeRange=0).status_code == 422


@pytest.fixture
def worked(client: Client, trace: bytes, eventually: Any) -> Client:
    """A workflow of two agents in a row, one of which fails, and a LangGraph agent with its nodes."""
    at = 1_700_000_000 * SECOND_NS
    told = {"gen_ai__operation__name": "invoke_agent"}
    failed = span("invoke_agent writer", trace=trace, number=3, under=1, start_ns=at + 2 * SECOND_NS, gen_ai__agent__name="writer", **told)
    failed.status.code = Status.STATUS_CODE_ERROR
    client.post(
        spans(
            span("invoke_workflow report", trace=trace, number=1, start_ns=at, duration_ns=5 * SECOND_NS, gen_ai__operation__name="invoke_workflow"),
            span("invoke_agent planner", trace=trace, number=2, under=1, start_ns=at, gen_ai__agent__name="planner", **told),
            failed,
            chat(trace=trace, number=4, under=2, start_ns=at),
        )
    )
    eventually(lambda: client.items("/workflows", **{"from": "2020-01-01"}))
    return client


ALWAYS = {"from": "2020-01-01"}


def test_a_workflow_is_derived_from_its_spans(worked: Client, trace: bytes) -> None:
    """A graph of its steps, its runs, and each run with states."""
    (item,) = worked.items("/workflows", **ALWAYS)
    assert (item["name"], item["source"], item["runs"]) == ("report", "derived", 1)
    graph = worked.told("/workflows/report", **ALWAYS)
    assert [(step["id"], step["kind"], step["count"], step["errors"]) for step in graph["steps"]] == [("planner", "agent", 1, 0), ("writer", "agent", 1, 1)]
    assert [(edge["from"], edge["to"], edge["runs"]) for edge in graph["edges"]] == [("planner", "writer", 1)]
    (one,) = worked.items("/workflows/report/runs", **ALWAYS)
    detail = worked.told(f"/workflows/runs/{one['trace_id']}/{one['span_id']}")
    assert [(step["id"], step["state"]) for step in detail["steps"]] == [("planner", "succeeded"), ("writer", "failed")]
    assert one["trace_id"] == trace.hex()


def test_what_was_declared_is_compared_with_what_ran(worked: Client) -> None:
    """Steps that never ran, steps that nobody declared; runs tell what they skipped."""
    declaration = {"steps": [{"id": "planner"}, {"id": "reviewer", "optional": True}], "edges": [{"from": "planner", "to": "reviewer"}]}
    url, about = f"{worked.server.url}/api/v1/workflows/report", {"project": worked.project}
    made = worked.http.post(url, params=about, json=declaration)
    assert (made.status_code, made.json()["version"]) == (200, 1)
    graph = worked.told("/workflows/report", **ALWAYS)
    assert (graph["source"], graph["never_run"], graph["undeclared"]) == ("both", ["reviewer"], ["writer"])
    assert [(edge["from"], edge["to"], edge["declared"], edge["runs"]) for edge in graph["edges"]] == [
        ("planner", "writer", False, 1),
        ("planner", "reviewer", True, 0),
    ]
    (one,) = worked.items("/workflows/report/runs", **ALWAYS)
    steps = worked.told(f"/workflows/runs/{one['trace_id']}/{one['span_id']}")["steps"]
    assert [(step["id"], step["state"], step["declared"]) for step in steps] == [
        ("planner", "succeeded", True),
        ("writer", "failed", False),
        ("reviewer", "skipped", True),
    ]
    assert worked.http.post(url, params=about, json=declaration | {"version": 7}).status_code == 409
    assert worked.http.delete(url, params=about).status_code == 204
    assert worked.told("/workflows/report", **ALWAYS)["declared"] is None


def test_a_workflow_that_never_ran_is_listed(client: Client) -> None:
    """Names may have slashes."""
    url, about = f"{client.server.url}/api/v1/workflows/crews/nightly", {"project": client.project}
    assert client.http.post(url, params=about, json={"steps": [{"id": "a"}]}).status_code == 200
    (item,) = client.items("/workflows")
    assert (item["name"], item["source"], item["runs"]) == ("crews/nightly", "declared", 0)
    assert client.told("/workflows/crews/nightly")["never_run"] == ["a"]
    assert client.items("/workflows/crews/nightly/runs") == []


@pytest.mark.parametrize(
    "declaration",
    [{"steps": []}, {"steps": [{"id": "a"}, {"id": "a"}]}, {"steps": [{"id": "a"}], "edges": [{"from": "a", "to": "b"}]}, {"steps": [{"id": ""}]}],
)
def test_a_wrong_declaration_is_refused(client: Client, declaration: dict[str, Any]) -> None:
    """No steps, a step twice, an edge to nowhere, a step without a name."""
    answer = client.http.post(f"{client.server.url}/api/v1/workflows/x", params={"project": client.project}, json=declaration)
    assert answer.status_code == 422


def test_what_is_not_there_is_told(client: Client) -> None:
    """Workflows and runs."""
    assert [client.get(path).status_code for path in ("/workflows/none", f"/workflows/runs/{'0' * 32}/{'1' * 16}", "/workflows/runs/x/y")] == [404, 404, 422]
