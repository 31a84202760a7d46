"""Each control of `analyze/controls`, asked of a store: one project where it holds, one where it does not."""

from __future__ import annotations

from typing import Any

import pytest
from tests.store.read.conftest import Tables

from spyglass.analyze.controls.checks import CONTROLS, Settings, question, verdict
from spyglass.store.engine import Engine
from spyglass.store.gate import run_user_sql

SETTINGS = Settings(allowed_models=("gpt-4",), risky_tools="^pay")
GOOD: dict[str, Any] = {
    "kind": "llm",
    "agent": "ada",
    "agent_version": "1",
    "model": "gpt-4o",
    "status": "ok",
    "has_usage": True,
    "error_type": "",
    "status_message": "",
    "input": "what is 2 + 2?",
    "output": "4",
    "issues": (),
    "dropped_attributes": 0,
    "dropped_events": 0,
    "dropped_links": 0,
    "pending": False,
    "tool": "",
    "response_id": "",
}
# What makes a control fail that holds for GOOD with the first change.
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "records.attributed": ({}, {"agent": ""}),
    "records.versioned": ({"kind": "agent"}, {"kind": "agent", "agent_version": ""}),
    "records.complete": ({}, {"dropped_events": 2}),
    "records.timed": ({}, {"issues": ("end_before_start",)}),
    "records.usage": ({}, {"has_usage": False}),
    "failures.explained": ({"status": "error", "error_type": "timeout"}, {"status": "error"}),
    "secrets.absent": ({}, {"output": "use AKIAIOSFODNN7EXAMPLE for it"}),
    "models.allowed": ({}, {"model": "llama-3"}),
}


@pytest.mark.parametrize("control", [one for one in CONTROLS if one.id in CASES], ids=lambda one: str(one.id))
def test_a_control_passes_and_fails(control: Any, store: Engine) -> None:
    """And has no data where nothing is; the rows that show it are told, as users may ask, too."""
    states: list[tuple[str, int, int, int]] = []
    for change in (None, *CASES[control.id]):
        name = f"{control.id}-{len(states)}"
        if change is not None:
            Tables(store, name).spans(3, **GOOD | change)
        sql, bound = question(control, SETTINGS, name, 0, 2**62) or ("", {})
        row = next(iter(store.read(sql, bound).to_pylist()), None)
        told = verdict(control, row)
        states.append((told.state, told.seen, told.failed, len(told.evidence)))
        assert run_user_sql(store, sql, bound, project=None).num_rows == (change is not None)
    seen = 1 if control.id == "records.attributed" else 3  # a call within a call is the same call
    assert states == [("no_data", 0, 0, 0), ("pass", seen, 0, 0), ("fail", seen, seen, seen)]


def test_approval_is_looked_for_in_the_trace(store: Engine) -> None:
    """A risky call in a trace with an approval passes, one in a trace without fails; other tools are not asked."""
    control = next(one for one in CONTROLS if one.id == "oversight.approved")
    tables = Tables(store, "approval")
    called = {name: value for name, value in GOOD.items() if name != "tool"} | {"kind": "tool", "model": ""}
    tables.spans(2, **called, tool="pay_invoice", trace_id=bytes([1]) * 16)
    tables.spans(1, first=5, **called, tool="pay_out", trace_id=bytes([2]) * 16)
    tables.spans(1, first=9, **called, tool="read", trace_id=bytes([3]) * 16)
    tables.events(1, event_name="human.approval", trace_id=bytes([1]) * 16)
    sql, bound = question(control, SETTINGS, "approval", 0, 2**62) or ("", {})
    told = verdict(control, store.read(sql, bound).to_pylist()[0])
    assert (told.state, told.seen, told.failed, told.evidence[0][:32]) == ("fail", 3, 1, "02" * 16)
    assert run_user_sql(store, sql, bound, project=None).num_rows == 1
