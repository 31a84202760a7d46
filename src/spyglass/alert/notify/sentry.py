"""Sentry, and whatever takes its envelopes (GlitchTip, Bugsink): a notice as an event of its own, found again by the group it belongs to.

Envelopes are posted to `{scheme}://{host}{path}/api/{project}/envelope/`, as the DSN says it: https://develop.sentry.dev/sdk/data-model/envelopes/.
The event's id is the notice's, so that Sentry drops the second of two that are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from spyglass.alert.notify.http import checked_url, request, told
from spyglass.alert.notify.text import headline, page
from spyglass.model.notice import Notice
from spyglass.model.times import iso
from spyglass.plugin.contracts import Channel, ChannelContext, ChannelKind

__all__ = ["KIND", "Dsn", "Settings", "envelope", "read_dsn"]

_LEVELS: Final = {"info": "info", "warning": "warning", "error": "error", "critical": "fatal"}
_KEY: Final = re.compile(r"[A-Za-z0-9]{1,64}")
_MOST_TEXT: Final = 8_000  # Sentry cuts a message at 8,192 characters
_MOST_TAG: Final = 200
_MOST_TAGS: Final = 40


@dataclass(frozen=True, slots=True)
class Dsn:
    """Where events go, and by which key."""

    url: str
    key: str


def read_dsn(text: str) -> Dsn:
    """`https://KEY@host/PROJECT`, with a path before the project where Sentry is served below one.

    Raises:
        ValueError: it is none.
    """
    wanted = "expected a DSN such as https://KEY@o1.ingest.sentry.io/2, as the project's settings in Sentry show it"
    try:
        parts = urlsplit(text)
        key, host, port = parts.username or "", parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(wanted) from None
    path, _, project = parts.path.rpartition("/")
    if not _KEY.fullmatch(key) or not project.isdecimal() or parts.query or parts.fragment:
        raise ValueError(wanted)
    host = f"[{host}]" if ":" in host else host
    url = f"{parts.scheme}://{host}{f':{port}' if port else ''}{path}/api/{project}/envelope/"
    return Dsn(checked_url(url), key)


def _dsn(text: SecretStr) -> SecretStr:
    read_dsn(text.get_secret_value())
    return text


class Settings(BaseModel):
    """Of a project of Sentry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dsn: Annotated[SecretStr, AfterValidator(_dsn)] = Field(max_length=500, description="The DSN of the project; whoever knows it can send events.")
    environment: str = Field("", max_length=64, pattern=r"^[^\s/]*$", description="Environment of the events; empty: that of the alert, where it has one.")
    ends: bool = Field(False, description="Whether the end is told, too, as an event of the level info: Sentry cannot close an issue by an event.")


class Sentry:
    """One notice to one project."""

    def __init__(self, settings: Settings, context: ChannelContext) -> None:
        self.settings, self.context = settings, context

    async def send(self, notice: Notice) -> str:
        """As the contract says."""
        if notice.status == "resolved" and not self.settings.ends:
            return "the end is not told to Sentry: an event would open its issue again"
        dsn = read_dsn(self.settings.dsn.get_secret_value())
        headers = {
            "content-type": "application/x-sentry-envelope",
            "x-sentry-auth": f"Sentry sentry_version=7, sentry_client=spyglass/1.0, sentry_key={dsn.key}",
        }
        return told(await request("POST", dsn.url, self.context, content=envelope(notice, self.settings.environment), headers=headers))


def envelope(notice: Notice, environment: str = "") -> bytes:
    """What is posted: the envelope's header, the item's header, and the event."""
    event = orjson.dumps(_event(notice, environment))
    header = {"event_id": _event_id(notice), "sent_at": iso(notice.created_ns)}
    return b"\n".join([orjson.dumps(header), orjson.dumps({"type": "event", "content_type": "application/json", "length": len(event)}), event, b""])


def _event(notice: Notice, environment: str) -> dict[str, Any]:
    first = notice.alerts[0] if notice.alerts else None
    labels = {**notice.labels, "project": notice.project, "status": notice.status, "reason": notice.reason}
    event: dict[str, Any] = {
        "event_id": _event_id(notice),
        "timestamp": notice.created_ns / 1e9,
        "platform": "other",
        "logger": "spyglass.alerts",
        "level": _LEVELS[notice.severity] if notice.status == "firing" else "info",
        "logentry": {"formatted": page(notice)[:_MOST_TEXT]},
        "exception": {"values": [{"type": first.rule if first else "alert", "value": headline(notice)}]},
        "fingerprint": ["spyglass", notice.group],
        "tags": {name[:32]: value[:_MOST_TAG] for name, value in list(labels.items())[:_MOST_TAGS] if value},
        "extra": {"notice": notice.id, "alerts": [_alert(alert) for alert in notice.json()["alerts"]]},
    }
    found = environment or (first.labels.get("environment", "") if first else "")
    return event | ({"environment": found[:64]} if found and "/" not in found and not any(map(str.isspace, found)) else {})


def _alert(alert: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty: Sentry cuts what is long."""
    return {name: value for name, value in alert.items() if value not in ("", 0, None, {})}


def _event_id(notice: Notice) -> str:
    """32 hex digits; a notice's id is that."""
    return notice.id.rjust(32, "0")[-32:]


def _make(settings: Settings, context: ChannelContext) -> Channel:
    return Sentry(settings, context)


KIND: Final = ChannelKind("sentry", "1.0.0", "Events of a Sentry project, one issue for each group of alerts.", Settings, _make)
