"""One HTTP exchange as it was seen passing: what was asked, what was answered, when, and whether all of it was seen.

In: heads and pieces from `http1.py` and `http2.py`. Out: `Exchange`, which the providers read when it is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from spyglass.collect.flows.bodies import Body, Form, form_of
from spyglass.collect.flows.headers import Fields, safe_target
from spyglass.collect.flows.limits import Account
from spyglass.collect.records import Actor, Endpoint

__all__ = ["Exchange", "Half", "Outcome", "Sink", "Wire"]

Outcome = Literal["complete", "cut", "incomplete"]

_WITH_JSON: Final = frozenset({"POST", "PUT", "PATCH", ""})  # empty: not known


class Half:
    """A request or a response: what of its head may be kept, and its body."""

    __slots__ = ("body", "fields", "known", "over")

    def __init__(self, account: Account) -> None:
        self.fields: Fields = {}
        self.known = False  # whether its head was seen
        self.over = False  # whether its end was seen
        self.body = Body(account)

    def length(self) -> int | None:
        """The body's size as the head says it; None where it does not."""
        told = self.fields.get("content-length", "")
        return int(told) if told.isdecimal() and len(told) < 16 and "transfer-encoding" not in self.fields else None


@dataclass(slots=True, eq=False)
class Exchange:
    """Times are nanoseconds since 1970, 0 where the moment was not seen. `outcome`: `cut`: a program hung up; `incomplete`: we did not see all."""

    actor: Actor
    client: bool  # whether the actor has sent the request
    version: Literal["1.0", "1.1", "2"]
    request: Half
    response: Half
    started_ns: int
    number: int = 0  # of the stream of HTTP/2
    method: str = ""
    path: str = ""  # without the query
    query: str = ""  # without secrets
    status: int = 0
    asked_ns: int = 0  # the request was sent
    answered_ns: int = 0  # the response began
    ended_ns: int = 0
    outcome: Outcome = "complete"
    reason: str = ""  # of an outcome that is not complete
    remote: Endpoint | None = None
    local: Endpoint | None = None
    guessed: bool = False  # the endpoints
    secure: bool = True  # over TLS
    messages: dict[str, int] = field(default_factory=dict)  # of a WebSocket: `sent`, `received`

    def ask(self, method: str, target: str, fields: Fields) -> None:
        """The request's head was seen; an empty method is one that could not be read."""
        self.method = method
        self.path, self.query = safe_target(target)
        self.request.fields, self.request.known = fields, True
        form: Form = form_of(fields.get("content-type")) if method in _WITH_JSON else "drop"
        self.request.body.begin(form, fields.get("content-encoding", "" if method else None))

    def answer(self, time_ns: int, status: int, fields: Fields) -> None:
        """The response's head was seen. Its body is kept where the question was, or where it is a stream of events that somebody listens to."""
        self.status, self.answered_ns = status, time_ns
        self.response.fields, self.response.known = fields, True
        form = form_of(fields.get("content-type"))
        body = self.response.body
        if self.request.body.form == "drop" and not self.request.body.problem and not (form == "events" and body.listener is not None):
            form = "drop"
        body.begin(form, fields.get("content-encoding", "" if "content-type" in fields else None))

    def lose(self, reason: str) -> None:
        """A part of it was not seen."""
        self.outcome, self.reason = "incomplete", self.reason or reason

    def cut(self, reason: str) -> None:
        """It ended before it was over."""
        if self.outcome == "complete":
            self.outcome, self.reason = "cut", reason

    def finish(self, time_ns: int) -> None:
        """Nothing more comes. An answer to a request whose end was not seen: the server did not wait for it, or we missed it."""
        self.ended_ns = time_ns
        self.response.body.end(time_ns)
        if self.response.over and not self.request.over:
            self.request.body.stop("request_unfinished")
            self.lose("request_unfinished")

    @property
    def host(self) -> str:
        """Who was asked, as the request says it: `host` or `host:port`; empty where it was not seen."""
        return self.request.fields.get(":authority") or self.request.fields.get("host", "")

    def release(self) -> None:
        """Give the memory of both bodies back."""
        self.request.body.release()
        self.response.body.release()


class Wire(Protocol):
    """Reads one connection, both directions, without taking part in it. `asking` is the direction of the requests. Raises nothing on any bytes."""

    def feed(self, time_ns: int, asking: bool, data: bytes) -> None:
        """The next bytes of a direction."""

    def hole(self, time_ns: int, asking: bool, size: int | None) -> None:
        """Bytes of a direction were lost, so many if it is known."""

    def end(self, time_ns: int) -> None:
        """The connection is over."""

    def drop(self) -> None:
        """Give back what is held."""


class Sink(Protocol):
    """What a wire hands its exchanges to."""

    def open(self, time_ns: int, version: Literal["1.0", "1.1", "2"], number: int = 0) -> Exchange:
        """A new exchange of this connection."""

    def answering(self, exchange: Exchange) -> None:
        """The response's head is about to be taken: the last moment to set a listener."""

    def close(self, exchange: Exchange) -> None:
        """It is over, and its outcome is set."""

    def switch(self, exchange: Exchange, close: Callable[[int], None]) -> Wire:
        """From here on the connection speaks what the exchange agreed on. `close` ends the exchange."""
