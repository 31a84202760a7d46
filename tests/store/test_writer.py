"""Promises about the writer: everything that is in the log comes into the store exactly once, whatever happens between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from spyglass.model.batch import Batch
from spyglass.model.clock import SystemClock
from spyglass.model.errors import StoreError
from spyglass.model.schema import PIECE, Kind
from spyglass.plugin.contracts import Claim
from spyglass.publish.cursor import DiskCursor
from spyglass.publish.log import DiskLog, Limits
from spyglass.store.engine import Engine
from spyglass.store.migrate import migrate
from spyglass.store.writer import Writer
from spyglass.testing.rows import events, messages, points, spans

NOW_NS = time.time_ns()
ROLL_UPS = {
    "spans_minute": ("sum(count)", "spans"),
    "events_minute": ("sum(count)", "events"),
    "traces": ("sum(span_rows)", "spans"),
    "facets_hour": ("sumIf(count, field = 'kind')", "spans"),
}


class Careless:
    """The store, with failures: `failing(table, number of the insert)` says before or after which inserts it breaks."""

    def __init__(self, engine: Engine, before: Callable[[int], bool] = lambda _: False, after: Callable[[int], bool] = lambda _: False) -> None:
        self._engine, self._before, self._after = engine, before, after
        self.inserts: list[tuple[str, str]] = []

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        number = len(self.inserts)
        self.inserts.append((table, token))
        if self._before(number):
            raise StoreError("the store is away")
        self._engine.insert(table, rows, token=token)
        if self._after(number):
            raise StoreError("the answer got lost")

    def read(self, sql: str, parameters: dict[str, Any] | None = None) -> pa.Table:
        return self._engine.read(sql, parameters)

    def tables(self) -> list[str]:
        return [table for table, _ in self.inserts]


class Stubborn:
    """The cursor, which cannot keep its position at first: the disk is full."""

    def __init__(self, cursor: DiskCursor, failures: int) -> None:
        self.name, self._cursor, self._failures = cursor.name, cursor, failures
        self.lag, self.wait = cursor.lag, cursor.wait

    def claim(self, max_rows: int, max_bytes: int) -> Claim | None:
        self._fail()
        return self._cursor.claim(max_rows, max_bytes)

    def done(self, claim: Claim) -> None:
        self._fail()
        self._cursor.done(claim)

    def _fail(self) -> None:
        self._failures -= 1
        if self._failures >= 0:
            raise StoreError("no space left")


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A store with its tables."""
    migrate(engine, SystemClock())
    return engine


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DiskLog]:
    """An empty log."""
    with DiskLog(tmp_path / "log", Limits(min_free_bytes=0)) as opened:
        yield opened


@contextmanager
def writing(store: Any, cursor: Any, retry_s: float = 0.02) -> Iterator[Writer]:
    """A writer at work."""
    writer = Writer(store, cursor, SystemClock(), interval_s=0.05, retry_s=(retry_s,))
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()


def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Wait for what happens in another thread."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def append(log: DiskLog, kind: Kind, rows: pa.Table, said: pa.Table | None = None) -> None:
    log.append([Batch(kind, rows, said)]).result(10)


def number(store: Engine, sql: str) -> int:
    return int(store.read(f"SELECT toInt64({sql}")[0][0].as_py())


def assert_exact(store: Engine, **rows: int) -> None:
    """So many rows are in the tables, copies counted, and the roll-ups say the same."""
    assert {table: number(store, f"count()) FROM {table}") for table in rows} == rows
    for table, (figure, source) in ROLL_UPS.items():
        if source in rows:
            assert number(store, f"{figure}) FROM {table}") == rows[source], table


def test_every_kind_comes_into_its_tables(store: Engine, log: DiskLog) -> None:
    """Spans, events, points, messages; calls and roll-ups follow."""
    append(log, Kind.SPAN, spans(8, at_ns=NOW_NS), messages(8, at_ns=NOW_NS))
    append(log, Kind.EVENT, events(5, at_ns=NOW_NS))
    append(log, Kind.POINT, points(5, at_ns=NOW_NS))
    with writing(store, log.cursor("store")) as writer:
        until(lambda: log.status().unconsumed_bytes == 0)
        status = writer.status()
    assert_exact(store, spans=8, events=5, points=5, messages=messages(8).num_rows)
    assert number(store, "countIf(counted)) FROM tellings FINAL") == 6
    assert (status.committed_rows, status.failing) == (18, "")


