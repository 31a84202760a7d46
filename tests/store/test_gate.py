"""Users' SQL reads what it may, and nothing else (rule 10)."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spyglass.model.errors import QueryError
from spyglass.store.engine import Engine
from spyglass.store.gate import Limits, run_user_sql

TABLES = ("spans", "events", "mine")
SMALL = Limits(timeout_s=1.5, memory_bytes=100_000_000, max_rows=1000)
ONLY_SELECT = "only SELECT can be run here"
NO_FORMAT = "FORMAT and INTO OUTFILE are not allowed here"
NO_SETTINGS = "a SETTINGS clause is not allowed here"


@pytest.fixture(scope="module")
def store(shared_engine: Engine) -> Engine:
    """Three projects; `mine` holds the rows of p1 alone, `private` what nobody may read."""
    return filled(shared_engine)


@pytest.fixture(scope="module")
def embedded_store(embedded_engine: Engine) -> Engine:
    """The same, embedded."""
    return filled(embedded_engine)


def filled(engine: Engine) -> Engine:
    columns = (
        "project LowCardinality(String), start DateTime64(9, 'UTC'), id UInt64, input String, attributes Map(LowCardinality(String), String), "
        "`gen_ai.x` String ALIAS input"
    )
    for table in ("spans", "mine", "events"):
        engine.command(f"CREATE TABLE {table} ({columns}, INDEX i input TYPE bloom_filter GRANULARITY 1) ENGINE = MergeTree ORDER BY (project, start)")
    engine.command(
        "INSERT INTO spans SELECT concat('p', toString(number % 3)), fromUnixTimestamp64Nano(toInt64(1790000000000000000 + number * 1000000000), 'UTC'), "
        "number, "
        "if(number % 3 = 1, toString(number), concat('SECRET ', toString(number))), map('k', toString(number)) FROM numbers(3000)"
    )
    engine.command("INSERT INTO mine SELECT * FROM spans WHERE project = 'p1'")
    engine.command("CREATE TABLE private (version UInt64, text String) ENGINE = MergeTree ORDER BY version")
    engine.command("INSERT INTO private VALUES (77, 'SECRET')")
    engine.command("CREATE VIEW everything AS SELECT * FROM spans")
    return engine


def ask(engine: Engine, sql: str, **options: object) -> list[dict[str, object]]:
    options = {"project": "p1", "tables": TABLES, "limits": SMALL, **options}
    return run_user_sql(engine, sql, **options).to_pylist()  # type: ignore[call-overload, no-any-return]


ATTACKS = [
    # files, network, other engines
    ("SELECT * FROM file('/etc/passwd')", "table function 'file' is not allowed"),
    ("SELECT file('/etc/passwd') FROM spans", "function 'file' is not allowed here: it reads files"),
    ("SELECT FILE('/etc/passwd')", "function 'FILE' is not allowed"),
    ("SELECT `file`('/etc/passwd')", "function 'file' is not allowed"),
    ("SELECT * FROM '/etc/passwd'", "there is no table '/etc/passwd'"),
    ("SELECT * FROM `/etc/passwd`", "there is no table"),
    ("SELECT * FROM default.`/etc/passwd`", "there is no table"),
    ('SELECT * FROM "default"."/etc/passwd"', "there is no table"),
    ("FROM file('x') SELECT *", "table function 'file'"),
    ("SELECT * FROM (SELECT * FROM file('x'))", "table function 'file'"),
    ("WITH x AS (SELECT * FROM url('http://x')) SELECT * FROM x", "table function 'url'"),
    ("WITH file AS (SELECT 1) SELECT * FROM file('x')", "table function 'file'"),
    ("SELECT (SELECT count() FROM s3('x')) AS x", "table function 's3'"),
    ("SELECT * FROM spans AS s ANY LEFT JOIN url('http://x') AS u USING id", "table function 'url'"),
    ("SELECT * FROM spans WHERE id IN file('x')", "function 'file'"),
    ("SELECT * FROM spans WHERE id IN (SELECT number FROM remote('x', 'y'))", "table function 'remote'"),
    ("SELECT * FROM spans WHERE EXISTS (SELECT 1 FROM url('x'))", "table function 'url'"),
    ("SELECT * FROM view(SELECT * FROM file('z'))", "table function 'view'"),
    ("SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))", "table function 'viewExplain'"),
    ("SELECT * FROM numbers(10) AS n, python(os)", "table function 'python'"),
    ("SELECT * FROM executable('x', 'y', 'z')", "table function 'executable'"),
    ("SELECT * FROM mysql('a')", "table function 'mysql'"),
    ("SELECT * FROM sqlite('a', 'b')", "table function 'sqlite'"),
    ("SELECT * FROM icebergLocal('/')", "table function 'icebergLocal'"),
    ("SELECT * FROM cluster('x', spans)", "table function 'cluster'"),
    ("SELECT * FROM loop(spans)", "table function 'loop'"),
    ("SELECT * FROM merge('.*', '.*')", "table function 'merge'"),
    ("SELECT * FROM dictionary('x')", "table function 'dictionary'"),
    ("SELECT * FROM values('a UInt8', 1)", "table function 'values'"),
    ("SELECT * FROM format('CSV', '1')", "table function 'format'"),
    ("SELECT * FROM eval('SELECT 1')", "table function 'eval'"),
    ("SELECT * FROM mergeTreeIndex(currentDatabase(), 'private')", "table function 'mergeTreeIndex'"),
    ("SELECT * FROM generateRandom('a UInt8')", "table function 'generateRandom'"),
    # tables that are not for them
    ("SELECT * FROM system.tables", "there is no table 'system.tables'"),
    ("SELECT * FROM SYSTEM.ONE", "there is no table"),
    ('SELECT * FROM "system".one', "there is no table"),
    ("SELECT 1 UNION ALL SELECT * FROM system.one", "there is no table"),
    ("SELECT * FROM information_schema.tables", "there is no table"),
    ("SELECT * FROM private", "there is no table 'private'"),
    ("SELECT * FROM everything", "there is no table 'everything'"),
    ("SELECT * FROM spans WHERE id IN private", "IN private: expected a list of values"),
    ("SELECT * FROM spans WHERE id GLOBAL NOT IN private", "IN private: expected a list of values"),
    ("SELECT * FROM spans WHERE id IN system.numbers", "IN system.numbers: expected a list of values"),
    ("SELECT 1 EXCEPT SELECT version FROM private", "there is no table 'private'"),
    ("SELECT 1 INTERSECT SELECT version FROM private", "there is no table 'private'"),
    ("SELECT * FROM spans AS s JOIN private AS p ON 1", "there is no table 'private'"),
    ("SELECT * FROM (WITH private AS (SELECT 1 AS version) SELECT * FROM private) AS a, private AS b", "there is no table"),
    ("SELECT (SELECT max(version) FROM private) AS v FROM (WITH private AS (SELECT 1 AS version) SELECT * FROM private) AS a", "there is no table"),
    ("SELECT 1 FROM (WITH private AS (SELECT 1 AS x) SELECT x FROM private) AS a WHERE 77 IN private", "there is no table|Number of columns"),
    ("SELECT * FROM private WINDOW w AS (ORDER BY version), private AS (ORDER BY version)", "there is no table"),
    ("SELECT * FROM {t:Identifier}", "the type Identifier is not allowed"),
    ("SELECT {t:Identifier}.id FROM spans", "the type Identifier is not allowed"),
    # more than one statement, and statements that are no SELECT
    ("SELECT 1; DROP TABLE spans", "syntax error at line 1, column 9"),
    ("SELECT 1) ; DROP TABLE spans; SELECT (1", "syntax error"),
    ("SELECT * FROM spans -- x\n; DROP TABLE spans", "syntax error at line 2, column 1"),
    ("SELECT * FROM spans /* ; */ ; /* */ DROP TABLE spans", "syntax error"),
    ("SELECT $$;$$ ; SELECT 2", "syntax error"),
    ("SELECT 1 PARALLEL WITH SELECT 2", ONLY_SELECT),
    ("EXPLAIN SELECT * FROM private", ONLY_SELECT),
    ("EXPLAIN AST SELECT 1", ONLY_SELECT),
    ("DESCRIBE TABLE file('x')", ONLY_SELECT),
    ("SHOW TABLES", ONLY_SELECT),
    ("EXISTS TABLE private", ONLY_SELECT),
    ("CHECK TABLE spans", ONLY_SELECT),
    ("USE system", ONLY_SELECT),
    ("SET readonly = 0", ONLY_SELECT),
    ("SET max_threads = 1", ONLY_SELECT),
    ("KILL QUERY WHERE 1", ONLY_SELECT),
    ("SYSTEM STOP MERGES", ONLY_SELECT),
    ("SYSTEM SHUTDOWN", ONLY_SELECT),
    ("INSERT INTO spans SELECT * FROM spans", ONLY_SELECT),
    ("INSERT INTO spans (id) VALUES (1)", ONLY_SELECT),
    ("INSERT INTO FUNCTION file('a') SELECT 1", ONLY_SELECT),
    ("CREATE TABLE x (a UInt8) ENGINE = Memory", ONLY_SELECT),
    ("CREATE FUNCTION f AS x -> x", ONLY_SELECT),
    ("CREATE USER x", ONLY_SELECT),
    ("GRANT ALL ON *.* TO x", ONLY_SELECT),
    ("DROP TABLE spans", ONLY_SELECT),
    ("TRUNCATE TABLE spans", ONLY_SELECT),
    ("ALTER TABLE spans DELETE WHERE 1", ONLY_SELECT),
    ("DELETE FROM spans WHERE 1", ONLY_SELECT),
    ("UPDATE spans SET input = '' WHERE 1", ONLY_SELECT),
    ("OPTIMIZE TABLE spans", ONLY_SELECT),
    ("RENAME TABLE spans TO y", ONLY_SELECT),
    ("DETACH TABLE spans", ONLY_SELECT),
    ("BACKUP TABLE spans TO File('x')", ONLY_SELECT),
    ("BEGIN TRANSACTION", ONLY_SELECT),
    # clauses
    ("SELECT 1 INTO OUTFILE 'x'", NO_FORMAT),
    ("(SELECT 1) INTO OUTFILE 'a'", NO_FORMAT),
    ("SELECT 1 AS x INTO OUTFILE '/tmp/x' TRUNCATE FORMAT CSV", NO_FORMAT),
    ("SELECT 1 FORMAT Null", NO_FORMAT),
    ("SELECT 1 UNION ALL SELECT 2 INTO OUTFILE 'a' FORMAT CSV", NO_FORMAT),
    ("SELECT 1 SETTINGS max_threads = 1", NO_SETTINGS),
    ("SELECT * FROM (SELECT 1 SETTINGS max_threads = 9)", NO_SETTINGS),
    ("SELECT count() FROM spans SETTINGS additional_table_filters = {}", NO_SETTINGS),
    ("SELECT 1 SETTINGS readonly = 0", NO_SETTINGS),
    ("SELECT 1 UNION ALL SELECT 2 SETTINGS max_threads = 1", NO_SETTINGS),
    ("SELECT count() FROM spans PREWHERE toUInt8(input) > 0", "PREWHERE is not allowed here: WHERE does the same"),
    ("SELECT * APPLY(file) FROM spans", "APPLY is not allowed"),
    ("SELECT * APPLY(x -> file(x)) FROM spans", "APPLY is not allowed"),
    ("SELECT COLUMNS('input') APPLY(toUInt8) FROM spans", "APPLY is not allowed"),
    # functions
    ("SELECT throwIf(1)", "it fails on purpose"),
    ("SELECT sleep(3)", "it only holds a place"),
    ("SELECT sleepEachRow(1) FROM numbers(10)", "it only holds a place"),
    ("SELECT editDistance('a', 'b')", "its cost grows with the square"),
    ("SELECT levenshteinDistance('a', 'b')", "no function 'levenshteinDistance'"),
    ("SELECT dictGet('d', 'x', 1)", "no function 'dictGet'"),
    ("SELECT joinGet('x', 'y', 1)", "no function 'joinGet'"),
    ("SELECT hasColumnInTable('system', 'one', 'dummy')", "no function 'hasColumnInTable'"),
    ("SELECT getSetting('additional_table_filters')", "no function 'getSetting'"),
    ("SELECT getServerSetting('path')", "no function 'getServerSetting'"),
    ("SELECT @@version", "no function 'globalVariable'"),
    ("SELECT currentUser()", "no function 'currentUser'"),
    ("SELECT hostName()", "no function 'hostName'"),
    ("SELECT getMacro('x')", "no function 'getMacro'"),
    ("SELECT demangle('x')", "no function 'demangle'"),
    ("SELECT catboostEvaluate('x', 1)", "no function 'catboostEvaluate'"),
    ("SELECT aiGenerate('x')", "no function 'aiGenerate'"),
    ("SELECT AIGenerate('x')", "no function 'AIGenerate'"),
    ("SELECT decrypt('aes-128-ecb', 'x', 'k')", "no function 'decrypt'"),
    ("SELECT logTrace('x')", "no function 'logTrace'"),
    ("SELECT flameGraph(1)", "it reads the engine's memory"),
    ("SELECT flameGraphIf(1, 1)", "no function 'flameGraphIf'"),
    ("SELECT formatRow('Template', 1)", "its formats can read files"),
    ("SELECT count() FROM spans WHERE indexHint(input = 'SECRET 0')", "no function 'indexHint'"),
    ("SELECT __getScalar('x')", "no function '__getScalar'"),
    ("SELECT initializeAggregation('sumState', 1)", "no function 'initializeAggregation'"),
    ("SELECT CAST(unhex('FF'), 'AggregateFunction(uniq, UInt64)')", "CAST: this type is not allowed"),
    ("SELECT CAST(unhex('FF'), concat('Aggregate', 'Function(uniq, UInt64)'))", "CAST: this type is not allowed"),
    ("SELECT unhex('FF')::AggregateFunction(uniq, UInt64)", "CAST: this type is not allowed"),
    ("SELECT {x:AggregateFunction(uniq, UInt64)}", "is not allowed here"),
    # texts that are made to mislead
    ("SELECT 1 AS `a\\n TableIdentifier x`", "names with line breaks"),
    ("SELECT `weird\nname` FROM spans", "names with line breaks"),
    ("SELECT 1 AS `a\0b`", "names with line breaks"),
    ("", "there is no statement"),
    (" -- SELECT 1", "there is no statement"),
    ("SELECT", "syntax error at the end of the query"),
    ("SELECT (((", "the bracket is never closed"),
    ("SELECT 'x", "the quote is never closed"),
    (f"SELECT {'(' * 3000}1{')' * 3000}", "too deeply nested"),
    (f"SELECT * FROM {'(SELECT * FROM ' * 300}spans{')' * 300}", "too deeply nested"),
    (f"SELECT {'NOT ' * 3000}1", "too deeply nested"),
    (f"SELECT '{'x' * 40_000}'", "at most 32768 are allowed"),
    # too much of everything
    ("SELECT count() FROM numbers(1000000000000)", "took longer than 1.5 s"),
    ("SELECT number FROM numbers(100000)", "more than 1,000 rows"),
    ("SELECT groupArray(number) FROM numbers(1000000000)", "needs more memory than"),
    ("SELECT arrayMap(x -> arrayMap(y -> range(10000), range(10000)), range(10000))", "needs more memory than"),
    ("SELECT arrayJoin(range(500000000))", "needs more memory than"),
    ("SELECT repeat(repeat('x', 1000000), 1000)", "needs more memory than"),
    ("SELECT a.number FROM numbers(1000000) AS a, numbers(1000000) AS b", "more than|took longer|needs more"),
    ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count() FROM r", "took longer|too deep|more than|[Rr]ecurs"),
]


@pytest.mark.parametrize(("sql", "message"), ATTACKS, ids=[sql[:50] for sql, _ in ATTACKS])
def test_an_attack_is_refused_with_its_reason(embedded_store: Engine, sql: str, message: str) -> None:
    """Nothing runs, and the message says what is not allowed."""
    check_refused(embedded_store, sql, message)


def test_attacks_are_refused_on_any_way(store: Engine) -> None:
    """Every sixth of them, over HTTP too."""
    for sql, message in ATTACKS[::6]:
        check_refused(store, sql, message)


def check_refused(store: Engine, sql: str, message: str) -> None:
    parameters = {name: "private" for name in ("t", "x") if f"{{{name}:" in sql}
    with pytest.raises(QueryError, match=message) as error:
        ask(store, sql, parameters=parameters)
    assert "DB::" not in error.value.message
    assert "SECRET" not in error.value.message


def test_a_file_is_not_read_by_any_name(store: Engine, tmp_path: Path) -> None:
    """Not through the names that the embedded engine takes for files."""
    path = tmp_path / "secret.csv"
    path.write_text("SECRET\n")
    for name in (f"'{path}'", f"`{path}`", f"file('{path}')", f"default.`{path}`", f"{store.database}.`{path}`", f"file('{path}', 'CSV')"):
        with pytest.raises(QueryError):
            ask(store, f"SELECT * FROM {name}")
    assert list(tmp_path.iterdir()) == [path]


GOOD = [
    "SELECT * FROM {t}",
    "SELECT count() AS n FROM {t}",
    "SELECT min(start) AS a, max(start) AS b, any(project) AS p FROM {t}",
    "SELECT count() AS n FROM {db}.{t} AS s WHERE s.id IN (1, 2, 3, 4)",
    "SELECT project, count() AS n FROM {t} GROUP BY project ORDER BY project",
    "SELECT DISTINCT project FROM {t}",
    "SELECT project FROM {t} LIMIT 1 BY project",
    "WITH t AS (SELECT id FROM {t}) SELECT sum(id) AS s FROM t",
    "SELECT (SELECT count() FROM {t}) AS n",
    "SELECT count() AS n FROM {t} AS a JOIN {t} AS b ON a.id = b.id",
    "SELECT count() AS n FROM {t} AS a LEFT JOIN {t} AS b USING id WHERE b.project != a.project",
    "SELECT uniqExact(b.project) AS n FROM {t} AS a CROSS JOIN {t} AS b WHERE a.id < 10",
    "SELECT count() AS n FROM {t} WHERE id IN (SELECT id FROM {t} WHERE project = 'p2')",
    "WITH ids AS (SELECT id FROM {t}) SELECT count() AS n FROM {t} WHERE id IN ids",
    "SELECT id FROM {t} UNION ALL SELECT id FROM {t} ORDER BY id LIMIT 3",
    "SELECT count() AS n FROM {t} ARRAY JOIN [1, 2] AS z",
    "SELECT count() AS n FROM (SELECT * FROM {t}) WHERE toUInt64(input) >= 0",
    "SELECT count() AS n FROM {t} WHERE `gen_ai.x` LIKE 'SECRET%'",
    "SELECT max(`gen_ai.x`) AS m, max(gen_ai.x) AS o FROM {t}",
    "SELECT attributes['k'] AS k FROM {t} ORDER BY toUInt64(k) LIMIT 3",
    "SELECT count() AS n FROM {t} WHERE EXISTS (SELECT 1 FROM {t} WHERE project = 'p0')",
    "SELECT id, row_number() OVER (PARTITION BY project ORDER BY id) AS r FROM {t} ORDER BY id LIMIT 3",
    "SELECT sum(x) AS s FROM (SELECT sumState(id) AS a FROM {t}) ARRAY JOIN [finalizeAggregation(a)] AS x",
    "SELECT topK(2)(project) AS t FROM {t}",
    "SELECT uniqExact(_part) > 0 AS parts, any(_table) != '' AS named FROM {t}",
    "SELECT count() AS n FROM {t} WHERE NOT (project = 'p1') OR 1",
    "FROM {t} SELECT count() AS n",
]


@pytest.mark.parametrize("sql", GOOD)
def test_other_projects_are_not_there(embedded_store: Engine, sql: str) -> None:
    """Each answer is that of a table which has never seen other projects' rows."""
    check_same(embedded_store, sql)


