"""The door to ptars (Rust: protobuf → Arrow). Bodies in, one nested list column out; nothing else knows ptars.

ptars is given OTLP's own descriptors with one change: every KeyValue and AnyValue is declared as `bytes`. Parsing them is most of the
work, and `keyvalues` does it faster, with upb's meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from spyglass.decode.wire import REQUESTS
from spyglass.model.body import Signal

try:
    import ptars
except ImportError:  # no wheel for this platform
    ptars = None  # type: ignore[assignment]

__all__ = ["AVAILABLE", "ParseError", "parse"]

AVAILABLE: Final = ptars is not None

_RAW: Final = (".KeyValue", ".AnyValue")


class ParseError(ValueError):
    """ptars did not take the bodies."""


def parse(signal: Signal, bodies: Sequence[bytes]) -> pa.Array:
    """One list per body: of its resource_spans, resource_logs or resource_metrics.

    Raises:
        ParseError: at least one of the bodies is bad, or ptars failed.
    """
    try:
        column = _handler(signal).list_to_record_batch([bytes(body) for body in bodies]).column(0)
    except Exception as error:
        raise ParseError(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's panic is no Exception
            raise
        raise ParseError(f"panic: {error}") from error
    return column


@lru_cache(maxsize=3)
def _handler(signal: Signal) -> Any:
    descriptor = REQUESTS[signal].DESCRIPTOR
    pool = DescriptorPool()
    for file in _files(descriptor.file, set()):
        pool.Add(_truncated(file))
    message = pool.FindMessageTypeByName(descriptor.full_name)
    return ptars.HandlerPool([message.file]).get_for_message(message)


def _files(file: FileDescriptor, seen: set[str]) -> Iterator[FileDescriptor]:
    """A file after the files it needs."""
    for needed in file.dependencies:
        if needed.name not in seen:
            yield from _files(needed, seen)
    seen.add(file.name)
    yield file


def _truncated(file: FileDescriptor) -> FileDescriptorProto:
    proto = FileDescriptorProto()
    file.CopyToProto(proto)
    del proto.service[:]
    for message in _messages(proto.message_type):
        for field in message.field:
            if field.type_name.endswith(_RAW):
                field.type = FieldDescriptorProto.TYPE_BYTES
                field.ClearField("type_name")
    return proto


def _messages(messages: Any) -> Iterator[DescriptorProto]:
    for message in messages:
        yield message
        yield from _messages(message.nested_type)
