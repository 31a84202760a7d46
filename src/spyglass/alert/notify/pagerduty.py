"""PagerDuty, and whatever takes its Events API v2: a group of alerts is an incident, which is triggered, acknowledged and resolved.

The group's key is the `dedup_key`: the same notice twice is one incident. https://developer.pagerduty.com/docs/events-api-v2-overview
"""

from __future__ import annotations

from typing import Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from spyglass.alert.notify.http import HttpUrl, request, told
from spyglass.alert.notify.text import headline, page
from spyglass.model.notice import Notice
from spyglass.model.times import iso
from spyglass.plugin.contracts import Channel, ChannelContext, ChannelKind

__all__ = ["KIND", "Settings", "action_of", "event_of"]

Action = Literal["trigger", "acknowledge", "resolve"]
_MOST_SUMMARY: Final = 1_024
_MOST_TEXT: Final = 16_000
_MOST_LINKS: Final = 20


class Settings(BaseModel):
    """Of an integration of a service."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    routing_key: SecretStr = Field(min_length=1, max_length=200, description="Integration key of the service (Events API v2).")
    url: HttpUrl = Field("https://events.pagerduty.com/v2/enqueue", description="Where events go; another one for the EU (events.eu.pagerduty.com).")
    source: str = Field("spyglass", min_length=1, max_length=200, description="What is said to be affected, where the alert has neither service nor agent.")


class PagerDuty:
    """One notice to one service."""

    def __init__(self, settings: Settings, context: ChannelContext) -> None:
        self.settings, self.context = settings, context

    async def send(self, notice: Notice) -> str:
        """As the contract says."""
        action = action_of(notice)
        if action is None:
            return f"the incident goes on: {notice.others} of its alerts still fire"
        said = await self._post(event_of(notice, self.settings.source))
        if notice.reason != "test":
            return f"{said}: {action} {notice.group}"
        await self._post(event_of(notice, self.settings.source) | {"event_action": "resolve"})
        return f"{said}: trigger and resolve {notice.group}"

    async def _post(self, event: dict[str, Any]) -> str:
        body = orjson.dumps(event | {"routing_key": self.settings.routing_key.get_secret_value()})
        return told(await request("POST", self.settings.url, self.context, content=body, headers={"content-type": "application/json"}))


def action_of(notice: Notice) -> Action | None:
    """What it does to the incident; None: nothing, as some of its alerts are over and others, which somebody has, are not."""
    if notice.reason == "acknowledged":
        return "acknowledge"
    if notice.status == "firing":
        return "trigger"
    return "resolve" if notice.over else None


def event_of(notice: Notice, source: str = "spyglass") -> dict[str, Any]:
    """What is posted, without the key."""
    action = action_of(notice)
    event: dict[str, Any] = {"event_action": action, "dedup_key": f"spyglass-{notice.project}-{notice.group}"[:255]}
    if action != "trigger":
        return event
    first = notice.alerts[0] if notice.alerts else None
    labels = {**notice.labels, **(first.labels if first else {})}
    payload: dict[str, Any] = {
        "summary": headline(notice)[:_MOST_SUMMARY],
        "source": (labels.get("service") or labels.get("agent") or source)[:255],
        "severity": notice.severity,  # the four words are the same
        "timestamp": iso(first.started_ns if first and first.started_ns else notice.created_ns),
        "component": labels.get("agent", ""),
        "group": notice.project,
        "class": labels.get("rule", ""),
        "custom_details": {"text": page(notice)[:_MOST_TEXT], "labels": dict(notice.labels), "notice": notice.id},
    }
    if notice.to:
        payload["custom_details"]["on call"] = ", ".join(notice.to)
    event |= {"client": "Spyglass", "payload": {name: value for name, value in payload.items() if value}, "links": _links(notice)}
    return event | ({"client_url": first.url} if first and first.url else {})


def _links(notice: Notice) -> list[dict[str, str]]:
    found = {}
    for alert in notice.alerts:
        for name, url in (("Runbook", alert.annotations.get("runbook_url", "")), ("Alert", alert.url)):
            if url:
                found[url] = f"{name}: {alert.title}"[:200]
    return [{"href": url, "text": text} for url, text in list(found.items())[:_MOST_LINKS]]


def _make(settings: Settings, context: ChannelContext) -> Channel:
    return PagerDuty(settings, context)


KIND: Final = ChannelKind(
    "pagerduty", "1.0.0", "Incidents of PagerDuty (Events API v2): triggered, acknowledged, resolved.", Settings, _make, acknowledged=True
)
