"""An append as bytes."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.model.batch import Batch
from spyglass.model.errors import StoreError
from spyglass.model.schema import PIECE, Kind
from spyglass.publish import frame
from spyglass.publish.schemas import Schemas
from spyglass.testing.rows import events, messages, points, spans

SEED = 7
PIECES = pa.table({"project": ["p"], "hash": [b"h" * 16], "received": [1], "data": [b"\x00\xff"]}, PIECE)


def _bytes(batches: list[Batch], keys: list[bytes]) -> memoryview:
    return memoryview(b"".join(bytes(buffer) for buffer in frame.seal(frame.encode(batches, keys, SEED), 40, 99, SEED)))


def test_what_goes_in_comes_out() -> None:
    """Batches of every kind, their messages and pieces, the keys, offset and time survive."""
    batches = [Batch(Kind.SPAN, spans(9), messages(9)), Batch(Kind.EVENT, events(3), messages(3), PIECES), Batch(Kind.POINT, points(5))]
    data = _bytes(batches, [b"one", b"two"])
    head = frame.read_head(data, 0, SEED)
    assert head is not None
    assert (head.first, head.last, head.appended_ns, head.keys, head.rows) == (40, 42, 99, (b"one", b"two"), 17)
    assert head.size_bytes == len(data)
    payload = data[head.head_bytes :]
    assert frame.whole(head, payload, SEED)
    assert frame.decode(head, payload, Schemas(Path("nowhere"))) == batches


def test_slices_and_pieces_keep_their_rows() -> None:
    """A table that is a slice, or made of several chunks, comes out with exactly its rows."""
    sliced = Batch(Kind.SPAN, spans(20).slice(7, 5))
    data = _bytes([sliced, Batch(Kind.SPAN, spans(0)), Batch(Kind.SPAN, spans(0), messages(0))], [])
    head = frame.read_head(data, 0, SEED)
    assert head is not None
    decoded = frame.decode(head, data[head.head_bytes :], Schemas(Path("nowhere")))
    assert decoded is not None
    assert [len(each) for each in decoded] == [5, 0, 0]
    assert decoded[0].rows.equals(spans(5, first=7))


def test_a_small_entry_is_small() -> None:
    """One row costs about 2 kB: the schema is not written with each entry."""
    assert frame.encode([Batch(Kind.SPAN, spans(1))], [b"k" * 16], SEED).size_bytes < 2600


def test_another_log_does_not_take_the_frame() -> None:
    """A frame inside a payload, or of another log, is no frame: its checksum is seeded."""
    assert frame.read_head(_bytes([Batch(Kind.SPAN, spans(1))], []), 0, SEED + 1) is None


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), tail=st.booleans())
def test_any_bytes_are_read_without_an_error(data: bytes, tail: bool) -> None:
    """Bytes that are no frame are None, also behind the magic of one."""
    assert frame.read_head(memoryview(frame.MAGIC + data if tail else data), 0, SEED) is None


def test_wrong_columns_are_named() -> None:
    """A batch without the columns of its kind is our own mistake, and the error says which columns."""
    with pytest.raises(StoreError, match="status_message"):
        frame.encode([Batch(Kind.SPAN, spans(1).drop_columns(["status_message"]))], [], SEED)


def test_long_keys_are_refused() -> None:
    """A key is a hash, never a text."""
    with pytest.raises(StoreError, match="255"):
        frame.encode([], [b"x" * 256], SEED)
