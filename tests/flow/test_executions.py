"""Executions over the wire and the API: told by spans and events, listed, looked at, followed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.flow.conftest import SECOND_NS, Client, attributes, chat, records, span, spans

Eventually = Callable[..., Any]
BEGIN_NS = time.time_ns() - 60 * SECOND_NS


def event(name: str, run: str, at_s: float = 0, trace: bytes = b"", number: int = 0, **told: object) -> LogRecord:
    """An event `execution.<name>`, so many seconds after a minute before these tests."""
    own = {"spyglass.execution.id": run, "gen_ai.agent.name": "planner", **{key.replace("__", "."): value for key, value in told.items()}}
    return LogRecord(
        time_unix_nano=BEGIN_NS + int(at_s * SECOND_NS),
        event_name=f"execution.{name}",
        attributes=attributes(own),
        trace_id=trace,
        span_id=number.to_bytes(8) if number else b"",
    )


def test_a_run_told_by_events_is_followed(client: Client, eventually: Eventually) -> None:
    """While it goes on, while it waits, and when it has ended; with its steps."""
    client.post(records(event("start", "run", input__value="to the islands"), event("step", "run", 1, spyglass__execution__step="search")))

    def row() -> Any:
        return next(iter(client.told("/executions")["items"]), {})

    found = eventually(row, lambda one: one.get("steps") == 1)
    assert (found["status"], found["agent"], found["last_step"], found["input"], found["end"]) == ("running", "planner", "search", "to the islands", None)
    assert 55 * SECOND_NS < found["duration_ns"] < 86_400 * SECOND_NS
    client.post(records(event("waiting", "run", 2, spyglass__execution__waiting_for="approval")))
    found = eventually(row, lambda one: one["status"] == "waiting")
    assert found["waiting_for"] == "approval"
    client.post(records(event("resumed", "run", 3), event("end", "run", 4, spyglass__execution__status="cancelled")))
    found = eventually(row, lambda one: one["status"] == "cancelled")
    assert 3.9 * SECOND_NS < found["duration_ns"] < 4.1 * SECOND_NS
    steps = client.told("/executions/run/steps")["items"]
    assert [(step["name"], step["status"]) for step in steps] == [("search", "ok")]


def test_an_announced_agent_is_one_run(client: Client, eventually: Eventually, trace: bytes) -> None:
    """Running with what it spent so far, and then done; with its child, its steps and figures."""
    agent = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": "planner"}
    client.post(spans(span("planner", trace=trace, number=1, spyglass__pending=True, **agent), chat(trace=trace, number=2, under=1)))
    (found,) = eventually(lambda: client.told("/executions", status="running")["items"], lambda items: items and items[0]["model_calls"])
    assert (found["id"], found["source"], found["input_tokens"], found["steps"], found["last_step"]) == (run_id(trace, 1), "span", 10, 1, "gpt-4o-mini")
    client.post(
        spans(span("planner", trace=trace, number=1, **agent), span("coder", trace=trace, number=3, under=1, **agent | {"gen_ai__agent__name": "coder"}))
    )
    eventually(lambda: client.told("/executions", status=["succeeded"])["items"], lambda items: len(items) == 2)
    detail = client.told(f"/executions/{run_id(trace, 1)}")
    assert ([child["id"] for child in detail["children"]], detail["parent"]) == ([run_id(trace, 3)], None)
    assert client.told(f"/executions/{run_id(trace, 3)}")["parent"]["id"] == detail["id"]
    assert [step["name"] for step in client.items(f"/executions/{run_id(trace, 1)}/steps", limit=1)] == ["gpt-4o-mini", "coder"]


@pytest.mark.parametrize("first", ["span", "events"])
def test_an_execution_is_one_run_of_its_agent(client: Client, eventually: Eventually, trace: bytes, first: str) -> None:
    """The SDK's: its span and its events tell of the same run, whichever comes first, in executions as in agents; no moment of it is told twice."""
    of_run = {"spyglass__execution__id": "run", "spyglass__execution__operation": "travel", "gen_ai__agent__name": "planner"}
    work = span(
        "invoke_agent planner travel",
        trace=trace,
        number=1,
        start_ns=BEGIN_NS + 1000,
        duration_ns=4 * SECOND_NS,
        gen_ai__operation__name="invoke_agent",
        spyglass__execution__status="cancelled",
        **of_run,
    )
    at = {"trace": trace, "number": 1, "gen_ai__operation__name": "travel"}
    told = [event("start", "run", 0.001, **at), event("step", "run", 1, spyglass__execution__step="search", **at)]
    told.append(event("end", "run", 3.9, spyglass__execution__status="cancelled", **at))
    for send in (spans(work), records(*told)) if first == "span" else (records(*told), spans(work)):
        client.post(send)
    (found,) = eventually(lambda: client.told("/executions")["items"], lambda items: items and items[0]["steps"] and items[0]["spans"])
    expected = {"id": "run", "source": "event", "status": "cancelled", "agent": "planner", "name": "travel", "steps": 1, "issues": [], "trace_id": trace.hex()}
    assert {name: found[name] for name in expected} == expected
    assert 3.8 * SECOND_NS < found["duration_ns"] < 4 * SECOND_NS
    (agent,) = client.told("/agents")["items"]
    assert (agent["agent"], agent["runs"], agent["failed_runs"], agent["running"]) == ("planner", 1, 0, 0)


