"""From telemetry to a webhook, over the API of a running server: rules, channels, acknowledging, silences, and a server that is killed between."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

ERRORS = {"condition": {"kind": "threshold", "measure": "errors", "op": ">=", "value": 3}, "query": "service:shop", "interval_s": 5, "keep_firing_s": 0}
INJECTED = json.dumps({"id": "1' OR '1'='1' UNION SELECT password FROM users --"})


class Hooks:
    """Webhooks that arrived."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        taken = self.taken

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                taken.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on the screen."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    """A server that takes them."""
    made = Hooks()
    thread = Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture(scope="module")
def alerting(run_server: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server whose channels may reach this machine; each test has a project of its own there."""
    runner = '[{"kind": "host", "settings": {"interval_s": 3600}}]'
    settings = {"STORE__COMMIT_INTERVAL_S": "0.05", "ALERTS__ALLOWED_NETWORKS": "127.0.0.0/8", "ALERTS__LIVE_ACTIONS": "true", "RUNNERS__ENTRIES": runner}
    with run_server(tmp_path_factory.mktemp("alerting"), **settings) as running:
        yield running


def api(server: Any, project: str = "default") -> httpx.Client:
    return httpx.Client(base_url=f"{server.url}/api/v1", params={"project": project}, timeout=60, trust_env=False, verify=False)


def fail(server: Any, count: int, project: str = "default") -> None:
    """Spans that went wrong, now."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(KeyValue(key="service.name", value=AnyValue(string_value="shop")))
    spans = group.scope_spans.add().spans
    for number in range(count):
        now = time.time_ns()
        spans.append(
            Span(
                trace_id=now.to_bytes(16),
                span_id=(number + 1).to_bytes(8),
                name="pay",
                start_time_unix_nano=now - 10**8,
                end_time_unix_nano=now,
                status=Status(code=Status.STATUS_CODE_ERROR),
            )
        )
    headers = {"content-type": "application/x-protobuf", "x-spyglass-project": project}
    sent = httpx.post(f"{server.endpoint}/v1/traces", content=request.SerializeToString(), headers=headers, trust_env=False, verify=False)
    assert sent.status_code == 200


def attack(server: Any) -> None:
    """A call of a tool in which an analyzer finds harm, and somebody who claims to be the server and to have found something."""
    now = time.time_ns()
    told = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "query", "gen_ai.agent.name": "planner", "gen_ai.tool.call.arguments": INJECTED}
    call = Span(trace_id=now.to_bytes(16), span_id=b"12345678", name="query", start_time_unix_nano=now - 10**8, end_time_unix_nano=now)
    call.attributes.extend(KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in told.items())
    calls = ExportTraceServiceRequest()
    calls.resource_spans.add().scope_spans.add().spans.append(call)
    claims = ExportLogsServiceRequest()
    scope = claims.resource_logs.add().scope_logs.add()
    scope.scope.name = "spyglass.server"
    said = {"gen_ai.agent.name": "liar", "spyglass.finding.fingerprint": "f", "spyglass.finding.severity": "critical"}
    attributes = [KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in said.items()]
    scope.log_records.append(LogRecord(time_unix_nano=now, event_name="finding", body=AnyValue(string_value="believe me"), attributes=attributes))
    for path, request in (("logs", claims), ("traces", calls)):
        told = {"content-type": "application/x-protobuf"}
        httpx.post(f"{server.endpoint}/v1/{path}", content=request.SerializeToString(), headers=told, trust_env=False, verify=False).raise_for_status()


def test_trouble_reaches_people_once_and_its_history_says_how(alerting: Any, hooks: Hooks, eventually: Callable[..., Any]) -> None:
    """A rule, a webhook, spans that fail: one notice, a step for each thing that happened, and the owner's name on it."""
    with api(alerting, "trouble") as client:
        client.put("/alert-channels/ops", json={"kind": "webhook", "settings": {"url": hooks.url, "secret": "s3cret"}}).raise_for_status()
        client.put("/alert-rules/shop-errors", json={"rule": ERRORS, "author": "ana"}).raise_for_status()
        fail(alerting, 4, "trouble")
        (notice,) = eventually(lambda: hooks.taken)
        assert (notice["status"], notice["reason"], notice["alerts"][0]["rule"]) == ("firing", "new", "shop-errors")
        (alert,) = client.get("/alerts").json()["items"]
        taken = client.post(f"/alerts/{alert['id']}/acknowledge", json={"owner": "ana", "note": "looking"}).raise_for_status().json()
        steps = eventually(lambda: [one["step"] for one in client.get(f"/alerts/{alert['id']}").json()["history"]], lambda steps: "delivered" in steps)
        assert {"firing", "told", "delivered", "acknowledged"} <= set(steps)
        assert taken["owner"] == "ana"
        kinds = {one["name"]: one["settings"] for one in client.get("/alert-channel-kinds").json()["items"]}
        assert {"sentry", "pagerduty", "apprise", "webhook"} <= kinds.keys()
        assert kinds["pagerduty"]["properties"]["routing_key"]["writeOnly"] is True
        rotated = client.post("/alert-secrets/rotate", json={"who": "ana"}).raise_for_status().json()
        assert (rotated["origin"], rotated["sealed"], rotated["lost"]) == ("file", 2, 0)
        channel = client.get("/alert-channels").json()["items"][0]
        assert (channel["settings"]["secret"], "s3cret" in channel["settings"].values()) == ("**********", False)
        ended = client.post(f"/alerts/{alert['id']}/resolve", json={"who": "ana"})
        assert ended.json()["state"] == "resolved"


