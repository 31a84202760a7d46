"""Sentry and PagerDuty, against a server that takes what theirs take: what is posted, what it does to an incident, and what is never said of the keys."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from spyglass.alert.judge import Figures
from spyglass.alert.notify.github import KIND as GITHUB
from spyglass.alert.notify.kinds import read_settings, shown
from spyglass.alert.notify.pagerduty import KIND as PAGERDUTY
from spyglass.alert.notify.sentry import KIND as SENTRY
from spyglass.alert.notify.sentry import read_dsn
from spyglass.model.errors import InputError, Refused
from spyglass.model.notice import Notice, ToldAlert
from spyglass.plugin.contracts import ChannelContext

LOCAL = ChannelContext(("127.0.0.0/8",), 5.0)
ALERT = ToldAlert("1", "slow", "planner is slow", "firing", "critical", "p95 is 40 s", {"agent": "planner"}, {"runbook_url": "https://wiki.example/slow"})
NOTICE = Notice("ab" * 16, "p", "g1", "ops", "new", 1_750_000_000 * 10**9, {"rule": "slow"}, (ALERT,))
OVER = replace(NOTICE, id="cd" * 16, reason="resolved", alerts=(replace(ALERT, status="resolved"),))
BAD = {(): Figures(100, 50)}


def sentry(sink: Any, **more: Any) -> Any:
    return SENTRY.make(read_settings(SENTRY, {"dsn": f"{sink.url.replace('://', '://k3y@')}/below/42", **more}), LOCAL)


async def test_sentry_gets_an_event_in_an_envelope(sink: Any) -> None:
    """Under the notice's id, in the issue of its group, with what there is to know."""
    assert await sentry(sink, environment="prod").send(NOTICE) == "HTTP 200"
    ((path, headers, body),) = sink.taken
    header, item, event = (json.loads(line) for line in body.splitlines())
    assert (path, "sentry_key=k3y" in headers["x-sentry-auth"]) == ("/below/api/42/envelope/", True)
    assert (header["event_id"], item["type"], item["length"]) == (NOTICE.id, "event", len(body.splitlines()[2]))
    assert (event["event_id"], event["level"], event["fingerprint"], event["environment"]) == (NOTICE.id, "fatal", ["spyglass", "g1"], "prod")
    assert "https://wiki.example/slow" in event["logentry"]["formatted"]


async def test_sentry_is_not_told_the_end_unless_somebody_wants_it(sink: Any) -> None:
    """An event would open the issue again."""
    assert "not told" in await sentry(sink).send(OVER)
    assert sink.taken == []
    assert await sentry(sink, ends=True).send(OVER) == "HTTP 200"
    assert json.loads(sink.taken[0][2].splitlines()[2])["level"] == "info"


async def test_sentry_that_is_asked_too_much_says_when_to_come_back(sink: Any) -> None:
    """Its rate limit is kept."""
    sink.answer = lambda _path: (429, {"retry-after": "77"})
    with pytest.raises(Refused) as told:
        await sentry(sink).send(NOTICE)
    assert told.value.retry_after_s == 77


@pytest.mark.parametrize("dsn", ["https://sentry.io/1", "https://k@host/x", "ftp://k@host/1", "https://k:p w@host/", "k3y", "https://k@host:99999/1"])
def test_a_wrong_dsn_is_refused_and_not_repeated(dsn: str) -> None:
    """It may be a secret in the wrong form."""
    with pytest.raises(InputError, match="expected") as told:
        read_settings(SENTRY, {"dsn": dsn})
    assert dsn not in told.value.message
    assert read_dsn("https://k@o1.ingest.sentry.io/2").url == "https://o1.ingest.sentry.io/api/2/envelope/"


