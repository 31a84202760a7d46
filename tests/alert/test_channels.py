"""Slack and GitHub, against servers that answer as theirs do: what is posted, and that nothing is posted twice."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from spyglass.alert.notify.github import KIND as GITHUB
from spyglass.alert.notify.kinds import known, read_settings, shown
from spyglass.alert.notify.slack import KIND as SLACK
from spyglass.alert.notify.slack import message_of
from spyglass.model.errors import InputError, Refused
from spyglass.model.notice import Notice, ToldAlert
from spyglass.plugin.contracts import ChannelContext

LOCAL = ChannelContext(("127.0.0.0/8",), 5.0)
ALERT = ToldAlert("1", "r", "agent <!channel> & co fails", "firing", "critical", "7 of 10 failed\n~~~~\n@somebody", url="https://spyglass.example/alerts/1")
NOTICE = Notice("n1", "p", "g1", "chat", "new", 0, {"rule": "r"}, (ALERT,))
OVER = replace(NOTICE, id="n2", reason="resolved", alerts=(replace(ALERT, status="resolved"),))


async def tell(github: Any, notice: Notice, token: str = "t0ken") -> str:
    settings = {"repository": "o/r", "token": token, "labels": ["bug"], "url": f"http://127.0.0.1:{github.server.server_port}"}
    return await GITHUB.make(read_settings(GITHUB, settings), LOCAL).send(notice)


async def test_an_issue_is_opened_commented_and_closed(github: Any) -> None:
    """One for a group; another when the trouble comes back later."""
    said = [await tell(github, notice) for notice in (NOTICE, replace(NOTICE, id="n3", reason="repeat"), OVER, replace(NOTICE, id="n4"))]
    assert said == ["issue 1 opened", "issue 1 commented", "issue 1 closed", "issue 2 opened"]
    assert [(one["state"], one["labels"]) for one in github.issues] == [("closed", ["spyglass", "bug"]), ("open", ["spyglass", "bug"])]
    assert github.issues[0]["body"].count("~~~~") == 2


async def test_what_arrived_although_nobody_heard_is_not_told_twice(github: Any) -> None:
    """The answer was lost; the next attempt finds its mark."""
    github.fail_after_post = True
    for notice in (NOTICE, OVER):
        with pytest.raises(Refused):
            await tell(github, notice)
        github.fail_after_post = False
        await tell(github, replace(notice, attempt=2))
        github.fail_after_post = True
    assert (len(github.issues), len(github.comments), github.issues[0]["state"]) == (1, 1, "closed")


async def test_a_wrong_token_can_be_put_right(github: Any) -> None:
    """So that it is for later, and what is told of it does not have the token."""
    with pytest.raises(Refused, match="HTTP 401") as told:
        await tell(github, NOTICE, token="wrong-token")
    assert "wrong-token" not in told.value.message


def test_what_comes_from_telemetry_calls_nobody_in_slack() -> None:
    """Only the channel's own mention does, and only where something critical fires."""
    told = message_of(NOTICE, "<!here>")
    text = json.dumps(told)
    assert ("<!channel>" in text, "&lt;!channel&gt; &amp; co" in text, text.count("<!here>"), "n1" in text) == (False, True, 2, True)
    assert "<!here>" not in json.dumps(message_of(OVER, "<!here>"))


async def test_slack_gets_a_message(sink: Any) -> None:
    """Through its webhook, whose URL is a secret."""
    settings = read_settings(SLACK, {"url": f"{sink.url}/services/T0/B0/s3cret"})
    assert await SLACK.make(settings, LOCAL).send(NOTICE) == "HTTP 200"
    assert sink.bodies("/services")[0]["attachments"][0]["color"] == "#8b0000"
    assert shown(SLACK, {"url": "https://hooks.slack.com/services/x"}) == {"url": "**********", "mention": ""}


@pytest.mark.parametrize("kind", sorted(known()))
def test_settings_that_are_wrong_are_told_without_their_values(kind: str) -> None:
    """They may be secrets in the wrong place."""
    with pytest.raises(InputError, match="settings") as told:
        read_settings(known()[kind], {"url": "ftp://u:hunter2@x", "secrets": "hunter2", "token": ["hunter2"]})
    assert "hunter2" not in told.value.message