LOOP = """
from spyglass_sdk import execution, flush, init
from spyglass_sdk.stops import STOPPABLE
import time

STOPPABLE._every_s = 0.2
assert init(service_name="looper", instrument=False, schedule_delay_s=0.1)
try:
    with execution("looper", "loop", execution_id="run-1", stoppable=True) as run:
        for _ in range(2_000):
            run.step("again")
            time.sleep(0.05)
finally:
    assert flush(100)
"""


def test_a_run_that_loops_is_stopped_by_a_policy(alerting: Any, eventually: Callable[..., Any]) -> None:
    """From its steps over rule and policy back to its program, which ends at its next step; a runner is restarted, too. All of it is on record."""
    condition = {"kind": "threshold", "source": "events", "measure": "count", "op": ">=", "value": 5}
    rule = {"condition": condition, "query": "name:execution.step", "group_by": ["execution_id"], "interval_s": 5}
    policy = {"match": ["rule=loops"], "severity": "warning", "mode": "live", "action": {"kind": "stop_run"}}
    with api(alerting) as client:
        client.put("/alert-rules/loops", json={"rule": rule}).raise_for_status()
        assert client.put("/alert-policies/stop", json={"policy": policy, "author": "ana"}).raise_for_status().json()["acts"] is True
        restart = policy | {"action": {"kind": "restart_runner", "runner": "host"}}
        client.put("/alert-policies/restart", json={"policy": restart}).raise_for_status()
        assert client.put("/alert-policies/none", json={"policy": policy | {"action": {"kind": "webhook", "channel": "none"}}}).status_code == 400
        environment = {"SPYGLASS_ENDPOINT": alerting.endpoint, "SPYGLASS_API": alerting.url, "PATH": ""}
        looping = subprocess.run([sys.executable, "-c", LOOP], env=environment, capture_output=True, text=True, timeout=240, check=False)
        assert (looping.returncode, "ExecutionStopped: execution run-1 was stopped by policy stop" in looping.stderr) == (1, True), looping.stderr
        done = eventually(lambda: client.get("/alert-actions", params={"state": "done"}).json()["items"], lambda items: len(items) == 2)
        assert {(one["kind"], one["subject"]) for one in done} == {("stop_run", "run-1"), ("restart_runner", "host")}
        assert client.get("/runners/host").json()["state"] == "running"
        (action,) = client.get("/alert-actions", params={"policy": "stop"}).json()["items"]
        assert client.post(f"/alert-actions/{action['id']}/undo", json={"who": "ana"}).status_code == 409
        (stop,) = client.get("/execution-stops").json()["items"]
        assert (stop["execution_id"], stop["who"], stop["heard"] is not None) == ("run-1", "policy stop", True)
        assert eventually(lambda: client.get("/executions/run-1"), lambda answer: answer.status_code == 200 and answer.json()["status"] == "cancelled")


