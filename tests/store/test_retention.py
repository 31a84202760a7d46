"""Tables keep their rows as long as the settings say."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event

import pytest

from spyglass.config.load import load
from spyglass.config.spec import Retention
from spyglass.model.clock import SystemClock
from spyglass.model.errors import ConfigError
from spyglass.store.engine import Engine
from spyglass.store.migrate import migrate
from spyglass.store.retention import Kept, days_of, kept, retain
from spyglass.store.rows import span_rows
from spyglass.testing import rows

DAY_NS = 86_400 * 10**9
OTHERS = Retention(spans_days=7, messages_days=3, events_days=60, points_days=9, rollups_days=20, daily_days=90)


@pytest.fixture
def made(engine: Engine) -> Engine:
    """A database with our tables."""
    migrate(engine, SystemClock())
    return engine


def days(engine: Engine) -> dict[str, int | None]:
    return {table.table: table.days for table in kept(engine) if table.table not in ("schema_migrations", "sums_told", "changed_times")}


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        Event().wait(0.03)


def mutations(engine: Engine) -> int:
    return int(engine.read("SELECT count() AS n FROM system.mutations WHERE database = currentDatabase()")["n"][0].as_py())


def old(days_ago: float) -> int:
    return time.time_ns() - round(days_ago * DAY_NS)


def test_tables_are_made_with_the_defaults(made: Engine) -> None:
    """A first start changes nothing, and no table is forgotten."""
    assert retain(made, Retention()) == {}
    assert days(made) == days_of(Retention())


def test_every_table_follows_the_settings(made: Engine) -> None:
    """What is derived is kept a day longer than what it is derived from."""
    assert retain(made, OTHERS) == days_of(OTHERS)
    wanted = {"spans": 7, "payloads": 7, "messages": 3, "events": 60, "points": 9, "pieces": 62, "traces": 8, "facets_hour": 8}
    wanted |= {"runs": 61, "agents_hour": 61, "agent_figures": 8}
    wanted |= {"sums_minute": 9, "sums_hour": 20, "sums_day": 90}
    assert days(made) == {**wanted, "spans_minute": 20, "events_minute": 61, "tellings": 61}


def test_a_restart_with_the_same_settings_alters_nothing(made: Engine) -> None:
    """Nothing is judged anew."""
    retain(made, OTHERS)
    before = mutations(made)
    assert retain(made, OTHERS) == {}
    assert mutations(made) == before


def test_a_shorter_time_drops_what_is_too_old(made: Engine) -> None:
    """In the background, without waiting; what is young enough stays, and the oldest row is told."""
    for number, ago in enumerate((10, 2)):
        made.insert("points", rows.points(5, at_ns=old(ago)), token=f"p{number}")
    retain(made, Retention(points_days=5))
    eventually(lambda: made.read("SELECT count() AS n FROM points")["n"][0].as_py() == 5)
    eventually(lambda: _of(made, "points").oldest_s > old(3) // 10**9)


def test_a_longer_time_saves_what_is_there(made: Engine) -> None:
    """Parts that were written under the shorter rule are judged by the longer one."""
    made.insert("points", rows.points(5, at_ns=old(29)), token="p")
    retain(made, Retention(points_days=90))
    expiry = "SELECT toUnixTimestamp(max(delete_ttl_info_max)) AS at FROM system.parts WHERE active AND database = currentDatabase() AND table = 'points'"
    eventually(lambda: made.read(expiry)["at"][0].as_py() > time.time() + 50 * 86_400)


def test_sums_of_old_spans_live_as_long_as_the_spans(made: Engine) -> None:
    """An import of twenty years at once is taken, and its facets are there after a merge: all is counted from the arrival."""
    starts = [old(30 * month) for month in range(240)]
    spans, _ = span_rows(rows.spans(240, at_ns=old(0), start=starts))
    made.insert("spans", spans, token="s")
    for table in ("facets_hour", "spans_minute"):
        made.command(f"OPTIMIZE TABLE {table} FINAL")
    assert made.read("SELECT sum(count) AS n FROM facets_hour WHERE field = 'kind'")["n"][0].as_py() == 240
    assert made.read("SELECT sum(count) AS n FROM spans_minute")["n"][0].as_py() == 240


def test_a_rule_of_the_operators_own_stays(made: Engine) -> None:
    """Clauses that move or compress are kept beside ours; a table without a rule of days is left alone."""
    made.command("ALTER TABLE points MODIFY TTL toDateTime(received) + INTERVAL 2 DAY RECOMPRESS CODEC(ZSTD(3)), toDateTime(received) + INTERVAL 30 DAY")
    made.command("ALTER TABLE messages REMOVE TTL")
    changed = retain(made, Retention(points_days=8, messages_days=8))
    assert changed == {"points": 8}
    assert (_of(made, "points").days, "toIntervalDay(2) RECOMPRESS" in _of(made, "points").rule) == (8, True)
    assert _of(made, "messages").days is None


def test_on_a_cluster_every_machine_is_told(made: Engine) -> None:
    """The statement says so."""
    told: list[str] = []

    class Cluster:
        """Our database, which says that it is one of a cluster, and runs nothing."""

        cluster = "main"
        read = staticmethod(made.read)

        def command(self, sql: str, *, settings: object) -> None:
            told.append(sql)

    retain(Cluster(), Retention(points_days=8))
    assert told == ["ALTER TABLE points ON CLUSTER `main` MODIFY TTL toDateTime(received) + toIntervalDay(8)"]


@pytest.mark.parametrize("wrong", ["0", "-1", "3651", "1.5", "forever"])
def test_nonsense_is_told_before_the_start(wrong: str) -> None:
    """Where it stands, and what it is."""
    with pytest.raises(ConfigError, match=r"retention\.spans_days"):
        load(environ={"SPYGLASS_RETENTION__SPANS_DAYS": wrong})


def _of(engine: Engine, name: str) -> Kept:
    return next(table for table in kept(engine) if table.table == name)
