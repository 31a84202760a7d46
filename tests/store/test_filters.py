"""Search trees as SQL: the text, the values bound beside it, the indexes it uses, and the rows it finds, which are those of the live masks."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pytest

from spyglass.model.errors import QueryError
from spyglass.model.schema import MESSAGE, SPAN, Kind
from spyglass.search.masks import mask
from spyglass.search.parse import MAX_RELATIONS, MAX_TERMS, parse
from spyglass.store.engine import Engine, EngineSettings
from spyglass.store.filters import Filter
from spyglass.store.filters import compile as compile_filter
from spyglass.store.sqlfiles import load
from spyglass.store.statements import split
from spyglass.testing.rows import BASE_NS, events, points, spans

HOUR_NS: Final = 3600 * 10**9
NOW_NS: Final = BASE_NS + HOUR_NS
KEYS: Final = {Kind.SPAN: ("spans", "span_id", "start"), Kind.EVENT: ("events", "event_id", "time"), Kind.POINT: ("points", "description", "time")}
RANGE: Final = (
    "project = {project:String} AND received >= fromUnixTimestamp64Nano({from_ns:Int64} - 86400000000000, 'UTC') "
    "AND start >= fromUnixTimestamp64Nano({from_ns:Int64}, 'UTC') AND start < fromUnixTimestamp64Nano({to_ns:Int64}, 'UTC')"
)
WIDE: Final = (
    "project = {project:String} AND received >= fromUnixTimestamp64Nano({from_ns:Int64} - 172800000000000, 'UTC') "
    "AND start >= fromUnixTimestamp64Nano({from_ns:Int64} - 86400000000000, 'UTC') AND start < fromUnixTimestamp64Nano({to_ns:Int64} + 86400000000000, 'UTC')"
)


def made(text: str, kind: Kind = Kind.SPAN, *, from_ns: int = BASE_NS - HOUR_NS, to_ns: int = BASE_NS + 24 * HOUR_NS) -> Filter:
    """The filter of a search."""
    return compile_filter(parse(text), kind, NOW_NS, from_ns=from_ns, to_ns=to_ns)


def read(engine: Engine, filtered: Filter, kind: Kind = Kind.SPAN, project: str = "default", before: str = "SELECT") -> pa.Table:
    """What the filter lets through, ordered by time."""
    table, key, time = KEYS[kind]
    sql = f"{before} {key} FROM {table} WHERE project = {{project:String}} AND {filtered.sql} ORDER BY {time} LIMIT 100000"
    return engine.read(sql, {**filtered.parameters, "project": project})


def plan(engine: Engine, text: str, kind: Kind = Kind.SPAN) -> str:
    """How the engine would answer."""
    answer = read(engine, made(text, kind), kind, before="EXPLAIN indexes = 1 SELECT")
    return "\n".join(answer.column(0).to_pylist())


@pytest.fixture(scope="module")
def store(data_dir: Path) -> Iterator[Engine]:
    """The real tables in a database of their own, without retention: the rows of a test are from a fixed day."""
    settings = EngineSettings(database="filters", readers=2, query_memory_bytes=512 * 2**20, memory_bytes=2 * 2**30, background_threads=2)
    engine = Engine.open("chdb://", data_dir=data_dir, settings=settings)
    for statement in split(load("ddl/0001_records")):
        engine.command(re.sub(r"TTL .*? DAY", "", statement))
    yield engine
    engine.command("DROP DATABASE filters")
    engine.close()


WORDS: Final = ["timed out", "Timed\nOUT!", "out timed", "refund order", "привет мир", "a_b c", "", "", "x" * 600, "{p0:String} '\"\\ \0"]


def random_spans(rng: random.Random) -> pa.Table:
    """50 spans in 5 traces with random parents, some of them missing, and random values in the columns that a search names."""

    def any_of(*values: Any) -> list[Any]:
        return [rng.choice(values) for _ in range(50)]

    ids = [(i + 1).to_bytes(8) for i in range(50)]
    parents = [
        bytes(8) if i % 10 == 0 else rng.choice([ids[i - i % 10 + rng.randrange(i % 10)], b"missing!"] if i % 7 == 0 else ids[i - i % 10 : i])
        for i in range(50)
    ]
    attributes = [[("n", rng.choice(["5", "5.5", "-1e3", "x", "", "inf", "5 "])), ("k", rng.choice(WORDS)), ("n", "7")][rng.randrange(3) :] for _ in range(50)]
    tokens = any_of(0, 10, 500, 2000)
    return spans(
        50,
        trace_id=[(i // 10 + 1).to_bytes(16) for i in range(50)],
        span_id=ids,
        parent_span_id=parents,
        name=any_of("chat gpt-4o", "execute_tool search", "a*b", "100%", "a\\b", "line\nbreak", ""),
        kind=any_of("llm", "tool", "agent", "chain"),
        agent=any_of("planner", "writer", "", "план"),
        model=any_of("gpt-4o", "claude", ""),
        request_model=any_of("gpt-4o", "claude", ""),
        status=any_of("unset", "ok", "error"),
        status_message=any_of("", "", "the search timed out"),
        error_type=any_of("", "", "TimeoutError"),
        duration_ns=any_of(0, 10**6, 2 * 10**9, 2**63),
        input_tokens=tokens,
        has_usage=[one > 0 for one in tokens],
        cost_usd=any_of(0.0, 0.05, 0.1, 3.5),
        cost_source=any_of("", "unknown_model", "price:1", "reported"),
        time_to_first_chunk_s=any_of(0.0, 0.1, 0.25, 2.0),
        finish_reasons=any_of([], ["stop"], ["tool_call", "length"]),
        stream=any_of(True, False),
        plumbing=any_of(True, False, False),
        session_id=any_of("s-1", "s-2", ""),
        input=any_of(*WORDS),
        output=any_of(*WORDS),
        input_messages=any_of([], [b"h" * 16]),
        attributes=attributes,
    )


def random_messages(rng: random.Random, rows: pa.Table) -> pa.Table:
    """Messages that some of the spans said first."""
    plain = {"project": "default", "received": BASE_NS, "agent": "", "model": "", "session_id": "", "service": "", "role": "user", "body": "{}", "position": 0}
    said = []
    for i in range(40):
        speaker = rows.slice(rng.randrange(50), 1).select(["trace_id", "span_id", "start"]).to_pylist()[0]
        said.append({**plain, **speaker, "scope": "s", "hash": i.to_bytes(16), "direction": rng.choice(["input", "output"]), "text": rng.choice(WORDS)})
    return pa.Table.from_pylist(said, MESSAGE)


@pytest.fixture(scope="module")
def filled(store: Engine) -> tuple[Engine, dict[Kind, pa.Table], pa.Table]:
    """The store and the same rows in memory."""
    rng = random.Random(20261121)
    table = random_spans(rng)
    said = random_messages(rng, table)
    bodies = [rng.choice(WORDS) for _ in range(40)]
    rows = {Kind.SPAN: table, Kind.EVENT: events(40, body=bodies, severity=[rng.choice(["", "info", "warning", "error", "critical"]) for _ in range(40)])}
    rows[Kind.POINT] = points(40, description=[f"row {i}" for i in range(40)])
    for name, one in {"spans": table, "messages": said, "events": rows[Kind.EVENT], "points": rows[Kind.POINT]}.items():
        store.insert(name, one, token=name)
    return store, rows, said


SPAN_SEARCHES: Final = [
    "*", "name:chat*", "-name:chat*", "name:*search*", "name:a\\*b", "name:100%", "name:1*%", "name:a\\\\*", "name:line*break", 'name:""', "has:name",
    "kind:tool,agent", "kind:tool or is:error", "agent:planner,writer,план", "agent:*an* -agent:план", "model:gpt-4o", "-model:gpt-4o,cl*",
    "has:model", "status:error", "is:error -is:root", "error:Time*", "has:error", "-has:error", "root", "duration>=2s", "duration<1ms",
    "duration:1ms..5s", "tokens>500", "tokens<100", "-tokens<100", "tokens:80,580", "input_tokens:10..500", "has:tokens", "cost>0.05", "cost:0.1",
    "cost<1", "has:cost", "ttft>=100ms", "ttft<1s", "has:ttft", "finish_reasons:stop", "finish_reasons:*l", "has:finish_reasons", "stream:false",
    "is:plumbing,stream", "session:s-1,s-2 has:session", "time>-30m", "time:2026-01-01T00:00:00.010..2026-01-01T00:00:00.020",
    "start<2026-01-01T00:00:00.005", "received>2026-01-01", "start>2026-01-01", "attr.n:5", "attr.n:5,x", "attr.n>5", "attr.n<=5.5", "-attr.n>5",
    "attr.n:5..6", 'attr.n:""', "has:attr.n", "attr.n:*5*", "attr.k:*timed*", "attr.missing:5", "resource.service.name:travel",
    "trace:00000000000000000000000000000003", "span:000000000000002a", "parent:000000000000000b", "timed", '"timed out"', "timed -refund", "ПРИВЕТ",
    "a_b", "x y", "input:timed", 'output:"timed out"', "input:refund,timed", "has:input", "-has:output", "tool under agent",
    "tool under agent:planner", "agent over tool", "agent over (tool is:error)", "parent:(agent)", "-parent:(agent or tool)", "not (llm under agent)",
    "llm under (not agent)", "tool under agent under root", "root over (tool or timed)", "timed under agent", "tool under llm or is:error",
]  # fmt: skip
EVENT_SEARCHES: Final = [
    "name:execution*", 'event:""', "severity>=warning", "severity<error", "-severity>=warning", "level:err", "is:error", "has:severity", "body:timed",
    '"timed out"', "timed or step", "execution:execution-3", "source:travel", "time>-30m", "duration>1s", "attr.test.row>30", "has:error",
    "model:gpt*",
]  # fmt: skip
POINT_SEARCHES: Final = [
    "name:test.gauge", "metric:*histogram", "type:sum,gauge", "value<10", "has:value", "sum>=4", "count:6", "min<1", "monotonic:true", '"row 1"',
    "temporality:delta",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind"),
    [(text, kind) for kind, texts in ((Kind.SPAN, SPAN_SEARCHES), (Kind.EVENT, EVENT_SEARCHES), (Kind.POINT, POINT_SEARCHES)) for text in texts],
)
def test_the_store_finds_what_the_mask_finds(filled: tuple[Engine, dict[Kind, pa.Table], pa.Table], text: str, kind: Kind) -> None:
    """Same search, same rows, same answer: stored and live."""
    engine, rows, said = filled
    key = KEYS[kind][1]
    live = rows[kind].filter(mask(parse(text), rows[kind], kind, NOW_NS, said))[key].to_pylist()
    assert sorted(read(engine, made(text, kind), kind)[key].to_pylist()) == sorted(live)


def test_the_comparison_has_substance(filled: tuple[Engine, dict[Kind, pa.Table], pa.Table]) -> None:
    """Nearly every search finds some rows and leaves some."""
    _, rows, said = filled
    sizes = [mask(parse(text), rows[Kind.SPAN], Kind.SPAN, NOW_NS, said).true_count for text in SPAN_SEARCHES]
    assert sum(0 < size < 50 for size in sizes) > len(sizes) - 10


@pytest.mark.parametrize(
    ("text", "sql", "values"),
    [
        ("kind:tool", "(kind = {p0:String})", ["tool"]),
        ("kind:tool,llm", "(kind IN {p0:Array(String)})", [["tool", "llm"]]),
        ("name:a*_%", "(name LIKE {p0:String})", ["a%\\_\\%"]),
        ("-agent:x", "NOT (agent = {p0:String})", ["x"]),
        ("agent:x or tool:x", "((agent = {p0:String}) OR (tool = {p0:String}))", ["x"]),
        ("duration>2s", "(duration_ns > {p0:UInt64})", [2 * 10**9]),
        ("tokens>=5", "((has_usage) AND (input_tokens + output_tokens >= {p0:UInt64}))", [5]),
        ("start>-1h", "(start > fromUnixTimestamp64Nano({p0:Int64}, 'UTC'))", [NOW_NS - HOUR_NS]),
        ("start<=1970-01-01", "(start < fromUnixTimestamp64Nano({p0:Int64}, 'UTC'))", [24 * HOUR_NS]),
        ("root", "(parent_span_id IN (toFixedString(unhex({p0:String}), 8)))", ["00" * 8]),
        ("has:finish_reasons", "(notEmpty(finish_reasons))", []),
        ("finish_reasons:stop", "(has(finish_reasons, {p0:String}))", ["stop"]),
        ("attr.k:v", "(mapContains(attributes, {p0:String}) AND has(mapValues(attributes), {p1:String}) AND attributes[{p0:String}] = {p1:String})", [*"kv"]),
        ("attr.k>5", "(mapContains(attributes, {p0:String}) AND ifNull(toFloat64OrNull(attributes[{p0:String}]) > {p1:Float64}, false))", ["k", 5.0]),
    ],
)  # fmt: skip
def test_the_sql_of_a_search(text: str, sql: str, values: list[Any]) -> None:
    """Golden text: nothing but columns, functions and placeholders."""
    filtered = made(text)
    assert filtered.sql == sql
    assert filtered.parameters == {**{f"p{i}": value for i, value in enumerate(values)}, "from_ns": BASE_NS - HOUR_NS, "to_ns": BASE_NS + 24 * HOUR_NS}


def test_the_sql_of_a_parent() -> None:
    """A look-up by the parent's id."""
    assert made("parent:(tool)").sql == f"((trace_id, parent_span_id) IN (SELECT trace_id, span_id FROM spans WHERE {WIDE} AND (kind = {{p0:String}})))"


