"""OpenTelemetry's OTLP exporters in front, an outbox behind: a `requests.Session` that sends nothing and keeps every request as a letter.

So the exporters do all that OpenTelemetry defines (encoding, compression, endpoints, headers, certificates, their variables), and are always content;
keeping, sending and trying again is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from spyglass_sdk.outbox import Letter, Outbox
from spyglass_sdk.tally import Tally

__all__ = ["Mailbox"]


class Mailbox(requests.Session):
    """One per exporter. `records` says how many records the next request carries; 0: it is one more record by itself (a metric collection)."""

    def __init__(self, outbox: Outbox, tally: Tally) -> None:
        super().__init__()
        self.redirect(outbox, tally)
        self.records = 0
        self.expendable = False

    def redirect(self, outbox: Outbox, tally: Tally) -> None:
        """From now on, put letters there."""
        self._outbox, self._tally = outbox, tally

    def request(  # type: ignore[override]
        self, method: str, url: str, *, headers: Mapping[str, str], data: bytes, timeout: float | None = None, **_: Any
    ) -> requests.Response:
        """Keep it and say 200, at once. Exporters only post."""
        del method
        if not self.records:
            self._tally.record()
        self._outbox.post(
            Letter(
                url=url,
                headers=dict(headers),
                body=data,
                records=self.records or 1,
                timeout_s=timeout or 10.0,
                expendable=self.expendable or not self.records,
                verify=self.verify,
                cert=self.cert,
            )
        )
        kept = requests.Response()
        kept.status_code, kept.reason = 200, "kept"
        return kept
