"""What agents did per window: counted once, however and whenever it is told."""

from __future__ import annotations

import itertools
from typing import Any

import pyarrow as pa
import pytest
from tests.store.conftest import EMBEDDED
from tests.store.read.conftest import AT_NS, HOUR_NS, Tables

from spyglass.model.clock import SystemClock
from spyglass.store.changed import Changed
from spyglass.store.engine import Engine
from spyglass.store.figures import DAY_S, HOUR_S, SLOT_S, Figures
from spyglass.store.migrate import migrate
from spyglass.store.read.health import done, silent, usual
from spyglass.testing.clock import ManualClock
from spyglass.testing.rows import events

SECOND_NS = 10**9
DAY_NS = DAY_S * SECOND_NS
_numbers = itertools.count()


@pytest.fixture(scope="module")
def store(shared_engine: Engine) -> Engine:
    """A store with its tables."""
    migrate(shared_engine, SystemClock())
    return shared_engine


@pytest.fixture
def tables(store: Engine) -> Tables:
    """The tables of a project of the test's own."""
    return Tables(store, f"figures-{next(_numbers)}")


def counted(tables: Tables, lo_ns: int = AT_NS, hi_ns: int = AT_NS + HOUR_NS) -> list[dict[str, Any]]:
    """What `done` tells, without the counts per duration."""
    table = done(tables.engine.read, tables.project, lo_ns, hi_ns)
    return table.drop_columns(["durations"]).to_pylist() if table.num_rows else []


def runs(tables: Tables, n: int, **columns: Any) -> pa.Table:
    """Runs of agents, a second each."""
    ids = [(next(_numbers) + 1).to_bytes(8) for _ in range(n)]
    plain = {"span_id": ids, "kind": "agent", "agent": "ada", "duration_ns": SECOND_NS, "status": "ok", "pending": False, "agent_id": "", "attributes": ()}
    return tables.spans(n, **plain | {"received": SystemClock().now_ns()} | columns)


def test_runs_and_calls_are_counted(tables: Tables) -> None:
    """By agent: failures, time, tokens and money; what no agent did is nobody's."""
    runs(tables, 3, status=["ok", "error", "ok"], agent=["ada", "ada", "bob"])
    tables.spans(3, kind=["tool", "llm", "llm"], agent=["ada", "ada", ""], response_id="", status=["error", "ok", "ok"], cost_usd=0.5, input_tokens=7)
    Figures(tables.engine, SystemClock()).keep()
    ada, bob = counted(tables)
    assert (ada["agent"], ada["runs"], ada["failed_runs"], ada["run_ns"]) == ("ada", 2, 1, 2 * SECOND_NS)
    assert (ada["calls"], ada["failed_calls"], ada["input_tokens"], ada["cost_usd"]) == (2, 1, 7, 1.0)
    assert (bob["agent"], bob["runs"], bob["calls"]) == ("bob", 1, 0)


def test_what_comes_again_or_later_is_counted_once(tables: Tables) -> None:
    """The same span again, and another one of the same window after the first look."""
    figures = Figures(tables.engine, SystemClock())
    rows = runs(tables, 2)
    assert figures.keep() > 0
    tables.keep_spans(rows)
    runs(tables, 1, status="error")
    figures.keep()
    assert [(row["runs"], row["failed_runs"]) for row in counted(tables)] == [(3, 1)]


def test_what_is_priced_again_is_counted_again(tables: Tables) -> None:
    """Hours and days, too, though nothing new was told; other projects stay as they are."""
    figures = Figures(tables.engine, SystemClock(), committed=lambda: 7)
    tables.spans(1, kind="llm", agent="ada", response_id="", cost_usd=0.5)
    runs(tables, 1)
    for _ in range(4):
        figures.keep()
    told = tables.engine.read("SELECT * FROM tellings FINAL WHERE project = {project:String}", {"project": tables.project}).to_pydict()
    told |= {"version": [told["version"][0] + 1], "cost_usd": [7.0]}
    schema = tables.engine.read("SELECT * FROM tellings LIMIT 0").schema
    tables.engine.insert("tellings", pa.table(told, schema=schema), token=f"{tables.project}-again")
    assert figures.keep() == 0
    figures.again(tables.project, AT_NS - HOUR_NS, AT_NS + HOUR_NS)
    assert figures.keep() > 0
    sql = f"SELECT cost_usd FROM agent_figures FINAL WHERE project = '{tables.project}' AND agent = 'ada'"
    assert [row["cost_usd"] for row in tables.engine.read(sql).to_pylist()] == [7.0, 7.0, 7.0]
    assert figures.keep() == 0