def test_a_killed_server_goes_on_with_what_was_told(
    run_server: Callable[..., AbstractContextManager[Any]], tmp_path: Path, hooks: Hooks, eventually: Callable[..., Any]
) -> None:
    """The alert was told before the kill; the next server knows it, and tells it no second time."""
    settings = {"STORE__COMMIT_INTERVAL_S": "0.05", "ALERTS__ALLOWED_NETWORKS": "127.0.0.0/8"}
    with run_server(tmp_path, **settings) as first, api(first) as client:
        client.put("/alert-channels/ops", json={"kind": "webhook", "settings": {"url": hooks.url}}).raise_for_status()
        client.put("/alert-rules/shop-errors", json={"rule": ERRORS}).raise_for_status()
        fail(first, 4)
        eventually(lambda: hooks.taken)
        eventually(lambda: client.get("/alert-deliveries").json()["items"][0]["state"], lambda state: state == "sent")
        first.process.kill()
        first.process.wait()
    with run_server(tmp_path, **settings) as second, api(second) as client:
        evaluated = client.get("/alert-rules/shop-errors").json()["evaluated"]
        eventually(lambda: client.get("/alert-rules/shop-errors").json()["evaluated"], lambda now: now != evaluated)
        assert [one["state"] for one in client.get("/alerts").json()["items"]] == ["firing"]
        assert len({one["id"] for one in hooks.taken}) == len(hooks.taken) == 1


def test_a_finding_that_came_while_nobody_looked_is_told(
    run_server: Callable[..., AbstractContextManager[Any]], tmp_path: Path, hooks: Hooks, eventually: Callable[..., Any]
) -> None:
    """The next server reads it from the store, and tells it once, also after another start; what others call a finding is none."""
    settings = {"STORE__COMMIT_INTERVAL_S": "0.05", "ALERTS__ALLOWED_NETWORKS": "127.0.0.0/8"}
    with run_server(tmp_path, **settings, ALERTS__ENABLED="false") as first, api(first) as client:
        client.put("/alert-channels/ops", json={"kind": "webhook", "settings": {"url": hooks.url}}).raise_for_status()
        client.put("/alert-rules/found", json={"rule": {"condition": {"kind": "finding"}}}).raise_for_status()
        attack(first)
        (finding,) = eventually(lambda: client.get("/findings").json()["items"])
        assert finding["agent"] == "planner"
        assert client.post("/sql", json={"sql": "SELECT DISTINCT scope_name FROM events ORDER BY 1"}).json()["items"] == [
            {"scope_name": "claimed:spyglass.server"},
            {"scope_name": "spyglass.server"},
        ]
    assert hooks.taken == []
    for _ in range(2):
        with run_server(tmp_path, **settings) as later, api(later) as client:
            eventually(lambda: hooks.taken)
            eventually(lambda: client.get("/alert-deliveries").json()["items"], lambda items: items and items[0]["state"] == "sent")
            assert [one["labels"]["agent"] for one in client.get("/alerts").json()["items"]] == ["planner"]
    assert [(one["reason"], one["alerts"][0]["severity"]) for one in hooks.taken] == [("new", "error")]


def test_a_rule_is_tried_on_the_past(alerting: Any, eventually: Callable[..., Any]) -> None:
    """And says how often it would have fired, without firing."""
    fail(alerting, 5, "past")
    alerting.settled()
    with api(alerting, "past") as client:
        told = client.post("/alert-rules/test", params={"from": "-1h"}, json={"rule": ERRORS}).raise_for_status().json()
        assert (told["fired"], told["says"]) == (1, "it would have fired once in 1 hour")
        assert client.get("/alerts").json()["items"] == []


def test_what_is_wrong_is_refused_with_its_place(alerting: Any) -> None:
    """Searches, columns, figures, matchers, addresses of the own network."""
    with api(alerting, "wrong") as client:
        wrong: list[tuple[str, str, dict[str, Any]]] = [
            ("PUT", "/alert-rules/x", {"rule": {**ERRORS, "query": "servce:"}}),
            ("PUT", "/alert-rules/x", {"rule": {**ERRORS, "group_by": ["nothing"]}}),
            ("PUT", "/alert-rules/x", {"rule": {"condition": {"kind": "threshold", "measure": "cost_usd", "value": 1}}}),
            ("PUT", "/alert-rules/X!", {"rule": ERRORS}),
            ("PUT", "/alert-channels/x", {"kind": "pigeon"}),
            ("PUT", "/alert-channels/x", {"kind": "webhook", "settings": {"url": "file:///etc/passwd"}}),
            ("PUT", "/alert-routing", {"routing": {"route": {"routes": [{"match": ["team"]}]}}}),
            ("POST", "/silences", {"matchers": ["rule=*"], "starts": "2026-01-01T00:00:00Z", "ends": "2026-01-02T00:00:00Z"}),
        ]
        assert [client.request(method, path, json=body).status_code in (400, 422) for method, path, body in wrong] == [True] * len(wrong)
        client.put("/alert-channels/inside", json={"kind": "webhook", "settings": {"url": "http://10.0.0.1/"}}).raise_for_status()
        outcome = client.post("/alert-channels/inside/test").json()
        assert (outcome["delivered"], "alerts.allowed_networks" in outcome["answer"]) == (False, True)
        client.delete("/alert-channels/inside").raise_for_status()


