"""The loss ledger."""

from __future__ import annotations

from spyglass.receive.ledger import OTHER, Ledger


def test_each_source_has_its_own_row():
    """A source is a client and the project it names."""
    ledger = Ledger()
    for project in ("a", "b", None, "a"):
        ledger.account("10.0.0.1", project).requests += 1
    assert {(row.client, row.project, row.requests) for row in ledger.rows()} == {("10.0.0.1", "a", 2), ("10.0.0.1", "b", 1), ("10.0.0.1", None, 1)}


def test_sources_beyond_the_bound_share_one_row():
    """Nothing is lost: the overflow has a row of its own."""
    ledger = Ledger(max_sources=2)
    for number in range(5):
        ledger.account(f"10.0.0.{number}", None).requests += 1
    assert [row.requests for row in ledger.rows() if row.client == OTHER] == [3]
    assert sum(row.requests for row in ledger.rows()) == 5


def test_rows_do_not_change_after_they_were_read():
    """A row is a picture of the moment."""
    ledger = Ledger()
    account = ledger.account("a", None)
    account.refused["rate"] = 1
    row = ledger.rows()[0]
    account.refused["rate"] = 2
    assert row.refused == {"rate": 1}


def test_the_busiest_source_comes_first():
    """Rows are in the order in which one looks for trouble."""
    ledger = Ledger()
    ledger.account("quiet", None).requests = 1
    ledger.account("loud", None).requests = 9
    assert [row.client for row in ledger.rows()] == ["loud", "quiet"]