def test_a_new_process_counts_the_same(tables: Tables) -> None:
    """Windows that it counts again replace themselves."""
    runs(tables, 2)
    for _ in range(2):
        Figures(tables.engine, SystemClock()).keep()
    assert [row["runs"] for row in counted(tables)] == [2]


def test_hours_and_days_are_the_sums_of_their_windows(tables: Tables) -> None:
    """Each run in the window that it ended in."""
    for minute in (1, 15, 59):
        runs(tables, 1, at_ns=AT_NS + minute * 60 * SECOND_NS)
    Figures(tables.engine, SystemClock()).keep()
    told = tables.engine.read(f"SELECT width_s, sum(runs) AS runs, count() AS n FROM agent_figures FINAL WHERE project = '{tables.project}' GROUP BY width_s")
    assert {row["width_s"]: (row["runs"], row["n"]) for row in told.to_pylist()} == {SLOT_S: (3, 3), HOUR_S: (3, 1), DAY_S: (3, 1)}
    assert [row["runs"] for row in counted(tables, AT_NS, AT_NS + SLOT_S * SECOND_NS)] == [1]


@EMBEDDED
def test_a_day_that_comes_at_once_is_whole(tables: Tables) -> None:
    """More windows than are counted at once: an hour and a day hold what all of them do."""
    runs(tables, 30, start=[AT_NS + slot * SLOT_S * SECOND_NS for slot in range(30)])
    Figures(tables.engine, SystemClock()).keep()
    sql = f"SELECT width_s, toUInt64(sum(runs)) AS runs FROM agent_figures FINAL WHERE project = '{tables.project}' GROUP BY width_s"
    assert {row["width_s"]: row["runs"] for row in tables.engine.read(sql).to_pylist()} == {SLOT_S: 30, HOUR_S: 30, DAY_S: 30}


