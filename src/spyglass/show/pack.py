"""What makes answers small enough for a slow line: JSON and text are packed for those who take it so, before they leave.

In: answers of the app below. Out: the same, the larger ones as gzip. Programs on this machine get them as they are: there reading is quicker than packing.
Browsers do not, as they may be at the far end of a tunnel. What is streamed goes on as it comes, and files of the web app were packed when they were built
(`site.py`).
"""

from __future__ import annotations

import gzip
from ipaddress import ip_address
from typing import Final

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Pack"]

_LEAST_BYTES: Final = 2048  # less fits into two packets of a network as it is
_LEVEL: Final = 1  # JSON of spans becomes an eighth; level 6 takes three times as long for a tenth less
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
                    message = await _packed(start, message)
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
    return plain and int(headers.get("content-length", "0")) >= _LEAST_BYTES  # what is streamed does not know


async def _packed(start: Message, body: Message) -> Message:
    smaller = await anyio.to_thread.run_sync(lambda: gzip.compress(body["body"], _LEVEL, mtime=0))
    headers = MutableHeaders(raw=start["headers"])
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(smaller))
    headers.add_vary_header("Accept-Encoding")
    return {**body, "body": smaller}