def test_other_projects_are_not_there_on_any_way(store: Engine) -> None:
    """Every fourth of them, over HTTP too."""
    for sql in GOOD[::4]:
        check_same(store, sql)


def check_same(store: Engine, sql: str) -> None:
    wide = Limits(max_rows=10_000)
    asked = ask(store, sql.replace("{t}", "spans").replace("{db}", store.database), limits=wide)
    expected = ask(store, sql.replace("{t}", "mine").replace("{db}", store.database), limits=wide, project=None)
    assert asked == expected


CONDITIONS = [
    "toUInt64(input) >= 0",
    "toUInt8(substring(input, 1, 1)) < 10",
    "intDiv(1, project = 'p1') = 1",
    "id > 5",
    "start > '2020-01-01'",
    "attributes['k'] != ''",
    "input != ''",
    "length(input) < 6",
    "toDecimal64(input, 2) >= 0",
]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    conditions=st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=4, unique=True),
    final=st.sampled_from(["", "ORDER BY toUInt64(input)", "GROUP BY id"]),
)
def test_failures_tell_nothing_of_other_projects(store: Engine, conditions: list[str], final: str) -> None:
    """Conditions that fail on other projects' rows only never fail: the project comes before all of them."""
    columns = "id" if final else "count() AS n"
    for where in (f"WHERE {' AND '.join(conditions)}", f"ARRAY JOIN [1] AS z WHERE {' AND '.join(conditions)}"):
        ask(store, f"SELECT {columns} FROM spans {where} {final}", limits=Limits())


