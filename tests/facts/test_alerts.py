"""Promises about alerts as they are kept, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from spyglass.facts.alerts import Alert, Alerts, Group, Step
from spyglass.facts.alerts_documents import Documents
from spyglass.facts.alerts_outbox import Outbox, Waits
from spyglass.facts.database import Facts
from spyglass.model.errors import Conflict, NotFound
from spyglass.testing.clock import ManualClock

ALERT = Alert("a1", "p", "r", "f1", "firing", "error", "t", "s", {"rule": "r"}, {"runbook_url": "u"}, 1.5, 10, 10, 20)
GROUP = Group("g1", "p", "0", {"rule": "r"}, 100)
NOTICE = {"alerts": [{"id": "a1"}]}


@pytest.fixture
def facts(url: str) -> Iterator[Facts]:
    """An empty database."""
    opened = Facts.open(url)
    yield opened
    opened.close()


def test_an_alert_is_found_as_it_was_kept(facts: Facts) -> None:
    """With its history in order, in its project alone."""
    alerts = Alerts(facts)
    with alerts.writing() as book:
        kept = book.keep(ALERT, Step("firing", 10, note="n"), Step("told", 11, "x"))
    with alerts.reading() as book:
        assert book.one("p", "a1") == kept == replace(ALERT, steps=2)
        assert book.history("a1") == [Step("firing", 10, "", "n"), Step("told", 11, "x", "")]
        assert book.of_rule("p", "r", 0) == {"f1": kept}
        with pytest.raises(NotFound):
            book.one("q", "a1")


def test_what_fails_leaves_nothing(facts: Facts) -> None:
    """A step is kept whole, or not at all."""
    alerts = Alerts(facts)

    def fail() -> None:
        with alerts.writing() as book:
            book.keep(ALERT, Step("firing", 10))
            book.keep_group(GROUP)
            book.queue("n1", "ops", GROUP, NOTICE, 5)
            raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        fail()
    with alerts.reading() as book:
        assert (book.firing("p"), book.due_groups(10**9, 10)) == ([], [])
    assert Outbox(facts).due(10**9, 10) == []


def test_a_notice_is_queued_once_and_claimed_once(facts: Facts) -> None:
    """Of two who want it one gets it; when its claim ends, somebody else may."""
    alerts, outbox = Alerts(facts), Outbox(facts)
    for _ in range(2):
        with alerts.writing() as book:
            book.keep(ALERT)
            book.queue("n1", "ops", GROUP, NOTICE, 5)
    (due,) = outbox.due(10, 10)
    assert [outbox.claim(due, 10, 30) for _ in range(2)] == [True, False]
    assert outbox.due(39, 10) == []
    (again,) = outbox.due(40, 10)
    assert (again.attempts, outbox.claim(again, 40, 30)) == (1, True)
    with alerts.writing() as book:
        assert [book.done("n1", "sent", 41, "ok"), book.done("n1", "failed", 42, "no")] == [True, False]
        assert [step.step for step in book.history("a1")] == ["delivered"]
    assert outbox.due(10**9, 10) == []


def test_the_end_is_not_told_before_the_beginning(facts: Facts) -> None:
    """Of a group and channel the earliest goes first; other channels do not wait for it."""
    alerts, outbox = Alerts(facts), Outbox(facts)
    with alerts.writing() as book:
        for number, name in enumerate(("begin", "end")):
            for channel in ("ops", "log"):
                book.queue(f"{name}-{channel}", channel, replace(GROUP, sequence=number), NOTICE, 5)
    assert {one.id for one in outbox.due(10, 10)} == {"begin-ops", "begin-log"}
    with alerts.writing() as book:
        book.done("begin-log", "sent", 6, "")
    assert {one.id for one in outbox.due(10, 10)} == {"begin-ops", "end-log"}


def test_however_much_waits_for_a_channel_the_others_are_due(facts: Facts) -> None:
    """One of each channel is due at a time, the earliest; and who is named in notices of a group is known."""
    alerts, outbox = Alerts(facts), Outbox(facts)
    with alerts.writing() as book:
        for number in range(5):
            book.queue(f"dead-{number}", "dead", replace(GROUP, key=f"g{number}"), NOTICE | {"to": ["ben", "ana"][: number % 3]}, 5 + number)
        book.queue("good", "good", GROUP, NOTICE, 20)
    (first, _) = due = outbox.due(30, 2)
    assert [one.id for one in due] == ["dead-0", "good"]
    outbox.claim(first, 30, 10)
    outbox.later(first.id, 60, "HTTP 500")
    assert outbox.waits("p") == {"dead": Waits(5, 5, "HTTP 500"), "good": Waits(1)}
    with alerts.reading() as book:
        assert [book.told_people(f"g{number}", 0) for number in range(3)] == [[], ["ben"], ["ana", "ben"]]
        assert book.told_people("g2", 100) == []


def test_what_is_old_is_forgotten(facts: Facts) -> None:
    """What still fires is not."""
    alerts = Alerts(facts)
    with alerts.writing() as book:
        book.keep(replace(ALERT, id="old", state="resolved", resolved_ns=50), Step("resolved", 50))
        book.keep(replace(ALERT, id="new", state="resolved", resolved_ns=150))
        book.keep(replace(ALERT, id="on"))
        book.queue("n1", "ops", GROUP, NOTICE, 5)
        book.done("n1", "sent", 50, "")
    assert alerts.forget(100) == 1
    with alerts.reading() as book:
        assert {one.id for one in book.page("p", ("firing", "resolved"), "", 0, 10)} == {"new", "on"}
        assert book.history("old") == []
    assert Outbox(facts).page("p", "", (), 0, 10) == []


def test_documents_have_versions_and_nobody_overwrites_what_they_have_not_seen(facts: Facts) -> None:
    """A deleted one keeps its numbers."""
    documents = Documents(facts, ManualClock())
    assert [documents.put("p", "rule", "r", {"x": x}, version=seen).version for x, seen in ((1, 0), (1, 1), (2, 1))] == [1, 1, 2]
    with pytest.raises(Conflict) as told:
        documents.put("p", "rule", "r", {"x": 3}, version=1)
    assert told.value.details == {"version": 2}
    documents.remove("p", "rule", "r", "ana")
    with pytest.raises(NotFound):
        documents.one("p", "rule", "r")
    assert documents.put("p", "rule", "r", {"x": 4}).version == 4
    assert [(one.version, one.deleted) for one in documents.versions("p", "rule", "r")] == [(4, False), (3, True), (2, False), (1, False)]
