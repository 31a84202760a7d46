"""A block or a function in, how long it took out: as a metric (`timed_operation`), as a span (`traced_operation`)."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TypeVar, cast

from opentelemetry.context import get_current

from spyglass_sdk.generators import async_generator_function, generator_function
from spyglass_sdk.kinds import Kind
from spyglass_sdk.metrics import REGISTRY, MetricsRegistry
from spyglass_sdk.observation import Observation, observation
from spyglass_sdk.observe import observe

__all__ = ["timed_operation", "traced_operation"]

F = TypeVar("F", bound=Callable[..., Any])


class timed_operation:  # noqa: N801 - read as a function, for blocks and as a decorator
    """Record how long the block takes in the histogram `{name}.duration`, in seconds, with `outcome` ok or error.

    As a decorator, how long each call takes; of a coroutine function until it has returned, of a generator function until it has ended.
    """

    def __init__(self, name: str, *, registry: MetricsRegistry = REGISTRY, **labels: object) -> None:
        self._histogram = registry.histogram(f"{name}.duration", "s")
        self._labels = labels
        self._began_s: list[float] = []
        self.duration_s = 0.0

    def __call__(self, call: F) -> F:
        """The function, timed."""
        if inspect.isgeneratorfunction(call):
            made: Callable[..., Any] = generator_function(call, lambda _args, _kwargs: _Yielding(self._again()))
        elif inspect.isasyncgenfunction(call):
            made = async_generator_function(call, lambda _args, _kwargs: _Yielding(self._again()))
        elif inspect.iscoroutinefunction(call):

            async def made(*args: Any, **kwargs: Any) -> Any:
                with self._again():
                    return await call(*args, **kwargs)
        else:

            def made(*args: Any, **kwargs: Any) -> Any:
                with self._again():
                    return call(*args, **kwargs)

        return cast("F", functools.wraps(call)(made))

    def __enter__(self) -> timed_operation:
        self._began_s.append(time.perf_counter())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.duration_s = time.perf_counter() - self._began_s.pop()
        self._histogram.observe(self.duration_s, **{**self._labels, "outcome": "ok" if error is None else "error"})

    def _again(self) -> timed_operation:
        """The same for one call of many."""
        made = timed_operation.__new__(timed_operation)
        made._histogram, made._labels, made._began_s, made.duration_s = self._histogram, self._labels, [], 0.0
        return made

    async def __aenter__(self) -> timed_operation:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.__exit__(kind, error, where)


class _Yielding:
    """A timing, as generators know work."""

    def __init__(self, timing: timed_operation) -> None:
        self._timing: timed_operation | None = timing.__enter__()
        self._error: BaseException | None = None
        self.context = get_current()

    def chunk(self) -> None:
        """Items are not timed."""

    def output(self, value: object) -> None:
        """What comes out does not matter."""

    def fail(self, error: BaseException) -> None:
        """It went wrong."""
        self._error = error

    def end(self) -> None:
        """It is over: once."""
        timing, self._timing = self._timing, None
        if timing:
            timing.__exit__(None, self._error, None)


class traced_operation:  # noqa: N801 - as above
    """A span around a block, of `with` or `async with`, which gives the `Observation`: attributes as they come to mind. As a decorator, around each call."""

    def __init__(self, name: str, kind: Kind = "span", attributes: Mapping[str, Any] | None = None, **more: Any) -> None:
        self._name, self._kind = name, kind
        self._attributes = {**(attributes or {}), **more}
        self._works: list[Observation] = []

    def __call__(self, call: F) -> F:
        """The function, observed."""
        return observe(name=self._name, kind=self._kind, attributes=self._attributes)(call)

    def __enter__(self) -> Observation:
        work = observation(self._name, self._kind, attributes=self._attributes)
        self._works.append(work)
        return work

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._works.pop().__exit__(kind, error, where)

    async def __aenter__(self) -> Observation:
        return self.__enter__()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.__exit__(kind, error, where)
