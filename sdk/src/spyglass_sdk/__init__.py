"""Send what your agents do to Spyglass, on OpenTelemetry.

In: a call of `init`, and what you decorate or tell. Out: spans, log records and metrics of this process, delivered over OTLP/HTTP. Nothing here raises into
your program or holds it up: a fault of ours becomes one warning of the logger `spyglass_sdk`, and a count in `status()`.
"""

from spyglass_sdk import memory
from spyglass_sdk.api import Api, FetchError
from spyglass_sdk.collector import TelemetryCollector
from spyglass_sdk.configuration import Configuration, configuration
from spyglass_sdk.emitter import Event, EventEmitter
from spyglass_sdk.events import emit
from spyglass_sdk.execution import Execution, snapshot
from spyglass_sdk.executions import (
    complete_agent_execution,
    create_agent_execution,
    execution,
    fail_agent_execution,
    record_execution_step,
    start_agent_execution,
    track_execution,
)
from spyglass_sdk.exporters import CSVExporter, JSONExporter, OTLPExporter, PrometheusExporter, WebhookExporter
from spyglass_sdk.feedback import business_metric, score, session_of, span_of, task_completion, user_satisfaction
from spyglass_sdk.logs import LogHandler, StructuredLogger, get_logger, send_logging
from spyglass_sdk.memory import Memory
from spyglass_sdk.metrics import Counter, Gauge, Histogram, MetricsRegistry, Summary
from spyglass_sdk.monitor import AgentMetrics, AIAgentMonitor, quick_register_agent, quick_update_metrics
from spyglass_sdk.observation import Observation, current, observation
from spyglass_sdk.observe import observe
from spyglass_sdk.performance import PerformanceMonitor
from spyglass_sdk.pipeline import flush, init, shutdown, status
from spyglass_sdk.propagate import bind, continue_from, environment, inject, inject_a2a, inject_mcp
from spyglass_sdk.recording import Recording, recording_of
from spyglass_sdk.replay import Replay, ReplayError, replay, state_of
from spyglass_sdk.stops import ExecutionStopped
from spyglass_sdk.tally import Delivery
from spyglass_sdk.timing import timed_operation, traced_operation
from spyglass_sdk.untyped import Placeholder, UnreadableError
from spyglass_sdk.who import set_agent, set_session, set_tags, set_user, who

__all__ = [
    "AIAgentMonitor",
    "AgentMetrics",
    "Api",
    "CSVExporter",
    "Configuration",
    "Counter",
    "Delivery",
    "Event",
    "EventEmitter",
    "Execution",
    "ExecutionStopped",
    "FetchError",
    "Gauge",
    "Histogram",
    "JSONExporter",
    "LogHandler",
    "Memory",
    "MetricsRegistry",
    "OTLPExporter",
    "Observation",
    "PerformanceMonitor",
    "Placeholder",
    "PrometheusExporter",
    "Recording",
    "Replay",
    "ReplayError",
    "StructuredLogger",
    "Summary",
    "TelemetryCollector",
    "UnreadableError",
    "WebhookExporter",
    "bind",
    "business_metric",
    "complete_agent_execution",
    "configuration",
    "continue_from",
    "create_agent_execution",
    "current",
    "emit",
    "environment",
    "execution",
    "fail_agent_execution",
    "flush",
    "get_logger",
    "init",
    "inject",
    "inject_a2a",
    "inject_mcp",
    "memory",
    "observation",
    "observe",
    "quick_register_agent",
    "quick_update_metrics",
    "record_execution_step",
    "recording_of",
    "replay",
    "score",
    "send_logging",
    "session_of",
    "set_agent",
    "set_session",
    "set_tags",
    "set_user",
    "shutdown",
    "snapshot",
    "span_of",
    "start_agent_execution",
    "state_of",
    "status",
    "task_completion",
    "timed_operation",
    "traced_operation",
    "track_execution",
    "user_satisfaction",
    "who",
]
