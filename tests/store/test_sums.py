"""Sums per minute, hour and day: every number is what the records come to, however and whenever they came."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from spyglass.model.clock import SystemClock
from spyglass.model.errors import Refused
from spyglass.store.calls import calls_of_spans, lean_rows
from spyglass.store.changed import Changed
from spyglass.store.engine import Engine
from spyglass.store.migrate import migrate
from spyglass.store.read.asking import Scope
from spyglass.store.read.series import calls, calls_of_sums
from spyglass.store.read.trends import Bucket, trend
from spyglass.store.rows import span_rows
from spyglass.store.sums import DAY_S, HOUR_S, Sums
from spyglass.testing.clock import ManualClock
from spyglass.testing.rows import spans

SECOND_NS = 10**9
TODAY_S = SystemClock().now_ns() // SECOND_NS // DAY_S * DAY_S
NOW_S = TODAY_S + 5 * HOUR_S
WIDTHS = {"sums_minute": 60, "sums_hour": HOUR_S, "sums_day": DAY_S}
KEYS = ("kind", "agent", "agent_version", "model", "tool")
NUMBERS = ("count", "pending", "errors", "sum_ns", "min_ns", "max_ns", "input_tokens", "cost_usd", "first_tokens", "first_token_s")
LEVELS = (0.5, 0.9, 0.95, 0.99)
_numbers = itertools.count(1)
Told = dict[str, Any]


class Tables:
    """One project, filled as the writer would, at the time of a clock."""

    def __init__(self, engine: Engine, project: str, clock: ManualClock) -> None:
        self.engine, self.project, self.clock = engine, project, clock

    def keep(self, told: Iterable[Told]) -> None:
        """A commit of these spans, each a trace of its own unless it says otherwise."""
        self.clock.now_s += 1
        now_ns, rows = self.clock.now_ns(), list(told)
        blank = {"parent_span_id": bytes(8), "response_id": "", "cost_usd": 0.0, "pending": False, "session_id": "", "attributes": ()}
        names = {name for row in rows for name in row}
        columns: Told = {name: [row.get(name, blank.get(name, "")) for row in rows] for name in names} | {name: blank[name] for name in blank.keys() - names}
        columns |= {"project": self.project, "received": now_ns}
        lean, _ = span_rows(spans(len(rows), **columns))
        self.engine.insert("spans", lean, token=f"{self.project}-{next(_numbers)}")
        told_calls = calls_of_spans(lean_rows(lean), now_ns=now_ns, replace=True)
        self.engine.insert("tellings", told_calls, token=f"{self.project}-{next(_numbers)}")

    def sums(self, table: str) -> dict[tuple[Any, ...], Told]:
        """Rows that count anything, by begin and keys."""
        named = f"toUnixTimestamp(begin) AS at_s, {', '.join(KEYS + NUMBERS)}, finalizeAggregation(durations) AS quantiles"
        rows = self.engine.read(f"SELECT {named} FROM {table} FINAL WHERE project = {{project:String}} AND count > 0", {"project": self.project}).to_pylist()
        return {(row["at_s"], *(row[key] for key in KEYS)): row for row in rows}


@pytest.fixture(scope="module")
def store(embedded_engine: Engine) -> Engine:
    """A store with its tables."""
    migrate(embedded_engine, SystemClock())
    return embedded_engine


@pytest.fixture
def new(store: Engine) -> Callable[[], Tables]:
    """Makes tables of projects of their own, in a store where all that came before has been added up."""

    def make() -> Tables:
        number = next(_numbers)
        clock = ManualClock(NOW_S + number)
        store.command("TRUNCATE TABLE sums_told")
        store.insert("sums_told", pa.table({"told_ns": [clock.now_ns()]}), token=f"told-{number}")
        return Tables(store, f"sums-{number}", clock)

    return make


def span(number: int, at_s: float, **told: Any) -> Told:
    """A call of a model, unless it says otherwise."""
    ids = {"trace_id": number.to_bytes(16), "span_id": number.to_bytes(8)}
    plain = {"start": round(at_s * SECOND_NS), "duration_ns": SECOND_NS, "status": "ok", "kind": "llm", "agent": "ada", "agent_version": "", "model": "m"}
    return ids | plain | {"tool": "", "input_tokens": 10, "time_to_first_chunk_s": 0.0} | told


def expected(told: Iterable[Told], width_s: int) -> dict[tuple[Any, ...], list[Told]]:
    """The spans of each row there has to be."""
    rows: dict[tuple[Any, ...], list[Told]] = {}
    for one in told:
        at_s = one["start"] // SECOND_NS // width_s * width_s
        keys = (one["kind"], one["agent"], one["agent_version"], "" if one["kind"] == "agent" else one["model"], "" if one["kind"] == "agent" else one["tool"])
        rows.setdefault((at_s, *keys), []).append(one)
    return rows


def check(row: Mapping[str, Any], told: list[Told]) -> None:
    """Every number of a row."""
    run = told[0]["kind"] == "agent"
    ended = sorted(one["duration_ns"] for one in told if not one["pending"])
    assert (row["count"], row["pending"], row["errors"]) == (len(told), len(told) - len(ended), sum(one["status"] == "error" for one in told))
    assert (row["sum_ns"], row["min_ns"], row["max_ns"]) == (sum(ended), min(ended, default=0), max(ended, default=0))
    assert row["input_tokens"] == (0 if run else sum(one["input_tokens"] for one in told))
    assert row["cost_usd"] == pytest.approx(0 if run else sum(one["cost_usd"] for one in told), rel=1e-12)
    firsts = [one["time_to_first_chunk_s"] for one in told if one["time_to_first_chunk_s"] > 0 and not run]
    assert (row["first_tokens"], row["first_token_s"]) == (len(firsts), pytest.approx(sum(firsts), rel=1e-6))
    for level, quantile in zip(LEVELS, row["quantiles"], strict=True):
        at = level * (len(ended) - 1)
        assert not ended or ended[math.floor(at)] * 0.99 <= quantile <= ended[math.ceil(at)] * 1.01


records = some.fixed_dictionaries(
    {
        "at_s": some.sampled_from([TODAY_S - 100, TODAY_S - 60, TODAY_S - 1, TODAY_S, TODAY_S + 59, TODAY_S + 2 * HOUR_S, NOW_S - 5 * 60]),
        "kind": some.sampled_from(["llm", "tool", "agent"]),
        "agent": some.sampled_from(["ada", "bob"]),
        "agent_version": some.sampled_from(["1", "2"]),
        "status": some.sampled_from(["ok", "error"]),
        "duration_ns": some.integers(0, 10**13),
        "cost_usd": some.floats(0, 10),
        "time_to_first_chunk_s": some.sampled_from([0.0, 0.5, 1.25]),
        "commit": some.integers(0, 2),
        "again": some.booleans(),
        "pending": some.booleans(),
    }
)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=some.lists(records, min_size=1, max_size=60))
def test_every_number_is_what_the_records_come_to(new: Callable[[], Tables], told: list[Told]) -> None:
    """Minutes, hours and days; records come in any order, late, twice, and sums are made between."""
    tables = new()
    rows = [span(at + 1, **{"model": "", "tool": "t", **one} if one["kind"] == "tool" else one) for at, one in enumerate(told)]
    for row in rows:
        row["pending"] &= row["kind"] == "agent"
    sums = Sums(tables.engine, tables.clock)
    for commit in range(3):
        part = [row for row in rows if row["commit"] == commit or (row["again"] and row["commit"] == commit - 1)]
        if part:
            tables.keep({name: value for name, value in row.items() if name not in ("at_s", "commit", "again")} for row in part)
        sums.keep(now=True)
    for table, width_s in WIDTHS.items():
        over = {key: of for key, of in expected(rows, width_s).items() if key[0] + width_s <= sums.until_s}
        found = {key: row for key, row in tables.sums(table).items() if key[0] + width_s <= sums.until_s}
        assert found.keys() == over.keys()
        for key, of in over.items():
            check(found[key], of)


def test_long_ranges_tell_what_the_records_tell(new: Callable[[], Tables]) -> None:
    """Calls and runs per day and per hour, from sums where there are any and from records where not, are the same as from records alone."""
    tables = new()
    times = [TODAY_S - 3 * DAY_S + 3_000 * at for at in range(100)]  # until beyond the hour that goes on
    tables.keep(span(at + 1, time, kind=("llm", "tool", "agent")[at % 3], tool="", duration_ns=at * SECOND_NS) for at, time in enumerate(times))
    sums = Sums(tables.engine, tables.clock)
    sums.keep()
    ask, scope = tables.engine.read, Scope(tables.project, (TODAY_S - 3 * DAY_S) * SECOND_NS, (TODAY_S + DAY_S) * SECOND_NS)
    for width_s in (HOUR_S, DAY_S, 7 * DAY_S):
        exact, summed = calls(ask, scope, width_s, ["agent", "model"], "llm"), calls_of_sums(ask, scope, width_s, ["agent", "model"], "llm", "", sums.until_s)
        assert summed is not None
        same = [name for name in exact.column_names if name != "quantiles_ns"]
        assert summed.select(same).to_pylist() == exact.select(same).to_pylist()
    of_sums, of_rows = (trend(ask, scope, "ada", DAY_S, until_s) for until_s in (sums.until_s, 0))
    assert of_sums.whole.runs == 33
    assert _counts(of_sums.buckets) == _counts(of_rows.buckets)
    assert of_sums.whole.p95_ns == pytest.approx(of_rows.whole.p95_ns, rel=0.05)


def _counts(buckets: Mapping[int, Bucket]) -> dict[int, tuple[float, ...]]:
    names = ("runs", "failed_runs", "ended_runs", "model_calls", "tool_calls", "input_tokens", "cost_usd")
    return {number: tuple(getattr(one, name) for name in names) for number, one in buckets.items()}


def test_what_is_told_otherwise_later_is_taken_back(new: Callable[[], Tables]) -> None:
    """A call that turns out to be another agent's is no longer in the sums of the first one."""
    tables, trace = new(), (77).to_bytes(16)
    sums = Sums(tables.engine, tables.clock)
    call = span(1, TODAY_S - DAY_S, trace_id=trace, agent="", parent_span_id=(2).to_bytes(8))
    tables.keep([call])
    sums.keep()
    tables.keep([call, span(2, TODAY_S - DAY_S, trace_id=trace, kind="agent", agent="eve", agent_version="3", model="")])
    sums.keep()
    for table in WIDTHS:
        assert sorted(key[1:4] for key in tables.sums(table)) == [("agent", "eve", "3"), ("llm", "eve", "3")]