def test_the_pieces_of_snapshots_come_before_them(store: Engine, tmp_path: Path) -> None:
    """Whoever sees a snapshot can read its state; after a crash between the two, each piece is there once."""
    told = {"project": ["p"] * 2, "hash": [b"a" * 16, b"b" * 16], "received": [NOW_NS] * 2, "data": [b"\x00\xff", b"two"]}
    batch = Batch(Kind.EVENT, events(2, at_ns=NOW_NS), pieces=pa.table(told, PIECE))
    with DiskLog(tmp_path / "log", Limits(min_free_bytes=0)) as log:
        log.append([batch]).result(10)
        careless = Careless(store, after=lambda at: at == 1)
        with writing(careless, log.cursor("store")) as writer:
            until(lambda: writer.status().failing)
        assert careless.tables()[:2] == ["pieces", "events"]
    with DiskLog(tmp_path / "log", Limits(min_free_bytes=0)) as log, writing(store, log.cursor("store")):
        until(lambda: log.status().unconsumed_bytes == 0)
    assert number(store, "count()) FROM events") == 2
    assert store.read("SELECT hex(data) AS data FROM pieces ORDER BY data")["data"].to_pylist() == ["00FF", "74776F"]


def test_what_a_span_points_at_comes_before_it(store: Engine, log: DiskLog) -> None:
    """Whoever sees a span can read its long values and its messages."""
    long = [[("long", "x" * 2000)]] * 4
    append(log, Kind.SPAN, spans(4, at_ns=NOW_NS, attributes=long, attribute_types="s"), messages(4, at_ns=NOW_NS))
    careless = Careless(store)
    with writing(careless, log.cursor("store")):
        until(lambda: log.status().unconsumed_bytes == 0)
    assert careless.tables()[:4] == ["messages", "payloads", "spans", "tellings"]


@pytest.mark.parametrize("moment", range(5))
def test_a_crash_at_any_moment_changes_nothing(store: Engine, tmp_path: Path, moment: int) -> None:
    """A claim that was half inserted is handed out again under its token, and in the end each row is there once, in the roll-ups too."""
    now_ns = time.time_ns()  # a trace that began shortly before the writer is read once more: that is the last moment
    with DiskLog(tmp_path / "log", Limits(min_free_bytes=0)) as log:
        append(log, Kind.SPAN, spans(12, at_ns=now_ns), messages(12, at_ns=now_ns))
        append(log, Kind.EVENT, events(6, at_ns=now_ns))
        careless = Careless(store, after=lambda at: at >= moment)
        with writing(careless, log.cursor("store")) as writer:
            until(lambda: writer.status().failing)
    with DiskLog(tmp_path / "log", Limits(min_free_bytes=0)) as log:
        append(log, Kind.SPAN, spans(4, first=12, at_ns=now_ns))  # comes into another claim, not into the one that is out
        with writing(store, log.cursor("store")):
            until(lambda: log.status().unconsumed_bytes == 0)
    assert_exact(store, spans=16, events=6)
    assert number(store, "countIf(counted)) FROM tellings FINAL") == 12


def test_a_store_that_is_away_loses_nothing(store: Engine, log: DiskLog) -> None:
    """It is tried again until it is there; the order stays, health tells of it, and then no more."""
    for first in (0, 4, 8):
        append(log, Kind.SPAN, spans(4, first=first, at_ns=NOW_NS))
    back = threading.Event()
    careless = Careless(store, before=lambda _: not back.is_set())
    with writing(careless, log.cursor("store")) as writer:
        until(lambda: len(careless.inserts) > 1)
        assert writer.status().failing == "the store is away"
        back.set()
        until(lambda: log.status().unconsumed_bytes == 0 and not writer.status().failing)
    assert_exact(store, spans=12)


def test_retried_inserts_are_the_same(store: Engine, log: DiskLog) -> None:
    """Where every insert succeeds and its answer gets lost, nothing is doubled and no call is told otherwise."""
    append(log, Kind.SPAN, spans(8, at_ns=NOW_NS, pair_key=["", "request:a", "", "result:a"] * 2))
    careless = Careless(store, after=lambda at: at % 2 == 0)
    with writing(careless, log.cursor("store")):
        until(lambda: log.status().unconsumed_bytes == 0)
    assert_exact(store, spans=8)
    assert number(store, "countIf(kind = 'llm')) FROM tellings FINAL WHERE counted") == 2


def test_a_correction_whose_insert_fails_is_made_later(store: Engine, log: DiskLog) -> None:
    """A trace that came in parts is told right although the store was away in between."""
    whole = spans(4, at_ns=NOW_NS, kind=["llm", "llm", "tool", "llm"], response_id=["", "", "", ""])
    careless = Careless(store, before=lambda at: careless.inserts[at][1].startswith("correction") and len(careless.inserts) < 7)
    with writing(careless, log.cursor("store")):
        for rows in (whole.slice(1), whole.slice(0, 1)):
            append(log, Kind.SPAN, rows)
            until(lambda: log.status().unconsumed_bytes == 0)
        until(lambda: number(store, "countIf(kind = 'llm')) FROM tellings FINAL WHERE counted") == 1)


