"""How fast one sender may send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spyglass.model.errors import Refused
from spyglass.receive.limits import Limits
from spyglass.receive.rate import Buckets, Rates
from spyglass.testing.clock import ManualClock


def test_no_limit_lets_everything_in(clock):
    """Without a rate nothing is counted or refused."""
    rates = Rates(Limits(), clock)
    for _ in range(1_000):
        rates.admit("a")
        rates.charge("a", 10**9)


def test_a_quiet_sender_may_burst_and_then_is_told_exactly_when_to_return(clock):
    """10 requests a second with a burst of half a second: five pass, the sixth after 0.1 s."""
    rates = Rates(Limits(max_requests_per_s=10, burst_s=0.5), clock)
    for _ in range(5):
        rates.admit("a")
    with pytest.raises(Refused) as refused:
        rates.admit("a")
    assert refused.value.too_fast
    assert refused.value.retry_after_s == pytest.approx(0.1)
    clock.now_s += refused.value.retry_after_s
    rates.admit("a")


def test_bytes_are_paid_after_they_came(clock):
    """A body larger than the burst passes, and the sender waits until it has paid for it."""
    rates = Rates(Limits(max_bytes_per_s=100, burst_s=1), clock)
    rates.admit("a")
    rates.charge("a", 1_000)
    with pytest.raises(Refused) as refused:
        rates.admit("a")
    clock.now_s += refused.value.retry_after_s - 0.01
    with pytest.raises(Refused, match="100 bytes per second"):
        rates.admit("a")
    clock.now_s += 0.01
    rates.admit("a")


def test_senders_do_not_pay_for_each_other(clock):
    """One sender's flood leaves another's bucket full."""
    rates = Rates(Limits(max_requests_per_s=1, burst_s=1), clock)
    rates.admit("a")
    with pytest.raises(Refused):
        rates.admit("a")
    rates.admit("b")


def test_the_number_of_buckets_is_bounded(clock):
    """A million senders keep as many buckets as allowed; the one unused for the longest time goes first."""
    buckets = Buckets(1, 1, clock, max_senders=2)
    for sender in ("a", "b", "a", "c"):
        buckets.spend(sender, 1)
    assert (buckets.wait_s("a") > 0, buckets.wait_s("b") > 0, buckets.wait_s("c") > 0) == (True, False, True)


@given(per_s=st.floats(0.01, 1e6), burst_s=st.floats(0.1, 60), spent=st.floats(0, 1e9))
def test_who_waits_as_told_is_let_in(per_s: float, burst_s: float, spent: float):
    """The time in the answer is enough, at any rate and debt."""
    clock = ManualClock()
    buckets = Buckets(per_s, burst_s, clock)
    buckets.spend("a", spent)
    clock.now_s += buckets.wait_s("a")
    assert buckets.wait_s("a") == pytest.approx(0, abs=1e-4)
