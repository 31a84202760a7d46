"""Root causes in simulated call graphs with a planted fault."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.rootcause.figures import moved
from spyglass.analyze.rootcause.rank import Symptom, rank, reachable
from spyglass.analyze.rootcause.shift import Shift, shift

NODES = 24
ONSET = 100


def simulated(seed: int, symptom: Symptom) -> tuple[pa.Table, list[tuple[str, str]], str, str]:
    """Rows of a random tree of calls, its edges, the front, and the node with the fault: callers take the time and the failures of those they call."""
    generator = np.random.default_rng(seed)
    above = {node: int(generator.integers(max(0, node - 4), node)) for node in range(1, NODES)}
    below: dict[int, list[int]] = {node: [child for child, parent in above.items() if parent == node] for node in range(NODES)}
    faulty = int(generator.integers(1, NODES))
    share = {0: 1.0} | {node: float(generator.uniform(0.5, 1.0)) for node in range(1, NODES)}
    rows: list[dict[str, object]] = []
    for bucket in range(ONSET + 5):
        mean, failed = np.zeros(NODES), np.zeros(NODES)
        for node in reversed(range(NODES)):
            broken = bucket >= ONSET and node == faulty
            mean[node] = (
                0.05 * np.exp(generator.normal(0, 0.08)) + sum(share[child] * mean[child] for child in below[node]) + (0.5 * broken * (symptom == "latency"))
            )
            own = 0.002 + 0.2 * broken * (symptom == "failures")
            failed[node] = 1 - (1 - own) * np.prod([1 - share[child] * failed[child] for child in below[node]])
        for node in range(NODES):
            count = int(generator.poisson(500))
            errors = int(generator.binomial(count, min(1.0, float(failed[node]))))
            rows.append({"node": f"n{node}", "bucket": bucket, "count": count, "errors": errors, "mean_ns": mean[node] * 1e9, "p95_ns": mean[node] * 2e9})
    return pa.Table.from_pylist(rows), [(f"n{parent}", f"n{child}") for child, parent in above.items()], "n0", f"n{faulty}"


@pytest.mark.parametrize("symptom", ["latency", "failures"])
def test_a_planted_fault_is_among_the_first_three(symptom: Symptom) -> None:
    """In nine of ten graphs of 24 nodes; it is the very first in seven of ten."""
    places = []
    for seed in range(25):
        rows, calls, front, faulty = simulated(seed, symptom)
        shifts, more = moved(rows, ONSET, symptom)
        places.append([one.node for one in rank(calls, shifts, front, symptom, more)].index(faulty))
    assert np.mean(np.array(places) < 3) >= 0.9
    assert np.mean(np.array(places) == 0) >= 0.7


def test_without_a_fault_nothing_speaks_loudly() -> None:
    """What strays as usual has next to no score."""
    rows, calls, front, _ = simulated(1, "requests")
    shifts, _ = moved(rows, ONSET, "latency")
    assert rank(calls, shifts, front, "latency")[0].score < 1.2


def test_the_callee_explains_its_caller() -> None:
    """A slow callee makes its caller slow: the callee comes first, and the caller says so."""
    slow = Shift(0.1, 1.1, 10.0)
    found = rank([("a", "b"), ("b", "c")], {"a": {"latency.mean": slow}, "b": {"latency.mean": slow}}, "a", "latency")
    assert [(one.node, one.explained_by) for one in found][:2] == [("b", ""), ("a", "b")]
    assert found[0].path == ("a", "b")


def test_what_cannot_be_reached_is_no_cause() -> None:
    """However far it strayed; circles are passed once."""
    far = {"latency.mean": Shift(0.1, 9.0, 90.0)}
    found = rank([("a", "b"), ("b", "a"), ("x", "a")], {"x": far, "a": far}, "a", "latency")
    assert [one.node for one in found] == ["a", "b"]
    assert reachable({"a": ["b"], "b": ["a"]}, "a") == {"a": ("a",), "b": ("a", "b")}


@given(st.lists(st.floats(), max_size=12), st.lists(st.floats(), max_size=5), st.sampled_from(["size", "count", "share", "plain"]))
@settings(max_examples=80)
def test_hostile_figures_give_a_number_or_none(before: list[float], during: list[float], scale: str) -> None:
    """NaN, infinities, negative counts, nothing at all."""
    with np.errstate(all="ignore"):
        one = shift(np.array(before, np.float64), np.array(during, np.float64), scale)  # type: ignore[arg-type]
    assert one is None or np.isfinite(one.strayed) or max(map(abs, [*before, *during])) > 1e150


def test_no_rows_are_no_shifts() -> None:
    """An empty table."""
    empty = pa.table({name: pa.array([], pa.float64()) for name in ("bucket", "count", "errors", "mean_ns", "p95_ns")} | {"node": pa.array([], pa.string())})
    assert moved(empty, 0, "latency") == ({}, {})
