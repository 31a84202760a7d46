"""A block or a function in, how long it took out: as a metric (`timed_operation`), as a span (`traced_operation`)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ContextDecorator
from types import TracebackType
from typing import Any

from spyglass_sdk.kinds import Kind
from spyglass_sdk.metrics import REGISTRY, MetricsRegistry
from spyglass_sdk.observation import Observation, observation

__all__ = ["timed_operation", "traced_operation"]


class timed_operation(ContextDecorator):  # noqa: N801 - read as a function, for blocks and as a decorator of plain functions
    """Record how long the block takes in the histogram `{name}.duration`, in seconds, with `outcome` ok or error."""

    def __init__(self, name: str, *, registry: MetricsRegistry = REGISTRY, **labels: object) -> None:
        self._histogram = registry.histogram(f"{name}.duration", "s")
        self._labels = labels
        self._began_s: list[float] = []
        self.duration_s = 0.0

    def __enter__(self) -> timed_operation:
        self._began_s.append(time.perf_counter())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.duration_s = time.perf_counter() - self._began_s.pop()
        self._histogram.observe(self.duration_s, **{**self._labels, "outcome": "ok" if error is None else "error"})

    def _recreate_cm(self) -> timed_operation:
        made = timed_operation.__new__(timed_operation)
        made._histogram, made._labels, made._began_s, made.duration_s = self._histogram, self._labels, [], 0.0
        return made

    async def __aenter__(self) -> timed_operation:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.__exit__(kind, error, where)


def traced_operation(name: str, kind: Kind = "span", attributes: Mapping[str, Any] | None = None, **more: Any) -> Observation:
    """A span around a block, of `with` or `async with`: `observation` with attributes as they come to mind."""
    return observation(name, kind, attributes={**(attributes or {}), **more})
