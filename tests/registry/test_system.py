"""The health of the whole, its losses, and scores in words."""

from __future__ import annotations

import pytest

from spyglass.registry.losses import Lately, Losses, Totals
from spyglass.registry.restore import PartTold
from spyglass.registry.system import SystemPart, of_agents, of_ingest, of_losses, of_runners, of_store, system
from spyglass.registry.words import what_is, what_restores
from spyglass.testing.clock import ManualClock

WELL = [of_agents([100.0], []), of_ingest(0, 100, "", []), of_store(True, "", 0), of_runners([("host", "running", "")]), of_losses(100, 0)]


def test_all_well_is_a_hundred() -> None:
    """And where there is nothing to judge, the others decide."""
    assert system(WELL).score == 100
    assert system([of_agents([], []), *WELL[1:4], of_losses(0, 0)]).score == 100


@pytest.mark.parametrize(
    "dead", [of_store(False, "", 0), of_store(True, "disk full", 0), of_ingest(0, 100, "the disk is full", []), of_ingest(0, 100, "", ["road"])]
)
def test_without_store_or_ingest_nothing_counts(dead: SystemPart) -> None:
    """However well the agents are."""
    assert system([part if part.name != dead.name else dead for part in WELL]).score == 0
    assert dead.problems


def test_what_gets_worse_lowers_a_part() -> None:
    """Fuller, further behind, fewer runners, more losses."""
    assert of_ingest(50, 100, "", []).score == 50
    assert of_store(True, "", 60).score == 50
    assert of_runners([("a", "running", ""), ("b", "waiting", "it crashed")]).score == 50
    assert of_losses(100, 2).score == 50
    assert of_agents([100, 20], ["ada"]).problems == ("critical: ada",)


def test_losses_are_of_the_last_hour() -> None:
    """What was lost before is forgotten."""
    clock, totals = ManualClock(), [Totals(100, 50)]
    losses = Losses(lambda: totals[0], clock)
    totals[0] = Totals(200, 60)
    assert losses.lately()[:2] == (100, 10)
    losses.note()
    for _ in range(70):
        clock.now_s += 60
        losses.note()
    assert losses.lately() == Lately(0, 0, 3600.0)


@pytest.mark.parametrize(
    ("part", "told", "restores"),
    [
        (PartTold("latency", 58, 0.15, 8.1e9, 3e9, 40, 0, 4.5e9, 81.2), "p95 8.1 s against 3.0 s usual", "back below 4.5 s gives 81"),
        (PartTold("success", 50, 0.35, 0.25, 0.02, 20, 5, 0.05, 88), "5 of 20 runs failed, 2.0% usual", "at most 1 of them gives 88"),
        (PartTold("errors", 50, 0.35, 0.5, None, 2, 1, 0.0, 70), "1 of 2 calls failed", "none of them gives 70"),
        (PartTold("cost", 50, 0.1, 0.02, 0.005, 9, 0, 0.008, 90), "$0.0200 each against $0.0050 usual", "back below $0.0080 gives 90"),
        (PartTold("liveness", 100, 0.2, 0.0, None, 9, 0, None, None), "0 of 9 runs stalled or given up", ""),
    ],
)
def test_parts_are_told_in_words(part: PartTold, told: str, restores: str) -> None:
    """What it is, and what would restore it."""
    assert (what_is(part), what_restores(part)) == (told, restores)
