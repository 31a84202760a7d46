"""What the log remembers of a body beside its hash: an outcome in, some bytes out, and back. So that a retry is answered as the first time was."""

from __future__ import annotations

from typing import Final

import msgspec

from spyglass.model.body import Outcome

__all__ = ["note_of", "read_note"]

_TEXT: Final = 200  # bytes of the message; key and note together may have 255


def note_of(outcome: Outcome) -> bytes:
    """Nothing for a body of which all was kept."""
    if not outcome.rejected:
        return b""
    text = outcome.message.encode()
    return msgspec.msgpack.encode((outcome.rejected, text[:_TEXT].decode(errors="ignore")))


def read_note(note: bytes) -> Outcome:
    """The outcome of the first time, but that no row is accepted once more."""
    if not note:
        return Outcome(0)
    rejected, message = msgspec.msgpack.decode(note, type=tuple[int, str])
    return Outcome(0, rejected, message)
