"""The health formula: bounded, monotone, and doubtful of little evidence."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spyglass.registry.health import CRITICAL, DEGRADED, PARTS, Figures, Scores, scores, state_of, whole
from spyglass.registry.restore import parts_of, worst

COUNT = st.integers(0, 10_000)
AMOUNT = st.floats(0, 1e15, allow_nan=False)


@st.composite
def figures(draw: st.DrawFn) -> Figures:
    """Of one agent: failures are never more than what was tried."""
    runs, calls = draw(COUNT), draw(COUNT)
    told = {"runs": runs, "failed_runs": draw(st.integers(0, runs)), "calls": calls, "failed_calls": draw(st.integers(0, calls))}
    told |= {"p95_ns": draw(AMOUNT) if runs else 0, "cost_usd": draw(AMOUNT) / 1e9, "stalled": draw(st.integers(0, 50)), "abandoned": draw(st.integers(0, 50))}
    return one(**told)


def one(**told: float) -> Figures:
    """Of one agent; what is not named is zero."""
    return Figures(**{field.name: np.array([told.get(field.name, 0)], np.float64) for field in fields(Figures)})


WELL: dict[str, Any] = {"runs": 100, "failed_runs": 1, "p95_ns": 3e9, "calls": 900, "failed_calls": 9, "cost_usd": 2.0}


def score(recent: Figures, usual: Figures) -> float:
    """The whole of one agent."""
    return float(scores(recent, usual).whole[0])


@given(figures(), figures())
def test_a_score_is_a_number_from_0_to_100(recent: Figures, usual: Figures) -> None:
    """Whatever the figures are, of each part and of the whole."""
    found = scores(recent, usual)
    values = np.array([found.whole, *found.parts.values()])
    assert np.isfinite(values).all()
    assert ((values >= 0) & (values <= 100)).all()


@given(figures(), figures(), st.sampled_from(["failed_runs", "failed_calls", "p95_ns", "cost_usd", "stalled", "abandoned"]), st.floats(0, 1))
def test_what_gets_worse_never_raises_the_score(recent: Figures, usual: Figures, what: str, how_much: float) -> None:
    """More failures, slower, dearer, more silent runs: the score falls or stays."""
    now = float(getattr(recent, what)[0])
    most = {"failed_runs": recent.runs[0], "failed_calls": recent.calls[0]}.get(what, now * 10 + 5)
    assume(now > 0 or what not in {"p95_ns", "stalled", "abandoned"})  # else a part that was not known becomes known
    worse = replace(recent, **{what: np.array([now + how_much * (most - now)])})
    assert score(worse, usual) <= score(recent, usual) + 1e-9


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), min_size=5, max_size=5), st.integers(0, 4), st.floats(0, 100))
def test_a_part_that_rises_never_lowers_the_whole(given_parts: list[tuple[float, bool]], which: int, to: float) -> None:
    """With the same parts known."""
    parts = {name: np.array([value]) for name, (value, _) in zip(PARTS, given_parts, strict=True)}
    known = {name: np.array([mask]) for name, (_, mask) in zip(PARTS, given_parts, strict=True)}
    name = list(PARTS)[which]
    better = parts | {name: np.maximum(parts[name], to)}
    assert whole(better, known, PARTS)[0] >= whole(parts, known, PARTS)[0] - 1e-9


@given(figures(), figures())
def test_the_whole_is_made_of_its_parts(recent: Figures, usual: Figures) -> None:
    """And never above one that decides."""
    found: Scores = scores(recent, usual)
    decides = [found.parts[name][0] for name, part in PARTS.items() if part.decides and found.known[name][0]]
    assert found.whole[0] == whole(found.parts, found.known, PARTS)[0]
    assert all(found.whole[0] <= score_ + 1e-6 for score_ in decides)


@settings(max_examples=50)
@given(st.lists(st.tuples(figures(), figures()), min_size=1, max_size=8))
def test_agents_are_judged_one_by_one(agents: list[tuple[Figures, Figures]]) -> None:
    """Many at once come to the same as each alone."""
    both = [Figures(*(np.concatenate([getattr(pair[side], field.name) for pair in agents]) for field in fields(Figures))) for side in (0, 1)]
    assert scores(*both).whole == pytest.approx([score(*pair) for pair in agents])


def test_nothing_known_is_no_score() -> None:
    """An agent that only has a past, too."""
    assert not scores(Figures.none(1), one(**WELL)).judged[0]
    assert (state_of(None), state_of(DEGRADED), state_of(DEGRADED - 0.1), state_of(CRITICAL), state_of(CRITICAL - 0.1)) == (
        "no_data",
        "healthy",
        "degraded",
        "degraded",
        "critical",
    )


def test_as_usual_is_healthy() -> None:
    """One percent of failures included."""
    assert score(one(**WELL), one(**WELL)) > 95


def test_little_evidence_moves_little() -> None:
    """One failure of one run is no crisis for an agent that never fails; ten of ten are."""
    usual = one(**WELL | {"failed_runs": 0, "runs": 1000})
    assert score(one(runs=1, failed_runs=1), usual) > CRITICAL
    assert score(one(runs=10, failed_runs=10), usual) < CRITICAL / 2


def test_one_dead_part_is_not_averaged_away() -> None:
    """Runs that all fail, quickly and at no cost."""
    assert score(one(**WELL | {"failed_runs": 100, "p95_ns": 1e6, "cost_usd": 0}), one(**WELL)) < 10


@pytest.mark.parametrize(
    ("worse", "name"),
    [
        ({"failed_runs": 30}, "success"),
        ({"failed_calls": 300}, "errors"),
        ({"p95_ns": 30e9}, "latency"),
        ({"cost_usd": 20.0}, "cost"),
        ({"stalled": 20}, "liveness"),
    ],
)
def test_what_restores_it_keeps_its_promise(worse: dict[str, float], name: str) -> None:
    """At the figure that is told the score is what is told, and the part is good."""
    usual = one(**WELL)
    part = worst(parts_of(one(**WELL | worse), usual))[0]
    assert part.name == name
    assert part.back_at is not None
    assert part.gives is not None
    back = {
        "success": {"failed_runs": part.back_at * part.count},
        "errors": {"failed_calls": part.back_at * part.count},
        "latency": {"p95_ns": part.back_at},
        "cost": {"cost_usd": part.back_at * part.count},
        "liveness": {"stalled": part.back_at * part.count, "runs": part.count - part.back_at * part.count},
    }[name]
    restored = one(**WELL | worse | back)
    assert score(restored, usual) == pytest.approx(part.gives)
    assert scores(restored, usual).parts[part.name][0] >= 90 - 1e-6


@given(figures(), figures())
def test_what_would_restore_it_never_makes_it_worse(recent: Figures, usual: Figures) -> None:
    """Whatever the figures are."""
    now = score(recent, usual)
    for part in worst(parts_of(recent, usual)):
        assert part.back_at is not None
        assert part.gives is not None
        assert 0 <= part.back_at <= part.value + 1e-9 * abs(part.value)
        assert now - 1e-6 <= part.gives <= 100
