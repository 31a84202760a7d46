"""The last seasons again."""

from __future__ import annotations

import numpy as np

from spyglass.analyze.series.repeats import AGAIN, SHIFTED, again, shifted


def line(label: str, lines: np.ndarray) -> np.ndarray:
    """The one of that name."""
    found: np.ndarray = lines[AGAIN.index(label)]
    return found


def test_a_season_comes_again_at_its_place() -> None:
    """Also when the series ends within a period."""
    season = np.array([1.0, 5.0, 2.0, 8.0])
    values = np.tile(season, 6)[:22]
    np.testing.assert_allclose(line("last 3 again", again(values, 4, 6)), [2, 8, 1, 5, 2, 8])


def test_a_drift_goes_on_with_the_season() -> None:
    """By what a period adds; half of it in Theta's line."""
    values = np.tile([0.0, 3.0, -3.0], 8) + 6 * (np.arange(24) // 3)
    lines = again(values, 3, 6)
    np.testing.assert_allclose(line("last 3, 1 of the drift of 5", lines), [48, 51, 45, 54, 57, 51])
    np.testing.assert_allclose(line("last 3, 0.5 of the drift of 5", lines), [45, 48, 42, 48, 51, 45])


def test_a_gap_moves_no_level() -> None:
    """What is known of a period is set beside the same places of the others."""
    values = np.tile([0.0, 100.0, 0.0, 100.0], 6)
    values[[20, 22]] = np.nan  # the low ones of the last period
    np.testing.assert_allclose(line("last 3 at today's level", again(values, 4, 4)), [0, 100, 0, 100], atol=1e-9)


def test_one_jump_is_no_drift() -> None:
    """Of a series that stands before and after it."""
    values = np.concatenate([np.full(20, 10.0), np.full(8, 50.0)])
    np.testing.assert_allclose(line("last 1, 1 of the drift of 5", again(values, 4, 8)), 50.0)


def test_a_year_ago_is_moved_by_what_the_year_brought() -> None:
    """By all of it, and by half."""
    values = np.concatenate([np.zeros(28), np.full(28, 10.0)])
    half, whole = shifted(values, 28, 7, 3)
    assert len(SHIFTED) == 2
    np.testing.assert_allclose(whole, 20.0)
    np.testing.assert_allclose(half, 15.0)
