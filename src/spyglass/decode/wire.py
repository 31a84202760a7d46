"""What OTLP is called here: signals and their requests. Senders use it, too: it needs no columns."""

from __future__ import annotations

from typing import Any, Final

from google.protobuf.message import DecodeError as ProtobufError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from spyglass.model.body import Signal

__all__ = ["RECORDS", "REQUESTS", "Request", "Span", "parse_request", "partial_success", "status_text"]

Request = Any  # an Export*ServiceRequest; the generated classes have no types

RECORDS: Final[dict[Signal, str]] = {"traces": "spans", "logs": "log records", "metrics": "data points"}
REQUESTS: Final[dict[Signal, Any]] = {
    "traces": ExportTraceServiceRequest,
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
}


def parse_request(signal: Signal, data: bytes) -> Request:
    """The request message of a body.

    Raises:
        google.protobuf.message.DecodeError: upb refuses it; `refusal.from_upb` makes it ours.
    """
    return REQUESTS[signal].FromString(data)


def partial_success(data: bytes) -> tuple[int, str]:
    """How many records the answer to an export says were rejected, and why. The fields are the same for every signal.

    Raises:
        ValueError: it is no answer to an export.
    """
    try:
        told = ExportTraceServiceResponse.FromString(data).partial_success
    except ProtobufError as error:
        raise ValueError("no answer to an export") from error
    return int(told.rejected_spans), str(told.error_message)


def status_text(data: bytes) -> str:
    """What a `google.rpc.Status` says: its text is where a partial success has its own, in field 2.

    Raises:
        ValueError: it is none.
    """
    try:
        return str(ExportTracePartialSuccess.FromString(data).error_message)
    except ProtobufError as error:
        raise ValueError("no status") from error
