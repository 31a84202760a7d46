"""A generator function in, the same observed out: its context holds only while it works, never while its consumer does.

What it yields is kept, as far as the payload limit goes, and becomes the output: texts are joined, anything else is a list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from opentelemetry.context import Context, attach, detach

from spyglass_sdk.settings import recording

__all__ = ["Work", "async_generator_function", "generator_function"]

_MOST = 1000  # items that are no text


class Work(Protocol):
    """What a generator does, as an `Observation` is: it raises nothing, and ends once."""

    context: Context

    def chunk(self) -> None:
        """Something was yielded."""

    def output(self, value: object, /) -> object:
        """What came out."""

    def fail(self, error: BaseException, /) -> object:
        """It went wrong."""

    def end(self) -> None:
        """It is over."""


Begin = Callable[[tuple[Any, ...], dict[str, Any]], Work]


class _Kept:
    def __init__(self, work: Work) -> None:
        self._work = work
        self._items: list[Any] = []
        self._left = recording().max_payload_bytes

    def add(self, item: Any) -> None:
        self._work.chunk()
        if self._left > 0 and len(self._items) < _MOST:
            self._items.append(item)
            self._left -= len(item) if isinstance(item, str) else 32

    def finish(self, returned: Any = None) -> None:
        if returned is not None and not self._items:
            self._work.output(returned)
        elif self._items and all(isinstance(item, str) for item in self._items):
            self._work.output("".join(self._items))
        else:
            self._work.output(self._items)
        self._work.end()


def _made(work: Work, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    token = attach(work.context)
    try:
        return call(*args, **kwargs)
    finally:
        detach(token)


def generator_function(call: Callable[..., Any], begin: Begin) -> Callable[..., Any]:
    """Run what `call` gives step by step, as `yield from` would (PEP 380). `begin` is asked for the work with the first step."""

    def observed(*args: Any, **kwargs: Any) -> Any:
        work = begin(args, kwargs)
        kept = _Kept(work)
        try:
            generator = _made(work, call, args, kwargs)
            step, value = generator.send, None
            while True:
                token = attach(work.context)
                try:
                    item = step(value)
                except StopIteration as stop:
                    kept.finish(stop.value)
                    return stop.value
                finally:
                    detach(token)
                kept.add(item)
                try:
                    step, value = generator.send, (yield item)
                except GeneratorExit:
                    generator.close()
                    kept.finish()
                    raise
                except BaseException as error:  # thrown in by the consumer: the generator decides
                    step, value = generator.throw, error
        except GeneratorExit:
            raise
        except BaseException as error:
            work.fail(error)
            raise
        finally:
            work.end()

    return observed


def async_generator_function(call: Callable[..., Any], begin: Begin) -> Callable[..., Any]:
    """The same for asynchronous ones."""

    async def observed(*args: Any, **kwargs: Any) -> Any:
        work = begin(args, kwargs)
        kept = _Kept(work)
        try:
            generator = _made(work, call, args, kwargs)
            step, value = generator.asend, None
            while True:
                token = attach(work.context)
                try:
                    item = await step(value)
                except StopAsyncIteration:
                    kept.finish()
                    return
                finally:
                    detach(token)
                kept.add(item)
                try:
                    step, value = generator.asend, (yield item)
                except GeneratorExit:
                    await generator.aclose()
                    kept.finish()
                    raise
                except BaseException as error:  # as above
                    step, value = generator.athrow, error
        except GeneratorExit:
            raise
        except BaseException as error:
            work.fail(error)
            raise
        finally:
            work.end()

    return observed
