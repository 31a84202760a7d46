"""The messages that the receivers write, read back with the generated classes."""

from __future__ import annotations

from google.protobuf import json_format
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from spyglass.model.body import Outcome
from spyglass.receive import wire

RESPONSES = {
    "traces": (ExportTraceServiceResponse, "rejected_spans"),
    "logs": (ExportLogsServiceResponse, "rejected_log_records"),
    "metrics": (ExportMetricsServiceResponse, "rejected_data_points"),
}
signals = st.sampled_from(sorted(RESPONSES))


@given(signals, st.integers(0, 2**40), st.text())
def test_an_export_response_reads_back_in_both_encodings(signal, rejected, message):
    """Protobuf and JSON say the same, whatever the numbers and texts."""
    kind, field = RESPONSES[signal]
    outcome = Outcome(1, rejected, message)
    binary = kind.FromString(wire.export_response(signal, "protobuf", outcome))
    text = json_format.Parse(wire.export_response(signal, "json", outcome), kind())
    for read in (binary, text):
        assert read.HasField("partial_success") == bool(rejected or message)
        assert (getattr(read.partial_success, field), read.partial_success.error_message) == (rejected, message)


@given(st.integers(0, 16), st.text(), st.none() | st.floats(0, 1e6))
def test_a_status_reads_back_in_both_encodings(code, message, retry_after_s):
    """Code, text, and the time to wait, to the nanosecond."""
    binary = Status.FromString(wire.status("protobuf", code, message, retry_after_s))
    text = json_format.Parse(wire.status("json", code, message, retry_after_s), Status())
    for read in (binary, text):
        assert (read.code, read.message, len(read.details)) == (code, message, int(retry_after_s is not None))
        if retry_after_s is not None:
            info = RetryInfo()
            assert read.details[0].Unpack(info)
            assert abs(info.retry_delay.ToNanoseconds() - retry_after_s * 1e9) <= 1 + retry_after_s * 1e-6


def test_full_success_is_an_empty_message():
    """The specification wants partial_success unset then."""
    assert wire.export_response("traces", "protobuf", Outcome(5)) == b""
    assert wire.export_response("traces", "json", Outcome(5)) == b"{}"
