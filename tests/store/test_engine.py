"""The engine: what every database must do for us, embedded and over HTTP."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from spyglass.model.errors import QueryError, Refused, StoreError
from spyglass.store.engine import Engine

ROWS = pa.table({"id": pa.array(range(100), pa.uint64()), "name": pa.array([f"n{i % 3}" for i in range(100)])})
ENDLESS = "SELECT sum(cityHash64(number)) AS n FROM numbers(1000000000000)"


@pytest.fixture(scope="module")
def library(shared_engine: Engine) -> Engine:
    """An engine with a hundred rows, for tests that only read."""
    make_tables(shared_engine)
    shared_engine.insert("rows", ROWS, token="library")
    return shared_engine


def make_tables(engine: Engine) -> None:
    engine.command("CREATE TABLE rows (id UInt64, name String) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
    engine.command(
        "CREATE TABLE names (name String, n SimpleAggregateFunction(sum, UInt64)) ENGINE = AggregatingMergeTree ORDER BY name "
        "SETTINGS non_replicated_deduplication_window = 100"
    )
    engine.command("CREATE MATERIALIZED VIEW names_mv TO names AS SELECT r.name AS name, count() AS n FROM rows AS r GROUP BY name")


def test_rows_come_back_as_they_went_in(library: Engine) -> None:
    """What is inserted as Arrow is read as Arrow."""
    assert library.read("SELECT id, name FROM rows ORDER BY id LIMIT 1000").to_pydict() == ROWS.to_pydict()


def test_an_empty_answer_has_columns(library: Engine) -> None:
    """No rows is a table with no rows."""
    table = library.read("SELECT toUInt64(1) AS a, 'x' AS b WHERE 0")
    assert (table.num_rows, table.column_names) == (0, ["a", "b"])


def test_a_repeated_insert_changes_nothing(engine: Engine) -> None:
    """Rows under a token that was seen are left out, in the tables that views fill too (rule 8)."""
    make_tables(engine)
    for token in ("a", "b", "a", "a"):
        engine.insert("rows", ROWS, token=token)
    assert engine.read("SELECT count() AS n FROM rows").to_pylist() == [{"n": 200}]
    assert engine.read("SELECT sum(n) AS n FROM names").to_pylist() == [{"n": 200}]


def test_equal_rows_under_two_tokens_are_two_inserts(engine: Engine) -> None:
    """The token decides, not the content."""
    make_tables(engine)
    engine.insert("rows", ROWS, token="a")
    engine.insert("rows", ROWS, token="b")
    assert engine.read("SELECT count() AS n FROM rows").to_pylist() == [{"n": 200}]


def test_raw_answers_come_in_the_format_asked_for(library: Engine) -> None:
    """Bytes of a format of the database, unchanged."""
    assert library.read_raw("SELECT 1 AS a, 'x' AS b", None, "JSONEachRow") == b'{"a":1,"b":"x"}\n'
    assert library.read_raw("SELECT 1 AS a, 'x' AS b", None, "CSVWithNames") == b'"a","b"\n1,"x"\n'


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT zzzzzz FROM rows", "there is no column 'zzzzzz'"),
        ("SELECT 1 FROM nope", "there is no table 'nope'"),
        ("SELECT nam FROM rows", "there is no column 'nam': did you mean 'name'?"),
        ("SELECT sum(name) FROM rows", "Illegal type String of argument for aggregate function sum"),
        ("SELECT toUInt8(name) FROM rows", "a value cannot be read as UInt8: functions that end in OrNull or OrZero do without it"),
        ("SELECT {p:UInt8}", "parameter 'p': the query has {p:UInt8}, but no value was given for it"),
        ("INSERT INTO rows VALUES (1, 'a')", "this is not allowed here: a query can only read"),
    ],
)
def test_what_is_wrong_with_a_query_is_told_in_plain_words(library: Engine, sql: str, message: str) -> None:
    """The asker's mistakes are QueryErrors, without the engine's codes and versions."""
    with pytest.raises(QueryError) as error:
        library.read(sql)
    assert error.value.message == message


def test_a_syntax_error_points_at_its_place(library: Engine) -> None:
    """Line and column count characters, from 1."""
    with pytest.raises(QueryError) as error:
        library.read("SELECT 'é',\n  1 FROMM x y")
    assert (error.value.details["line"], error.value.details["column"]) == (2, 11)


def test_a_value_of_the_wrong_type_names_its_parameter(library: Engine) -> None:
    """And does not repeat the value."""
    with pytest.raises(QueryError, match="parameter 'p': its value cannot be read as UInt8") as error:
        library.read("SELECT {p:UInt8} AS a", {"p": "secret"})
    assert "secret" not in error.value.message


def test_a_query_that_takes_too_long_is_stopped(library: Engine) -> None:
    """The limit is told."""
    with pytest.raises(QueryError, match=r"took longer than 0\.5 s"):
        library.read(ENDLESS, timeout_s=0.5)


def test_a_query_that_answers_too_much_is_stopped(library: Engine) -> None:
    """An answer is whole or an error."""
    with pytest.raises(QueryError, match="more than 10 rows"):
        library.read("SELECT number FROM numbers(100000)", max_rows=10)


def test_a_query_that_needs_too_much_memory_is_stopped(library: Engine) -> None:
    """The limit of one query is the asker's, not the store's, trouble."""
    with pytest.raises(QueryError, match="needs more memory than"):
        library.read("SELECT length(groupArray(number)) AS n FROM numbers(100000000)", settings={"max_memory_usage": 20_000_000})


def test_settings_of_one_query_end_with_it(open_engine) -> None:
    """The next one on the same handle has the usual ones."""
    engine = open_engine(readers=1)
    usual = engine.read("SELECT getSetting('max_block_size') AS n").to_pylist()
    assert engine.read("SELECT getSetting('max_block_size') AS n", settings={"max_block_size": 17}).to_pylist() == [{"n": 17}]
    assert engine.read("SELECT getSetting('max_block_size') AS n").to_pylist() == usual


def test_times_are_utc(library: Engine) -> None:
    """Whatever the machine's time zone is."""
    assert library.read("SELECT timezone() AS a, toString(toDateTime(0)) AS b").to_pylist() == [{"a": "UTC", "b": "1970-01-01 00:00:00"}]


