"""Which step follows which."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.flow import Flow, Settings
from spyglass.analyze.builtin.steps import STEPS, taken
from spyglass.model.finding import event_of
from spyglass.plugin.contracts import Frame


@pytest.fixture(scope="module")
def runs(arrived):
    """`runs(paths)`: one run every two seconds, each a list of tools; `version` of each."""

    def make(paths, version="1", first=0):
        versions = [version] * len(paths) if isinstance(version, str) else version
        rows = [(number, place, tool) for number, path in enumerate(paths) for place, tool in enumerate(path)]
        said = {
            "kind": "tool",
            "tool": [tool for _, _, tool in rows],
            "agent_version": [versions[number] for number, _, _ in rows],
            "trace_id": [(first + number + 1).to_bytes(16) for number, _, _ in rows],
            "span_id": [((first + number + 1) * 100 + place).to_bytes(8) for number, place, _ in rows],
            "duration_ns": 10**6,
        }
        return arrived(len(rows), [(first + number) * 2 + place / 100 for number, place, _ in rows], **said)

    return make


def found(batches, begin_ns, running=None):
    """All findings."""
    running = running or Flow(Settings())
    told = []
    for one in batches:
        told += running.observe(Frame(STEPS, taken(one.rows)))
        told += running.settle(max(one.rows["received"].cast("int64").to_pylist()))
    return told + list(running.settle(begin_ns + 10**6 * 10**9))


def test_a_step_that_never_came_after_this_one_is_told_once(runs, begin_ns):
    """With how rare anything new was there."""
    usual = [["search", "read", "answer"]] * 300
    told = found([runs(usual), runs([["search", "read", "delete"]] * 2, first=300)], begin_ns)
    assert [(one.rule, one.subject["after"], one.subject["tool"]) for one in told] == [("new_step", "read", "delete")]
    assert told[0].probability < 0.01
    assert told[0].evidence[0].span_id == (30102).to_bytes(8).hex()


def test_an_agent_that_does_new_things_all_the_time_surprises_nobody(runs, begin_ns):
    """Neither does one that is hardly known."""
    random = np.random.default_rng(2)
    free = [[f"tool-{number}" for number in random.integers(0, 40, 5)] for _ in range(300)]
    assert found([runs(free)], begin_ns) == []
    assert found([runs([["search", "read"]] * 40 + [["search", "pay"]])], begin_ns) == []


def test_what_a_new_version_does_otherwise_is_told_with_both_shares(runs, begin_ns):
    """And nothing where it does the same."""
    random = np.random.default_rng(3)

    def paths(count, checks):
        return [["search", *(["check"] if random.random() < checks else []), "answer"] for _ in range(count)]

    changed = found([runs(paths(400, 0.9)), runs(paths(300, 0.3), "2", 400)], begin_ns)
    same = found([runs(paths(400, 0.9)), runs(paths(300, 0.9), "2", 400)], begin_ns)
    assert {one.rule for one in changed} == {"flow_changed"}
    assert any("search → check" in change for change in changed[0].details["changes"])
    assert changed[0].subject == {"agent": "planner", "agent_version": "2"}
    assert same == []


SMALL = Settings(learns_runs=30, rarity=0.1)


@pytest.fixture(scope="module")
def changing(runs, begin_ns):
    """Runs that take other steps later on, spans that came twice included, in one batch; and what is found in it."""
    random = np.random.default_rng(7)
    paths = [["search", "read", *(["check"] if random.random() < (0.1 if at > 120 else 0.9) else [])] for at in range(250)]
    paths[200], paths[240] = ["read", "delete"], ["search", "search", "pay"]
    whole = runs(paths, ["1"] * 121 + ["2"] * 129)
    whole = whole.with_rows(whole.rows.take([at // 2 * 2 if at % 50 == 1 else at for at in range(len(whole))]))
    return whole, found([whole], begin_ns, Flow(SMALL))


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(0, 600), max_size=6), again=st.integers(0, 6))
def test_the_same_rows_give_the_same_findings_however_they_are_cut_and_over_a_restart(changing, begin_ns, cuts, again):
    """Byte for byte."""
    whole, once = changing
    edges, running, told = [0, *sorted(cuts), len(whole)], Flow(SMALL), []
    for at, (low, high) in enumerate(pairwise(edges)):
        if high > low:
            part = whole.with_rows(whole.rows.slice(low, high - low))
            told += running.observe(Frame(STEPS, taken(part.rows)))
            told += running.settle(part.rows["received"].cast("int64").to_pylist()[-1])
        if at == again:
            restored = Flow(SMALL)
            restored.restore(running.save())
            running = restored
    told += running.settle(begin_ns + 10**6 * 10**9)
    assert {one.rule for one in once} == {"new_step", "flow_changed"}
    assert [event_of(one) for one in told] == [event_of(one) for one in once]


def test_names_without_end_are_forgotten_again(runs, begin_ns):
    """And nothing is told of them."""
    running = Flow(Settings(most_edges=1000))
    assert found([runs([[f"tool-{at}-{step}" for step in range(5)] for at in range(600)])], begin_ns, running) == []
    assert running.save()["edges"].num_rows <= 1000
