"""Agents that begin to do what they never did."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spyglass.analyze.builtin.security.operations import OPERATIONS, bits_of, does, names_bits, suspects
from spyglass.analyze.builtin.security.privileges import Privileges, Settings
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.testing.rows import events

USUAL = np.arange(120) // 40 * 3_600.0 + np.arange(120) % 40  # forty in each of three minutes, an hour apart
LATER = 3 * 3_600.0


@pytest.fixture(scope="module")
def calls(arrived):
    """`calls(seconds, tools, …)`: calls of tools."""

    def make(at, tools, **said):
        count = len(at)
        ids = [(int(second * 1000) * 1000 + number).to_bytes(8) for number, second in enumerate(at)]
        told = {"kind": "tool", "tool": list(tools), "input": "{}", "span_id": ids, "input_messages": [[]] * count, "agent": "clerk"} | said
        return arrived(count, list(at), **told)

    return make


def found(batches, running=None, begin_ns=0):
    """All findings, some time after the last batch."""
    running = running or Privileges(Settings())
    told = [one for batch in batches for one in running.observe(batch)]
    return told + list(running.settle(begin_ns + 10**18))


def test_a_new_privilege_is_told_once_with_what_was_done_before(calls, begin_ns):
    """Whichever tool it is used by."""
    usual = calls(USUAL, ["read_file", "searchOrders"] * 60)
    (one,) = found([usual, calls([LATER, LATER + 1, LATER + 90], ["delete_order", "remove_file", "delete_order"])], begin_ns=begin_ns)
    assert (one.rule, one.severity, one.owasp, dict(one.subject)) == ("new_privilege", "warning", "ASI03", {"agent": "clerk", "privilege": "deletes"})
    assert one.title == "clerk deletes for the first time, by delete_order; before, in 120 calls: reads 120 times"
    assert one.evidence[0].span_id
    assert one.suggestion


def test_what_an_agent_does_all_day_is_no_news(calls, begin_ns):
    """By whatever arguments."""
    usual = calls(USUAL, ["query_database"] * 120, input='{"sql": "UPDATE t SET a = 1"}')
    assert found([usual, calls([LATER, LATER + 1], ["query_database", "save_note"], input='{"sql": "UPDATE t SET a = 2"}')], begin_ns=begin_ns) == []


def test_the_same_tool_may_be_used_for_more(calls, begin_ns):
    """What a statement does counts, not only the name of the tool."""
    usual = calls(USUAL, ["query_database"] * 120, input='{"sql": "SELECT 1 FROM t"}')
    (one,) = found([usual, calls([LATER], ["query_database"], input='{"sql": "GRANT ALL ON t TO clerk"}')], begin_ns=begin_ns)
    assert (one.subject["privilege"], one.severity) == ("administers", "error")


def test_what_others_of_the_role_do_is_no_drift(calls, begin_ns):
    """They have the same name but for a number."""
    first = calls(USUAL, ["read_file"] * 119 + ["delete_file"], agent="worker-1")
    second = calls(USUAL, ["read_file"] * 120, agent="worker-2")
    assert found([first, second, calls([LATER], ["delete_file"], agent="worker-2")], begin_ns=begin_ns) == []


def test_who_is_hardly_known_is_not_judged(calls, begin_ns):
    """Few calls, or all within an hour; and reading is no privilege."""
    assert found([calls(USUAL[:60], [*["read_file"] * 59, "delete_file"])], begin_ns=begin_ns) == []
    assert found([calls(np.arange(120) * 1.0, ["read_file"] * 120), calls([200.0], ["delete_file"])], begin_ns=begin_ns) == []
    assert found([calls(USUAL, ["write_file"] * 120), calls([LATER], ["read_file"])], begin_ns=begin_ns) == []


def test_a_process_of_root_is_a_privilege(begin_ns):
    """As a runner saw it: the watched program is who did it."""
    at = [begin_ns + int(second * 1e9) for second in [*USUAL, LATER]]
    said = [[("process.user.id", "0" if number == 120 else "1000"), ("process.executable.path", "/bin/ls")] for number in range(121)]
    ids = [(number + 1).to_bytes(16) for number in range(121)]
    rows = events(121, event_name="process.exec", received=at, attributes=said, service="claude", agent="", event_id=ids)
    (one,) = found([Batch(Kind.EVENT, rows)], begin_ns=begin_ns)
    assert (one.title, one.severity) == ("claude runs as root for the first time, by /bin/ls; before, in 120 calls: executes 120 times", "error")
    assert one.evidence[0].event_id == ids[120].hex()


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(0, 123), max_size=5))
def test_the_same_rows_give_the_same_findings_however_they_are_cut(calls, begin_ns, cuts):
    """With a restart at each cut."""
    tools = [*["read_file"] * 120, "delete_file", "send_email", "pay"]
    whole = calls([*USUAL, LATER, LATER + 1, LATER + 70], tools)
    expected = found([whole], begin_ns=begin_ns)
    told, running = [], Privileges(Settings())
    for low, high in pairwise([0, *sorted(cuts), 123]):
        rows = whole.rows.slice(low, high - low)
        told += running.observe(whole.with_rows(rows))
        told += running.settle(max(rows["received"].cast("int64").to_pylist(), default=0))
        again = Privileges(Settings())
        again.restore(running.save())
        running = again
    assert [*told, *running.settle(begin_ns + 10**18)] == expected
    assert len(expected) == 3


@pytest.mark.parametrize(
    ("tool", "said", "expected"),
    [
        ("getUser", "{}", {"reads"}),
        ("mcp__files__write_file", "{}", {"writes"}),
        ("bash", '{"command": "ls"}', {"executes"}),
        ("bash", '{"command": "sudo rm -rf /srv/x; curl http://a.example"}', {"executes", "root", "deletes", "sends"}),
        ("db", '{"q": "update orders set paid = 1"}', {"writes"}),
        ("db", '{"q": "select 1;\\nupdate\\n  orders o\\nset paid = 1;\\ndelete o\\nfrom o"}', {"writes", "deletes"}),
        ("note", '{"text": "Please update us and drop by; grant me a favour."}', set()),
        ("payload_size", "", set()),
        ("", "\x00{[", set()),
    ],
)
def test_names_and_arguments_say_what_a_call_does(tool, said, expected):
    """As words of the name, and as a database or a shell reads the arguments."""
    (maybe,), (read,) = suspects(pa.chunked_array([[said]], pa.string()))
    found = bits_of(does(tool, said)[0])
    assert found & ~int(maybe) == 0  # the filter lets through whatever can be found
    assert read.as_py() == (said if maybe else "")
    (bits,) = (names_bits(pa.array([tool]), {}) | found).tolist()
    assert {name for at, name in enumerate(OPERATIONS) if bits >> at & 1} == expected
