"""Batches that wait until there are enough of them."""

from __future__ import annotations

import pytest

from spyglass.analyze.builtin import behaviour, canaries, tools
from spyglass.analyze.builtin.pooled import Pooled
from spyglass.analyze.builtin.security import privileges
from spyglass.model.schema import Kind

SECOND_NS = 10**9


def test_batches_are_taken_as_one_when_they_are_enough_or_have_waited(arrived):
    """In their order; then it begins anew."""
    pool, now_ns = Pooled(5), 7 * SECOND_NS
    assert (pool.ready(now_ns), pool.take()) == (False, None)
    for number in range(2):
        pool.add(arrived(2, number, agent=f"a{number}"))
    assert [pool.ready(now_ns + past) for past in (0, SECOND_NS - 1, SECOND_NS)] == [False, False, True]
    pool.add(arrived(1, 2, agent="a2"))
    assert pool.ready(now_ns)
    taken = pool.take()
    assert (taken.kind, taken.rows["agent"].to_pylist()) == (Kind.SPAN, ["a0", "a0", "a1", "a1", "a2"])
    assert (pool.ready(now_ns), pool.take()) == (False, None)


@pytest.mark.parametrize(
    ("module", "looks"),
    [(behaviour, "touched"), (privileges, "exercised"), (canaries, "asked"), (tools, "Offers.look")],
)
def test_small_batches_of_a_second_are_looked_at_once(arrived, begin_ns, monkeypatch, module, looks):
    """What is done of few rows costs nearly as much as of thousands: twenty batches in a second are one look, or two."""
    owner, _, name = looks.rpartition(".")
    within, count = getattr(module, owner) if owner else module, 0
    look = getattr(within, name)

    def counted(*given):
        nonlocal count
        count += 1
        return look(*given)

    monkeypatch.setattr(within, name, counted)
    running = module.analyzer.make(module.Settings())
    for number in range(20):
        at_s = 1 + number / 20
        list(running.observe(arrived(3, at_s, kind="tool", tool="read")))
        list(running.settle(begin_ns + round(at_s * SECOND_NS)))
    list(running.settle(begin_ns + 3 * SECOND_NS))
    assert 1 <= count <= 2
