"""What the ring keeps, and where a cursor stands in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.model.batch import Batch
from spyglass.model.errors import InputError
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Delivery
from spyglass.stream.cursor import Cursor, read_cursor
from spyglass.stream.ring import Place, Ring
from spyglass.testing.rows import spans

ROWS = {rows: spans(rows) for rows in range(1, 5)}


def delivery(offset: int, rows: int = 3) -> Delivery:
    return Delivery(offset, Batch(Kind.SPAN, ROWS[rows]))


@given(st.integers(-1, 2**63), st.integers(0, 2**60), st.integers(0, 2**31))
def test_a_cursor_reads_back(offset, received_ms, row):
    """The text is the place."""
    cursor = Cursor(offset, received_ms, row)
    assert read_cursor(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "1.2", "-2.0.0", "1.2.3.4", "g.0.0", "1.2.3 ", "é", "1" * 17 + ".0.0"])
def test_other_text_is_no_cursor(text):
    """A wrong cursor is an error that says what was expected."""
    with pytest.raises(InputError, match="cursor: expected"):
        read_cursor(text)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=12), st.data())
@settings(max_examples=50, deadline=None)
def test_what_comes_after_a_place_is_all_that_was_not_seen(sizes, data):
    """Whatever the order of the offsets, for every row that is kept."""
    ring = Ring(10**9, 600, 0)
    offsets = data.draw(st.permutations(range(len(sizes))))
    for offset, size in zip(offsets, sizes, strict=True):
        ring.append(delivery(offset, size), 1)
    every = [(entry.number, row) for entry in ring.after(ring.start) for row in range(len(entry.batch))]
    number, row = data.draw(st.sampled_from(every))
    entry = ring.get(number)
    place = ring.find(Cursor(entry.last.offset, entry.last.received_ms, row))
    assert place == Place(number, row)
    later = [(one.number, at) for one in ring.after(place) for at in range(len(one.batch)) if (one.number, at) > place]
    assert later == every[every.index((number, row)) + 1 :]


def test_bytes_are_bounded():
    """The oldest batches go; their rows are no longer found, except that the end of the newest of them is the start of what is kept."""
    size = ROWS[3].get_total_buffer_size()
    ring = Ring(2 * size, 600, 0)
    cursors = [ring.append(delivery(offset), 1).last for offset in range(5)]
    assert (len(ring), ring.size_bytes) == (2, 2 * size)
    assert [ring.find(cursor) for cursor in cursors[:2]] == [None, None]
    assert ring.find(cursors[2]) == ring.start
    assert [entry.last for entry in ring.after(ring.start)] == cursors[3:]


def test_a_batch_larger_than_the_bound_is_not_kept():
    """Nor is anything before it; its end is where the stream stands."""
    ring = Ring(10, 600, 0)
    cursor = ring.append(delivery(1), 1).last
    assert (len(ring), ring.size_bytes, ring.end_cursor) == (0, 0, cursor)
    assert ring.find(cursor) == ring.end
    assert ring.after(ring.end) == []


def test_age_is_bounded():
    """Batches that arrived too long ago go when another arrives."""
    ring = Ring(10**9, 1.0, 0)
    ring.append(delivery(1), 0)
    ring.append(delivery(2), 10**9)
    ring.append(delivery(3), 10**9 + 1)
    assert [entry.last.offset for entry in ring.after(ring.start)] == [2, 3]


def test_the_beginning_is_a_place_too():
    """A viewer that came before the first batch resumes from there, but not after a restart."""
    ring, later = Ring(10**9, 600, 5 * 10**9), Ring(10**9, 600, 6 * 10**9)
    cursor = ring.end_cursor
    for one in (ring, later):
        one.append(delivery(1), 7 * 10**9)
    assert ring.find(cursor) == ring.start
    assert later.find(cursor) is None


def test_the_same_offset_of_another_log_is_not_found():
    """The time in the cursor tells them apart; nor is a row found that the batch does not have."""
    ring = Ring(10**9, 600, 0)
    last = ring.append(delivery(1), 1).last
    assert ring.find(Cursor(1, last.received_ms + 1, 0)) is None
    assert ring.find(Cursor(1, last.received_ms, 3)) is None
    assert ring.find(Cursor(1, last.received_ms, 2)) == ring.end
