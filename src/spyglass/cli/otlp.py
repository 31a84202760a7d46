"""A sender of OTLP for the commands, over HTTP or gRPC: pieces of export requests come in, and are gathered into bodies of a bounded size.

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
from urllib.parse import urlsplit

import httpx

from spyglass.cli.endpoint import Target, targets
from spyglass.decode.pieces import Piece, split
from spyglass.decode.wire import partial_success, status_text
from spyglass.model.body import Signal
from spyglass.model.errors import InputError, Refused

__all__ = ["BODY_BYTES", "Sender"]

BODY_BYTES: Final = 4 * 1024 * 1024
_PATIENCE_S: Final = 300.0  # how long one body is tried
_LONGEST_WAIT_S: Final = 30.0
_BUSY: Final = {408, 429, 502, 503, 504}
_BAD_BODY: Final = {400, 413, 422}
_SHOWN: Final = 500  # characters of an answer


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

    def __init__(self, endpoint: str | None, project: str | None = None, transport: httpx.BaseTransport | None = None) -> None:
        """`endpoint`: None leaves it to the environment, which also says the protocol and the headers.

        Raises:
            InputError: the environment says what cannot be understood.
        """
        self.sent = Sent()
        self.sleep: Callable[[float], None] = time.sleep
        self.on_wait: Callable[[str], None] = lambda _: None  # told why and how long it waits
        self._targets = targets(endpoint, os.environ)
        self._own = {"content-type": "application/x-protobuf"} | ({"x-spyglass-project": project} if project else {})
        local = any(target.local for target in self._targets.values())
        schemes = {urlsplit(target.url).scheme for target in self._targets.values()}
        # Certificates of authorities take 4 MB: they are read where something is to be checked, and redirections are not followed.
        self._client = httpx.Client(timeout=60.0, trust_env=not local, verify="https" in schemes, transport=transport, mounts=_mounts(schemes))
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
            told, why = _partial_success(response)
            rejected = min(told, records)
            self.sent.accepted += records - rejected
            if rejected:
                self.sent.rejected[why or "the server does not say why"] += rejected
        elif response.status_code not in _BAD_BODY or _of_another(response):
            raise InputError(f"{response.request.url}: {_detail(response)}")
        elif len(pieces) > 1:
            middle = len(pieces) // 2
            self._send(signal, pieces[:middle])
            self._send(signal, pieces[middle:])
        else:
            self.sent.rejected[f"{pieces[0].place}: {_detail(response)}" if pieces[0].place else _detail(response)] += records

    def _post(self, signal: Signal, body: bytes) -> httpx.Response:
        """The final answer to a body."""
        deadline, target = time.monotonic() + _PATIENCE_S, self._targets[signal]
        for attempt in range(1_000_000):
            try:
                response = self._client.post(_address(target, signal), content=body, headers={**target.headers, **self._own})
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
                raise Refused(f"{target.url} took nothing for {_PATIENCE_S:.0f} s: {why}")
            self.sent.retries += 1
            self.on_wait(f"{why}; again in {wait_s:.1f} s")
            self.sleep(wait_s)
        self.sent.bodies += 1
        self.sent.bytes += len(body)
        return response


def _mounts(schemes: set[str]) -> dict[str, httpx.BaseTransport | None]:
    """What carries other schemes than those of HTTP."""
    if not any(scheme.startswith("grpc") for scheme in schemes):
        return {}
    from spyglass.cli.otlp_grpc import GrpcTransport  # noqa: PLC0415 - takes 10 MB, which a watch has for itself that long

    calls = GrpcTransport()
    return {"grpc://": calls, "grpcs://": calls}


def _address(target: Target, signal: Signal) -> str:
    return f"{target.url}/v1/{signal}" if target.url.startswith("grpc") else target.url


def _partial_success(response: httpx.Response) -> tuple[int, str]:
    """Records that were rejected, and why."""
    try:
        return partial_success(response.content)
    except ValueError as error:
        raise InputError(f"{response.request.url}: what answers there is no OTLP/HTTP port; say where it is with --endpoint") from error


def _of_another(response: httpx.Response) -> bool:
    """Whether what refuses the body is no OTLP port at all, so that no part of it would fare better. What stands between may say 413."""
    return response.status_code == 400 and response.headers.get("content-type", "").startswith("text/")


def _detail(response: httpx.Response) -> str:
    """What a refusal says: in OTLP's ways, or in plain words, as a port does that is spoken to in another protocol."""
    media = response.headers.get("content-type", "")
    try:
        if media.startswith("application/x-protobuf"):
            return status_text(response.content) or f"status {response.status_code}"
        if media.startswith("text/plain") and (words := " ".join(response.text.split())):
            return f"status {response.status_code}: {words[:_SHOWN]} (is the address that of an OTLP/HTTP port?)"
        told: Any = response.json()
        return str(told.get("message") or told["detail"])
    except (ValueError, KeyError, AttributeError, TypeError):
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
