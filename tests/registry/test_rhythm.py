"""Promises about rhythm: who beats is suspected within three beats and not before, who works is given time."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from spyglass.registry import rhythm
from spyglass.registry.rhythm import PHI, Rhythms, phi

ONE = np.array([0])


def beaten(*intervals: float) -> Rhythms:
    """One sender that beat so."""
    made = Rhythms(1)
    made.begin(0)
    for interval in intervals:
        made.beat(ONE, np.array([interval]))
    return made


def limit(made: Rhythms) -> float:
    """Of its only row, in seconds."""
    return float(made.limits(ONE)[0])


def test_the_example_holds() -> None:
    """Of the documentation."""
    found = doctest.testmod(rhythm, extraglobs={"np": np, "phi": phi})
    assert (found.failed, found.attempted > 0) == (0, True)


@pytest.mark.parametrize("every", [1.0, 10.0, 60.0])
@pytest.mark.parametrize("spread", [0.0, 0.02, 0.3])
def test_a_beat_that_stops_is_suspicious_within_three(every: float, spread: float) -> None:
    """However regular it was; one beat that is late, or lost, is not."""
    rng = np.random.default_rng(7)
    made = beaten(*np.maximum(0.0, rng.normal(every, spread * every, 200)))
    assert 2.3 * every < limit(made) < 3.2 * every
    if not spread:
        assert 2.5 * every < limit(made) < 3 * every


def test_the_limit_is_where_phi_says() -> None:
    """For who beats, the limit is the silence of which phi is 8."""
    made = beaten(*[10.0, 10.5, 9.5, 10.2] * 10)
    silence = np.array([limit(made)])
    assert phi(silence, np.array([10.05]), np.array([0.4]))[0] == pytest.approx(PHI, abs=0.3)


def test_a_backlog_and_an_outage_teach_little() -> None:
    """A hundred beats, half a minute of nothing, what was held back at once: the rhythm stays."""
    made = beaten(*[10.0] * 100, 45.0, 0.01, 0.01, 0.01, 10.0)
    assert 24 < limit(made) < 32


def test_two_beats_are_no_rhythm_yet() -> None:
    """Unless it says its interval, or its agent is known."""
    made = beaten(10.0)
    assert limit(made) >= 600
    made.declare(0, 10.0)
    assert limit(made) < 30
    pool = beaten(*[20.0] * 100)
    made.begin(0, pool, 0)
    assert 50 < limit(made) < 60


@pytest.mark.parametrize("between", [0.1, 5.0, 600.0])
def test_work_is_given_time(between: float) -> None:
    """Between ten minutes and eight hours, and always far more than it usually takes."""
    made = Rhythms(1)
    made.begin(0)
    for _ in range(100):
        made.sign(ONE, np.array([between]))
    assert 600 <= limit(made) <= 8 * 3600
    assert limit(made) > 20 * between
