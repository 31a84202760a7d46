"""From the SDK in a program of its own to the API and back: snapshots, states, what changed, recordings, replays, memory."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.flow.conftest import Client, any_value, attributes, chat, records, span, spans

AGENT = """
import json, sys
from spyglass_sdk import Memory, execution, memory, observe, replay, state_of, flush, init, snapshot

init(service_name="trip", instrument=False)
RAN = []

@observe(kind="tool")
def search(query: str) -> list:
    RAN.append(query)
    return [query, len(RAN), {"seen": (1, 2)}]

def plan(goal: str) -> list:
    state = {"goal": goal, "found": []}
    with execution("planner", "plan", record=True, state=lambda: state, agent_id="planner-1") as run:
        notes = Memory(scope="session")
        for number in range(3):
            state["found"].append(search(f"{goal} {number}"))
            notes["best"] = number
            run.step("search", {"number": number})
        run.snapshot({**state, "odd": {1, 2}, "lock": object()}, "end")
        run.complete(state["found"])
    return state["found"]
"""


@pytest.fixture
def program(client: Client) -> Callable[[str], Any]:
    """Run a program that knows AGENT; gives the JSON that it prints last."""

    def run(text: str) -> Any:
        told = {"SPYGLASS_ENDPOINT": client.server.endpoint, "SPYGLASS_API": client.server.url, "SPYGLASS_PROJECT": client.project, "NO_PROXY": "*"}
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("SPYGLASS_", "OTEL_"))} | told
        end = "\nassert flush(30), flush(1)\nfrom spyglass_sdk import status\nassert not status()['faults'], status()\n"
        command = [sys.executable, "-c", AGENT + textwrap.dedent(text) + end]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.strip().splitlines()[-1])

    return run


def executions(client: Client) -> list[dict[str, Any]]:
    return client.items("/executions", **{"from": "-1h"})


def test_a_run_can_be_looked_at_at_any_moment(client: Client, program: Callable[[str], Any], eventually: Callable[..., Any]) -> None:
    """Its snapshots, its state after a step, what it remembered then, and what changed since."""
    found = program("found = plan('islands'); print(json.dumps(found))")
    eventually(lambda: executions(client), lambda items: items and items[0]["status"] == "succeeded")
    run = executions(client)[0]["id"]
    listed = client.items(f"/executions/{run}/snapshots", limit=2)
    assert [(one["step"], one["step_name"], one["name"], one["placeholders"]) for one in listed] == [
        (1, "search", "", 0),
        (2, "search", "", 0),
        (3, "search", "", 0),
        (3, "", "end", 1),
    ]
    after_two = client.told(f"/executions/{run}/state", at="2")
    assert after_two["snapshot"]["id"] == listed[1]["id"]
    assert after_two["state"]["found"][1] == ["islands 1", 2, {"seen": {"$type": "tuple", "value": [1, 2]}}]
    assert [(one["key"], one["scope"], one["value"]) for one in after_two["memory"]] == [("best", "session", 1)]
    end = client.told(f"/executions/{run}/state")
    assert (end["snapshot"]["name"], end["state"]["odd"], end["problem"], end["truncated"]) == ("end", {"$type": "set", "value": [1, 2]}, "", [])
    changed = client.told(f"/executions/{run}/state/diff", **{"from": "1", "to": "3"})
    assert [(one["kind"], one["pointer"]) for one in changed["items"]] == [("added", "/found/1"), ("added", "/found/2")]
    assert client.told(f"/executions/{run}/state", at=listed[0]["time"], include="state", pointer="/found/0/0")["state"] == "islands 0"
    assert len(found) == 3


def test_states_before_and_beside_have_an_answer(client: Client, program: Callable[[str], Any], eventually: Callable[..., Any]) -> None:
    """No snapshot until then, a step that was never told, a moment that is none, an execution that is none."""
    program("plan('islands'); print(1)")
    eventually(lambda: executions(client), lambda items: items and items[0]["status"] == "succeeded")
    run = executions(client)[0]["id"]
    before = client.told(f"/executions/{run}/state", at="0")
    assert (before["snapshot"], before["state"], before["problem"], before["memory"][0]["value"]) == (None, None, "none_before", 0)
    nowhere = client.told(f"/executions/{run}/state", pointer="/nope")
    assert (nowhere["state"], nowhere["problem"]) == (None, "nothing_there")
    for at, wanted in (("9", 404), ("0" * 32, 404), ("soon", 400)):
        assert client.get(f"/executions/{run}/state", at=at).status_code == wanted, at
    assert client.get("/executions/none/state").status_code == 404
    assert "told 3 steps" in client.get(f"/executions/{run}/state", at="9").json()["detail"]
    assert client.get(f"/executions/{run}/state/diff", **{"from": "0"}).json()["reason"] == "none_before"


def test_a_replay_is_a_fork_with_the_same_steps(client: Client, program: Callable[[str], Any], eventually: Callable[..., Any]) -> None:
    """The recording comes from the server; nothing runs until the point, and the two runs stand side by side."""
    found = program("print(json.dumps(plan('islands')))")
    eventually(lambda: executions(client), lambda items: items and items[0]["status"] == "succeeded")
    origin = executions(client)[0]["id"]
    again = program(
        f"""
        with replay({origin!r}, until_step=2, then="live") as run:
            found = plan("islands")
        state = state_of({origin!r}, 2)
        print(json.dumps([run.execution_id, found, RAN, len(state["found"]), type(state["found"][0][2]["seen"]).__name__]))
        """
    )
    fork, replayed, ran, length, kind = again
    assert (replayed[:2], replayed[2][1], ran, length, kind) == (found[:2], 1, ["islands 2"], 2, "tuple")
    eventually(lambda: executions(client), lambda items: len(items) == 2 and {one["status"] for one in items} == {"succeeded"})
    assert [one["forked_from"] for one in executions(client) if one["id"] == fork] == [origin]
    compared = client.told("/executions/compare", a=origin, b=fork)
    assert [(pair["a"]["number"], pair["same"], pair["differs"]) for pair in compared["items"]] == [(1, True, []), (2, True, []), (3, False, ["answers"])]
    assert (compared["same_until"], compared["b"]["forked_from"], compared["b"]["forked_at_step"]) == (2, origin, 2)
    recording = client.told(f"/executions/{fork}/recording", limit=2)
    assert [(one["number"], one["replayed"], one["complete"]) for one in recording["items"]] == [(0, True, True), (1, True, True)]
    assert recording["next_cursor"]


def test_calls_that_were_told_and_have_not_arrived_are_missing(client: Client, trace: bytes, eventually: Callable[..., Any]) -> None:
    """The span of a run says how many there are, and events come on their own: a replay waits for them."""
    now_ns = time.time_ns()
    told: dict[str, Any] = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": "planner"}
    own: dict[str, Any] = {"spyglass__execution__id": "e-calls", "spyglass__execution__operation": "plan", "spyglass__execution__calls": 2}
    client.post(spans(span("planner plan", trace=trace, start_ns=now_ns, **told, **own)))
    recording = eventually(lambda: client.get("/executions/e-calls/recording").json(), lambda found: found.get("ended"))
    assert (recording["missing"], recording["items"]) == (2, [])
    for number in range(2):
        said = {"spyglass.execution.id": "e-calls", "spyglass.call.number": number, "spyglass.call.kind": "tool", "spyglass.call.name": "search"}
        client.post(records(LogRecord(time_unix_nano=now_ns + number, event_name="execution.call", attributes=attributes(said))))
        recording = eventually(lambda: client.told("/executions/e-calls/recording"), lambda found, after=number: len(found["items"]) == after + 1)
        assert recording["missing"] == 1 - number


def test_what_an_agent_remembers_is_seen_at_any_time(client: Client, program: Callable[[str], Any], eventually: Callable[..., Any]) -> None:
    """By events and by spans of memory operations; by name or id; a deleted key is gone, and its history stays."""
    program("plan('islands'); memory.delete('best', scope='session'); print(1)")
    program(
        """
        from spyglass_sdk import observation, set_agent
        with set_agent("planner"):
            memory.write("goal", "islands", scope="user:u-1")
            memory.read("goal", "islands", scope="user:u-1")
            with observation("facts", kind="memory", attributes={"gen_ai.operation.name": "update_memory", "gen_ai.memory.id": "fact-1"}) as step:
                step.input("boats sail")
        print(1)
        """
    )
    view = eventually(lambda: client.get("/agents/planner/memory").json(), lambda told: len(told.get("items", ())) == 3)
    assert [(one["scope"], one["key"], one["reads"], one["writes"]) for one in view["items"]] == [
        ("", "fact-1", 0, 1),
        ("session", "best", 0, 3),
        ("user:u-1", "goal", 1, 1),
    ]
    assert client.told("/agents/planner-1/memory", key="goal")["items"][0]["value"] == "islands"
    history = client.items("/agents/planner/memory/history", scope="session", limit=2)
    assert [(one["action"], one["value"]) for one in history] == [("write", 2), ("write", 1), ("write", 0)]
    assert client.get("/agents/nobody/memory").status_code == 404


def snapshot(execution: str, state: str, *, at_ns: int, trace: bytes = b"", under: int = 0) -> LogRecord:
    told: dict[str, object] = {"spyglass.execution.id": execution} if execution else {}
    body = any_value(state) if state else None
    return LogRecord(
        time_unix_nano=at_ns,
        event_name="execution.snapshot",
        body=body,
        attributes=attributes(told),
        trace_id=trace,
        span_id=under.to_bytes(8) if under else b"",
    )


def test_a_state_that_changes_a_little_is_stored_as_what_changed(client: Client, eventually: Callable[..., Any]) -> None:
    """Twenty states of a megabyte; each comes back as it was, and all of them take little more than the first."""
    rng, now_ns = random.Random(3), time.time_ns()
    state = {f"k{number:05}": rng.randbytes(20).hex() for number in range(18_000)}
    texts = []
    for number in range(20):
        state[f"k{number * 777:05}"] = rng.randbytes(500).hex()
        texts.append(json.dumps(state, sort_keys=True, separators=(",", ":")))
        assert client.post(records(snapshot("e-1", texts[-1], at_ns=now_ns + number))).status_code == 200
    eventually(lambda: client.get("/executions/e-1/snapshots").json(), lambda told: len(told.get("items", ())) == 20)
    for number in (0, 7, 19):
        told = client.told("/executions/e-1/state", at=client.items("/executions/e-1/snapshots")[number]["id"], include="state")
        assert told["state"] == json.loads(texts[number])
    (stored,) = client.sql("SELECT max(length(body)) AS longest FROM events WHERE event_name = 'execution.snapshot'")
    assert stored["longest"] < 2_000


def test_snapshots_of_an_agents_span_are_its_execution_s(client: Client, trace: bytes, eventually: Callable[..., Any]) -> None:
    """Also where they were taken in a span below it; and what was said until then is what had been said then."""
    now_ns = time.time_ns()
    agent = span("invoke_agent planner", trace=trace, start_ns=now_ns, duration_ns=10**9, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="planner")
    calls = []
    for number in (2, 3):
        said = [{"role": role, "parts": [{"type": "text", "content": f"{role} {number}"}]} for role in ("user", "assistant")]
        told: dict[str, Any] = {"gen_ai__input__messages": json.dumps(said[:1]), "gen_ai__output__messages": json.dumps(said[1:])}
        calls.append(chat(trace=trace, number=number, under=1, start_ns=now_ns + number * 10**8, duration_ns=10**7, **told))
    client.post(spans(agent, *calls))
    client.post(
        records(snapshot("", '{"n":2}', at_ns=now_ns + 25 * 10**7, trace=trace, under=2), snapshot("", "", at_ns=now_ns + 9 * 10**8, trace=trace, under=1))
    )
    run = f"{trace.hex()}-{1:016x}"
    eventually(lambda: client.get(f"/executions/{run}/snapshots").json(), lambda told: len(told.get("items", ())) == 2)
    first, second = client.items(f"/executions/{run}/snapshots")
    then = client.told(f"/executions/{run}/state", at=first["id"])
    assert (then["state"], [(one["role"], one["text"]) for one in then["messages"]]) == ({"n": 2}, [("user", "user 2"), ("assistant", "assistant 2")])
    end = client.told(f"/executions/{run}/state")
    assert (end["state"], end["problem"], len(end["messages"]), second["has_state"]) == (None, "no_state", 4, False)
    assert client.told("/executions/compare", a=run, b=run)["same_until"] == 2


def test_secrets_in_a_state_are_gone_before_it_is_cut(client: Client, eventually: Callable[..., Any]) -> None:
    """And the snapshot says so."""
    key = "sk-proj-" + "a1B2" * 12
    client.post(records(snapshot("e-2", json.dumps({"fine": 1, "openai": key}), at_ns=time.time_ns())))
    eventually(lambda: client.get("/executions/e-2/snapshots").json(), lambda told: told.get("items"))
    told = client.told("/executions/e-2/state")
    assert (told["snapshot"]["redacted"], told["state"]["fine"], key in json.dumps(told)) == (True, 1, False)


def test_a_state_that_is_no_json_is_a_text(client: Client, eventually: Callable[..., Any]) -> None:
    """Of senders that are not our SDK; structured bodies are JSON."""
    now_ns = time.time_ns()
    structured = LogRecord(
        time_unix_nano=now_ns + 1, event_name="execution.snapshot", body=any_value({"a": [1, "x"]}), attributes=attributes({"spyglass.execution.id": "e-3"})
    )
    client.post(records(snapshot("e-3", "plain text", at_ns=now_ns), structured))
    eventually(lambda: client.get("/executions/e-3/snapshots").json(), lambda told: len(told.get("items", ())) == 2)
    ids = [one["id"] for one in client.items("/executions/e-3/snapshots")]
    assert [client.told("/executions/e-3/state", at=one)["state"] for one in ids] == ["plain text", {"a": [1, "x"]}]


def test_an_export_holds_the_states(client: Client, other: Client, eventually: Callable[..., Any]) -> None:
    """As they were sent: what is imported from it elsewhere can be looked at there."""
    now_ns = time.time_ns()
    texts = [json.dumps({"number": number, "filling": "x" * 40_000}) for number in range(3)]
    client.post(records(*(snapshot("e-4", text, at_ns=now_ns + number) for number, text in enumerate(texts))))
    eventually(lambda: client.get("/executions/e-4/snapshots").json(), lambda told: len(told.get("items", ())) == 3)
    exported = client.get("/export", kind="events", format="otlp-json", **{"from": "-1h"})
    for line in exported.text.strip().splitlines():
        assert other.post_bytes("logs", line.encode(), "application/json").status_code == 200
    eventually(lambda: other.get("/executions/e-4/snapshots").json(), lambda told: len(told.get("items", ())) == 3)
    there, here = (who.items("/executions/e-4/snapshots") for who in (other, client))
    assert [one["hash"] for one in there] == [one["hash"] for one in here]
    assert other.told("/executions/e-4/state", at=there[1]["id"])["state"]["number"] == 1
