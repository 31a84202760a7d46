"""Executions that last for days: what is told of those that go on is carried into each new day, so that a list of the latest day knows when they began.

`runs` has a partition per day of arrival, and a list reads those of its range and the day before it. A heartbeat tells neither when its run began nor what it
waits for. To be called now and then: at least once a day, and only the first call of a day has anything to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from spyglass.model.clock import Clock
from spyglass.store.sqlfiles import load

__all__ = ["Store", "carry"]

_DAY_NS: Final = 86_400 * 10**9
_KEPT_NS: Final = 2 * _DAY_NS  # after so long without a sign a run is left in its past


class Store(Protocol):
    """What this needs of `store.engine.Engine`."""

    def command(self, sql: str, parameters: Mapping[str, Any]) -> None:
        """Run a statement."""


def carry(engine: Store, clock: Clock) -> None:
    """Carry over what has not been.

    Raises:
        Refused, StoreError: the store did not do it; nothing is lost.
    """
    now_ns = clock.now_ns()
    engine.command(load("executions/carry"), {"now_ns": now_ns, "today_ns": now_ns // _DAY_NS * _DAY_NS, "since_ns": now_ns - _KEPT_NS})
