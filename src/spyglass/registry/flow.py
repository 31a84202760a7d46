"""Workflows: spans of a trace in, the steps of a run and what follows what out; many runs in, one graph out. Pure functions.

A step is the nearest thing below the run that its framework tells of: an agent, a tool, a node, a model call. What is only plumbing, or has no kind, is
looked through, and so is an agent that only wraps the whole run under the same name (ADK). A step follows another one when that had ended before it began, and
no third one lies between them (the transitive reduction of the interval order: Fishburn, "Interval Orders and Interval Graphs", 1985); so parallel steps fork
and join.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np

__all__ = ["MOST_STEPS", "Graph", "GraphStep", "State", "Step", "followed", "graph_of", "steps_of"]

State = Literal["pending", "running", "succeeded", "failed", "skipped"]
MOST_STEPS: Final = 500  # of one run
_STEPS: Final = frozenset("agent chain tool workflow llm embedding retriever reranker guardrail evaluator memory".split())
_DEEPEST: Final = 200

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of one run."""

    id: str  # what it is called: steps of the same name are the same step of the workflow
    kind: str
    state: State
    span_id: bytes = b""  # empty: it did not run
    start_ns: int = 0
    duration_ns: int = 0
    error_type: str = ""
    message: str = ""

    @property
    def end_ns(self) -> int:
        """When the next one may begin; never, while it runs."""
        return 2**62 if self.state == "running" else max(self.start_ns + self.duration_ns, self.start_ns + 1)


@dataclass(slots=True)
class GraphStep:
    """A step of a workflow over many runs."""

    id: str
    kind: str = ""
    runs: int = 0  # in which it ran
    count: int = 0  # how often
    errors: int = 0
    running: int = 0
    first: int = 0  # runs that began with it
    last: int = 0  # runs that ended with it
    durations_ns: list[int] = field(default_factory=list)

    def quantile_ns(self, share: float) -> float | None:
        """Of its durations; None: none ended."""
        return float(np.quantile(self.durations_ns, share)) if self.durations_ns else None


@dataclass(frozen=True, slots=True)
class Graph:
    """Steps in the order in which they mostly begin, and how often one followed another."""

    steps: list[GraphStep]
    edges: dict[tuple[str, str], int]


def steps_of(rows: Sequence[Row], head: bytes) -> list[Step]:
    """The steps of the run whose span is `head`, in order of their start; at most `MOST_STEPS`.

    Args:
        rows: spans of its trace: columns of sql/workflows/spans.sql.
        head: span id.
    """
    below: dict[bytes, list[Row]] = defaultdict(list)
    for row in rows:
        below[row["parent_span_id"]].append(row)
    label = next((row["label"] for row in rows if row["span_id"] == head), "")
    found: list[Row] = []
    level, seen = [head], {head}
    for _ in range(_DEEPEST):
        following: list[bytes] = []
        for row in (row for parent in level for row in below[parent] if row["span_id"] not in seen):
            seen.add(row["span_id"])
            if _is_step(row) and not (row["kind"] == "agent" and row["label"] == label and len(below[row["parent_span_id"]]) == 1):
                found.append(row)
            else:
                following.append(row["span_id"])
        if not following:
            break
        level = following
    return [_step(row) for row in sorted(found, key=lambda row: (row["start_ns"], row["span_id"]))[:MOST_STEPS]]


def followed(steps: Sequence[Step]) -> list[tuple[int, int]]:
    """Pairs of places: the second step follows the first."""
    starts = np.array([step.start_ns for step in steps], np.int64)
    ends = np.array([step.end_ns for step in steps], np.int64)
    pairs: list[tuple[int, int]] = []
    for place, step in enumerate(steps):
        before = np.flatnonzero(ends <= step.start_ns)
        if len(before):
            pairs += [(int(one), place) for one in before[ends[before] > starts[before].max()]]
    return pairs


def graph_of(runs: Iterable[Sequence[Step]]) -> Graph:
    """All runs as one graph."""
    steps: dict[str, GraphStep] = {}
    edges: Counter[tuple[str, str]] = Counter()
    positions: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        pairs = followed(run)
        edges.update({(run[before].id, run[after].id) for before, after in pairs})
        late, early = {after for _, after in pairs}, {before for before, _ in pairs}
        for place, step in enumerate(run):
            one = steps.setdefault(step.id, GraphStep(step.id, step.kind))
            one.count += 1
            one.errors += step.state == "failed"
            one.running += step.state == "running"
            if step.state != "running":
                one.durations_ns.append(step.duration_ns)
            positions[step.id].append(place / len(run))
        for ids, what in (([step.id for step in run], "runs"), *_ends(run, late, early)):
            for name in set(ids):
                setattr(steps[name], what, getattr(steps[name], what) + 1)
    ordered = sorted(steps.values(), key=lambda step: (min(positions[step.id]), step.id))
    return Graph(ordered, dict(sorted(edges.items(), key=lambda edge: (-edge[1], edge[0]))))


def _ends(run: Sequence[Step], late: set[int], early: set[int]) -> list[tuple[list[str], str]]:
    """Steps that nothing came before, and those that nothing came after."""
    firsts = [step.id for place, step in enumerate(run) if place not in late]
    lasts = [step.id for place, step in enumerate(run) if place not in early]
    return [(firsts, "first"), (lasts, "last")]


def _is_step(row: Row) -> bool:
    return not row["plumbing"] and row["kind"] in _STEPS


def _step(row: Row) -> Step:
    state: State = "running" if row["pending"] else "failed" if row["failed"] else "succeeded"
    return Step(row["label"], row["kind"], state, row["span_id"], row["start_ns"], row["duration_ns"], row["error_type"], row["status_message"])
