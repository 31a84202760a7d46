"""A trace beside what was seen on the machine, over the API and in the terminal."""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from tests.flow.conftest import SECOND_NS, Client, attributes, records, span, spans

BEGIN_NS = time.time_ns() - 60 * SECOND_NS
TRACE = secrets.token_bytes(16)
HOST = {"host.id": "h1"}
WATCH: dict[str, object] = {**HOST, "spyglass.watch.id": "w1", "spyglass.runner": "system"}


def seen(name: str, at_s: float, pid: int, ppid: int = 40, **told: Any) -> LogRecord:
    """An event of a watch whose root is process 40."""
    own = {"process.pid": pid, "process.parent_pid": ppid, "spyglass.root_pid": 40, **{key.replace("__", "."): value for key, value in told.items()}}
    return LogRecord(time_unix_nano=BEGIN_NS + int(at_s * SECOND_NS), event_name=name, attributes=attributes(own))


@pytest.fixture(scope="module")
def watched(server: Any, http: Any, channel: Any, eventually: Callable[..., Any]) -> Client:
    """An agent that runs a command, writes a file that it does not tell of, and claims a command that never ran."""
    client = Client(server, f"evidence-{secrets.token_hex(4)}", http, channel)

    def own(at_s: float, number: int, duration_s: float, **told: Any) -> Any:
        return span(
            str(number),
            trace=TRACE,
            number=number,
            under=number > 1,
            start_ns=BEGIN_NS + int(at_s * SECOND_NS),
            duration_ns=int(duration_s * SECOND_NS),
            **told,
        )

    tool: dict[str, object] = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "shell"}
    sent = spans(
        own(0, 1, 20, gen_ai__operation__name="invoke_agent", gen_ai__agent__name="planner"),
        own(2, 2, 2, **tool, gen_ai__tool__call__arguments=json.dumps({"command": "rm -f a.txt"})),
        own(8, 3, 2, **tool, gen_ai__tool__call__arguments=json.dumps({"command": "make deploy"})),
    )
    sent.resource_spans[0].resource.attributes.extend(attributes({**HOST, "process.pid": 40}))
    told = records(
        seen("process.exec", -1, 40, 1, process__command_args=["agent"], process__executable__path="/bin/agent"),
        seen("process.exec", 2.5, 41, process__command_args=["rm", "-f", "a.txt"], process__executable__path="/bin/rm"),
        seen("file.delete", 2.6, 41, file__path="/w/a.txt"),
        seen("process.exit", 2.7, 41, process__exit__code=1),
        seen("file.write", 12, 40, 1, file__path="/etc/profile", file__written_bytes=9),
        seen("process.exit", 30, 40, 1, process__exit__code=0),
    )
    told.resource_logs[0].resource.attributes.extend(attributes(WATCH))
    client.post(sent)
    client.post(told)
    eventually(lambda: client.told("/series/events")["items"], lambda items: sum(item["count"] for item in items) == 6)
    eventually(lambda: client.get(f"/traces/{TRACE.hex()}").status_code, lambda status: status == 200)
    return client


def test_what_was_seen_stands_beside_the_span_that_caused_it(watched: Client) -> None:
    """With how sure that is and why; what nobody told of, and what nobody saw."""
    found = watched.told(f"/traces/{TRACE.hex()}/evidence")
    assert [(one["command_args"], one["exit_code"]) for one in found["processes"]] == [
        (["agent"], None),
        (["rm", "-f", "a.txt"], 1),
    ]  # the agent ended long after the trace
    shell, deploy = f"{2:016x}", f"{3:016x}"
    links = {one["what"]: one["link"] for one in found["actions"]}
    assert links["rm -f a.txt"] == {"span_id": shell, "confidence": 0.97, "reason": "the tool was told to run exactly this"}
    assert links["/w/a.txt"]["span_id"] == shell
    assert [one["what"] for one in found["actions"] if one["unexplained"]] == ["/etc/profile"]
    assert [one["span_id"] for one in found["unsupported"]] == [deploy]
    [caused] = [one for one in found["spans"] if one["span_id"] == shell]
    assert [one["path"] for one in caused["files"]] == ["/w/a.txt"]
    assert caused["processes"] == [found["processes"][1]["id"]]
    assert (found["unexplained"], found["truncated"], [one["watch"] for one in found["watches"]]) == (1, False, ["w1"])


def test_counts_are_those_of_the_lists(watched: Client) -> None:
    """Without the lists."""
    whole, counts = (watched.told(f"/traces/{TRACE.hex()}/evidence{path}") for path in ("", "/counts"))
    listed = ("watches", "processes", "actions", "calls", "unsupported")
    assert {name: counts[name] for name in listed} == {name: len(whole[name]) for name in listed}
    assert {name: counts[name] for name in ("unexplained", "truncated", "trace_id")} == {name: whole[name] for name in ("unexplained", "truncated", "trace_id")}
    assert counts["untold"] == sum(call["link"] is None for call in whole["calls"])
    assert counts["watches"] == 1
    assert watched.get(f"/traces/{secrets.token_hex(16)}/evidence/counts").status_code == 404


