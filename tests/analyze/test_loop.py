"""Analyzers that run side by side, whatever they do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from spyglass.analyze.builtin.aggregation import Settings, analyzer
from spyglass.analyze.kinds import wanted
from spyglass.analyze.loop import Loop
from spyglass.config.spec import Analyzers
from spyglass.model.finding import Finding
from spyglass.plugin.contracts import Frame


class Plain:
    """Does what it is told to."""

    def __init__(self, then):
        self.then = then

    def observe(self, seen):
        return self.then(seen)

    def settle(self, now_ns):
        return ()

    def save(self):
        return {"seen": pa.table({"one": [1]})}

    def restore(self, state):
        self.restored = state


def kind(name, then, reads=("span",), makes=()):
    return replace(analyzer, name=name, reads=frozenset(reads), makes=makes, news=False, make=lambda _: Plain(then))


@pytest.fixture
def loop():
    """`loop([kinds], …)`: with these stages; closed at the end."""
    made = []

    def make(*stages, share=1e9):
        made.append(Loop(stages, {one.name: Settings() for stage in stages for one in stage}, share=share))
        return made[-1]

    yield make
    for one in made:
        one.close()


def finding(name):
    return Finding(name, "1.0.0", "rule", "default", 1, "found")


def test_one_that_fails_harms_no_other(loop, arrived):
    """It is counted, and after ten times it rests."""

    def fails(_):
        raise ValueError("not this one")

    running = loop([kind("bad", fails), kind("good", lambda _: [finding("good")])])
    told = [one.analyzer for at in range(12) for one in running.observe([arrived(3, at)], at)]
    assert told == ["good"] * 12
    bad = running.members["bad"].status
    assert (bad.failures, bad.problem, bad.suspended != "") == (10, "ValueError: not this one", True)
    running.resume("bad")
    assert not running.members["bad"].status.suspended


def test_one_that_takes_too_much_time_rests(loop, arrived):
    """The others have what is left."""
    running = loop([kind("slow", lambda _: [sum(range(2_000_000)) and finding("slow")])], share=1e-6)
    running.observe([arrived(1, 0)], 1)
    assert "more than" in running.members["slow"].status.suspended


def test_a_rule_that_matches_everything_is_bounded(loop, arrived):
    """What was withheld is counted."""
    running = loop([kind("flood", lambda _: [finding("flood")] * 5_000)])
    assert len(running.observe([arrived(1, 0)], 1)) == 1_000
    assert running.members["flood"].status.withheld == 4_000


def test_frames_reach_those_that_read_them_in_the_same_round(loop, arrived):
    """And nobody else."""
    makes = kind("maker", lambda _: [Frame("maker.x", pa.table({"a": [1, 2]}))], makes=("maker.x",))
    reads = kind("reader", lambda seen: [finding(f"{seen.name} {seen.rows.num_rows}")], reads=("maker.x",))
    assert [one.analyzer for one in loop([makes], [reads]).observe([arrived(1, 0)], 1)] == ["maker.x 2"]


def test_what_is_remembered_goes_to_the_same_version_only(loop):
    """Another version begins anew."""
    running = loop([kind("a", lambda _: ())])
    saved = running.save()
    running.restore(saved, 7)
    assert running.members["a"].analyzer.restored["seen"].num_rows == 1
    fresh = loop([replace(kind("a", lambda _: ()), version="2.0.0")])
    fresh.restore(saved, 7)
    assert not hasattr(fresh.members["a"].analyzer, "restored")


def test_numbers_that_no_sender_means_keep_nobody_from_looking(arrived, begin_ns):
    """All analyzers see the batch, and the rows beside those."""
    found = wanted(Analyzers())
    loop = Loop(found.stages, found.settings)
    huge = [2**54 + 11, 2**64 - 1, 2**63, 1, 0]
    for kind in ("llm", "tool", "agent"):
        loop.observe([arrived(5, range(5), kind=kind, tool="t", duration_ns=[1] * 5, input_tokens=huge, output_tokens=huge)], begin_ns + 60 * 10**9)
    assert {name: member.status.problem for name, member in loop.members.items() if member.status.failures} == {}
    loop.close()


def test_what_happened_long_before_it_arrived_is_news_to_nobody(loop, arrived, begin_ns):
    """Analyzers of news are not shown it, nor rows of frames made of it, and it is counted; the others see all of it."""
    seen = {}

    def sees(name):
        return lambda told: seen.setdefault(name, []).append(told.rows.num_rows) or ()

    def copies(batch):
        return [Frame("copier.calls", batch.rows.select(["received", "start", "duration_ns"]))]

    running = loop(
        [kind("all", sees("all")), replace(kind("news", sees("news")), news=True), kind("copier", copies, makes=("copier.calls",))],
        [replace(kind("reader", sees("reader"), reads=("copier.calls",)), news=True)],
    )
    hour_ago = begin_ns - 3_600 * 10**9
    running.observe([arrived(3, 1, start=[begin_ns, hour_ago, hour_ago], duration_ns=[10**9, 10**9, 3_600 * 10**9])], begin_ns)
    assert seen == {"all": [3], "news": [2], "reader": [2]}
    assert {name: member.status.old_rows for name, member in running.members.items()} == {"all": 0, "news": 1, "copier": 0, "reader": 1}


@pytest.mark.parametrize(("over_hours", "told"), [(24, []), (0, ["flood"])])
def test_an_import_is_no_flood(arrived, begin_ns, over_hours, told):
    """Two thousand calls that were made over a day arrive at once: nothing happened. The same calls made now are a flood."""
    found = wanted(Analyzers())
    loop = Loop(found.stages, found.settings)
    made = begin_ns - np.linspace(over_hours, over_hours / 24, 2_000) * 3_600e9 - 10**9
    findings = loop.observe([arrived(2_000, 1, start=made.astype(np.int64), span_id=[number.to_bytes(8, "big") for number in range(1, 2_001)])], begin_ns)
    for minute in range(1, 3):
        findings += loop.observe([], begin_ns + minute * 60 * 10**9)
    assert [one.rule for one in findings] == told
    assert loop.members["aggregation"].status.old_rows == (2_000 if over_hours else 0)
    loop.close()


def test_those_that_count_by_arrival_are_shown_news_only():
    """Exact rules see whatever happened, and makers of frames hand on all of it: who reads them is shown what it may see."""
    kinds = [kind for stage in wanted(Analyzers()).stages for kind in stage]
    told = {kind.name for kind in kinds if not kind.news}
    assert told == {"anomaly", "brute_force", "calls", "flood", "injection", "leaks", "loops", "provenance", "relations", "tool_definitions"}
    assert all(kind.news or kind.reads == {"aggregation.buckets"} for kind in kinds if kind.name in {"anomaly", "flood", "relations"})
