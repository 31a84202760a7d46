"""OTLP/JSON → OTLP protobuf bytes, so that both encodings share one road afterwards.

Liberal where senders differ: hexadecimal ids in either case (or base64), enums as numbers or names, integers as numbers or strings, doubles as
numbers or `"NaN"`, `"Infinity"`, snake_case names, standard and URL-safe base64; null fields, null list items and unknown fields are skipped.
Anything else of a wrong type is refused with its JSON path.
"""

from __future__ import annotations

import json

import orjson

from spyglass.decode import json_documents, json_structs, refusal
from spyglass.decode.json_documents import any_value
from spyglass.decode.json_scalars import ShapeError
from spyglass.decode.limits import DepthError
from spyglass.decode.wire import REQUESTS
from spyglass.model.body import Signal

__all__ = ["any_value", "to_protobuf"]


def to_protobuf(signal: Signal, data: bytes) -> bytes:
    """The export request which the JSON text says, as protobuf bytes.

    Raises:
        DecodeError: it is not JSON, not OTLP/JSON, or nested too deep.
    """
    descriptor = REQUESTS[signal].DESCRIPTOR
    try:
        return json_structs.request(descriptor)(data)
    except json_structs.UnusualError:
        return _walked(signal, data)
    except DepthError as error:
        raise refusal.from_limit(signal, error) from error


def _walked(signal: Signal, data: bytes) -> bytes:
    document = _parse(signal, data)
    try:
        return json_documents.message(REQUESTS[signal].DESCRIPTOR)(document)
    except DepthError as error:
        raise refusal.from_limit(signal, error) from error
    except ShapeError as error:
        raise refusal.json_type(signal, error.where(), _type_name(error.found), error.wanted) from error


def _parse(signal: Signal, data: bytes) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        if b"NaN" not in data and b"Infinity" not in data:
            raise refusal.json_malformed(signal, str(error)) from error
    try:  # bare NaN and Infinity are no JSON, but Python and JavaScript senders write them
        return json.loads(data)
    except RecursionError as error:
        raise refusal.from_limit(signal, DepthError()) from error
    except ValueError as error:
        raise refusal.json_malformed(signal, str(error)) from error


def _type_name(value: object) -> str:
    if isinstance(value, str):
        return "a string"  # never its text: it may be a prompt
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "null"