def test_an_execution_has_its_processes(watched: Client) -> None:
    """Those of the spans below it."""
    found = watched.told(f"/executions/{TRACE.hex()}-{1:016x}/processes")["items"]
    assert [one["command_args"] for one in found] == [["rm", "-f", "a.txt"]]
    assert watched.get(f"/executions/{TRACE.hex()}-{2:016x}/processes").status_code == 404


def test_a_trace_that_nobody_watched_has_none(watched: Client, trace: bytes, eventually: Callable[..., Any]) -> None:
    """What was seen hours later says nothing of it."""
    watched.post(spans(span(trace=trace, number=1, start_ns=BEGIN_NS - 9_000 * SECOND_NS)))
    eventually(lambda: watched.get(f"/traces/{trace.hex()}").status_code, lambda status: status == 200)
    found = watched.told(f"/traces/{trace.hex()}/evidence")
    assert [found[name] for name in ("watches", "processes", "actions", "unsupported")] == [[]] * 4
    assert set(watched.told(f"/traces/{trace.hex()}/evidence/counts").values()) == {trace.hex(), 0}
    assert watched.get(f"/traces/{secrets.token_hex(16)}/evidence").status_code == 404


def test_the_terminal_shows_it(forks: Any, watched: Client, tmp_path: Path) -> None:
    """In 80 columns; a trace without evidence ends with code 4."""

    def shown(trace: str) -> subprocess.CompletedProcess[str]:
        command = ["evidence", trace, "--url", watched.server.url, "--project", watched.project]
        done: subprocess.CompletedProcess[str] = forks.run(command, env={"COLUMNS": "80"}, cwd=tmp_path)
        return done

    ran = shown(TRACE.hex())
    assert ran.returncode == 0, ran.stderr
    assert "rm -f a.txt ✗ exit 1" in ran.stdout
    assert "Nothing in the trace accounts for" in ran.stdout
    assert "delete /w/a.txt" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80
    assert shown(secrets.token_hex(16)).returncode == 4


def test_a_span_has_what_it_caused(watched: Client) -> None:
    """Processes, files and hosts; nothing where it caused nothing."""
    shell, deploy = f"{2:016x}", f"{3:016x}"
    found = watched.told(f"/traces/{TRACE.hex()}/spans/{shell}/evidence")
    assert ([one["command_args"] for one in found["processes"]], found["watches"]) == ([["rm", "-f", "a.txt"]], 1)
    assert [(one["path"], one["did"]) for one in found["files"]] == [("/w/a.txt", ["delete"])]
    found = watched.told(f"/traces/{TRACE.hex()}/spans/{deploy}/evidence")
    assert (found["processes"], found["files"], found["hosts"], found["watches"]) == ([], [], [], 1)


def test_what_another_trace_of_the_process_tells_is_not_held_against_this_one(watched: Client, eventually: Callable[..., Any]) -> None:
    """An agent at work on two requests at once, and a command that a tool of the second was told to run."""
    one, two = secrets.token_bytes(16), secrets.token_bytes(16)
    start = BEGIN_NS - 20_000 * SECOND_NS
    arguments = json.dumps({"command": "git pull"})
    told: dict[str, object] = {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "shell", "gen_ai__tool__call__arguments": arguments}
    sent = spans(
        span("one", trace=one, number=1, start_ns=start, duration_ns=20 * SECOND_NS, gen_ai__operation__name="invoke_agent"),
        span("two", trace=two, number=1, start_ns=start, duration_ns=20 * SECOND_NS, gen_ai__operation__name="invoke_agent"),
        span("shell", trace=two, number=2, under=True, start_ns=start + 5 * SECOND_NS, duration_ns=SECOND_NS, **told),
    )
    sent.resource_spans[0].resource.attributes.extend(attributes({**HOST, "process.pid": 60}))
    ran = seen("process.exec", -19_994.5, 61, 60, process__command_args=["git", "pull"], spyglass__root_pid=60)
    seen_by = records(ran)
    seen_by.resource_logs[0].resource.attributes.extend(attributes({**WATCH, "spyglass.watch.id": "w2"}))
    watched.post(sent)
    watched.post(seen_by)
    for trace in (one, two):
        eventually(lambda trace=trace: watched.get(f"/traces/{trace.hex()}/evidence"), lambda answer: answer.status_code == 200 and answer.json()["actions"])
    [action] = watched.told(f"/traces/{two.hex()}/evidence")["actions"]
    assert action["link"]["span_id"] == f"{2:016x}"
    [action] = watched.told(f"/traces/{one.hex()}/evidence")["actions"]
    assert (action["link"], action["unexplained"]) == (None, False)
