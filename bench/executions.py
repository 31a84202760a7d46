"""How quickly executions are listed and looked at, over the API: 300,000 that ended, 10,000 agents whose runs beat, 1,000 runs with spans.

Medians, and the CPU time of the server, merges in the background included.

python bench/executions.py [--past N] [--beating N] [--beats N] [--running N]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa

from bench.server import Server, server
from spyglass.model.clock import SystemClock
from spyglass.store.calls import calls_of_spans, lean_rows
from spyglass.store.engine import Engine
from spyglass.store.migrate import migrate
from spyglass.store.rows import span_rows
from spyglass.testing.rows import events, spans

_HOUR_NS = 3600 * 10**9
_BLOCK = 50_000
_TOGETHER = 12  # beats of all that are inserted at once: two minutes of them; what they come to is the same
_SPANS = 24  # of a running execution's trace


def fill(folder: Path, past: int, beating: int, beats: int, running: int) -> tuple[str, str]:
    """Give the ids of a run that beats and of one with spans."""
    engine = Engine.open(f"chdb://{folder}/store", data_dir=folder)
    now = time.time_ns()
    rng = np.random.default_rng(1)
    try:
        migrate(engine, SystemClock())
        began = np.sort(now - rng.integers(0, 23 * _HOUR_NS, past))
        for low in range(0, past, _BLOCK // 2):
            at = began[low : low + _BLOCK // 2]
            _tell(engine, f"past-{low}", [f"past-{low + i}" for i in range(len(at))], at, now, ("start", 0), ("end", 60 * 10**9))
        agents = [f"beat-{i}" for i in range(beating)]
        for low in range(0, beating, _BLOCK):
            _tell(engine, f"begin-{low}", agents[low : low + _BLOCK], np.full(len(agents[low : low + _BLOCK]), now - _HOUR_NS), now, ("start", 0))
        for low in range(0, beats, _TOGETHER):
            told = range(low, min(beats, low + _TOGETHER))
            at = np.concatenate([now - (beats - beat) * 10 * 10**9 + rng.integers(0, 10**9, beating) for beat in told])
            _tell(engine, f"beat-{low}", agents * len(told), at, now, ("heartbeat", 0))
        span = _run(engine, running, now)
        _end_days(engine)
    finally:
        engine.close()
    return agents[0], span


def _end_days(engine: Engine) -> None:
    """Merge what the store itself would have, ten minutes after the day was over: sql/ddl/0010_agents_merges.sql."""
    known = engine.read("SELECT DISTINCT partition AS day, toYYYYMMDD(now('UTC')) AS today FROM system.parts WHERE active AND table = 'agents_hour'")
    for day in (one["day"] for one in known.to_pylist() if int(one["day"]) < one["today"]):
        engine.command(f"OPTIMIZE TABLE agents_hour PARTITION {day} FINAL")


def _tell(engine: Engine, token: str, runs: list[str], at: Any, now: int, *told: tuple[str, int]) -> None:
    n = len(runs)
    base = events(1, at_ns=now)
    rows = {name: base[name].take(pa.array(np.zeros(n * len(told), np.int64))) for name in base.column_names}
    times = np.concatenate([at + shift for _, shift in told])
    ids = np.random.default_rng(int.from_bytes(token.encode(), "little") % 2**32).bytes(16 * n * len(told))
    rows["event_id"] = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), n * len(told), [None, pa.py_buffer(ids)])
    rows["time"] = pa.array(times).cast(base.schema.field("time").type)
    rows["received"] = pa.array(times + 10**7).cast(base.schema.field("received").type)
    rows["event_name"] = pa.array([f"execution.{name}" for name, _ in told for _ in runs])
    rows["execution_id"] = pa.array(runs * len(told))
    rows["agent"] = pa.array([f"agent-{zlib.crc32(run.encode()) % 10_000}" for run in runs] * len(told))
    rows["trace_id"] = pa.repeat(pa.scalar(bytes(16), pa.binary(16)), n * len(told))
    rows["span_id"] = pa.repeat(pa.scalar(bytes(8), pa.binary(8)), n * len(told))
    engine.insert("events", pa.table(rows, schema=base.schema), token=token)


def _run(engine: Engine, running: int, now: int) -> str:
    """Runs with spans: an agent that has not ended, and below it what has."""
    n = running * _SPANS
    ids = [i.to_bytes(8) for i in range(1, n + 1)]
    top = [at % _SPANS == 0 for at in range(n)]
    told = {
        "trace_id": pa.array([(at // _SPANS + 1).to_bytes(16) for at in range(n)], pa.binary(16)),
        "span_id": pa.array(ids, pa.binary(8)),
        "parent_span_id": pa.array([bytes(8) if top[at] else ids[at - at % _SPANS] for at in range(n)], pa.binary(8)),
        "kind": pa.array(["agent" if top[at] else "tool" if at % 3 == 0 else "llm" for at in range(n)]),
        "pending": pa.array(top),
        "agent": pa.array([f"agent-{at // _SPANS % 10_000}" for at in range(n)]),
    }
    one = spans(_SPANS, at_ns=now - _HOUR_NS, input_messages=[[]] * _SPANS, output_messages=[[]] * _SPANS)
    many = one.take(pa.array(np.tile(np.arange(_SPANS), running)))  # each run has the texts and figures of the first
    rows = pa.table({name: told.get(name, many[name]) for name in many.column_names}).cast(many.schema)
    lean, payloads = span_rows(rows)
    engine.insert("payloads", payloads, token="running-p")
    engine.insert("spans", lean, token="running")
    engine.insert("tellings", calls_of_spans(lean_rows(lean), now_ns=1, replace=False), token="running-c")
    return f"{(1).to_bytes(16).hex()}-{ids[0].hex()}"


def main(past: int = 300_000, beating: int = 10_000, beats: int = 60, running: int = 1_000) -> list[tuple[str, str]]:
    """One row for each question."""
    with tempfile.TemporaryDirectory(prefix="spyglass-bench-") as name:
        folder = Path(name)
        began = time.perf_counter()
        beat, span = fill(folder, past, beating, beats, running)
        took = time.perf_counter() - began
        asked: dict[str, tuple[str, dict[str, Any]]] = {
            "latest 50 of all": ("/executions", {"limit": 50}),
            "what is going on, 50": ("/executions", {"limit": 50, "status": ["created", "running", "waiting", "stalled"]}),
            "what is going on, 200": ("/executions", {"limit": 200, "status": ["created", "running", "waiting", "stalled"]}),
            "of one agent": ("/executions", {"limit": 50, "agent": "agent-17"}),
            "failed": ("/executions", {"limit": 50, "status": "failed"}),
            "one, of events": (f"/executions/{beat}", {}),
            "one, with spans": (f"/executions/{span}", {}),
            "its steps": (f"/executions/{span}/steps", {}),
        }
        with server(folder) as one, httpx.Client(base_url=f"{one.url()}/api/v1", timeout=60) as client:
            one.wait_for_rest()
            return [("executions: records inserted in", f"{took:.0f} s"), *((f"executions: {what}", _asked(one, client, *how)) for what, how in asked.items())]


def _asked(one: Server, client: httpx.Client, path: str, parameters: dict[str, Any], times: int = 15) -> str:
    took: list[float] = []
    used_s = one.cpu_s()
    for _ in range(times):
        began = time.perf_counter()
        answer = client.get(path, params=parameters)
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.text
    used_s = (one.cpu_s() - used_s) / times
    found = len(answer.json().get("items", [1]))
    return f"{1000 * statistics.median(took):.0f} ms, best {1000 * min(took):.0f} ms, {1000 * used_s:.0f} ms of CPU ({found} found)"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for option, usual in (("past", 300_000), ("beating", 10_000), ("beats", 60), ("running", 1_000)):
        parser.add_argument(f"--{option}", type=int, default=usual)
    given = parser.parse_args()
    for what, measured in main(given.past, given.beating, given.beats, given.running):
        print(f"{what:45} {measured}")
