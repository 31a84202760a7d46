"""Tables fit the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from spyglass.cli.table import Column, fitted

COLUMNS = [
    Column("id", lambda item: item["id"]),
    Column("name", lambda item: item["name"], flexible=True),
    Column("a", lambda _: "aaaaaaaa", right=True, drop=1),
    Column("b", lambda _: "bbbbbbbb", right=True, drop=2),
]
ITEMS = [{"id": "x" * 32, "name": "a name that\nis rather long for a column"}]


def shown(width: int) -> list[str]:
    """The lines of the table."""
    out = io.StringIO()
    Console(file=out, width=width, no_color=True).print(fitted(COLUMNS, ITEMS, width))
    return out.getvalue().splitlines()


@pytest.mark.parametrize(("width", "titles"), [(120, "id name a b"), (68, "id name a"), (52, "id name")])
def test_what_matters_least_goes_first(width: int, titles: str) -> None:
    """The others keep their width, and one gives way."""
    head, row = shown(width)
    assert head.split() == titles.split()
    assert "x" * 32 in row
    assert max(map(len, (head, row))) <= width


def test_what_is_cut_is_marked() -> None:
    """Lines of a text become one."""
    assert "…" in shown(60)[1]
    assert "a name that is rather long for a column" in shown(120)[1]
