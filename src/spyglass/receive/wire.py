"""The few messages that the receivers write: export responses and `google.rpc.Status`, as protobuf and as JSON.

In: an outcome or an error. Out: bytes. Written by hand, because they have few fields; the tests read them back with the generated classes.
"""

from __future__ import annotations

import json
from typing import Any, Final

from spyglass.model.body import Encoding, Outcome, Signal
from spyglass.model.varint import varint

__all__ = ["export_response", "retry_info", "status"]

_REJECTED: Final[dict[Signal, str]] = {"traces": "rejectedSpans", "logs": "rejectedLogRecords", "metrics": "rejectedDataPoints"}
_RETRY_INFO: Final = "type.googleapis.com/google.rpc.RetryInfo"


def export_response(signal: Signal, encoding: Encoding, outcome: Outcome) -> bytes:
    """An `Export…ServiceResponse`; its `partial_success` is there when rows were rejected or there is something to say."""
    partial = outcome.rejected > 0 or bool(outcome.message)
    if encoding == "json":
        told = {_REJECTED[signal]: str(outcome.rejected), "errorMessage": outcome.message}  # proto3 JSON writes an int64 as text
        return json.dumps({"partialSuccess": told} if partial else {}).encode()
    return _bytes_field(1, _int_field(1, outcome.rejected) + _text_field(2, outcome.message)) if partial else b""


def status(encoding: Encoding, code: int, message: str, retry_after_s: float | None = None) -> bytes:
    """A `google.rpc.Status` with a gRPC code, and with `RetryInfo` when the sender may try again."""
    if encoding == "json":
        told: dict[str, Any] = {"code": code, "message": message}
        if retry_after_s is not None:
            told["details"] = [{"@type": _RETRY_INFO, "retryDelay": f"{retry_after_s:.9f}s"}]
        return json.dumps(told).encode()
    written = _int_field(1, code) + _text_field(2, message)
    if retry_after_s is not None:
        written += _bytes_field(3, _text_field(1, _RETRY_INFO) + _bytes_field(2, retry_info(retry_after_s)))
    return written


def retry_info(retry_after_s: float) -> bytes:
    """A `google.rpc.RetryInfo`, protobuf."""
    seconds, nanos = divmod(round(retry_after_s * 1e9), 10**9)
    return _bytes_field(1, _int_field(1, seconds) + _int_field(2, nanos))


def _int_field(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value) if value else b""


def _bytes_field(number: int, value: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(value)) + value


def _text_field(number: int, value: str) -> bytes:
    return _bytes_field(number, value.encode("utf-8", "replace")) if value else b""
