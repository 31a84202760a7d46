"""What snapshots of a large state cost that changes a little each time: bytes on disk in the store after merges, bytes on the wire, time to cut, time to read.

    python -m bench.snapshots --count 40

Each scenario starts a server on an empty directory, sends a state of a megabyte as the SDK does, and then the same state again and again, each time with a
kilobyte of it changed. The store is merged and measured with one snapshot and with all of them: the difference, by their number, is what one costs.
The last part is what the stage costs telemetry that has no snapshots.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from bench.kill9 import settle
from bench.server import Server, server
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.refine.snapshots import Snapshots
from spyglass.store.engine import Engine
from spyglass.testing.rows import events
from spyglass_sdk.typed import Bounds, encode

__all__ = ["main"]

_WORDS: Final = [word for text in (__doc__ or "",) for word in text.split()]
_STATE_BYTES: Final = 1 << 20
_CHANGE_BYTES: Final = 1_000
_BAR_BYTES: Final = 20_000
_DERIVED: Final = ("events", "pieces", "runs", "events_minute", "facets_hour")

State = dict[str, Any]


def _prose(rng: random.Random, size: int) -> str:
    return " ".join(rng.choice(_WORDS) + str(rng.randrange(1000)) for _ in range(size // 8 + 1))[:size]


def _state(rng: random.Random) -> State:
    """Messages, tool results and settings, as agents hold them; a third of it does not compress."""
    messages = [{"role": rng.choice(["user", "assistant", "tool"]), "content": _prose(rng, 600)} for _ in range(900)]
    return {
        "messages": messages,
        "vectors": {str(number): rng.randbytes(64).hex() for number in range(2_600)},
        "notes": {f"note-{n}": _prose(rng, 100) for n in range(900)},
    }


def _appended(state: State, rng: random.Random) -> None:
    state["messages"].append({"role": "assistant", "content": _prose(rng, _CHANGE_BYTES - 40)})


def _replaced(state: State, rng: random.Random) -> None:
    rng.choice(state["messages"])["content"] = _prose(rng, _CHANGE_BYTES)


def _random(state: State, rng: random.Random) -> None:
    state["vectors"][str(rng.randrange(2_600))] = rng.randbytes(_CHANGE_BYTES // 2).hex()


def _scattered(state: State, rng: random.Random) -> None:
    for _ in range(10):
        state["notes"][f"note-{rng.randrange(900)}"] = _prose(rng, _CHANGE_BYTES // 10)


def _first(state: State, rng: random.Random) -> None:
    state["messages"].insert(0, {"role": "system", "content": _prose(rng, _CHANGE_BYTES - 40)})


_SCENARIOS: Final[dict[str, Callable[[State, random.Random], None]]] = {
    "a message of 1 kB more": _appended,
    "1 kB elsewhere replaced by text": _replaced,
    "1 kB replaced by what does not compress": _random,
    "10 times 100 bytes, anywhere": _scattered,
    "1 kB inserted at the front": _first,
}


def _bodies(change: Callable[[State, random.Random], None], count: int) -> Iterator[bytes]:
    rng = random.Random(11)
    state = _state(rng)
    now_ns = time.time_ns() - count * 10**9
    for number in range(count):
        typed = encode(state, Bounds(_STATE_BYTES * 4))
        request = ExportLogsServiceRequest()
        record = request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=now_ns + number * 10**9, event_name="execution.snapshot")
        record.body.string_value = typed.text
        told = {
            "spyglass.execution.id": "bench",
            "gen_ai.agent.name": "planner",
            "spyglass.snapshot.hash": typed.hash,
            "spyglass.execution.step_number": str(number),
        }
        record.attributes.extend(KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in told.items())
        yield request.SerializeToString()
        change(state, rng)


def _send(running: Server, bodies: Iterator[bytes]) -> tuple[list[float], int]:
    """Seconds until each was acknowledged, and bytes sent."""
    times, sent = [], 0
    with httpx.Client(timeout=60, trust_env=False) as client:
        for body in bodies:
            packed = gzip.compress(body, 6)
            sent += len(packed)
            began = time.perf_counter()
            answer = client.post(
                f"{running.url('otlp_http')}/v1/logs", content=packed, headers={"content-type": "application/x-protobuf", "content-encoding": "gzip"}
            )
            times.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.text
    settle(running)
    return times, sent


def _merged_bytes(data_dir: Path) -> dict[str, int]:
    """Bytes on disk by table of a stopped server, merged."""
    engine = Engine.open(f"chdb://{data_dir}/store", data_dir=data_dir)
    try:
        for table in _DERIVED:
            engine.command(f"OPTIMIZE TABLE {table} FINAL")
        return {name: table.size_bytes for name, table in engine.status().tables.items() if name in _DERIVED}
    finally:
        engine.close()


def _scenario(change: Callable[[State, random.Random], None], count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="spyglass-bench-") as folder:
        data_dir = Path(folder)
        bodies = _bodies(change, count)
        with server(data_dir) as running:
            _send(running, iter([next(bodies)]))
        first = _merged_bytes(data_dir)
        with server(data_dir) as running:  # what it remembered is gone: the first of these tells all pieces again
            times, sent = _send(running, bodies)
            began = time.perf_counter()
            answer = httpx.get(f"{running.url()}/api/v1/executions/bench/state", params={"include": "state"}, timeout=60, trust_env=False)
            read_s = time.perf_counter() - began
            assert answer.status_code == 200, answer.text
            assert not answer.json()["problem"], answer.json()["problem"]
        merged = _merged_bytes(data_dir)
    each = {name: (merged[name] - first[name]) / (count - 1) for name in merged}
    return {
        "first_bytes": sum(first.values()),
        "each_bytes": sum(each.values()),
        "by_table": {name: round(size) for name, size in each.items()},
        "wire_bytes": sent / (count - 1),
        "acknowledged_s": statistics.median(times),
        "read_s": read_s,
    }


def _stage_ns() -> float:
    """What the stage costs an event that is no snapshot."""
    stage, batch = Snapshots(), Batch(Kind.EVENT, events(5_000))
    best = min(_timed(lambda: stage(batch)) for _ in range(200))
    return best / len(batch) * 1e9


def _encode_s() -> float:
    state = _state(random.Random(1))
    return min(_timed(lambda: encode(state, Bounds(_STATE_BYTES * 4))) for _ in range(5))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(count: int = 40) -> list[tuple[str, str]]:
    """Rows of the table: what, and what was measured."""
    rows = []
    for name, change in _SCENARIOS.items():
        found = _scenario(change, count)
        parts = ", ".join(f"{table} {size:,}" for table, size in found["by_table"].items() if size)
        told = f"{found['each_bytes']:,.0f} bytes each ({parts}); first {found['first_bytes']:,}; acknowledged in {found['acknowledged_s'] * 1e3:.0f} ms"
        rows.append((f"1 MB state, {name}", f"{told}, read in {found['read_s'] * 1e3:.0f} ms, {found['wire_bytes']:,.0f} bytes sent  (bar {_BAR_BYTES:,})"))
    rows.append(("SDK: 1 MB state to JSON", f"{_encode_s() * 1e3:.0f} ms"))
    rows.append(("the stage, of an event that is no snapshot", f"{_stage_ns():.1f} ns"))
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40, help="snapshots of each scenario")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = main(asked.count)
    print(json.dumps(found) if asked.json else "\n".join(f"{what}: {measured}" for what, measured in found))
