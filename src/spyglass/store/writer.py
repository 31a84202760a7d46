"""Writer: the log's entries become rows of the store, exactly once.

In: claims of the log (consecutive entries with a token that stays the same after a crash). Out: inserts under that token, so that a claim which is
handed out again after a kill -9 changes nothing, in the roll-ups neither (facts: the token covers dependent views too).

At once when idle, else about once in `interval_s`: tiny inserts cost far more than large ones. A store that is away or full is tried again and again,
slower and slower; the log buffers meanwhile, and refuses when it is full.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final, Protocol

import pyarrow as pa
import structlog
from prometheus_client import Counter, Histogram

from spyglass.model.batch import Batch
from spyglass.model.clock import Clock
from spyglass.model.errors import SpyglassError
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Claim, Cursor
from spyglass.store.calls import calls_of_events
from spyglass.store.rows import message_rows, span_rows
from spyglass.store.said import SaidTools
from spyglass.store.settle import Settler
from spyglass.store.sqlfiles import load

__all__ = ["Writer", "WriterStatus"]

log = structlog.get_logger()

_ROWS_PER_COMMIT: Final = 60_000
_BYTES_PER_COMMIT: Final = 64 * 1024 * 1024
_RETRY_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0)
_UNFINISHED_NS: Final = 600 * 10**9  # how far back traces are told again after a restart

WRITTEN = Counter("spyglass_stored_rows", "Rows committed to the store", ["table"])
RETRIED = Counter("spyglass_store_retries", "Commits that were tried again", ["reason"])
COMMIT_S = Histogram("spyglass_store_commit_seconds", "Time of one commit", buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30))


class Store(Protocol):
    """What the writer needs of `store.engine.Engine`."""

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        """Insert rows once per token."""

    def read(self, sql: str, parameters: dict[str, object] | None = None) -> pa.Table:
        """Run a query."""


@dataclass(frozen=True, slots=True)
class WriterStatus:
    """What health tells of the writer."""

    last_commit_ns: int  # 0: none yet
    committed_rows: int
    failing: str  # the last error while it lasts, else ""


class Writer:
    """One thread that moves the log into the store."""

    def __init__(self, engine: Store, cursor: Cursor, clock: Clock, *, interval_s: float = 0.7) -> None:
        self._engine, self._cursor, self._clock, self._interval_s = engine, cursor, clock, interval_s
        self._settler = Settler(self._read_traces, clock)
        self._said = SaidTools()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._status = WriterStatus(0, 0, "")

    def start(self) -> None:
        """Begin to move entries."""
        self._thread.start()

    def stop(self, timeout_s: float = 30.0) -> None:
        """End after the commit under way; what is still in the log is written at the next start."""
        self._stop.set()
        self._thread.join(timeout_s)

    def status(self) -> WriterStatus:
        """Where it stands."""
        return self._status

    def _run(self) -> None:
        self._until_done(self._expect_unfinished)
        while not self._stop.is_set():
            began = self._clock.monotonic()
            claim = self._cursor.claim(_ROWS_PER_COMMIT, _BYTES_PER_COMMIT)
            if claim is not None:
                self._until_done(lambda claim=claim: self._commit(claim))
            self._until_done(self._correct)
            if claim is None or claim.rows < _ROWS_PER_COMMIT:
                self._pause(began, idle=claim is None)

    def _pause(self, began: float, *, idle: bool) -> None:
        """Wait for new entries when idle; after a small commit let some gather first."""
        if idle:
            due = self._settler.waiting()
            self._cursor.wait(min(0.25, due) if due is not None else 0.25)
        else:
            self._stop.wait(max(0.0, self._interval_s - (self._clock.monotonic() - began)))

    def _until_done(self, work: object) -> None:
        """Try until it succeeds or the writer stops: nothing that was acknowledged is given up."""
        attempt = 0
        while not self._stop.is_set():
            try:
                work()  # type: ignore[operator]
            except SpyglassError as error:
                self._status = WriterStatus(self._status.last_commit_ns, self._status.committed_rows, error.message)
                RETRIED.labels(reason=error.code).inc()
                log.warning("commit failed, will try again", reason=error.code, error=error.message, attempt=attempt)
                self._stop.wait(_RETRY_S[min(attempt, len(_RETRY_S) - 1)])
                attempt += 1
            else:
                return

    def _commit(self, claim: Claim) -> None:
        with COMMIT_S.time():
            for kind in Kind:
                batches = [entry.batch for entry in claim.entries if entry.batch.kind is kind]
                if batches:
                    self._write(kind, batches, claim.token)
            self._cursor.done(claim)
        self._status = WriterStatus(self._clock.now_ns(), self._status.committed_rows + claim.rows, "")

    def _write(self, kind: Kind, batches: list[Batch], token: str) -> None:
        rows = pa.concat_tables([batch.rows for batch in batches])
        if kind is Kind.SPAN:
            spans, payloads = span_rows(rows)
            self._insert("spans", spans, token)
            self._insert("payloads", payloads, token)
            self._insert("calls", self._settler.tell(spans), f"{token}-spans")
        elif kind is Kind.EVENT:
            self._insert("events", rows, token)
            self._insert("calls", calls_of_events(rows, now_ns=self._clock.now_ns()), f"{token}-events")
        else:
            self._insert("points", rows, token)
        messages = [batch.messages for batch in batches if batch.messages is not None and batch.messages.num_rows]
        if messages:
            self._write_messages(pa.concat_tables(messages), f"{token}-{kind}")

    def _write_messages(self, messages: pa.Table, token: str) -> None:
        self._insert("messages", message_rows(messages), token)
        said = self._said.tell(messages, now_ns=self._clock.now_ns())
        if said is not None:
            self._insert("calls", said, f"{token}-said")

    def _insert(self, table: str, rows: pa.Table, token: str) -> None:
        if rows.num_rows:
            self._engine.insert(table, rows, token=token)
            WRITTEN.labels(table=table).inc(rows.num_rows)

    def _correct(self) -> None:
        rows = self._settler.corrections()
        if rows is not None and rows.num_rows:
            self._engine.insert("calls", rows, token=f"correction-{self._clock.now_ns()}")

    def _expect_unfinished(self) -> None:
        rows = self._engine.read(load("write/unfinished_traces"), {"since_ns": self._clock.now_ns() - _UNFINISHED_NS})
        self._settler.expect(zip(rows["trace_id"].to_pylist(), rows["first_received"].to_pylist(), strict=True))

    def _read_traces(self, traces: list[bytes], received_ns: int) -> pa.Table:
        return self._engine.read(load("write/trace_spans"), {"traces": [trace.hex() for trace in traces], "received_ns": received_ns})