def test_the_sql_of_full_text() -> None:
    """A union of what each text index finds, by the sorting key of spans."""
    legs = [
        f"SELECT start, trace_id, span_id FROM spans WHERE {RANGE} AND (hasPhrase(input, {{p0:String}}))",
        f"SELECT start, trace_id, span_id FROM messages WHERE {RANGE} AND direction = {{p1:String}} AND hasPhrase(text, {{p0:String}})",
    ]
    assert made('input:"no refund"').sql == f"((start, trace_id, span_id) IN ({' UNION ALL '.join(legs)}))"
    assert made("body:refund", Kind.EVENT).sql == "(hasAllTokens(body, {p0:String}))"


def test_the_sql_of_topology() -> None:
    """One recursion over the parents in the traces that can match, each read bound to project and time."""
    sql = made("tool under agent:planner").sql
    assert (
        sql
        == f"""((kind = {{p0:String}}) AND (cityHash64(trace_id, parent_span_id) IN (
  WITH RECURSIVE chain1 AS (
    SELECT id, if(hit, 0, above) AS up, hit, 0 AS level, true AS live
    FROM (
      SELECT cityHash64(trace_id, span_id) AS id, any(if(parent_span_id = toFixedString('', 8), 0, cityHash64(trace_id, parent_span_id))) AS above, \
max((agent = {{p1:String}})) AS hit
      FROM spans WHERE {WIDE} AND cityHash64(trace_id, span_id) IN (SELECT cityHash64(trace_id, parent_span_id) FROM spans WHERE {WIDE} \
AND trace_id IN (SELECT trace_id FROM spans WHERE {RANGE} AND (kind = {{p0:String}}) \
AND trace_id IN (SELECT trace_id FROM spans WHERE {WIDE} AND (agent = {{p1:String}}))) AND parent_span_id != toFixedString('', 8)) GROUP BY id)
    WHERE hit OR above != 0
    UNION ALL
    SELECT a.id, if(a.hit OR b.hit, 0, b.up) AS up, a.hit OR b.hit AS hit, a.level + 1, max(up != 0) OVER ()
    FROM chain1 AS a LEFT JOIN chain1 AS b ON a.up = b.id
    WHERE a.live AND a.level < 10 AND (a.hit OR b.hit OR b.up != 0))
  SELECT id FROM chain1 WHERE hit)))"""
    )


