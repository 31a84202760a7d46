"""Attempts to get in by trying."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.security.brute_force import BruteForce, Settings
from spyglass.analyze.builtin.security.failures import failures, sources
from spyglass.model.batch import Batch
from spyglass.model.finding import event_of
from spyglass.model.schema import Kind
from spyglass.testing.rows import BASE_NS, events, spans

S = 10**9


def failed(seconds, source="203.0.113.7", user="root", **said):
    """Records of failed logins at these seconds."""
    count = len(seconds)
    given_sources = source if isinstance(source, list) else [source] * count
    users = user if isinstance(user, list) else [user] * count
    bodies = [f"Failed password for {name} from {address} port 22 ssh2" for name, address in zip(users, given_sources, strict=True)]
    at = [BASE_NS + round(second * S) for second in seconds]
    return Batch(Kind.EVENT, events(count, body=bodies, service="sshd", agent="", user_id="", time=at, received=at, **said))


def told(*batches):
    """All findings."""
    running = BruteForce(Settings())
    return [one for batch in batches for one in running.observe(batch)]


def test_three_five_and_ten_failures_within_five_minutes_are_told_with_growing_weight():
    """Once each, with who, where, how often and which records."""
    found = [one for one in told(failed(range(0, 120, 10))) if one.rule == "brute_force"]
    assert [(one.observed, one.severity) for one in found] == [(3, "info"), (5, "warning"), (10, "error")]
    assert found[-1].subject == {"source": "203.0.113.7", "target": "sshd"}
    assert len(found[-1].evidence) == 10
    assert found[-1].owasp == "ASI03"
    assert "203.0.113.7 failed to get into sshd 10 times within 300 s" in found[-1].title


def test_what_the_server_found_is_no_attempt():
    """Its findings quote addresses and failures; anybody else's record with the same words counts."""
    body = "203.0.113.7 failed to get into sshd 10 times within 300 s"
    quoted, claimed = (events(4, body=body, service="s", agent="", scope_name=scope) for scope in ("spyglass.server", "claimed:spyglass.server"))
    assert told(Batch(Kind.EVENT, quoted)) == []
    assert told(Batch(Kind.EVENT, claimed)) != []


@pytest.mark.parametrize(("last", "count"), [(300, 1), (300.000000001, 0)])
def test_the_window_is_exact(last, count):
    """Five minutes are within five minutes; a nanosecond more is not."""
    at = [BASE_NS, BASE_NS + 150 * S, BASE_NS + round(last * 1000) * S // 1000 + (1 if last > 300 else 0)]
    assert len([one for one in told(failed([0, 0, 0], event_id=[bytes([n]) * 16 for n in range(3)]).with_rows(_at(at))) if one.rule == "brute_force"]) == count


def _at(times):
    return events(3, body="Failed password for root from 203.0.113.7", service="sshd", agent="", user_id="", time=times, received=times)


@settings(max_examples=60)
@given(seconds=st.lists(st.integers(0, 2_000), min_size=1, max_size=40))
def test_the_most_failures_in_any_window_are_found_in_whatever_order_they_come(seconds):
    """Against counting in every window."""
    most = max(sum(begin <= other <= begin + 300 for other in seconds) for begin in seconds)
    level = max((one for one in (3, 5, 10) if most >= one), default=0)
    found = [one.observed for one in told(failed(seconds)) if one.rule == "brute_force"]
    assert len(found) == {0: 0, 3: 1, 5: 2, 10: 3}[level]


def test_many_users_of_one_source_and_many_sources_of_one_user_are_told():
    """Although no pair fails often."""
    users = [f"user{number}" for number in range(6)]
    spraying = told(failed(range(6), user=users))
    assert [one.subject for one in spraying if one.rule == "spraying"] == [{"source": "203.0.113.7"}]
    addresses = [f"198.51.100.{number}" for number in range(6)]
    spread = told(failed(range(6), source=addresses))
    assert [one.subject for one in spread] == [{"user": "root", "target": "sshd"}]


def test_tries_at_even_intervals_are_told_however_slow():
    """A program has patience, and no feeling for time."""
    assert [one.rule for one in told(failed([0, 1_200, 2_400, 3_600]))] == ["slow"]
    assert not told(failed([0, 1_000, 2_400, 3_300]))


def test_the_same_record_twice_counts_once():
    """A file that is read again is no attack."""
    batch = failed([0, 1])
    assert not told(batch, batch, batch)


def test_an_agent_that_a_tool_turns_away_is_a_source_too():
    """By its name."""
    batch = Batch(Kind.SPAN, spans(5, kind="tool", tool="crm", status="error", status_message="401 Unauthorized", error_type="", output="", pending=False))
    found = told(batch)
    assert [(one.subject["source"], one.subject["target"]) for one in found] == [("planner", "crm")] * 2
    assert found[0].evidence[0].span_id
    assert "Block the source" not in found[0].suggestion, "an agent is no address that could be blocked"


def test_what_succeeds_or_has_no_entry_is_no_failure():
    """Words alone are none."""
    bodies = ["Accepted password for root from 203.0.113.7", "failed to render the chart", "GET / 200", "the user opened the door", ""]
    rows = events(len(bodies), body=bodies, agent="")
    assert not [one for one in failures(Batch(Kind.EVENT, rows)) if one.source and not one.entered]


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("rhost=[::ffff:203.0.113.7]:4711 user=x", "203.0.113.7"),
        ("at 10:11:12 login failed from 2001:db8::7 to 10.0.0.1", "2001:db8::7"),
        ("connection 10.0.0.1:143, 203.0.113.7:50123 refused", "203.0.113.7"),
        ("version 1.2.3.4.5 failed at 12:30:01", None),
    ],
)
def test_the_address_that_tried_is_told_from_others(line, source):
    """Not the server's, not a time, not a version."""
    assert sources(line) == ([source] if source else [])


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(0, 60), max_size=4), restart=st.integers(0, 60))
def test_the_same_rows_give_the_same_findings_however_they_are_cut_and_over_a_restart(cuts, restart):
    """Byte for byte."""
    random = np.random.default_rng(3)
    batch = failed(
        np.sort(random.integers(0, 1_000, 60)).tolist(),
        source=[f"203.0.113.{number}" for number in random.integers(1, 5, 60)],
        user=[f"user{number}" for number in random.integers(0, 9, 60)],
    )
    running, found = BruteForce(Settings()), []
    for low, high in pairwise([0, *sorted([*cuts, restart]), 60]):
        if low == restart:
            again = BruteForce(Settings())
            again.restore(running.save())
            running = again
        found += list(running.observe(batch.with_rows(batch.rows.slice(low, high - low))))
    assert [event_of(one) for one in found] == [event_of(one) for one in told(batch)]


