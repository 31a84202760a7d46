"""False alarms of `anomaly` where nothing is wrong: ten thousand agents of five kinds of noise, minute by minute, findings counted against the budget.

Agents differ in size by orders of magnitude. Their calls are Poisson, or come in bunches; times are lognormal, of heavy tail (Student's t with four degrees
of their logarithms), or of two modes; failures are rare; tokens and costs follow their own laws. The first hours, in which nothing is known, do not count.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.builtin.aggregation import BUCKETS
from spyglass.analyze.builtin.anomaly import Anomaly, Settings
from spyglass.analyze.builtin.figures import FIGURES
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import Frame

Floats = npt.NDArray[np.float64]
AGENTS, BUDGET, LEARNS_MINUTES, MINUTES = 10_000, 20.0, 180, 900
MINUTE_NS = 60 * 10**9
LAWS = 5


class Noise:
    """Sums of every minute, of all agents."""

    def __init__(self, agents: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        random, self._agents = self._random, agents
        self._law = np.arange(agents) % LAWS
        self._calls = np.exp(random.normal(1.5, 1.2, agents))
        self._fails = random.beta(1, 60, agents)
        self._time = np.exp(random.normal(0, 1, agents))
        self._spread = random.uniform(0.2, 0.9, agents)
        self._tokens = np.exp(random.normal(5, 1, agents))
        names = pa.array([f"agent-{number}" for number in range(agents)])
        same = {name: pa.array([text] * agents) for name, text in (("project", "p"), ("kind", "llm"), ("model", "m"), ("tool", ""), ("agent_version", ""))}
        zeros = {"slowest_trace": pa.array([bytes(16)] * agents, pa.binary(16)), "slowest_span": pa.array([bytes(8)] * agents, pa.binary(8))}
        self._same = {**same, "agent": names, **zeros, "slowest_ns": pa.array(np.zeros(agents, np.int64))}

    def minute(self, number: int) -> pa.Table:
        """One row for each agent that called."""
        random, law = self._random, self._law
        rate = np.where(law == 3, self._calls * random.gamma(4, 0.25, self._agents), self._calls)
        calls = random.poisson(rate)
        errors = random.binomial(calls, self._fails)
        each = self._spread / np.sqrt(np.maximum(calls, 1))
        noise = np.where(law == 1, random.standard_t(4, self._agents), random.normal(size=self._agents))
        noise = np.where(law == 2, noise * 0.5 + np.where(random.random(self._agents) < 0.3, 2.0, 0.0), noise)
        mean_ns = np.minimum(1e9 * self._time * np.exp(each * noise), 1e14)
        tokens = self._tokens * random.gamma(8, 1 / 8, self._agents)
        figures = {
            "calls": calls,
            "errors": errors,
            "duration_ns": calls * mean_ns,
            "duration_ms2": calls * 0,
            "input_tokens": calls * tokens * 4,
            "output_tokens": calls * tokens,
            "cost_nano_usd": calls * tokens * np.exp(0.1 * random.normal(size=self._agents)) * 1e4,
            "first_chunk_us": calls * mean_ns / 4e3 * np.exp(0.2 * random.normal(size=self._agents)),
            "first_chunks": calls,
        }
        bucket = pa.array(np.full(self._agents, number * MINUTE_NS))
        table = pa.table(self._same | {"bucket_ns": bucket} | {name: pa.array(np.round(values).astype(np.int64)) for name, values in figures.items()})
        return table.filter(pa.array(calls > 0))


def count(agents: int = AGENTS, budget: float = BUDGET, minutes: int = MINUTES, seed: int = 1) -> Counter[str]:
    """Findings by rule, after the first hours."""
    analyzer, noise = Anomaly(Settings(false_alarms_a_day=budget)), Noise(agents, seed)
    found: Counter[str] = Counter()
    for minute in range(LEARNS_MINUTES + minutes):
        list(analyzer.observe(Frame(BUCKETS, noise.minute(minute))))
        told = [one for one in analyzer.settle((minute + 1) * MINUTE_NS) if isinstance(one, Finding)]
        if minute >= LEARNS_MINUTES:
            found.update(one.rule for one in told)
    return found


def main(_: Path | None = None) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    began = time.perf_counter()
    found = count()
    meant = BUDGET * MINUTES / 1_440
    for figure in FIGURES:
        for channel in ("point", "shift"):
            number = found[f"{figure.name}_{channel}"]
            yield f"{figure.name}, {channel}", f"{number} where {meant:.1f} are meant: x{number / meant:.2f}", ""
    whole = sum(number for rule, number in found.items() if not rule.endswith("_shared")) / (2 * len(FIGURES) * meant)
    shared = sum(number for rule, number in found.items() if rule.endswith("_shared"))
    yield f"all, {AGENTS:,} agents, {MINUTES} minutes, {time.perf_counter() - began:.0f} s", f"x{whole:.2f}; {shared} shared", "x0.5 to x2"
