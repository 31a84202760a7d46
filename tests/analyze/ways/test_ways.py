"""Which step follows which, what changed between two versions, and what is surprising."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.ways.graph import Way, compared, graph_of, newcombe
from spyglass.analyze.ways.surprise import surprises

STEPS = st.lists(st.sampled_from(["read", "write", "", "(start)", "\N{SNOWMAN}"]).filter(bool), max_size=6).map(tuple)
WAYS = st.lists(st.builds(Way, STEPS, st.integers(1, 5), st.booleans()), max_size=12)


def counted(ways):
    """The same without arrays: how often, and in how many runs."""
    count, runs = Counter(), Counter()
    for way in ways:
        ends = [("", *way.steps), (*way.steps, "")]
        pairs = [(a, b, at == 0, at == len(way.steps)) for at, (a, b) in enumerate(zip(*ends, strict=True))]
        pairs = pairs[:-1] if way.cut else pairs
        for pair in pairs:
            count[pair] += way.runs
        for pair in set(pairs):
            runs[pair] += way.runs
    return count, runs


@given(WAYS)
@settings(max_examples=60)
def test_edges_are_counted_by_steps_and_by_runs(ways):
    """Begin and end are no tools, whatever tools are called."""
    graph = graph_of(ways)
    count, runs = counted(ways)
    keys = [graph.key(edge) for edge in range(len(graph.count))]
    assert dict(zip(keys, graph.count.tolist(), strict=True)) == count
    assert dict(zip(keys, graph.runs.tolist(), strict=True)) == runs
    assert graph.of_runs == sum(way.runs for way in ways)
    assert graph.count.tolist() == sorted(graph.count.tolist(), reverse=True)


def naive(ways, of):
    """The least chance of a step of one run of a way, as all other runs have it; None: nobody knows."""
    others = [Way(way.steps, way.runs - (way is of), way.cut) for way in ways]
    count, _ = counted([way for way in others if way.runs])
    mine, _ = counted([Way(of.steps, 1, of.cut)])
    chances = []
    for step in mine:
        from_here = {key: times for key, times in count.items() if (key[0], key[2]) == (step[0], step[2])}
        if from_here:
            chances.append(from_here.get(step, len(from_here)) / (sum(from_here.values()) + len(from_here)))
    return min(chances, default=None)


@given(WAYS)
@settings(max_examples=60)
def test_a_step_is_as_likely_as_all_other_runs_have_it(ways):
    """The run itself is left out."""
    for way, told in zip(ways, surprises(graph_of(ways), ways), strict=True):
        wanted = naive(ways, way)
        assert (told is None) == (wanted is None)
        if told is not None:
            assert told.chance == pytest.approx(wanted)


def test_the_one_run_that_goes_elsewhere_is_the_surprising_one():
    """At the step where it does; common ways are none."""
    ways = [Way(("search", "read", "answer"), 200), Way(("search", "delete", "answer"), 1)]
    common, odd = surprises(graph_of(ways), ways)
    assert odd.chance < 0.01
    assert common.chance > 0.9
    assert (graph_of(ways).key(odd.edge)[:2], odd.at, odd.seen) == (("search", "delete"), 1, 200)
    assert odd.bits > common.bits


def test_what_a_version_does_otherwise_is_told_with_how_sure_that_is():
    """Appeared, disappeared, more, fewer; what chance explains is unsure."""
    old = graph_of([Way(("a", "b"), 60), Way(("a", "c"), 40), Way(("x",), 3)])
    new = graph_of([Way(("a", "b"), 20), Way(("a", "c"), 45), Way(("a", "d"), 35)])
    kinds = {key[:2]: change.kind for key, change in compared(old, new).items()}
    assert {pair: kinds[pair] for pair in [("a", "b"), ("a", "d"), ("a", "c"), ("", "x"), ("", "a")]} == {
        ("a", "b"): "fewer",
        ("a", "d"): "appeared",
        ("a", "c"): "unsure",
        ("", "x"): "unsure",
        ("", "a"): "unsure",
    }
    assert kinds[("d", "")] == "appeared"
    assert compared(new, old)[("d", "", False, True)].kind == "disappeared"
    assert compared(graph_of([]), new) == {}


def test_two_halves_of_the_same_runs_differ_in_nothing():
    """However many edges there are: at most one in twenty would be false, and here none is."""
    ways = [Way(tuple(f"t{(at * step) % 17}" for step in range(1, 8)), 3) for at in range(40)]
    changes = compared(graph_of(ways), graph_of(ways))
    assert {change.kind for change in changes.values()} == {"unsure"}
    assert all(change.low <= 0 <= change.high for change in changes.values())


@pytest.mark.parametrize(("was", "of_old", "now", "of_new", "wanted"), [(48, 80, 56, 70, (0.0524, 0.3339)), (3, 10, 9, 10, (0.1705, 0.8090))])
def test_bounds_of_a_difference_are_those_of_the_paper(was, of_old, now, of_new, wanted):
    """Newcombe 1998, table II, cases (a) and (b)."""
    assert newcombe(was, of_old, now, of_new) == pytest.approx(wanted, abs=5e-4)


def test_pairs_of_a_way_are_its_edges():
    """As many as steps and one more."""
    way = Way(tuple("abcabc"), 1)
    assert {graph_of([way]).key(edge)[:2] for edge in range(len(graph_of([way]).count))} == set(pairwise(("", *way.steps, "")))
