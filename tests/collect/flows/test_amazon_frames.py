"""Frames of Amazon's event streams."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.collect.flows.providers.samples import frame

from spyglass.collect.flows.amazon_frames import AmazonFrames
from spyglass.collect.flows.limits import Account


def read(data, sizes, account=None):
    frames, found, place, turn = AmazonFrames(account or Account()), [], 0, 0
    while place < len(data):
        size = sizes[turn % len(sizes)]
        found += frames.feed(turn, data[place : place + size])
        place, turn = place + size, turn + 1
    frames.drop()
    return [(event.kind, event.data) for event in found]


@given(st.lists(st.integers(1, 90), min_size=1, max_size=6))
@settings(max_examples=30)
def test_any_cut_gives_the_same_events(sizes):
    """With their types."""
    assert read(frame("one", {}) + frame("two", [1]), sizes) == [("one", b"{}"), ("two", b"[1]")]


@given(st.binary(max_size=200))
@settings(max_examples=60)
def test_what_is_no_frame_is_counted(data):
    """Nothing raises, nothing is held."""
    account = Account()
    read(frame("one", {}) + data + b"\xff" * 12, [7], account)
    assert account.held == 0


def test_a_length_that_cannot_be_ends_the_reading():
    """What follows cannot be found."""
    account = Account()
    assert read(frame("one", {}) + b"\xff" * 20 + frame("two", {}), [999], account) == [("one", b"{}")]
    assert account.losses() == {"frames_malformed": 1}
