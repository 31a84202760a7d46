"""How differences between versions are printed."""

from __future__ import annotations

from typing import Any

import pytest

from spyglass.cli.agents_shown import print_diff

SIDE = {"number": 1, "version": "1", "fingerprint": "f"}


def test_every_difference_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Prompt, tools, model and settings; text of others is no markup."""
    change: dict[str, Any] = {"kind": "changed", "path": "/temperature", "before": 0.1, "after": None}
    told = {
        "agent": "planner",
        "first": SIDE,
        "second": SIDE | {"number": 2, "version": ""},
        "same": False,
        "model": {"before": "a", "after": "b"},
        "settings": [change],
        "tools": [{"kind": "changed", "name": "find", "changes": [change | {"path": "/description"}]}, {"kind": "added", "name": "go", "changes": []}],
        "prompt": [{"kind": "removed", "text": "[bold]be kind"}, {"kind": "same", "text": "x"}],
    }
    print_diff(told)
    assert capsys.readouterr().out.splitlines() == [
        "planner: version 1 (1) and version 2",
        "model: a -> b",
        "settings/temperature: 0.1 -> none",
        "~ tool find",
        "    /description: 0.1 -> none",
        "+ tool go",
        "- [bold]be kind",
        "  x",
    ]
