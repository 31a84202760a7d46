"""Our own counters, shown at `GET /metrics`. Never fed back into ourselves."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

__all__ = [
    "BUS_DROPPED",
    "DROPPED",
    "LOG_DUPLICATES",
    "LOG_FLUSH",
    "LOG_LAG",
    "LOG_REFUSED",
    "LOG_ROWS",
    "LOG_UNCONSUMED",
    "LOG_UNREADABLE",
    "UNNORMALISED",
]

DROPPED = Counter("spyglass_dropped", "Rows that were not kept, by the room that dropped them and why", ["room", "reason"])

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
