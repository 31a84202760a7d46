"""Pages of lists that are short enough to be counted through: a cursor is the number of the next row."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from spyglass.show.parameters import decode_cursor, encode_cursor
from spyglass.show.render import rows
from spyglass.store.read.asking import Place

__all__ = ["first_row", "next_place", "page"]

_LAST_ROW: Final = 1_000_000


def first_row(of: str, cursor: str | None) -> int:
    """The row at which the page of the list `of` begins.

    Raises:
        InputError: the cursor is of another list, or of none.
    """
    place = decode_cursor(of, cursor)
    return min(max(0, place.figure), _LAST_ROW) if place else 0


def page(of: str, found: pa.Table, first: int, limit: int) -> dict[str, Any]:
    """`items` and `next_cursor`; `found` holds one row more than the page where there is another one."""
    return {"items": rows(found.slice(0, limit)), "next_cursor": next_place(of, first, limit, found.num_rows)}


def next_place(of: str, first: int, limit: int, found: int) -> str | None:
    """`next_cursor` where `found` rows were there from the row `first` on, one more than a page where there is another one."""
    return encode_cursor(of, Place(first + limit, "") if found > limit else None)
