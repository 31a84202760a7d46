"""Loops and next steps on real runs of agents (tau-bench, Yao et al. 2024, arXiv:2406.12045): what is told of them as they are, and of what is planted in them.

Runs in, as spans; a row of figures for each question out. Planted are loops of one to four calls, each call with a fresh id, and, in ways that a chain of
steps makes, steps that never came there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from spyglass.analyze.builtin.flow import Flow
from spyglass.analyze.builtin.flow import Settings as FlowSettings
from spyglass.analyze.builtin.loops import Loops
from spyglass.analyze.builtin.loops import Settings as LoopSettings
from spyglass.analyze.builtin.steps import STEPS, taken
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import Analyzer, Frame
from spyglass.testing.rows import BASE_NS, spans

Call = tuple[str, str, str]  # tool, arguments, result
_EVERY_S = 2.0  # runs begin one after the other; a call a hundredth of a second after the one before


def found(analyzer: Analyzer, runs: Sequence[Sequence[Call]]) -> list[Finding]:
    """What is told of these runs."""
    calls = [(number, place, call) for number, run in enumerate(runs) for place, call in enumerate(run)]
    told: list[Finding] = []
    for first in range(0, len(calls), 2_000):
        part = calls[first : first + 2_000]
        at = [BASE_NS + int((number * _EVERY_S + place * 0.01) * 1e9) for number, place, _ in part]
        told += _findings(analyzer, part, at)
    return told + [one for one in analyzer.settle(BASE_NS + 10**6 * 10**9) if isinstance(one, Finding)]


def _findings(analyzer: Analyzer, part: Sequence[tuple[int, int, Call]], at: list[int]) -> Iterator[Finding]:
    said: dict[str, Any] = {
        "tool": [call[0] for _, _, call in part],
        "input": [call[1] for _, _, call in part],
        "output": [call[2] for _, _, call in part],
        "trace_id": [(number + 1).to_bytes(16) for number, _, _ in part],
        "span_id": [(number * 10_000 + place + 1).to_bytes(8) for number, place, _ in part],
    }
    rows = spans(len(part), kind="tool", status="ok", status_message="", duration_ns=10**6, received=at, start=at, input_messages=[[]] * len(part), **said)
    for one in (*analyzer.observe(Frame(STEPS, taken(rows))), *analyzer.settle(at[-1])):
        if isinstance(one, Finding):
            yield one


def real_runs(folder: Path) -> list[list[Call]]:
    """The calls of each run, with their results."""
    runs = []
    for line in (folder / "gpt-4o-airline.jsonl").read_text().splitlines():
        messages = json.loads(line)["traj"]
        results = {one.get("tool_call_id"): str(one.get("content")) for one in messages if one["role"] == "tool"}
        asked = [call for one in messages for call in one.get("tool_calls") or ()]
        runs.append([(call["function"]["name"], call["function"]["arguments"], results.get(call["id"], "")) for call in asked])
    return [run for run in runs if run]


def with_loop(run: Sequence[Call], random: np.random.Generator) -> list[Call]:
    """One to four of its calls, four to eight times, each with an id of its own."""
    period = int(random.integers(1, min(4, len(run)) + 1))
    place = int(random.integers(0, len(run) - period + 1))
    rounds = int(random.integers(4, 9))
    looped = [
        (tool, f'{{"request_id": "{random.integers(2**40)}", "asked": {arguments}}}', result)
        for tool, arguments, result in list(run[place : place + period]) * rounds
    ]
    return [*run[: place + period], *looped, *run[place + period :]]


def chain(random: np.random.Generator, runs: int) -> list[list[Call]]:
    """Runs of a known chain: from each of twelve tools one of three others, or the end."""
    following = [np.asarray(random.permutation(12)[:3]) for _ in range(12)]
    made = []
    for _ in range(runs):
        at, run = 0, list[Call]()
        while not run or random.random() < 0.8:
            run.append((f"tool-{at}", f"{random.integers(2**40)}", "ok"))
            at = int(random.choice(following[at], p=[0.6, 0.3, 0.1]))
        made.append(run)
    return made


def main(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    random = np.random.default_rng(1)
    runs = real_runs(folder)
    told = {one.subject["run"] for one in found(Loops(LoopSettings()), runs)}
    yield f"loops, {len(runs)} runs as they are", f"told of {len(told)}", ""
    planted = [with_loop(run, random) for run in runs for _ in range(3)]
    told = {one.subject["run"] for one in found(Loops(LoopSettings()), planted)}
    yield f"loops, {len(planted)} runs with one planted", f"told of {len(told) / len(planted):.1%}", "99%"
    quiet, seen, steps = (sum(one) for one in zip(*(_steps(random) for _ in range(3)), strict=True))
    yield "next steps, 3 chains of 3,000 runs", f"{quiet} told where nothing is new, {seen} of {steps} new ones found", ""


def _steps(random: np.random.Generator) -> tuple[int, int, int]:
    """Findings where nothing is new; new steps that were found; new steps."""
    usual = chain(random, 3_000)
    strange = [*usual[:2_000], *([*run, ("tool-99", f"{at}", "ok")] for at, run in enumerate(usual[2_000:2_012]))]
    told = {one.subject["after"] for one in found(Flow(FlowSettings()), strange) if one.subject["tool"] == "tool-99"}
    return len(found(Flow(FlowSettings()), usual)), len(told), len({run[-1][0] for run in usual[2_000:2_012]})