HOSTILE: Final = [
    "' OR 1=1 --",
    '"',
    "\\",
    "\\' x",
    "a\0b",
    "{x:String}",
    "{p0:String}",
    "'; DROP TABLE spans; --",
    "*/ /* x",
    "план 😀 '",
    "%_%",
    "`spans`",
    "\n\t\r x",
]
TERMS: Final = [
    "agent:{}",
    "agent:{},x",
    "attr.{}:x",
    "attr.x:{}",
    "has:attr.{}",
    "attr.{}>5",
    "finish_reasons:{}",
    "{}",
    "input:{}",
    "parent:(agent:{})",
    "tool under agent:{}",
    "resource.{}:x",
]


def hostile_searches(hostile: str) -> list[tuple[str, str]]:
    """Each term with the hostile value in quotes, and with a harmless one of as many words."""
    quoted = '"' + hostile.replace("\\", "\\\\").replace('"', '\\"') + '"'
    words = re.findall(r"[0-9A-Za-z\x80-\U0010ffff]+", hostile)
    terms = [term for term in TERMS if words or term not in {"{}", "input:{}"}]  # full text without a word is a mistake
    return [(term.format(quoted), term.format('"y z"' if len(words) > 1 else '"y"')) for term in terms]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_values_never_become_sql(filled: tuple[Engine, dict[Kind, pa.Table], pa.Table], hostile: str) -> None:
    """The SQL of a hostile value is the SQL of a harmless one, and the engine takes it for what it is: a text."""
    searches = hostile_searches(hostile)
    for text, harmless in searches:
        assert made(text).sql == made(harmless).sql
    engine, rows, said = filled
    for text in (" or ".join(text for text, _ in searches if "under" not in text), searches[-2][0]):
        live = rows[Kind.SPAN].filter(mask(parse(text), rows[Kind.SPAN], Kind.SPAN, NOW_NS, said))["span_id"].to_pylist()
        assert sorted(read(engine, made(text))["span_id"].to_pylist()) == sorted(live)


