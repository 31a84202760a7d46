"""Events out of pieces."""

from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.collect.flows.limits import Account, Limits
from spyglass.collect.flows.sse import EventStream, JsonLines, ServerEvent


def events(data, sizes, ends=True):
    reader, found, place, turn = EventStream(Account()), [], 0, 0
    while place < len(data):
        size = sizes[turn % len(sizes)]
        found += reader.feed(turn, data[place : place + size])
        place, turn = place + size, turn + 1
    return [(event.kind, event.data) for event in found + (reader.end(turn) if ends else [])]


STREAM = b": comment\n\nevent: a\ndata: one\n\ndata: two\r\ndata:three\r\n\r\nid: 7\n\ndata\n\ndata: last"


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6))
@settings(max_examples=40)
def test_any_cut_gives_the_same_events(sizes):
    """Comments and events without data are none; lines of one event are joined; both kinds of line ends."""
    assert events(STREAM, sizes) == [("a", b"one"), ("", b"two\nthree"), ("", b""), ("", b"last")]


def test_an_event_has_the_time_at_which_it_was_whole():
    """Not the one at which it began."""
    reader = EventStream(Account())
    assert reader.feed(1, b"data: x") == []
    assert reader.feed(2, b"\n\n") == [ServerEvent(2, "", b"x")]


def test_an_event_without_end_is_given_up():
    """It is counted, and the next one is read."""
    account = Account(Limits(body_bytes=100))
    reader = EventStream(account)
    assert reader.feed(1, b"data: " + b"x" * 200) == []
    assert reader.feed(2, b"yyy\n\ndata: ok\n\n") == [ServerEvent(2, "", b"ok")]
    assert account.losses() == {"event_too_long": 1}


def test_lines_of_json_are_events():
    """Also the last, without its end."""
    reader = JsonLines(Account())
    found = reader.feed(1, b'{"a":1}\n\n{"b"') + reader.feed(2, b":2}\n{}") + reader.end(3)
    assert [(event.time_ns, event.data) for event in found] == [(1, b'{"a":1}'), (2, b'{"b":2}'), (3, b"{}")]