async def test_pagerduty_opens_acknowledges_and_resolves_one_incident(sink: Any) -> None:
    """One for a group, by its key, however often it is told."""
    channel = PAGERDUTY.make(read_settings(PAGERDUTY, {"routing_key": "r0uting", "url": f"{sink.url}/v2/enqueue"}), LOCAL)
    for notice in (NOTICE, replace(NOTICE, reason="acknowledged", note="ana has it"), OVER):
        await channel.send(notice)
    told = sink.bodies("/v2/enqueue")
    assert [(one["event_action"], one["dedup_key"], one["routing_key"]) for one in told] == [
        (action, "spyglass-p-g1", "r0uting") for action in ("trigger", "acknowledge", "resolve")
    ]
    assert told[0]["payload"]["severity"] == "critical"
    assert told[0]["links"] == [{"href": "https://wiki.example/slow", "text": "Runbook: planner is slow"}]
    assert shown(PAGERDUTY, {"routing_key": "r0uting"})["routing_key"] == "**********"


def test_an_incident_is_acknowledged_when_somebody_has_all_of_it(world: Any, sink: Any) -> None:
    """Not when they have a part; a channel that cannot show it is not told."""
    world.documents.put("p", "channel", "duty", {"kind": "pagerduty", "settings": {"routing_key": "k", "url": f"{sink.url}/pd"}})
    world.channel("hook", f"{sink.url}/hook")
    world.routing(route={"channels": ["duty", "hook"], "group_by": ["rule"]})
    world.rule(group_by=["agent"])
    world.figures = {("a",): Figures(10, 9), ("b",): Figures(10, 9)}
    world.look(5)
    world.look(2)
    world.send()
    one, other = world.all("firing")
    world.desk.acknowledge("p", one.id, "ana")
    world.send()
    assert [body["event_action"] for body in sink.bodies("/pd")] == ["trigger"]
    world.desk.acknowledge("p", other.id, "ben", "looking")
    world.send()
    assert [body["event_action"] for body in sink.bodies("/pd")] == ["trigger", "acknowledge"]
    assert [body["reason"] for body in sink.bodies("/hook")] == ["new"]
    world.figures = {}
    world.run(400, step_s=5)
    assert [body["event_action"] for body in sink.bodies("/pd")] == ["trigger", "acknowledge", "resolve"]


def test_an_incident_goes_on_while_somebody_has_a_part_of_it(world: Any, sink: Any, github: Any) -> None:
    """What is over is told, but neither incident nor issue is closed before the rest is over, too."""
    world.documents.put("p", "channel", "duty", {"kind": "pagerduty", "settings": {"routing_key": "k", "url": f"{sink.url}/pd"}})
    repository = {"repository": "o/r", "token": "t0ken", "url": f"http://127.0.0.1:{github.server.server_port}"}
    world.documents.put("p", "channel", "repo", {"kind": "github", "settings": repository})
    world.routing(route={"channels": ["duty", "repo"], "group_by": ["rule"], "group_interval_s": 10})
    world.rule(group_by=["agent"])
    world.figures = {("a",): Figures(10, 9), ("b",): Figures(10, 9)}
    world.run(10)
    kept, _ = world.all("firing")
    world.desk.acknowledge("p", kept.id, "ana")
    world.figures = {(kept.labels["agent"],): Figures(10, 9)}
    world.run(30)
    assert [body["event_action"] for body in sink.bodies("/pd")] == ["trigger"]
    assert [issue["state"] for issue in github.issues] == ["open"]
    assert "1 more alert of this group still fires" in github.comments[0][1]
    world.figures = {}
    world.run(30)
    assert [body["event_action"] for body in sink.bodies("/pd")] == ["trigger", "resolve"]
    assert [issue["state"] for issue in github.issues] == ["closed"]


async def test_a_test_leaves_nothing_open(sink: Any, github: Any) -> None:
    """Nobody has to close what only tried the channel."""
    settings = {"routing_key": "k", "url": f"{sink.url}/pd"}
    await PAGERDUTY.make(read_settings(PAGERDUTY, settings), LOCAL).send(replace(NOTICE, reason="test"))
    assert [body["event_action"] for body in sink.bodies("/pd")] == ["trigger", "resolve"]
    repository = {"repository": "o/r", "token": "t0ken", "url": f"http://127.0.0.1:{github.server.server_port}"}
    assert await GITHUB.make(read_settings(GITHUB, repository), LOCAL).send(replace(NOTICE, reason="test")) == "issue 1 opened and closed"
    assert github.issues[0]["state"] == "closed"
