"""What tests of every room may ask for."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

# Rooms whose tests need servers come after all others, one after the other: a server costs time while nobody asks it, too. Within them what takes long comes
# first, so that it never begins last, on one worker alone.
SERVED = ("store", "cli", "app", "flow", "browser")
LONG = "watch crash start schema health registry counting alerts findings prices watch_calls".split()
LONG += "access connection live hostile transcript trace traces demo".split()

ROOM_BYTES = 2 * 2**30  # in memory: containers often have 64 MB there

settings.register_profile("spyglass", deadline=None)  # a busy machine is no failure
settings.load_profile("spyglass")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order in which files are handed to several workers; one worker keeps pytest's own."""
    if not hasattr(config, "workerinput"):
        return
    sizes = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[int, int, int, str]:
        room, name = item.nodeid.split("/")[1], item.path.stem.removeprefix("test_")
        served = SERVED.index(room) if room in SERVED else -1
        return served, LONG.index(name) if served >= 0 and name in LONG else len(LONG), -sizes[item.path], str(item.path)

    items.sort(key=place)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of captured telemetry beside the checkout; tests with it are marked `corpus` and skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no captured telemetry on this machine")
    return folder


def _beside(name: str) -> ModuleType:
    """A module of this folder, which is no package."""
    spec = importlib.util.spec_from_file_location(f"tests_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    if spec.name not in sys.modules:
        sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[spec.name])
    return sys.modules[spec.name]


@pytest.fixture(scope="session")
def forks() -> Iterator[Any]:
    """`tests/forking.py`'s `Forkery`: `spyglass …` in a process of its own, which need not load everything first."""
    forkery = _beside("forking").Forkery()
    yield forkery
    forkery.end()


@pytest.fixture(scope="session")
def run_server(forks: Any) -> Callable[..., AbstractContextManager[Any]]:
    """`tests/server.py`'s `running_server(folder, *arguments, **settings)`, for tests that need a server of their own."""
    return partial(_beside("server").running_server, forks)


@contextmanager
def _memory() -> Iterator[Path]:
    """A new folder, in memory where the machine has such with room in it: a database that commits a thousand times waits for no disk."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM_BYTES
    with tempfile.TemporaryDirectory(prefix="spyglass-", dir=memory if roomy else None, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def memory_path() -> Iterator[Path]:
    """A folder of this test's own, in memory."""
    with _memory() as folder:
        yield folder


@pytest.fixture(scope="session")
def session_memory_path() -> Iterator[Path]:
    """The same for all tests of a worker."""
    with _memory() as folder:
        yield folder


@pytest.fixture(scope="session")
def made_facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database that has all tables of the facts and nothing in them: a copy takes a tenth of the time that making one does."""
    from spyglass.facts.database import Facts

    path = tmp_path_factory.mktemp("facts") / "facts.db"
    Facts.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def share_server(forks: Any) -> Callable[..., AbstractContextManager[Any]]:
    """`tests/server.py`'s `shared_server(fixture, folder, **settings)`, for fixtures of all tests."""
    return partial(_beside("server").shared_server, forks)


@pytest.fixture(scope="session")
def server(share_server: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running server that all tests share (`tests/server.py`: `Server`): use a project of your own, and change nothing for the others."""
    with share_server("server", tmp_path_factory.mktemp("server"), STORE__COMMIT_INTERVAL_S="0.05") as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Servers that this test asks for go on."""
    _beside("server").wake(item.fixturenames)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None]:
    """Servers that the next test does not ask for rest."""
    try:
        return (yield)
    finally:
        if nextitem is not None:
            _beside("server").rest(nextitem.fixturenames)
