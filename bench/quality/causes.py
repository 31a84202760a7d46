"""Causes planted in simulated worlds of runs: how often what is told of the failed ones is the cause, and how often anything is told where there is none.

A world is runs with a version, a user, some tools, and whether they failed. Each kind of world is drawn many times; seeds are those that nothing was chosen by.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from spyglass.analyze.stats.contrast import contrasts

__all__ = ["main", "world"]

_USERS: Final = 300
_TOOLS: Final = np.array([0.1, 0.5, 0.4, 0.3, 0.2, 0.2, 0.05, 0.02])
_USUAL: Final = 0.1  # of all runs fail
_FIRST_SEED: Final = 100_000
PAIR: Final = ("tool\t0", "version\t2")
"""In one run of a hundred."""
ONE: Final = ("tool\t3",)
"""In three runs of ten."""


def world(seed: int, cause: tuple[str, ...], more: float, runs: int = 5_000) -> tuple[list[list[str]], np.ndarray]:
    """Features of each run, and which of them failed: `more` (of all) than else where all features of the cause come together."""
    random = np.random.default_rng(seed)
    versions, users = 1 + (random.random(runs) < 0.1), random.integers(0, _USERS, runs)
    tools = random.random((runs, len(_TOOLS))) < _TOOLS
    features = [
        [f"version\t{version}", f"user\t{user}", *(f"tool\t{number}" for number in np.flatnonzero(used))]
        for version, user, used in zip(versions, users, tools, strict=True)
    ]
    has = np.array([set(cause) <= set(one) for one in features]) & bool(cause)
    return features, random.random(runs) < _USUAL + more * has


def _firsts(count: int, cause: tuple[str, ...], more: float, runs: int = 5_000) -> list[tuple[str, ...]]:
    """What is told first in each world; nothing where nothing is."""
    told = [contrasts(*world(_FIRST_SEED + seed, cause, more, runs))[:1] for seed in range(count)]
    return [tuple(sorted(one[0].features)) if one else () for one in told]


def main(_: Path | None = None) -> Iterator[tuple[str, str, str]]:
    """Rows of the table."""
    for what, cause, more, bar in (
        ("two halves, in 1 of 100 runs: 40 % fail, not 10", PAIR, 0.3, "190"),
        ("the same: 30 % fail", PAIR, 0.2, ""),
        ("a tool of 3 of 10 runs: 14 % fail", ONE, 0.04, ""),
    ):
        yield f"200 worlds, {what}", f"first in {_firsts(200, cause, more).count(cause)}", bar
    quiet = [_firsts(200, (), 0.0, runs) for runs in (5_000, 2_000)]
    yield "400 worlds without a cause", f"anything told in {sum(bool(one) for some in quiet for one in some)}", "20"


if __name__ == "__main__":
    for row in main():
        print(*row, sep=" | ")
