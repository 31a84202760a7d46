"""A sender of OTLP/HTTP for the commands: pieces of export requests come in, and are gathered into bodies of a bounded size.

A server that is busy is asked again, after as long as it says; sending a body twice is harmless, the server keeps an identical one once. A body that is
refused is sent again in parts, so that one bad record does not take its neighbours with it.
"""

from __future__ import annotations

import email.utils
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from google.protobuf.message import DecodeError as ProtobufError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTracePartialSuccess, ExportTraceServiceResponse

from spyglass.cli.endpoint import headers_of
from spyglass.cli.formats.pieces import Piece, split
from spyglass.model.body import Signal
from spyglass.model.errors import InputError, Refused

__all__ = ["BODY_BYTES", "Sender"]

BODY_BYTES: Final = 4 * 1024 * 1024
_PATIENCE_S: Final = 300.0  # how long one body is tried
_LONGEST_WAIT_S: Final = 30.0
_BUSY: Final = {408, 429, 502, 503, 504}
_BAD_BODY: Final = {400, 413, 422}


@dataclass(slots=True)
class Sent:
    """What became of the records so far."""

    accepted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)  # reason → records
    bodies: int = 0
    bytes: int = 0
    retries: int = 0


@dataclass(slots=True)
class _Body:
    """Pieces that go together."""

    pieces: list[Piece] = field(default_factory=list)
    size_bytes: int = 0

    def add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.size_bytes += len(piece.data)


class Sender:
    """Gathers and sends. `flush` sends what is left."""

    def __init__(self, endpoint: str, project: str | None = None, transport: httpx.BaseTransport | None = None) -> None:
        self.sent = Sent()
        self.sleep: Callable[[float], None] = time.sleep
        self.on_wait: Callable[[str], None] = lambda _: None  # told why and how long it waits
        self._base = endpoint.rstrip("/").removesuffix("/v1/traces").removesuffix("/v1/logs").removesuffix("/v1/metrics")
        headers = {"content-type": "application/x-protobuf", **headers_of(os.environ.get("OTEL_EXPORTER_OTLP_HEADERS", ""))}
        headers |= {"x-spyglass-project": project} if project else {}
        local = any(name in endpoint for name in ("//localhost", "//127.0.0.1", "//[::1]"))
        self._client = httpx.Client(headers=headers, timeout=60.0, trust_env=not local, transport=transport)
        self._waiting: dict[Signal, _Body] = {}

    def add(self, piece: Piece) -> None:
        """Take records; a body that is full is sent.

        Raises:
            InputError: the server does not take anything of us: wrong address, wrong key.
            Refused: it was busy for too long.
            httpx.TransportError: there is no server.
        """
        for part in split(piece, BODY_BYTES):
            body = self._waiting.setdefault(part.signal, _Body())
            if body.pieces and body.size_bytes + len(part.data) > BODY_BYTES:
                self._waiting[part.signal] = _Body()
                self._send(part.signal, body.pieces)
            self._waiting[part.signal].add(part)

    def flush(self) -> None:
        """Send what waits; errors as in `add`."""
        for signal in list(self._waiting):
            self._send(signal, self._waiting.pop(signal).pieces)

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _send(self, signal: Signal, pieces: list[Piece]) -> None:
        response = self._post(signal, b"".join(piece.data for piece in pieces))
        records = sum(piece.records for piece in pieces)
        if response.is_success:
            told = _partial_success(response)
            rejected = min(told.rejected_spans, records)
            self.sent.accepted += records - rejected
            if rejected:
                self.sent.rejected[told.error_message or "the server does not say why"] += rejected
        elif response.status_code not in _BAD_BODY:
            raise InputError(f"{response.request.url}: {_detail(response)}")
        elif len(pieces) > 1:
            middle = len(pieces) // 2
            self._send(signal, pieces[:middle])
            self._send(signal, pieces[middle:])
        else:
            self.sent.rejected[f"{pieces[0].place}: {_detail(response)}" if pieces[0].place else _detail(response)] += records

    def _post(self, signal: Signal, body: bytes) -> httpx.Response:
        """The final answer to a body."""
        deadline = time.monotonic() + _PATIENCE_S
        for attempt in range(1_000_000):
            try:
                response = self._client.post(f"{self._base}/v1/{signal}", content=body)
            except httpx.TransportError as error:
                if not self.sent.bodies:  # never seen one that answers
                    raise
                why, after_s = f"the server is away ({type(error).__name__})", None
            else:
                if response.status_code not in _BUSY:
                    break
                why, after_s = _detail(response), _retry_after_s(response)
            wait_s = after_s if after_s is not None else min(_LONGEST_WAIT_S, 0.25 * 2**attempt) * random.uniform(0.75, 1.25)  # noqa: S311
            if time.monotonic() + wait_s > deadline:
                raise Refused(f"{self._base} took nothing for {_PATIENCE_S:.0f} s: {why}")
            self.sent.retries += 1
            self.on_wait(f"{why}; again in {wait_s:.1f} s")
            self.sleep(wait_s)
        self.sent.bodies += 1
        self.sent.bytes += len(body)
        return response


def _partial_success(response: httpx.Response) -> Any:
    """The same fields whatever the signal is."""
    try:
        return ExportTraceServiceResponse.FromString(response.content).partial_success
    except ProtobufError as error:
        raise InputError(f"{response.request.url}: what answers there is no OTLP/HTTP port; say where it is with --endpoint") from error


def _detail(response: httpx.Response) -> str:
    """What a refusal says. A `google.rpc.Status` has its text where the partial success of an answer has it: in field 2."""
    media = response.headers.get("content-type", "")
    try:
        if media.startswith("application/x-protobuf"):
            return str(ExportTracePartialSuccess.FromString(response.content).error_message) or f"status {response.status_code}"
        told: Any = response.json()
        return str(told.get("message") or told["detail"])
    except (ValueError, KeyError, AttributeError, ProtobufError):
        return f"status {response.status_code}, which is no answer of OTLP/HTTP; is the address that of an OTLP/HTTP port?"


def _retry_after_s(response: httpx.Response) -> float | None:
    """Seconds that the server wants us to wait; None where it does not say."""
    text = response.headers.get("retry-after", "")
    if text.isdigit():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
