"""What an agent never did before."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.behaviour import Behaviour, Settings
from spyglass.analyze.builtin.touched import role_of, touched
from spyglass.model.finding import event_of

HOUR = 3_600.0
DAY = 24 * HOUR
TWO_HOURS = np.arange(80) // 27 * 3_600.0  # three minutes in each of which much happens


def found(batches, begin_ns, running=None):
    """All findings, some time after the last batch."""
    running = running or Behaviour(Settings(learns_calls=60))
    told = []
    for batch in batches:
        told += running.observe(batch)
        told += running.settle(max(batch.rows["received"].cast("int64").to_pylist(), default=0))
    return told + list(running.settle(begin_ns + 10**18))


@pytest.fixture(scope="module")
def calls(arrived):
    """`calls(seconds, tools, …)`: calls of tools."""

    def make(at, tools, **said):
        count = len(at)
        ids = [(int(second * 1000) * 1000 + number).to_bytes(8) for number, second in enumerate(at)]
        told = {"kind": "tool", "tool": list(tools), "input": "{}", "span_id": ids, "input_messages": [[]] * count, "agent": "planner"} | said
        return arrived(count, list(at), **told)

    return make


@pytest.fixture(scope="module")
def usual(calls):
    """Eighty calls of three tools, over two hours."""
    return calls(TWO_HOURS, (["search", "read", "write"] * 27)[:80], input='{"url": "https://api.example.com/v1", "n": 1}')


def test_a_tool_that_was_never_called_is_told_once_with_what_is_known(calls, usual, begin_ns):
    """The second call of it is no news."""
    (one,) = found([usual, calls([2.5 * HOUR, 3 * HOUR], ["pay"] * 2)], begin_ns, Behaviour(Settings(learns_calls=60, rarity=0.02)))
    assert (one.rule, one.severity, dict(one.subject)) == ("new_tool", "warning", {"agent": "planner", "tool": "pay"})
    assert one.title == "planner calls the tool pay for the first time, after 80 calls with 3 different ones"
    assert one.probability == pytest.approx(1 / 81)
    assert one.evidence[0].span_id
    assert event_of(one).attributes["spyglass.finding.suggestion"]


def test_who_does_something_new_all_the_time_is_not_watched_for_it(calls, begin_ns):
    """One call in ten was of a tool of its own."""
    tools = [f"tool-{at}" if at % 10 == 0 else "search" for at in range(300)]
    assert found([calls(np.sort(np.arange(300) % 6 * 1500.0), tools)], begin_ns) == []


def test_an_agent_that_is_hardly_known_is_not_judged(calls, begin_ns):
    """Few calls, or all within an hour."""
    assert found([calls(np.arange(40) // 10 * 3_600.0, [*["search"] * 39, "pay"])], begin_ns) == []
    assert found([calls(np.arange(300) // 100 * 60.0, [*["search"] * 299, "pay"])], begin_ns) == []


def test_hosts_and_folders_are_told_apart_from_each_other(calls, usual, begin_ns):
    """A folder in an address is none."""
    said = ['{"url": "https://user:pw@Evil.example:8443/srv/alice/x"}', '{"cmd": "cat /etc/ssh/sshd_config"}']
    paths = calls(TWO_HOURS + 1, ["read"] * 80, input='{"path": "/srv/data/2026/01.txt"}')
    told = found([usual, paths, calls([3 * HOUR, 3 * HOUR + 1], ["read"] * 2, input=said)], begin_ns, Behaviour(Settings(learns_calls=60, rarity=0.02)))
    assert [(one.rule, one.severity) for one in told] == [("new_host", "warning"), ("new_path", "info")]
    assert [one.title.split(" for the first")[0] for one in told] == ["planner names the host evil.example", "planner works in /etc/ssh"]


def test_what_others_of_the_role_do_matters_less(calls, begin_ns):
    """They have the same name but for a number."""
    running = Behaviour(Settings(learns_calls=60, rarity=0.02))
    before = [calls(TWO_HOURS + shift, tools, agent=f"worker-{shift}") for shift, tools in ((1, ["search"] * 80), (2, ["search"] * 40 + ["pay"] * 40))]
    (one,) = found([*before, calls([3 * HOUR], ["pay"], agent="worker-1")], begin_ns, running)
    assert (one.rule, one.severity) == ("new_tool", "info")
    assert one.title.endswith("; other agents named worker do")


def test_regular_hours_are_known(calls, begin_ns):
    """Two weeks from nine to five; then a call in the night."""
    begin = (-(begin_ns // 10**9)) % DAY + 9 * HOUR
    daily = [begin + day * DAY + hour * HOUR for day in range(17) for hour in range(8)]
    (one,) = found([calls([*daily, begin + 17 * DAY + 18 * HOUR], ["search"] * 137)], begin_ns)
    assert (one.rule, dict(one.subject)) == ("unusual_hour", {"agent": "planner"})
    assert one.title == "planner calls search at 03:00 UTC, an hour in which it was silent on 12 days like this one"
    assert one.probability < 0.05


@pytest.mark.parametrize(
    ("tool", "said", "risk"),
    [
        ("query_database", '{"sql": "SELECT 1; DROP TABLE users"}', "has SQL that does DROP"),
        ("bash", '{"command": "cd /srv && rm -rf data"}', "has a command that deletes whole folders"),
        ("wire_money", "{}", "is called risky"),
        ("query_database", '{"sql": "SELECT note FROM log"}', ""),
        ("send_note", '{"text": "Please delete from the list whom you do not know."}', ""),
    ],
)
def test_what_cannot_be_taken_back_weighs_more_at_night(calls, begin_ns, tool, said, risk):
    """It is told instead of the hour, not beside it; by day it is not told."""
    begin = (-(begin_ns // 10**9)) % DAY + 9 * HOUR
    daily = [begin + day * DAY + hour * HOUR for day in range(17) for hour in range(8)]
    at = [*daily, begin + 17 * DAY + 18 * HOUR, begin + 17 * DAY + 18 * HOUR + 5]
    batch = calls(at, [tool] * len(at), input=[said] * len(at))
    (one,) = found([batch], begin_ns, Behaviour(Settings(learns_calls=60, risky_tools="^wire_")))
    assert (one.rule, one.severity, one.owasp) == (("risky_at_unusual_hour", "warning", "ASI03") if risk else ("unusual_hour", "info", ""))
    assert risk in one.title


def test_a_risky_call_later_in_the_same_night_is_told_too(calls, begin_ns):
    """Once, until the agent was silent for an hour."""
    begin = (-(begin_ns // 10**9)) % DAY + 9 * HOUR
    night = begin + 17 * DAY + 18 * HOUR
    daily = [begin + day * DAY + hour * HOUR for day in range(17) for hour in range(8)]
    later = [night, night + 3_000, night + 5_000, night + 6_000]
    told = found([calls([*daily, *later], ["search"] * len(daily) + ["search", "search", "pay", "pay"])], begin_ns, Behaviour(Settings(risky_tools="pay")))
    assert [one.rule for one in told] == ["unusual_hour", "risky_at_unusual_hour"]
    assert "calls pay, which is called risky, at 04:00 UTC" in told[1].title


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**16), cuts=st.lists(st.integers(0, 200), max_size=6))
def test_the_same_rows_give_the_same_findings_however_they_are_cut(calls, begin_ns, seed, cuts):
    """With a restart at each cut."""
    random = np.random.default_rng(seed)
    at = np.sort(random.integers(0, 9, 200) * 600.0 + random.random(200) * 59)
    tools = np.where(random.random(200) < 0.02, "odd", "search").tolist()
    said = np.where(random.random(200) < 0.03, '{"a": "http://x.example"}', '{"a": "http://y.example/z", "b": "/a/b/c"}').tolist()
    whole = calls(at, tools, input=said, agent=[f"agent-{number}" for number in random.integers(0, 2, 200)])
    given_ = Settings(learns_calls=20, rarity=0.2, learns_minutes=0)
    expected = found([whole], begin_ns, Behaviour(given_))
    told, running = [], Behaviour(given_)
    for low, high in pairwise([0, *sorted(cuts), 200]):
        rows = whole.rows.slice(low, high - low)
        told += running.observe(whole.with_rows(rows))
        told += running.settle(max(rows["received"].cast("int64").to_pylist(), default=0))
        again = Behaviour(given_)
        again.restore(running.save())
        running = again
    assert [*told, *running.settle(begin_ns + 10**18)] == expected


def test_hostile_rows_harm_nobody(calls, begin_ns):
    """Long, empty, binary and strange arguments; times that jump."""
    texts = ["", "x" * 100_000, "://", "http://", "/" * 5_000, '{"u": "http://[::1]/x"}', "\x00\ud7ff é /é/", "://" + "a" * 5_000 + "/"]
    strange = calls([5.0, 1.0, 10**6, 3.0, 5.0, 5.0, 5.0, 5.0], ["t", "", "x" * 10_000, "t", "t", "t", "t", "t"], input=texts)
    assert found([strange, strange], begin_ns) == []
    rows = touched(strange.rows)
    assert max(len(name) for name in [*rows["host"].to_pylist(), *rows["tool"].to_pylist()]) == 200
    assert rows["host"].to_pylist()[5] == "[::1]"


def test_instances_of_a_role_are_known_by_their_numbers():
    """Other names are roles of their own."""
    names = ["worker-17", "worker", "17", "gpt-4o", "agent_3fa85f64-5717-4562-b3fc-2c963f66afa6", "crew #2"]
    assert role_of(pa.chunked_array([names])).to_pylist() == ["worker", "worker", "17", "gpt-4o", "agent", "crew"]
