"""What the tests of agents tell a server, in a project of their own: executions with snapshots, runs of versions."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.flow.conftest import PATHS, SECOND_NS, Request, any_value, attributes, records, span, spans

from spyglass.model.finding import Finding

BEGIN_NS = time.time_ns() - 60 * SECOND_NS


def tell(server: Any, project: str, *requests: Request) -> None:
    """Send, and wait until it can be asked for."""
    for request in requests:
        told = {"content-type": "application/x-protobuf", "x-spyglass-project": project}
        address = f"{server.endpoint}/v1/{PATHS[type(request)]}"
        httpx.post(address, content=request.SerializeToString(), headers=told, timeout=60, trust_env=False, verify=False).raise_for_status()
    server.settled()


def until(good: Callable[[], bool], timeout_s: float = 120) -> None:
    """Wait for what the server finds by itself."""
    deadline = time.monotonic() + timeout_s
    while not good():
        assert time.monotonic() < deadline, f"not within {timeout_s} s"
        threading.Event().wait(0.1)


def tell_findings(server: Any, project: str, *findings: dict[str, Any]) -> list[str]:
    """Have a server of `finding_server` tell these findings, a second after one another (fields of `model.finding.Finding`); their fingerprints."""
    made = [
        LogRecord(time_unix_nano=BEGIN_NS + number * SECOND_NS, event_name="test.finding", body=any_value(json.dumps(told)))
        for number, told in enumerate(findings)
    ]
    tell(server, project, records(*made))
    own = ("analyzer", "rule", "title", "subject")
    wanted = [Finding(version="", project=project, time_ns=0, **{"analyzer": "teller", **{key: told[key] for key in own if key in told}}) for told in findings]
    seen = f"/api/v1/findings?project={project}&limit=200"
    until(
        lambda: (
            {one.fingerprint for one in wanted} <= {item["fingerprint"] for item in httpx.get(server.url + seen, trust_env=False, verify=False).json()["items"]}
        )
    )
    return [one.fingerprint for one in wanted]


def event(name: str, run: str, at_s: float, agent: str = "planner", body: object = None, **told: Any) -> LogRecord:
    """An event `execution.<name>`, so many seconds after the begin; `told` are attributes, with `__` for dots."""
    own = {"spyglass.execution.id": run, "gen_ai.agent.name": agent, **{key.replace("__", "."): value for key, value in told.items()}}
    return LogRecord(
        time_unix_nano=BEGIN_NS + int(at_s * SECOND_NS), event_name=f"execution.{name}", attributes=attributes(own), body=any_value(body) if body else None
    )


def step(run: str, number: int, led_to: str, state: object) -> list[LogRecord]:
    """A step, and the snapshot that was taken after it."""
    told: dict[str, Any] = {"spyglass__execution__step": "choose", "spyglass__execution__step_number": number}
    return [event("step", run, number, input__value=f"it led to the {led_to}", **told), event("snapshot", run, number, body=json.dumps(state), **told)]


def journey(run: str = "journey", third: str = "old town", **start: Any) -> Request:
    """A run with three steps and a snapshot after each; `third` is where its last step led."""
    stops = ["harbour", "lighthouse", third]
    states: list[dict[str, object]] = [{"goal": "islands", "stops": stops[: at + 1]} for at in range(3)]
    states = [states[0] | {"draft": True}, states[1] | {"draft": True}, states[2] | {"budget": 40}]
    steps = [one for at, state in enumerate(states) for one in step(run, at + 1, stops[at], state)]
    return records(event("start", run, 0, input__value="to the islands", **start), *steps, event("end", run, 4, spyglass__execution__status="ok"))


def version(number: int, name: str, prompt: str, model: str = "gpt-5", agent: str = "planner") -> Request:
    """A run of a version of an agent, with a model call that shows what it is."""
    trace = (b"%08d" % number) * 2
    told: dict[str, Any] = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": agent, "gen_ai__agent__version": name}
    said = json.dumps([{"role": "system", "parts": [{"type": "text", "content": prompt}]}, {"role": "user", "parts": [{"type": "text", "content": "hi"}]}])
    call: dict[str, Any] = {
        "gen_ai__operation__name": "chat",
        "gen_ai__request__model": model,
        "gen_ai__input__messages": said,
        "gen_ai__request__temperature": 0.2,
    }
    below = span(f"chat {model}", trace=trace, number=1000 + number, under=number, gen_ai__usage__input_tokens=3, **call)
    return spans(span("invoke_agent", trace=trace, number=number, **told), below)
