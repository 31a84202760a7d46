"""Model calls of a watched program, read from its TLS connections: told once, in traces that stay readable."""

from __future__ import annotations

import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.flow.conftest import Client
from tests.flow.test_watch import ended, possible, watch, watching

ANSWER = {
    "object": "chat.completion",
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Sunny."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 40, "completion_tokens": 3, "total_tokens": 43},
}
AGENT = """
import http.client, json, os, ssl, sys, time, urllib.request
port, calls, otlp, project = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
if otlp == "wait": sys.stdin.readline()
spans = []
for number in range(calls):
    begin = time.time_ns()
    connection = http.client.HTTPSConnection("localhost", port, context=ssl._create_unverified_context())
    asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"How is the weather, {number}?"}]}
    connection.request("POST", "/v1/chat/completions", json.dumps(asked), {"content-type": "application/json", "authorization": "Bearer sk-hush"})
    json.loads(connection.getresponse().read())
    connection.close()
    told = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini"}
    counts = {"gen_ai.usage.input_tokens": 40, "gen_ai.usage.output_tokens": 3}
    attributes = [{"key": key, "value": {"stringValue": value}} for key, value in told.items()]
    attributes += [{"key": key, "value": {"intValue": value}} for key, value in counts.items()]
    ids = {"traceId": os.urandom(16).hex(), "spanId": os.urandom(8).hex(), "name": "chat gpt-4o-mini", "attributes": attributes}
    spans.append({**ids, "startTimeUnixNano": str(begin), "endTimeUnixNano": str(time.time_ns())})
if otlp.startswith("http"):
    own = [pair.split("=") for pair in os.environ["OTEL_RESOURCE_ATTRIBUTES"].split(",")] + [["service.name", "instrumented"]]
    resource = {"attributes": [{"key": key, "value": {"stringValue": value}} for key, value in own]}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "own"}, "spans": spans}]}]}
    headers = {"content-type": "application/json", "x-spyglass-project": project}
    urllib.request.urlopen(urllib.request.Request(otlp + "/v1/traces", json.dumps(body).encode(), headers)).read()
"""


class Model(http.server.BaseHTTPRequestHandler):
    """Answers with a chat completion of an id of its own."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"id": f"chatcmpl-{os.urandom(6).hex()}", **ANSWER}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an HTTPS server of a model."""
    folder = tmp_path_factory.mktemp("tls")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*made, "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")], check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def figures(client: Client) -> tuple[int, int, int]:
    """Calls and tokens of the project."""
    told = client.told("/summary")
    return told["model_calls"], told["input_tokens"], told["output_tokens"]


@pytest.mark.parametrize("instrumented", [False, True])
def test_calls_on_the_wire_count_once(client: Client, model: int, eventually: Callable[..., Any], instrumented: bool) -> None:
    """Whether the agent tells them itself, without the answers' ids, or not."""
    possible("full")
    otlp = client.server.endpoint if instrumented else "no"
    ran = watch(client, "--name", "agent", "--", sys.executable, "-c", AGENT, str(model), "3", otlp, client.project)
    assert ran.returncode == 0, ran.stderr
    assert "3 model calls" in ran.stderr
    spans = 4 + (3 if instrumented else 0)  # its run, the calls on the wire, its own
    eventually(lambda: (client.told("/summary")["spans"], figures(client)), lambda found: found == (spans, (3, 120, 9)))
    told = {row["span_name"] for row in client.sql("SELECT name AS span_name FROM spans")}
    assert told == {"invoke_agent agent", "chat gpt-4o-mini"}
    everything = client.sql("SELECT attributes, resource_attributes FROM spans")
    assert "sk-hush" not in json.dumps(everything)


def test_an_attached_agent_has_traces_of_a_bounded_size(client: Client, model: int, tmp_path: Path, eventually: Callable[..., Any]) -> None:
    """Each below a span of the agent."""
    possible("full")
    (tmp_path / "spyglass.yaml").write_text("watch: {max_trace_calls: 2}")
    with (
        subprocess.Popen([sys.executable, "-c", AGENT, str(model), "5", "wait", ""], stdin=subprocess.PIPE, text=True) as agent,
        watching(client, "--pid", str(agent.pid), "--config", str(tmp_path / "spyglass.yaml")) as begun,
    ):
        agent.communicate("go\n", timeout=60)
        assert agent.returncode == 0
        eventually(lambda: figures(client), lambda found: found == (5, 200, 15))
        ended(begun)
    traces = eventually(lambda: client.items("/traces"), lambda items: len(items) == 3 and not any(item["pending"] for item in items))
    assert sorted(trace["model_calls"] for trace in traces) == [1, 2, 2]
    assert all(trace["name"].startswith("invoke_agent") for trace in traces)


def test_on_a_whole_machine_each_agent_has_a_trace(client: Client, model: int, eventually: Callable[..., Any]) -> None:
    """By the outermost process that makes calls: one that it starts is its sub-agent."""
    possible("full")
    agent = [sys.executable, "-c", AGENT, str(model), "1", "no", ""]
    below = f"import subprocess; exec({AGENT!r}); subprocess.run({agent!r}, check=True)"

    def ours(since: int) -> list[str]:
        calls = f"kind = 'llm' AND attributes['server.port'] = '{model}' AND start >= fromUnixTimestamp64Nano({since})"
        return [row["trace"] for row in client.sql(f"SELECT hex(trace_id) AS trace FROM spans WHERE {calls}")]

    with watching(client, "--host", "--no-files", "--no-network", "--no-stdio") as begun:
        while not ours(since=0):  # the library that a program is the first to use is found while it runs already
            subprocess.run(agent, check=True, timeout=60)
        since = time.time_ns()
        subprocess.run(["sh", "-c", 'for n in 1 2; do "$@"; done', "sh", *agent], check=True, timeout=60)
        subprocess.run([sys.executable, "-c", below, *agent[3:]], check=True, timeout=60)
        traces = eventually(lambda: ours(since), lambda found: len(found) == 4)
        ended(begun)
    assert sorted(traces.count(trace) for trace in set(traces)) == [1, 1, 2]
