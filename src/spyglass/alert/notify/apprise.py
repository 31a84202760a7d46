"""Whatever Apprise knows (about 130 services), by its URLs: a notice as a title and a text. It needs `spyglass[apprise]`.

Apprise runs in a process of its own for each notice (`apprise_child.py`): one that hangs is ended in time, connections go where channels may go and nowhere
else, and no file or program is touched. The URL, which mostly is the secret, is told over a pipe and taken out of whatever comes back.
"""

from __future__ import annotations

import asyncio
import re
import sys
from importlib.util import find_spec
from typing import Annotated, Final
from urllib.parse import unquote

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from spyglass.alert.notify.text import headline, page
from spyglass.model.errors import InputError, Refused
from spyglass.model.notice import Notice
from spyglass.plugin.contracts import Channel, ChannelContext, ChannelKind

__all__ = ["KIND", "Settings", "installed", "masked"]

_CHILD: Final = "spyglass.alert.notify.apprise_child"
_TYPES: Final = {"info": "info", "warning": "warning", "error": "failure", "critical": "failure"}
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]{0,30})://\S+", re.IGNORECASE)
_LOCAL: Final = frozenset(
    {"dbus", "kde", "glib", "qt", "gnome", "macosx", "windows", "syslog", "growl", "file", "vapid"}
)  # of this machine, or need files of it
_MOST_ANSWER: Final = 64 * 1024
_MOST_TEXT: Final = 30_000
_SHORT: Final = 4  # parts of a URL that are shorter tell nothing
_MISSING: Final = "Apprise is not installed: install spyglass[apprise] where the server runs"


def installed() -> bool:
    """Whether the package is there."""
    return find_spec("apprise") is not None


def _url(url: SecretStr) -> SecretStr:
    found = _SCHEME.fullmatch(url.get_secret_value())
    if found is None:
        raise ValueError("expected a URL of Apprise, such as tgram://TOKEN/CHAT or mattermost://host/TOKEN; https://appriseit.com lists them")
    if found[1].lower() in _LOCAL:
        raise ValueError(f"{found[1]}:// is about the machine that the server runs on; expected a service on the network")
    if not installed():
        raise ValueError(_MISSING)
    return url


class Settings(BaseModel):
    """Of one service; several are several channels, so that each has its own delivery."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[SecretStr, AfterValidator(_url)] = Field(max_length=4_000, description="The URL of Apprise; whoever knows it can post.")


class Apprise:
    """One notice to one URL."""

    def __init__(self, settings: Settings, context: ChannelContext) -> None:
        self.settings, self.context = settings, context

    async def send(self, notice: Notice) -> str:
        """As the contract says."""
        if not installed():
            raise Refused(_MISSING, retry_after_s=300)
        url = self.settings.url.get_secret_value()
        kind = _TYPES[notice.severity] if notice.status == "firing" else "success"
        body = f"{page(notice)[:_MOST_TEXT]}"
        asked = {"url": url, "title": headline(notice), "body": body, "type": kind, "networks": list(self.context.allowed_networks)}
        told = await self._child(orjson.dumps(asked | {"timeout_s": self.context.timeout_s}))
        said = masked(str(told.get("said", "")), url)[:300]
        if told.get("outcome") == "sent":
            return f"taken by {_scheme(url)}"
        if told.get("outcome") == "never":
            raise InputError(said)
        raise Refused(f"{_scheme(url)} did not take it: {said or 'Apprise does not say why'}", retry_after_s=0)

    async def _child(self, asked: bytes) -> dict[str, object]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-m", _CHILD, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env={}
        )
        try:
            async with asyncio.timeout(self.context.timeout_s):
                answer, _ = await process.communicate(asked)
        except TimeoutError as error:
            raise Refused(f"no answer within {self.context.timeout_s:g} s", retry_after_s=0) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        try:
            told = orjson.loads(answer[:_MOST_ANSWER])
        except orjson.JSONDecodeError as error:
            raise Refused("Apprise ended without an answer", retry_after_s=0) from error
        return told if isinstance(told, dict) else {}


def masked(text: str, url: str) -> str:
    """A text without the URL and any part of it that might be secret."""
    parts = {url, *re.split(r"[:/?&=@#\s,]+", url.partition("://")[2])}
    for part in sorted(parts | {unquote(part) for part in parts}, key=len, reverse=True):
        if len(part) >= _SHORT:
            text = text.replace(part, "****")
    return text


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower()


def _make(settings: Settings, context: ChannelContext) -> Channel:
    return Apprise(settings, context)


KIND: Final = ChannelKind("apprise", "1.0.0", "Any service that Apprise knows, by its URL (needs spyglass[apprise]).", Settings, _make)