@EMBEDDED
def test_projects_are_counted_together_and_each_for_itself(store: Engine) -> None:
    """Their sessions may have the same ids: what only a log record tells of counts where no span of the same project does. Many projects take few questions."""
    asked: list[str] = []

    class Counting:
        """The store, and what it was asked."""

        insert = staticmethod(store.insert)

        def read(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
            asked.append(sql)
            return store.read(sql, parameters)

    several = [Tables(store, f"figures-{next(_numbers)}") for _ in range(30)]
    whose = [tables.project for number, tables in enumerate(several) for _ in range(1 + number % 3)]
    runs(several[0], len(whose), project=whose)
    first, second = several[:2]
    plain = {"kind": "llm", "agent": "ada", "session_id": "s", "status": "ok"}
    first.spans(1, **plain, response_id="")
    told = {"execution_id": "", "attributes": (), "severity": "info", "received": SystemClock().now_ns(), "event_name": "api_request"}
    for tables in (first, second):
        tables.keep_events(events(1, at_ns=AT_NS, project=tables.project, **plain, **told, response_id=""))
    Figures(Counting(), SystemClock()).keep()
    assert len(asked) < 15
    assert [[row["runs"] for row in counted(tables)] for tables in several] == [[1 + number % 3] for number in range(30)]
    assert [[row["calls"] for row in counted(tables)] for tables in several[:3]] == [[1], [1], [0]]


def test_what_is_cancelled_is_neither_a_success_nor_a_failure(tables: Tables) -> None:
    """It is no run that health judges."""
    runs(tables, 1, status="error", error_type="asyncio.exceptions.CancelledError")
    runs(tables, 1)
    Figures(tables.engine, SystemClock()).keep()
    assert [row["runs"] for row in counted(tables)] == [1]


def test_runs_that_only_events_tell_of_are_counted(tables: Tables) -> None:
    """From their start to their end."""
    told = {
        "execution_id": "run-1",
        "agent": "ada",
        "kind": "",
        "project": tables.project,
        "attributes": (),
        "severity": "info",
        "response_id": "",
        "received": SystemClock().now_ns(),
    }
    tables.keep_events(events(1, at_ns=AT_NS, event_name="execution.start", **told))
    tables.keep_events(events(1, at_ns=AT_NS + 5 * SECOND_NS, event_name="execution.end", **told))
    Figures(tables.engine, SystemClock()).keep()
    (ada,) = counted(tables)
    assert (ada["runs"], ada["failed_runs"], round(ada["run_ns"] / SECOND_NS)) == (1, 0, 5)


def test_the_usual_counts_from_when_it_is_told_to(tables: Tables) -> None:
    """Of one agent or of all, to the hour; whole days and parts of days together."""
    at = AT_NS - 3 * DAY_NS
    for hours in (0, 1, 30, 40):
        for agent in ("ada", "bob"):
            runs(tables, 1, agent=agent, at_ns=at + hours * HOUR_NS)
    Figures(tables.engine, SystemClock()).keep()

    def told(lo_ns: int, since: dict[str, int]) -> dict[str, int]:
        table = usual(tables.engine.read, tables.project, lo_ns, AT_NS, since)
        return dict(zip(table["agent"].to_pylist(), table["runs"].to_pylist(), strict=True))

    early = (at - DAY_NS) // DAY_NS * DAY_NS
    assert told(early, {}) == {"ada": 4, "bob": 4}
    assert told(early, {"ada": at + HOUR_NS}) == {"ada": 3, "bob": 4}
    assert told(early, {"ada": at + 2 * HOUR_NS}) == {"ada": 2, "bob": 4}
    assert told(at + 31 * HOUR_NS, {"ada": at}) == {"ada": 1, "bob": 1}
    assert told(early, {"ada": AT_NS}) == {"bob": 4}


@EMBEDDED
def test_a_quiet_store_is_left_in_peace(tables: Tables) -> None:
    """Nothing committed since: nothing is asked, unless somebody wants it."""
    figures = Figures(tables.engine, SystemClock(), committed=lambda: 7)
    runs(tables, 1)
    assert figures.keep() > 0
    figures.keep()
    figures.keep()
    runs(tables, 1)
    assert figures.keep() == 0
    assert figures.keep(now=True) > 0


def test_runs_that_went_silent_are_told(tables: Tables) -> None:
    """While they are: one that has been heard of again is not."""
    told = {"agent": "ada", "kind": "", "project": tables.project, "severity": "info", "response_id": ""}
    ids = ["gone", "back"]
    tables.keep_events(events(2, at_ns=AT_NS, event_name="execution.start", execution_id=ids, attributes=(), **told))
    heard = [("spyglass.execution.heard_ns", str(AT_NS + SECOND_NS))]
    tables.keep_events(events(2, at_ns=AT_NS + 9 * SECOND_NS, event_name="execution.stalled", execution_id=ids, attributes=[heard, heard], **told))
    assert silent(tables.engine.read, tables.project, AT_NS).to_pylist() == [{"agent": "ada", "stalled_runs": 2, "abandoned_runs": 0}]
    tables.keep_events(events(1, at_ns=AT_NS + 20 * SECOND_NS, event_name="execution.step", execution_id="back", attributes=(), **told))
    assert silent(tables.engine.read, tables.project, AT_NS).to_pylist() == [{"agent": "ada", "stalled_runs": 1, "abandoned_runs": 0}]


def test_what_was_priced_again_before_the_server_ended_is_counted_by_the_next_one(engine: Engine) -> None:
    """A call that was told hours ago, and of which nothing else is told; by that one, and by none after it."""
    migrate(engine, SystemClock())
    tables, clock = Tables(engine, "p"), ManualClock(SystemClock().now_ns() / SECOND_NS)
    runs(tables, 1)
    tables.spans(1, kind="llm", agent="ada", response_id="", cost_usd=0.5)
    Figures(engine, clock).keep()
    clock.now_s += 3 * HOUR_S
    runs(tables, 1, at_ns=AT_NS + HOUR_NS, agent="bob", received=clock.now_ns())
    first = Figures(engine, clock)
    first.keep()
    first.expect("p", AT_NS, AT_NS + HOUR_NS)
    told = engine.read("SELECT * FROM tellings FINAL WHERE kind = 'llm'").to_pydict()
    told |= {"version": [told["version"][0] + 1], "cost_usd": [7.0]}
    engine.insert("tellings", pa.table(told, schema=engine.read("SELECT * FROM tellings LIMIT 0").schema), token="again")
    costs = "SELECT cost_usd FROM agent_figures FINAL WHERE agent = 'ada'"
    for server in range(2):
        clock.now_s += 1
        Figures(engine, clock).keep()
        assert [row["cost_usd"] for row in engine.read(costs).to_pylist()] == [7.0, 7.0, 7.0], server
        assert Changed(engine, "figures", clock).waiting() == []
