"""How long a finding takes to reach people: a server, a webhook of our own, findings at random moments. And what many rules cost.

    python -m bench.alerts [--findings N] [--rules N]

A call of a tool with an injection is sent as OTLP; the time counts from sending, through the analyzer that finds it, until the webhook has been posted. Each
is an alert of its own group, so that nothing waits for others. Then N rules over spans are evaluated every five seconds for half a minute: CPU time of the
server against the same time before.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bench.server import Server, server

__all__ = ["main"]

_LATEST_S = 60.0
_REST_S = 30.0
_INJECTED = json.dumps({"id": "1' OR '1'='1' UNION SELECT password FROM users --"})


class _Hook:
    """Takes webhooks, and knows when each alert arrived first."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self.posts = 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["content-length"])))
                hook.posts += 1
                for alert in told["alerts"]:
                    hook.arrived.setdefault(alert["labels"].get("agent", ""), time.monotonic())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on the screen."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


def _attack(agent: str) -> bytes:
    request, now = ExportTraceServiceRequest(), time.time_ns()
    told = {"gen_ai.agent.name": agent, "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "query", "gen_ai.tool.call.arguments": _INJECTED}
    call = Span(trace_id=now.to_bytes(16), span_id=b"12345678", name="query", start_time_unix_nano=now - 10**8, end_time_unix_nano=now)
    call.attributes.extend(KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in told.items())
    request.resource_spans.add().scope_spans.add().spans.append(call)
    return request.SerializeToString()


def _delivered(running: Server, client: httpx.Client, count: int) -> tuple[str, str]:
    hook = _Hook()
    client.put("/alert-channels/hook", json={"kind": "webhook", "settings": {"url": hook.url, "secret": "x"}}).raise_for_status()
    client.put("/alert-rules/found", json={"rule": {"condition": {"kind": "finding"}}}).raise_for_status()
    client.put("/alert-routing", json={"routing": {"route": {"channels": ["hook"], "group_by": ["..."]}}}).raise_for_status()
    rng, sent = random.Random(1), {}
    for number in range(count):
        agent = f"agent-{number}"
        sent[agent] = time.monotonic()
        kind = {"content-type": "application/x-protobuf"}
        answer = httpx.post(f"{running.url('otlp_http')}/v1/traces", content=_attack(agent), headers=kind, trust_env=False)
        answer.raise_for_status()
        time.sleep(rng.uniform(0.05, 0.6))
    deadline = time.monotonic() + _LATEST_S
    while len(hook.arrived) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    hook.http.shutdown()
    took = sorted(hook.arrived[agent] - sent[agent] for agent in hook.arrived)
    if not took:
        return "finding to delivered", "nothing arrived"
    p95 = took[int(0.95 * (len(took) - 1))]
    lost = f"; {count - len(took)} did not arrive" if len(took) < count else ""
    again = f"; {hook.posts - len(took)} came twice" if hook.posts > len(took) else ""
    return "finding to delivered", f"median {statistics.median(took):.2f} s, 95 % {p95:.2f} s, longest {took[-1]:.2f} s of {count}{lost}{again}  (bar 5 s)"


def _cost(running: Server, client: httpx.Client, rules: int) -> tuple[str, str]:
    shares = []
    for made in (0, rules):
        for number in range(made):
            condition = {"kind": "threshold", "measure": "error_rate", "value": 0.5}
            body = {"rule": {"condition": condition, "interval_s": 5, "query": f"service:shop-{number}", "group_by": ["agent"]}}
            client.put(f"/alert-rules/r{number}", json=body).raise_for_status()
        cpu, began = running.cpu_s(), time.monotonic()
        time.sleep(_REST_S)
        shares.append((running.cpu_s() - cpu) / (time.monotonic() - began))
    took = [item["took_ms"] for item in client.get("/alert-rules").json()["items"] if item["took_ms"]]
    one = f"median {statistics.median(took):.1f} ms an evaluation" if took else "none was evaluated"
    return f"{rules} rules, every 5 s, small store", f"{shares[0]:.1%} of a core at rest, {shares[1]:.1%} with them; {one}"


def main(findings: int = 60, rules: int = 50) -> list[tuple[str, str]]:
    """What is measured, and how it came out."""
    settings = {"ALERTS__ALLOWED_NETWORKS": "127.0.0.0/8", "RUNNERS__DEFAULTS": "false"}
    with server(**settings) as running, httpx.Client(base_url=f"{running.url()}/api/v1", timeout=60, trust_env=False) as client:
        return [_delivered(running, client, findings), _cost(running, client, rules)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--findings", type=int, default=60)
    parser.add_argument("--rules", type=int, default=50)
    asked = parser.parse_args()
    for what, measured in main(asked.findings, asked.rules):
        print(f"{what}: {measured}")
