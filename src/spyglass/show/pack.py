"""What makes answers small enough for a slow line: JSON and text are packed for those who take it so, and not sent again to those who have them.

In: answers of the app below. Out: the same with an ETag, the larger ones as gzip; 304 and no body for who tells that tag in `If-None-Match`. Programs on this
machine get them as they are: there reading is quicker than packing. Browsers do not, as they may be at the far end of a tunnel. What is streamed goes on as
it comes, and files of the web app were packed when they were built (`site.py`).
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final, TypeVar

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.status import HTTP_200_OK, HTTP_304_NOT_MODIFIED
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Pack"]

_Made = TypeVar("_Made")
_LEAST_BYTES: Final = 2048  # less fits into two packets of a network as it is
_LEVEL: Final = 1  # JSON of spans becomes an eighth; level 6 takes three times as long for a tenth less
_TAG_BYTES: Final = 12
_TYPES: Final = ("application/json", "application/problem+json", "text/")


class Pack:
    """An ASGI app around another one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pack the answer to one request, where that is worth it."""
        if scope["type"] != "http" or scope["method"] == "HEAD" or not _wants(scope):
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []  # the start of an answer that may be packed waits for its body

        async def pack(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_worth(Headers(raw=message["headers"])):
                begun.append(message)
                return
            if begun:
                start = begun.pop()
                if message["type"] == "http.response.body" and not message.get("more_body", False):
                    message = await _packed(start, message, scope)
                await send(start)
            await send(message)

        await self._app(scope, receive, pack)


def _wants(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return _takes(headers) and (not _is_here(scope) or "sec-fetch-mode" in headers)


def _takes(headers: Headers) -> bool:
    accepted = (one.replace(" ", "").partition(";") for one in headers.get("accept-encoding", "").split(","))
    return any(name == "gzip" and weight not in {"q=0", "q=0.0"} for name, _, weight in accepted)


def _is_here(scope: Scope) -> bool:
    try:
        return ip_address((scope.get("client") or ("", 0))[0]).is_loopback
    except ValueError:  # a socket without an address
        return True


def _is_worth(headers: Headers) -> bool:
    plain = "content-encoding" not in headers and headers.get("content-type", "").startswith(_TYPES)
    return plain and "content-length" in headers  # what is streamed does not know


async def _packed(start: Message, body: Message, scope: Scope) -> Message:
    """The body as it leaves; what the head says of it is set in `start`."""
    headers, told = MutableHeaders(raw=start["headers"]), body["body"]
    if scope["method"] == "GET" and start["status"] == HTTP_200_OK and "etag" not in headers:
        tag = await _apart(told, _tag)
        headers["ETag"] = tag
        if tag in Headers(scope=scope).get("if-none-match", ""):
            start["status"] = HTTP_304_NOT_MODIFIED
            del headers["Content-Length"], headers["Content-Type"]
            return {**body, "body": b""}
    if len(told) < _LEAST_BYTES:
        return body
    smaller = await _apart(told, _gzip)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(smaller))
    headers.add_vary_header("Accept-Encoding")
    return {**body, "body": smaller}


async def _apart(body: bytes, make: Callable[[bytes], _Made]) -> _Made:
    """What is made of a body: of a large one beside the event loop."""
    return make(body) if len(body) < _LEAST_BYTES else await anyio.to_thread.run_sync(make, body)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)


def _tag(body: bytes) -> str:
    return f'W/"{hashlib.blake2b(body, digest_size=_TAG_BYTES).hexdigest()}"'  # weak: packed or not, it is the same
