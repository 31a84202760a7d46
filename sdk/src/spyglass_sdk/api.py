"""What this package asks of the server's API: a path and parameters in, JSON out. Only functions that fetch something use it; telemetry goes another way.

The address is `SPYGLASS_API`, else the host of the OTLP endpoint with port 7700; headers and project are those that telemetry is sent with.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests

from spyglass_sdk.target import DEFAULT_ENDPOINT, PROJECT_HEADER, Target, resolve

__all__ = ["Api", "FetchError", "use_target"]

_PORT: Final = 7700
_TIMEOUT_S: Final = 30.0
_current: Target | None = None


class FetchError(LookupError):
    """The server cannot be asked, or has not what was asked for. `status` is that of HTTP, 0: there was no answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


def use_target(target: Target) -> None:
    """Ask with the headers that `init` was given."""
    global _current  # noqa: PLW0603 - one per process, as OpenTelemetry's own providers are
    _current = target


class Api:
    """The API of one server, for one project."""

    def __init__(self, url: str, headers: Mapping[str, str], project: str) -> None:
        self.url, self.headers, self.project = url.rstrip("/"), dict(headers), project

    @classmethod
    def found(cls, environ: Mapping[str, str] | None = None) -> Api:
        """Where the environment and `init` say that it is."""
        environ = os.environ if environ is None else environ
        target = _current or resolve(environ)
        parts = urlsplit(target.logs_url or environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or DEFAULT_ENDPOINT)
        usual = f"{parts.scheme}://{parts.hostname}:{_PORT}"
        headers = {name: value for name, value in target.headers.items() if name != PROJECT_HEADER}
        if key := environ.get("SPYGLASS_API_KEY"):
            headers["x-api-key"] = key
        return cls(environ.get("SPYGLASS_API") or usual, headers, target.headers.get(PROJECT_HEADER, "default"))

    def get(self, *path: str, **parameters: Any) -> Any:
        """The JSON at a path, whose parts are escaped.

        Raises:
            FetchError: there is no such thing, or no server.
        """
        where = "/".join(quote(part, safe="") for part in path)
        try:
            answer = requests.get(f"{self.url}/api/v1/{where}", params={"project": self.project, **parameters}, headers=self.headers, timeout=_TIMEOUT_S)
        except requests.RequestException as error:
            raise FetchError(f"{self.url}: no answer ({type(error).__name__}); set SPYGLASS_API where the API is elsewhere") from error
        if answer.status_code != requests.codes.ok:
            raise FetchError(f"{self.url}/api/v1/{where}: {answer.status_code}: {_detail(answer)}", answer.status_code)
        try:
            return answer.json()
        except ValueError as error:
            raise FetchError(f"{self.url}: expected JSON, got something else; is this the API of Spyglass?", answer.status_code) from error

    def pages(self, *path: str, **parameters: Any) -> Iterator[Any]:
        """The pages of a list, whole as they are."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(*path, **parameters, **cursor)
            yield page
            if not page.get("next_cursor"):
                return
            cursor = {"cursor": page["next_cursor"]}


def _detail(answer: requests.Response) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return answer.reason
