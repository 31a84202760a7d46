"""Three verdicts: a changed model, falling success, other questions; each alone, and none of them in noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin import drift
from spyglass.analyze.builtin.drift import _asked, _moved
from spyglass.analyze.builtin.minutes import LATER_NS
from spyglass.analyze.graph import stages
from spyglass.analyze.loop import Loop
from spyglass.analyze.state import Kept, load, save
from spyglass.model.finding import Heard, event_of

CHANGE, MINUTES = 60, 80
CALLS = 30  # of a model, a minute


def minute_of(arrived, minute, seed, *, longer=1.0, larger=1.0, succeeds=0.9, answers="m-1"):
    """Model calls of two agents, and runs of theirs."""
    random = np.random.default_rng(seed * 1_000 + minute)
    count = CALLS + 8
    agents = [f"agent-{at % 2}" for at in range(count)]
    run = np.arange(count) >= CALLS
    asked = np.where(run, 0, np.exp(random.normal(6, 0.8, count)) * larger).astype(int)
    said = np.where(run, 0, np.exp(random.normal(4.5, 0.7, count)) * longer).astype(int)
    failed = run & (random.random(count) > succeeds)
    ids = range(minute * 1_000 + 1, minute * 1_000 + count + 1)
    return arrived(
        count,
        np.sort(minute * 60 + random.random(count) * 59),
        kind=np.where(run, "agent", "llm"),
        agent=agents,
        agent_version="1",
        model=np.where(run, "", answers),
        request_model=np.where(run, "", "m"),
        input_tokens=asked,
        output_tokens=said,
        status=np.where(failed, "error", "ok"),
        trace_id=[at.to_bytes(16) for at in ids],
        span_id=[at.to_bytes(8) for at in ids],
    )


def loop():
    """One analyzer."""
    return Loop(stages([drift.analyzer]), {"drift": drift.Settings(block=50)}, workers=1, share=1e9)


def told_of(batches, begin_ns, running=None, first=0):
    """All findings."""
    running = running or loop()
    found = []
    for minute, batch in enumerate(batches, first):
        found += running.observe([batch], begin_ns + (minute + 1) * 60 * 10**9)
    assert running.members["drift"].status.problem == ""
    return found


def story(arrived, seed=1, **changed):
    """As usual, then otherwise."""
    return [minute_of(arrived, minute, seed, **(changed if minute >= CHANGE else {})) for minute in range(MINUTES)]


@pytest.mark.parametrize(
    ("changed", "rule", "subjects"),
    [
        ({"longer": 3.0}, "endpoint_changed", {"m-1"}),
        ({"larger": 6.0}, "inputs_changed", {"agent-0", "agent-1"}),
        ({"succeeds": 0.4}, "outcomes_fell", {"agent-0", "agent-1"}),
    ],
)
def test_each_change_is_its_own_verdict(arrived, begin_ns, changed, rule, subjects):
    """And no other; a person reads what it was and what it is."""
    found = told_of(story(arrived, **changed), begin_ns)
    assert {one.rule for one in found} == {rule}
    assert {one.subject.get("model", one.subject.get("agent")) for one in found} == subjects
    assert all((" where " in one.title or ", before " in one.title) and one.suggestion and one.evidence for one in found)
    assert min(one.time_ns for one in found) > begin_ns + CHANGE * 60 * 10**9
    assert all(one.compared == 1 if "agent" in one.subject else one.cause == "model m-1" for one in found)
    assert found[-1].peers == (1 if "agent" in found[-1].subject else None)


def test_what_people_call_noise_is_told_later(arrived, begin_ns):
    """Of that agent; the other one as before."""
    batches = story(arrived, succeeds=0.4)
    before = {one.subject["agent"]: one for one in told_of(batches, begin_ns)}
    noise = before["agent-0"]
    running = loop()
    running.heed([Heard(noise.fingerprint, noise.project, "drift", noise.rule, "agent-0", 0.001)])
    after = {one.subject["agent"]: one for one in told_of(batches, begin_ns, running)}
    assert after["agent-0"].time_ns > noise.time_ns
    assert after["agent-0"].details["budget_factor"] == 0.001
    assert after["agent-1"].time_ns <= before["agent-1"].time_ns


def test_another_model_behind_a_name_is_told_at_once(arrived, begin_ns):
    """Once; it is exact."""
    found = [one for one in told_of(story(arrived, answers="m-2"), begin_ns) if one.rule == "endpoint_version"]
    assert [(one.subject["model"], one.details["answered_by"], one.time_ns) for one in found] == [("m", "m-2", begin_ns + (CHANGE + 1) * 60 * 10**9)]


def test_noise_is_no_verdict(arrived, begin_ns):
    """Eighty minutes of three seeds."""
    assert [one.title for seed in (2, 3, 4) for one in told_of(story(arrived, seed), begin_ns)] == []


def test_it_goes_on_after_a_restart(arrived, begin_ns, tmp_path):
    """As if it had never stopped, byte for byte: also between two verdicts on the same minute."""
    batches = story(arrived, longer=3.0, succeeds=0.4)
    whole = told_of(batches, begin_ns)
    first = loop()
    found = told_of(batches[:65], begin_ns, first)
    found += first.observe([], begin_ns + 65 * 60 * 10**9 + LATER_NS["drift"])
    assert sum(name.startswith("due.") for name in first.save()["drift", drift.analyzer.version]) == 2
    save(tmp_path / "state", Kept(first.until_ns, first.save()))
    kept = load(tmp_path / "state")
    second = loop()
    second.restore(kept.states, kept.until_ns)
    found += told_of(batches[65:], begin_ns, second, 65)
    assert [event_of(one) for one in found] == [event_of(one) for one in whole]


@pytest.fixture(scope="module")
def failing(arrived, begin_ns):
    """Batches, and what is found in them."""
    batches = story(arrived, succeeds=0.3)
    return batches, told_of(batches, begin_ns)


@given(st.integers(1, 40))
@settings(max_examples=4)
def test_cuts_do_not_matter(failing, begin_ns, cut):
    """The same rows in other batches give the same findings."""
    batches, once = failing
    running, found = loop(), []
    for minute, batch in enumerate(batches):
        found += running.observe([batch.with_rows(batch.rows.slice(0, cut))], begin_ns + minute * 60 * 10**9 + 10**9)
        found += running.observe([batch.with_rows(batch.rows.slice(cut))], begin_ns + (minute + 1) * 60 * 10**9)
    assert [event_of(one) for one in found] == [event_of(one) for one in once]


def test_hostile_rows_harm_nobody(arrived, begin_ns):
    """No tokens, far too many, no names, very long names, more series than are kept."""
    running = Loop(stages([drift.analyzer]), {"drift": drift.Settings(most_series=10)}, workers=1, share=1e9)
    odd = arrived(40, 1.0, agent=[f"{at}{'x' * 10_000}" for at in range(40)], model=[f"m{at}" for at in range(40)], input_tokens=2**62, output_tokens=0)
    empty = arrived(3, 61.0, agent="", model="", input_tokens=0)
    assert told_of([odd, empty, odd.with_rows(odd.rows.slice(0, 0))], begin_ns, running) == []
    assert len(running.members["drift"].analyzer._known["inputs"]._keys) == 10


def test_a_title_names_only_what_changed():
    """What is as before explains nothing."""
    assert _asked(2048.0, 512.0, (0.667, 0.668)) == "requests of about 2048 tokens, before 512"
    assert _asked(512.0, 512.0, (0.2, 0.6)) == "tools are 60% of its calls, before 20%"
    assert "before" not in _asked(512.0, 512.0, (0.2, 0.2))
    assert _moved(249.0, 249.0) == "about 249 tokens as before, but spread otherwise or cut short"
