"""Warnings and errors that were never said before."""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa
import pytest

from spyglass.analyze.builtin.templates import Settings, Templates, masked
from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.testing.rows import events


def logged(begin_ns, bodies, first=0, number=17, **said):
    """One record a second."""
    count = len(bodies)
    received = [begin_ns + (first + at) * 10**9 for at in range(count)]
    ids = [(first + at).to_bytes(16) for at in range(count)]
    told = {"body": list(bodies), "severity_number": number, "event_name": "", "service": "shop", "agent": ""} | said
    return Batch(Kind.EVENT, events(count, received=received, event_id=ids, **told))


def found(batches, begin_ns, running=None):
    """All findings."""
    running = running or Templates(Settings())
    told = []
    for batch in batches:
        told += running.observe(batch)
        told += running.settle(max(batch.rows["received"].cast("int64").to_pylist(), default=0))
    return told + list(running.settle(begin_ns + 10**18))


@pytest.fixture(scope="module")
def usual(begin_ns):
    """Three kinds of errors, 120 of them."""
    kinds = ("timeout after {} ms", "no user '{}' in 'users'", "payment 7f3a0b1c{} refused")
    return logged(begin_ns, [kinds[at % 3].format(at) for at in range(120)])


def test_an_error_of_a_kind_that_was_never_told_is_news_once(begin_ns, usual):
    """Its numbers do not count; the second one is no news."""
    new = logged(begin_ns, ["disk 3 is full: 99 %", "disk 4 is full: 97 %"], 300)
    (one,) = found([usual, new], begin_ns)
    assert (one.rule, one.severity, one.observed) == ("new_message", "warning", 2.0)
    assert one.title == "shop logs an error of a kind that it never did in 120: disk <n> is full: <n> %"
    assert one.evidence[0].event_id == (300).to_bytes(16).hex()
    assert one.subject["message"] == "disk <n> is full: <n> %"


def test_what_is_no_trouble_and_services_that_are_not_known_are_not_told(begin_ns, usual):
    """Plain records, findings, others."""
    plain = logged(begin_ns, ["hello there"], 300, number=9)
    own = logged(begin_ns, ["an agent is slow"], 301, event_name="finding")
    other = logged(begin_ns, ["never seen"], 302, service="other")
    assert found([usual, plain, own, other], begin_ns) == []


@pytest.mark.parametrize("cuts", [(1, 60, 61, 119), (122,)])
def test_the_same_rows_give_the_same_findings_however_they_are_cut(begin_ns, usual, cuts):
    """With a restart at each cut."""
    whole = Batch(Kind.EVENT, pa.concat_tables([usual.rows, logged(begin_ns, ["a new one", "another", "a new one"], 121, number=13).rows]))
    expected = found([whole], begin_ns)
    assert [one.severity for one in expected] == ["info", "info"]
    told, running = [], Templates(Settings())
    for low, high in pairwise([0, *cuts, 123]):
        rows = whole.rows.slice(low, high - low)
        told += running.observe(whole.with_rows(rows))
        told += running.settle(max(rows["received"].cast("int64").to_pylist()))
        again = Templates(Settings())
        again.restore(running.save())
        running = again
    assert [*told, *running.settle(begin_ns + 10**18)] == expected


def test_hostile_texts_harm_nobody(begin_ns):
    """Long, empty, of quotes only."""
    texts = ["", '"' * 10_000, "'" * 10_000, "\\" * 10_000, "1" * 100_000, "é\x00\n\u2028"]
    assert found([logged(begin_ns, texts * 30)] * 2, begin_ns) == []
    assert max(len(text) for text in masked(pa.chunked_array([texts])).to_pylist()) <= 500 * len("<text>")
