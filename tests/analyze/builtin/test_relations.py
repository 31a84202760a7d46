"""Figures that no longer belong together."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from tests.analyze.onnx_file import scaled

from spyglass.analyze.builtin.aggregation import BUCKETS
from spyglass.analyze.builtin.minutes import LATER_NS
from spyglass.analyze.builtin.relations import Relations, Settings
from spyglass.plugin.contracts import Frame

WINDOW_NS = 300 * 10**9
QUICK = Settings(learns_windows=20, learns_all=500)
AGENTS = 100


def buckets(window, random, agents=AGENTS, broken=None, count=30):
    """One bucket of each agent: cost follows tokens, which wander; `broken`'s cost is that of half as many."""
    busy = random.normal(0, 0.5, agents)
    tokens = 1_000 * np.exp(busy + random.normal(0, 0.1, agents))
    cost = tokens * 1e3 * np.exp(random.normal(0, 0.05, agents))
    if broken is not None:
        cost[broken] /= 2
    calls = np.full(agents, count)
    texts = {"project": ["p"] * agents, "agent": [f"agent-{at}" for at in range(agents)], "kind": ["llm"] * agents}
    return Frame(
        BUCKETS,
        pa.table(
            {
                **texts,
                "bucket_ns": np.full(agents, window * WINDOW_NS),
                "calls": calls,
                "errors": np.zeros(agents, np.int64),
                "duration_ns": (calls * 1e9 * np.exp(0.8 * busy + random.normal(0, 0.1, agents))).astype(np.int64),
                "input_tokens": (calls * tokens).astype(np.int64),
                "output_tokens": (calls * 100 * np.exp(random.normal(0, 0.2, agents))).astype(np.int64),
                "cost_nano_usd": (calls * cost).astype(np.int64),
                "first_chunk_us": np.zeros(agents, np.int64),
                "first_chunks": np.zeros(agents, np.int64),
                "slowest_ns": np.full(agents, 10**9),
                "slowest_trace": pa.array([at.to_bytes(16) for at in range(agents)], pa.binary(16)),
                "slowest_span": pa.array([at.to_bytes(8) for at in range(agents)], pa.binary(8)),
            }
        ),
    )


@pytest.fixture(scope="module")
def known():
    """The state after a day of a hundred agents, and the false alarms in it."""
    running, random = Relations(QUICK), np.random.default_rng(4)
    told = []
    for window in range(1, 240):
        told += running.observe(buckets(window, random))
        told += running.settle((window + 1) * WINDOW_NS + LATER_NS["relations"])
    return running.save(), told


def after(known, frame, window=240, settings=QUICK):
    running = Relations(settings)
    running.restore(known[0])
    return [*running.observe(frame), *running.settle((window + 1) * WINDOW_NS + LATER_NS["relations"])]


def test_a_figure_that_no_longer_follows_the_others_is_told_with_what_was_expected(known):
    """Its cost alone is as it often was."""
    random = np.random.default_rng(9)
    told = after(known, buckets(240, random, broken=7))
    (one,) = [one for one in told if one.subject["agent"] == "agent-7"]
    assert (one.rule, one.subject["metric"]) == ("unusual_relation", "cost")
    assert one.expected[0] > one.observed
    assert one.probability < 1e-4
    assert next(iter(one.features)) == "cost"
    assert "less than its other figures say" in one.title


def test_where_nothing_is_wrong_about_as_much_is_told_as_the_budget_says(known):
    """Most of a day was judged: one alarm a day is none or one, two at most."""
    assert len(known[1]) <= 2


def test_what_stands_out_by_itself_and_quiet_agents_are_left_to_others(known):
    """Twenty times the cost; two calls; an agent that nobody knows."""
    frame = buckets(240, np.random.default_rng(9))
    cost = frame.rows["cost_nano_usd"].to_numpy().copy()
    cost[3] *= 20
    calls = frame.rows["calls"].to_numpy().copy()
    calls[7] = 2
    rows = frame.rows.set_column(frame.rows.schema.get_field_index("cost_nano_usd"), "cost_nano_usd", pa.array(cost))
    rows = rows.set_column(rows.schema.get_field_index("calls"), "calls", pa.array(calls))
    told = after(known, Frame(BUCKETS, rows))
    assert not {"agent-3", "agent-7"} & {one.subject["agent"] for one in told}
    assert after(known, buckets(240, np.random.default_rng(9), agents=2, broken=None)) == []


def test_what_is_saved_goes_on_as_if_nothing_had_been(known):
    """The same findings, however frames are cut."""
    frame = buckets(240, np.random.default_rng(9), broken=7)
    whole = after(known, frame)
    running = Relations(QUICK)
    running.restore(known[0])
    list(running.observe(Frame(BUCKETS, frame.rows.slice(0, 40))))
    again = Relations(QUICK)
    again.restore(running.save())
    list(again.observe(Frame(BUCKETS, frame.rows.slice(40))))
    assert list(again.settle(241 * WINDOW_NS + LATER_NS["relations"])) == whole


def test_a_model_in_the_shadow_is_heard_and_changes_nothing_that_is_told(known, tmp_path):
    """What our own rules find is what they find without it; its word stands beside."""
    names = "calls,failures,duration,output_tokens,cost,input_tokens"
    (tmp_path / "m.onnx").write_bytes(data := scaled(6, names))
    watched = QUICK.model_copy(update={"shadow_model": str(tmp_path / "m.onnx"), "shadow_sha256": hashlib.sha256(data).hexdigest()})
    frame = buckets(240, np.random.default_rng(9), broken=7)
    (plain,), (one,) = after(known, frame), after(known, frame, settings=watched)
    assert one.details["shadow_says"] == "nothing yet: it has seen too little"
    assert one.details["shadow_model"].startswith("m ")
    assert replace(one, details=plain.details) == plain
    running = Relations(watched)
    running.restore(known[0])
    for window in range(240, 245):
        list(running.observe(buckets(window, np.random.default_rng(window))))
        list(running.settle((window + 1) * WINDOW_NS + LATER_NS["relations"]))
    again = Relations(watched)
    again.restore(running.save())
    assert again.save()["shadow"] == running.save()["shadow"] != Relations(watched).save()["shadow"]


def test_a_model_that_cannot_be_used_is_a_wrong_setting(tmp_path):
    """And it is said which."""
    with pytest.raises(ValueError, match="cannot be read"):
        Settings(shadow_model=str(tmp_path / "none.onnx"), shadow_sha256="0" * 64)
