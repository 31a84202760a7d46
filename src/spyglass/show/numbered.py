"""Pages of lists that are short enough to be counted through: a cursor is the number of the next row."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from spyglass.show.parameters import decode_cursor, encode_cursor
from spyglass.show.render import rows
from spyglass.store.read.asking import Place

__all__ = ["first_row", "page"]

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
    following = Place(first + limit, "") if found.num_rows > limit else None
    return {"items": rows(found.slice(0, limit)), "next_cursor": encode_cursor(of, following)}
