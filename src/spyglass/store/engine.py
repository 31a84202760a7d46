"""The only door to the database: SQL and Arrow tables come in, Arrow tables and bytes go out. Nobody else knows which database it is.

`chdb:///path` is the engine inside this process, `clickhouse://user:password@host:8123/database` (or `clickhouses`, `http`, `https`) a server. Methods
block and are safe from any thread: call them in worker threads. Never fork a process that has an embedded engine open: the engine's threads do not
come along, and even leaving the child hangs. Start processes with `spawn`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
import structlog
from clickhouse_connect.driver.exceptions import ClickHouseError

from spyglass.model.errors import SpyglassError, StoreError
from spyglass.store.address import Address, parse
from spyglass.store.embedded import Claim, EmbeddedOptions, claim, write_config
from spyglass.store.failures import command_failure, insert_failure, read_failure
from spyglass.store.handles import Handle, Settings
from spyglass.store.opening import Opener
from spyglass.store.pool import Pool
from spyglass.store.settings import EngineSettings
from spyglass.store.sqlfiles import load
from spyglass.telemetry.metrics import STORE_FAILURES

__all__ = ["Engine", "EngineSettings", "EngineStatus", "Fenced", "TableStatus"]

log = structlog.get_logger()

_TABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class TableStatus:
    """What one table holds."""

    rows: int
    size_bytes: int
    parts: int
    partition_parts: int  # most active parts in one partition: inserts are refused when merges cannot keep up


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What health tells of the store."""

    address: str
    database: str
    version: str
    running: int  # queries
    merges: int
    memory_bytes: int
    disk_free_bytes: int
    disk_total_bytes: int
    busy: Mapping[str, int]  # lent handles by pool
    tables: Mapping[str, TableStatus] = field(default_factory=dict)


