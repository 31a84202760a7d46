"""Forward migrations: numbered SQL files come in, a database that has all of them comes out.

`sql/ddl/NNNN_name.sql` holds statements that may be repeated without harm, so a migration that a crash interrupted is simply run again. What has been
applied is written down in `schema_migrations`; a file that changed since (comments and white space aside), a gap, or a database that is newer than the
code stops the start.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

import pyarrow as pa
import structlog

from spyglass.model.clock import Clock
from spyglass.model.errors import ConfigError
from spyglass.store.sqlfiles import load, names
from spyglass.store.statements import is_repeatable, rendered, split

__all__ = ["Database", "Migration", "known", "migrate"]

log = structlog.get_logger()

_FILE: Final = re.compile(r"(\d{4})_([a-z0-9_]+)")


class Database(Protocol):
    """What a migration needs of `store.engine.Engine`."""

    @property
    def cluster(self) -> str | None:
        """The cluster that tables are made on; None for one machine."""

    @property
    def database(self) -> str:
        """The name of the database, for messages."""

    def command(self, sql: str) -> None:
        """Run a statement."""

    def read(self, sql: str) -> pa.Table:
        """Run a query."""

    def insert(self, table: str, rows: pa.Table, *, token: str) -> None:
        """Insert rows once per token."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its number, its name, its statements, and a checksum of these."""

    version: int
    name: str
    statements: tuple[str, ...]

    @classmethod
    def parse(cls, file: str, sql: str) -> Migration:
        """Read a file.

        Raises:
            ConfigError: its name is not NNNN_name, or a statement of it cannot be repeated.
        """
        parts = _FILE.fullmatch(file)
        if parts is None:
            raise ConfigError(f"sql/ddl/{file}.sql: expected a name like 0001_records.sql")
        statements = tuple(split(sql))
        for statement in statements:
            if not is_repeatable(statement):
                raise ConfigError(f"sql/ddl/{file}.sql: `{statement[:60]} …` cannot be run twice: use IF NOT EXISTS or IF EXISTS")
        return cls(int(parts[1]), parts[2], statements)

    @property
    def checksum(self) -> str:
        """Changes when a statement changes, not when a comment does."""
        return hashlib.sha256(";\n".join(self.statements).encode()).hexdigest()


def known() -> list[Migration]:
    """All migrations of this version of the program, in order."""
    return [Migration.parse(name.split("/")[1], load(name)) for name in names("ddl")]


def migrate(database: Database, clock: Clock, migrations: Iterable[Migration] | None = None) -> list[int]:
    """Apply what is missing; gives the versions that were applied.

    Raises:
        ConfigError: a known file changed after it was applied, files are missing or doubled, or the database is newer than the program.
        StoreError: a statement failed. The next start tries the same migration again.
    """
    ordered = sorted(known() if migrations is None else migrations, key=lambda migration: migration.version)
    database.command(rendered(split(load("engine/ledger"))[0], database.cluster))
    applied = {row["version"]: row for row in database.read(load("engine/migrations")).to_pylist()}
    _compare(ordered, applied, database.database)
    missing = [migration for migration in ordered if migration.version not in applied]
    for migration in missing:
        for statement in migration.statements:
            database.command(rendered(statement, database.cluster))
        database.insert("schema_migrations", _row(migration, clock), token=f"migration-{migration.version}-{migration.checksum}")
        log.info("migration applied", version=migration.version, name=migration.name, statements=len(migration.statements))
    return [migration.version for migration in missing]


def _compare(ordered: list[Migration], applied: dict[int, dict[str, str]], database: str) -> None:
    versions = [migration.version for migration in ordered]
    if versions != list(range(1, len(versions) + 1)):
        raise ConfigError(f"sql/ddl: expected the files 0001, 0002 … once each, got {versions}")
    if newer := sorted(applied.keys() - set(versions)):
        raise ConfigError(
            f"database {database}: it has migration {newer[-1]} ({applied[newer[-1]]['name']}), which this version of Spyglass does not know: "
            "start the version that made it, or use another data directory"
        )
    for migration in ordered:
        before = applied.get(migration.version)
        if before is not None and before["checksum"] != migration.checksum:
            raise ConfigError(
                f"sql/ddl/{migration.version:04d}_{migration.name}.sql: it was changed after it had been applied to database {database}: "
                "put the old file back, and write the change into a new one"
            )
    if applied and max(applied) != len(applied):
        raise ConfigError(f"database {database}: it has the migrations {sorted(applied)}: one between was never applied, restore a backup")


def _row(migration: Migration, clock: Clock) -> pa.Table:
    return pa.table(
        {
            "version": pa.array([migration.version], pa.uint32()),
            "name": pa.array([migration.name]),
            "checksum": pa.array([migration.checksum]),
            "applied_at": pa.array([clock.now_ns()], pa.timestamp("ns", tz="UTC")),
        }
    )
