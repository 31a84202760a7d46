"""Why a body is refused: the reasons of decode as errors, each with a stable `details["reason"]` that counters use as label."""

from __future__ import annotations

from google.protobuf.message import DecodeError as ProtobufError

from spyglass.decode.rules import DEEPEST, REPEATED_LIMIT
from spyglass.decode.wire import REQUESTS
from spyglass.model.body import Signal
from spyglass.model.errors import DecodeError

__all__ = ["from_upb", "json_malformed", "json_type", "repeats_too_much", "too_deep"]


def from_upb(signal: Signal, error: ProtobufError) -> DecodeError:
    """What upb said about a body, in our words."""
    text = str(error)
    if "UTF-8" in text:
        return _refusal(signal, "invalid_utf8", "a string holds invalid UTF-8; send such data as bytes_value")
    if "MaxDepth" in text:
        return too_deep(signal)
    return _refusal(signal, "malformed", "not a valid protobuf message (cut off, or of another type); check the path and the content type")


def too_deep(signal: Signal) -> DecodeError:
    """A value holds more lists in lists than anybody means."""
    return _refusal(signal, "too_deep", f"a value is nested too deep; at most {DEEPEST} levels are read")


def repeats_too_much(signal: Signal, size: int) -> DecodeError:
    """A large resource, scope or metric header over very many records: a small body that would fill the memory."""
    text = f"resource, scope and metric fields would be repeated to {size} bytes, at most {REPEATED_LIMIT}; send fewer records per body"
    return _refusal(signal, "repeats_too_much", text)


def json_malformed(signal: Signal, problem: str) -> DecodeError:
    """Text that is not JSON."""
    return _refusal(signal, "malformed_json", f"not valid JSON: {problem}")


def json_type(signal: Signal, path: str, found: str, wanted: str) -> DecodeError:
    """JSON of another shape than OTLP/JSON; `path` is the place, such as `$.resourceSpans[0].schemaUrl`."""
    return _refusal(signal, "wrong_type", f"{path}: expected {wanted}, got {found}")


def _refusal(signal: Signal, reason: str, text: str) -> DecodeError:
    return DecodeError(f"{REQUESTS[signal].DESCRIPTOR.name}: {text}", reason=reason)
