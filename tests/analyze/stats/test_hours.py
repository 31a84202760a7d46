"""When somebody is at work."""

from __future__ import annotations

import numpy as np
import pytest

from spyglass.analyze.stats.hours import HOUR_NS, Hours

MONDAY = 1_760_313_600 // 3_600  # hours


def judged(active, known=None):
    """Whether each of these hours was unusual for one who is active in them."""
    known = known or Hours(10)
    one = np.array([7], np.uint64)
    return [bool(known.see(one, np.array([hour * HOUR_NS])).unusual[0]) for hour in active]


@pytest.mark.parametrize(("active", "night"), [(range(9, 17), True), (range(24), False), (range(9, 10), False)])
def test_only_who_keeps_regular_hours_is_told_to_be_up_at_night(active, night):
    """Not who works around the clock, and not who is hardly ever there."""
    at_work = [MONDAY + day * 24 + hour for day in range(19) if day % 7 < 5 for hour in active]
    told = judged([*at_work, MONDAY + 21 * 24 + 3])
    assert told[:-1] == [False] * len(at_work)
    assert told[-1] is night


def test_weekends_are_days_of_their_own():
    """Two Saturdays are not enough to call a third one unusual; the same hour counts once."""
    at_work = [MONDAY + day * 24 + hour for day in range(19) if day % 7 < 5 for hour in range(9, 17)]
    saturday = MONDAY + 19 * 24 + 3
    assert judged([*at_work, saturday])[-1] is False


def test_what_is_remembered_can_be_saved():
    """And goes on."""
    at_work = [MONDAY + day * 24 + hour for day in range(19) if day % 7 < 5 for hour in range(9, 17)]
    first, again = Hours(10), Hours(10)
    judged(at_work, first)
    again.restore(first.save())
    assert judged([MONDAY + 21 * 24 + 3], again) == [True]
