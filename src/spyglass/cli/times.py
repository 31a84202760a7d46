"""Lengths of time on the command line: `30s`, `5m`, `1h`, `2d`; a bare number is seconds."""

from __future__ import annotations

import re
from typing import Final

import typer

__all__ = ["seconds"]

_UNITS: Final = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")


def seconds(text: str) -> float:
    """How many seconds it is.

    Raises:
        typer.BadParameter: it is no length of time.
    """
    match = _LENGTH.fullmatch(text.strip().lower())
    if match is None:
        raise typer.BadParameter(f"expected a length of time such as 30s, 5m or 1h, got {text!r}")
    return float(match[1]) * _UNITS[match[2]]
