"""What OTLP is called here: signals, their requests, and the columns which decode fills."""

from __future__ import annotations

from itertools import takewhile
from typing import Any, Final

import pyarrow as pa
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from spyglass.model.body import Signal
from spyglass.model.schema import CANONICAL, SCHEMAS, Kind

__all__ = ["KINDS", "RECORDS", "REQUESTS", "WIRE", "Request", "parse_request"]

Request = Any  # an Export*ServiceRequest; the generated classes have no types

KINDS: Final[dict[Signal, Kind]] = {"traces": Kind.SPAN, "logs": Kind.EVENT, "metrics": Kind.POINT}
RECORDS: Final[dict[Signal, str]] = {"traces": "spans", "logs": "log records", "metrics": "data points"}
REQUESTS: Final[dict[Signal, Any]] = {
    "traces": ExportTraceServiceRequest,
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
}

_CANONICAL: Final = {name for name, _ in CANONICAL}
# The wire columns stand first; refine adds all from the first canonical one on.
WIRE: Final[dict[Kind, pa.Schema]] = {kind: pa.schema(list(takewhile(lambda field: field.name not in _CANONICAL, schema))) for kind, schema in SCHEMAS.items()}


def parse_request(signal: Signal, data: bytes) -> Request:
    """The request message of a body.

    Raises:
        google.protobuf.message.DecodeError: upb refuses it; `refusal.from_upb` makes it ours.
    """
    return REQUESTS[signal].FromString(data)
