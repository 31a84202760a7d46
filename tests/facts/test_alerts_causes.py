"""Promises about alerts by cause, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from spyglass.facts.alerts import Alert, Alerts
from spyglass.facts.alerts_causes import OPEN, causes, of_cause
from spyglass.facts.database import Facts

ALERT = Alert("a1", "p", "errors", "f1", "firing", "warning", "t", "s", {"cause": "agent a", "agent": "a"}, {}, 1.5, 10, 10, 20)
ALL = (*OPEN, "resolved")


@pytest.fixture
def alerts(url: str) -> Iterator[Alerts]:
    """Of one cause two that fire, one that is pending and one that is over; another cause; one from before there were causes; another project."""
    opened = Facts.open(url)
    made = Alerts(opened)
    with made.writing() as book:
        for alert in (
            ALERT,
            replace(ALERT, id="a2", rule="cost", severity="critical", labels={"cause": "agent a", "agent": "b"}, started_ns=5, true_ns=15, owner="ana"),
            replace(ALERT, id="a3", state="pending", labels={"cause": "agent a", "agent": ""}, started_ns=30),
            replace(ALERT, id="a4", state="resolved", started_ns=1, true_ns=2, owner="ben"),
            replace(ALERT, id="b1", severity="error", labels={"cause": "model 100% 'm'"}),
            replace(ALERT, id="c1", rule="old", state="pending", severity="critical", labels={"rule": "old"}),
            replace(ALERT, id="q1", project="q", severity="critical"),
        ):
            book.keep(alert)
    yield made
    opened.close()


def test_alerts_of_a_cause_are_counted_together(alerts: Alerts) -> None:
    """What fires first, then the worst; what is over only where that is asked for; what has no cause is put down to its rule."""
    with alerts.reading() as book:
        first, second, third = causes(book, "p", OPEN, "", 0, 10)
        assert (first.cause, first.state, first.severity, first.count, first.open, first.owned, first.agents) == ("agent a", "firing", "critical", 3, 3, 1, 2)
        assert (first.first_ns, first.last_ns, [alert.id for alert in first.alerts]) == (5, 20, ["a2", "a1", "a3"])
        assert [(one.cause, one.state, one.severity) for one in (second, third)] == [("model 100% 'm'", "firing", "error"), ("rule old", "pending", "critical")]
        over = causes(book, "p", ALL, "", 0, 1)[0]
        assert (over.count, over.open, over.owned, over.first_ns, over.alerts[-1].id) == (4, 3, 1, 1, "a4")


def test_causes_are_asked_for_by_state_rule_and_page(alerts: Alerts) -> None:
    """A page goes on where the last one ended; a project has its own."""
    with alerts.reading() as book:
        assert [one.cause for skip in range(4) for one in causes(book, "p", OPEN, "", skip, 1)] == ["agent a", "model 100% 'm'", "rule old"]
        assert [(one.cause, one.count) for one in causes(book, "p", ALL, "cost", 0, 10)] == [("agent a", 1)]
        assert [(one.cause, one.state, one.count) for one in causes(book, "p", ("resolved",), "", 0, 10)] == [("agent a", "resolved", 1)]
        assert [(one.cause, one.count) for one in causes(book, "q", OPEN, "", 0, 10)] == [("agent a", 1)]
        assert [(one.cause, one.count) for one in causes(book, "p", OPEN, "", 0, 10, cause="model 100% 'm'")] == [("model 100% 'm'", 1)]
        assert causes(book, "nobody", ALL, "", 0, 10) == []


def test_what_goes_on_of_a_cause_is_found(alerts: Alerts) -> None:
    """In its project, first begun first; letters that SQL reads are only letters."""
    with alerts.writing() as book:
        assert [alert.id for alert in of_cause(book, "p", "agent a")] == ["a2", "a1", "a3"]
        assert [alert.id for alert in of_cause(book, "p", "model 100% 'm'")] == ["b1"]
        assert [alert.id for alert in of_cause(book, "p", "rule old")] == ["c1"]
        assert of_cause(book, "p", "agent") == of_cause(book, "p", "agent %") == []
