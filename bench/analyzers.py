"""What the analyzers cost: ingest with and without them in one run, the processor time of each for a span, and a minute of ten thousand agents."""

from __future__ import annotations

import statistics
import time

import numpy as np
import pyarrow as pa

from bench.ingest import sustained
from bench.server import server
from bench.workload import spans as bodies
from spyglass.analyze.builtin.aggregation import BUCKET_NS
from spyglass.analyze.kinds import wanted
from spyglass.analyze.loop import Loop
from spyglass.config.spec import Analyzers
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.testing.rows import spans

__all__ = ["main"]

_AGENTS = 10_000
_BATCH = 4_096
_MINUTE_NS = 60 * 10**9
_FIGURES = 8  # of an agent and minute, as the bar counts them


def _ingest(seconds: float, rounds: int) -> tuple[str, str]:
    made = [bodies(512, seed) for seed in range(8)]
    rates: dict[str, list[float]] = {"true": [], "false": []}
    for _ in range(rounds):
        for enabled, told in rates.items():
            with server(ANALYZERS__ENABLED=enabled) as running:
                told.append(sustained(running, made, "traces", "http", seconds)[0])
    on, off = (statistics.median(rates[which]) for which in ("true", "false"))
    return "ingest with all analyzers, beside without any", f"{on:,.0f} and {off:,.0f} spans/s: {1 - on / off:.0%} less  (bar 20 %)"


def _batches(count: int, begin_ns: int) -> list[Batch]:
    """Spans of ten thousand agents, as they would arrive within some minutes."""
    rng = np.random.default_rng(1)
    made = []
    for number in range(count):
        at = begin_ns + number * BUCKET_NS // 2
        agents = [f"agent-{agent}" for agent in rng.integers(_AGENTS, size=_BATCH)]
        ids = [rng.bytes(8) for _ in range(_BATCH)]
        made.append(Batch(Kind.SPAN, spans(_BATCH, at_ns=at, received=at + 10**9, agent=agents, span_id=ids)))
    return made


def _costs(count: int = 60) -> list[tuple[str, str]]:
    """Each analyzer's own time, as the loop counts it."""
    found = wanted(Analyzers())
    loop = Loop(found.stages, found.settings, workers=1, share=1.0)
    begin_ns = time.time_ns() // _MINUTE_NS * _MINUTE_NS
    took: list[float] = []
    for batch in _batches(count, begin_ns):
        began = time.perf_counter()
        loop.observe([batch], int(batch.rows["received"][0].value))
        took.append(time.perf_counter() - began)
    rows = count * _BATCH
    out = [(f"analyzer {name}", f"{member.status.seconds / rows * 1e6:.2f} µs a span") for name, member in loop.members.items()]
    total = sum(member.status.seconds for member in loop.members.values())
    out.append(
        (
            "all that see what passes, one core",
            f"{rows / total:,.0f} spans/s; a batch of {_BATCH}: median {np.median(took) * 1e3:.0f} ms, p99 {np.quantile(took, 0.99) * 1e3:.0f}",
        )
    )
    loop.close()
    return out


def _minute(minutes: int = 5) -> tuple[str, str]:
    """Every agent has calls in each minute; what a minute's figures cost, and what is remembered of them."""
    found = wanted(Analyzers())
    loop = Loop(found.stages, found.settings, workers=1, share=1.0)
    begin_ns = time.time_ns() // _MINUTE_NS * _MINUTE_NS
    agents = [f"agent-{number}" for number in range(_AGENTS)]
    member = loop.members["anomaly"]
    for minute in range(minutes):
        at = begin_ns + minute * _MINUTE_NS
        loop.observe([Batch(Kind.SPAN, spans(_AGENTS, at_ns=at, received=at + 10**9, agent=agents, kind="llm", duration_ns=10**8))], at + 10**9)
    loop.observe([], begin_ns + (minutes + 1) * _MINUTE_NS)
    kept = {name: _size(state) for (name, _), state in loop.save().items()}
    loop.close()
    per_value = member.status.seconds / (minutes * _AGENTS * _FIGURES)
    size = f"{sum(kept.values()) / 2**20:.0f} MB remembered by all, {kept['anomaly'] / 2**20:.0f} by anomaly  (bar 200)"
    return "10,000 agents, a minute of each", f"{1 / per_value:,.0f} values/s judged by anomaly  (bar 150,000); {size}"


def _size(state: object) -> int:
    return sum(table.nbytes for table in state.values() if isinstance(table, pa.Table)) if isinstance(state, dict) else 0


def main(seconds: float = 10.0, rounds: int = 3) -> list[tuple[str, str]]:
    """Rows of the table: what, measured."""
    return [_ingest(seconds, rounds), *_costs(), _minute()]


if __name__ == "__main__":
    for what, measured in main():
        print(f"{what:48} {measured}")
