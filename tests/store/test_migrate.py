"""Migrations go forward, once, whatever interrupts them."""

from __future__ import annotations

import pytest

from spyglass.model.clock import SystemClock
from spyglass.model.errors import ConfigError, StoreError
from spyglass.store.engine import Engine
from spyglass.store.migrate import Migration, known, migrate

FIRST = "CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = MergeTree ORDER BY x; CREATE TABLE IF NOT EXISTS b (x UInt8) ENGINE = MergeTree ORDER BY x"
SECOND = "ALTER TABLE a ADD COLUMN IF NOT EXISTS y UInt8"


def files(*texts: str) -> list[Migration]:
    return [Migration.parse(f"{number:04d}_step", text) for number, text in enumerate(texts, 1)]


def test_what_is_missing_is_applied_once(engine: Engine) -> None:
    """And later files after it."""
    assert migrate(engine, SystemClock(), files(FIRST)) == [1]
    assert migrate(engine, SystemClock(), files(FIRST, SECOND)) == [2]
    assert migrate(engine, SystemClock(), files(FIRST, SECOND)) == []
    assert engine.read("SELECT x, y FROM a").num_rows == 0


def test_our_own_files_apply_and_repeat(engine: Engine) -> None:
    """Every statement of ours runs, and would run again."""
    assert migrate(engine, SystemClock()) == [migration.version for migration in known()]
    for migration in known():
        for statement in migration.statements:
            engine.command(statement)
    assert migrate(engine, SystemClock()) == []


def test_a_crash_in_the_middle_is_made_good(engine: Engine) -> None:
    """The migration is run again from its start."""
    broken = files(FIRST, f"{SECOND}; ALTER TABLE nope ADD COLUMN IF NOT EXISTS z UInt8")
    with pytest.raises(StoreError):
        migrate(engine, SystemClock(), broken)
    assert engine.read("SELECT max(version) AS v FROM schema_migrations").to_pylist() == [{"v": 1}]
    assert migrate(engine, SystemClock(), files(FIRST, SECOND)) == [2]


def test_a_changed_file_stops_the_start(engine: Engine) -> None:
    """A comment or white space is no change."""
    migrate(engine, SystemClock(), files(FIRST))
    assert migrate(engine, SystemClock(), files(f"-- a comment\n{FIRST} ;")) == []
    with pytest.raises(ConfigError, match=r"0001_step\.sql: it was changed"):
        migrate(engine, SystemClock(), files(FIRST.replace("UInt8", "UInt16")))


def test_a_newer_database_stops_the_start(engine: Engine) -> None:
    """With what to do."""
    migrate(engine, SystemClock(), files(FIRST, SECOND))
    with pytest.raises(ConfigError, match=r"it has migration 2 \(step\), which this version of Spyglass does not know"):
        migrate(engine, SystemClock(), files(FIRST))


@pytest.mark.parametrize(("name", "sql"), [("1_x", FIRST), ("0001", FIRST), ("0001_X", FIRST), ("0001_x", "CREATE TABLE a (x UInt8)")])
def test_a_wrong_file_is_told(name: str, sql: str) -> None:
    """Its name, and statements that cannot be repeated."""
    with pytest.raises(ConfigError, match=f"sql/ddl/{name}"):
        Migration.parse(name, sql)


def test_a_gap_between_files_is_told(engine: Engine) -> None:
    """Numbers follow each other."""
    with pytest.raises(ConfigError, match="0001, 0002"):
        migrate(engine, SystemClock(), [Migration(1, "a", ()), Migration(3, "b", ())])