def test_wildcards_escape_what_like_would_read(filled: tuple[Engine, dict[Kind, pa.Table], pa.Table]) -> None:
    """`%`, `_` and backslashes in a pattern are themselves."""
    engine, _, _ = filled
    assert read(engine, made("name:1__%*")).num_rows == 0
    assert read(engine, made("name:10*%")).num_rows > 0


def test_names_of_other_kinds_are_refused() -> None:
    """The store answers for one kind, and says so."""
    with pytest.raises(QueryError, match="column 11: metric asks about points, not about spans"):
        made("kind:tool metric:cpu")


def test_projects_are_apart_in_sub_selects(filled: tuple[Engine, dict[Kind, pa.Table], pa.Table]) -> None:
    """Another project's spans and messages are no relatives and say nothing."""
    engine, _, _ = filled
    for text in ("timed", "tool under agent", "parent:(agent)"):
        assert read(engine, made(text)).num_rows > 0
        assert read(engine, made(text), project="other").num_rows == 0


def test_no_alias_of_ours_takes_the_name_of_a_column() -> None:
    """The engine would read the alias where the condition means the column."""
    aliases = set(re.findall(r" AS (\w+)", made("root over tool under agent").sql)) | {"level"}
    assert aliases >= {"id", "hit", "up", "live"}
    assert not aliases & {*SPAN.names, *MESSAGE.names}


