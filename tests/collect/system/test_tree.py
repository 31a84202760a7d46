"""Who had a pid when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spyglass.collect.records import Actor
from spyglass.collect.system.tree import Tree, iso

S = 1_000_000_000


def who(pid, started_ns, ppid=1):
    return Actor(pid, started_ns, ppid, 0, 1)


def test_a_pid_that_is_used_again_is_another_process():
    """Identity is pid and start."""
    tree = Tree()
    first, _ = tree.see(who(7, 10 * S), 11 * S)
    tree.end(first, 12 * S)
    second, new = tree.see(who(7, 13 * S), 14 * S)
    assert new
    assert tree.at(7, 11 * S) is first
    assert tree.at(7, 14 * S) is second


def test_a_start_that_differs_by_a_clock_tick_is_the_same_process():
    """Sources count starts differently, and offsets of clocks are measured anew."""
    tree = Tree()
    first, _ = tree.see(who(7, 10 * S), 11 * S)
    assert tree.see(who(7, 10 * S + 9_000_000), 11 * S) == (first, False)


def test_a_late_record_finds_the_process_that_ended():
    """Records may come after the exit."""
    tree = Tree()
    process, _ = tree.see(who(7, 10 * S), 11 * S)
    tree.end(process, 12 * S)
    assert tree.see(who(7, 10 * S), 11 * S)[0] is process
    assert tree.see(who(7, 0), 12 * S + 1000)[0] is process


def test_a_fork_that_comes_after_the_child_joins_them():
    """The parent is known even when the order is wrong."""
    tree = Tree()
    child, _ = tree.see(who(8, 20 * S, ppid=7), 21 * S)
    parent, _ = tree.see(who(7, 10 * S), 20 * S)
    assert tree.forked(parent, 8, 20 * S, 20 * S) == (child, False)
    assert tree.parent(child) is parent


def test_an_unknown_start_is_learnt_later():
    """A process that was seen without a start gets it."""
    tree = Tree()
    process, _ = tree.see(who(7, 0), 11 * S)
    assert tree.see(who(7, 10 * S), 12 * S)[0] is process
    assert process.identity["process.creation.time"] == "1970-01-01T00:00:10.000000Z"


def test_those_that_ended_long_ago_are_forgotten():
    """After the time of lingering, and no earlier."""
    tree = Tree(linger_s=60)
    process, _ = tree.see(who(7, 10 * S), 11 * S)
    tree.end(process, 12 * S)
    tree.sweep(70 * S)
    assert len(tree) == 1
    tree.sweep(73 * S)
    assert len(tree) == 0


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 5), st.booleans()), max_size=400))
def test_the_tree_is_bounded_whatever_comes(steps):
    """Living ones that must make room are counted."""
    tree, dropped_by_room = Tree(bound=100), 0
    for pid, start, ends in steps:
        process, _ = tree.see(who(pid, start * S), 10 * S)
        if ends:
            tree.end(process, 10 * S)
        assert len(tree) <= 100
        assert tree.forgotten >= dropped_by_room
    assert len(list(tree)) == len(tree)


def test_numbers_that_are_no_date_have_no_text():
    """A hostile clock does not stop the road."""
    assert iso(1 << 70) == ""
    assert iso(1_500_000_000) == "1970-01-01T00:00:01.500000Z"
