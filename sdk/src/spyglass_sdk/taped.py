"""How each form of call is put on a tape: functions, coroutine functions, generators, and streams as model clients give them.

In: a call that is ready to be made. Out: what it gives, or what it gave when it was recorded. What the host's code raises is untouched.
"""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable, Mapping
from typing import Any

from opentelemetry.context import detach

from spyglass_sdk.settings import recording
from spyglass_sdk.streams import Items, async_generator, async_stream, generator, given_again, stream
from spyglass_sdk.tape import Answer, Call, Tape

__all__ = ["acall", "call"]

Given = Callable[[], Mapping[str, Any]]


def call(tape: Tape, kind: str, name: str, given: Given, run: Callable[[], Any], replayed: Callable[[], None]) -> Any:
    """Make a plain call, which may give a value, something to await, a generator or a stream. `replayed` is called where the answer is a recorded one."""
    one = tape.begin(kind, name, given)
    if one is None:
        return run()
    if one.answer is not None:
        replayed()
        return _again(one, one.answer)
    token = one.inside()
    try:
        result = run()
    except Exception as error:
        one.ended("raised", error)
        raise
    finally:
        detach(token)
    return _followed(one, result)


async def acall(tape: Tape, kind: str, name: str, given: Given, run: Callable[[], Any], replayed: Callable[[], None]) -> Any:
    """Make a call of a coroutine function, which may give a stream."""
    one = tape.begin(kind, name, given)
    if one is None:
        return await run()
    if one.answer is not None:
        replayed()
        return _again(one, one.answer)
    return await _awaited(one, run(), "")


def _followed(one: Call, result: Any) -> Any:
    """The result, recorded now or when it is consumed."""
    if inspect.isgenerator(result):
        return generator(one, result)
    if inspect.isasyncgen(result):
        return async_generator(one, result)
    if inspect.isawaitable(result):
        return _awaited(one, result, "awaitable")
    if hasattr(type(result), "__anext__") and hasattr(type(result), "__aiter__"):
        return async_stream(one, result)
    if hasattr(type(result), "__next__") and not isinstance(result, io.IOBase) and hasattr(type(result), "__iter__"):
        return stream(one, result)
    one.ended("returned", result)
    return result


async def _awaited(one: Call, result: Any, form: str) -> Any:
    token = one.inside()
    try:
        found = await result
    except Exception as error:
        one.ended("raised", error, form)
        raise
    finally:
        detach(token)
    if form == "" and not inspect.isawaitable(found):
        return _followed(one, found)
    one.ended("returned", found, form)
    return found


def _again(one: Call, answer: Answer) -> Any:
    """What was recorded, recorded again as what this execution got."""
    if answer.outcome == "yielded":
        return given_again(answer, Items(one, recording().max_record_bytes, answer.form))
    one.ended(answer.outcome, answer.value, answer.form)
    if answer.form == "awaitable":
        return _later(answer)
    if answer.outcome == "raised":
        raise answer.value
    return answer.value


async def _later(answer: Answer) -> Any:
    if answer.outcome == "raised":
        raise answer.value
    return answer.value
