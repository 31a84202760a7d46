"""Executions by plain functions, by a decorator, and around a call: thin doors to `Execution`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, overload

from opentelemetry.context import get_current

from spyglass_sdk.execution import OPEN, Execution, create, taken_up
from spyglass_sdk.generators import async_generator_function, generator_function
from spyglass_sdk.guard import harmless, tell

__all__ = [
    "complete_agent_execution",
    "create_agent_execution",
    "execution",
    "fail_agent_execution",
    "record_execution_step",
    "start_agent_execution",
    "track_execution",
]

R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

_KNOWN: Final = frozenset({"input", "metadata", "task_id", "user_id", "session_id", "agent_id", "execution_id", "state", "record", "stoppable"})
_REPLAY: Final = frozenset({"replay", "forked_from", "forked_at_step"})


def execution(agent_type: str, operation: str, **told: Any) -> Execution:
    """A run that has begun, for a block of `with` or `async with`. In a replay, the agent's own first one is the replay's.

    Takes what `Execution` takes: input, metadata, task_id, user_id, session_id, agent_id; and
    `state`, which is called after each step for a state to take a snapshot of; `record`, whether its calls are recorded, so that it can be replayed;
    `stoppable`, whether `step` raises `ExecutionStopped` when somebody on the server asked that it stop.
    """
    if unknown := told.keys() - _KNOWN - _REPLAY:
        tell("execution", TypeError(f"unknown arguments: {', '.join(sorted(unknown))}"))
        told = {name: value for name, value in told.items() if name not in unknown}
    run = taken_up(agent_type, told.get("state")) or Execution(agent_type, operation, **told)
    OPEN.add(run)
    return run


@harmless("")
def create_agent_execution(
    agent_type: str,
    operation: str,
    *,
    input: object = None,  # noqa: A002 - the word for it
    metadata: Mapping[str, Any] | None = None,
    task_id: str | None = None,
    user_id: str | None = None,
    session_id: str | None = None,
    agent_id: str | None = None,
) -> str:
    """A run that is to be, in a queue for example; gives the `execution_id` that it is started with, here or in another process."""
    return create(agent_type, operation, input, metadata, task_id, user_id, session_id, agent_id)


@harmless("")
def start_agent_execution(
    agent_type: str,
    operation: str,
    *,
    input: object = None,  # noqa: A002 - the word for it
    metadata: Mapping[str, Any] | None = None,
    task_id: str | None = None,
    user_id: str | None = None,
    session_id: str | None = None,
    agent_id: str | None = None,
    execution_id: str | None = None,
    state: Callable[[], object] | None = None,
    record: bool | None = None,
    stoppable: bool = False,
) -> str:
    """Begin a run; gives its id, by which it is ended from anywhere in this process. Empty when that failed."""
    told: dict[str, Any] = {
        "metadata": metadata,
        "task_id": task_id,
        "user_id": user_id,
        "session_id": session_id,
        "agent_id": agent_id,
        "execution_id": execution_id,
    }
    told |= {"state": state, "record": record, "stoppable": stoppable}
    return execution(agent_type, operation, input=input, **told).execution_id


@harmless(False)
def record_execution_step(
    execution_id: str | Execution, name: str, data: object = None, *, status: str = "ok", attributes: Mapping[str, Any] | None = None
) -> bool:
    """Tell a step of a run. False when no such run is known here."""
    run = OPEN.find(execution_id)
    return run is not None and run.step(name, data, status=status, attributes=attributes) is run  # `ExecutionStopped` passes: it is no Exception


@harmless(False)
def complete_agent_execution(execution_id: str | Execution, output: object = None, *, metadata: Mapping[str, Any] | None = None) -> bool:
    """A run went well. False when no such run is known here, or it had ended before."""
    run = OPEN.find(execution_id)
    return run is not None and run.complete(output, metadata=metadata)


@harmless(False)
def fail_agent_execution(execution_id: str | Execution, error: BaseException | str, *, metadata: Mapping[str, Any] | None = None) -> bool:
    """A run went wrong. False when no such run is known here, or it had ended before."""
    run = OPEN.find(execution_id)
    return run is not None and run.fail(error, metadata=metadata)


@overload
def track_execution(agent_type: str, operation: str, fn: Callable[[], R], metadata: Mapping[str, Any] | None = None, **told: Any) -> R: ...
@overload
def track_execution(agent_type: str, operation: str, fn: None = None, metadata: Mapping[str, Any] | None = None, **told: Any) -> Callable[[F], F]: ...


def track_execution(agent_type: str, operation: str, fn: Callable[..., Any] | None = None, metadata: Mapping[str, Any] | None = None, **told: Any) -> Any:
    """Run `fn` as an execution, and give what it gives; of a coroutine function, a coroutine. Without `fn`: a decorator that does so with each call.

    Of a generator function (sync and async) the execution lasts from the first item that is asked for until the last, or until nobody wants more.

    Args:
        agent_type: `planner`, `researcher`.
        operation: what is done.
        fn: called without arguments.
        metadata: more to tell.
        told: task_id, user_id, session_id, agent_id, state, record, stoppable.
    """
    if fn is None:
        return lambda call: _decorated(call, agent_type, operation, {**told, "metadata": metadata})
    return _decorated(fn, agent_type, operation, {**told, "metadata": metadata})()


def _decorated(call: Callable[..., Any], agent_type: str, operation: str, told: dict[str, Any]) -> Callable[..., Any]:
    generators = generator_function if inspect.isgeneratorfunction(call) else async_generator_function if inspect.isasyncgenfunction(call) else None
    if generators:
        return functools.wraps(call)(generators(call, lambda args, kwargs: _Yielding(_begin(agent_type, operation, told, args, kwargs))))
    if inspect.iscoroutinefunction(call):

        @functools.wraps(call)
        async def tracked_async(*args: Any, **kwargs: Any) -> Any:
            run = _begin(agent_type, operation, told, args, kwargs)
            if run is None:
                return await call(*args, **kwargs)
            with run:
                result = await call(*args, **kwargs)
                run.complete(result)
            return result

        return tracked_async

    @functools.wraps(call)
    def tracked(*args: Any, **kwargs: Any) -> Any:
        run = _begin(agent_type, operation, told, args, kwargs)
        if run is None:
            return call(*args, **kwargs)
        with run:
            result = call(*args, **kwargs)
            later = generator_function if inspect.isgenerator(result) else async_generator_function if inspect.isasyncgen(result) else None
            if not later and not inspect.isawaitable(result):
                run.complete(result)
                return result
            run.stay_open()
        return later(lambda: result, lambda *_: _Yielding(run))() if later else _awaited(run, result)

    return tracked


class _Yielding:
    """A run that yields, as generators know work; of none nothing is told."""

    def __init__(self, run: Execution | None) -> None:
        self._run = run
        self.context = run.context if run else get_current()

    def chunk(self) -> None:
        """An execution tells no single items."""

    def output(self, value: object) -> None:
        """It went well."""
        if self._run:
            self._run.complete(value)

    def fail(self, error: BaseException) -> None:
        """It went wrong, or was called off."""
        if self._run:
            self._run.__exit__(type(error), error, None)

    def end(self) -> None:
        """It is over, if it is not yet."""
        if self._run:
            self._run.__exit__(None, None, None)


async def _awaited(run: Execution, result: Any) -> Any:
    with run:
        found = await result
        run.complete(found)
    return found


@harmless(None)
def _begin(agent_type: str, operation: str, told: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Execution | None:
    given = {**({"args": list(args)} if args else {}), **kwargs}
    return execution(agent_type, operation, **{"input": given or None, **told})