def test_hostile_records_harm_nobody():
    """Long, many, strange."""
    bodies = [
        "failed login " + "1.2.3.4 " * 50_000,
        "failed login from " + ":" * 100_000,
        "failed user " * 20_000,
        "\x00failed\udcff login".encode("utf-8", "replace").decode(),
    ]
    told(Batch(Kind.EVENT, events(4, body=bodies)))
    running = BruteForce(Settings())
    for start in range(0, 30_000, 10_000):
        list(running.observe(failed(range(10_000), source=[f"10.{n // 65_536}.{n // 256 % 256}.{n % 256}" for n in range(start, start + 10_000)])))
    assert running.save()["tries"].num_rows <= 64 * 20_000


def test_who_gets_in_after_many_failures_is_told():
    """Not whoever mistyped a password a few times, and not whoever failed elsewhere."""
    tried = failed(range(0, 60, 5))
    entry = ["Accepted password for root from 203.0.113.7 port 22 ssh2", "Accepted password for ann from 198.51.100.4 port 22 ssh2"]
    at = [BASE_NS + 61 * S, BASE_NS + 62 * S]
    entered = Batch(Kind.EVENT, events(2, body=entry, service="sshd", agent="", user_id="", time=at, received=at, event_id=[b"e" * 16, b"f" * 16]))
    (found,) = [one for one in told(tried, entered) if one.rule == "entered"]
    assert (found.severity, found.observed, found.subject) == ("critical", 12, {"source": "203.0.113.7", "target": "sshd", "user": "root"})
    assert found.title == "203.0.113.7 got into sshd as root, and had failed 12 times within 300 s before"
    assert found.evidence[-1].event_id == (b"e" * 16).hex()
    assert not [one for one in told(failed([0, 5, 10, 15]), entered) if one.rule == "entered"]


def test_many_sources_of_one_user_are_beside_how_many_are_usual():
    """As many as are allowed, not as many failures as one source may have."""
    sources_ = [f"198.51.100.{number}" for number in range(1, 6)]
    (found,) = [one for one in told(failed([0, 1, 2, 3, 4], source=sources_, user="admin")) if one.rule == "distributed"]
    assert (found.observed, found.expected) == (5, (0, 4))