@pytest.mark.parametrize("project", ["p'1", "p\\1", "p1\\'", "x' OR '1' = '1", "\\' OR 1=1 --", "p\n1", "'}, 'x': '1", ""])
def test_a_projects_name_is_only_a_name(store: Engine, project: str) -> None:
    """Whatever is in it."""
    assert ask(store, "SELECT count() AS n FROM spans", project=project) == [{"n": 0}]


def test_no_project_sees_all(store: Engine) -> None:
    """For administrators; but not the tables that are shut."""
    assert ask(store, "SELECT count() AS n FROM spans", project=None) == [{"n": 3000}]
    with pytest.raises(QueryError, match="there is no table 'private'"):
        ask(store, "SELECT * FROM private", project=None)


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) AS s FROM r",
        "SELECT countIf(id > 5), sumOrNull(id), uniqExactIf(id, id > 3), COUNT(DISTINCT input), avg(id)::Float32, quantiles(0.5, 0.9)(id) FROM spans",
        "SELECT CASE WHEN id > 1 THEN 2 END, CASE input WHEN 'a' THEN 1 ELSE 2 END, INTERVAL 1 DAY, DATE '2020-01-01', CAST(1 AS String) FROM spans LIMIT 1",
        "SELECT toStartOfInterval(start, INTERVAL 5 MINUTE) AS t, count() FROM spans GROUP BY t ORDER BY t WITH FILL STEP INTERVAL 5 MINUTE LIMIT 3",
        "SELECT * EXCEPT (input) REPLACE (id + 1 AS id) FROM spans LIMIT 1",
        "SELECT COLUMNS('in') FROM spans LIMIT 1",
        "SELECT arrayMap(x -> x + 1, [1, 2]), now(), today(), version(), formatReadableSize(1000)",
        "SELECT project, id FROM spans GROUP BY GROUPING SETS ((project), (id)) LIMIT 1",
        "SELECT sum(id) AS s FROM spans GROUP BY ALL HAVING s > 1 QUALIFY s > 1",
        "SELECT match(input, '^[0-9]+$') AND input NOT ILIKE '%x%' AND input IS NOT NULL AS a FROM spans LIMIT 1;",
        "SELECT 'file(x); DROP TABLE y; SETTINGS a = 1 INTO OUTFILE FORMAT CSV' AS `p95 (ms)`",
        "(SELECT 1 AS a) UNION ALL (SELECT 2 AS a)",
        "SELECT 'a\u2028b\x0bc\x85d' AS a, 'e\nTABLE id: 1, table_name: private' AS b FROM spans LIMIT 1",
        "SELECT number FROM numbers(3)",
        "SELECT JSONExtractString('{\"a\":\"b\"}', 'a'), splitByChar(',', 'a,b'), cityHash64('a'), hex('a')",
    ],
)
def test_honest_queries_run(store: Engine, sql: str) -> None:
    """The fence is not in the way of analysis."""
    assert ask(store, sql)


