"""Pieces become bodies of a bounded size."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from spyglass.decode.decoder import Decoder
from spyglass.decode.encode import encode
from spyglass.decode.pieces import Piece, piece_of, split
from spyglass.decode.shape import KINDS
from spyglass.model.body import Body, Signal
from spyglass.model.errors import InputError
from spyglass.testing.rows import BASE_NS, events, points, spans


def decoded(signal: Signal, parts: list[Piece]) -> pa.Table:
    """The rows that they say."""
    bodies = [Body(signal, "protobuf", part.data) for part in parts]
    return Decoder().decode(signal, bodies, BASE_NS + 3600 * 10**9).batch.rows.combine_chunks()


@pytest.mark.parametrize(("signal", "make"), [("traces", spans), ("logs", events), ("metrics", points)])
def test_a_large_piece_is_taken_apart_and_nothing_is_lost(signal: Signal, make: Callable[..., pa.Table]) -> None:
    """The parts say what the whole said."""
    whole = piece_of(signal, encode(KINDS[signal], make(300)), "line 1")
    assert whole is not None
    parts = list(split(whole, 20_000))
    assert len(parts) > 3
    assert max(len(part.data) for part in parts) < 21_000
    assert sum(part.records for part in parts) == whole.records == 300
    assert decoded(signal, parts).equals(decoded(signal, [whole]))


def test_a_small_piece_stays_as_it_is() -> None:
    """Byte for byte."""
    piece = Piece("traces", encode(KINDS["traces"], spans(3)), 3, "x")
    assert list(split(piece, 10**6)) == [piece]


def test_one_record_that_is_too_large_stays_whole() -> None:
    """The server says whether it takes it."""
    rows = spans(2, status_message="x" * 50_000)
    parts = list(split(Piece("traces", encode(KINDS["traces"], rows), 2, ""), 1000))
    assert [part.records for part in parts] == [1, 1]


def test_bytes_of_something_else_are_refused() -> None:
    """With what was wanted."""
    with pytest.raises(InputError, match="no OTLP spans"):
        piece_of("traces", b"\x0a\xff", "line 1")