@pytest.mark.parametrize("first", ["execution", "framework"])
def test_a_framework_s_own_span_of_the_agent_is_part_of_its_execution(client: Client, eventually: Eventually, trace: bytes, first: str) -> None:
    """In lists, counts, figures, steps, trends and health, whichever comes first; a sub-agent of the same name below a tool is another run."""
    end_ns = time.time_ns() - SECOND_NS
    own = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": "planner", "start_ns": end_ns - 4 * SECOND_NS, "duration_ns": 4 * SECOND_NS}
    run = span("invoke_agent planner travel", trace=trace, number=1, spyglass__execution__id="run", spyglass__execution__operation="travel", **own)
    part = span("invoke_agent planner", trace=trace, number=2, under=1, spyglass__execution__within="planner", gen_ai__agent__version="7", **own)
    tool = span("execute_tool ask", trace=trace, number=4, under=2, gen_ai__operation__name="execute_tool", gen_ai__tool__name="ask")
    again = span("invoke_agent planner", trace=trace, number=5, under=4, **own)
    inside = spans(part, chat(trace=trace, number=3, under=2, start_ns=end_ns - 3 * SECOND_NS), tool, again)
    for send in (spans(run), inside) if first == "execution" else (inside, spans(run)):
        client.post(send)
    items = eventually(lambda: client.told("/executions")["items"], _all_told)
    found = {one["id"]: one for one in items}
    assert found.keys() == {"run", run_id(trace, 5)}
    assert [found["run"][name] for name in ("model_calls", "tool_calls", "input_tokens", "spans", "agent")] == [1, 1, 10, 5, "planner"]
    assert [step["name"] for step in client.items("/executions/run/steps")] == ["gpt-4o-mini", "ask"]
    assert found[run_id(trace, 5)]["parent_id"] == "run"
    assert [one["count"] for one in client.told("/executions/counts")["items"]] == [2]
    (agent,) = client.told("/agents")["items"]
    assert agent["runs"] == 2
    assert sum(bucket["runs"] for bucket in client.told("/agents/planner/trends")["buckets"]) == 2
    versions = eventually(lambda: client.told("/agents/planner/versions")["items"])
    assert "7" in {one["version"] for one in versions}
    eventually(lambda: [one["runs"] for one in client.told("/health/agents")["items"]], lambda runs: runs == [2])


def _all_told(items: list[dict[str, Any]]) -> bool:
    """Calls are told a moment after their spans."""
    return len(items) == 2 and all(one["spans"] for one in items) and sum(one["model_calls"] + one["tool_calls"] for one in items) == 2


def test_an_execution_is_found_by_what_its_span_tells(client: Client, eventually: Eventually, trace: bytes) -> None:
    """A search finds runs by their spans, also those that go by an id of their own."""
    told = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": "planner", "spyglass__execution__id": "run"}
    client.post(spans(span("planner", trace=trace, spyglass__execution__operation="travel", colour="green", **told)))
    (found,) = eventually(lambda: client.told("/executions", query="attr.colour:green")["items"])
    assert found["id"] == "run"


