"""How much the receivers take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spyglass.model.errors import Refused
from spyglass.receive.limits import InFlight, Limits


def test_the_defaults_agree_with_each_other():
    """The limits that nobody changed are accepted."""
    assert Limits().max_in_flight_bytes >= Limits().max_body_bytes


def test_limits_that_could_never_take_their_largest_body_are_an_error():
    """Less in flight than one largest request is told at the start, with the setting's name."""
    with pytest.raises(ValidationError, match=r"max_in_flight_bytes: expected at least 300 "):
        Limits(max_compressed_bytes=100, max_body_bytes=200, max_in_flight_bytes=299)


def test_bytes_beyond_the_limit_are_refused_at_once_and_not_counted():
    """A refusal leaves the count as it was, and says when to come back."""
    in_flight = InFlight(100)
    with in_flight.hold() as first, in_flight.hold() as second:
        first.grow(60)
        with pytest.raises(Refused) as refused:
            second.grow(41)
        assert (in_flight.used_bytes, refused.value.retry_after_s, refused.value.too_fast) == (60, 1.0, False)
        second.grow(40)


def test_a_request_gives_back_all_it_held_even_when_it_fails():
    """The end of a request, good or bad, frees its bytes."""
    in_flight = InFlight(100)
    with pytest.raises(Refused), in_flight.hold() as hold:
        hold.grow(101)
    assert in_flight.used_bytes == 0


def test_a_thread_that_outlives_its_request_is_stopped():
    """Growing a hold whose request has ended raises, and counts nothing."""
    in_flight = InFlight(100)
    with in_flight.hold() as hold:
        hold.grow(10)
    with pytest.raises(Refused):
        hold.grow(10)
    assert in_flight.used_bytes == 0


@given(st.lists(st.lists(st.integers(0, 50), max_size=5), max_size=8))
def test_the_count_is_the_sum_of_what_is_held(requests: list[list[int]]):
    """Whatever is held in whatever order, the sum is exact, and zero at the end."""
    in_flight = InFlight(10**6)
    for sizes in requests:
        with in_flight.hold() as hold:
            for size in sizes:
                hold.grow(size)
            assert in_flight.used_bytes == sum(sizes)
            hold.shrink(sum(sizes) // 2)
    assert in_flight.used_bytes == 0
