"""Items of a list of the API on the screen: a table that fits, or a JSON object per line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from spyglass.cli.show import console, print_json
from spyglass.cli.table import Column, fitted

__all__ = ["print_list"]


def print_list(items: Sequence[dict[str, Any]], columns: Sequence[Column], *, json: bool, nothing: str) -> None:
    """Print them. Where there are none that is said, to people only, and the command ends with code 4."""
    if json:
        for item in items:
            print_json(item)
    else:
        console.print(fitted(columns, items, console.width) if items else nothing)
    if not items:
        raise typer.Exit(4)
