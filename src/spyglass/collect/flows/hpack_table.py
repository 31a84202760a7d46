"""HPACK for somebody who came late, or missed something: what stands in the table from before is not known, everything else is.

In: header blocks of one direction, in order. Out: the fields whose names and values are certain (RFC 7541).
"""

from __future__ import annotations

from typing import Final

from hpack import Decoder, HPACKError
from hpack.table import HeaderTable

from spyglass.collect.flows.headers import Fields, kept

__all__ = ["Fieldset"]

_LARGEST_TABLE: Final = 64 * 1024  # bytes; what browsers and gRPC agree on
_UNKNOWN: Final = (b"", b"")


class _Table(HeaderTable):
    """A table in which an entry that we cannot know is an empty one. Entries are numbered from the newest, so those added since we came are right.

    It may hold more than the sender's, which evicts by the true size of entries; the sender refers to none that it has evicted.
    """

    def get_by_index(self, index: int) -> tuple[bytes, bytes]:
        place = index - 1 - HeaderTable.STATIC_TABLE_LENGTH
        return _UNKNOWN if place >= len(self.dynamic_entries) else super().get_by_index(index)


class Fieldset:
    """Decodes one direction. `certain`: the table is whole, so that every field of a block is known."""

    def __init__(self, longest: int, *, certain: bool) -> None:
        self._longest = longest
        self._decoder = self._fresh(certain)
        self.certain = certain

    def decode(self, block: bytes) -> Fields | None:
        """The fields that we may keep; None when the block cannot be read: then the table is forgotten too."""
        try:
            found = self._decoder.decode(block, raw=True)
            return kept((bytes(name).decode("ascii", "replace"), bytes(value).decode("latin-1")) for name, value in found if name)
        except (HPACKError, ValueError, IndexError):  # a block that ends in the middle of a number is an IndexError
            self.forget()
            return None

    def forget(self) -> None:
        """A block was lost, and with it what it added."""
        self._decoder = self._fresh(certain=False)
        self.certain = False

    def _fresh(self, certain: bool) -> Decoder:
        decoder = Decoder(max_header_list_size=self._longest)
        decoder.max_allowed_table_size = _LARGEST_TABLE
        if not certain:
            decoder.header_table = _Table()
            decoder.header_table_size = _LARGEST_TABLE
        return decoder
