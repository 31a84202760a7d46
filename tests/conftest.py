"""What tests of every room may ask for."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("spyglass", deadline=None)  # a busy machine is no failure
settings.load_profile("spyglass")


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
def run_server() -> Callable[..., AbstractContextManager[Any]]:
    """`tests/server.py`'s `running_server(folder, *arguments, **settings)`, for tests that need a server of their own."""
    run: Callable[..., AbstractContextManager[Any]] = _beside("server").running_server
    return run


@pytest.fixture(scope="session")
def server(run_server: Callable[..., AbstractContextManager[Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A running server that all tests share (`tests/server.py`: `Server`): use a project of your own, and change nothing for the others."""
    with run_server(tmp_path_factory.mktemp("server"), STORE__COMMIT_INTERVAL_S="0.05") as running:
        yield running
