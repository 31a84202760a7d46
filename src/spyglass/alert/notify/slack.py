"""Slack, and whatever takes its incoming webhooks: a notice as a message. Slack knows no delivery keys, so that the id stands in the message."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from spyglass.alert.notify.http import checked_url, request, told
from spyglass.alert.notify.text import evidence, headline, others, seen
from spyglass.model.notice import Notice, ToldAlert
from spyglass.plugin.contracts import Channel, ChannelContext, ChannelKind

__all__ = ["KIND", "Settings", "message_of"]

_MOST_ALERTS: Final = 15  # a message has fifty blocks at most
_MOST_TEXT: Final = 2_800  # of one block
_COLOURS: Final = {"info": "#439fe0", "warning": "#daa038", "error": "#d64541", "critical": "#8b0000"}


def _secret_url(url: SecretStr) -> SecretStr:
    checked_url(url.get_secret_value())
    return url


class Settings(BaseModel):
    """Of an incoming webhook."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[SecretStr, AfterValidator(_secret_url)] = Field(description="The webhook's URL; whoever knows it can post.")
    mention: str = Field(
        "", max_length=100, pattern=r"^(<[!@][A-Za-z0-9^|_-]+>)?$", description="Who is called when something critical fires, as `<!here>` or `<@U012AB3CD>`."
    )


class Slack:
    """One notice to one webhook."""

    def __init__(self, settings: Settings, context: ChannelContext) -> None:
        self.settings, self.context = settings, context

    async def send(self, notice: Notice) -> str:
        """As the contract says."""
        body = orjson.dumps(message_of(notice, self.settings.mention))
        return told(await request("POST", self.settings.url.get_secret_value(), self.context, content=body, headers={"content-type": "application/json"}))


def message_of(notice: Notice, mention: str = "") -> dict[str, Any]:
    """What is posted. What comes from telemetry cannot call anybody, nor make links."""
    calls = mention if mention and notice.status == "firing" and notice.severity == "critical" else ""
    text = f"{_plain(headline(notice))} {calls}".strip()
    blocks: list[dict[str, Any]] = [_section(f"*{text}*")]
    if notice.to:
        blocks.append(_section(f"On call: {_plain(', '.join(notice.to))}"))
    blocks += [_section(_alert(alert)) for alert in notice.alerts[:_MOST_ALERTS]]
    left_out = len(notice.alerts) - _MOST_ALERTS + notice.withheld if len(notice.alerts) > _MOST_ALERTS else notice.withheld
    more = f"and {left_out} more alerts; " if left_out else ""
    blocks.append({"type": "context", "elements": [{"type": "plain_text", "text": f"{more}notice {notice.id}"}]})
    if going := others(notice):
        blocks.insert(-1, _section(going))
    colour = _COLOURS[notice.severity] if notice.status == "firing" else "#2eb886"
    return {"text": text, "attachments": [{"color": colour, "blocks": blocks}]}


def _alert(alert: ToldAlert) -> str:
    lines = [
        f"*{alert.severity if alert.status == 'firing' else 'resolved'}*: {_plain(alert.title)}",
        _plain(alert.summary) if alert.summary != alert.title else "",
    ]
    told = {"seen": seen(alert), **{name: alert.annotations.get(name, "") for name in ("suggestion", "description")}, "evidence": evidence(alert)}
    lines += [f"{name}: {_plain(value)}" for name, value in told.items() if value]
    links = {"runbook": alert.annotations.get("runbook_url", ""), "look": alert.url}
    lines.append(" · ".join(f"<{_plain(url)}|{name}>" for name, url in links.items() if url))
    return "\n".join(line for line in lines if line)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:_MOST_TEXT], "verbatim": True}}


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[:1000]


def _make(settings: Settings, context: ChannelContext) -> Channel:
    return Slack(settings, context)


KIND: Final = ChannelKind("slack", "1.0.0", "A message through an incoming webhook of Slack, or of what takes the same.", Settings, _make)
