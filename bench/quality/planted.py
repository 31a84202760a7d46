"""Faults planted in a fleet of sixty agents with skewed costs, seven hours of spans through the analyzers: what was found of each, and what else was told.

Runs begin at random times, each agent at its own rate; what a run costs is lognormal, with a deviation of one of its logarithm: some cost ten times the usual.
Ten agents make a single call now and then, about one a minute. Faults come in the last two hours, one after the other; the same fleet without them says how
much is told of nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from spyglass.analyze.builtin import aggregation, anomaly, calls, performance, progress
from spyglass.analyze.graph import stages
from spyglass.analyze.loop import Loop
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding
from spyglass.model.schema import Kind
from spyglass.testing.rows import BASE_NS, spans

__all__ = ["FAULTS", "Fleet", "found", "main"]

AGENTS: Final = 60
MINUTES: Final = 7 * 60
_MINUTE_NS: Final = 60 * 10**9
_BEGIN_NS: Final = BASE_NS // (3_600 * 10**9) * 3_600 * 10**9
_SINGLE: Final = 10  # agents that make one call a run
_MODELS: Final = ("m-0", "m-1", "m-2")
_KINDS: Final = (calls, aggregation, anomaly, performance, progress)
_BUSY, _SILENT, _BURNING, _SLOW = 3, 5, 30, "m-2"  # agents; a model
FAULTS: Final = {
    "six times its calls": (300, 330),
    "falls silent": (320, MINUTES),
    "one run spends hundreds of times the usual": (345, 355),
    "a model takes three times as long": (370, MINUTES),
}
"""Minutes in which they are."""


class Fleet:
    """Spans, minute by minute."""

    def __init__(self, seed: int, faults: bool, agents: int = AGENTS) -> None:
        self._random, self._faults, self._agents = np.random.default_rng(seed), faults, agents
        single = np.arange(agents) < _SINGLE
        self._rate = np.where(single, 1.0, np.exp(self._random.normal(-1.0, 0.6, agents)))  # runs a minute
        self._longest = np.where(single, 1, self._random.integers(4, 9, agents))
        self._price = np.exp(self._random.normal(-6, 1, agents))  # USD a call
        self._rows = spans(1, status="ok", status_message="", pending=False, input_messages=[[]], finish_reasons=[("stop",)], agent_version="1")
        self._names = np.array([f"agent-{number:02}" for number in range(agents)])
        self._count = 0

    def _is(self, fault: str, minute: int) -> bool:
        begin, end = FAULTS[fault]
        return self._faults and begin <= minute < end

    def minute(self, minute: int) -> Batch:
        """The spans that arrive in it."""
        random, rate = self._random, self._rate.copy()
        rate[_BUSY] *= 6 if self._is("six times its calls", minute) else 1
        rate[_SILENT] *= 0 if self._is("falls silent", minute) else 1
        who = np.repeat(np.arange(self._agents), random.poisson(rate))
        steps = 1 + random.binomial(self._longest[who] - 1, 0.6)
        scale = np.exp(random.normal(0, 1, len(who)))  # of what a run costs
        if minute == FAULTS["one run spends hundreds of times the usual"][0] and self._faults:
            who, steps, scale = np.append(who, _BURNING), np.append(steps, 60), np.append(scale, 40.0)
        run, place = np.repeat(np.arange(len(who)), steps), np.concatenate([np.arange(0), *(np.arange(count) for count in steps)])
        return self._batch(minute, who[run], run, place, scale[run])

    def _batch(self, minute: int, agent: np.ndarray, run: np.ndarray, place: np.ndarray, scale: np.ndarray) -> Batch:
        random, count = self._random, len(agent)
        model = place % 2 == 0
        of_slow = model & (agent % len(_MODELS) == _MODELS.index(_SLOW))
        lasted = np.exp(random.normal(0, 0.5, count)) * np.where(of_slow & self._is("a model takes three times as long", minute), 3, 1)
        at = np.sort(random.integers(0, 6, count)) * 10**10 + np.arange(count) + minute * _MINUTE_NS + _BEGIN_NS  # as exporters send: every ten seconds
        self._count += count
        ids = range(self._count - count + 1, self._count + 1)
        told = {
            "received": at,
            "start": at - (lasted * 1e9).astype(np.int64),
            "duration_ns": (lasted * 1e9).astype(np.uint64),
            "agent": self._names[agent],
            "kind": np.where(model, "llm", "tool"),
            "model": np.where(model, np.array(_MODELS)[agent % len(_MODELS)], ""),
            "request_model": np.where(model, np.array(_MODELS)[agent % len(_MODELS)], ""),
            "tool": np.where(model, "", "search"),
            "input": [f'{{"q": {number}}}' for number in ids],
            "trace_id": [(minute * 10_000 + number + 1).to_bytes(16) for number in run.tolist()],
            "span_id": [number.to_bytes(8) for number in ids],
            "cost_usd": np.where(model, self._price[agent] * scale * np.exp(random.normal(0, 0.5, count)), 0.0),
            "input_tokens": np.full(count, 1_000),
            "output_tokens": random.poisson(200, count) + 1,
            "time_to_first_chunk_s": lasted / 4,
        }
        rows = self._rows.take(pa.array(np.zeros(count, np.int64)))
        for name, values in told.items():
            field = rows.schema.field(name)
            rows = rows.set_column(rows.schema.get_field_index(name), field, pa.array(values).cast(field.type))
        return Batch(Kind.SPAN, rows)


def found(seed: int, faults: bool, minutes: int = MINUTES) -> list[tuple[float, Finding]]:
    """Each with the minute in which it was told."""
    kinds = [one.analyzer for one in _KINDS]
    settings = {kind.name: kind.settings() for kind in kinds}
    loop, fleet, told = Loop(stages(kinds), settings, workers=1, share=1e9), Fleet(seed, faults), list[tuple[float, Finding]]()
    for minute in range(minutes):
        batch = fleet.minute(minute)
        for batches, at in (([batch], 59.0), ([], 60.5)):
            told += [(minute + at / 60, one) for one in loop.observe(batches, _BEGIN_NS + minute * _MINUTE_NS + round(at * 1e9))]
    loop.close()
    return told


def _tells(fault: str, one: Finding) -> bool:
    """Whether a finding is of the fault."""
    agent, whole = one.subject.get("agent"), f"{one.subject} {one.cause} {one.title}"
    if fault == "a model takes three times as long":
        uses = {f"agent-{number:02}" for number in range(_MODELS.index(_SLOW), AGENTS, len(_MODELS))}
        return (_SLOW in whole or agent in uses) and one.rule.startswith(("duration", "first_token", "per_token", "run_slow"))
    number, rules = {
        "six times its calls": (_BUSY, ("calls_",)),
        "falls silent": (_SILENT, ("calls_",)),
        "one run spends hundreds of times the usual": (_BURNING, ("overspent", "cost_", "calls_", "duration_")),
    }[fault]
    return agent == f"agent-{number:02}" and one.rule.startswith(rules)


def main(_: Path | None = None) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    with_faults, without = found(1, True), found(2, False)
    for fault, (begin, end) in FAULTS.items():
        told = [(at, one) for at, one in with_faults if begin <= at < end + 30 and _tells(fault, one)]
        at, first = told[0] if told else (0.0, None)
        yield fault, f"{first.rule} after {at - begin:.0f} min: {first.title}" if first else "missed", "found"
    false = Counter(one.rule for _, one in without)
    meant = MINUTES / 1_440
    yield f"nothing, {MINUTES // 60} h", f"{sum(false.values())} told: {dict(false)}", f"{meant:.1f} a rule with a budget"


if __name__ == "__main__":
    for row in main():
        print(*row, sep=" | ")
