"""The only door to the database: SQL and Arrow tables come in, Arrow tables and bytes go out. Nobody else knows which database it is.

`chdb:///path` is the engine inside this process, `clickhouse://user:password@host:8123/database` (or `clickhouses`, `http`, `https`) a server. Methods
block and are safe from any thread: call them in worker threads. Never fork a process that has an embedded engine open: the engine's threads do not
come along, and even leaving the child hangs. Start processes with `spawn`.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa
import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from spyglass.model.errors import ConfigError, SpyglassError, StoreError
from spyglass.store.address import Address, parse
from spyglass.store.embedded import Claim, EmbeddedOptions, claim, write_config
from spyglass.store.failures import command_failure, insert_failure, read_failure
from spyglass.store.handles import EmbeddedHandle, Handle, RemoteHandle, Settings
from spyglass.store.pool import Pool
from spyglass.store.sqlfiles import load
from spyglass.telemetry.metrics import STORE_FAILURES

__all__ = ["Engine", "EngineSettings", "EngineStatus", "Fenced", "TableStatus"]

log = structlog.get_logger()

_GIB: Final = 2**30
_TABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ACCESS_DENIED: Final = 497


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """How the database is opened and what one query may take."""

    database: str = "spyglass"  # where the URL names none
    readers: int = 4  # queries at the same time
    fenced_readers: int = 4  # queries of users at the same time
    writers: int = 2  # inserts at the same time
    query_threads: int = 2
    query_memory_bytes: int = 2 * _GIB
    query_timeout_s: float = 20.0
    insert_timeout_s: float = 120.0
    wait_s: float = 10.0  # for a free handle
    connect_timeout_s: float = 10.0
    memory_bytes: int = 4 * _GIB  # embedded: everything together
    background_threads: int = 4  # embedded: merges
    backup_dir: Path | None = None  # embedded: the only place for backups
    cluster: str | None = None  # server: the name of its cluster, where it is more than one


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

    def __init__(self, address: Address, settings: EngineSettings, config: Path | None, held: Claim | None) -> None:
        self.settings, self._address, self._config, self._held = settings, address, config, held
        self._name = f"spyglass/{secrets.token_hex(4)}"
        self._numbers = itertools.count(1)
        self._running: dict[str, set[str]] = {}  # tag → comments of its running queries
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._closing = False
        self._remote: Client | None = None
        self._control = self._pool("control", 2, self._command_settings())
        self._admin = self._pool("admin", 1, self._command_settings())
        self._writers = self._pool("writers", settings.writers, self._write_settings())
        self._readers = self._pool("readers", settings.readers, {**self._read_settings(), "readonly": 2})
        self._fenced = self._pool("sql readers", settings.fenced_readers, self._read_settings(), fenced=True)

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
        settings = settings or EngineSettings()
        address = parse(url, directory=data_dir / "store", database=settings.database)
        held = claim(address.path) if address.path is not None else None
        try:
            config = None
            if held is not None:
                options = EmbeddedOptions(settings.memory_bytes, settings.background_threads, settings.backup_dir)
                config = write_config(data_dir, options)
            engine = cls(address, settings, config, held)
            engine._make_database()
        except BaseException:
            if held is not None:
                held.release()
            raise
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
        with self._lock:  # no handle goes on to its next query while we look
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
        if self._remote is not None:
            self._remote.close()
        if self._held is not None:
            self._held.release()

    def _make_database(self) -> None:
        try:
            client = self._connect(None)
        except ClickHouseError as error:
            raise self._opening_failure(error) from error
        except OSError as error:
            raise ConfigError(f"store.url: {self._address}: {error.strerror}") from error
        kind = " ENGINE = Atomic" if self._address.path is not None else f" ON CLUSTER `{self.cluster}`" if self.cluster else ""
        try:
            client.command(f"CREATE DATABASE IF NOT EXISTS `{self.database}`{kind}")
        except ClickHouseError as error:
            if getattr(error, "code", None) != _ACCESS_DENIED:  # then an administrator must have made it
                raise command_failure(error) from error
        try:
            with _told("open", command_failure):
                self._remote = None if self._address.path is not None else self._connect(self.database)
                with self._control.lend({}, self.settings.wait_s):
                    pass  # proves that the database is ours to use
        finally:
            client.close()

    def _connect(self, database: str | None) -> Client:
        settings = self.settings
        if self._config is not None:
            return self._address.embedded(self._config, database)
        return self._address.remote(
            database,
            connections=settings.readers + settings.fenced_readers + settings.writers + 3,
            connect_timeout_s=settings.connect_timeout_s,
            answer_timeout_s=10 + max(settings.insert_timeout_s, settings.query_timeout_s),
        )

    def _opening_failure(self, error: ClickHouseError) -> SpyglassError:
        if self._address.path is not None:
            return ConfigError(f"store.url: {self._address} cannot be opened: another process has it, or its files are damaged or not ours to write")
        if getattr(error, "code", None) in {192, 193, 194, 516}:
            return ConfigError(f"store.url: {self._address}: the server refuses the user or the password")
        return command_failure(error)

    def _pool(self, name: str, size: int, defaults: Settings, *, fenced: bool = False) -> Pool:
        return Pool(name, lambda: self._open_handle(name, defaults), size, fenced=fenced)

    def _open_handle(self, pool: str, defaults: Settings) -> Handle:
        name = f"{self._name}/{pool.replace(' ', '-')}-{next(self._numbers)}"
        if self._remote is not None:
            return RemoteHandle(name, self._remote, defaults)
        return EmbeddedHandle(name, self._connect(self.database), defaults)

    def _read_settings(self) -> Settings:
        memory = self.settings.query_memory_bytes
        return {
            "session_timezone": "UTC",
            "max_threads": self.settings.query_threads,
            "max_execution_time": self.settings.query_timeout_s,
            "timeout_overflow_mode": "throw",
            "max_memory_usage": memory,
            "max_bytes_before_external_group_by": memory // 2,
            "max_bytes_before_external_sort": memory // 2,
            "output_format_arrow_string_as_string": 1,
            "output_format_arrow_compression_method": "none" if self._address.path is not None else "lz4_frame",
        }

    def _write_settings(self) -> Settings:
        return {
            "session_timezone": "UTC",
            "max_execution_time": self.settings.insert_timeout_s,
            "async_insert": 0,  # the answer must mean that the rows are kept
            "deduplicate_blocks_in_dependent_materialized_views": 1,
        }

    def _command_settings(self) -> Settings:
        return {"session_timezone": "UTC", "output_format_arrow_string_as_string": 1}

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
        parameters = {"prefix": f"{self._name}/", "exact": exact, "kind": kind}
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