class Failing:
    """A store that refuses the commands that something says."""

    def __init__(self, engine: Engine, refuses: str, asked: list[str] | None = None) -> None:
        self.insert, self.refuses, self._engine, self._asked = engine.insert, refuses, engine, asked if asked is not None else []

    def read(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """Run a query, and note it."""
        self._asked.append(sql)
        return self._engine.read(sql, parameters)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None, *, settings: Mapping[str, str | int | float] | None = None) -> None:
        """Run a statement, or refuse it."""
        if self.refuses in sql:
            raise Refused("not now")
        self._engine.command(sql, parameters, settings=settings)


@pytest.mark.parametrize("table", ["sums_hour", "sums_day"])
def test_a_crash_between_any_two_steps_loses_nothing(new: Callable[[], Tables], table: str) -> None:
    """The next server begins where everything was told."""
    tables = new()
    tables.keep([span(1, TODAY_S - DAY_S)])
    with pytest.raises(Refused):
        Sums(Failing(tables.engine, f"INTO {table} "), tables.clock).keep()
    tables.clock.now_s += 4 * HOUR_S
    Sums(tables.engine, tables.clock).keep()
    assert [len(tables.sums(width)) for width in WIDTHS] == [1, 1, 1]


def test_a_day_that_was_going_on_is_added_up_by_the_next_server(new: Callable[[], Tables]) -> None:
    """Although nothing more is told of it."""
    tables = new()
    tables.keep([span(1, TODAY_S + 60)])
    Sums(tables.engine, tables.clock).keep()
    assert [len(tables.sums(width)) for width in WIDTHS] == [1, 1, 0]
    later = ManualClock(tables.clock.now_s + 2 * DAY_S)
    Sums(tables.engine, later).keep()
    assert [len(tables.sums(width)) for width in WIDTHS] == [1, 1, 1]