def test_values_are_bound(store: Engine) -> None:
    """Strings with everything in them, arrays, nothing."""
    nasty = "it's \\ \"q\" `b`\n\t {x:String} %s '); DROP TABLE spans; --"
    sql = "SELECT {a:String} AS a, {b:Array(String)} AS b, {c:Nullable(String)} AS c, {d:Float64} AS d, {e:Bool} AS e"
    values = {"a": nasty, "b": [nasty], "c": None, "d": 1.5, "e": True}
    assert ask(store, sql, parameters=values) == [values]


def test_values_and_placeholders_go_together(store: Engine) -> None:
    """One without the other is an error."""
    with pytest.raises(QueryError, match="parameter 'a': the query has"):
        ask(store, "SELECT {a:String} AS a")
    with pytest.raises(QueryError, match="parameter 'b': the query has no"):
        ask(store, "SELECT 1 AS a", parameters={"b": 1})
    with pytest.raises(QueryError, match="parameter 'a': its value cannot be read as UInt8"):
        ask(store, "SELECT {a:UInt8} AS a", parameters={"a": "x"})


def test_mistakes_get_help(store: Engine) -> None:
    """A place, or a name that is near."""
    with pytest.raises(QueryError, match="did you mean 'input'") as column:
        ask(store, "SELECT inputt FROM spans")
    with pytest.raises(QueryError) as table:
        ask(store, "SELECT id FROM span")
    with pytest.raises(QueryError) as function:
        ask(store, "SELECT lengt(input) FROM spans")
    with pytest.raises(QueryError) as syntax:
        ask(store, "SELECT id\nFROM spans\nWERE id = 1")
    assert (column.value.details["suggestion"], table.value.details["suggestion"]) == ("input", "spans")
    assert function.value.details["suggestion"] == "length"
    assert (syntax.value.details["line"], syntax.value.details["column"]) == (3, 6)


