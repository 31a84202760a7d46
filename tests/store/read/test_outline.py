"""Promises about a trace as columns, and about a span among its peers."""

from __future__ import annotations

from typing import Any

from spyglass.store.read.counted import calls_of, counts_of
from spyglass.store.read.outline import FLAGS, outline
from spyglass.store.read.peers import peers
from spyglass.store.read.traces import page
from spyglass.store.read.tree import read_tree
from spyglass.store.read.whereabouts import Whereabouts


def first_tree(tables: Any) -> tuple[Any, Any]:
    """Some trace of the project, and what counts in it."""
    trace = page(tables.engine.read, tables.scope(), "start", 10, None).traces[0]
    at = Whereabouts.of(tables.engine.read, tables.project, [trace])
    tree = read_tree(tables.engine.read, at)
    return tree, counts_of(tree, calls_of(tables.engine.read, at))


def test_columns_say_what_the_rows_say(tables: Any) -> None:
    """Every column has an entry per row, and numbers lead to the texts."""
    tables.spans(8, status="error", kind="llm")
    tree, counts = first_tree(tables)
    found = outline(tree, counts)
    texts = {name: [found["names"][number] for number in found[name]] for name in ("name", "kind", "service")}
    assert texts == {name: tree.rows[name].to_pylist() for name in texts}
    assert found["span_id"] == [span.hex() for span in tree.rows["span_id"].to_pylist()]
    assert min(found["start_ns"]) == 0
    assert all(flags & 1 << FLAGS.index("error") for flags in found["flags"])


def test_a_page_counts_from_the_same_begin(tables: Any) -> None:
    """Starts of a later page go on where those of the page before ended."""
    tables.spans(8)
    tree, counts = first_tree(tables)
    whole, parts = outline(tree, counts), [outline(tree, counts, 0, 1), outline(tree, counts, 1, 100)]
    for name in ("start_ns", "depth", "flags", "span_id"):
        assert parts[0][name] + parts[1][name] == whole[name]


def test_a_call_that_two_spans_tell_of_counts_once(tables: Any) -> None:
    """Tokens and cost stand at the outer of both, and their sum is the trace's total."""
    trace, ids = bytes([7]) * 16, [bytes([number]) * 8 for number in (1, 2, 3)]
    told = {"kind": ["llm", "llm", "tool"], "input_tokens": [100, 100, 0], "cost_usd": [0.5, 0.5, 0.0], "has_usage": [True, True, False]}
    tables.spans(3, trace_id=[trace] * 3, span_id=ids, parent_span_id=[bytes(8), ids[0], ids[0]], **told)
    tree, counts = first_tree(tables)
    found = outline(tree, counts)
    own = [bool(flags & 1 << FLAGS.index("call")) for flags in found["flags"]]
    assert own == [span != ids[1].hex() for span in found["span_id"]]
    assert (sum(found["input_tokens"]), sum(found["cost_usd"])) == (100, 0.5)


def test_a_trace_without_calls_has_sums_of_nothing(tables: Any) -> None:
    """Plain spans, as of any service."""
    tables.spans(4, kind="span")
    tree, counts = first_tree(tables)
    found = outline(tree, counts)
    assert sum(found["input_tokens"]) == sum(found["cost_usd"]) == 0
    assert not any(flags & 1 << FLAGS.index("call") for flags in found["flags"])


def test_a_span_stands_among_those_of_its_name(tables: Any) -> None:
    """The longest of them took longer than all others; a span that is not there has no peers."""
    tables.spans(16, name="same", kind="llm", duration_ns=[number * 1000 for number in range(1, 17)])
    spans = tables.engine.read(
        "SELECT lower(hex(trace_id)) AS t, lower(hex(span_id)) AS s, duration_ns AS d FROM spans WHERE project = {project:String}", {"project": tables.project}
    )
    longest = max(spans.to_pylist(), key=lambda one: one["d"])
    found = peers(tables.engine.read, tables.project, longest["t"], longest["s"])
    assert found is not None
    assert (found["count"], found["percentile"], found["sampled"]) == (16, 1.0, False)
    assert peers(tables.engine.read, tables.project, longest["t"], "f" * 16) is None
