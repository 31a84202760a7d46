"""Content encodings."""

from __future__ import annotations

import contextlib
import gzip
import random
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from spyglass.model.errors import DecodeError, Refused, TooLarge, UnsupportedMedia
from spyglass.receive.inflate import coding, inflate, inflate_off_loop


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


PACKERS = {
    "gzip": ("gzip", gzip.compress),
    "gzip members": ("gzip", lambda data: gzip.compress(data[: len(data) // 2]) + gzip.compress(b"") + gzip.compress(data[len(data) // 2 :])),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "zstd": ("zstd", zstandard.compress),
    "zstd frames": ("zstd", lambda data: zstandard.compress(data[: len(data) // 2]) + zstandard.compress(data[len(data) // 2 :])),
}
packed = pytest.mark.parametrize(("name", "pack"), PACKERS.values(), ids=PACKERS.keys())


def uncounted(_size: int) -> None:
    """For tests that do not look at memory."""


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("identity, gzip", "gzip"),
        ("deflate", "deflate"),
        ("zstd", "zstd"),
    ],
)
def test_a_header_names_its_coding(header, name):
    """Case, the old x- names and identity do not matter."""
    assert coding(header) == name


@pytest.mark.parametrize("header", ["br", "gzip, gzip", "compress", "gzip;q=1"])
def test_other_codings_are_refused_with_those_that_are_known(header):
    """The message lists what may be sent."""
    with pytest.raises(UnsupportedMedia, match="identity, gzip, deflate, zstd, got"):
        coding(header)


@packed
@given(data=st.binary(max_size=3_000))
def test_what_was_packed_comes_out(name, pack, data):
    """Every coding, in one piece or several, gives back the bytes."""
    assert inflate(pack(data), name, 10_000, uncounted) == data


@packed
def test_large_bodies_come_out_whole(name, pack):
    """Also those of several steps, that hardly shrink."""
    data = bytes(range(256)) * 4 + random.Random(7).randbytes(1_500_000)
    assert inflate(pack(data), name, 10_000_000, uncounted) == data


@packed
def test_a_bomb_is_stopped_while_it_unfolds(name, pack):
    """At most one step more than the limit is ever made."""
    made: list[int] = []
    with pytest.raises(TooLarge, match="more than 1000000 bytes"):
        inflate(pack(bytes(60_000_000)), name, 1_000_000, made.append)
    assert sum(made) <= 1_000_000


@packed
def test_memory_that_is_refused_stops_the_unfolding(name, pack):
    """The first piece that does not fit ends it."""

    def refuse(_size: int) -> None:
        raise Refused("full")

    with pytest.raises(Refused):
        inflate(pack(bytes(1_000_000)), name, 10_000_000, refuse)


@packed
@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_body_that_ends_early_is_an_error(name, pack, cut):
    """Truncation is never taken for a short body."""
    with pytest.raises(DecodeError, match="not valid"):
        inflate(pack(b"some telemetry " * 100)[:-cut], name, 10_000, uncounted)


@packed
def test_bytes_after_the_end_are_an_error(name, pack):
    """What is not part of the body is not ignored."""
    with pytest.raises(DecodeError):
        inflate(pack(b"some telemetry " * 100) + b"and more", name, 10_000, uncounted)


@pytest.mark.parametrize("name", ["gzip", "deflate", "zstd"])
@given(data=st.binary(min_size=1, max_size=300))
def test_noise_is_a_clear_error_or_a_body(name, data):
    """No bytes crash a decoder."""
    with contextlib.suppress(DecodeError):
        assert isinstance(inflate(data, name, 1_000_000, uncounted), bytes)


@pytest.mark.parametrize("size", [100, 500_000, 5_000_000])
async def test_bodies_of_any_size_are_unfolded_beside_the_loop(size):
    """Small ones at once, those that are or become large in a thread; all are counted once."""
    made: list[int] = []
    with ThreadPoolExecutor(1) as threads:
        for data in (bytes(size), random.Random(1).randbytes(size)):
            made.clear()
            assert await inflate_off_loop(gzip.compress(data), "gzip", 10_000_000, made.append, threads) == data
            assert sum(made) == size
