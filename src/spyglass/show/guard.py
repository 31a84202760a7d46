"""What stands before the API: telemetry that came to the wrong port is sent on, and no body is read that is larger than it may be.

In: requests. Out: the same requests, their bodies read and bounded, in time held and in size; or a problem that says what to do. FastAPI itself would read
a body of any size, and before it looks at the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast, get_args

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spyglass.config.spec import Settings
from spyglass.model.body import Signal
from spyglass.model.errors import NotFound, SpyglassError, TooLarge
from spyglass.receive.limits import Hold, InFlight
from spyglass.show.keys import check_key
from spyglass.show.problem import answer_to
from spyglass.show.services import Services
from spyglass.telemetry.metrics import WRONG_PROTOCOL

__all__ = ["Guard"]

_GRPC: Final = "/opentelemetry.proto.collector."

Headers = Mapping[bytes, bytes]


class Guard:
    """The outermost ASGI app. `bodies` counts the bytes of all bodies that are being worked on."""

    def __init__(self, app: ASGIApp, settings: Settings, bodies: InFlight) -> None:
        self._app, self._bodies = app, bodies
        self._limit_bytes = settings.web.max_body_bytes
        self._otlp = frozenset(f"{prefix.rstrip('/')}/{signal}" for prefix in settings.receive.paths for signal in get_args(Signal))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: Headers = dict(scope["headers"])
        with self._bodies.hold() as hold:
            try:
                self._check_path(scope)
                body = await self._body(scope, headers, receive, hold)
            except SpyglassError as error:
                await _refuse(error, headers, scope, receive, send)
                return
            if body is not None:
                await self._app(scope, body, send)

    def _check_path(self, scope: Scope) -> None:
        path = scope["path"].rstrip("/")
        if path not in self._otlp and not path.startswith(_GRPC):
            return
        WRONG_PROTOCOL.labels("web", "otlp").inc()
        services = _services(scope)
        http, grpc = (services.ports.get(name, getattr(services.settings, f"{name}_port")) for name in ("otlp_http", "otlp_grpc"))
        raise NotFound(f"this is the port of the web app and the API; OTLP/HTTP is on port {http}, OTLP/gRPC on port {grpc}: send there")

    async def _body(self, scope: Scope, headers: Headers, receive: Receive, hold: Hold) -> Receive | None:
        """Where the app gets the body from; None: the client has left.

        Raises:
            Unauthorized: who may not read may not send either.
            TooLarge: the body is, or says that it will be.
            Refused: the bodies of all requests hold too much.
        """
        announced = headers.get(b"content-length", b"0")
        if b"transfer-encoding" not in headers and not announced.strip(b"0"):
            return receive
        check_key(_services(scope).settings, _text(headers, b"authorization"), _text(headers, b"x-api-key"))
        self._check_size(int(announced) if announced.isdigit() else 0)
        pieces: list[bytes] = []
        size_bytes, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece = message.get("body", b"")
            size_bytes += len(piece)
            self._check_size(size_bytes)
            hold.grow(len(piece))
            pieces.append(piece)
            more = message.get("more_body", False)
        return _once(b"".join(pieces), receive)

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self._limit_bytes:
            raise TooLarge(
                f"the body has {size_bytes} bytes or more; at most {self._limit_bytes} are taken (web.max_body_bytes): send less, or raise the setting"
            )


def _once(body: bytes, receive: Receive) -> Receive:
    """A whole body as one message, then whatever comes."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def take() -> Message:
        return messages.pop() if messages else await receive()

    return take


async def _refuse(error: SpyglassError, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
    answer = answer_to(error)
    if b"expect" in headers:
        answer.headers["Connection"] = "close"  # the client waits for our word before it sends the body, and now may or may not send it
    await answer(scope, receive, send)


def _services(scope: Scope) -> Services:
    return cast("Services", cast("Any", scope["app"]).state.services)


def _text(headers: Headers, name: bytes) -> str | None:
    return headers[name].decode("latin-1") if name in headers else None
