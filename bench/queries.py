"""What people ask, on ten million spans of seven days: medians over the API of a real server, the client's time included."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.server import server, stored_bytes
from bench.workload import spans
from spyglass.app.build import refinery
from spyglass.decode.decoder import Decoder
from spyglass.model.body import Body
from spyglass.model.clock import SystemClock
from spyglass.refine.dialect import Dialects
from spyglass.refine.price import Pricer
from spyglass.refine.redact import Redactor
from spyglass.store.calls import calls_of_spans, lean_rows
from spyglass.store.engine import Engine
from spyglass.store.migrate import migrate
from spyglass.store.rows import message_rows, span_rows

__all__ = ["fill", "main"]

_DAYS = 7
_DAY_NS = 86_400 * 10**9
_BLOCK = 40_960  # rows of one insert


def fill(folder: Path, count: int) -> list[str]:
    """Insert `count` spans of the last seven days; gives the ids of a few traces."""
    refine = refinery(Dialects.load(), Redactor(), Pricer()).refine
    bodies = [Body("traces", "protobuf", spans(512, seed).stamp(seed, time.time_ns())) for seed in range(_BLOCK // 512)]
    batch = refine(Decoder().decode("traces", bodies, time.time_ns()).batch).batch
    assert batch is not None
    assert batch.messages is not None
    engine = Engine.open(f"chdb://{folder}/store", data_dir=folder)
    try:
        migrate(engine, SystemClock())
        begin = time.time_ns() - _DAYS * _DAY_NS
        blocks = count // _BLOCK
        with ThreadPoolExecutor(2) as pool:
            span = _DAYS * _DAY_NS // blocks
            return list(pool.map(lambda block: _insert(engine, batch.rows, batch.messages, block, begin + block * span), range(blocks)))
    finally:
        engine.close()


def _insert(engine: Engine, rows: pa.Table, messages: pa.Table, block: int, begin_ns: int) -> str:
    """One block with trace ids and times of its own."""
    step = _DAYS * _DAY_NS // 10**7
    starts = pa.array(begin_ns + np.arange(rows.num_rows, dtype=np.int64) * step).cast(pa.timestamp("ns", tz="UTC"))
    rows = _set(rows, trace_id=_moved(rows["trace_id"], block), session_id=_named(rows["session_id"], block), start=starts, received=starts)
    lean, payloads = span_rows(rows)
    token = f"fill-{block}"
    engine.insert("spans", lean, token=token)
    if payloads.num_rows:
        engine.insert("payloads", payloads, token=token)
    engine.insert("tellings", calls_of_spans(lean_rows(lean), now_ns=begin_ns, replace=False), token=token)
    told = _set(messages, trace_id=_moved(messages["trace_id"], block), hash=_moved(messages["hash"], block))
    told = _set(told, session_id=_named(told["session_id"], block), scope=_named(told["scope"], block))
    when = starts.slice(0, told.num_rows) if told.num_rows <= len(starts) else pa.array(np.full(told.num_rows, begin_ns)).cast(pa.timestamp("ns", tz="UTC"))
    engine.insert("messages", message_rows(_set(told, start=when, received=when)), token=token)
    return str(lean["trace_id"][100].as_py().hex())


def _named(column: pa.ChunkedArray, block: int) -> pa.ChunkedArray:
    """Texts that are others in each block; empty ones stay empty."""
    return pc.if_else(pc.equal(column, ""), column, pc.binary_join_element_wise(column, str(block), "-"))


def _moved(column: pa.ChunkedArray, block: int) -> pa.Array:
    """16-byte ids that are others in each block and agree within it."""
    array = pa.concat_arrays(column.chunks)
    data = np.frombuffer(array.buffers()[1], np.uint8)[array.offset * 16 : (array.offset + len(array)) * 16].reshape(-1, 16).copy()
    data[:, :8] ^= np.frombuffer(np.random.default_rng(block).bytes(8), np.uint8)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(data), [None, pa.py_buffer(data.tobytes())])


def _set(table: pa.Table, **columns: pa.Array) -> pa.Table:
    for name, values in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, values)
    return table


def _asked() -> list[tuple[str, str, dict[str, Any], float]]:
    """What, path, parameters, bar in ms."""
    return [
        ("list, 24 h, model and status", "/api/v1/traces", {"query": "model:gpt-4o status:error"}, 200),
        ("list, 7 d, kind and agent", "/api/v1/traces", {"query": "kind:tool agent:agent-3", "from": "-7d"}, 200),
        ("list, 7 d, attribute and error", "/api/v1/traces", {"query": "attr.app.tenant:tenant-7 status:error", "from": "-7d"}, 200),
        ("spans, 7 d, tool and duration", "/api/v1/spans", {"query": "tool:search duration>3s", "from": "-7d"}, 200),
        ("list, 7 d, slowest of two filters", "/api/v1/traces", {"query": "model:gpt-5 status:error", "from": "-7d", "sort": "duration"}, 200),
        ("text search, two words, 24 h", "/api/v1/traces", {"query": "refund invoice"}, 300),
        ("text search, two words, 7 d", "/api/v1/traces", {"query": "refund invoice", "from": "-7d"}, 300),
        ("facets, 24 h", "/api/v1/facets", {}, 100),
        ("facets, 7 d", "/api/v1/facets", {"from": "-7d"}, 100),
        ("p50 p95 p99 by model and minute, 24 h", "/api/v1/series/spans", {"query": "kind:llm", "bucket_s": 60, "group_by": "model"}, 300),
        ("one trace by id", "/api/v1/traces/{trace}", {}, 50),
        ("messages of one trace", "/api/v1/traces/{trace}/messages", {}, 0),
        ("summary, 24 h", "/api/v1/summary", {}, 0),
        ("agents, 24 h", "/api/v1/agents", {}, 0),
        ("sessions, 24 h", "/api/v1/sessions", {}, 0),
    ]


def main(count: int = 10_000_000, folder: Path | None = None, runs: int = 21) -> list[tuple[str, str]]:
    """Rows of the table: what, measured."""
    with tempfile.TemporaryDirectory(prefix="spyglass-bench-") as fresh:
        place = folder or Path(fresh)
        listed = place / "traces.txt"
        begin = time.perf_counter()
        if listed.exists():
            traces = listed.read_text().split()
        else:
            traces = fill(place, count)
            listed.write_text("\n".join(traces))
        out = [("filled", f"{count:,} spans in {time.perf_counter() - begin:.0f} s")]
        with server(place) as running:
            out.append(("ready, on the filled store", f"{running.ready_s:.1f} s, {running.memory_mb():.0f} MB resident"))
            with httpx.Client(base_url=running.url(), timeout=120) as client:
                for what, path, parameters, bar in _asked():
                    took = []
                    for trace in (traces * runs)[: runs * 37 : 37]:  # each time another one: the server remembers trees
                        begin = time.perf_counter()
                        answer = client.get(path.format(trace=trace), params=parameters)
                        took.append((time.perf_counter() - begin) * 1e3)
                        if answer.is_error:
                            break
                    wanted = f" (bar {bar:.0f})" if bar else ""
                    first, later = took[0], took[1:] or took
                    told = f"median {statistics.median(later):.0f} ms{wanted}, best {min(later):.0f}, the first {first:.0f}"
                    out.append((what, told if answer.is_success else f"refused: {answer.json()['detail']}"))
                size = client.post("/api/v1/sql", json={"sql": "SELECT count() AS n FROM spans"}).json()["items"][0]["n"]
        tables = stored_bytes(place)
        told = ", ".join(f"{name} {size_bytes / size:.0f}" for name, size_bytes in sorted(tables.items(), key=lambda item: -item[1])[:4])
        out.append(("on disk", f"{sum(tables.values()) / size:.0f} bytes a span ({size:,} spans): {told}"))
        return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spans", type=int, default=10_000_000)
    parser.add_argument("--dir", type=Path)
    asked = parser.parse_args()
    for what, measured in main(asked.spans, asked.dir):
        print(f"{what:45} {measured}")
