"""Promises about cutting by content."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.refine.cutting import MAX_BYTES, MIN_BYTES, ends


def parts(data: bytes) -> list[bytes]:
    """The bytes between the cuts."""
    found = ends(data)
    return [data[begin:end] for begin, end in zip([0, *found], found, strict=False)]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60_000), st.integers(1, 40))
def test_parts_are_the_whole(seed: bytes, times: int) -> None:
    """Nothing is lost or doubled, and every part but the last keeps to the bounds."""
    data = seed * times
    found = parts(data[:200_000])
    assert b"".join(found) == data[:200_000]
    assert all(MIN_BYTES < len(part) <= MAX_BYTES for part in found[:-1])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 299_000), st.binary(min_size=1, max_size=1000))
def test_an_insertion_changes_only_what_is_around_it(place: int, inserted: bytes) -> None:
    """However large the rest is."""
    data = random.Random(7).randbytes(300_000)
    before = parts(data)
    changed = set(parts(data[:place] + inserted + data[place:])) - set(before)
    assert sum(map(len, changed)) <= 4 * MAX_BYTES


def test_blocks_make_no_difference() -> None:
    """Bytes that follow megabytes of others are cut as they are by themselves, once a cut falls into place."""
    data = random.Random(9).randbytes(3 << 20)
    tail = set(parts(data[1 << 20 :]))
    assert len(tail & set(parts(data))) >= 0.98 * len(tail)


def test_bytes_that_are_all_alike_are_cut_at_the_bounds() -> None:
    """And give few different parts."""
    assert len(set(parts(b"\0" * 1_000_000))) <= 2
