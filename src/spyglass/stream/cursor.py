"""A place in the stream as opaque text: log offset, when its batch arrived, row in the batch. What a viewer has seen so far, that row included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from spyglass.model.errors import InputError

__all__ = ["Cursor", "read_cursor"]

_TEXT: Final = re.compile(r"(-1|[0-9a-f]{1,16})\.([0-9a-f]{1,16})\.([0-9a-f]{1,8})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """`offset` is -1 before the first batch of a process; `received_ms` is then when that process began to watch."""

    offset: int
    received_ms: int
    row: int

    @property
    def prefix(self) -> str:
        """The text of all cursors of this batch, without the row."""
        return f"{self.offset:x}.{self.received_ms:x}."

    def __str__(self) -> str:
        return f"{self.prefix}{self.row:x}"


def read_cursor(text: str) -> Cursor:
    """What `str` of a cursor wrote.

    Raises:
        InputError: it is something else.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise InputError("cursor: expected the `cursor` of a frame, or the id of a server-sent event", parameter="cursor")
    return Cursor(int(match[1], 16), int(match[2], 16), int(match[3], 16))
