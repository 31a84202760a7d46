"""Which forecasters are listened to by how wrong they were, and what they say together."""

from __future__ import annotations

import numpy as np

from spyglass.analyze.series.combine import best, left_out, together


def test_what_one_of_many_says_far_off_moves_nothing() -> None:
    """Eight near each other and two wild ones: what is said is what the eight say, and the wild ones have no share."""
    lines = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [900.0], [-900.0]])
    middle, shares = together(lines)
    np.testing.assert_allclose(middle, 4.5)
    np.testing.assert_allclose(shares.sum(), 1.0)
    assert shares[8:].max() == 0


def test_a_share_is_told_over_all_steps() -> None:
    """Who is in the middle at every step has more of it than who is there at one."""
    _, shares = together(np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 9.0], [9.0, 2.0]]))
    np.testing.assert_allclose(shares, [0, 0.5, 0.25, 0.25])


def test_what_was_far_off_is_not_listened_to() -> None:
    """Three times as wrong as the best."""
    truth = np.zeros((4, 3))
    tried = np.stack([np.full((4, 3), size) for size in (1.0, 1.5, 3.0)], axis=1)
    assert best(tried, truth).tolist() == [0, 1]


def test_a_gap_in_what_came_is_not_counted() -> None:
    """Nor a place of which nothing is known."""
    truth = np.array([[0.0, np.nan], [np.nan, np.nan]])
    tried = np.stack([np.array([[1.0, 99.0], [99.0, 99.0]]), np.array([[2.5, 0.0], [0.0, 0.0]])], axis=1)
    assert best(tried, truth).tolist() == [0]


def test_a_place_is_judged_by_a_line_that_did_not_see_it() -> None:
    """The one that is right there alone is not chosen for it."""
    truth = np.zeros((7, 2))
    always = np.ones((7, 2))
    once = np.full((7, 2), 50.0)
    once[1] = 0.0
    own = left_out(np.stack([always, once], axis=1), truth)
    np.testing.assert_allclose(own, 1.0)
