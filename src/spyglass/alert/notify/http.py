"""One HTTP request to a URL that somebody wrote into a setting: checked, bounded in time and size, to one address, without following anybody elsewhere."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator, Field

from spyglass.alert.notify.reach import address_of
from spyglass.model.errors import InputError, Refused
from spyglass.plugin.contracts import ChannelContext

__all__ = ["Answer", "HttpUrl", "checked_url", "request", "told", "why"]

_MOST_ANSWER: Final = 4 * 2**20
_NEVER: Final = frozenset(
    {400, 405, 413, 415, 422}
)  # it will say the same of the same body again; all else may be put right there, or in the channel's settings
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said; the body up to 4 MiB."""

    status: int
    body: bytes
    retry_after_s: float = 0.0  # as the other side says; 0: it does not

    @property
    def good(self) -> bool:
        """Whether it took it."""
        return 200 <= self.status < 300


def checked_url(url: str) -> str:
    """The URL, if it is one that may be asked.

    Raises:
        ValueError: it is not.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in _PORTS and parts.hostname and parts.port != 0 and "@" not in parts.netloc and not parts.fragment
    except ValueError:
        good = None
    if not good or any(letter.isspace() or not letter.isprintable() for letter in url):
        raise ValueError("expected http(s)://host/path without user and password")
    return url


HttpUrl = Annotated[str, Field(min_length=8, max_length=2000), AfterValidator(checked_url)]


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust takes 30 ms to load: once is enough."""
    return httpx.create_ssl_context(trust_env=False)


async def request(method: str, url: str, context: ChannelContext, *, content: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    """Ask, and give the answer whatever its status.

    Raises:
        InputError: the URL is none, or leads where it may not.
        Refused: nobody answers there now.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    address = await address_of(host, port, context.allowed_networks)
    target = httpx.URL(url).copy_with(host=address)
    told_headers = {"host": parts.netloc, "user-agent": "spyglass-alerts", "accept-encoding": "identity", **(headers or {})}
    limits = httpx.Timeout(context.timeout_s)
    try:
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=limits, verify=parts.scheme == "https" and _trusted()) as client:
            asked = client.build_request(method, target, content=content, headers=told_headers, extensions={"sni_hostname": host})
            response = await client.send(asked, stream=True)
            try:
                return Answer(response.status_code, await _body(response), _retry_after_s(response))
            finally:
                await response.aclose()
    except httpx.HTTPError as error:
        raise Refused(f"{host[:80]} does not answer: {why(error)}", retry_after_s=0) from error


def why(error: BaseException) -> str:
    """Why nobody answered, as far as the chain of causes says it: who has to do something must know whether a program is down or a certificate wrong."""
    at: BaseException | None = error
    while at is not None:
        match at:
            case ssl.SSLCertVerificationError():
                return f"its certificate is not trusted ({at.verify_message})"
            case ssl.SSLError():
                return f"no TLS there ({(at.reason or type(at).__name__).replace('_', ' ').lower()}); check scheme and port"
            case ConnectionRefusedError():
                return "connection refused; check that it runs, and the port"
            case ConnectionError():
                return "the connection was broken off"
            case TimeoutError() | httpx.TimeoutException():
                return "timed out"
        at = at.__cause__ or at.__context__
    return type(error).__name__


def told(answer: Answer) -> str:
    """What goes into the log of deliveries where the other side took it.

    Raises:
        InputError: it never will.
        Refused: it did not now.
    """
    if answer.good:
        return f"HTTP {answer.status}"
    said = answer.body[:200].decode("utf-8", "replace").strip()
    text = f"HTTP {answer.status}{': ' if said else ''}{said}"
    if 300 <= answer.status < 400:
        raise Refused(f"{text}; redirects are not followed: put the final address into the channel", retry_after_s=60)
    if answer.status in _NEVER:
        raise InputError(text)
    raise Refused(text, retry_after_s=answer.retry_after_s, too_fast=answer.status == 429)


def _retry_after_s(response: httpx.Response) -> float:
    """Seconds of the header `Retry-After`, an hour at most; a date is not read: the pauses grow by themselves."""
    told = response.headers.get("retry-after", "").strip()
    return min(float(told), 3_600.0) if told.isascii() and told.isdecimal() else 0.0


async def _body(response: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_raw():
        parts.append(part)
        size += len(part)
        if size >= _MOST_ANSWER:
            break
    return b"".join(parts)[:_MOST_ANSWER]
