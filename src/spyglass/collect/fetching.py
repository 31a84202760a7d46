"""One page over HTTP, bounded in time and size, compressed or not. A URL in, a page out, or a FetchError with words for an operator."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import httpx
from pydantic import SecretStr

__all__ = ["FetchError", "Page", "checked_url", "client", "fetch", "shown"]

_AGENT: Final = "spyglass"


class FetchError(Exception):
    """The page could not be had; the message has no secrets."""


class Page(NamedTuple):
    """What was answered, with a status below 300."""

    status: int
    content_type: str
    body: bytes


def checked_url(url: str) -> str:
    """A URL of HTTP.

    Raises:
        ValueError: it is none.
    """
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise ValueError("expected an address such as http://localhost:9090/metrics")
    return url


def shown(url: str) -> str:
    """The address without user, password and query, which may be secrets."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def client(headers: Mapping[str, SecretStr], timeout_s: float, *, verify: bool = True) -> httpx.AsyncClient:
    """A client that sends these headers and keeps its connections."""
    told = {"user-agent": _AGENT, "accept-encoding": "gzip", **{name: value.get_secret_value() for name, value in headers.items()}}
    return httpx.AsyncClient(headers=told, timeout=timeout_s, verify=verify)  # redirects are not followed: they could take the headers elsewhere


async def fetch(using: httpx.AsyncClient, url: str, *, accept: str, max_bytes: int, timeout_s: float) -> Page:
    """Get it.

    Raises:
        FetchError: it did not come in time, is too large, or was refused.
    """
    where = shown(url)
    try:
        async with asyncio.timeout(timeout_s), using.stream("GET", url, headers={"accept": accept}) as answer:
            if answer.status_code >= 300:
                raise FetchError(f"{where} answered {answer.status_code} {answer.reason_phrase}".rstrip())
            return Page(answer.status_code, answer.headers.get("content-type", ""), await _body(answer, where, max_bytes))
    except TimeoutError:
        raise FetchError(f"{where} did not answer within {timeout_s:g} s") from None
    except httpx.InvalidURL:
        raise FetchError(f"{where} is no address that can be asked") from None
    except httpx.HTTPError as error:
        raise FetchError(f"{where} could not be asked: {type(error).__name__}: {str(error)[:200]}".rstrip(": ")) from None


async def _body(answer: httpx.Response, where: str, max_bytes: int) -> bytes:
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip", "deflate"}:
        raise FetchError(f"{where} answers in the content encoding {encoding[:40]!r}; expected gzip or none")
    inflate = zlib.decompressobj(47) if encoding in {"gzip", "deflate"} else None  # 47: gzip or zlib, as its header says
    body = bytearray()
    async for piece in answer.aiter_raw():
        try:
            body += inflate.decompress(piece, max_bytes + 1 - len(body)) if inflate else piece
        except zlib.error:
            raise FetchError(f"{where} sent a body that is not {encoding}") from None
        if len(body) > max_bytes:
            raise FetchError(f"{where} sent more than {max_bytes} bytes; raise `max_bytes`, or ask for less")
    return bytes(body)
