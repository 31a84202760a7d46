"""Health of ten thousand agents: how long the API takes to judge them, on a store with their windows of eight days and a day of their runs.

The server keeps an answer for five seconds; each question here waits until that is over, so that all of it is read and judged anew.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa

from bench.server import server
from spyglass.model.clock import SystemClock
from spyglass.store.engine import Engine
from spyglass.store.figures import BUCKETS, DAY_S, HOUR_S, SLOT_S, Figures
from spyglass.store.migrate import migrate

__all__ = ["main"]

_AGENTS = 10_000
_RUNS = 1_000_000  # of one day
_PARTS = 4  # in which they are inserted
_STALLED = 50
_FRESH_S = 5.2


def _windows(rng: np.random.Generator, width_s: int, begin_s: int) -> pa.Table:
    """A row of each agent: some runs, a few failures, most of a second."""
    n, runs = _AGENTS, rng.poisson(10 * width_s / HOUR_S, _AGENTS)
    places = np.clip(rng.normal(22, 2, (n, 10)).astype(int), 0, BUCKETS - 1)
    counts = np.zeros((n, BUCKETS), np.uint64)
    for column in places.T:
        counts[np.arange(n), column] += np.uint64(1)
    lengths = places.max(axis=1) + 1
    ends = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    durations = pa.ListArray.from_arrays(pa.array(ends), pa.array(counts[np.arange(BUCKETS) < lengths[:, None]]))
    return pa.table(
        {
            "project": pa.array(["default"] * n),
            "width_s": pa.array(np.full(n, width_s, np.uint32)),
            "begin": pa.array(np.full(n, begin_s)).cast(pa.timestamp("s", tz="UTC")),
            "agent": pa.array([f"agent-{number}" for number in range(n)]),
            "version": pa.array(np.full(n, time.time_ns(), np.uint64)),
            "runs": pa.array(runs.astype(np.uint64)),
            "failed_runs": pa.array(rng.binomial(runs, 0.02).astype(np.uint64)),
            "run_ns": pa.array((runs * 10**9).astype(np.uint64)),
            "durations": durations,
            "calls": pa.array((runs * 8).astype(np.uint64)),
            "failed_calls": pa.array(rng.binomial(runs * 8, 0.03).astype(np.uint64)),
            "input_tokens": pa.array((runs * 9000).astype(np.uint64)),
            "output_tokens": pa.array((runs * 900).astype(np.uint64)),
            "cost_usd": pa.array(runs * 0.01),
        }
    )


def _runs(rng: np.random.Generator, count: int, now_ns: int) -> pa.Table:
    """Runs of the last day, all ended but for `_STALLED` of a million, which have stalled."""
    received = now_ns - rng.integers(0, DAY_S * 10**9, count)
    open_ = np.arange(count) < _STALLED * count // _RUNS
    stalled = np.where(open_, received, 0)
    texts = [pa.array([text] * count) for text in ("succeeded", "", "", "")]
    at_ns = pa.array(np.where(open_, 2**63 - 1, received))
    ended = pa.StructArray.from_arrays([at_ns, *texts], ["at_ns", "outcome", "error_type", "message", "output"])
    return pa.table(
        {
            "project": pa.array(["default"] * count),
            "id": pa.array([f"{one:016x}" for one in rng.integers(0, 2**63, count).tolist()]),
            "received": pa.array(received).cast(pa.timestamp("ns", tz="UTC")),
            "heard_ns": pa.array(received),
            "begin": pa.array((received - 10**9).astype(np.uint64)),
            "ended": ended,
            "stalled": pa.StructArray.from_arrays([pa.array(stalled), pa.array(stalled)], ["heard_ns", "at_ns"]),
            "agent": pa.array([f"agent-{number}" for number in rng.integers(0, _AGENTS, count)]),
        }
    )


def _fill(folder: Path) -> None:
    rng, now_s = np.random.default_rng(1), int(time.time())
    engine = Engine.open(f"chdb://{folder}/store", data_dir=folder)
    try:
        migrate(engine, SystemClock())
        widths = {SLOT_S: 9, HOUR_S: 26, DAY_S: 9}
        for width_s, count in widths.items():
            whole = [_windows(rng, width_s, (now_s // width_s - number) * width_s) for number in range(count)]
            engine.insert("agent_figures", pa.concat_tables(whole), token=f"{width_s}")
        for number in range(_PARTS):
            engine.insert("runs", _runs(rng, _RUNS // _PARTS, time.time_ns()), token=f"runs-{number}")
        began = time.perf_counter()
        Figures(engine, SystemClock()).keep(now=True)
        print(f"counted the last hour of them once, after a start: {time.perf_counter() - began:.1f} s")
    finally:
        engine.close()


def main(runs: int = 5) -> list[tuple[str, str]]:
    """Rows of the table: what, measured."""
    out = []
    with tempfile.TemporaryDirectory(prefix="spyglass-bench-") as fresh:
        _fill(Path(fresh))
        with server(Path(fresh)) as running, httpx.Client(base_url=running.url(), timeout=60) as client:
            running.wait_for_rest(120, look_s=5)  # the first look after a start
            for what, path, asked in (
                ("health of agents, worst 200", "/api/v1/health/agents", {}),
                ("health of agents, critical ones", "/api/v1/health/agents", {"state": "critical"}),
                ("health of the system", "/api/v1/observability/health", {}),
                ("figures for Prometheus, 200 agents", "/api/v1/observability/metrics", {"format": "prometheus"}),
            ):
                took: list[float] = []
                again: list[float] = []
                for _ in range(runs):
                    time.sleep(_FRESH_S)
                    for times in (took, again):
                        begin = time.perf_counter()
                        client.get(path, params=asked).raise_for_status()
                        times.append((time.perf_counter() - begin) * 1e3)
                told = f"median {statistics.median(took):.0f} ms (bar 200), best {min(took):.0f}, worst {max(took):.0f}"
                out.append((f"{what}, {_AGENTS:,} agents", f"{told}; asked again at once {statistics.median(again):.0f}"))
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    for what, measured in main(parser.parse_args().runs):
        print(f"{what:55} {measured}")
