"""What all viewers stand on: the bounds that are no settings, the recent batches, the worker thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from spyglass.config.spec import Stream
from spyglass.stream.ring import Ring

__all__ = ["Limits", "Run", "Shared"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of the live view beside its settings."""

    heartbeat_s: float = 15.0
    write_timeout_s: float = 30.0  # how long a viewer may take nothing before its connection is given up
    replay_frames: int = 10_000  # of what a viewer missed
    ring_bytes: int = 64 * 2**20
    ring_s: float = 600.0
    kin_bytes: int = 32 * 2**20  # of spans remembered for searches with `under`, `over`, `parent:(…)`, all searches together
    kin_s: float = 600.0


class Run(Protocol):
    """Runs plain functions in the hub's worker thread, one after the other."""

    async def __call__(self, function: Callable[[], _T]) -> _T:
        """Its result."""


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Handed to each viewer by the hub."""

    ring: Ring
    settings: Stream
    limits: Limits
    run: Run
    now_ns: Callable[[], int]  # wall time that never goes back
