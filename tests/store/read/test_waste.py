"""What calls of tools came to nothing, and which runs went round in circles."""

from __future__ import annotations

import time
from typing import Any

from spyglass.store.read.waste import loops, runs_of, tools

LATER_NS = time.time_ns() + 3_600 * 10**9


def calls(tables: Any, trace: int, *told: tuple[str, str, str, str], **more: Any) -> None:
    """A trace: (kind, input, output, status) in order."""
    kinds, inputs, outputs, statuses = zip(*told, strict=True)
    named = ["saw" if kind == "tool" else "" for kind in kinds]
    ids = [bytes([at + 1]) * 8 for at in range(len(told))]
    texts = {"input": list(inputs), "output": list(outputs), "status": list(statuses)}
    tables.spans(
        len(told), first=trace * 100, trace_id=trace.to_bytes(16), span_id=ids, kind=list(kinds), tool=named, agent="smith", duration_ns=1_000, **texts, **more
    )


def test_calls_that_repeat_fail_or_are_not_read_are_counted(tables: Any) -> None:
    """The first of its kind is none that repeats; a call without known arguments is compared with none; what is sent again is one call."""
    for _ in range(2):
        calls(
            tables,
            1,
            ("tool", "a", "1", "ok"),
            ("tool", "a", "1", "ok"),
            ("tool", "a", "2", "ok"),
            ("llm", "", "", "ok"),
            ("tool", "", "3", "ok"),
            ("tool", "b", "", "error"),
        )
    calls(tables, 2, ("tool", "a", "1", "ok"))
    (row,) = tools(tables.engine.read, tables.scope(), "", LATER_NS, 10).to_pylist()
    assert (row["agent"], row["tool"], row["calls"], row["errors"], row["traces"]) == ("smith", "saw", 6, 1, 2)
    assert (row["comparable"], row["repeated"]) == (4, 1)
    assert (row["judged"], row["unread"]) == (4, 1)  # the second trace calls no model: nobody knows
    assert (row["duration_ns"], row["failed_ns"], row["result_bytes"]) == (6_000, 1_000, 5)
    assert row["trace_id"] == (1).to_bytes(16).hex()


def test_what_may_still_be_read_is_not_judged(tables: Any) -> None:
    """A trace of which something arrived lately goes on."""
    calls(tables, 1, ("llm", "", "", "ok"), ("tool", "a", "1", "ok"))
    (row,) = tools(tables.engine.read, tables.scope(), "smith", tables.scope().from_ns, 10).to_pylist()
    assert (row["judged"], row["unread"]) == (0, 0)
    assert tools(tables.engine.read, tables.scope(), "joiner", LATER_NS, 10).num_rows == 0


def test_a_run_that_goes_round_in_circles_is_told_once_with_its_latest_figures(tables: Any) -> None:
    """And the executions of its trace are found."""
    ids = [b"e" * 8, b"f" * 8]
    tables.spans(2, trace_id=b"c" * 16, span_id=ids, kind=["agent", "tool"], agent="smith", parent_span_id=[bytes(8), ids[0]])
    told = {"analyzer": "loops", "fingerprint": "ab" * 8, "rule": "loop", "severity": "warning", "first_seen_ns": "5", "details.calls": '["saw"]'}
    for rounds in ("4", "8"):
        attributes = [(f"spyglass.finding.{name}", value) for name, value in {**told, "details.rounds": rounds, "details.spent_usd": "0.5"}.items()]
        at = {"first": int(rounds), "trace_id": b"c" * 16, "span_id": ids[1], "agent": "smith", "event_name": "finding", "scope_name": "spyglass.server"}
        tables.events(1, attributes=[attributes], body=f"{rounds} rounds", **at)
    (row,) = loops(tables.engine.read, tables.scope(), "smith", 10).to_pylist()
    assert (row["title"], row["rounds"], row["told"], row["calls"], row["spent_usd"], row["first_ns"]) == ("8 rounds", "8", 2, '["saw"]', "0.5", 5)
    assert row["trace_id"] == (b"c" * 16).hex()
    assert loops(tables.engine.read, tables.scope(), "joiner", 10).num_rows == 0
    (run,) = runs_of(tables.engine.read, tables.project, [row["trace_id"]], LATER_NS)[row["trace_id"]]
    assert run["agent"] == "smith"
