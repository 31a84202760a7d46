"""Tables that fit a narrow terminal: one column gives way, and columns that matter least are left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from rich.table import Table

__all__ = ["Column", "fitted"]

_GAP: Final = 2
_BAD: Final = frozenset({"error", "failed"})
_LEAST: Final = 16  # what the column that gives way must have, before others are left out

Item = dict[str, Any]


class Column(NamedTuple):
    """One column."""

    title: str
    cell: Callable[[Item], str]
    right: bool = False
    flexible: bool = False  # gives way; one of them
    drop: int = 0  # left out when there is no room, the highest number first; 0: never
    least: int = _LEAST  # what it must have, if it gives way, before others are left out


def fitted(columns: Sequence[Column], items: Iterable[Item], width: int) -> Table:
    """The items as a table of at most `width` characters."""
    items = list(items)
    texts = {column.title: [column.cell(item).replace("\n", " ") for item in items] for column in columns}
    wide = {column.title: max([len(column.title), *map(len, texts[column.title])]) for column in columns}
    kept = _kept(list(columns), wide, width)
    room = width - sum(wide[column.title] for column in kept if not column.flexible) - _GAP * (len(kept) - 1)
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for column in kept:
        size = min(wide[column.title], max(room, 1)) if column.flexible else wide[column.title]
        table.add_column(column.title, justify="right" if column.right else "left", no_wrap=True, overflow="ellipsis", width=size)
    for row, item in enumerate(items):
        table.add_row(*(texts[column.title][row] for column in kept), style="red" if item.get("status") in _BAD else None)
    return table


def _kept(columns: list[Column], wide: dict[str, int], width: int) -> list[Column]:
    """In their order. One that is too wide leaves its room to those that matter less."""
    kept: set[str] = set()
    room = width + _GAP
    for one in sorted(columns, key=lambda one: one.drop):
        needed = _GAP + (min(wide[one.title], one.least) if one.flexible else wide[one.title])
        if not one.drop or needed <= room:
            kept.add(one.title)
            room -= needed
    return [one for one in columns if one.title in kept]
