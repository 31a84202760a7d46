"""The log of the server: the channel that is always there."""

from __future__ import annotations

from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict

from spyglass.alert.notify.text import headline
from spyglass.model.notice import Notice
from spyglass.plugin.contracts import Channel, ChannelContext, ChannelKind

__all__ = ["KIND", "Settings"]

log = structlog.get_logger()


class Settings(BaseModel):
    """There are none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Console:
    """A line of the server's log."""

    async def send(self, notice: Notice) -> str:
        """As the contract says."""
        write = log.warning if notice.status == "firing" else log.info
        write("alert", notice=notice.id, project=notice.project, status=notice.status, severity=notice.severity, text=headline(notice))
        return "logged"


def _make(_settings: Settings, _context: ChannelContext) -> Channel:
    return Console()


KIND: Final = ChannelKind("log", "1.0.0", "A line in the server's own log.", Settings, _make)
