"""Encodings undone in pieces, with a bound on what comes out."""

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.collect.flows.encodings import decoding, magic
from spyglass.model.errors import DecodeError


def raw_deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=3),
    "zstd": zstandard.ZstdCompressor().compress,
}


def undone(name, data, sizes, most=1 << 20):
    (step,) = decoding(name)
    out, place, turn = b"", 0, 0
    while place < len(data):
        size = sizes[turn % len(sizes)]
        out += step.decode(data[place : place + size], most)
        place, turn = place + size, turn + 1
    return out


@given(st.binary(max_size=5000), st.sampled_from(sorted(PACKERS)), st.lists(st.integers(1, 700), min_size=1, max_size=5))
@settings(max_examples=60)
def test_any_cut_gives_the_same(plain, name, sizes):
    """What was packed comes out, whatever the pieces are."""
    assert undone(name, PACKERS[name](plain), sizes) == plain


def test_deflate_is_also_what_has_no_header():
    """Some servers send it so."""
    assert undone("deflate", raw_deflate(b"abc" * 99), [7]) == b"abc" * 99


def test_gzip_may_have_several_members():
    """They are one after the other one content (RFC 1952, 2.2)."""
    assert undone("gzip", gzip.compress(b"one") + gzip.compress(b"two"), [5]) == b"onetwo"


@pytest.mark.parametrize("name", sorted(PACKERS))
def test_a_bomb_gives_no_more_than_was_asked_for(name):
    """64 MiB of zeros in a few kilobytes: what comes out at once stays near the bound."""
    (step,) = decoding(name)
    assert len(step.decode(PACKERS[name](bytes(64 << 20)), 1 << 20)) <= (1 << 20) + (4 << 20)


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_what_is_not_so_encoded_is_an_error(name):
    """An error of ours, without the bytes."""
    with pytest.raises(DecodeError):
        undone(name, b"{this is plain text, whatever the header says}", [20])


def test_encodings_are_undone_last_first():
    """`gzip, br`: br was put around gzip."""
    data = brotli.compress(gzip.compress(b"plain"))
    for step in decoding("gzip, br"):
        data = step.decode(data, 1000)
    assert data == b"plain"


@pytest.mark.parametrize("name", ["compress", "gzip, gzip, gzip, gzip"])
def test_unknown_or_endless_encodings_are_refused(name):
    """They are not guessed."""
    with pytest.raises(DecodeError):
        decoding(name)


def test_marks_are_known():
    """For bodies whose headers were not seen."""
    assert [magic(PACKERS[name](b"x")) for name in ("gzip", "zstd", "br")] == ["gzip", "zstd", ""]
