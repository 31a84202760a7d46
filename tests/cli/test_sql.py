"""What is wrong with a call of `spyglass sql` is told before anything is asked."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_two_formats_at_once_are_refused(run: Any, form: str) -> None:
    """With code 2 and a sentence, no traceback."""
    told = run("sql", "SELECT 1", "--format", form, "--json")
    assert told.exit_code == 2
    assert f"--format {form}" in " ".join(told.stderr.replace("│", " ").split())
    assert "Traceback" not in told.stderr
