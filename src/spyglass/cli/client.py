"""A client of the API for the commands: where the server is, and what its errors say."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
import typer

from spyglass.model.errors import InputError, NotFound, StoreError

__all__ = ["ApiKey", "Json", "Project", "Since", "Until", "Url", "Who", "api", "check", "me", "pages", "unreachable"]

Url = Annotated[str, typer.Option("--url", envvar="SPYGLASS_URL", help="Where the server is.")]
ApiKey = Annotated[str, typer.Option("--api-key", envvar="SPYGLASS_API_KEY", help="Key of the API, if the server wants one.", show_default=False)]
Project = Annotated[str, typer.Option("--project", "-p", envvar="SPYGLASS_PROJECT", help="The tenant whose records are meant.")]
Since = Annotated[str, typer.Option("--from", help="Start of the time range: ISO 8601, or `-24h`.")]
Until = Annotated[str, typer.Option("--to", help="End of the time range.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object per line.")]
Who = Annotated[str, typer.Option("--as", help="Who does it; default: whoever is logged in.", show_default=False)]

DEFAULT_URL = "http://localhost:7700"


@contextmanager
def api(url: str, api_key: str, timeout_s: float = 60.0) -> Iterator[httpx.Client]:
    """A client of the server at `url`; only loopback and proxies that the environment names are used."""
    headers = {"x-api-key": api_key} if api_key else {}
    local = "localhost" in url or "127.0.0.1" in url
    plain = local and url.startswith("http:")  # no proxy nor anybody else speaks TLS: whom to trust, which takes a while to load, nobody asks
    with httpx.Client(base_url=url, headers=headers, timeout=timeout_s, trust_env=not local, verify=not plain) as client:
        yield client


def unreachable(error: httpx.TransportError) -> str:
    """What to tell when nobody answers: where that was, and which option says another place."""
    try:
        asked = error.request.url
    except RuntimeError:  # none was made
        return f"no server answers: {error}. Start one with `spyglass up`, or say where it is with --url or SPYGLASS_URL."
    where = f"{asked.scheme}://{asked.netloc.decode('ascii', 'replace')}"
    told = str(error) or type(error).__name__
    say = (
        "--endpoint or OTEL_EXPORTER_OTLP_ENDPOINT"
        if error.request.method == "POST" and asked.path.endswith(("/v1/traces", "/v1/logs", "/v1/metrics"))
        else "--url or SPYGLASS_URL"
    )
    return f"no server answers at {where}: {told}. Start one with `spyglass up`, or say where it is with {say}."


def check(response: httpx.Response) -> httpx.Response:
    """The answer, if it is a good one.

    Raises:
        NotFound: there is no such thing.
        InputError: the server says that the request is wrong.
        StoreError: the server failed.
    """
    if response.is_success:
        return response
    response.read()
    try:
        told = response.json()
        detail, code = str(told["detail"]), told.get("code")
    except (ValueError, KeyError, TypeError):
        detail, code = f"the server at {response.request.url.host} answered {response.status_code}", None
    if code == NotFound.code:
        raise NotFound(detail)
    raise InputError(detail) if response.status_code < 500 else StoreError(detail)


def pages(client: httpx.Client, path: str, parameters: dict[str, Any], limit: int) -> Iterator[dict[str, Any]]:
    """The items of a list, page after page, `limit` at most."""
    cursor: str | None = None
    left = limit
    while left > 0:
        asked = {**parameters, "limit": min(left, 1000)} | ({"cursor": cursor} if cursor else {})
        answer = check(client.get(path, params=asked)).json()
        yield from answer["items"]
        left -= len(answer["items"])
        cursor = answer["next_cursor"]
        if cursor is None:
            return


def me() -> str:
    """Who types: what is changed says by whom."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # nobody has this number here
        return "somebody"
