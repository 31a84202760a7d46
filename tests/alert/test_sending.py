"""Notices and their channels: dead ones, slow ones, wrong ones; what is signed, what is repeated, what is never sent."""

from __future__ import annotations

import asyncio
import email
import json
import re
import socket
import threading
from email import policy
from ipaddress import ip_address
from typing import Any

import pytest

from spyglass.alert.judge import Figures
from spyglass.alert.notify.email import Settings, message_of
from spyglass.alert.notify.kinds import kept, known, read_settings, shown
from spyglass.alert.notify.reach import address_of, allowed
from spyglass.alert.notify.webhook import signature
from spyglass.alert.retry import pause_s
from spyglass.model.errors import InputError, Refused
from spyglass.model.notice import Notice, ToldAlert, notice_of
from spyglass.plugin.contracts import ChannelContext

BAD = {(): Figures(100, 50)}
LOCAL = ("127.0.0.0/8",)
NOTICE = Notice("n1", "p", "g1", "ops", "new", 0, {"rule": "r"}, (ToldAlert("1", "r", "it fails", "firing", "error", "it does"),))


def mail(smtp: Any, **more: Any) -> dict[str, Any]:
    told = {"host": "127.0.0.1", "port": smtp.server_address[1], "security": "none", "sender": "spyglass@example.com", "recipients": ["ops@example.com"]}
    return {"kind": "email", "settings": {**told, **more}}


def fire(world: Any) -> None:
    world.rule()
    world.figures = BAD
    world.look(5)
    world.look(2)


def test_a_webhook_is_signed_and_named(world: Any, sink: Any) -> None:
    """Whoever knows the secret can tell that it is ours, and that it is the same notice."""
    world.channel("ops", f"{sink.url}/x", secret="s3cret", headers={"authorization": "Bearer t", "webhook-id": "forged"})
    fire(world)
    assert world.send() == ["sent"]
    ((_, headers, body),) = sink.taken
    told = json.loads(body)
    assert headers["webhook-id"] == told["id"] == world.deliveries()[0].id
    assert headers["webhook-signature"] == signature("s3cret", told["id"], int(headers["webhook-timestamp"]), body)
    assert (headers["authorization"], told["status"], told["alerts"][0]["url"].startswith("https://spyglass.example/alerts/")) == ("Bearer t", "firing", True)


def test_a_channel_that_is_down_gets_everything_later_in_order(world: Any, sink: Any) -> None:
    """With longer and longer pauses, and under the same id; the other channel has it at once."""
    up = False
    sink.answer = lambda path: (200 if up or path == "/good" else 503, {})
    world.channel("down", f"{sink.url}/down")
    world.channel("good", f"{sink.url}/good")
    world.routing(route={"channels": ["down", "good"], "group_interval_s": 10})
    world.rule()
    world.figures = BAD
    world.run(60)
    world.figures = {}
    world.run(60)
    assert [body["status"] for body in sink.bodies("/good")] == ["firing", "resolved"]
    tries = len(sink.bodies("/down"))
    assert 3 < tries < 12
    up = True
    world.run(1300, step_s=5)
    sent = sink.bodies("/down")[tries:]
    assert [body["status"] for body in sent] == ["firing", "resolved"]
    assert {body["id"] for body in sink.bodies("/down")[:tries]} == {sent[0]["id"]}


def test_what_is_refused_for_good_is_given_up_and_said(world: Any, sink: Any) -> None:
    """A body that the other side will never take is not sent again."""
    sink.answer = lambda _path: (422, {})
    world.channel("ops", sink.url)
    fire(world)
    assert world.send() == ["failed"]
    assert world.deliveries()[0].answer == "HTTP 422"
    assert world.history()[-1] == "not delivered"


def test_a_notice_is_tried_a_day_then_given_up(world: Any, sink: Any) -> None:
    """And not for ever."""
    sink.answer = lambda _path: (500, {})
    world.channel("ops", sink.url)
    fire(world)
    world.clock.now_s += 86_500
    assert world.send() == ["failed"]
    assert "given up after 1 attempts" in world.deliveries()[0].answer


def test_what_waits_for_a_dead_channel_holds_nothing_up(world: Any, sink: Any) -> None:
    """However much that is; and the dead one is asked now and then, not once for each notice."""
    world.channel("dead", f"{sink.url}/dead")
    world.channel("good", f"{sink.url}/good")
    world.routing(route={"channels": ["dead"], "group_by": ["agent"], "routes": [{"match": ["rule=last"], "channels": ["good"]}]})
    sink.answer = lambda path: (200 if path == "/good" else 500, {})
    world.rule(group_by=["agent"])
    world.figures = {(f"a{number}",): Figures(10, 9) for number in range(30)}
    for _ in range(3):
        world.look(5)
    world.rule("last")
    world.figures |= BAD
    for _ in range(2):
        world.look(5)
    assert [one.channel for one in asyncio.run(world.sender.round())] == ["dead", "good"]
    for _ in range(60):
        world.clock.now_s += 5
        world.send()
    assert [path for path, _, _ in sink.taken].count("/good") == 1
    assert 5 < [path for path, _, _ in sink.taken].count("/dead") < 20


def test_a_channel_that_says_when_to_come_back_is_left_alone_until_then(world: Any, sink: Any) -> None:
    """By all that waits for it; one that was changed is asked at once."""
    sink.answer = lambda _path: (429, {"retry-after": "90"})
    world.channel("ops", sink.url)
    world.routing(route={"channels": ["ops"], "group_by": ["agent"]})
    world.rule(group_by=["agent"])
    world.figures = {("a",): Figures(10, 9), ("b",): Figures(10, 9)}
    world.look(5)
    world.look(2)
    assert world.send() == ["later"]
    world.clock.now_s += 80
    assert world.send() == []
    world.channel("ops", f"{sink.url}/new")
    assert world.send() == ["later"]
    world.clock.now_s += 91
    sink.answer = lambda _path: (200, {})
    assert world.send() == ["sent", "sent"]


