"""Each control of `analyze/controls`, asked of a store: one project where it holds, one where it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

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
def test_a_control_passes_and_fails(control: Any, kept: Callable[..., Any], shared_engine: Engine) -> None:
    """And has no data where nothing is; the rows that show it are told, as users may ask, too."""
    states = []
    for change in (None, *CASES[control.id]):
        project = kept()
        if change is not None:
            project.spans(3, **GOOD | change)
        sql, bound = question(control, SETTINGS, project.project, 0, 2**62) or ("", {})
        row = next(iter(shared_engine.read(sql, bound).to_pylist()), None)
        told = verdict(control, row)
        states.append((told.state, told.seen, told.failed, len(told.evidence)))
        assert run_user_sql(shared_engine, sql, bound, project=None).num_rows == (change is not None)
    assert states == [("no_data", 0, 0, 0), ("pass", 3, 0, 0), ("fail", 3, 3, 3)]
