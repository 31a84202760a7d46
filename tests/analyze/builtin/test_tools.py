"""Tools that are dead or waste something."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin import tools
from spyglass.analyze.builtin.steps import STEPS, taken
from spyglass.analyze.builtin.tools import Settings, Tools
from spyglass.model.finding import event_of
from spyglass.plugin.contracts import Frame

DAY_S = 24 * 3600


def batch(arrived, count, received, **said):
    """Calls of one tool, each in a trace of its own."""
    told = {
        "kind": "tool",
        "tool": "search",
        "input": [f'{{"q": {at}}}' for at in range(count)],
        "output": "found",
        "status_message": "",
        "input_messages": [[]] * count,
        "attributes": [[]] * count,
        "attribute_types": "",
        "trace_id": [(at + 1).to_bytes(16) for at in range(count)],
        "span_id": [(at + 1).to_bytes(8) for at in range(count)],
    }
    return arrived(count, received, **(told | said))


def shown(running, one):
    """As the loop shows a batch: itself, and the calls of it."""
    told = list(running.observe(one))
    rows = taken(one.rows)
    return told + (list(running.observe(Frame(STEPS, rows))) if rows.num_rows else [])


def found(batches, begin_ns, running=None, until_s=4 * DAY_S):
    """All findings."""
    running = running or Tools(Settings())
    told = []
    for one in batches:
        told += shown(running, one)
        told += running.settle(max(one.rows["received"].cast("int64").to_pylist()))
    return told + list(running.settle(begin_ns + until_s * 10**9))


def test_a_tool_that_always_fails_is_told_until_it_works(arrived, begin_ns):
    """Eleven failures in a row are enough, whoever else uses it."""
    failing = found([batch(arrived, 11, np.arange(11), status="error")], begin_ns)
    mended = found([batch(arrived, 11, np.arange(11), status=["error"] * 9 + ["ok", "error"])], begin_ns)
    assert [(one.rule, one.subject["tool"], one.observed) for one in failing] == [("always_fails", "search", 11)]
    assert "search all failed" in failing[0].title
    assert mended == []


def test_results_that_no_model_reads_are_told(arrived, begin_ns):
    """Where one reads them, nothing is."""
    alone = batch(arrived, 60, np.arange(60))
    reads = batch(arrived, 60, np.arange(60) + 2, kind="llm", tool="", span_id=[(at + 100).to_bytes(8) for at in range(60)])
    assert [(one.rule, one.observed) for one in found([alone], begin_ns)] == [("unread", 1.0)]
    assert found([alone, reads], begin_ns) == []


def test_calls_that_repeat_one_of_their_run_are_told_with_their_price(arrived, begin_ns):
    """Three times the same in twenty runs."""
    said = {"input": "{}", "output": "x" * 400, "trace_id": [(at // 3 + 1).to_bytes(16) for at in range(60)]}
    reads = batch(arrived, 20, np.arange(20) * 3 + 70, kind="llm", tool="", span_id=[(at + 100).to_bytes(8) for at in range(20)])
    (one,) = found([batch(arrived, 60, np.arange(60), **said), reads], begin_ns)
    assert (one.rule, round(one.observed, 3)) == ("repeated", 0.667)
    assert "4,000 tokens" in one.title


def test_tools_that_are_offered_and_never_called_are_dead_after_a_day(arrived, begin_ns):
    """One finding for the agent, with what their definitions cost in each prompt."""
    offered = orjson.dumps([{"type": "function", "function": {"name": name, "description": "d" * 340}} for name in ("search", "fly")]).decode()
    said = {"kind": "llm", "tool": "", "attributes": [[("gen_ai.tool.definitions", offered)]] * 600, "attribute_types": "s"}
    asking = batch(arrived, 600, np.arange(600) * 200, **said)
    using = batch(arrived, 1, 50, span_id=(10_000).to_bytes(8))
    (one,) = [one for one in found([using, asking], begin_ns) if one.rule == "never_called"][:1]
    assert one.details["tools"] == ["fly"]
    assert 80 < one.details["tokens_each"] < 120
    assert one.details["model_calls"] >= 500


SMALL = Settings(calls=10, offers=20, failures=5)


@pytest.fixture(scope="module")
def two_days(arrived, begin_ns):
    """Calls of all sorts in one batch, and what is found in it."""
    random = np.random.default_rng(4)
    names = ["search", "read", "pay"]
    tools = random.choice(names, 400)
    said = {
        "kind": random.choice(["tool", "tool", "llm"], 400),
        "tool": tools,
        "agent": random.choice(["a", "b", ""], 400),
        "status": np.where((tools == "pay") | (random.random(400) < 0.1), "error", "ok"),
        "input": random.choice(["{}", ""], 400),
        "attributes": [[("gen_ai.tool.definitions", orjson.dumps([*names, f"tool-{at % 7}" * (at % 3)]).decode())] for at in range(400)],
        "attribute_types": "s",
        "trace_id": [int(at).to_bytes(16) for at in random.integers(1, 60, 400)],
        "span_id": [int(at).to_bytes(8) for at in random.integers(1, 390, 400)],
    }
    whole = batch(arrived, 400, np.sort(random.integers(0, 2 * DAY_S, 400)), **said)
    return whole, found([whole], begin_ns, Tools(SMALL))


@settings(max_examples=6)
@given(cuts=st.lists(st.integers(0, 400), max_size=6), again=st.integers(0, 6))
def test_the_same_rows_give_the_same_findings_however_they_are_cut_and_over_a_restart(two_days, begin_ns, cuts, again):
    """Byte for byte, over two days."""
    whole, once = two_days
    edges, running, told = [0, *sorted(cuts), 400], Tools(SMALL), []
    for at, (low, high) in enumerate(pairwise(edges)):
        if high > low:
            part = whole.with_rows(whole.rows.slice(low, high - low))
            told += shown(running, part)
            told += running.settle(part.rows["received"].cast("int64").to_pylist()[-1])
        if at == again:
            restored = Tools(SMALL)
            restored.restore(running.save())
            running = restored
    told += running.settle(begin_ns + 4 * DAY_S * 10**9)
    assert {one.rule for one in once} >= {"always_fails", "never_called"}
    assert [event_of(one) for one in told] == [event_of(one) for one in once]


def test_definitions_that_are_none_harm_nobody(arrived, begin_ns):
    """Broken, endless, nested without end."""
    deep = "[" * 50 + "]" * 50
    broken = [[("gen_ai.tool.definitions", text)] for text in ("{", "[1, null]", deep, orjson.dumps(["x" * 10_000] * 2000).decode(), '{"function": 1}')]
    running = Tools(Settings(most_tools=100))
    assert found([batch(arrived, 5, np.arange(5), kind="llm", attributes=broken, attribute_types="s")], begin_ns, running) == []
    assert running.save()["uses"].num_rows == 0


def test_of_too_many_calls_some_traces_are_looked_at(arrived, begin_ns, monkeypatch):
    """What is told does not change, and silence after it is no failure."""
    monkeypatch.setattr(tools, "_MOST_ROWS", 300)
    running = Tools(Settings())
    (one,) = found([batch(arrived, 1000, np.arange(1000) / 10)], begin_ns, running)
    assert (one.rule, one.observed) == ("unread", 1.0)
    assert list(running.settle(begin_ns + 5 * DAY_S * 10**9)) == []
    assert [one.rule for one in found([batch(arrived, 60, 6 * DAY_S + np.arange(60))], begin_ns, running, 7 * DAY_S)] == ["unread"]
