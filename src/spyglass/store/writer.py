"""Writer: the log's entries become rows of the store, exactly once.

In: claims of the log (consecutive entries with a token that stays the same after a crash). Out: inserts under that token, so that a claim which is
handed out again after a kill -9 changes nothing, in the roll-ups neither (facts: the token covers dependent views too).

At once when idle, else about once in `interval_s`, and for few rows a little less often where a commit takes long: tiny inserts cost as much as large ones,
and what the server computes it takes from the agents beside it. A store that is away or full is tried again and again,
slower and slower; the log buffers meanwhile, and refuses when it is full.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar

import pyarrow as pa
import structlog

from spyglass.model.batch import Batch
from spyglass.model.clock import Clock
from spyglass.model.errors import SpyglassError, StoreError
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Claim, Cursor
from spyglass.store.calls import calls_of_events
from spyglass.store.hours import NEAR_S, Hours
from spyglass.store.read.asking import hours
from spyglass.store.rows import message_rows, span_rows
from spyglass.store.said import SaidTools
from spyglass.store.settle import Settler
from spyglass.store.sqlfiles import load
from spyglass.store.twins import Twins
from spyglass.telemetry.ledger import LossLedger, counts_of
from spyglass.telemetry.metrics import STORE_COMMIT, STORE_RETRIES, STORED_ROWS, UNTOLD

__all__ = ["Writer", "WriterStatus"]

log = structlog.get_logger()

_ROWS_PER_COMMIT: Final = 60_000
_BYTES_PER_COMMIT: Final = 64 * 1024 * 1024
_RETRY_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0)
_UNFINISHED_S: Final = 600  # how far back from the newest record traces are told again after a restart
_HEARD: Final = 20_000  # calls that others told of, and which are remembered after a restart
_LATE_NS: Final = 86_400 * 10**9  # what others say of a call comes so much later than its spans at most
_IDLE_S: Final = 0.25
_FEW_ROWS: Final = 1_000  # up to here a commit costs the same, however few they are …
_PAUSE: Final = 3  # … and is followed by so many times its own duration …
_LONGEST_PAUSE: Final = 1.6  # … as far as that is no more than so many intervals

T = TypeVar("T")


class Store(Protocol):
    """What the writer needs of `store.engine.Engine`."""

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        """Insert rows once per token."""

    def read(self, sql: str, parameters: dict[str, Any] | None = None) -> pa.Table:
        """Run a query."""


@dataclass(frozen=True, slots=True)
class WriterStatus:
    """What health tells of the writer."""

    last_commit_ns: int  # 0: none yet
    committed_rows: int
    failing: str  # the last error while it lasts, else ""


@dataclass(frozen=True, slots=True)
class _Insert:
    table: str
    rows: pa.Table
    token: str


class _StoppedError(Exception):
    """The writer was told to stop while the store could not be written."""


class Writer:
    """One thread that moves the log into the store."""

    def __init__(
        self, engine: Store, cursor: Cursor, clock: Clock, ledger: LossLedger | None = None, *, interval_s: float = 0.7, retry_s: Sequence[float] = _RETRY_S
    ) -> None:
        self._engine, self._cursor, self._clock, self._interval_s, self._retry_s = engine, cursor, clock, interval_s, retry_s
        self._ledger = ledger or LossLedger(clock)
        self._twins = Twins(self._of_project, clock)
        self._settler = Settler(self._read_traces, clock, self._find_traces, self._twins)
        self._said, self._hours = SaidTools(), Hours()
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
        try:
            self._until_done(self._expect_unfinished)
            while not self._stop.is_set():
                began = self._clock.monotonic()
                claim = self._until_done(lambda: self._cursor.claim(_ROWS_PER_COMMIT, _BYTES_PER_COMMIT))
                if claim is not None:
                    self._move(claim)
                self._correct()
                if claim is None or claim.rows < _ROWS_PER_COMMIT:
                    self._pause(began, 0 if claim is None else claim.rows)
        except _StoppedError:
            log.warning("writer stopped while the store could not be written; the log keeps what is left", error=self._status.failing)

    def _pause(self, began: float, rows: int) -> None:
        """Wait for new entries when idle; after a small commit let some gather first."""
        if not rows:
            due = self._settler.waiting()
            self._cursor.wait(_IDLE_S if due is None else min(_IDLE_S, due))
            return
        took_s = self._clock.monotonic() - began
        period_s = self._interval_s
        if rows < _FEW_ROWS:
            period_s = max(period_s, min((1 + _PAUSE) * took_s, _LONGEST_PAUSE * period_s))
        self._stop.wait(max(0.0, period_s - took_s))

    def _until_done(self, work: Callable[[], T]) -> T:
        """Try until it succeeds: nothing that was acknowledged is given up. Every error ends here, because there is nobody to tell but health and the log.

        Raises:
            _StoppedError: it failed, and the writer stops.
        """
        attempt = 0
        while True:
            try:
                done = work()
            except Exception as error:
                self._failed(error, attempt)
                if self._stop.wait(self._retry_s[min(attempt, len(self._retry_s) - 1)]):
                    raise _StoppedError from error
                attempt += 1
            else:
                if attempt:
                    self._status = replace(self._status, failing="")
                return done

    def _failed(self, error: Exception, attempt: int) -> None:
        ours = error if isinstance(error, SpyglassError) else StoreError(f"{type(error).__name__} in the writer; the server's log says more")
        self._status = replace(self._status, failing=ours.message)
        STORE_RETRIES.labels(reason=ours.code).inc()
        log.warning("commit failed, will try again", reason=ours.code, error=ours.message, attempt=attempt, exc_info=None if ours is error else error)

    def _move(self, claim: Claim) -> None:
        """One commit. What is inserted is made once, so that a retry inserts the same."""
        with STORE_COMMIT.time():
            for insert in self._inserts(claim):
                self._until_done(lambda insert=insert: self._insert(insert))  # type: ignore[misc]
            self._until_done(lambda: self._cursor.done(claim))
        self._status = WriterStatus(self._clock.now_ns(), self._status.committed_rows + claim.rows, "")
        for kind in Kind:
            sources = [entry.batch.rows.select(["project", "service"]) for entry in claim.entries if entry.batch.kind is kind]
            if sources:
                self._ledger.store(kind, counts_of(pa.concat_tables(sources)))

    def _inserts(self, claim: Claim) -> Iterator[_Insert]:
        """What a span points at comes before it, and the calls come last: whoever sees a span can read all of it."""
        calls: list[pa.Table | None] = []
        for kind in Kind:
            batches = [entry.batch for entry in claim.entries if entry.batch.kind is kind]
            if batches:
                yield from self._of_kind(kind, batches, claim.token, calls)
        if told := [each for each in calls if each is not None]:
            yield _Insert("tellings", pa.concat_tables(told), f"{claim.token}-calls")

    def _of_kind(self, kind: Kind, batches: Sequence[Batch], token: str, calls: list[pa.Table | None]) -> Iterator[_Insert]:
        """Their rows; to `calls` is added what they tell of calls."""
        rows = pa.concat_tables([batch.rows for batch in batches])
        pieces = [batch.pieces for batch in batches if batch.pieces is not None]
        if pieces:
            yield _Insert("pieces", pa.concat_tables(pieces), f"{token}-{kind}")
        told = [batch.messages for batch in batches if batch.messages is not None and batch.messages.num_rows]
        messages = pa.concat_tables(told) if told else None
        said = None
        if messages is not None:
            yield _Insert("messages", message_rows(messages), f"{token}-{kind}")
            said = self._tell(f"{kind}-said", lambda: self._said.tell(messages))
        if kind is Kind.SPAN:
            spans, payloads = span_rows(rows)
            yield _Insert("payloads", payloads, token)
            yield _Insert("spans", spans, token)
            calls.append(self._tell("spans", lambda: self._settler.tell(spans, said)))
        elif kind is Kind.EVENT:
            yield _Insert("events", rows, token)
            calls.append(self._tell("events", lambda: self._of_events(rows, said)))
        else:
            yield _Insert("points", rows, token)
        calls.append(said)

    def _of_events(self, rows: pa.Table, said: pa.Table | None) -> pa.Table:
        calls = calls_of_events(rows, now_ns=self._clock.now_ns())
        self._settler.hear(calls if said is None else pa.concat_tables([calls, said]))
        return calls

    def _tell(self, source: str, tell: Callable[[], pa.Table | None]) -> pa.Table | None:
        """Rows of `tellings`. Records are kept even where nobody can tell what they come to."""
        try:
            calls = tell()
            return None if calls is None else self._hours.place(calls)
        except Exception:
            log.exception("calls not told", source=source)
            UNTOLD.labels(source=source).inc()
            return None

    def _insert(self, insert: _Insert) -> None:
        if insert.rows.num_rows:
            self._engine.insert(insert.table, insert.rows, token=insert.token)
            STORED_ROWS.labels(table=insert.table).inc(insert.rows.num_rows)

    def _correct(self) -> None:
        rows = self._until_done(self._settler.corrections)
        if rows is not None:
            insert = _Insert("tellings", self._hours.place(rows), f"correction-{self._clock.now_ns()}")
            self._until_done(lambda: self._insert(insert))

    def _expect_unfinished(self) -> None:
        lately = {"received_ns": self._clock.now_ns() - _LATE_NS, "limit": _HEARD}
        self._settler.remember(self._engine.read(load("calls/witnesses"), lately))
        self._said.expect(self._engine.read(load("calls/said"), lately))
        self._twins.expect(self._engine.read(load("calls/watched"), lately))
        rows = self._engine.read(load("write/unfinished_traces"), {"back_s": _UNFINISHED_S})
        self._settler.expect(rows["trace_id"].to_pylist())
        self._hours.expect(self._engine.read(load("write/recent_hours"), {"back_s": _UNFINISHED_S, "near_s": NEAR_S}))

    def _of_project(self, name: str, parameters: dict[str, Any]) -> pa.Table:
        return self._engine.read(load(name).replace("/*hours*/", hours("lo_ns", "hi_ns")), parameters)

    def _read_traces(self, traces: list[bytes]) -> pa.Table:
        ids = [trace.hex() for trace in traces]
        first = self._engine.read(load("write/first_arrival"), {"traces": ids})["received_ns"][0].as_py()
        return self._engine.read(load("write/trace_spans"), {"traces": ids, "received_ns": first})

    def _find_traces(self, sessions: list[str]) -> list[bytes]:
        asked = {"sessions": sessions, "received_ns": self._clock.now_ns() - _LATE_NS}
        return list(self._engine.read(load("calls/lacking"), asked)["trace_id"].to_pylist())
