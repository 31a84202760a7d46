"""Promises about a trace as columns, and about a span among its peers."""

from __future__ import annotations

from typing import Any

from spyglass.store.read.outline import FLAGS, outline
from spyglass.store.read.peers import peers
from spyglass.store.read.traces import page
from spyglass.store.read.tree import read_tree
from spyglass.store.read.whereabouts import Whereabouts


def first_tree(tables: Any) -> tuple[str, Any]:
    """Some trace of the project."""
    trace = page(tables.engine.read, tables.scope(), "start", 10, None).traces[0]
    return trace, read_tree(tables.engine.read, Whereabouts.of(tables.engine.read, tables.project, [trace]))


def test_columns_say_what_the_rows_say(tables: Any) -> None:
    """Every column has an entry per row, and numbers lead to the texts."""
    tables.spans(8, status="error", kind="llm")
    _, tree = first_tree(tables)
    found = outline(tree)
    texts = {name: [found["names"][number] for number in found[name]] for name in ("name", "kind", "service")}
    assert texts == {name: tree.rows[name].to_pylist() for name in texts}
    assert found["span_id"] == [span.hex() for span in tree.rows["span_id"].to_pylist()]
    assert min(found["start_ns"]) == 0
    assert all(flags & 1 << FLAGS.index("error") for flags in found["flags"])


def test_a_page_counts_from_the_same_begin(tables: Any) -> None:
    """Starts of a later page go on where those of the page before ended."""
    tables.spans(8)
    _, tree = first_tree(tables)
    whole, parts = outline(tree), [outline(tree, 0, 1), outline(tree, 1, 100)]
    for name in ("start_ns", "depth", "flags", "span_id"):
        assert parts[0][name] + parts[1][name] == whole[name]


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
