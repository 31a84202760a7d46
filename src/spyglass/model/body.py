"""What the receivers hand to the road, and what the road answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

__all__ = ["Body", "Outcome", "Sink"]

Signal = Literal["traces", "logs", "metrics"]
Encoding = Literal["protobuf", "json"]
Transport = Literal["http", "grpc", "runner", "demo", "server"]  # server: the server itself tells


@dataclass(frozen=True, slots=True)
class Body:
    """One export request, content encoding already undone."""

    signal: Signal
    encoding: Encoding
    data: bytes
    project: str | None = None  # from the x-spyglass-project header; else the resource decides
    client: str = ""  # address of the sender, for the ledger
    transport: Transport = "http"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a body: rows kept and rows refused, with the reason of the refused ones (OTLP partial success)."""

    accepted: int
    rejected: int = 0
    message: str = ""
    reasons: Mapping[str, int] = field(default_factory=dict)  # of the refused rows


class Sink(Protocol):
    """The start of the road. Returns when the rows are on the disk."""

    async def submit(self, body: Body) -> Outcome:
        """Keep a body.

        Raises:
            DecodeError: the body is not what it claims to be; nothing of it was kept.
            Refused: not now.
        """