def test_every_sub_select_names_project_and_range() -> None:
    """However deep: no read of a table without its bounds."""
    sql = made("(timed under agent:a over -(input:x or root)) parent:(output:y)").sql
    reads = re.findall(r"FROM (?:spans|messages) WHERE (.{40})", sql)
    assert len(reads) > 10
    assert set(reads) == {"project = {project:String} AND received >= "[:40]}


@pytest.mark.parametrize(
    ("text", "kind", "index"),
    [
        ("attr.test.row:absent", Kind.SPAN, "ix_attribute_values"),
        ("attr.absent>5", Kind.SPAN, "ix_attribute_keys"),
        ("has:attr.absent", Kind.SPAN, "ix_attribute_keys"),
        ("attr.absent:a,b", Kind.SPAN, "ix_attribute_keys"),
        ("trace:" + b"sixteen letters!".hex(), Kind.SPAN, "ix_trace"),
        ("session:nobody", Kind.SPAN, "ix_session"),
        ("session:nobody,elsewhere", Kind.SPAN, "ix_session"),
        ("user:absent", Kind.SPAN, "ix_user"),
        ("tool:absent", Kind.SPAN, "ix_tool"),
        ("body:absent", Kind.EVENT, "tx_body"),
        ("severity>=critical event:absent", Kind.EVENT, "ix_name"),
    ],
)
def test_indexes_skip_what_cannot_match(filled: tuple[Engine, dict[Kind, pa.Table], pa.Table], text: str, kind: Kind, index: str) -> None:
    """EXPLAIN names the index and no granule is left."""
    shown = plan(filled[0], text, kind)
    assert re.search(rf"Name: {index}\n(?:.*\n){{0,3}}?\s*Granules: 0/", shown), shown


