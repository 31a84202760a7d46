"""Weights of forecasters by how wrong they were."""

from __future__ import annotations

import numpy as np

from spyglass.analyze.series.combine import left_out, weights


def test_a_kind_does_not_win_by_its_number() -> None:
    """Nine alike and one of another kind that is as good: each kind has half."""
    truth = np.zeros((4, 3))
    tried = np.concatenate([np.full((4, 9, 3), 1.0), np.full((4, 1, 3), -1.0)], axis=1)
    shares = weights(tried, truth, np.array([0] * 9 + [1]))
    np.testing.assert_allclose(shares[-1], 0.5)
    np.testing.assert_allclose(shares.sum(), 1.0)


def test_what_was_far_off_has_no_weight() -> None:
    """Of its own kind, and of all."""
    truth = np.zeros((4, 3))
    tried = np.stack([np.full((4, 3), size) for size in (1.0, 3.0, 9.0)], axis=1)
    np.testing.assert_allclose(weights(tried, truth, np.array([0, 0, 1])), [1, 0, 0])


def test_a_gap_in_what_came_is_not_counted() -> None:
    """Nor a place of which nothing is known."""
    truth = np.array([[0.0, np.nan], [np.nan, np.nan]])
    tried = np.stack([np.array([[1.0, 99.0], [99.0, 99.0]]), np.array([[2.0, 0.0], [0.0, 0.0]])], axis=1)
    assert weights(tried, truth, np.array([0, 1])).argmax() == 0


def test_a_place_is_judged_by_an_average_that_did_not_see_it() -> None:
    """The one that is right there alone is not chosen for it."""
    truth = np.zeros((7, 2))
    always = np.ones((7, 2))
    once = np.full((7, 2), 50.0)
    once[1] = 0.0
    own = left_out(np.stack([always, once], axis=1), truth, np.array([0, 1]))
    np.testing.assert_allclose(own, 1.0)
