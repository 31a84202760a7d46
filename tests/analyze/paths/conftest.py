"""Spans as the store gives them for critical paths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa

SECOND_NS = 10**9
NUMBERS = {"id": pa.uint64(), "parent": pa.uint64(), "version": pa.uint64(), "asked": pa.uint64(), "start": pa.int64(), "duration_ns": pa.uint64()}
TEXTS = ("project", "trace_id", "span_id", "kind", "agent", "model", "tool", "operation")
SCHEMA = pa.schema([*NUMBERS.items(), *((name, pa.string()) for name in TEXTS), ("failed", pa.bool_()), ("cost_usd", pa.float64()), ("received", pa.int64())])
Told = dict[str, Any]


def span(number: int, begin_s: float, lasts_s: float, *, under: int = 0, trace: int = 1, **told: Any) -> Told:
    """A span of a trace; `under`: the number of its parent."""
    ids = {"id": trace * 1_000 + number, "parent": trace * 1_000 + under if under else 0, "trace_id": f"{trace:032x}", "span_id": f"{number:016x}"}
    plain: Told = {"kind": "tool", "agent": "", "model": "", "tool": "", "operation": "", "failed": False, "cost_usd": 0.0, "asked": 1, "version": 1}
    start, length = round(begin_s * SECOND_NS), round(lasts_s * SECOND_NS)
    return ids | plain | {"start": start, "duration_ns": length, "project": "p", "received": start + length} | told


def table(told: Iterable[Told]) -> pa.Table:
    """As one table."""
    return pa.Table.from_pylist(list(told), SCHEMA)


def runs(seed: int, count: int, searching: float, *, first: int = 1, at_s: float = 0.0, agent: str = "planner") -> list[Told]:
    """Runs of about ten seconds, one after the other; `searching` is about the share of one that is spent in the tool search, the rest in a model."""
    random, made = np.random.default_rng(seed), list[Told]()
    for trace in range(first, first + count):
        takes, share = 10 * float(np.exp(random.normal(0, 0.5))), float(np.clip(random.normal(searching, 0.1), 0.01, 0.95))
        begin = at_s + 60.0 * (trace - first)
        made += [
            span(1, begin, takes, trace=trace, kind="agent", agent=agent),
            span(2, begin, takes * share, trace=trace, under=1, tool="search"),
            span(3, begin + takes * share, takes * (0.98 - share), trace=trace, under=1, kind="llm", model="gpt"),
        ]
    return made
