"""A webhook: the notice as JSON, signed, with an id that stays the same when it is sent again. Signature and headers as the Standard Webhooks have them.

`webhook-signature: v1,<base64 of HMAC-SHA256 over "id.timestamp.body">` with the channel's secret; `webhook-id` is the delivery key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Annotated, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from spyglass.alert.notify.http import HttpUrl, request, told
from spyglass.alert.notify.text import headline
from spyglass.model.notice import Notice
from spyglass.plugin.contracts import Channel, ChannelContext, ChannelKind

__all__ = ["KIND", "Settings", "signature"]

_RESERVED: Final = ("host", "content-length", "transfer-encoding", "connection", "webhook-")
Value = Annotated[SecretStr, Field(max_length=4096)]


class Settings(BaseModel):
    """Of a webhook."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl = Field(description="Where it is posted to.")
    secret: SecretStr = Field(SecretStr(""), max_length=500, description="What it is signed with; empty: it is not signed.")
    headers: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")], Value] = Field(default_factory=dict, max_length=20, description="More headers.")


class Webhook:
    """One notice to one URL."""

    def __init__(self, settings: Settings, context: ChannelContext) -> None:
        self.settings, self.context = settings, context

    async def send(self, notice: Notice) -> str:
        """As the contract says."""
        body = orjson.dumps({"version": 1, "title": headline(notice), "status": notice.status, "severity": notice.severity, **notice.json()})
        sent_s = int(time.time())
        own = {name: value.get_secret_value() for name, value in self.settings.headers.items() if not name.lower().startswith(_RESERVED)}
        headers = own | {"content-type": "application/json", "webhook-id": notice.id, "webhook-timestamp": str(sent_s)}
        if secret := self.settings.secret.get_secret_value():
            headers["webhook-signature"] = signature(secret, notice.id, sent_s, body)
        return told(await request("POST", self.settings.url, self.context, content=body, headers=headers))


def signature(secret: str, notice_id: str, sent_s: int, body: bytes) -> str:
    """What the header `webhook-signature` holds. A secret that begins with `whsec_` is base64 behind it, as the Standard Webhooks have it."""
    key = base64.b64decode(secret.removeprefix("whsec_")) if secret.startswith("whsec_") else secret.encode()
    signed = hmac.new(key, b".".join([notice_id.encode(), str(sent_s).encode(), body]), hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def _make(settings: Settings, context: ChannelContext) -> Channel:
    return Webhook(settings, context)


KIND: Final = ChannelKind("webhook", "1.0.0", "A signed POST of JSON to a URL.", Settings, _make)
