"""What a sender is told when something is wrong: one table for both protocols.

In: an error of `model.errors`, or the end of a wait. Out: an `Answer` with the status of HTTP, the code of gRPC, the text, and when to come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from spyglass.model.errors import Refused, SpyglassError

__all__ = ["FAILED", "LEFT", "STOPPING", "TOO_SLOW", "Answer", "answer_to", "problem_type", "shown"]

# Codes of gRPC: https://grpc.github.io/grpc/core/md_doc_statuscodes.html
_CODES: Final = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 408: 4, 413: 8, 415: 12, 429: 8, 503: 14}
_INVALID_ARGUMENT, _INTERNAL = 3, 13


@dataclass(frozen=True, slots=True)
class Answer:
    """One refusal. `reason` is its label in the ledger and the metrics."""

    http_status: int
    message: str
    reason: str
    retry_after_s: float | None = None

    @property
    def grpc_code(self) -> int:
        """The gRPC code with the same meaning."""
        return _CODES.get(self.http_status, _INVALID_ARGUMENT if self.http_status < HTTPStatus.INTERNAL_SERVER_ERROR else _INTERNAL)


FAILED: Final = Answer(500, "the server failed on this request; its log says why", "internal")
LEFT: Final = Answer(400, "the client left before it was answered", "client_left")
STOPPING: Final = Answer(503, "the server is stopping; send again in a moment", "stopping", retry_after_s=1.0)
TOO_SLOW: Final = Answer(408, "the request did not arrive in time (receive.read_timeout_s)", "too_slow")


def answer_to(error: SpyglassError) -> Answer:
    """The answer to an error."""
    if isinstance(error, Refused):
        reason = str(error.details.get("limit", error.code))
        return Answer(429 if error.too_fast else 503, error.message, reason, retry_after_s=error.retry_after_s)
    return Answer(error.status, error.message, error.code)


def problem_type(code: str) -> str:
    """The `type` of a problem+json answer (RFC 9457); docs/errors.md explains the code."""
    return f"urn:spyglass:error:{code}"


def shown(value: str) -> str:
    """What a sender wrote, fit for a message: quoted, on one line, and cut."""
    return repr(value if len(value) <= 80 else value[:80] + "…")
