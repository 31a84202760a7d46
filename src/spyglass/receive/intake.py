"""What both protocols do with a request: who sends it, may he, how much, and what became of it.

In: the head of a request, then its bytes, from `http.py` or `grpc.py`. Out: a `Body` for the sink, and every end of a request in the ledger and the metrics.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self

import structlog

from spyglass.model.body import Body, Encoding, Outcome, Signal, Sink
from spyglass.model.clock import Clock
from spyglass.model.errors import InputError, Refused, SpyglassError
from spyglass.receive.answers import FAILED, STOPPING, TOO_SLOW, Answer, answer_to, shown
from spyglass.receive.keys import Keys
from spyglass.receive.ledger import Ledger
from spyglass.receive.limits import InFlight, Limits
from spyglass.receive.rate import Rates
from spyglass.telemetry.metrics import RECEIVE_REFUSED, RECEIVED_BYTES, RECEIVED_REQUESTS, RECEIVED_ROWS

__all__ = ["Head", "Intake", "Visit"]

log = structlog.get_logger()

_PROJECT: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")


@dataclass(frozen=True, slots=True)
class Head:
    """What a request says before its body."""

    transport: Literal["http", "grpc"]
    client: str  # address of the sender, without its port
    authorization: str | None = None
    api_key: str | None = None
    project: str | None = None


class Intake:
    """The door to the sink: one for all ports, so that their limits are common."""

    def __init__(self, sink: Sink, limits: Limits, keys: Keys, ledger: Ledger, clock: Clock, in_flight: InFlight | None = None) -> None:
        self.limits = limits
        self.ledger = ledger
        self.in_flight = in_flight or InFlight(limits.max_in_flight_bytes)
        self.sink = sink
        self.keys = keys
        self.rates = Rates(limits, clock)

    def visit(self, head: Head) -> Visit:
        """One request; nothing of it is checked yet."""
        return Visit(self, head)


class Visit:
    """One request from its head to its answer: `with intake.visit(head) as visit`, which lets go of all that the request held."""

    __slots__ = ("_account", "_head", "_intake", "_sender", "hold")

    def __init__(self, intake: Intake, head: Head) -> None:
        self._intake = intake
        self._head = head
        self._sender = head.project or head.client
        self._account = intake.ledger.account(head.client, None)
        self.hold = intake.in_flight.hold()

    def __enter__(self) -> Self:
        self.hold.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.hold.__exit__(kind, error, trace)
        self._account.requests += 1
        RECEIVED_REQUESTS.labels(self._head.transport).inc()

    def admit(self) -> None:
        """Check the head, before any byte of the body is read.

        Raises:
            Unauthorized: a key is required.
            InputError: the project is not a name.
            Refused: the sender is too fast.
        """
        head = self._head
        self._intake.keys.check(head.authorization, head.api_key)
        if head.project is not None and not _PROJECT.fullmatch(head.project):
            raise InputError(f"x-spyglass-project: expected 1 to 128 letters, digits, dots, dashes and underscores, got {shown(head.project)}")
        self._account = self._intake.ledger.account(head.client, head.project)
        self._intake.rates.admit(self._sender)

    def take(self, size_bytes: int) -> None:
        """Count bytes as sent.

        Raises:
            Refused: all requests together hold too much.
        """
        self._account.bytes += size_bytes
        RECEIVED_BYTES.labels(self._head.transport).inc(size_bytes)
        self._intake.rates.charge(self._sender, size_bytes)
        self.hold.grow(size_bytes)

    async def submit(self, signal: Signal, encoding: Encoding, data: bytes) -> Outcome:
        """Hand the body to the sink, unless it is empty.

        Raises:
            DecodeError: the body is not what it claims to be.
            Refused: the sink says so, or takes too long.
        """
        if not data:
            return Outcome(0)
        timeout_s = self._intake.limits.keep_timeout_s
        head = self._head
        try:
            async with asyncio.timeout(timeout_s):
                outcome = await self._intake.sink.submit(Body(signal, encoding, data, head.project, head.client, head.transport))
        except TimeoutError as error:
            raise Refused(f"the body was not kept within {timeout_s:g} s (receive.keep_timeout_s); send it again", limit="keep_timeout") from error
        self._account.accepted_rows += outcome.accepted
        self._account.rejected_rows += outcome.rejected
        RECEIVED_ROWS.labels(signal, "accepted").inc(outcome.accepted)
        RECEIVED_ROWS.labels(signal, "rejected").inc(outcome.rejected)
        return outcome

    def fail(self, error: BaseException) -> Answer:
        """The answer to whatever ended the request; counted, and logged where it is our fault."""
        match error:
            case SpyglassError():
                answer = answer_to(error)
            case TimeoutError():
                answer = TOO_SLOW
            case asyncio.CancelledError():
                answer = STOPPING
            case _:
                log.error("request failed", transport=self._head.transport, client=self._head.client, exc_info=error)
                answer = FAILED
        self.refuse(answer)
        return answer

    def refuse(self, answer: Answer) -> None:
        """Count a request of which nothing was kept."""
        self._account.refused[answer.reason] = self._account.refused.get(answer.reason, 0) + 1
        RECEIVE_REFUSED.labels(self._head.transport, answer.reason).inc()
