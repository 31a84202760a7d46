"""The only door to the mutable facts: a URL comes in, sessions go out. SQLite in a file by default, PostgreSQL when one machine is not enough.

Opening brings the tables up to date. Methods block: call them in worker threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from spyglass.model.errors import ConfigError, Refused, StoreError

__all__ = ["Facts"]

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_DRIVERS: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+pg8000", "postgres": "postgresql+pg8000"}
_NUL: Final = "\0"  # PostgreSQL has no text with it
_KEPT: Final = "\ufdd0"  # stands for it there, and for no character anywhere
_TEXTS: Final = (25, 1043)  # its types text and varchar
_NOT_NOW: Final = frozenset(
    {"57P01", "57P02", "57P03", "53300", "40001", "40P01", "55P03"}
)  # PostgreSQL: it ends, begins, is full; two were in each other's way
_BUSY_S: Final = 10.0  # another writer holds SQLite's lock so long at most


class Facts:
    """The database of mutable facts. Safe from any thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Facts:
        """Open the database and bring its tables up to date.

        Args:
            url: `sqlite:////absolute/path` or `postgresql://user:password@host:5432/database`.

        Raises:
            ConfigError: the URL is wrong, or the database was made by a newer version of Spyglass.
            Refused: the database does not answer.
        """
        address = _address(url)
        sqlite = address.get_backend_name() == "sqlite"
        engine = create_engine(address, connect_args={"timeout": _BUSY_S} if sqlite else {}, pool_pre_ping=not sqlite)
        if sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
        else:
            event.listen(engine, "connect", _prepare_postgres)
        try:
            _migrate(engine)
        except DBAPIError as error:
            engine.dispose()
            if not _is_away(error, sqlite):
                raise
            raise Refused(f"facts.url: {address.render_as_string()} does not answer: {error.orig}", retry_after_s=5) from error
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction: kept when the block ends, undone when it fails.

        Raises:
            Refused: the database is away or busy.
            StoreError: it failed.
        """
        try:
            with Session(self._engine) as session, session.begin():
                yield session
        except IntegrityError:
            raise
        except DBAPIError as error:
            if _is_away(error, self._engine.dialect.name == "sqlite"):
                raise Refused("the database of the facts does not answer; try again in a moment", retry_after_s=5) from error
            raise StoreError(f"the database of the facts failed ({type(error.orig).__name__}); the server's log says more") from error

    def close(self) -> None:
        """Let go of it."""
        self._engine.dispose()


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ConfigError("facts.url: expected sqlite:////path or postgresql://user:password@host:5432/database") from error
    driver = _DRIVERS.get(address.get_backend_name())
    if driver is None:
        raise ConfigError(f"facts.url: expected sqlite:// or postgresql://, got {address.get_backend_name()}://")
    return address.set(drivername=driver)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Readers beside a writer, and what was committed survives a crash."""
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _is_away(error: DBAPIError, sqlite: bool) -> bool:
    """Whether the same would do later: the database is away, or busy. A driver of PostgreSQL tells a broken connection as a fault of its interface."""
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return True
    if sqlite:
        return False
    told = next(iter(getattr(error.orig, "args", ())), None)
    return isinstance(error, InterfaceError) or (isinstance(told, dict) and told.get("C") in _NOT_NOW)


def _prepare_postgres(connection: Any, _record: object) -> None:
    """Names come from telemetry and may have anything in them: one with a zero byte must not be in the way of all others."""
    connection.register_out_adapter(str, lambda told: told.replace(_NUL, _KEPT))
    for number in _TEXTS:
        connection.register_in_adapter(number, lambda kept: kept.replace(_KEPT, _NUL))


def _migrate(engine: Engine) -> None:
    """Apply what is missing. To compare first is quick; to load Alembic takes a quarter of a second, which a start can do without."""
    revisions = sorted(file.stem.split("_", 1)[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        current = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
    if current == revisions[-1]:
        return
    if current is not None and current not in revisions:
        raise ConfigError(f"facts.url: the database is of a newer version of Spyglass (revision {current}); start that one, or name another database")
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"engine": engine})
    config.set_main_option("script_location", str(_MIGRATIONS))
    command.upgrade(config, "head")