def test_full_text_reads_text_indexes_and_then_by_sorting_key(filled: tuple[Engine, dict[Kind, pa.Table], pa.Table]) -> None:
    """The words are looked up in the indexes of inputs, outputs and messages, the spans by their key."""
    engine, _, _ = filled
    filtered = made("absent")
    legs = re.findall(r"SELECT start, trace_id, span_id FROM (?:spans|messages) WHERE .*?(?= UNION ALL|\)\)$)", filtered.sql)
    indexed = [leg for leg in legs if "lowerUTF8(name)" not in leg]
    assert len(indexed) == 2
    for leg in indexed:
        shown = "\n".join(engine.read(f"EXPLAIN indexes = 1 {leg}", {**filtered.parameters, "project": "default"}).column(0).to_pylist())
        assert re.search(r"Name: tx_\w+\n", shown), shown
        assert "Granules: 0/1" in shown
    assert re.search(r"\(start, trace_id, span_id\) in \d+-element set", plan(engine, "timed"))


def test_topology_climbs_deep_chains(store: Engine) -> None:
    """A tool 300 levels below its agent has it as an ancestor, and the agent has the tool below it."""
    depth = 300
    ids = [(10_000 + i).to_bytes(8) for i in range(depth)]
    columns: dict[str, Any] = {"agent": ["top", *[""] * (depth - 1)], "kind": ["agent", *["llm"] * (depth - 2), "tool"]}
    rows = spans(depth, project="deep", trace_id=b"d" * 16, span_id=ids, parent_span_id=[bytes(8), *ids[:-1]], **columns)
    store.insert("spans", rows, token="deep")
    store.insert("spans", rows.slice(0, 100), token="deep, sent again")
    found = {
        text: read(store, made(text), project="deep")["span_id"].to_pylist() for text in ("tool under agent:top", "agent:top over tool", "llm under agent:top")
    }
    assert found["tool under agent:top"] == [ids[-1]]
    assert set(found["agent:top over tool"]) == {ids[0]}
    assert len(set(found["llm under agent:top"])) == depth - 2


