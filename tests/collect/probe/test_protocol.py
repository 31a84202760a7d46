"""Frames between probe and collector."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.collect.probe.failures import ProbeError
from spyglass.collect.probe.protocol import Frame, Frames, content_of, header, message

FRAMES = st.lists(st.tuples(st.integers(1, 16), st.binary(max_size=200)), max_size=8)


@given(frames=FRAMES, cuts=st.lists(st.integers(1, 40), min_size=1))
def test_frames_survive_any_cut(frames, cuts):
    """However the bytes arrive, the same frames come out."""
    data = b"".join(header(kind, len(body)) + body for kind, body in frames)
    reader, found, at, turn = Frames(), [], 0, 0
    while at < len(data):
        size = cuts[turn % len(cuts)]
        found += reader.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    assert found == frames


def test_too_long_a_frame_is_refused_before_it_is_kept():
    """Its length alone ends the connection."""
    with pytest.raises(ProbeError, match="a frame of 4097 bytes came where at most 4096 may"):
        list(Frames(4096).feed(header(Frame.REQUEST, 4097)))


@pytest.mark.parametrize("body", [b"\xff", b"[]", b"1", b"", b"[" * 60_000])
def test_what_is_no_object_is_refused(body):
    """With what it is."""
    with pytest.raises(ProbeError, match="JSON"):
        content_of(body)


def test_messages_are_read_as_they_were_written():
    """JSON both ways."""
    ((kind, body),) = Frames().feed(message(Frame.NOTICE, {"code": "é", "message": "x"}))
    assert (kind, content_of(body)) == (Frame.NOTICE, {"code": "é", "message": "x"})
