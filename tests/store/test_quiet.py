"""Who looks again and again rests while nothing comes."""

from __future__ import annotations

import pytest

from spyglass.store.quiet import Quiet


def looks(quiet: Quiet, rounds: int) -> list[bool]:
    """Whether there was something to look for, each time."""
    told = []
    for _ in range(rounds):
        with quiet.look() as new:
            told.append(new)
    return told


def test_nothing_new_is_looked_at_twice():
    """And what comes then is looked at twice, too."""
    committed = iter([7, 7, 7, 7, 9, 9, 9])
    assert looks(Quiet(lambda: next(committed)), 7) == [True, True, False, False, True, True, False]


def test_a_look_that_fails_is_made_again():
    """Though nothing came since."""
    quiet = Quiet(lambda: 7)
    looks(quiet, 2)
    with pytest.raises(OSError, match="gone"), quiet.look():
        raise OSError("gone")
    assert looks(quiet, 3) == [True, True, False]


def test_where_it_is_not_known_it_is_looked_at_each_time():
    """Nothing rests."""
    assert looks(Quiet(lambda: -1), 4) == [True] * 4