def test_spans_of_two_traces_with_one_id_are_two_runs(client: Client, trace: bytes, eventually: Eventually) -> None:
    """Programs that number their spans are believed: each has its own text, end and figures."""
    other = bytes(reversed(trace))
    for of, name, usage in ((trace, "planner", 10), (other, "writer", 3)):
        told = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": name, "spyglass__pending": name == "writer"}
        client.post(spans(span(name, trace=of, **told), chat(trace=of, number=2, under=1, tokens=(usage, 1))))
    found = eventually(lambda: client.told("/executions")["items"], lambda items: len(items) == 2 and all(one["model_calls"] for one in items))
    assert {(one["id"], one["agent"], one["status"], one["input_tokens"]) for one in found} == {
        (run_id(trace, 1), "planner", "succeeded", 10),
        (run_id(other, 1), "writer", "running", 3),
    }


def run_id(trace: bytes, number: int) -> str:
    """Of the run that a span is."""
    return f"{trace.hex()}-{number:016x}"


def test_forks_know_their_origin(client: Client, eventually: Eventually) -> None:
    """And the origin its forks; ids may have slashes."""
    told = {"spyglass__execution__forked_from": "a/origin", "spyglass__execution__forked_at_step": 3}
    client.post(records(event("start", "a/origin"), event("start", "fork", 1, **told)))
    eventually(lambda: client.told("/executions")["items"], lambda items: len(items) == 2)
    detail = client.told("/executions/fork")
    assert (detail["origin"]["id"], detail["forked_at_step"]) == ("a/origin", 3)
    assert [one["id"] for one in client.told("/executions/a%2Forigin")["forks"]] == ["fork"]


def test_lists_are_chosen(client: Client, eventually: Eventually) -> None:
    """By status, agent, session and search."""
    client.post(records(event("start", "one", session__id="s-1"), event("end", "one", 1), event("start", "two", gen_ai__agent__name="coder")))
    eventually(lambda: client.told("/executions")["items"], lambda items: len(items) == 2)

    def ids(**asked: Any) -> list[str]:
        return [item["id"] for item in client.told("/executions", **asked)["items"]]

    assert (ids(status="succeeded"), ids(status=["running", "stalled"]), ids(agent="coder"), ids(session="s-1"), ids(query="session:s-1")) == (
        ["one"],
        ["two"],
        ["two"],
        ["one"],
        ["one"],
    )
    assert ids(agent="nobody") == []

    def counts(**asked: Any) -> dict[str, int]:
        return {one["status"]: one["count"] for one in client.told("/executions/counts", **asked)["items"]}

    assert (counts(), counts(query="session:s-1"), counts(agent="nobody")) == ({"running": 1, "succeeded": 1}, {"succeeded": 1}, {})


@pytest.mark.parametrize(("path", "status"), [("/executions/nobody", 404), ("/executions/nobody/steps", 404), ("/executions?status=odd", 422)])
def test_what_is_not_there_is_said(client: Client, path: str, status: int) -> None:
    """With a problem document."""
    path, _, query = path.partition("?")
    answer = client.get(path, **dict([query.split("=")] if query else []))
    assert answer.status_code in {status, 400 if status == 422 else status}
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_silence_is_told_and_taken_back(client: Client, eventually: Eventually) -> None:
    """A run that says it beats twice a second, and stops: stalled within seconds, and back with the next beat."""
    beat = {"spyglass__heartbeat__interval_s": 0.5}
    client.post(records(event("start", "run", **beat), event("heartbeat", "run", 1, **beat)))

    def status() -> str:
        return next((str(item["status"]) for item in client.told("/executions")["items"]), "")

    eventually(status, lambda one: one == "stalled")
    told = eventually(lambda: client.told("/events", query="name:execution.stalled")["items"])
    assert told[0]["execution_id"] == "run"
    client.post(records(event("heartbeat", "run", 2)))
    eventually(lambda: client.told("/events", query="name:execution.resumed")["items"])