def test_sums_outlive_their_records(new: Callable[[], Tables]) -> None:
    """What comes for a day whose records are gone does not make it smaller, and is counted."""
    tables = new()
    sums = Sums(tables.engine, tables.clock, records_days=5)
    tables.keep(span(at + 1, TODAY_S - 3 * DAY_S) for at in range(3))
    sums.keep()
    for gone in ("spans", "tellings", "runs"):
        tables.engine.command(f"ALTER TABLE {gone} DELETE WHERE project = '{tables.project}'", settings={"mutations_sync": 1})
    tables.clock.now_s += 6 * DAY_S
    tables.keep([span(9, TODAY_S - 3 * DAY_S)])
    sums.keep()
    assert [row["count"] for row in tables.sums("sums_day").values()] == [3]
    scope = Scope(tables.project, (TODAY_S - 30 * DAY_S) * SECOND_NS, TODAY_S * SECOND_NS)
    assert trend(tables.engine.read, scope, "ada", DAY_S, sums.until_s).whole.model_calls == 3


def test_what_is_priced_again_is_added_up_again(new: Callable[[], Tables]) -> None:
    """It is another cost of a call that was told long ago."""
    tables = new()
    sums = Sums(tables.engine, tables.clock)
    tables.keep([span(1, TODAY_S - DAY_S)])
    sums.keep()
    told = tables.engine.read("SELECT * FROM tellings FINAL WHERE project = {project:String}", {"project": tables.project}).to_pydict()
    told |= {"version": [told["version"][0] + 1], "cost_usd": [7.0]}
    schema = tables.engine.read("SELECT * FROM tellings LIMIT 0").schema
    tables.engine.insert("tellings", pa.table(told, schema=schema), token=f"{tables.project}-again")
    sums.again(tables.project, (TODAY_S - DAY_S) * SECOND_NS, TODAY_S * SECOND_NS)
    sums.keep()
    assert [row["cost_usd"] for row in tables.sums("sums_day").values()] == [7.0]


