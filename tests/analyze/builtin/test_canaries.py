"""Models that answer the same questions otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin import canaries
from spyglass.analyze.builtin.canary_calls import Repeats
from spyglass.analyze.graph import stages
from spyglass.analyze.loop import Loop
from spyglass.analyze.state import Kept, load, save
from spyglass.model.finding import Heard, event_of

MINUTES, CHANGE = 60, 45
QUESTIONS = ["what is seven times six", "name a river", "translate good morning"]


def asked_in(arrived, minute, *, mark="daily", temperature="0.7", changed=True, questions=QUESTIONS, model="m"):
    """Each question once in a minute, and other calls that nobody asks twice."""
    random = np.random.default_rng(minute)
    late = changed and minute >= CHANGE
    answers = [f"{'Well, I think that ' if late else ''}it is {random.choice(['this', 'that', 'so'])} {at}" for at in range(len(questions))]
    count = len(questions)
    told = {"gen_ai.request.temperature": temperature} | ({"spyglass.canary": mark} if mark else {})
    ids = range(minute * 100 + 1, minute * 100 + 2 * count + 1)
    return arrived(
        2 * count,
        minute * 60 + np.arange(2 * count),
        model=model,
        request_model=model,
        input=[*questions, *(f"once {minute} {at}" for at in range(count))],
        output=[*answers, *(f"{'other' if late else 'any'} {at}" for at in range(count))],
        input_messages=[[]] * (2 * count),
        output_messages=[[]] * (2 * count),
        attributes=[[*told.items()]] * count + [[("gen_ai.request.temperature", temperature)]] * count,
        trace_id=[at.to_bytes(16) for at in ids],
        span_id=[at.to_bytes(8) for at in ids],
    )


def loop(**told):
    """One analyzer."""
    return Loop(stages([canaries.analyzer]), {"canaries": canaries.Settings(**told)}, workers=1, share=1e9)


def told_of(batches, begin_ns, running=None, first=0):
    """All findings."""
    running = running or loop()
    found = []
    for minute, batch in enumerate(batches, first):
        found += running.observe([batch], begin_ns + (minute + 1) * 60 * 10**9)
    assert running.members["canaries"].status.problem == ""
    return found


@pytest.fixture(scope="module")
def story(arrived):
    """Marked questions; after a while the model begins its answers with other words."""
    return [asked_in(arrived, minute) for minute in range(MINUTES)]


def test_a_changed_model_is_told_with_the_answers_that_show_it(story, begin_ns):
    """Soon, once, with its questions by name, and without a word of what was said."""
    (one,) = told_of(story, begin_ns)
    assert (one.rule, one.subject, one.cause) == ("endpoint_changed", {"model": "m"}, "model m")
    assert begin_ns + CHANGE * 60 * 10**9 < one.time_ns <= begin_ns + (CHANGE + 8) * 60 * 10**9
    assert one.observed > 5 * one.expected[1]
    assert all(int(shown.trace_id, 16) > CHANGE * 100 for shown in one.evidence[-3:])
    assert all(line.startswith("daily: word for word as one before") for line in one.details["questions"])
    assert "Well" not in str(event_of(one))


def test_what_is_asked_again_at_temperature_nought_needs_no_mark(arrived, begin_ns):
    """At another temperature nothing is compared, for nobody said that it is a canary."""
    cold = [asked_in(arrived, minute, mark="", temperature="0.0") for minute in range(MINUTES)]
    assert [one.rule for one in told_of(cold, begin_ns)] == ["endpoint_changed"]
    assert told_of([asked_in(arrived, minute, mark="", temperature="0.2") for minute in range(MINUTES)], begin_ns) == []


def test_what_was_asked_five_times_is_asked_again_and_again():
    """At once or one after the other; a day without it halves the count, and a restart changes nothing."""
    one, many = Repeats(), np.array([1 << 50] * 4 + [1 << 60], np.uint64)
    assert one.again(many, 10).tolist() == [False] * 5
    other = Repeats()
    other.restore(one.save())
    assert other.again(many, 10).tolist() == [False, True, True, True, False]
    assert other.again(many, 11).tolist() == [False, True, True, True, False]


def test_other_questions_are_no_other_model(arrived, begin_ns):
    """Nor is the same question with other settings, nor are answers that always differ."""
    others = [asked_in(arrived, minute, changed=False, questions=QUESTIONS if minute < CHANGE else ["count to ten", "why"]) for minute in range(MINUTES)]
    warmer = [asked_in(arrived, minute, changed=False, temperature="0.7" if minute < CHANGE else "0.9") for minute in range(MINUTES)]
    assert told_of(others, begin_ns) + told_of(warmer, begin_ns) == []


def test_it_goes_on_after_a_restart_and_heeds_what_people_said(story, begin_ns, tmp_path):
    """Byte for byte; noise needs more evidence, and says so."""
    whole = told_of(story, begin_ns)
    first = loop()
    assert told_of(story[:47], begin_ns, first) == []
    save(tmp_path / "state", Kept(first.until_ns, first.save()))
    kept = load(tmp_path / "state")
    second, third = loop(), loop()
    for one in (second, third):
        one.restore(kept.states, kept.until_ns)
    assert [event_of(one) for one in told_of(story[47:], begin_ns, second, 47)] == [event_of(one) for one in whole]
    third.heed([Heard(whole[0].fingerprint, "default", "canaries", "endpoint_changed", "", 0.1)])
    (later,) = told_of(story[47:], begin_ns, third, 47)
    assert later.time_ns >= whole[0].time_ns
    assert later.details["budget_factor"] == 0.1


@pytest.fixture(scope="module")
def once(story, begin_ns):
    """What is found in it, a batch a minute."""
    return told_of(story, begin_ns)


@given(st.integers(1, 5))
@settings(max_examples=3)
def test_cuts_do_not_matter(story, once, begin_ns, cut):
    """The same rows in other batches give the same findings."""
    running, found = loop(), []
    for minute, batch in enumerate(story):
        found += running.observe([batch.with_rows(batch.rows.slice(0, cut))], begin_ns + minute * 60 * 10**9 + 10**9)
        found += running.observe([batch.with_rows(batch.rows.slice(cut))], begin_ns + (minute + 1) * 60 * 10**9)
    assert [event_of(one) for one in found] == [event_of(one) for one in once]


def test_hostile_rows_harm_nobody(arrived, begin_ns):
    """No texts, no attributes, huge marks, more questions than are kept, answers that failed."""
    many = [asked_in(arrived, minute, mark="x" * 100_000, questions=[f"{minute} {at}" for at in range(30)]) for minute in range(4)]
    bare = arrived(3, 300.0, input="", output="", input_messages=[[]] * 3, output_messages=[[]] * 3, attributes=[[]] * 3)
    failed = arrived(2, 400.0, status="error", attributes=[[("spyglass.canary", "a")]] * 2)
    nothing = bare.with_rows(bare.rows.slice(0, 0))
    running = loop(most_questions=10)
    assert told_of([*many, bare, failed, nothing], begin_ns, running) == []
    assert running.members["canaries"].analyzer._known.size == 10
