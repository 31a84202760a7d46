"""Why a body is refused: the reasons of decode as errors, each with a stable `details["reason"]` that counters use as label."""

from __future__ import annotations

from google.protobuf.message import DecodeError as ProtobufError

from spyglass.decode.limits import DepthError, LargeValueError, LimitError, ManyError, SlowError
from spyglass.decode.rules import DEEPEST, LARGEST, MOST, REPEATED_LIMIT, SLOWEST
from spyglass.decode.wire import REQUESTS
from spyglass.model.body import Signal
from spyglass.model.errors import DecodeError

__all__ = ["from_limit", "from_upb", "json_malformed", "json_type"]


def from_upb(signal: Signal, error: ProtobufError) -> DecodeError:
    """What upb said about a body, in our words."""
    text = str(error)
    if "UTF-8" in text:
        return _refusal(signal, "invalid_utf8", "a string holds invalid UTF-8; send such data as bytes_value")
    if "MaxDepth" in text:
        return from_limit(signal, DepthError())
    return _refusal(signal, "malformed", "not a valid protobuf message (cut off, or of another type); check the path and the content type")


def from_limit(signal: Signal, error: LimitError) -> DecodeError:
    """A body that would cost too much."""
    match error:
        case DepthError():
            return _refusal(signal, "too_deep", f"a value is nested too deep; at most {DEEPEST} levels are read")
        case LargeValueError():
            return _refusal(signal, "value_too_large", f"a list has {error.size} bytes, at most {LARGEST} are read; send it as a string")
        case SlowError():
            return _refusal(signal, "unusual", f"legal but unusual protobuf; of this at most {SLOWEST} bytes are read, got {error.size}; send smaller batches")
        case ManyError():
            return _refusal(signal, "too_many", f"{error.size} records or lists, at most {MOST} are taken; send smaller batches")
    text = f"resource, scope and metric fields would be repeated to {error.size} bytes, at most {REPEATED_LIMIT}; send smaller batches"
    return _refusal(signal, "repeats_too_much", text)


def json_malformed(signal: Signal, problem: str) -> DecodeError:
    """Text that is not JSON."""
    return _refusal(signal, "malformed_json", f"not valid JSON: {problem}")


def json_type(signal: Signal, path: str, found: str, wanted: str) -> DecodeError:
    """JSON of another shape than OTLP/JSON; `path` is the place, such as `$.resourceSpans[0].schemaUrl`."""
    return _refusal(signal, "wrong_type", f"{path}: expected {wanted}, got {found}")


def _refusal(signal: Signal, reason: str, text: str) -> DecodeError:
    return DecodeError(f"{REQUESTS[signal].DESCRIPTOR.name}: {text}", reason=reason)