def test_answers_come_in_other_formats(store: Engine) -> None:
    """As bytes."""
    sql = "SELECT id, input FROM spans ORDER BY id LIMIT 2"
    assert json.loads(run_user_sql(store, sql, project="p1", tables=TABLES, form="JSONEachRow").split(b"\n")[0]) == {"id": 1, "input": "1"}
    assert run_user_sql(store, sql, project="p1", tables=TABLES, form="CSVWithNames") == b'"id","input"\n1,"1"\n4,"4"\n'
    assert pq.read_table(io.BytesIO(run_user_sql(store, sql, project="p1", tables=TABLES, form="Parquet"))).num_rows == 2


@pytest.mark.parametrize("name", ["x", "x DateTime", "a 'quoted' (name)"])
@pytest.mark.parametrize(
    ("value", "is_time"), [("toDateTime(7)", True), ("toNullable(toDateTime(7, 'UTC'))", True), ("toStartOfHour(start)", True), ("toUInt32(7)", False)]
)
def test_times_are_times_whatever_their_column_is_called(store: Engine, name: str, value: str, is_time: bool) -> None:
    """The engine hands some over as numbers."""
    quoted = name.replace("'", "\\'")
    found = run_user_sql(store, f"SELECT 1 AS one, {value} AS `{quoted}`, 2 AS two FROM spans LIMIT 1", project="p1", tables=TABLES)
    assert found.column_names == ["one", name, "two"]
    assert pa.types.is_timestamp(found.schema.field(1).type) == is_time


def test_bytes_make_no_broken_json(store: Engine) -> None:
    """Ids are bytes: where they are not hexed, JSON is still JSON."""
    answer = run_user_sql(store, "SELECT unhex('FF00') AS a", project="p1", tables=TABLES, form="JSONEachRow")
    assert json.loads(answer)


def test_after_a_failure_the_next_asker_gets_his_own(store: Engine) -> None:
    """Failures of one project never show in another's answer."""
    for i in range(10):
        with pytest.raises(QueryError):
            ask(store, "SELECT input, number FROM spans, numbers(1000)", project=f"p{i % 3}", limits=Limits(max_rows=70_000))
        assert ask(store, "SELECT DISTINCT project FROM spans", project=f"p{(i + 1) % 3}") == [{"project": f"p{(i + 1) % 3}"}]


def test_nothing_was_changed(embedded_store: Engine) -> None:
    """After all these attacks the tables are as they were."""
    assert ask(embedded_store, "SELECT count() AS n FROM spans", project=None) == [{"n": 3000}]
    assert embedded_store.read("SELECT count() AS n FROM private").to_pylist() == [{"n": 1}]
    assert sorted(embedded_store.status().tables) == ["mine", "private", "spans"]