def test_a_query_is_cancelled_by_its_tag(library: Engine) -> None:
    """From another thread, while it runs; other queries go on."""
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(library.read, ENDLESS, tag="slow")
        while not library.cancel("slow"):
            assert library.read("SELECT 1 AS a").num_rows == 1
        with pytest.raises(QueryError, match="cancelled"):
            running.result(10)
    assert library.cancel("slow") == 0


def test_a_reader_that_never_comes_free_is_refused(open_engine) -> None:
    """Waiting has a bound, and the asker may come again."""
    engine = open_engine(readers=1, wait_s=0.05)
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(engine.read, ENDLESS, tag="slow")
        refused = first_refusal(lambda: engine.read("SELECT 1 AS a"))
        while not running.done():
            engine.cancel("slow")
    assert "all 1 readers" in refused.message


def first_refusal(work: Callable[[], object]) -> Refused:
    while True:
        try:
            work()
        except Refused as error:
            return error


def test_rows_that_do_not_fit_are_our_fault(library: Engine) -> None:
    """The same rows will never fit: StoreError."""
    for table, rows in (("rows", pa.table({"nope": [1]})), ("nope", ROWS), ("bad name", ROWS)):
        with pytest.raises(StoreError):
            library.insert(table, rows, token="a")


def test_a_batch_of_too_many_days_is_not_tried_again(engine: Engine) -> None:
    """The engine's code is that of too many parts, which would pass; this would not."""
    engine.command("CREATE TABLE days (day UInt32) ENGINE = MergeTree PARTITION BY day ORDER BY day")
    with pytest.raises(StoreError, match="Too many partitions"):
        engine.insert("days", pa.table({"day": pa.array(range(200), pa.uint32())}), token="a")


def test_no_rows_is_no_insert(library: Engine) -> None:
    """An empty batch does not reach the database."""
    library.insert("nope", ROWS.slice(0, 0), token="a")


def test_status_tells_what_is_there(library: Engine) -> None:
    """Version, room, and what each table holds."""
    status = library.status()
    assert (status.database, status.tables["rows"].rows, status.tables["rows"].parts) == (library.database, 100, 1)
    assert status.disk_free_bytes > 0
    assert status.version[0].isdigit()


def test_it_answers_while_all_readers_are_busy(open_engine) -> None:
    """Long queries of others do not make it look dead; closed, it answers no more."""
    engine = open_engine()
    with contextlib.ExitStack() as busy:
        for _ in range(engine.settings.readers):
            busy.enter_context(engine._readers.lend({}, 1.0))
        assert engine.answers(1.0)
    other = open_engine()
    other.close()
    assert not other.answers(1.0)


def test_many_threads_share_the_readers(library: Engine) -> None:
    """Each gets its own answer."""
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda i: library.read("SELECT {i:UInt32} AS i, sleep(0.001) AS s", {"i": i})["i"].to_pylist(), range(100)))
    assert answers == [[i] for i in range(100)]


def test_a_closed_engine_refuses(open_engine) -> None:
    """And can be closed twice."""
    engine = open_engine()
    other = open_engine()
    other.close()
    other.close()
    with pytest.raises(Refused, match="closing"):
        other.read("SELECT 1 AS a")
    assert engine.read("SELECT 1 AS a").num_rows == 1


def test_closing_stops_what_runs(open_engine) -> None:
    """A read that would take for ever ends, and close waits for it."""
    engine = open_engine()
    other = open_engine()
    failures: list[Exception] = []

    def read() -> None:
        try:
            other.read(ENDLESS, tag="slow", timeout_s=60)
        except QueryError as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    while engine.status().running < 3:
        pass
    other.close()
    for thread in threads:
        thread.join(10)
    assert [error.details["reason"] for error in failures] == ["cancelled", "cancelled"]


def test_the_fence_holds(library: Engine) -> None:
    """Neither settings nor data can be changed through a fenced handle."""
    with library.fenced({"max_result_rows": 5, "result_overflow_mode": "throw"}) as reader:
        assert reader.query("SELECT 1 AS a", None, "TSV") == b"1\n"
    for sql in ("SELECT 1 SETTINGS max_result_rows = 100", "INSERT INTO rows SELECT 1, 'a'", "DROP TABLE rows", "SELECT number FROM numbers(10)"):
        with pytest.raises(QueryError), library.fenced({"max_result_rows": 5, "result_overflow_mode": "throw"}) as reader:
            reader.query(sql, None, "")


def test_two_fences_do_not_mix(open_engine) -> None:
    """With one handle only, each use runs under its own settings."""
    engine = open_engine(fenced_readers=1)
    for limit in (3, 5, 3):
        with engine.fenced({"max_block_size": limit}) as reader:
            assert reader.query("SELECT getSetting('max_block_size')", None, "TSV") == f"{limit}\n".encode()


def test_a_server_that_is_away_is_refused(data_dir) -> None:
    """Not an error of the settings: it may come back."""
    with pytest.raises(Refused, match="does not answer"):
        Engine.open("clickhouse://user:secret@127.0.0.1:9/db", data_dir=data_dir)
