"""SQL that users wrote, read-only: a text and values for its placeholders come in, the rows that the asker may see go out.

Three fences, each enough for most attacks alone:

1. the text is parsed as a value, so it is one statement and nothing of it runs; its syntax tree must be a plain SELECT over allowed tables with allowed
   functions (`gate_syntax.py`), and so must what the names were resolved to;
2. it runs on a handle of its own with readonly=1, which lets neither data nor settings be changed, under limits of time, memory and size;
3. on that handle every table has a filter: the asker's project on the allowed ones, `false` on all others. The engine may merge such a filter with the
   conditions of a query and order them by cost; then a condition that fails on other projects' rows would tell of them. So merging is off, and PREWHERE is
   refused.

Only embedded (checked): `select * from '/etc/passwd'`, `file()` in any place and INTO OUTFILE work under readonly=1, so the first fence is no luxury.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, overload
from weakref import WeakKeyDictionary

import pyarrow as pa

from spyglass.model.errors import QueryError
from spyglass.store.binding import placeholders, quoted, without_literals
from spyglass.store.engine import Engine
from spyglass.store.gate_functions import allowed as allowed_functions
from spyglass.store.gate_syntax import Allowed, check_names, check_syntax, check_text
from spyglass.store.handles import Settings
from spyglass.store.sqlfiles import load

__all__ = ["TABLES", "Format", "Limits", "run_user_sql"]

TABLES: Final = (
    "spans",
    "events",
    "points",
    "messages",
    "calls",
    "tellings",
    "traces",
    "runs",
    "spans_minute",
    "events_minute",
    "facets_hour",
    "agents_hour",
    "sums_minute",
    "sums_hour",
    "sums_day",
)
_DATE_TIME: Final = re.compile(r" (Nullable\()?DateTime(\([^ ()]*\))?\)?$")
Format = Literal["Arrow", "ArrowStream", "CSVWithNames", "JSON", "JSONCompact", "JSONEachRow", "Parquet", "TSVWithNames"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one text may take. Going beyond is an error, never a shorter answer."""

    timeout_s: float = 20.0
    memory_bytes: int = 2**30
    max_rows: int = 100_000
    max_bytes: int = 256 * 2**20
    threads: int = 2
    max_text: int = 32_768  # characters; the parser takes about a second for the worst text of this size


@dataclass(frozen=True, slots=True)
class _Known:
    """What does not change while an engine is open."""

    functions: frozenset[str]
    aggregates: frozenset[str]
    tables: tuple[str, ...]  # all of the database


_known: WeakKeyDictionary[Engine, _Known] = WeakKeyDictionary()
_lock = threading.Lock()


@overload
def run_user_sql(
    engine: Engine,
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    project: str | None,
    form: None = None,
    limits: Limits = ...,
    tables: tuple[str, ...] = ...,
    tag: str | None = None,
) -> pa.Table: ...
@overload
def run_user_sql(
    engine: Engine,
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    project: str | None,
    form: Format,
    limits: Limits = ...,
    tables: tuple[str, ...] = ...,
    tag: str | None = None,
) -> bytes: ...
def run_user_sql(
    engine: Engine,
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    project: str | None,
    form: Format | None = None,
    limits: Limits = Limits(),
    tables: tuple[str, ...] = TABLES,
    tag: str | None = None,
) -> bytes | pa.Table:
    """Run a user's SELECT.

    Args:
        engine: the database.
        sql: one SELECT, values as `{name:Type}`.
        parameters: the values.
        project: rows of other projects are not there for this text; None shows all.
        form: give the bytes of this format instead of a table.
        limits: of time, memory and size.
        tables: what may be read; each has a column `project`.
        tag: what `Engine.cancel` knows the query by.

    Raises:
        QueryError: it is not allowed, it is wrong (`line` and `column` in the details where known), or it exceeds a limit.
        Refused: the store is busy or away.
    """
    canonical = _canonical(engine, sql, limits)
    check_text(canonical)
    values = _values(canonical, parameters or {})
    known = _know(engine)
    allowed = Allowed(engine.database, tuple(table for table in tables if table in known.tables), known.functions, known.aggregates)
    # no format is asked for: it would become part of the statement that is explained
    check_syntax(canonical, _text(engine.read_raw(f"EXPLAIN AST {canonical}", values, "")), allowed)
    with engine.fenced(_fence(engine.database, known.tables, allowed.tables, project, limits), tag=tag) as reader:
        tree = _text(reader.query(f"EXPLAIN QUERY TREE {canonical}", values, ""))
        check_names(tree, allowed)
        data = reader.query(canonical, values, form or "Arrow")
    return data if form else _with_times(pa.ipc.open_file(pa.BufferReader(data)).read_all(), tree)


def _with_times(table: pa.Table, tree: str) -> pa.Table:
    """DateTime columns as times: the engine hands them over as 32-bit numbers, and says in the query's tree what they are."""
    told = tree.partition("PROJECTION COLUMNS\n")[2].splitlines()
    for at, (field, line) in enumerate(zip(table.schema, told, strict=False)):
        if pa.types.is_uint32(field.type) and _DATE_TIME.search(line):
            table = table.set_column(at, field.name, table.column(at).cast(pa.int64()).cast(pa.timestamp("s", tz="UTC")))
    return table


def _canonical(engine: Engine, sql: str, limits: Limits) -> str:
    if len(sql) > limits.max_text:
        raise QueryError(f"the text has {len(sql)} characters: at most {limits.max_text} are allowed", reason="too_large")
    if not without_literals(sql).strip():
        raise QueryError("there is no statement in this text", reason="not_allowed")
    return _text(engine.read_raw(load("gate/canonical"), {"text": sql}, "RawBLOB", shown=sql))


def _values(canonical: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    wanted = placeholders(canonical)
    if unused := sorted(parameters.keys() - wanted.keys()):
        raise QueryError(f"parameter {unused[0]!r}: the query has no {{{unused[0]}:Type}}", parameter=unused[0])
    return parameters


def _know(engine: Engine) -> _Known:
    with _lock:  # the first that ask wait for one of them: reading it takes a tenth of a second
        known = _known.get(engine)
        if known is None:
            functions, aggregates = allowed_functions(engine.read(load("gate/functions")).to_pylist())
            known = _known[engine] = _Known(functions, aggregates, tuple(engine.read(load("gate/tables"))["name"].to_pylist()))
    return known


def _fence(database: str, present: tuple[str, ...], tables: tuple[str, ...], project: str | None, limits: Limits) -> Settings:
    filters = {f"{database}.{table}": "0" for table in present if table not in tables}
    if project is not None:
        filters |= {f"{database}.{table}": f"project = {quoted(project)}" for table in tables}
    return {
        "max_execution_time": limits.timeout_s,
        "timeout_overflow_mode": "throw",
        "max_memory_usage": limits.memory_bytes,
        "max_bytes_before_external_group_by": limits.memory_bytes // 2,
        "max_bytes_before_external_sort": limits.memory_bytes // 2,
        "max_temporary_data_on_disk_size_for_query": 4 * limits.memory_bytes,
        "max_result_rows": limits.max_rows,
        "max_result_bytes": limits.max_bytes,
        "result_overflow_mode": "throw",
        "max_threads": limits.threads,
        "query_plan_merge_filters": 0,  # see the third fence
        "allow_ddl": 0,
        "use_query_cache": 0,
        "output_format_json_quote_64bit_integers": 0,
        "output_format_json_validate_utf8": 1,
        "additional_table_filters": "{" + ", ".join(f"{quoted(table)}: {quoted(condition)}" for table, condition in filters.items()) + "}",
    }


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
