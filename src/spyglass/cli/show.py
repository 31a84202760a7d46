"""How the commands show figures: short, in columns, readable at 80 columns."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from rich.console import Console

__all__ = ["SEVERITY_STYLES", "clock_time", "console", "cost", "count", "duration", "print_json"]

console = Console(highlight=False)
SEVERITY_STYLES: Final = {"critical": "bold red", "error": "red", "warning": "yellow"}


def duration(ns: float) -> str:
    """`850 ms`, `2.4 s`, `3 m 10 s`."""
    if ns < 1e6:
        return f"{ns / 1e3:.0f} µs"
    if ns < 1e9:
        return f"{ns / 1e6:.0f} ms"
    if ns < 60e9:
        return f"{ns / 1e9:.1f} s"
    minutes, seconds = divmod(round(ns / 1e9), 60)
    return f"{minutes} m {seconds:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} m"


def count(number: float) -> str:
    """`950`, `12.3k`, `4.5M`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if number >= size:
            return f"{number / (1e3 if unit == 'k' else size):.1f}{unit}"
    return f"{number:.0f}"


def cost(usd: float) -> str:
    """`$0.0042`; nothing when nothing was paid."""
    return "" if not usd else f"${usd:.4f}" if usd < 1 else f"${usd:,.2f}"


def clock_time(text: str) -> str:
    """An ISO time as the viewer's local clock: `14:03:07`, with the day when it is not today."""
    moment = datetime.fromisoformat(text[:26].rstrip("Z")).replace(tzinfo=UTC).astimezone()
    today = moment.date() == datetime.now(moment.tzinfo).date()
    return moment.strftime("%H:%M:%S" if today else "%m-%d %H:%M:%S")


def print_json(item: Any) -> None:
    """One object per line."""
    sys.stdout.buffer.write(orjson.dumps(item) + b"\n")
    sys.stdout.buffer.flush()