class Fenced:
    """A handle that can read what its fence lets it, and change nothing. Lent by `Engine.fenced`."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def query(self, sql: str, parameters: Mapping[str, Any] | None, form: str) -> bytes:
        """The answer in a format of the database."""
        with _told("sql", lambda error: read_failure(error, sql)):
            return self._handle.query(sql, parameters, form)


class Engine:
    """The database. Open it with `Engine.open`, close it before the process ends."""

    def __init__(self, address: Address, settings: EngineSettings, opener: Opener, held: Claim | None) -> None:
        self.settings, self._address, self._opener, self._held = settings, address, opener, held
        self._running: dict[str, set[str]] = {}  # tag → comments of its running queries
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._closing = False
        reading, commands = settings.for_reading(near=held is not None), settings.for_commands()
        self._control = self._pool("control", 2, commands)
        self._admin = self._pool("admin", 1, commands)
        self._writers = self._pool("writers", settings.writers, settings.for_writing())
        self._readers = self._pool("readers", settings.readers, {**reading, "readonly": 2})
        self._fenced = self._pool("sql readers", settings.fenced_readers, reading, fenced=True)

    @classmethod
    def open(cls, url: str, *, data_dir: Path, settings: EngineSettings | None = None) -> Self:
        """Open the database, and make it if there is none.

        Args:
            url: `chdb:///path`, or `clickhouse://user:password@host:8123/database`.
            data_dir: where the embedded engine's configuration is written (mode 0600), and its files (in `store`) when the URL names no path.
            settings: defaults when left out.

        Raises:
            ConfigError: the URL is wrong, another process has the directory, or the server does not let us in.
            Refused: the server does not answer.
        """
        settings, data_dir = settings or EngineSettings(), data_dir.resolve()
        address = parse(url, directory=data_dir / "store", database=settings.database)
        held = claim(address.path) if address.path is not None else None
        try:
            config = None
            if held is not None:
                options = EmbeddedOptions(settings.memory_bytes, settings.background_threads)
                config = write_config(data_dir, options)
            opener = Opener(address, settings, config)
            opener.make_database(None if held is not None else settings.cluster)
        except BaseException:
            if held is not None:
                held.release()
            raise
        engine = cls(address, settings, opener, held)
        atexit.register(engine.close)  # a thread inside a query at the end of the interpreter would crash it
        return engine

    @property
    def database(self) -> str:
        """The name of our database."""
        return self._address.database

    @property
    def address(self) -> str:
        """Where the database is, without secrets."""
        return str(self._address)

    @property
    def cluster(self) -> str | None:
        """The cluster that tables are made on; None for one machine."""
        return None if self._address.path is not None else self.settings.cluster

    def read(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Settings | None = None,
        tag: str | None = None,
        timeout_s: float | None = None,
        max_rows: int | None = None,
    ) -> pa.Table:
        """Run a query and give its answer as a table.

        Args:
            sql: one statement; values only as `{name:Type}`.
            parameters: the values.
            settings: of the database, for this query alone.
            tag: what `cancel` knows it by.
            timeout_s: the query is stopped after so long; `query_timeout_s` of the engine's settings when left out.
            max_rows: more rows than this are an error.

        Raises:
            QueryError: the text, its values or its size are at fault.
            Refused: no handle is free, the store is away, short of memory or closing.
            StoreError: the store failed.
        """
        data = self.read_raw(sql, parameters, "Arrow", settings=settings, tag=tag, timeout_s=timeout_s, max_rows=max_rows)
        with _told("read", read_failure):
            return pa.ipc.open_file(pa.BufferReader(data)).read_all()

    def read_raw(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None,
        form: str,
        *,
        settings: Settings | None = None,
        tag: str | None = None,
        timeout_s: float | None = None,
        max_rows: int | None = None,
        shown: str = "",
    ) -> bytes:
        """As `read`, but the answer as the bytes of a format of the database (JSONEachRow, CSVWithNames, Parquet …).

        An empty `form` is tab-separated text, with nothing added to the statement. `shown` is the text that line and column of an error point into, where
        that is not `sql`.
        """
        limits: dict[str, Any] = {**(settings or {})}
        if timeout_s is not None:
            limits["max_execution_time"] = timeout_s
        if max_rows is not None:
            limits |= {"max_result_rows": max_rows, "result_overflow_mode": "throw"}
        with (
            self._working("read", lambda error: read_failure(error, shown or sql)),
            self._readers.lend(limits, self.settings.wait_s) as handle,
            self._tagged(handle, tag),
        ):
            return handle.query(sql, parameters, form)

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        """Add rows to a table, once: rows under a token that was seen lately are left out, in the tables that views fill from it too.

        Raises:
            Refused: not now: no space, no memory, too many parts, or the store is away. The same call may be made again.
            StoreError: the rows do not fit the table, or the store failed.
        """
        if not _TABLE.fullmatch(table):
            raise StoreError(f"{table!r} is no name of a table")
        if not rows.num_rows:
            return
        with self._working("insert", lambda error: insert_failure(error, table)), self._writers.lend({}, self.settings.insert_timeout_s) as handle:
            handle.insert(table, rows, {"insert_deduplication_token": token})

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None, *, settings: Settings | None = None) -> None:
        """Run a statement that answers nothing: DDL, maintenance. One at a time.

        Raises:
            Refused: the store is away or short of something.
            StoreError: the statement failed.
        """
        with self._working("command", command_failure), self._admin.lend(settings or {}, self.settings.insert_timeout_s) as handle:
            handle.command(sql, parameters)

    @contextlib.contextmanager
    def fenced(self, settings: Settings, *, tag: str | None = None) -> Iterator[Fenced]:
        """A handle for texts that users wrote: it runs under these settings, and neither they nor any data can be changed through it."""
        with self._working("sql", read_failure), self._fenced.lend(settings, self.settings.wait_s) as handle, self._tagged(handle, tag):
            yield Fenced(handle)

    def cancel(self, tag: str) -> int:
        """Stop the running queries of a tag, from another handle; gives how many were told to stop. They end with a QueryError, reason `cancelled`."""
        with self._working("cancel", read_failure), self._lock:  # no handle goes on to its next query while we look
            return sum(self._kill(exact=comment) for comment in self._running.get(tag, ()))

    def status(self) -> EngineStatus:
        """What the database is doing and holds."""
        with self._working("status", read_failure), self._control.lend({}, self.settings.wait_s) as handle:
            state = _table(handle.query(load("engine/state"), None, "Arrow")).to_pylist()[0]
            tables = _table(handle.query(load("engine/tables"), None, "Arrow")).to_pylist()
        return EngineStatus(
            address=self.address,
            database=self.database,
            busy={pool.name: pool.busy for pool in (self._readers, self._fenced, self._writers, self._admin)},
            tables={row["name"]: TableStatus(row["rows"], row["bytes"], row["parts"], row["partition_parts"]) for row in tables},
            **state,
        )

    def answers(self, timeout_s: float) -> bool:
        """Whether the database answers a question at all; never raises. It is asked beside the queries of others, so that it does not wait for them."""
        try:
            with self._working("answers", read_failure), self._control.lend({"max_execution_time": timeout_s}, timeout_s) as handle:
                return bool(handle.query(load("engine/answers"), None, "TSV"))
        except SpyglassError:
            return False

    def close(self, timeout_s: float = 30.0) -> None:
        """Refuse new work, stop the reads, wait for the inserts (stopped too after `timeout_s`), let go of the database. Safe to call twice."""
        if self._pid != os.getpid():
            return
        with self._lock:
            if self._closing:
                return
            self._closing = True
        atexit.unregister(self.close)
        deadline = time.monotonic() + timeout_s
        pools = (self._readers, self._fenced, self._writers, self._admin)
        while running := [pool.name for pool in pools if not pool.close(0.05)]:
            with contextlib.suppress(SpyglassError):
                self._kill(kind="Select" if time.monotonic() < deadline else "")
            if time.monotonic() > deadline + timeout_s:
                log.error("store closed while queries were running", pools=running)
                break
        self._control.close(timeout_s)
        self._opener.close()
        if self._held is not None:
            self._held.release()

    def _pool(self, name: str, size: int, defaults: Settings, *, fenced: bool = False) -> Pool:
        return Pool(name, lambda: self._opener.handle(name, defaults), size, fenced=fenced)

    @contextlib.contextmanager
    def _working(self, operation: str, translate: Callable[[Exception], SpyglassError]) -> Iterator[None]:
        if self._pid != os.getpid():
            raise StoreError("this process was forked after the store was opened, and cannot use it: start it with `spawn` instead")
        with _told(operation, translate):
            yield

    @contextlib.contextmanager
    def _tagged(self, handle: Handle, tag: str | None) -> Iterator[None]:
        if tag is None:
            yield
            return
        with self._lock:
            self._running.setdefault(tag, set()).add(handle.name)
        try:
            yield
        finally:
            with self._lock:
                self._running[tag].discard(handle.name)
                if not self._running[tag]:
                    del self._running[tag]

    def _kill(self, *, exact: str = "", kind: str = "") -> int:
        parameters = {"prefix": f"{self._opener.name}/", "exact": exact, "kind": kind}
        with _told("cancel", read_failure), self._control.lend({}, self.settings.wait_s) as handle:
            return len(handle.query(load("engine/cancel"), parameters, "TSV").splitlines())


@contextlib.contextmanager
def _told(operation: str, translate: Callable[[Exception], SpyglassError]) -> Iterator[None]:
    """Turn what the client raises into our errors, and count it."""
    try:
        yield
    except (ClickHouseError, OSError, pa.ArrowException) as error:
        failure = translate(error)
        STORE_FAILURES.labels(operation=operation, reason=failure.code).inc()
        raise failure from error


def _table(data: bytes) -> pa.Table:
    return pa.ipc.open_file(pa.BufferReader(data)).read_all()
