"""Agents that stand out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from spyglass.analyze.builtin import aggregation, anomaly
from spyglass.analyze.builtin.figures import FIGURES, SUMS
from spyglass.analyze.graph import stages
from spyglass.analyze.loop import Loop
from spyglass.analyze.state import Kept, load, save
from spyglass.model.finding import Heard, event_of
from spyglass.plugin.contracts import Frame

AGENTS = 120
MINUTES = 260
HALF = 236  # minutes in which nothing happens
SLOW_TOGETHER = [f"agent-{number:03}" for number in range(20, 30)]


@pytest.fixture(scope="module")
def story(arrived):
    """The calls of some agents, one batch a minute: one grows slow, all that call one model do, one falls silent, and at last all fail at once."""
    random = np.random.default_rng(5)
    batches = []
    for minute in range(MINUTES):
        agents = [f"agent-{number:03}" for number in range(AGENTS) for _ in range(2) if not (number == 9 and minute >= 250)]
        count = len(agents)
        lasted = np.exp(random.normal(0, 0.3, count)) * 1e9
        lasted *= np.where((np.array(agents) == "agent-007") & (minute == 240), 40, 1)
        model = np.where(np.isin(agents, SLOW_TOGETHER), "n", "m")
        lasted *= np.where((model == "n") & (minute == 245), 20, 1)
        status = np.where(random.random(count) < (0.95 if minute == 255 else 0.01), "error", "ok")
        received = np.sort(minute * 60 + random.random(count) * 59)
        ids = range(minute * 1000 + 1, minute * 1000 + count + 1)
        said = {
            "agent": agents,
            "model": model,
            "duration_ns": lasted.astype(np.int64),
            "status": status,
            "trace_id": [at.to_bytes(16) for at in ids],
            "span_id": [at.to_bytes(8) for at in ids],
        }
        batches.append(arrived(count, received, **said))
    return batches


def loop():
    """Both analyzers."""
    kinds = stages([aggregation.analyzer, anomaly.analyzer])
    return Loop(kinds, {"aggregation": aggregation.Settings(), "anomaly": anomaly.Settings(false_alarms_a_day=1)}, workers=1, share=1e9)


def played(running, batches, begin_ns, first=0):
    """All findings; time goes on a minute after the last batch."""
    told = []
    for minute, batch in enumerate(batches, first):
        told += running.observe([batch], begin_ns + (minute + 1) * 60 * 10**9)
    return told + running.observe([], begin_ns + (first + len(batches) + 1) * 60 * 10**9)


def heard_of(finding, factor):
    """What people made of it."""
    return Heard(finding.fingerprint, finding.project, finding.analyzer, finding.rule, finding.subject["agent"], factor)


@pytest.fixture(scope="module")
def halfway(story, begin_ns):
    """What was found until then, and all that is remembered."""
    running = loop()
    told = [one for minute, batch in enumerate(story[:HALF]) for one in running.observe([batch], begin_ns + (minute + 1) * 60 * 10**9)]
    return told, running.save(), running.until_ns


@pytest.fixture(scope="module")
def second_half(story, begin_ns, halfway):
    """`second_half(heard)`: what is found from there on."""

    def go(heard=()):
        running = loop()
        running.restore(*halfway[1:])
        running.heed(heard)
        return played(running, story[HALF:], begin_ns, HALF)

    return go


@pytest.fixture(scope="module")
def findings(halfway, second_half):
    """Of the whole story."""
    return [*halfway[0], *second_half()]


def test_the_slow_agent_is_found_with_its_slowest_call(findings):
    """In the minute in which it was slow."""
    (slow,) = [one for one in findings if one.subject.get("agent") == "agent-007" and one.rule == "duration_point"]
    assert slow.observed > 20 * slow.expected[1] / 5
    assert slow.expected[0] < 1.2 < slow.expected[1]
    assert slow.evidence[0].trace_id
    assert "agent-007: time of a call is" in slow.title
    assert slow.probability < 1e-3
    assert slow.cause == ""
    assert slow.peers <= 2
    assert f"{slow.compared} others that call m" in slow.title or "it alone" in slow.title


def test_what_befalls_all_that_call_a_model_is_one_finding(findings):
    """With their number, and the model as its cause; none of them is told by itself."""
    minute = [one for one in findings if one.cause == "model n"]
    assert [(one.rule, one.subject) for one in minute] == [("duration_shared", {"metric": "duration", "model": "n"})]
    assert minute[0].peers >= len(SLOW_TOGETHER) - 1
    assert minute[0].observed > 5 * minute[0].expected[1] / 2
    assert f"(in the middle {minute[0].observed:.3g} s; usual {minute[0].expected[0]:.3g} s to {minute[0].expected[1]:.3g} s)" in minute[0].title
    assert f"of {len(SLOW_TOGETHER)} agents that call n at once" in minute[0].title
    assert set(minute[0].details["agents"]) <= set(SLOW_TOGETHER)
    assert not [one for one in findings if one.subject.get("agent") in SLOW_TOGETHER and one.rule == "duration_point" and one.time_ns == minute[0].time_ns]


def test_what_people_call_noise_needs_more_to_be_told(findings, second_half):
    """Of that agent alone, and it says so where it is told all the same."""
    (slow,) = [one for one in findings if one.subject.get("agent") == "agent-007" and one.rule == "duration_point"]
    (again,) = [one for one in second_half([heard_of(slow, 0.001)]) if one.fingerprint == slow.fingerprint]
    assert (again.observed, again.details["budget_factor"]) == (slow.observed, 0.001)
    assert again.expected[1] > 1.1 * slow.expected[1]
    (useful,) = [one for one in second_half([heard_of(slow, 10.0)]) if one.fingerprint == slow.fingerprint]
    assert useful.expected[1] < slow.expected[1]


def test_an_agent_that_falls_silent_is_told_once_and_no_other(findings):
    """It kept a beat, so that a few minutes are enough; that it makes fewer calls is not told again after that."""
    (silent,) = [one for one in findings if one.rule == "calls_silence"]
    assert dict(silent.subject) == {"agent": "agent-009", "metric": "calls"}
    assert silent.title.startswith("agent-009 has made no call for ")
    assert silent.expected[1] < silent.observed <= 600
    assert not [one for one in findings if one.subject.get("agent") == "agent-009" and one.rule.startswith("calls_") and one.time_ns > silent.time_ns]


def test_the_band_of_few_calls_begins_at_none():
    """What lies below zero on the scale of roots is no large number."""
    assert FIGURES[0].back(-3.5, 0.0) == 0.0


def test_what_befalls_all_is_one_finding(findings):
    """Of no agent."""
    shared = [one for one in findings if one.rule == "failures_shared"]
    assert len(shared) == 1
    assert shared[0].peers > AGENTS / 2
    assert "agent" not in shared[0].subject


def test_hardly_anything_else_is_told(findings):
    """The budget is one a day and channel, and this was a sixth of a day."""
    known = {"agent-007", "agent-009"}
    assert len([one for one in findings if one.subject.get("agent") not in known and not one.rule.endswith("_shared")]) <= 4


def test_the_same_rows_give_the_same_findings_however_they_are_cut_and_over_a_restart(story, findings, begin_ns, tmp_path):
    """Byte for byte."""
    first, second = loop(), loop()
    told = [one for minute, batch in enumerate(story[:200]) for one in first.observe([batch], begin_ns + (minute + 1) * 60 * 10**9)]
    save(tmp_path / "state", Kept(first.until_ns, first.save()))
    kept = load(tmp_path / "state")
    second.restore(kept.states, kept.until_ns)
    for minute, batch in enumerate(story[200:], 200):
        middle = len(batch) // 2
        for part in (batch.rows.slice(0, middle), batch.rows.slice(middle)):
            last = int(part["received"].cast("int64")[-1].as_py()) + 1
            told += second.observe([batch.with_rows(part)], last)
        told += second.observe([], begin_ns + (minute + 1) * 60 * 10**9)
    told += second.observe([], begin_ns + (MINUTES + 1) * 60 * 10**9)
    assert [event_of(one) for one in told] == [event_of(one) for one in findings]


def test_a_shared_finding_says_what_they_have_in_common(findings):
    """The model that all of them call comes first in what to do."""
    shared = [one for one in findings if one.rule == "failures_shared"]
    assert shared
    assert all(one.expected and one.unit == "1" for one in shared)
    assert max(one.observed - one.expected[1] for one in shared) > 0.5
    assert all("Look at model m first" in one.suggestion and one.details["in_common"] for one in shared)


def buckets(minute, calls, errors):
    """A minute of agents with so many calls each, of which so many failed; each call is like all others."""
    texts = {"project": "p", "kind": "llm", "model": "m", "tool": "", "agent_version": ""}
    rows = {name: [text] * len(calls) for name, text in texts.items()} | {"agent": [f"agent-{number}" for number in range(len(calls))]}
    rows |= dict.fromkeys(SUMS, calls) | {"errors": errors, "bucket_ns": [minute * 60 * 10**9] * len(calls), "slowest_ns": [0] * len(calls)}
    slowest = {"slowest_trace": pa.array([bytes(16)] * len(calls), pa.binary(16)), "slowest_span": pa.array([bytes(8)] * len(calls), pa.binary(8))}
    return Frame(aggregation.BUCKETS, pa.table(rows | slowest))


def test_a_share_of_failures_that_stays_is_none_when_there_is_twenty_times_as_much():
    """Nor is it a drift."""
    random, analyzer = np.random.default_rng(11), anomaly.Anomaly(anomaly.Settings(false_alarms_a_day=100))
    told = []
    for minute in range(200):
        calls = random.poisson(40 if minute >= 150 else 2, 60) + 1
        errors = random.binomial(calls, 0.05)
        analyzer.observe(buckets(minute, calls, errors))
        told += [one for one in analyzer.settle((minute + 1) * 60 * 10**9) if one.subject.get("metric") == "failures"]
    assert not [one for one in told if one.rule == "failures_shared"]
    assert len(told) <= 30, "fourteen in these hours are meant, of two channels"


def busy(minute, agents=2_400):
    """A minute of many agents, of whom one makes many calls after a while, and another fails."""
    calls = np.random.default_rng(minute).poisson(40, agents) + 1
    errors = np.random.default_rng(minute + 1_000).binomial(calls, 0.05)
    if minute == 40:
        calls[7] *= 30
        errors[11] = calls[11]
    return buckets(minute, calls, errors)


def test_figures_of_many_agents_are_judged_one_after_the_other_and_so_after_a_restart():
    """No batch waits for all of them; the findings are the same however time goes on, and whoever goes on with it."""
    minute_ns, settings = 60 * 10**9, anomaly.Settings(learns_minutes=10)
    at_once, apart = (anomaly.Anomaly(settings) for _ in range(2))
    whole = []
    parts = []
    for minute in range(42):
        at_once.observe(busy(minute))
        whole += at_once.settle((minute + 1) * minute_ns + 10**9)
        apart.observe(busy(minute))
        for turn in range(1 + len(FIGURES)):
            parts.append(list(apart.settle((minute + 1) * minute_ns + turn * 50_000_000)))
            saved, apart = apart.save(), anomaly.Anomaly(settings)
            apart.restore(saved)
    assert {"calls_point", "failures_point"} <= {one.rule for one in whole}
    assert [event_of(one) for turn in parts for one in turn] == [event_of(one) for one in whole]
    assert not any(parts[minute * (1 + len(FIGURES))] for minute in range(42)), "the batch that ends the minute waits for none"
    assert sum(1 for turn in parts if turn) > 1


def test_more_new_agents_than_are_kept_keep_nobody_from_being_judged():
    """Those that call give their place to nobody, however many are new in the same minute; nothing fails."""
    analyzer, told = anomaly.Anomaly(anomaly.Settings(learns_minutes=10, most_agents=2_400)), []
    for minute in range(42):
        frame = busy(minute)
        if minute > 30:  # others, who come before them in the order of names
            more = frame.rows.set_column(frame.rows.schema.get_field_index("agent"), "agent", pa.array([f"a{minute}-{number}" for number in range(2_400)]))
            frame = Frame(frame.name, pa.concat_tables([frame.rows, more]))
        analyzer.observe(frame)
        told += analyzer.settle((minute + 1) * 60 * 10**9 + 10**9)
    assert {("calls_point", "agent-7"), ("failures_point", "agent-11")} <= {(one.rule, one.subject["agent"]) for one in told if "agent" in one.subject}


def test_who_makes_fewer_calls_is_not_looked_at_for_a_loop():
    """What to do depends on whether there is more of it or less."""
    analyzer, told = anomaly.Anomaly(anomaly.Settings(learns_minutes=20)), []
    for minute in range(61):
        calls = np.full(60, 40)
        calls[3] = 400 if minute == 60 else 40
        calls[4] = 1 if minute == 60 else 40
        analyzer.observe(buckets(minute, calls, np.zeros(60, int)))
        told += analyzer.settle((minute + 1) * 60 * 10**9)
    advice = {one.subject["agent"]: one.suggestion for one in told if one.rule == "calls_point"}
    assert advice == {"agent-3": FIGURES[0].advice, "agent-4": FIGURES[0].advice_less}
