"""What a call yields item by item, on its way to the host: each item is kept for the recording as it passes; and recorded items, given again.

Generators stay generators. Streams of model clients, which are iterators with more methods (`close`, `response`, …), are given as an object that passes
everything on to the original.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from opentelemetry.context import detach

from spyglass_sdk.guard import tell
from spyglass_sdk.settings import recording
from spyglass_sdk.tape import Answer, Call
from spyglass_sdk.typed import Bounds, Typed, encode

__all__ = ["Items", "async_generator", "async_stream", "generator", "given_again", "stream"]


class Items:
    """The items of one call, encoded as they pass; told once, when they have ended."""

    def __init__(self, one: Call, most_bytes: int, form: str) -> None:
        self._one, self._left, self._form = one, most_bytes, form
        self._texts: list[str] = []
        self._placeholders, self._was_cut, self._told = 0, False, False

    def add(self, item: Any) -> None:
        """One more."""
        if self._left <= 0:
            self._was_cut = True
            return
        try:
            self._texts.append(self._encoded(item))
        except Exception as error:  # the item goes on to the host
            self._was_cut = True
            tell("items", error)

    def end(self, *, returned: Any = None, raised: BaseException | None = None, closed: bool = False) -> None:
        """There are no more, for one of three reasons."""
        if self._told:
            return
        self._told = True
        self._one.told("yielded", lambda: self._all(returned, raised, closed), self._form)

    def _all(self, returned: Any, raised: BaseException | None, closed: bool) -> Typed:
        parts = {"returned": self._encoded(returned), "raised": self._encoded(raised), "closed": json.dumps(closed)}
        text = f'{{"items":[{",".join(self._texts)}],' + ",".join(f'"{name}":{part}' for name, part in parts.items()) + "}"
        return Typed(text, self._placeholders, self._was_cut)

    def _encoded(self, value: Any) -> str:
        typed = encode(value, Bounds(max(1, self._left)), canonical=False)
        self._left -= len(typed.text)
        self._placeholders += typed.placeholders
        self._was_cut |= typed.was_cut
        return typed.text


def _items(one: Call, form: str) -> Items:
    return Items(one, recording().max_record_bytes, form)


def generator(one: Call, inner: Any) -> Any:
    """A generator that gives what `inner` gives, as `yield from` would."""
    kept = _items(one, "generator")
    step: Callable[..., Any] = inner.send
    value: Any = None
    try:
        while True:
            token = one.inside()
            try:
                item = step(value)
            except StopIteration as stop:
                kept.end(returned=stop.value)
                return stop.value
            finally:
                detach(token)
            kept.add(item)
            try:
                step, value = inner.send, (yield item)
            except GeneratorExit:
                inner.close()
                raise
            except BaseException as error:  # thrown in by the consumer: the generator decides
                step, value = inner.throw, error
    except GeneratorExit:
        kept.end(closed=True)
        raise
    except Exception as error:
        kept.end(raised=error)
        raise


async def async_generator(one: Call, inner: Any) -> AsyncIterator[Any]:
    """The same, asynchronous."""
    kept = _items(one, "async_generator")
    step: Callable[..., Any] = inner.asend
    value: Any = None
    try:
        while True:
            token = one.inside()
            try:
                item = await step(value)
            except StopAsyncIteration:
                kept.end()
                return
            finally:
                detach(token)
            kept.add(item)
            try:
                step, value = inner.asend, (yield item)
            except GeneratorExit:
                await inner.aclose()
                raise
            except BaseException as error:  # as above
                step, value = inner.athrow, error
    except GeneratorExit:
        kept.end(closed=True)
        raise
    except Exception as error:
        kept.end(raised=error)
        raise


class _Passing:
    """Everything but iteration is the original's."""

    def __init__(self, inner: Any, kept: Items) -> None:
        self._inner, self._kept = inner, kept

    __class__ = property(lambda self: type(self._inner))  # for `isinstance`

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __del__(self) -> None:
        kept = self.__dict__.get("_kept")
        if kept is not None:
            kept.end(closed=True)


class _Stream(_Passing):
    def __iter__(self) -> _Stream:
        return self

    def __next__(self) -> Any:
        try:
            item = next(self._inner)
        except StopIteration:
            self._kept.end()
            raise
        except Exception as error:
            self._kept.end(raised=error)
            raise
        self._kept.add(item)
        return item

    def __enter__(self) -> _Stream:
        enter = getattr(type(self._inner), "__enter__", None)
        if enter:
            enter(self._inner)
        return self

    def __exit__(self, *told: Any) -> Any:
        self._kept.end(closed=True)
        leave = getattr(type(self._inner), "__exit__", None)
        return leave(self._inner, *told) if leave else None


class _AsyncStream(_Passing):
    def __aiter__(self) -> _AsyncStream:
        return self

    async def __anext__(self) -> Any:
        try:
            item = await self._inner.__anext__()
        except StopAsyncIteration:
            self._kept.end()
            raise
        except Exception as error:
            self._kept.end(raised=error)
            raise
        self._kept.add(item)
        return item

    async def __aenter__(self) -> _AsyncStream:
        enter = getattr(type(self._inner), "__aenter__", None)
        if enter:
            await enter(self._inner)
        return self

    async def __aexit__(self, *told: Any) -> Any:
        self._kept.end(closed=True)
        leave = getattr(type(self._inner), "__aexit__", None)
        return await leave(self._inner, *told) if leave else None


def stream(one: Call, inner: Any) -> Any:
    """An iterator that gives what `inner` gives, and is like it otherwise."""
    return _Stream(inner, _items(one, "stream"))


def async_stream(one: Call, inner: Any) -> Any:
    """The same, asynchronous."""
    return _AsyncStream(inner, _items(one, "async_stream"))


class _Over:
    """What stands behind a stream that is given again."""

    def __init__(self, items: Iterator[Any]) -> None:
        self._items = items

    def __next__(self) -> Any:
        return next(self._items)

    async def __anext__(self) -> Any:
        try:
            return next(self._items)
        except StopIteration:
            raise StopAsyncIteration from None

    def close(self) -> None:
        """Nothing is open."""

    async def aclose(self) -> None:
        """Nothing is open."""


def given_again(answer: Answer, kept: Items) -> Any:
    """What was yielded when it was recorded, in the form that it had."""
    if answer.form == "stream":
        return _Stream(_Over(_plain(answer)), kept)
    if answer.form == "async_stream":
        return _AsyncStream(_Over(_plain(answer)), kept)
    if answer.form == "async_generator":
        return _async_generator_again(answer, kept)
    return _generator_again(answer, kept)


def _plain(answer: Answer) -> Any:
    yield from answer.value["items"]
    if answer.value["raised"] is not None:
        raise answer.value["raised"]
    return answer.value["returned"]


def _generator_again(answer: Answer, kept: Items) -> Any:
    try:
        for item in answer.value["items"]:
            kept.add(item)
            yield item
    except GeneratorExit:
        kept.end(closed=True)
        raise
    return _end_again(answer, kept)


async def _async_generator_again(answer: Answer, kept: Items) -> AsyncIterator[Any]:
    try:
        for item in answer.value["items"]:
            kept.add(item)
            yield item
    except GeneratorExit:
        kept.end(closed=True)
        raise
    _end_again(answer, kept)


def _end_again(answer: Answer, kept: Items) -> Any:
    raised = answer.value["raised"]
    kept.end(returned=answer.value["returned"], raised=raised)
    if raised is not None:
        raise raised
    return answer.value["returned"]