async def test_who_does_not_answer_says_why(sink: Any, smtp: Any) -> None:
    """Whether nobody is there or a setting is wrong: another person has to do something."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = free.getsockname()[1]
    context = ChannelContext(LOCAL, 5.0)
    plain = sink.url.replace("http://", "https://")
    for url, why in ((f"http://127.0.0.1:{nobody}", "connection refused"), (plain, "no TLS there")):
        channel = known()["webhook"]
        with pytest.raises(Refused, match=why):
            await channel.make(read_settings(channel, {"url": url}), context).send(NOTICE)
    for settings, error, why in (
        ({"security": "starttls"}, Refused, "STARTTLS extension not supported by server; check `port` and `security`"),
        ({"recipients": ["nobody@example.com"]}, InputError, "no recipient was taken by 127.0.0.1: 550 unknown"),
    ):
        told = {**mail(smtp)["settings"], **settings}
        channel = known()["email"]
        with pytest.raises(error, match=re.escape(why)):
            await channel.make(read_settings(channel, told), context).send(NOTICE)


def test_redirects_lead_nowhere(world: Any, sink: Any) -> None:
    """A URL that was checked cannot lead to one that was not."""
    sink.answer = lambda _path: (302, {"location": "http://169.254.169.254/"})
    world.channel("ops", sink.url)
    fire(world)
    assert world.send() == ["later"]
    assert len(sink.taken) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1", "0.0.0.0", "100.64.0.1"],
)
def test_inner_addresses_are_not_reached(address: str) -> None:
    """However they are written; the operator may allow networks."""
    assert not allowed(ip_address(address), ())
    assert allowed(ip_address("8.8.8.8"), ())
    assert allowed(ip_address("10.1.2.3"), ("10.1.0.0/16",))


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "2130706433", ""])
async def test_names_of_inner_addresses_are_not_reached(host: str) -> None:
    """Checked is what they mean, not how they look."""
    with pytest.raises(InputError):
        await address_of(host, 80, ())


def test_a_mail_says_what_is_wrong_and_threads(world: Any, smtp: Any) -> None:
    """To the list, as text and HTML, with an id that is the notice's."""
    world.documents.put("p", "channel", "mail", mail(smtp, subject="[$severity] $project: $headline"))
    fire(world)
    assert world.send() == ["sent"]
    told = email.message_from_bytes(smtp.mails[0], policy=policy.default)
    assert told["Message-ID"] == f"<{world.deliveries()[0].id}@example.com>"
    assert (told["To"], told["Subject"].startswith("[warning] p: ")) == ("ops@example.com", True)
    assert "errors is 50 over 5 min (> 5)" in told.get_body(("plain",)).get_content()


def test_mail_that_is_refused_says_why(world: Any, smtp: Any) -> None:
    """For good where the recipient is unknown, for later where the server is busy."""
    for name, more in (("gone", {"recipients": ["nobody@example.com"]}), ("later", {"sender": "busy@example.com"})):
        world.documents.put("p", "channel", name, mail(smtp, **more))
    fire(world)
    world.send()
    assert {one.channel: one.state for one in world.deliveries()} == {"gone": "failed", "later": "waiting"}


def test_no_header_can_be_smuggled_into_a_mail() -> None:
    """Titles come from telemetry."""
    alert = ToldAlert("1", "r", "x\r\nBcc: evil@example.com", "firing", "error", "s")
    notice = Notice("n", "p", "g", "mail", "new", 0, {}, (alert,))
    message = message_of(notice, Settings(host="h", sender="a@example.com", recipients=("b@example.com",)))
    assert message["Bcc"] is None
    assert notice_of(json.loads(json.dumps(notice.json()))) == notice


def test_secrets_go_in_and_do_not_come_out() -> None:
    """What was shown comes back as it was, but not to another address."""
    kind = known()["webhook"]
    old = kept(kind, {"url": "https://a.example/x", "secret": "s"}, {})
    told = shown(kind, old)
    assert told["secret"] == "**********"
    assert kept(kind, told, old)["secret"] == "s"
    with pytest.raises(InputError, match="told again"):
        kept(kind, {**told, "url": "https://evil.example/"}, old)


def test_pauses_grow_and_differ() -> None:
    """Up to ten minutes; not everybody at once."""
    pauses = [pause_s(attempt, "a") for attempt in range(1, 15)]
    assert 1.6 <= pauses[0] <= 2.4
    assert max(pauses) <= 720
    assert pause_s(5, "a") != pause_s(5, "b")
    assert pause_s(1, "a", told_s=60) == 60


def test_a_slow_channel_delays_only_itself(world: Any, sink: Any) -> None:
    """While one waits for its answer the other is sent to."""
    held = threading.Event()
    sink.answer = lambda path: (200 if path != "/slow" or held.wait(20) else 500, {})
    world.channel("slow", f"{sink.url}/slow")
    world.channel("fast", f"{sink.url}/fast")
    fire(world)

    async def both() -> str:
        due = {one.channel: one for one in await world.sender.round()}
        slow = asyncio.create_task(world.sender.send(due["slow"]))
        fast = await world.sender.send(due["fast"])
        held.set()
        await slow
        return fast

    assert asyncio.run(both()) == "sent"
