"""Sequences that repeat themselves."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.stats.cycles import Cycles, ranked

PERIODS = 4


def told(batches):
    """Of every step: period, count, since, whole."""
    cycles = Cycles(PERIODS)
    cycles.grow(3)
    found = {0: [], 1: [], 2: []}
    for batch in batches:
        order = sorted(range(len(batch)), key=lambda at: batch[at][0])
        slots = np.array([batch[at][0] for at in order], np.intp)
        keys = np.array([batch[at][1] for at in order], np.uint64)
        worth = np.array([batch[at][2] for at in order], np.int64)
        rounds = cycles.step(ranked(slots), keys, worth)
        for slot, *one in zip(slots, rounds.period, rounds.count, rounds.since, rounds.whole, strict=True):
            found[slot].append(tuple(int(value) for value in one))
    return found


def reference(keys, worth):
    """The same, from the definition."""
    found = []
    for at in range(len(keys)):
        best = (0, 0, 0, 0)
        for period in range(1, PERIODS + 1):
            length = 0
            while at - length - period >= 0 and keys[at - length] == keys[at - length - period]:
                length += 1
            if length >= period and length + period > best[0]:
                best = (length + period, period, length // period + 1, worth[at - length])
        steps, period, count, since = best
        found.append((period, count, since, int(period > 0 and (steps - period) % period == 0)))
    return found


@settings(max_examples=60)
@given(steps=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3)), min_size=1, max_size=80), cuts=st.lists(st.integers(0, 80), max_size=6))
def test_every_cycle_is_that_of_the_definition_however_the_steps_are_cut(steps, cuts):
    """Three runs beside each other, each with its own steps and spending."""
    rows = [(slot, key, at + 1) for at, (slot, key) in enumerate(steps)]
    edges = [0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    found = told([rows[low:high] for low, high in pairwise(edges) if high > low])
    for slot in found:
        own = [row for row in rows if row[0] == slot]
        assert found[slot] == reference([row[1] for row in own], [row[2] for row in own])


def test_what_is_remembered_goes_on_elsewhere():
    """A streak of before a restart counts."""
    first, second = Cycles(PERIODS), Cycles(PERIODS)
    first.grow(1)
    first.step(ranked(np.zeros(3, np.intp)), np.full(3, 7, np.uint64), np.arange(3))
    second.restore(first.save())
    assert second.step(ranked(np.zeros(1, np.intp)), np.array([7], np.uint64), np.array([9])).count.tolist() == [4]
