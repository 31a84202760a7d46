"""Spans that arrived, as analyzers see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from spyglass.model.batch import Batch
from spyglass.model.schema import Kind
from spyglass.testing.rows import spans

BEGIN_NS = 1_760_000_000 * 10**9 // (60 * 10**9) * 60 * 10**9  # a whole minute


@pytest.fixture(scope="session")
def arrived() -> Callable[..., Batch]:
    """`arrived(n, received=[…s], agent=[…], …)`: n model calls of a second; seconds count from one whole minute."""

    def make(count: int, received: Any, **said: Any) -> Batch:
        at = BEGIN_NS + (np.broadcast_to(np.asarray(received, np.float64), count) * 1e9).astype(np.int64)
        told = {"agent": "planner", "kind": "llm", "model": "m", "tool": "", "status": "ok", "pending": False, "duration_ns": 10**9} | said
        listed = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in told.items()}
        lasted = np.broadcast_to(np.asarray(listed["duration_ns"], np.int64), count)
        began = listed.pop("start", (at - lasted).tolist())
        return Batch(Kind.SPAN, spans(count, received=at.tolist(), start=began, **listed))

    return make


@pytest.fixture(scope="session")
def begin_ns() -> int:
    """The minute from which `arrived` counts."""
    return BEGIN_NS
