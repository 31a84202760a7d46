"""Apprise in a process of its own, against a real server: what arrives, where it may not go, what it may not do, and that its URL stays a secret."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from spyglass.alert.notify.apprise import KIND, masked
from spyglass.alert.notify.kinds import read_settings, shown
from spyglass.model.errors import InputError, Refused
from spyglass.model.notice import Notice, ToldAlert
from spyglass.plugin.contracts import ChannelContext

pytest.importorskip("apprise", reason="pip install spyglass[apprise]")

NOTICE = Notice("n1", "p", "g1", "chat", "new", 0, {"rule": "r"}, (ToldAlert("1", "r", "planner fails", "firing", "critical", "7 of 10 failed"),))
ALL = ("127.0.0.0/8",)


async def tell(sink: Any, path: str, networks: tuple[str, ...] = ALL, timeout_s: float = 60.0) -> str:
    url = sink.url.replace("http://", "json://user:hunter2pw@") + path
    return await KIND.make(read_settings(KIND, {"url": url}), ChannelContext(networks, timeout_s)).send(NOTICE)


async def test_a_service_of_apprise_gets_the_notice_and_the_log_not_its_url(sink: Any) -> None:
    """What it refuses comes again, and says why without the URL."""
    sink.answer = lambda path: (500 if path == "/t0ken-of-ours" else 200, {})
    told, refused = await asyncio.gather(tell(sink, "/ok"), tell(sink, "/t0ken-of-ours"), return_exceptions=True)
    assert told == "taken by json"
    assert sink.bodies("/ok")[0]["title"] == "[CRITICAL] planner fails (p)"
    assert "7 of 10 failed" in sink.bodies("/ok")[0]["message"]
    assert isinstance(refused, Refused)
    assert "500" in refused.message
    assert not any(secret in refused.message for secret in ("hunter2", "t0ken"))


async def test_it_connects_where_channels_may_and_a_redirect_leads_nowhere_else(sink: Any) -> None:
    """For good: the URL would have to change."""
    sink.answer = lambda _path: (302, {"location": "http://169.254.169.254/"})
    inner, led = await asyncio.gather(tell(sink, "/x", ()), tell(sink, "/led"), return_exceptions=True)
    for outcome in (inner, led):
        assert isinstance(outcome, InputError)
        assert "allowed_networks" in outcome.message
    assert [path for path, _, _ in sink.taken] == ["/led"]


async def test_one_that_hangs_is_ended(sink: Any) -> None:
    """With its process, so that nothing of it stays."""
    held = threading.Event()
    sink.answer = lambda _path: (200 if held.wait(60) else 500, {})
    with pytest.raises(Refused, match="no answer within 1 s"):
        await tell(sink, "/", timeout_s=1.0)
    held.set()


GUARDED = """
import os, socket, subprocess, sys
from spyglass.alert.notify.apprise_child import guard
guard(["127.0.0.0/8"], [])
for what in (lambda: open(sys.argv[1], "w"), lambda: subprocess.run(["true"]), lambda: os.system("true"),
             lambda: socket.socket(socket.AF_UNIX).connect(sys.argv[2]), lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("10.0.0.1", 9))):
    try:
        what()
    except PermissionError:
        print("refused")
"""


def test_a_service_touches_neither_files_nor_programs_of_the_server(tmp_path: Path) -> None:
    """Nor its sockets: some of Apprise's services would."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.fspath(path))
        listening.listen()
        told = subprocess.run([sys.executable, "-c", GUARDED, tmp_path / "new", path], capture_output=True, check=True, timeout=60)
    assert told.stdout.split() == [b"refused"] * 5


@pytest.mark.parametrize("url", ["dbus://", "syslog://", "not a url", "json://"])
def test_what_is_no_service_of_the_network_is_refused(url: str) -> None:
    """When it is set up."""
    if url == "json://":
        assert shown(KIND, {"url": "json://host/secret"}) == {"url": "**********"}
    with pytest.raises(InputError, match="expected"):
        read_settings(KIND, {"url": url})


def test_every_part_of_a_url_is_masked() -> None:
    """As it was written, and as it is read."""
    assert masked("no tok%20en, no tok en, no chat7 at host.example", "tgram://tok%20en/chat7/?x=y") == "no ****, no ****, no **** at host.example"
