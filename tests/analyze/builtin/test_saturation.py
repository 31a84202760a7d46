"""What will be full soon."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from spyglass.analyze.builtin.saturation import Saturation, Settings
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.testing.rows import points


def gauges(begin_ns, values, metric="system.memory.utilization", first=0, **said):
    """One value a minute."""
    count = len(values)
    received = [begin_ns + (first + at) * 60 * 10**9 + 469 for at in range(count)]
    told = {"metric": metric, "type": "gauge", "unit": "1", "service": "host", "agent": "", "attributes": ([("system.memory.state", "used")],) * count}
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in (told | said).items()}
    return Batch(Kind.POINT, points(count, received=received, value=list(values), **told))


def found(batches, begin_ns, running=None):
    """All findings."""
    running = running or Saturation(Settings())
    told = []
    for batch in batches:
        told += running.observe(batch)
        told += running.settle(max(batch.rows["received"].cast("int64").to_pylist(), default=0))
    return told + list(running.settle(begin_ns + 10**18))


def leak(count=130, begin=0.4, per=0.003, seed=1):
    return begin + per * np.arange(count) + np.random.default_rng(seed).normal(0, 0.002, count)


def test_memory_that_fills_up_is_told_once_with_the_time_that_is_left(begin_ns):
    """In five minutes, give or take, after it can be said."""
    (one,) = found([gauges(begin_ns, leak())], begin_ns)
    assert (one.rule, dict(one.subject)) == ("full_soon", {"service": "host", "metric": "system.memory.utilization", "of": "used"})
    truth = (1 - one.observed) / 0.003
    assert one.details["minutes_left"] == pytest.approx(truth, rel=0.2)
    assert one.title.startswith("host: system.memory.utilization of used is at 5")
    assert one.expected == (0.0, 1.0)


def test_budgets_have_the_limit_that_is_set(begin_ns):
    """Whatever their name and unit."""
    used = gauges(begin_ns, leak() * 1e6, "tokens.month", unit="{token}")
    (one,) = found([used], begin_ns, Saturation(Settings(limits={"tokens.month": 1e6})))
    assert "of 1e+06" in one.title
    assert found([used], begin_ns) == []


def test_what_is_left_free_and_what_is_not_filled_is_not_looked_at(begin_ns):
    """Free memory, busy processors, levels."""
    free = gauges(begin_ns, leak(), attributes=([("system.memory.state", "free")],) * 130)
    busy = gauges(begin_ns, leak(), "system.cpu.utilization")
    level = gauges(begin_ns, leak(per=0.0, begin=0.9), service="other")
    assert found([free, busy, level], begin_ns) == []


@pytest.mark.parametrize("cuts", [(3, 7, 100), (60,), (0, 1, 2, 129)])
def test_the_same_rows_give_the_same_findings_however_they_are_cut(begin_ns, cuts):
    """With a restart at each cut."""
    whole = gauges(begin_ns, leak())
    expected = found([whole], begin_ns)
    told, running = [], Saturation(Settings())
    for low, high in pairwise([0, *cuts, 130]):
        if high > low:
            rows = whole.rows.slice(low, high - low)
            told += running.observe(whole.with_rows(rows))
            told += running.settle(max(rows["received"].cast("int64").to_pylist()))
        again = Saturation(Settings())
        again.restore(running.save())
        running = again
    assert [*told, *running.settle(begin_ns + 10**18)] == expected


def test_hostile_rows_harm_nobody(begin_ns):
    """Values that are none, series without end, times that jump."""
    strange = gauges(begin_ns, [np.nan, np.inf, -1.0, 1e300, 5.0])
    many = gauges(begin_ns, [0.9] * 50, metric="heap.utilization", attributes=tuple([("pool", str(at))] for at in range(50)))
    running = Saturation(Settings(most_series=10))
    assert found([strange, many, gauges(begin_ns, [0.5], first=-(10**5)), gauges(begin_ns, [0.5], first=10**6)], begin_ns, running) == []
    assert running.save()["series"].num_rows == 10