def quiet(client: httpx.Client, names: tuple[str, ...]) -> None:
    """Rules that always fire, each about something else, and tell nobody but the log."""
    for name in names:
        condition = {"kind": "threshold", "measure": "count", "op": ">=", "value": 0}
        client.put(f"/alert-rules/{name}", json={"rule": {"condition": condition, "interval_s": 5}}).raise_for_status()


def test_groups_and_causes_are_listed_page_by_page_in_their_project(alerting: Any, eventually: Callable[..., Any]) -> None:
    """Each once; what is not understood is refused; another project has none of it, and cannot act on it."""
    with api(alerting, "listed") as client, api(alerting, "listed-not") as stranger:
        quiet(client, ("one", "three", "two"))
        eventually(lambda: client.get("/alert-groups").json()["items"], lambda items: len(items) == 3 and all(item["told"] for item in items))
        for path, name in (("/alert-groups", "key"), ("/alert-causes", "cause")):
            seen, cursor = [], None
            while cursor != "end":
                page = client.get(path, params={"limit": 2, **({"cursor": cursor} if cursor else {})}).raise_for_status().json()
                seen += page["items"]
                cursor = page["next_cursor"] or "end"
            assert len({item[name] for item in seen}) == len(seen) == 3
            assert stranger.get(path).json() == {"items": [], "next_cursor": None}
            other = client.get("/alerts", params={"limit": 1}).json()["next_cursor"]
            wrong = [{"limit": 0}, {"limit": "many"}, {"cursor": "nonsense"}, {"cursor": other}]
            assert [client.get(path, params=one).status_code in (400, 422) for one in wrong] == [True] * len(wrong)
        assert {item["labels"]["cause"] for item in client.get("/alert-groups").json()["items"]} == {"rule one", "rule two", "rule three"}
        told = client.get("/alert-causes", params={"cause": "rule two"}).json()["items"]
        assert [(item["cause"], item["count"], item["agents"], item["alerts"][0]["rule"]) for item in told] == [("rule two", 1, 0, "two")]
        assert [item["cause"] for item in client.get("/alert-causes", params={"rule": "one"}).json()["items"]] == ["rule one"]
        assert client.get("/alert-causes", params={"rule": "no-such"}).json()["items"] == []
        assert client.get("/alert-causes", params={"state": "resolved"}).json()["items"] == []
        assert client.get("/alert-causes", params={"state": "burning"}).status_code in (400, 422)


def test_a_cause_is_acted_on_as_a_whole(alerting: Any, eventually: Callable[..., Any]) -> None:
    """Taken, let go, ended; by nobody of another project, and not where there is nothing."""
    with api(alerting, "whole") as client, api(alerting, "whole-not") as stranger:
        quiet(client, ("one",))
        (item,) = eventually(lambda: client.get("/alert-causes").json()["items"])
        ids = [alert["id"] for alert in item["alerts"]]
        cause = {"cause": item["cause"]}
        assert stranger.post("/alert-causes/acknowledge", json=cause | {"owner": "eve"}).status_code == 404
        assert client.post("/alert-causes/release", json=cause | {"who": "ana"}).status_code == 409
        assert client.post("/alert-causes/acknowledge", json=cause | {"owner": ""}).status_code in (400, 422)
        assert client.post("/alert-causes/acknowledge", json=cause | {"owner": "ana"}).raise_for_status().json() == cause | {"alerts": ids}
        assert client.get("/alert-causes").json()["items"][0]["owned"] == 1
        client.post("/alert-causes/release", json=cause | {"who": "ana"}).raise_for_status()
        ended = client.post("/alert-causes/resolve", json=cause | {"who": "ana", "note": "mended"}).raise_for_status().json()
        assert ended["alerts"] == ids
        assert client.post("/alert-causes/resolve", json={"cause": "rule no-such", "who": "ana"}).status_code == 404
        steps = client.get(f"/alerts/{ids[0]}").json()["history"]
        assert [one["step"] for one in steps if one["who"] == "ana"] == ["acknowledged", "released", "resolved"]
