"""The order of a direction, and its holes."""

from tests.collect.flows.conftest import AGENT, START, stream

from spyglass.collect.flows.streams import Direction, Placed


def chunk(operation, offset, data, total, *, missing=False):
    from spyglass.collect.records import Chunk

    return Chunk(START, AGENT, stream(), "out", operation, offset, total, data, missing=missing)


def placed(*chunks):
    direction = Direction()
    return [direction.place(item) for item in chunks]


def test_pieces_that_follow_each_other_have_no_hole():
    """Two pieces of one write and the next write."""
    found = placed(chunk(4, 0, b"ab", 4), chunk(4, 2, b"cd", 4), chunk(5, 0, b"e", 1))
    assert found == [Placed(b"ab", True), Placed(b"cd", False), Placed(b"e", True)]


def test_the_size_of_a_hole_is_known_where_numbers_tell_it():
    """The end of one write was cut off: 3 of its 5 bytes; of another the middle."""
    found = placed(chunk(0, 0, b"ab", 5), chunk(1, 0, b"c", 9, missing=True), chunk(1, 4, b"d", 9))
    assert found[1:] == [Placed(b"c", True, True, 3), Placed(b"d", False, True, 3)]


def test_a_lost_operation_is_a_hole_of_unknown_size():
    """Nobody knows how long the write was that did not come."""
    assert placed(chunk(0, 0, b"a", 1), chunk(2, 0, b"b", 1))[1] == Placed(b"b", True, True, None)


def test_what_the_source_missed_is_a_hole_also_without_a_number():
    """The flag alone is enough."""
    assert placed(chunk(0, 0, b"a", 1), chunk(1, 0, b"b", 1, missing=True))[1] == Placed(b"b", True, True, None)


def test_what_comes_twice_or_too_late_is_none():
    """The same piece again, and one of an operation before."""
    assert placed(chunk(3, 0, b"a", 1), chunk(3, 0, b"a", 1), chunk(2, 0, b"b", 1))[1:] == [None, None]


def test_a_stream_joined_within_an_operation_begins_with_a_hole():
    """The first piece that we see is not the first of its write."""
    assert placed(chunk(7, 100, b"a", 200)) == [Placed(b"a", False, True, None)]
