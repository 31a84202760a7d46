"""Mails, against a real server: who gets them, what they say, and what is attached."""

from __future__ import annotations

import csv
import email
import io
import json
from email import policy
from typing import Any

import pytest

from spyglass.alert.notify.email import KIND, Settings, message_of, recipients_of
from spyglass.alert.notify.kinds import read_settings
from spyglass.alert.notify.mail_text import html_of
from spyglass.model.errors import InputError
from spyglass.model.notice import Notice, ToldAlert
from spyglass.plugin.contracts import ChannelContext

RUNBOOK = "https://wiki.example/slow?a=1&b=2"
ALERT = ToldAlert("1", "slow", "<b>planner</b>", "firing", "error", "=cmd()", {"agent": "planner"}, {"runbook_url": RUNBOOK, "evidence": "s1, s2"}, -3.5)
NOTICE = Notice("n1", "p", "g1", "mail", "escalated", 0, {"rule": "slow"}, (ALERT,), to=("ana",))
LISTS = {"recipients": ["ops@example.com"], "lists": {"warning": ["team@example.com"], "critical": ["boss@example.com"]}, "people": {"ana": "ana@example.com"}}


def settings(**told: Any) -> Settings:
    found = read_settings(KIND, {"host": "127.0.0.1", "sender": "spyglass@example.com", "security": "none", **LISTS, **told})
    assert isinstance(found, Settings)
    return found


def test_a_notice_goes_to_the_lists_of_its_severity_and_to_whoever_is_on_call() -> None:
    """Each once; the boss only hears of what is critical."""
    assert recipients_of(NOTICE, settings(recipients=["ops@example.com", "ana@example.com"])) == ["ops@example.com", "ana@example.com", "team@example.com"]
    assert recipients_of(NOTICE, settings(recipients=[], lists={"critical": ["boss@example.com"]}, people={})) == []


def test_templates_are_filled_and_what_is_filled_in_is_text() -> None:
    """Nothing from telemetry is a template or HTML; runbooks are links."""
    told = message_of(
        NOTICE,
        settings(subject="$severity: $count", body="Do: $runbook\n$alerts", alert="* $title ($evidence) $$5", html="<h1>$alerts</h1>", html_alert="$title"),
    )
    assert told["Subject"] == "error: 1"
    assert told.get_body(("plain",)).get_content() == f"Do: {RUNBOOK}\n* <b>planner</b> (s1, s2) $5\n"  # type: ignore[union-attr]
    assert told.get_body(("html",)).get_content() == "<h1>&lt;b&gt;planner&lt;/b&gt;</h1>\n"  # type: ignore[union-attr]
    assert '<a href="https://wiki.example/slow?a=1&amp;b=2">' in html_of(f"  runbook: {RUNBOOK}\nfoo: https://evil.example", NOTICE)
    assert "evil.example</a>" not in html_of("look: https://evil.example", NOTICE)
    with pytest.raises(InputError, match=r"\$runbook"):
        settings(body="$password")


async def test_alerts_are_attached_with_their_evidence(smtp: Any) -> None:
    """As JSON, and as a table in which nothing is a formula."""
    made = KIND.make(settings(port=smtp.server_address[1], attach=["json", "csv"]), ChannelContext(("127.0.0.0/8",), 5.0))
    assert await made.send(NOTICE) == "taken by 127.0.0.1"
    told = email.message_from_bytes(smtp.mails[0], policy=policy.default)
    found = {part.get_filename(): part.get_content() for part in told.iter_attachments()}
    assert json.loads(found["alerts.json"])["alerts"][0]["annotations"]["evidence"] == "s1, s2"
    (row,) = csv.DictReader(io.StringIO(found["alerts.csv"].lstrip("\ufeff")))
    assert (row["summary"], row["value"], row["runbook"], row["evidence"]) == ("'=cmd()", "-3.5", RUNBOOK, "s1, s2")
    assert told["To"] == "ops@example.com, team@example.com, ana@example.com"
