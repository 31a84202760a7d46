"""OTLP/HTTP: an ASGI app (https://opentelemetry.io/docs/specs/otlp/#otlphttp).

In: POST requests with a protobuf or JSON body. Out: bodies for the sink, and the protocol's answers: an export response, or a `google.rpc.Status`,
in the encoding of the request.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from spyglass.model.body import Encoding, Signal
from spyglass.model.errors import NotFound, TooLarge, UnsupportedMedia
from spyglass.receive import wire
from spyglass.receive.answers import LEFT, STOPPING, Answer, shown
from spyglass.receive.cors import Cors, Headers
from spyglass.receive.inflate import coding, inflate_off_loop
from spyglass.receive.intake import Head, Intake, Visit
from spyglass.receive.settings import HttpSettings

__all__ = ["HttpApp"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_MEDIA: Final[dict[bytes, Encoding]] = {b"application/x-protobuf": "protobuf", b"application/protobuf": "protobuf", b"application/json": "json"}
_MEDIA_TYPE: Final[dict[Encoding, bytes]] = {"protobuf": b"application/x-protobuf", "json": b"application/json"}
_SLASHES: Final = re.compile("/{2,}")  # of exporters that append the path to an address which ends in a slash
_UTF8: Final = frozenset({b"", b"utf-8", b"utf8", b"us-ascii"})


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    body: bytes
    encoding: Encoding = "json"
    headers: Headers = field(default_factory=list)


class HttpApp:
    """The ASGI app. `threads` unfold large bodies."""

    def __init__(self, intake: Intake, settings: HttpSettings, threads: Executor) -> None:
        self._intake = intake
        self._limits = intake.limits
        self._cors = Cors(settings.allowed_origins)
        self._threads = threads
        signals: tuple[Signal, ...] = get_args(Signal)
        self._signals = {f"{prefix.rstrip('/')}/{signal}": signal for prefix in settings.paths for signal in signals}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            response = await self._respond(scope, headers, receive)
        except asyncio.CancelledError:
            await self._send(_refusal(STOPPING, _spoken(headers)), headers, send)
            raise
        if response is not None:
            await self._send(response, headers, send)

    async def _send(self, response: _Response, request: Mapping[bytes, bytes], send: Send) -> None:
        headers: Headers = [
            (b"content-type", _MEDIA_TYPE[response.encoding]),
            (b"content-length", str(len(response.body)).encode()),
            *response.headers,
            *self._cors.headers(request),
        ]
        if response.status >= 400 and b"expect" in request:
            headers.append((b"connection", b"close"))  # the client waits for our word before it sends the body, and now may or may not send it
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _respond(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> _Response | None:
        with self._intake.visit(_head(scope, headers)) as visit:
            try:
                signal = self._signal(scope["path"])
                if scope["method"] != "POST":
                    return self._not_post(scope["method"], headers, visit)
                return await self._export(signal, headers, receive, visit)
            except asyncio.CancelledError as error:
                visit.fail(error)
                raise
            except Exception as error:
                return _refusal(visit.fail(error), _spoken(headers))

    def _signal(self, path: str) -> Signal:
        signal = self._signals.get(path) or self._signals.get(_SLASHES.sub("/", path).rstrip("/"))
        if signal is None:
            right = ", ".join(list(self._signals)[:3])
            raise NotFound(
                f"there is no {shown(path)} here; send OTLP to {right}. (OTEL_EXPORTER_OTLP_ENDPOINT wants the address without such a path, "
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and its likes want it with the path.)"
            )
        return signal

    def _not_post(self, method: str, headers: Mapping[bytes, bytes], visit: Visit) -> _Response:
        if method == "OPTIONS" and b"access-control-request-method" in headers:
            granted = self._cors.preflight(headers)
            if granted:
                return _Response(204, b"", headers=granted)
            origin = shown(headers.get(b"origin", b"").decode("latin-1"))
            refused = Answer(403, f"web pages of {origin} may not send here; add the origin to receive.allowed_origins", "origin")
        else:
            refused = Answer(405, f"expected POST, got {method}", "method")
        visit.refuse(refused)
        return _refusal(refused, _spoken(headers), [(b"allow", b"POST")] if refused.http_status == 405 else [])

    async def _export(self, signal: Signal, headers: Mapping[bytes, bytes], receive: Receive, visit: Visit) -> _Response | None:
        visit.admit()
        encoding = _encoding(headers)
        name = coding(headers.get(b"content-encoding", b"").decode("latin-1"))
        async with asyncio.timeout(self._limits.read_timeout_s):
            data = await self._read(headers, receive, visit)
        if data is None:
            visit.refuse(LEFT)
            return None
        if name is not None and data:
            sent_bytes = len(data)
            data = await inflate_off_loop(data, name, self._limits.max_body_bytes, visit.hold.grow, self._threads)
            visit.hold.shrink(sent_bytes)
        outcome = await visit.submit(signal, encoding, data)
        return _Response(200, wire.export_response(signal, encoding, outcome), encoding)

    async def _read(self, headers: Mapping[bytes, bytes], receive: Receive, visit: Visit) -> bytes | None:
        """The body as sent; None when the client left before its end.

        Raises:
            TooLarge: it is, or says that it will be, longer than allowed.
        """
        limit_bytes = self._limits.max_compressed_bytes
        announced = headers.get(b"content-length", b"")
        self._check_size(int(announced) if announced.isdigit() else 0, limit_bytes)
        pieces: list[bytes] = []
        size_bytes = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece = message.get("body", b"")
            size_bytes += len(piece)
            self._check_size(size_bytes, limit_bytes)
            visit.take(len(piece))
            pieces.append(piece)
            more = message.get("more_body", False)
        return b"".join(pieces)

    @staticmethod
    def _check_size(size_bytes: int, limit_bytes: int) -> None:
        if size_bytes > limit_bytes:
            raise TooLarge(f"the body has {size_bytes} bytes or more; at most {limit_bytes} are taken (receive.max_compressed_bytes): send smaller batches")


def _head(scope: Scope, headers: Mapping[bytes, bytes]) -> Head:
    client = scope.get("client")
    return Head(
        "http",
        client[0].removeprefix("::ffff:") if client else "",
        _text(headers, b"authorization"),
        _text(headers, b"x-api-key"),
        _text(headers, b"x-spyglass-project"),
    )


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("utf-8", "surrogateescape")


def _encoding(headers: Mapping[bytes, bytes]) -> Encoding:
    """What the body is written in.

    Raises:
        UnsupportedMedia: another content type, another charset than UTF-8, or none.
    """
    given = headers.get(b"content-type", b"")
    media, _, parameters = given.lower().partition(b";")
    encoding = _MEDIA.get(media.strip())
    if encoding is None:
        raise UnsupportedMedia(f"content-type: expected application/x-protobuf or application/json, got {shown(given.decode('latin-1')) if given else 'none'}")
    charset = parameters.partition(b"charset=")[2].partition(b";")[0].strip(b' "')
    if encoding == "json" and charset not in _UTF8:
        raise UnsupportedMedia(f"content-type: expected JSON in UTF-8, got charset {shown(charset.decode('latin-1'))}")
    return encoding


def _spoken(headers: Mapping[bytes, bytes]) -> Encoding:
    """What a refusal is written in: the request's encoding, or JSON where that is not known, because people can read it."""
    return _MEDIA.get(headers.get(b"content-type", b"").lower().partition(b";")[0].strip(), "json")


def _refusal(answer: Answer, encoding: Encoding, headers: Headers | None = None) -> _Response:
    after_s = answer.retry_after_s
    retry: Headers = [] if after_s is None else [(b"retry-after", str(max(1, math.ceil(after_s))).encode())]
    if answer.http_status == 401:
        retry.append((b"www-authenticate", b'Bearer realm="spyglass", Basic realm="spyglass"'))
    return _Response(answer.http_status, wire.status(encoding, answer.grpc_code, answer.message, after_s), encoding, [*(headers or []), *retry])
