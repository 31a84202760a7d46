"""`@observe`: a function, a generator or a class in, the same with each of its runs observed out. What it answers and raises is untouched."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, overload

from spyglass_sdk.generators import async_generator_function, generator_function
from spyglass_sdk.guard import tell
from spyglass_sdk.kinds import Kind
from spyglass_sdk.observation import Observation, Plan, begin, current, plan_of
from spyglass_sdk.settings import Capture
from spyglass_sdk.tape import KINDS as TAPED
from spyglass_sdk.tape import within
from spyglass_sdk.taped import acall
from spyglass_sdk.taped import call as taped_call

__all__ = ["observe"]

F = TypeVar("F", bound=Callable[..., Any])

_ENTRIES: Final = frozenset({"__call__", "run", "arun", "invoke", "ainvoke", "execute", "aexecute", "stream", "astream", "forward", "kickoff", "call", "acall"})
_PLAIN: Final = (str, int, float, bool, dict, list, tuple, type(None))
_DONE: Final = "_spyglass_observed"


@overload
def observe(target: F, /) -> F: ...
@overload
def observe(
    target: None = None,
    /,
    *,
    kind: Kind = "span",
    name: str | None = None,
    model: str | None = None,
    provider: str | None = None,
    capture: Capture | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Callable[[F], F]: ...


def observe(
    target: Any = None,
    /,
    *,
    kind: Kind = "span",
    name: str | None = None,
    model: str | None = None,
    provider: str | None = None,
    capture: Capture | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Any:
    """Observe each run of a function, coroutine function or generator function (sync and async), or of the public methods of a class.

    Of a class, the methods that start work (`run`, `invoke`, `__call__`, …) are of the given kind and named after the class; the other public methods
    are steps (`chain`). Applied twice, it observes once.

    Args:
        target: what is decorated, when it is written without brackets.
        kind: what it is: agent, tool, llm, workflow, retriever, embedding, reranker, chain, guardrail, evaluator, prompt, memory, span.
        name: instead of its own name.
        model: of a model call, as asked for; else the argument `model` of each call.
        provider: of a model call: `openai`, `anthropic`, …
        capture: `full`, `metadata` or `off`, instead of what `init` said.
        attributes: more to tell of each run, by name.
    """

    def decorate(found: Any) -> Any:
        try:
            if inspect.isclass(found):
                return _class(found, kind, name, provider, model, capture, attributes)
            plan = plan_of(name or _name_of(found), kind, model, provider, capture, attributes)
            return _wrap(found, plan) if plan else found
        except Exception as error:  # the host's function works without us
            tell("observe", error)
            return found

    return decorate if target is None else decorate(target)


def _name_of(found: Any) -> str:
    return str(getattr(found, "__name__", None) or type(found).__name__)


def _wrap(call: Any, plan: Plan) -> Any:
    if hasattr(call, _DONE):
        return call
    arguments = _Arguments(call)
    make = (
        _async_generator
        if inspect.isasyncgenfunction(call)
        else _generator
        if inspect.isgeneratorfunction(call)
        else _coroutine
        if inspect.iscoroutinefunction(call)
        else _function
    )
    wrapper = functools.wraps(call)(make(call, plan, arguments))
    setattr(wrapper, _DONE, True)
    return wrapper


class _Arguments:
    """Arguments of a call by parameter name; `self` and `cls` are left out."""

    def __init__(self, call: Any) -> None:
        try:
            parameters = list(inspect.signature(call).parameters.values())
        except (TypeError, ValueError):  # of some built-ins nothing is known
            parameters = []
        positional = [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
        self._own = positional[:1] in (["self"], ["cls"])
        self._names = tuple(positional)
        self._usual = {one.name: one.default for one in parameters if one.default is not one.empty}

    def of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        found = dict(zip(self._names, args, strict=False))
        if len(args) > len(self._names):
            found["args"] = args[len(self._names) :]
        if self._own:
            found.pop(self._names[0], None)
        if kwargs:
            found.update(kwargs)
        return found

    def all_of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """With those that the call leaves to their defaults: the same call written otherwise is the same."""
        return {**self._usual, **self.of(args, kwargs)}


def _begin(plan: Plan, arguments: _Arguments, args: tuple[Any, ...], kwargs: dict[str, Any], attach_now: bool = True) -> Observation:
    try:
        given = arguments.of(args, kwargs)
        if "model" in given:
            plan = plan.for_model(given["model"])
    except Exception as error:  # the host's call goes on
        tell("observe", error)
        given = {}
    work = begin(plan, attach_now)
    work.called_with(given)
    return work


def _function(call: Any, plan: Plan, arguments: _Arguments) -> Any:
    taped = plan.kind in TAPED

    def observed(*args: Any, **kwargs: Any) -> Any:
        work = _begin(plan, arguments, args, kwargs)
        try:
            tape = within() if taped else None
            if tape is None:
                result = call(*args, **kwargs)
            else:
                run, given = functools.partial(call, *args, **kwargs), functools.partial(arguments.all_of, args, kwargs)
                result = taped_call(tape, plan.kind, plan.called, given, run, work.replayed)
        except BaseException as error:
            work.fail(error).end()
            raise
        if type(result) not in _PLAIN:  # a plain function may give a generator: the work lasts as long as that
            later = generator_function if inspect.isgenerator(result) else async_generator_function if inspect.isasyncgen(result) else None
            if later:
                work.detach()
                return later(lambda: result, lambda *_: work)()
        work.output(result).end()
        return result

    return observed


def _coroutine(call: Any, plan: Plan, arguments: _Arguments) -> Any:
    taped = plan.kind in TAPED

    async def observed(*args: Any, **kwargs: Any) -> Any:
        work = _begin(plan, arguments, args, kwargs)
        try:
            tape = within() if taped else None
            if tape is None:
                result = await call(*args, **kwargs)
            else:
                run, given = functools.partial(call, *args, **kwargs), functools.partial(arguments.all_of, args, kwargs)
                result = await acall(tape, plan.kind, plan.called, given, run, work.replayed)
        except BaseException as error:
            work.fail(error).end()
            raise
        work.output(result).end()
        return result

    return observed


def _taping(call: Any, plan: Plan, arguments: _Arguments) -> Any:
    """The same function, whose generators are recorded where that is asked for."""
    if plan.kind not in TAPED:
        return call

    def made(*args: Any, **kwargs: Any) -> Any:
        tape = within()
        if tape is None:
            return call(*args, **kwargs)
        run, given = functools.partial(call, *args, **kwargs), functools.partial(arguments.all_of, args, kwargs)
        return taped_call(tape, plan.kind, plan.called, given, run, lambda: current().replayed())

    return made


def _generator(call: Any, plan: Plan, arguments: _Arguments) -> Any:
    return generator_function(_taping(call, plan, arguments), lambda args, kwargs: _begin(plan, arguments, args, kwargs, attach_now=False))


def _async_generator(call: Any, plan: Plan, arguments: _Arguments) -> Any:
    return async_generator_function(_taping(call, plan, arguments), lambda args, kwargs: _begin(plan, arguments, args, kwargs, attach_now=False))


def _class(
    found: type,
    kind: Kind,
    name: str | None,
    provider: str | None,
    model: str | None,
    capture: Capture | None,
    attributes: Mapping[str, Any] | None,
) -> type:
    own = name or found.__name__
    for method, value in list(vars(found).items()):
        if method.startswith("_") and method != "__call__":
            continue
        inner = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        if not inspect.isfunction(inner):
            continue
        entry = method in _ENTRIES
        told = (kind, model, provider) if entry else ("chain", None, None)
        plan = plan_of(own if entry else f"{own}.{method}", *told, capture, attributes)
        if plan:
            wrapped = _wrap(inner, plan)
            setattr(found, method, type(value)(wrapped) if inner is not value else wrapped)
    return found
