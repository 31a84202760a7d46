"""Batches and logs for the tests of the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.publish.log import DiskLog, Limits
from spyglass.testing.rows import spans


@pytest.fixture
def batch() -> Callable[..., Batch]:
    """`batch(n=1, first=0)`: n spans."""

    def make(n: int = 1, first: int = 0) -> Batch:
        return Batch(Kind.SPAN, spans(n, first=first))

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the log of this test is."""
    return tmp_path / "log"


@pytest.fixture
def open_log(folder: Path) -> Callable[..., DiskLog]:
    """`open_log(**limits)`: the log of this test, to be used in a `with`."""

    def make(**limits: Any) -> DiskLog:
        return DiskLog(folder, Limits(**{"min_free_bytes": 0, "retry_after_s": 0.0, **limits}))

    return make
