"""Promises about what one trace comes to: what is computed from its tree and its calls is what the list says of it."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.store.read.card import card
from spyglass.store.read.counted import calls_of, sums_of
from spyglass.store.read.traces import cards, totals
from spyglass.store.read.tree import read_tree
from spyglass.store.read.whereabouts import Whereabouts

TRACE = bytes([7]) * 16
NOBODY = bytes(8)


def ids(n: int) -> list[bytes]:
    return [bytes([number + 1]) * 8 for number in range(n)]


def both(tables: Any) -> tuple[Any, Any, Any]:
    """Where the trace is, its tree and its calls."""
    at = Whereabouts.of(tables.engine.read, tables.project, [TRACE.hex()])
    return at, read_tree(tables.engine.read, at), calls_of(tables.engine.read, at)


def plain(table: Any) -> dict[str, Any]:
    """The only row; its start in nanoseconds."""
    at = table.column_names.index("start") if "start" in table.column_names else None
    [row] = (table if at is None else table.set_column(at, "start", table["start"].cast("int64"))).to_pylist()
    return dict(row)


@pytest.mark.parametrize("plumbing", [False, True])
def test_it_is_what_the_list_says(tables: Any, plumbing: bool) -> None:
    """With failed, pending and repeated spans, two roots, and agents, models and tools in any order."""
    tables.spans(
        12,
        trace_id=TRACE,
        span_id=[*ids(11), ids(11)[5]],  # the sixth was sent twice
        parent_span_id=[NOBODY, ids(1)[0], NOBODY, *([ids(3)[2]] * 9)],
        status=["error" if at % 3 == 1 else "ok" for at in range(12)],
        pending=[at == 6 for at in range(12)],
        plumbing=plumbing,
        agent=[("", "b", "a")[at % 3] for at in range(12)],
        kind=[("agent", "llm", "tool")[at % 3] for at in range(12)],
        tool=[f"tool-{at % 2}" if at % 3 == 2 else "" for at in range(12)],
        input="what " * 100,
        session_id="s",
        user_id="u",
    )
    at, tree, calls = both(tables)
    assert plain(card(tree, TRACE)) == plain(cards(tables.engine.read, at))
    assert plain(sums_of(calls, TRACE)) == pytest.approx(plain(totals(tables.engine.read, at)))


def test_a_trace_without_its_root_is_left_to_the_list(tables: Any) -> None:
    """Which span stands for it then is decided in one place."""
    tables.spans(2, trace_id=TRACE, span_id=ids(2), parent_span_id=[ids(9)[8], ids(1)[0]])
    _, tree, _ = both(tables)
    assert card(tree, TRACE) is None


def test_calls_that_others_tell_of_are_left_to_the_list(tables: Any) -> None:
    """Which of them count is decided in one place; they may arrive long before the span and long after it."""
    tables.spans(1, trace_id=TRACE, span_id=ids(1), parent_span_id=NOBODY, kind="agent")
    day_ns, begin = 20 * 3_600 * 10**9, tables.scope().from_ns
    tables.events(2, trace_id=TRACE, kind="llm", session_id="", response_id="", input_tokens=5, has_usage=True, received=[begin - day_ns, begin + day_ns])
    at, _, calls = both(tables)
    assert sums_of(calls, TRACE) is None
    found = plain(totals(tables.engine.read, at))
    assert (found["model_calls"], found["input_tokens"]) == (2, 10)
