"""The store of the tests: one embedded engine for this room (a process can open one directory), one database per test, and the same over HTTP."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from spyglass.model.clock import SystemClock
from spyglass.store.engine import Engine, EngineSettings
from spyglass.store.migrate import migrate
from spyglass.testing.bridge import serve

OpenEngine = Callable[..., Engine]

# For what the rows come to, asked many times over: which way the questions go to the database cannot change it. The same questions are asked over HTTP by
# other tests of the file.
EMBEDDED = pytest.mark.parametrize("url", ["chdb://"], ids=["chdb"], scope="package")
SETTINGS = EngineSettings(readers=2, query_memory_bytes=512 * 2**20, memory_bytes=2 * 2**30, background_threads=2)
_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def data_dir(session_memory_path: Path) -> Iterator[Path]:
    """Where the embedded engine lives; kept open for all tests of this room, because starting it takes longer than most of them, and no longer."""
    directory = session_memory_path / "store"
    keeper = Engine.open("chdb://", data_dir=directory, settings=SETTINGS)
    yield directory
    keeper.close()


@pytest.fixture(scope="package")
def bridge(session_memory_path: Path) -> Iterator[str]:
    """The URL of an engine behind the HTTP interface."""
    with serve(session_memory_path / "bridge") as url:
        yield url


@pytest.fixture(scope="package", params=["chdb", "http"])
def url(request: pytest.FixtureRequest) -> str:
    """Where the database is: in this process, or behind HTTP. Tests that ask for it run twice."""
    return "chdb://" if request.param == "chdb" else str(request.getfixturevalue("bridge"))


@contextlib.contextmanager
def fresh(url: str, data_dir: Path) -> Iterator[Engine]:
    """An engine on a database of its own."""
    engine = Engine.open(url, data_dir=data_dir, settings=replace(SETTINGS, database=f"test_{next(_numbers)}"))
    yield engine
    engine.command(f"DROP DATABASE {engine.database}")
    engine.close()


@pytest.fixture(scope="package")
def embedded_tables(data_dir: Path) -> Iterator[Engine]:
    """An engine on a database with all tables, which all tests of a worker share: use a project of your own."""
    with fresh("chdb://", data_dir) as engine:
        migrate(engine, SystemClock())
        yield engine


@pytest.fixture(scope="package")
def remote_tables(bridge: str, data_dir: Path) -> Iterator[Engine]:
    """The same behind HTTP."""
    with fresh(bridge, data_dir) as engine:
        migrate(engine, SystemClock())
        yield engine


@pytest.fixture(scope="module")
def shared_engine(url: str, data_dir: Path) -> Iterator[Engine]:
    """An engine on a database of the module; for tests that only read, or make tables of names of their own."""
    with fresh(url, data_dir) as engine:
        yield engine


@pytest.fixture(scope="module")
def embedded_engine(data_dir: Path) -> Iterator[Engine]:
    """The same, embedded only: for long lists of cases which the way to the database cannot change."""
    with fresh("chdb://", data_dir) as engine:
        yield engine


@pytest.fixture
def open_engine(url: str, data_dir: Path) -> Iterator[OpenEngine]:
    """Opens engines on one new database; keywords are fields of EngineSettings. They are closed at the end."""
    database = f"test_{next(_numbers)}"
    opened: list[Engine] = []

    def open_(**changes: object) -> Engine:
        opened.append(Engine.open(url, data_dir=data_dir, settings=replace(SETTINGS, database=database, **changes)))
        return opened[-1]

    yield open_
    for engine in reversed(opened):
        if engine is opened[0]:
            engine.command(f"DROP DATABASE {database}")
        engine.close()


@pytest.fixture
def engine(open_engine: OpenEngine) -> Engine:
    """An open engine on an empty database."""
    return open_engine()
