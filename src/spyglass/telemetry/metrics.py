"""Our own counters, shown at `GET /metrics`. Never fed back into ourselves."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = [
    "ALERTS_CHANGED",
    "ALERTS_WITHHELD",
    "ALERT_ACTIONS",
    "ALERT_DELIVERIES",
    "ALERT_EVALUATIONS",
    "ALERT_HELD",
    "ALERT_ROUND",
    "ALERT_WAITING",
    "ANALYSIS_PASSED_OVER",
    "ANALYZER_FAILURES",
    "ANALYZER_FINDINGS",
    "ANALYZER_MISSED",
    "ANALYZER_ROWS",
    "ANALYZER_SECONDS",
    "ANALYZER_SHADOW",
    "API_FAILED",
    "BUS_DROPPED",
    "DECODE_FALLBACKS",
    "DECODE_REFUSED",
    "DEMOS",
    "DROPPED",
    "EXECUTIONS_FORGOTTEN",
    "EXECUTIONS_OPEN",
    "EXECUTIONS_TOLD",
    "LOG_DUPLICATES",
    "LOG_FLUSH",
    "LOG_LAG",
    "LOG_REFUSED",
    "LOG_ROWS",
    "LOG_UNCONSUMED",
    "LOG_UNREADABLE",
    "MESSAGES",
    "PERIODIC_RUNS",
    "PERIODIC_SECONDS",
    "PIECES",
    "PRICED",
    "RECEIVED_BYTES",
    "RECEIVED_REQUESTS",
    "RECEIVED_ROWS",
    "RECEIVE_REFUSED",
    "REDACTED",
    "REGISTRY_SKIPPED",
    "ROAD_REFUSED",
    "RUNNER_CRASHES",
    "RUNNER_DROPPED",
    "RUNNER_RECORDS",
    "RUNNER_WAITS",
    "STAGE_FAILURES",
    "STAGE_ROWS",
    "STAGE_SECONDS",
    "STORED_ROWS",
    "STORE_COMMIT",
    "STORE_FAILURES",
    "STORE_HANDLES_REPLACED",
    "STORE_RETRIES",
    "STREAM_DROPPED",
    "STREAM_FORGOTTEN",
    "STREAM_FRAMES",
    "STREAM_VIEWERS",
    "SUMS_TOO_LATE",
    "UNNORMALISED",
    "UNTOLD",
    "WRONG_PROTOCOL",
]

DROPPED = Counter("spyglass_dropped", "Rows that were not kept, by the room that dropped them and why", ["room", "reason"])

DECODE_REFUSED = Counter("spyglass_decode_refused_bodies", "Bodies that could not be decoded, and why", ["signal", "reason"])
DECODE_FALLBACKS = Counter("spyglass_decode_fallback_bodies", "Bodies decoded row by row, because decoding them as columns failed", ["signal", "reason"])
BUS_DROPPED = Counter("spyglass_bus_dropped", "Rows a live subscriber did not get, and why", ["subscriber", "reason"])
LOG_ROWS = Counter("spyglass_log_rows", "Rows kept by the durable log", ["kind"])
LOG_DUPLICATES = Counter("spyglass_log_duplicates", "Appends not written, because the log had their bodies already")
LOG_REFUSED = Counter("spyglass_log_refused", "Appends the durable log refused, and why", ["reason"])
LOG_UNREADABLE = Counter("spyglass_log_unreadable", "Entries of the durable log that were skipped, and why", ["reason"])
LOG_FLUSH = Histogram(
    "spyglass_log_flush_seconds",
    "One write and flush of the durable log",
    buckets=[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
)
LOG_UNCONSUMED = Gauge("spyglass_log_unconsumed_bytes", "Bytes of the durable log that some cursor has not passed")
LOG_LAG = Gauge("spyglass_log_lag_entries", "Entries that a cursor has not passed", ["cursor"])
UNNORMALISED = Counter("spyglass_unnormalised_rows", "Rows kept without canonical columns, because normalising them failed", ["kind"])
REDACTED = Counter("spyglass_redacted", "Secrets replaced before anything was kept, by what they are", ["pattern"])
MESSAGES = Counter("spyglass_messages", "Messages of model calls, by what became of them", ["outcome"])
PIECES = Counter("spyglass_pieces", "Pieces of the states of snapshots, by what became of them: told, or seen before today", ["outcome"])
PRICED = Counter("spyglass_priced_rows", "Model calls by where their cost comes from", ["source"])
STAGE_ROWS = Counter("spyglass_stage_rows", "Rows of a stage of refine: in, out, dropped", ["stage", "direction"])
STAGE_SECONDS = Counter("spyglass_stage_seconds", "Seconds spent in a stage of refine", ["stage"])
STAGE_FAILURES = Counter("spyglass_stage_failures", "Batches on which a stage of refine failed, and what became of them", ["stage", "outcome"])
STORE_FAILURES = Counter("spyglass_store_failures", "Calls of the store that failed, by what was called and the code of the error", ["operation", "reason"])
STORED_ROWS = Counter("spyglass_stored_rows", "Rows committed to the store", ["table"])
STORE_RETRIES = Counter("spyglass_store_retries", "Commits that were tried again", ["reason"])
STORE_COMMIT = Histogram("spyglass_store_commit_seconds", "Time of one commit", buckets=[0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30])
UNTOLD = Counter("spyglass_untold_batches", "Commits whose calls could not be told from their records, which are kept", ["source"])
STORE_HANDLES_REPLACED = Counter("spyglass_store_handles_replaced", "Handles to the store that were closed after an error", ["pool"])
RECEIVED_REQUESTS = Counter("spyglass_received_requests", "Requests of senders, whatever became of them", ["transport"])
RECEIVED_BYTES = Counter("spyglass_received_bytes", "Bytes of request bodies as sent", ["transport"])
RECEIVED_ROWS = Counter("spyglass_received_rows", "Rows in bodies that were kept: accepted, or rejected as partial success", ["signal", "outcome"])
RECEIVE_REFUSED = Counter("spyglass_receive_refused_requests", "Requests of which nothing was kept, and why", ["transport", "reason"])
API_FAILED = Counter(
    "spyglass_api_failed_requests", "Requests to the API that were not answered for the time being (429, 503), or failed (500), and why", ["status", "reason"]
)
ROAD_REFUSED = Counter("spyglass_road_refused_bodies", "Bodies that were well formed and could not be kept, and why", ["signal", "reason"])
WRONG_PROTOCOL = Counter("spyglass_wrong_protocol_connections", "Connections that spoke another protocol than their port does", ["port", "spoken"])
ANALYSIS_PASSED_OVER = Counter("spyglass_analysis_passed_over_rows", "Rows that came faster than analyzers could look; they read them from the store later")
ANALYZER_ROWS = Counter("spyglass_analyzer_rows", "Rows that analyzers have seen", ["analyzer"])
ANALYZER_OLD = Counter("spyglass_analyzer_old_rows", "Rows that analyzers of what is new were not shown: they happened long before they arrived", ["analyzer"])
ANALYZER_MISSED = Counter("spyglass_analyzer_missed_rows", "Rows that an analyzer was not shown, because it rests or is too slow", ["analyzer", "reason"])
ANALYZER_SECONDS = Counter("spyglass_analyzer_seconds", "Time that analyzers took", ["analyzer"])
ANALYZER_FINDINGS = Counter("spyglass_analyzer_findings", "What analyzers have found", ["analyzer", "rule", "severity"])
ANALYZER_SHADOW = Counter("spyglass_analyzer_shadow", "Windows that a model in the shadow, our own rules, or both would have told", ["analyzer", "verdict"])
ANALYZER_FAILURES = Counter("spyglass_analyzer_failures", "Batches on which an analyzer failed, by the type of the error", ["analyzer", "reason"])
ALERTS_CHANGED = Counter("spyglass_alerts_changed", "Alerts that began to fire, came back, became worse or were resolved", ["step"])
ALERTS_WITHHELD = Counter("spyglass_alerts_withheld", "Alerts that a rule would have raised beyond its bound")
ALERT_EVALUATIONS = Counter("spyglass_alert_evaluations", "Evaluations of alert rules, by how they ended", ["outcome"])
ALERT_HELD = Counter("spyglass_alert_held", "Alerts that were not told when their group was, and why", ["reason"])
ALERT_DELIVERIES = Counter("spyglass_alert_deliveries", "Attempts to deliver notices, by the kind of channel and how they ended", ["kind", "outcome"])
ALERT_ACTIONS = Counter("spyglass_alert_actions", "What policies did about alerts, would have done, or were kept from doing", ["kind", "state"])
ALERT_WAITING = Gauge("spyglass_alert_deliveries_waiting", "Notices that wait for their channel")
ALERT_ROUND = Histogram("spyglass_alert_round_seconds", "One look at all that is due: rules, groups", buckets=[0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10])
PERIODIC_RUNS = Counter("spyglass_periodic_runs", "Work that the server does again and again, by how it ended", ["work", "outcome"])
PERIODIC_SECONDS = Histogram("spyglass_periodic_seconds", "How long one round of such work takes", ["work"])
SUMS_TOO_LATE = Counter("spyglass_sums_too_late_minutes", "Minutes that were not added up again, because records of their day are kept no longer")
REGISTRY_SKIPPED = Counter("spyglass_registry_skipped", "What agents told or showed of themselves that the registry did not take up, and why", ["reason"])
RUNNER_RECORDS = Counter("spyglass_runner_records", "What runners have seen, and records of theirs that were kept", ["runner", "outcome"])
RUNNER_DROPPED = Counter("spyglass_runner_dropped", "What runners have seen that was not told or not kept, and why", ["runner", "reason"])
RUNNER_CRASHES = Counter("spyglass_runner_crashes", "Runners that ended with an error and are started again, by its type", ["runner", "reason"])
RUNNER_WAITS = Counter("spyglass_runner_waits", "How often a runner had to wait with its records, and why", ["runner", "reason"])
DEMOS = Counter("spyglass_demos", "Demos that the server told itself, by how they ended", ["outcome"])
STREAM_VIEWERS = Gauge("spyglass_stream_viewers", "Live viewers that are connected")
STREAM_FRAMES = Counter("spyglass_stream_frames", "Frames given to live viewers")
STREAM_FORGOTTEN = Counter(
    "spyglass_stream_forgotten_spans", "Spans in which live searches with `under` and the like look for relatives no longer, and why", ["reason"]
)
STREAM_DROPPED = Counter("spyglass_stream_dropped_frames", "Frames a live viewer wanted and did not get, and why", ["reason"])
EXECUTIONS_OPEN = Gauge("spyglass_executions_open", "Executions that go on, as far as their silence is watched")
EXECUTIONS_TOLD = Counter("spyglass_executions_told", "What was told of the silence of executions", ["verdict"])
EXECUTIONS_FORGOTTEN = Counter("spyglass_executions_forgotten", "Executions whose silence is watched no longer, though they may go on, and why", ["reason"])
