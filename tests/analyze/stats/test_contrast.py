"""What is different about some of many."""

from __future__ import annotations

import numpy as np

from spyglass.analyze.stats.contrast import contrasts


def world(seed, count=5_000, cause=True):
    """Runs with a version, some tools and a user; a tenth runs version 2, a tenth uses `pay`. Both together fail three times as often."""
    random = np.random.default_rng(seed)
    versions, users = random.random(count) < 0.1, random.integers(0, 300, count)
    tools = random.random((count, 8)) < np.array([0.1, 0.5, 0.4, 0.3, 0.2, 0.2, 0.05, 0.02])
    failing = 0.1 + 0.3 * (versions & tools[:, 0] & cause)
    features = [
        [f"version\t{2 if version else 1}", f"user\t{user}", *(f"tool\t{number}" for number in np.flatnonzero(used))]
        for version, user, used in zip(versions, users, tools, strict=True)
    ]
    return features, random.random(count) < failing


def test_a_cause_of_two_halves_is_found_first():
    """In nineteen worlds of twenty, although it is in one run of a hundred, and chance sometimes hides it."""
    firsts = [contrasts(*world(seed))[:1] for seed in range(100, 140)]
    assert sum(bool(told) and set(told[0].features) == {"version\t2", "tool\t0"} for told in firsts) >= 36


def test_many_rare_features_do_not_hide_a_cause():
    """Half of the runs of three hundred users carry a tag, too: each user is a test, and each with the tag."""
    random = np.random.default_rng(3)
    runs, users, tags = np.arange(6_000), random.integers(0, 300, 6_000), random.integers(0, 2, 6_000)
    picked = np.where(runs < 50, runs < 14, runs % 10 == 0)
    features = [[f"user\t{user}", f"tag\t{tag}", *(["cause"] if run < 50 else [])] for run, user, tag in zip(runs, users, tags, strict=True)]
    assert contrasts(features, picked)[0].features == ("cause",)


def test_a_slight_cause_in_many_runs_is_found_beside_rare_features():
    """Failing in 13 of 100 runs instead of in 10 is nothing in fifty runs, and much in 1,500."""
    random = np.random.default_rng(5)
    count = 5_000
    used, users = np.arange(count) % 10 < 3, random.integers(0, 300, count)
    picked = np.where(used, np.arange(count) // 10 % 100 < 13, np.arange(count) // 10 % 10 == 0)
    features = [[f"user\t{user}", *(["tool"] if with_it else [])] for user, with_it in zip(users, used, strict=True)]
    assert contrasts(features, picked)[0].features == ("tool",)


def test_where_there_is_no_cause_hardly_anything_is_told():
    """In at most one world of ten."""
    assert sum(bool(contrasts(*world(seed, 2_000, cause=False))) for seed in range(100, 130)) <= 3


def test_numbers_are_those_of_the_table():
    """And what always comes together is told once."""
    features = [["a", "same"]] * 20 + [["b"]] * 80
    (one, *others) = contrasts(features, np.array([True] * 15 + [False] * 5 + [True] * 4 + [False] * 76))
    assert (one.features, one.picked_with, one.all_with, one.picked, one.all) == (("a",), 15, 20, 19, 100)
    assert (one.share_with, one.share_without, round(one.explained, 3)) == (0.75, 0.05, 0.789)
    assert one.examples == (0, 1, 2)
    assert others == []


def test_nothing_to_compare_is_no_error():
    """Nobody, nobody picked, all picked, no features."""
    flags = np.ones(10, np.bool_)
    assert contrasts([], np.zeros(0, np.bool_)) == contrasts([["a"]] * 10, flags) == contrasts([["a"]] * 10, ~flags) == contrasts([[]] * 10, flags) == []
