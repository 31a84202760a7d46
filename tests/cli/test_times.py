"""Lengths of time are read as people write them."""

from __future__ import annotations

import pytest
import typer

from spyglass.cli.times import seconds


@pytest.mark.parametrize(("text", "length"), [("30", 30), ("30s", 30), ("1.5m", 90), ("1H", 3600), (" 2 d ", 172_800)])
def test_lengths_are_read(text: str, length: float) -> None:
    """With or without a unit."""
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "m", "-5m", "5 weeks", "1h30m"])
def test_what_is_none_is_refused(text: str) -> None:
    """With an example."""
    with pytest.raises(typer.BadParameter, match="5m"):
        seconds(text)