def test_what_was_priced_again_before_the_server_ended_is_added_up_by_the_next_one(new: Callable[[], Tables]) -> None:
    """Once: it is forgotten then."""
    tables = new()
    tables.keep([span(1, TODAY_S - DAY_S)])
    sums = Sums(tables.engine, tables.clock)
    sums.keep()
    sums.expect(tables.project, (TODAY_S - DAY_S) * SECOND_NS, TODAY_S * SECOND_NS)
    told = tables.engine.read("SELECT * FROM tellings FINAL WHERE project = {project:String}", {"project": tables.project}).to_pydict()
    told |= {"version": [told["version"][0] + 1], "cost_usd": [7.0]}
    schema = tables.engine.read("SELECT * FROM tellings LIMIT 0").schema
    tables.engine.insert("tellings", pa.table(told, schema=schema), token=f"{tables.project}-again")
    tables.clock.now_s += 1
    Sums(tables.engine, tables.clock).keep()
    assert [[row["cost_usd"] for row in tables.sums(width).values()] for width in WIDTHS] == [[7.0]] * 3
    assert Changed(tables.engine, "sums", tables.clock).waiting() == []


def test_a_quiet_store_is_left_in_peace_once_everything_is_in(new: Callable[[], Tables]) -> None:
    """What failed is tried again, though nothing more was committed; then nothing is asked."""
    tables = new()
    tables.keep([span(1, TODAY_S - DAY_S)])
    asked: list[str] = []
    failing = Failing(tables.engine, "INTO sums_hour ", asked)
    sums = Sums(failing, tables.clock, committed=lambda: 7)
    for _ in range(4):
        with pytest.raises(Refused):
            sums.keep()
    assert sums.until_s == 0
    failing.refuses = "nothing"
    assert sums.keep() > 0
    sums.keep()  # what was told within the last seconds is looked at once more
    before = len(asked)
    assert (sums.keep(), len(asked), sums.until_s > 0) == (0, before, True)
