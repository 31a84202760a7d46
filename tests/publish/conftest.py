"""Batches and logs for the tests of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.publish.log import DiskLog, Limits
from spyglass.testing.rows import spans

MakeBatch = Callable[..., Batch]
OpenLog = Callable[..., DiskLog]


@pytest.fixture
def batch() -> MakeBatch:
    """`batch(n, first=0)`: n spans."""

    def make(n: int = 1, first: int = 0) -> Batch:
        return Batch(Kind.SPAN, spans(n, first=first))

    return make


@pytest.fixture
def open_log(tmp_path: Path) -> Iterator[OpenLog]:
    """`open_log(**limits)`: a log in this test's folder, the same one each time; closed at the end of the test."""
    with ExitStack() as stack:

        def make(folder: str = "log", **limits: Any) -> DiskLog:
            return stack.enter_context(DiskLog(tmp_path / folder, Limits(**{"min_free_bytes": 0, **limits})))

        yield make
