"""Whether what is watched shall stop: the ids of its runs in, asked of the server every few seconds; those that shall, and who says so, out.

The same road as the SDK's: `POST /api/v1/execution-stops/heard`. A run goes by the ids of its trace and span, as the server names it, and by that of its
trace alone, as analyzers know it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from spyglass.cli.client import check
from spyglass.cli.endpoint import targets
from spyglass.model.errors import StoreError

__all__ = ["Stop", "Stops"]

_PORT: Final = 7700
_TIMEOUT_S: Final = 10.0
_PROJECT: Final = "x-spyglass-project"
_AT_ONCE: Final = 1000


class Stop(NamedTuple):
    """A run that shall stop."""

    id: str
    who: str
    note: str


class Stops:
    """Asks. For one thread at a time."""

    def __init__(self, endpoint: str | None, project: str | None, url: str | None, api_key: str, transport: httpx.BaseTransport | None = None) -> None:
        """`url`: of the API; None: port 7700 of where telemetry is sent, with its headers.

        Raises:
            InputError: the environment says what cannot be understood.
        """
        target = targets(endpoint, os.environ)["logs"]
        parts = urlsplit(target.url)
        self.url = (url or f"{'https' if parts.scheme in ('https', 'grpcs') else 'http'}://{parts.hostname}:{_PORT}").rstrip("/")
        headers = {name: value for name, value in target.headers.items() if name != _PROJECT} | ({"x-api-key": api_key} if api_key else {})
        self._project = project or target.headers.get(_PROJECT, "default")
        secure = self.url.startswith("https")  # certificates of authorities take 4 MB: they are read where something is to be checked
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=_TIMEOUT_S, trust_env=not target.local, verify=secure, transport=transport)

    def ask(self, ids: Sequence[str]) -> list[Stop]:
        """Which of them shall stop; from now on the server says that we know.

        Raises:
            httpx.TransportError: there is no server.
            InputError, StoreError: it does not answer such questions, or not to us.
        """
        found: list[Stop] = []
        for first in range(0, len(ids), _AT_ONCE):
            body = {"execution_ids": ids[first : first + _AT_ONCE]}
            answer = check(self._client.post("/api/v1/execution-stops/heard", params={"project": self._project}, json=body))
            try:
                found += [Stop(item["execution_id"], str(item["who"]), str(item["note"])) for item in answer.json()["items"]]
            except (ValueError, KeyError, TypeError) as error:
                raise StoreError(f"{self.url} answered something else than which executions shall stop; is it Spyglass?") from error
        return found

    def close(self) -> None:
        """Hang up."""
        self._client.close()
