"""The runs of an agent: what their ends waited for, and what they lost to retries."""

from __future__ import annotations

from tests.analyze.paths.conftest import SECOND_NS, span, table

from spyglass.analyze.paths.runs import Runs, runs_of


def waited(runs: Runs) -> dict[tuple[str, str], float]:
    """Seconds by step, of all runs together."""
    return {step: waited / SECOND_NS for step, waited in zip(runs.steps, runs.waited_ns.sum(axis=0).tolist(), strict=True) if waited}


def test_a_run_waits_for_its_steps_and_itself() -> None:
    """Tools and models by name; a client's span below a call of the same model is that model; what ran beside and ended earlier is not waited for."""
    runs = runs_of(
        table(
            [
                span(1, 0, 10, kind="agent", agent="ada"),
                span(2, 1, 4, under=1, tool="search"),
                span(3, 1, 3, under=1, tool="beside"),
                span(4, 5, 4, under=1, kind="llm", model="m"),
                span(5, 6, 2, under=4, kind="llm", model="m"),
            ]
        ),
        "ada",
    )
    assert waited(runs) == {("tool", "search"): 4.0, ("llm", "m"): 4.0, ("agent", "itself"): 2.0}
    assert runs.waited_ns.sum() == runs.duration_ns.sum()


def test_a_run_within_a_run_of_another_agent_is_a_run() -> None:
    """And one within a run of the same agent is a part of that."""
    rows = [span(1, 0, 10, kind="agent", agent="boss"), span(2, 1, 8, under=1, kind="agent", agent="ada"), span(3, 2, 3, under=2, kind="agent", agent="ada")]
    assert waited(runs_of(table(rows), "ada")) == {("agent", "itself"): 8.0}
    assert waited(runs_of(table(rows), "boss")) == {("agent", "itself"): 2.0, ("agent", "ada"): 8.0}


def test_what_failed_and_was_asked_again_is_lost() -> None:
    """From the begin of the failed call to that of the next, with its cost; another question, or a success before, is no retry."""
    runs = runs_of(
        table(
            [
                span(1, 0, 20, kind="agent", agent="ada"),
                span(2, 1, 1, under=1, tool="search", failed=True, cost_usd=0.5),
                span(3, 4, 1, under=1, tool="search", failed=True, cost_usd=0.25),
                span(4, 6, 1, under=1, tool="search", cost_usd=0.25),
                span(5, 8, 1, under=1, tool="search"),
                span(6, 9, 1, under=1, tool="search", asked=2, failed=True),
            ]
        ),
        "ada",
    )
    assert (runs.retries.lost_ns.tolist(), runs.retries.lost_usd.tolist()) == ([3 * SECOND_NS, 2 * SECOND_NS], [0.5, 0.25])
    assert runs.cost_usd.tolist() == [1.0]
    assert [runs.steps[step] for step in runs.retries.step] == [("tool", "search")] * 2


def test_hostile_spans_harm_nobody() -> None:
    """Nothing, copies, circles, orphans, costs that are no numbers, runs without a duration."""
    assert len(runs_of(table([]), "ada")) == 0
    rows = [
        span(1, 0, 5, kind="agent", agent="ada"),
        span(1, 0, 9, kind="agent", agent="ada", version=2),
        span(2, 1, 3, under=1, tool="t", cost_usd=float("nan")),
        span(3, 1, 3, under=4, tool="t"),
        span(4, 1, 3, under=3, tool="t"),
        span(5, 1, 3, under=99, tool="t"),
        span(6, 0, 0, trace=2, kind="agent", agent="ada"),
    ]
    runs = runs_of(table(rows), "ada")
    assert (runs.duration_ns.tolist(), runs.cost_usd.tolist()) == ([9 * SECOND_NS], [0.0])
    assert len(runs_of(table(span(at, 0, 1, tool=f"t{at}") for at in range(1, 700)), "ada")) == 0


def test_a_part_keeps_its_retries() -> None:
    """With the numbers that its runs have then."""
    rows = [
        row
        for trace in (1, 2)
        for row in (
            span(1, trace, 9, trace=trace, kind="agent", agent="ada"),
            span(2, trace, 1, trace=trace, under=1, tool="t", failed=True),
            span(3, trace + 2, 1, trace=trace, under=1, tool="t"),
        )
    ]
    runs = runs_of(table(rows), "ada")
    second = runs.part(runs.begin_ns > SECOND_NS)
    assert (len(second), second.retries.run.tolist(), second.retries.lost_ns.tolist()) == (1, [0], [2 * SECOND_NS])