def test_topology_agrees_with_the_mask_on_a_random_forest(store: Engine) -> None:
    """400 spans in 4 traces, some of them sent twice, some whose parent never came."""
    rng = random.Random(5)
    ids = [(20_000 + i).to_bytes(8) for i in range(400)]
    parents = [rng.choice([bytes(8), b"missing!"]) if i % 25 < 2 else ids[4 * rng.randrange(max(0, i // 4 - 6), i // 4 or 1) + i % 4] for i in range(400)]
    agents = [rng.choice("abcdefgh") for _ in range(400)]
    rows = spans(400, project="forest", trace_id=[bytes([1 + i % 4]) * 16 for i in range(400)], span_id=ids, parent_span_id=parents, agent=agents)
    store.insert("spans", rows, token="forest")
    store.insert("spans", rows.slice(100, 50), token="forest, sent again")
    for text in ("agent:a under agent:b", "agent:a over agent:b", "agent:a,b,c under (agent:d over agent:e)", "-agent:a over -(root or agent:b)"):
        live = rows.filter(mask(parse(text), rows, Kind.SPAN, NOW_NS))["span_id"].to_pylist()
        assert 10 < len(live) < 390
        assert set(read(store, made(text), project="forest")["span_id"].to_pylist()) == set(live)


def test_relatives_outside_the_range_are_found(store: Engine) -> None:
    """An agent that began hours before the window is still the ancestor of what happens in it."""
    starts = pa.array([BASE_NS, BASE_NS + 5 * HOUR_NS], pa.timestamp("ns", "UTC"))
    rows = spans(
        2,
        project="long",
        trace_id=b"l" * 16,
        span_id=[b"a" * 8, b"b" * 8],
        parent_span_id=[bytes(8), b"a" * 8],
        start=starts,
        received=starts,
        kind=["agent", "tool"],
    )
    store.insert("spans", rows, token="long")
    late = made("tool under agent", from_ns=BASE_NS + 4 * HOUR_NS)
    assert read(store, late, project="long")["span_id"].to_pylist() == [b"b" * 8]


@pytest.fixture(scope="module")
def wide(store: Engine) -> Engine:
    """50,000 spans in 1,000 traces of project `wide`, 16 levels deep and more; every fifth span is a tool, the roots are the planner's."""
    store.command(
        "INSERT INTO spans (project, received, start, trace_id, span_id, parent_span_id, kind, agent) "
        "SELECT 'wide', t, t, reinterpretAsFixedString(toUInt128(1 + intDiv(number, 50))), reinterpretAsFixedString(toUInt64(1000 + number)), "
        "reinterpretAsFixedString(toUInt64(if(number % 50 = 0, 0, 999 + number - number % 3 * (number % 50 > 3)))), if(number % 5 = 4, 'tool', 'agent'), "
        f"if(number % 50 = 0, 'planner', '') FROM (SELECT number, fromUnixTimestamp64Nano({BASE_NS} + number * 1000000, 'UTC') AS t FROM numbers(50000))"
    )
    return store


@pytest.mark.parametrize(("text", "expected"), [("tool under agent:planner", 10_000), ("agent:planner over tool", 1_000)])
def test_a_thousand_candidate_traces_are_one_quick_query(wide: Engine, text: str, expected: int) -> None:
    """Within a few of the seconds, and a little of the memory, that a query may take."""
    filtered = made(text)
    sql = f"SELECT count() AS n FROM spans WHERE project = 'wide' AND {filtered.sql}"
    assert wide.read(sql, {**filtered.parameters, "project": "wide"}, timeout_s=10)["n"].to_pylist() == [expected]


@pytest.mark.parametrize("text", ["timed " * MAX_TERMS, "timed " * 20 + "tool under " * MAX_RELATIONS + "agent:x", "-(" + "x or " * 60 + "attr.k:v)"])
def test_the_largest_searches_still_run(filled: tuple[Engine, dict[Kind, pa.Table], pa.Table], text: str) -> None:
    """The text stays below what the engine parses, and nested sub-selects do not explode."""
    filtered = made(text)
    assert len(filtered.sql) < 150_000
    read(filled[0], filtered)
