"""Users' SQL reads executions and agents, as the page of the API says; each project its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from spyglass.store.gate import run_user_sql

SHOWN = re.findall(r"```sql\n(.+?)\n```", (Path(__file__).parents[3] / "docs/api.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", [text for text in SHOWN if "FROM runs" in text or "FROM agents_hour" in text])
def test_what_the_page_shows_runs(tables: Any, text: str) -> None:
    """Two runs of an agent that ended; nobody else sees them."""
    tables.spans(2, kind="agent", agent="planner")
    rows = run_user_sql(tables.engine, text.replace("> now() - INTERVAL 1 DAY", "> 0"), project=tables.project).to_pylist()
    assert sum(row.get("all_runs", 1) for row in rows) == 2
    assert {row.get("outcome", "succeeded") for row in rows} == {"succeeded"}
    assert run_user_sql(tables.engine, text, project="nobody").num_rows == 0
