"""Analyzers go on where they were, and what they find is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from tests.flow.conftest import chat, spans


def seen_rows(running: Any) -> int:
    """Rows that `aggregation` has seen since the server started."""
    items = httpx.get(f"{running.url}/api/v1/analyzers", trust_env=False, verify=False).json()["items"]
    return int(next(one["rows"] for one in items if one["name"] == "aggregation"))


def send(running: Any, count: int) -> None:
    """A trace with so many model calls."""
    now_ns = time.time_ns()
    body = spans(*(chat(trace=now_ns.to_bytes(16, "big"), number=number + 1, start_ns=now_ns - 10**9) for number in range(count)))
    headers = {"content-type": "application/x-protobuf"}
    httpx.post(f"{running.endpoint}/v1/traces", content=body.SerializeToString(), headers=headers, trust_env=False, verify=False).raise_for_status()


def test_what_arrived_before_a_crash_is_seen_after_it(run_server: Any, tmp_path: Path, eventually: Callable[..., Any]) -> None:
    """What was seen and saved is not seen again; what was not saved is."""
    with run_server(tmp_path) as first:
        send(first, 3)
        eventually(lambda: seen_rows(first) >= 3)
    with run_server(tmp_path) as second:
        send(second, 5)
        eventually(lambda: seen_rows(second) >= 5)
        second.process.kill()
        second.process.wait()
    with run_server(tmp_path) as third:
        assert eventually(lambda: seen_rows(third) >= 5 and seen_rows(third)) == 5


def test_settings_change_while_it_runs(server: Any) -> None:
    """What does not fit is refused, and says where; the others stay."""
    with httpx.Client(base_url=f"{server.url}/api/v1/analyzers", trust_env=False, verify=False) as api:
        before = api.put("/anomaly", json={}).json()
        wrong = api.put("/anomaly", json={"settings": {"false_alarms_a_day": -1}})
        assert wrong.status_code in (400, 422)
        assert "settings.false_alarms_a_day" in wrong.json()["detail"]
        assert api.put("/anomaly", json={"settings": {"false_alarms_a_day": 2}}).json()["values"]["false_alarms_a_day"] == 2
        assert api.put("/anomaly", json={"running": False}).json()["suspended"] == "somebody let it rest"
        after = api.put("/anomaly", json={"running": True, "settings": before["values"]}).json()
        assert (after["running"], after["values"], after["origin"]) == (True, before["values"], "built-in")
        assert api.put("/nobody", json={"running": True}).status_code == 404


CROWDED = """
from pydantic import BaseModel
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import AnalyzerKind

class Settings(BaseModel):
    most: int = 2

class Crowded:
    def __init__(self, settings): self.most = settings.most
    def look(self, ask, since_ns, now_ns):
        sql = "SELECT project, trace_id, count() AS n FROM spans WHERE received > fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') GROUP BY project, trace_id"
        for row in ask(sql, {"since_ns": since_ns}).to_pylist():
            if row["n"] > self.most:
                yield Finding("crowded", "1.0.0", "crowded.trace", row["project"], now_ns, f"a trace of {row['n']} spans")

analyzer = AnalyzerKind(name="crowded", version="1.0.0", description="Large traces.", reads=frozenset(), settings=Settings, make=Crowded, every_s=0.2)
"""


def judged_twice(url: str, fingerprint: str) -> None:
    """A verdict is kept with who said so, a rule without a threshold says that nothing follows, and all of it can be forgotten; once."""
    with httpx.Client(base_url=f"{url}/api/v1/findings/{fingerprint}", trust_env=False, verify=False) as api:
        said = api.post("/verdict", json={"verdict": "noise", "who": "ann", "note": "a test"}).json()
        assert {**said["verdict"], "at": ""} == {"verdict": "noise", "who": "ann", "note": "a test", "at": "", "factor": 0.1, "heeded": False}
        assert [step["action"] for step in said["history"]] == ["noise"]
        assert api.post("/verdict", json={"verdict": "none", "who": "bob"}).json()["verdict"] is None
        assert api.post("/verdict", json={"verdict": "none", "who": "bob"}).status_code == 409


def test_an_analyzer_of_ones_own_looks_at_the_store(run_server: Any, tmp_path: Path, eventually: Callable[..., Any]) -> None:
    """What it finds is a finding like any other; one that cannot be used is told, and the rest runs."""
    (tmp_path / "crowded.py").write_text(CROWDED)
    (tmp_path / "half.py").write_text("analyzer = 3")
    with run_server(tmp_path, ANALYZERS__PLUGINS_DIR=str(tmp_path)) as running:
        send(running, 4)

        def found() -> Any:
            return httpx.get(f"{running.url}/api/v1/findings", trust_env=False, verify=False).json()["items"]

        assert "a trace of 4 spans" in {one["title"] for one in eventually(found)}
        judged_twice(running.url, found()[0]["fingerprint"])
        told = httpx.get(f"{running.url}/api/v1/analyzers", trust_env=False, verify=False).json()
        assert [(one["name"], one["every_s"]) for one in told["items"] if one["origin"] == str(tmp_path / "crowded.py")] == [("crowded", 0.2)]
        assert [(one["origin"], "expected a AnalyzerKind" in one["problem"]) for one in told["broken"]] == [(str(tmp_path / "half.py"), True)]