def test_a_position_that_cannot_be_written_is_tried_again(store: Engine, log: DiskLog) -> None:
    """A full disk under the log stops the writer for as long as it lasts, not for ever."""
    append(log, Kind.SPAN, spans(4, at_ns=NOW_NS))
    with writing(store, Stubborn(log.cursor("store"), failures=3)):
        until(lambda: log.status().unconsumed_bytes == 0)
    assert_exact(store, spans=4)


def test_records_are_kept_where_their_calls_cannot_be_told(store: Engine, log: DiskLog) -> None:
    """Records that a plugin left without a column do not hold up the others."""
    with writing(store, _Cut(log.cursor("store"))):
        append(log, Kind.EVENT, events(5, at_ns=NOW_NS))
        append(log, Kind.SPAN, spans(4, at_ns=NOW_NS))
        until(lambda: log.status().unconsumed_bytes == 0)
    assert_exact(store, spans=4, events=5)


class _Cut(Stubborn):
    """The cursor, whose events lack a column."""

    def __init__(self, cursor: DiskCursor) -> None:
        super().__init__(cursor, 0)

    def claim(self, max_rows: int, max_bytes: int) -> Claim | None:
        claim = super().claim(max_rows, max_bytes)
        if claim is None:
            return None
        cut = tuple(_without(entry, "error_type") if entry.batch.kind is Kind.EVENT else entry for entry in claim.entries)
        return Claim(claim.token, claim.first, claim.last, cut)


def _without(entry: Any, column: str) -> Any:
    return type(entry)(entry.offset, entry.batch.with_rows(entry.batch.rows.drop_columns([column])), entry.appended_ns)


def test_stopping_does_not_wait_for_a_store_that_is_away(store: Engine, log: DiskLog) -> None:
    """The log keeps what is left for the next start."""
    append(log, Kind.SPAN, spans(4, at_ns=NOW_NS))
    careless = Careless(store, before=lambda _: True)
    with writing(careless, log.cursor("store"), retry_s=60) as writer:
        until(lambda: writer.status().failing)
        begin = time.monotonic()
        writer.stop(10)
        assert time.monotonic() - begin < 3
    with writing(store, log.cursor("store")):
        until(lambda: log.status().unconsumed_bytes == 0)
    assert_exact(store, spans=4)


def test_a_trace_left_unfinished_by_a_crash_is_told_again(store: Engine, log: DiskLog) -> None:
    """What a crash left between a commit and its correction is made good at the next start."""
    whole = spans(4, at_ns=NOW_NS, kind=["llm", "llm", "tool", "llm"], response_id=["", "", "", ""])
    careless = Careless(store, before=lambda at: careless.inserts[at][1].startswith("correction"))
    with writing(careless, log.cursor("store")) as writer:
        append(log, Kind.SPAN, whole.slice(1))
        until(lambda: writer.status().failing)
    append(log, Kind.SPAN, whole.slice(0, 1))
    with writing(store, log.cursor("store")):
        until(lambda: number(store, "countIf(kind = 'llm')) FROM tellings FINAL WHERE counted") == 1)


def test_what_log_records_say_of_calls_is_heard(store: Engine, log: DiskLog) -> None:
    """A tool that failed by its answer, and thinking that a span left out: after the spans, over a restart, and when a late span comes."""
    body = '{"parts":[{"id":"call_9a38e95e5d","is_error":true,"response":"no","type":"tool_call_response"}],"role":"tool"}'
    trace = spans(4, at_ns=NOW_NS, tool_call_id=["", "", "call_9a38e95e5d", ""], output_tokens=5, cache_read_tokens=0, reasoning_tokens=0, status="unset")
    told = messages(2, at_ns=NOW_NS + 10**9, direction="input", body=body)
    columns = {"input_tokens": trace["input_tokens"][1].as_py(), "output_tokens": 8, "reasoning_tokens": 3, "has_usage": True, "trace_id": bytes(16)}
    said = {name: trace[name][1].as_py() for name in ("session_id", "model", "service")}
    sums = "countIf(kind = 'tool' AND failed AND source = 'span') * 10 + sumIf(reasoning_tokens, kind = 'llm' AND source = 'span')"
    known = f"{sums}) FROM tellings FINAL WHERE counted"
    with writing(store, log.cursor("store")):
        append(log, Kind.SPAN, trace)
        until(lambda: log.status().unconsumed_bytes == 0)
        assert number(store, known) == 0
        append(log, Kind.EVENT, events(1, at_ns=NOW_NS, kind="llm", response_id="", **columns, **said), told)
        until(lambda: number(store, known) == 13)
    with writing(store, log.cursor("store")):
        append(log, Kind.SPAN, spans(1, first=3, at_ns=NOW_NS, span_id=b"late-one", kind="chain"))
        until(lambda: log.status().unconsumed_bytes == 0)
    assert number(store, known) == 13
