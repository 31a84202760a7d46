"""Promises about what is kept for pricing calls again."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from spyglass.store.billing import as_priced, billed
from spyglass.store.calls import calls_of_spans, lean_rows
from spyglass.store.rows import span_rows
from spyglass.testing.rows import spans

NAMES = ["provider", "model", "request_model", "service_tier"]


def test_what_was_priced_comes_back() -> None:
    """Provider, models and tier, of any spelling; of calls with tokens alone."""
    told: dict[str, Any] = {
        "provider": ["p", "", "q"],
        "model": ["m/1", "", "é"],
        "request_model": ["", "", "r"],
        "kind": ["llm", "llm", "tool"],
        "has_usage": [True, True, True],
    }
    rows = spans(3, **told, attributes=[[("usage.service_tier", "Batch")], [], []], attribute_types=["s", "", ""])
    again = as_priced(pa.table(billed(rows))).select(NAMES).to_pylist()
    assert [tuple(row.values()) for row in again] == [("p", "m/1", "", "batch"), ("", "", "", ""), ("", "", "", "")]


def test_a_key_of_another_making_is_no_failure() -> None:
    """Too few or too many parts."""
    keys = pa.table({"price_key": ["", "a", "a\x1fb\x1fc\x1fd\x1fe"]})
    assert [tuple(row.values()) for row in as_priced(keys).select(NAMES).to_pylist()] == [("", "", "", ""), ("a", "", "", ""), ("a", "b", "c", "d")]


def test_a_call_keeps_by_what_the_teller_of_its_tokens_was_priced() -> None:
    """The framework's span says the model it asked for, the client's below it what answered."""
    told: dict[str, Any] = {
        "kind": "llm",
        "has_usage": [False, True],
        "model": ["gpt-4", "gpt-4o-mini"],
        "parent_span_id": [bytes(8), b"\1" * 8],
        "span_id": [b"\1" * 8, b"\2" * 8],
    }
    rows = lean_rows(span_rows(spans(2, trace_id=b"t" * 16, response_id="", **told))[0])
    [call] = calls_of_spans(rows, now_ns=1, replace=False).to_pylist()
    assert (call["model"], as_priced(pa.table({"price_key": [call["price_key"]]}))["model"].to_pylist()) == ("gpt-4", ["gpt-4o-mini"])
