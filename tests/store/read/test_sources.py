"""Promises about telemetry health: every source is there, each record counts once, and who repeats whom is told."""

from __future__ import annotations

from typing import Any

from spyglass.store.read import sources
from spyglass.store.read.doubled import Pair, Source, pairs

LIBRARY, FRAMEWORK = Source("travel", "library"), Source("travel", "framework")


def listed(tables: Any) -> dict[str, dict[str, Any]]:
    """The sources, by scope."""
    return {row["scope_name"]: row for row in sources.sources(tables.engine.read, tables.scope(), 10).to_pylist()}


def test_sources_tell_what_is_missing(tables: Any) -> None:
    """Calls without tokens, parents that never came, issues; however often the spans came."""
    for _ in range(2):
        tables.spans(8, has_usage=[False] * 8, issues=[["no_end"]] + [[]] * 7, model=["m"] * 7 + [""])
        tables.spans(1, first=101)  # its parent is not among them
    [row] = listed(tables).values()
    assert (row["spans"], row["model_spans"], row["without_usage"], row["without_model"], row["without_parent"]) == (9, 5, 4, 1, 1)
    assert sources.issues(tables.engine.read, tables.scope()) == {Source("travel", row["scope_name"]): {"no_end": 1}}


def test_a_source_of_log_records_alone_is_a_source(tables: Any) -> None:
    """With what its calls lack; a copy adds nothing."""
    told = {
        "kind": ["llm", "llm", "tool", ""],
        "has_usage": [True, False, False, False],
        "status": "ok",
        "model": ["", "m", "", ""],
        "issues": [["odd"], [], [], []],
    }
    for _ in range(2):
        tables.events(4, **told, scope_name="logs", cost_source=["", "unknown_model", "", ""], session_id="", trace_id=bytes(16))
    row = listed(tables)["logs"]
    assert (row["spans"], row["events"], row["model_events"]) == (0, 4, 2)
    assert (row["without_usage"], row["without_model"], row["unpriced"], row["without_session"]) == (1, 1, 1, 3)
    assert sources.issues(tables.engine.read, tables.scope()) == {Source("travel", "logs"): {"odd": 1}}


def test_a_source_of_points_alone_is_a_source(tables: Any) -> None:
    """Once each, with when it was seen last; what else its service sends is known."""
    for _ in range(2):
        rows = tables.points(5, scope_name="meter")
    tables.spans(4, scope_name="tracer", service="other")
    found = listed(tables)
    assert (found["meter"]["points"], found["meter"]["spans"], found["meter"]["service_records"], found["tracer"]["service_records"]) == (5, 0, 0, 4)
    assert found["meter"]["last_seen"].value == max(rows["time"].cast("int64").to_pylist())


def test_one_source_may_send_all_kinds(tables: Any) -> None:
    """It is one row."""
    tables.spans(4, scope_name="all")
    tables.events(3, scope_name="all")
    tables.points(5, scope_name="all")
    [row] = listed(tables).values()
    assert (row["spans"], row["events"], row["points"]) == (4, 3, 5)


def test_the_sdk_of_a_source_is_that_of_its_latest_record(tables: Any) -> None:
    """Its name, language and version, as far as told; of sources of any kind."""
    python = [("telemetry.sdk.name", "opentelemetry"), ("telemetry.sdk.language", "python"), ("telemetry.sdk.version", "1.30.0")]
    tables.spans(4, scope_name="s", resource_attributes=tuple(python), resource_attribute_types="sss")
    tables.events(1, scope_name="e", resource_attributes=tuple(python[1:2]), resource_attribute_types="s")
    tables.points(5, scope_name="p", resource_attributes=(), resource_attribute_types="")
    table = sources.sources(tables.engine.read, tables.scope(), 10)
    assert sources.sdks(tables.engine.read, tables.scope(), table) == {Source("travel", "s"): "opentelemetry python 1.30.0", Source("travel", "e"): "python"}


def nested(tables: Any, **more: Any) -> None:
    """Two model calls, each told by a framework, and inside of it by a library."""
    at = tables.scope().from_ns
    ids = [bytes([0] * 7 + [number]) for number in range(1, 5)]
    told = {"trace_id": b"t" * 16, "span_id": ids, "parent_span_id": [bytes(8), ids[0], bytes(8), ids[2]], "kind": "llm", "response_id": "", "pending": False}
    tables.spans(4, **{**told, "start": [at + number for number in (10, 11, 20, 21)], "scope_name": ["framework", "library"] * 2, **more})


def test_an_inner_span_repeats_the_call_of_the_outer_one(tables: Any) -> None:
    """The pair is told, with how many; copies change nothing."""
    for _ in range(2):
        nested(tables)
    assert pairs(tables.engine.read, tables.scope()) == [Pair(LIBRARY, FRAMEWORK, 2, 0)]


def test_spans_with_one_response_are_a_pair_across_traces(tables: Any) -> None:
    """One of the two stands for the call: the one that was told last."""
    for scope in ("framework", "library"):
        tables.spans(1, first=1, trace_id=scope[:1].encode() * 16, response_id="r", scope_name=scope, parent_span_id=bytes(8))
    [pair] = pairs(tables.engine.read, tables.scope())
    assert ({pair.source, pair.other}, pair.spans, pair.events) == ({LIBRARY, FRAMEWORK}, 1, 0)


def test_log_records_repeat_the_calls_of_their_session(tables: Any) -> None:
    """Those of other sessions stand for themselves."""
    nested(tables, session_id="s", parent_span_id=bytes(8), scope_name="framework")
    tables.events(3, kind="llm", scope_name="logs", session_id=["s", "s", "alone"], trace_id=bytes(16), response_id="", status="ok")
    assert pairs(tables.engine.read, tables.scope()) == [Pair(Source("travel", "logs"), FRAMEWORK, 0, 2)]


def test_calls_that_are_told_once_have_no_pair(tables: Any) -> None:
    """As most are."""
    tables.spans(40)
    tables.events(2, kind="llm", session_id="alone", trace_id=bytes(16), response_id="")
    assert pairs(tables.engine.read, tables.scope()) == []
