"""Promises about the steps of a trace."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.store.read.attribution import steps
from spyglass.store.read.whereabouts import Whereabouts


def test_steps_come_in_order_with_what_was_said_first_in_them(tables: Any) -> None:
    """A question, an answer, a result of a tool; a span that came twice is one step."""
    rows = tables.spans(8)
    tables.spans(8)
    tables.messages(8, **dict.fromkeys(("received", "start"), rows["received"].cast("int64")[-1].as_py() + 1))  # whole nanoseconds
    at = Whereabouts.of(tables.engine.read, tables.project, [rows["trace_id"][0].as_py().hex()])
    said = steps(tables.engine.read, at)
    assert [(one.kind, one.agent) for one in said if one.kind != "user"] == [("llm", "planner"), ("tool", "search"), ("llm", "planner")]
    assert [one.failed for one in said if one.kind == "tool"] == [True]
    assert said[0].kind == "user"
    assert "weather" in said[0].text
    assert all("sunny" in one.text for one in said if one.kind == "llm")


@pytest.mark.parametrize("cut", [0, 4])
def test_without_messages_outputs_are_told(tables: Any, cut: int) -> None:
    """So that content that is not captured is no error."""
    rows = tables.spans(4, first=cut, output="done")
    at = Whereabouts.of(tables.engine.read, tables.project, [rows["trace_id"][0].as_py().hex()])
    assert [one.text for one in steps(tables.engine.read, at)] == ["done"] * 3
