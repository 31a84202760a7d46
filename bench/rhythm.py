"""How often agents that live are suspected, and how soon those that died are: simulated, a table.

    python bench/rhythm.py [--agents N] [--every S]

Each row is a day of N agents. Beats leave every S seconds, and arrive as networks, batches, garbage collectors and lost packets let them; sending is
retried, as the SDK does. At the end of its day each agent dies some time before its next beat; how long that goes unnoticed counts from its death.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from spyglass.registry.rhythm import Rhythms

__all__ = ["main"]

_DAY_S = 86_400.0
_LOOK_S = 1.0  # how often it is looked for silence
_FLUSH_S = 0.5
_OUTAGES = 4  # a day and agent
Seconds = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What happens on the way."""

    jitter_s: float = 0.02
    batched: bool = False
    pauses: float = 0.0  # share of beats that a garbage collector holds back, for a second or so
    retried: float = 0.0  # share of attempts that fail
    lost: float = 0.0  # share of beats that never arrive
    outages: bool = False  # of 2 to 12 seconds


CONDITIONS = {
    "regular": Conditions(),
    "jitter of a second": Conditions(jitter_s=1.0),
    "batched, half a second": Conditions(batched=True),
    "garbage collection holds 1 in 300 back": Conditions(pauses=1 / 300),
    "1 attempt in 50 fails, retried": Conditions(retried=0.02, batched=True),
    "1 beat in 5,000 never arrives": Conditions(lost=1 / 5_000),
    "four outages a day, 2 to 12 s": Conditions(outages=True, batched=True),
    "all of these": Conditions(jitter_s=0.3, batched=True, pauses=1 / 300, retried=0.02, lost=1 / 5_000, outages=True),
}


def _arrivals(rng: np.random.Generator, agents: int, every_s: float, how: Conditions) -> Iterator[Seconds]:
    """When each beat of each agent arrives; not a number: never."""
    phase = rng.uniform(0, every_s, agents)
    begun = np.sort(rng.uniform(0, _DAY_S, (agents, _OUTAGES)), axis=1)
    ended = begun + rng.uniform(2, 12, (agents, _OUTAGES))
    before = np.zeros(agents)
    for beat in range(int(_DAY_S / every_s)):
        at = phase + beat * every_s + np.abs(rng.normal(0, how.jitter_s, agents))
        at += np.where(rng.random(agents) < how.pauses, np.minimum(rng.lognormal(0, 0.8, agents), 8), 0)
        if how.batched:
            at = np.ceil(at / _FLUSH_S) * _FLUSH_S
        failed = np.ones(agents, bool)
        for wait_s in (1, 2, 4, 8):
            failed &= rng.random(agents) < how.retried
            at += np.where(failed, wait_s, 0)
        if how.outages:
            within = (at[:, None] >= begun) & (at[:, None] < ended)
            at = np.maximum(at, np.where(within, ended, 0).max(axis=1))
        at = before = np.maximum(before, at + rng.lognormal(-4, 0.5, agents))
        yield np.where(rng.random(agents) < how.lost, np.nan, at)


def beating(agents: int, every_s: float, how: Conditions) -> tuple[int, Seconds]:
    """Wrong suspicions in a day of each, and after how many beats each death was found."""
    rng = np.random.default_rng(42)
    rhythms, rows = Rhythms(agents), np.arange(agents)
    for row in rows:
        rhythms.begin(int(row))
    heard, wrong = np.full(agents, np.nan), 0
    for at in _arrivals(rng, agents, every_s, how):
        came = ~np.isnan(at)
        known = came & ~np.isnan(heard)
        silent = at[known] - heard[known]
        wrong += int((silent > rhythms.limits(rows[known])).sum())
        rhythms.beat(rows[known], silent)
        heard[came] = at[came]
    died = heard + rng.uniform(0, every_s, agents)  # before the next beat
    found = np.ceil((heard + rhythms.limits(rows)) / _LOOK_S) * _LOOK_S
    return wrong, (found - died) / every_s


def working(agents: int, days: float = 1.0) -> tuple[int, Seconds]:
    """The same of agents that only show what they do: steps of seconds, and now and then a build of minutes. Limits in seconds."""
    rng = np.random.default_rng(43)
    rhythms, rows = Rhythms(agents), np.arange(agents)
    for row in rows:
        rhythms.begin(int(row))
    lived, wrong = np.zeros(agents), 0
    while (lived < days * _DAY_S).any():
        passed = np.where(rng.random(agents) < 0.01, rng.lognormal(np.log(120), 0.8, agents), rng.lognormal(np.log(5), 1.5, agents))
        lives = lived < days * _DAY_S
        wrong += int((passed > rhythms.limits(rows))[lives].sum())
        rhythms.sign(rows[lives], passed[lives])
        lived += passed
    return wrong, rhythms.limits(rows)


def main(agents: int = 1_000, every_s: float = 10.0) -> list[tuple[str, str]]:
    """One row for each condition."""

    def told(what: str, how: Callable[[], tuple[int, Seconds]], unit: str) -> tuple[str, str]:
        wrong, found = how()
        return what, f"{1000 * wrong / agents:.1f} wrong in 1,000 agent-days; found after {np.median(found):.1f}, at most {found.max():.1f} {unit}"

    rows = [told(what, lambda how=how: beating(agents, every_s, how), "beats") for what, how in CONDITIONS.items()]  # type: ignore[misc]
    return [*rows, told("no beats: work only", lambda: working(agents), "s")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=1_000)
    parser.add_argument("--every", type=float, default=10.0)
    given = parser.parse_args()
    for what, measured in main(given.agents, given.every):
        print(f"{what:42} {measured}")
