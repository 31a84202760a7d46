"""A context in, a carrier out, and back: how a trace with its session and user crosses threads, processes, HTTP, MCP and A2A.

What travels is W3C `traceparent`, `tracestate` and `baggage`, by whatever propagators OpenTelemetry is set to.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, Final, Generic, ParamSpec, TypeVar

from opentelemetry import propagate
from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import get_current_span

from spyglass_sdk.guard import harmless
from spyglass_sdk.who import Attached

__all__ = ["Bound", "bind", "continue_environment", "continue_from", "environment", "inject", "inject_a2a", "inject_mcp"]

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=MutableMapping[str, Any])

_NESTED: Final = ("_meta", "metadata")  # where MCP and A2A keep it


def inject(carrier: M) -> M:
    """Write the current context into headers, or into any mapping of texts; gives the same mapping."""
    _inject(carrier)
    return carrier


def inject_mcp(params: M) -> M:
    """Write the current context into `_meta` of the params of an MCP request; gives the same params."""
    _inject_below(params, "_meta")
    return params


def inject_a2a(message: M) -> M:
    """Write the current context into `metadata` of an A2A message; gives the same message."""
    _inject_below(message, "metadata")
    return message


def continue_from(carrier: Mapping[str, Any] | object) -> Attached:
    """Go on with what a carrier tells: headers, params of an MCP request, an A2A message, an environment. Best used as a context manager.

    Of MCP and A2A the whole request may be given; objects are asked for `meta`, `_meta` and `metadata`, too.
    """
    return Attached(_extract(carrier))


def environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment for a child process that goes on with the current context: TRACEPARENT, TRACESTATE, BAGGAGE besides what is given (else ours)."""
    before = dict(os.environ if environ is None else environ)
    carried: dict[str, str] = inject({})
    return {**before, **{name.upper(): value for name, value in carried.items()}}


@harmless(None)
def continue_environment(environ: Mapping[str, str]) -> None:
    """Go on with what the parent process gave, unless something runs here already."""
    if "TRACEPARENT" in environ or "BAGGAGE" in environ:
        if get_current_span().get_span_context().is_valid:
            return
        attach(propagate.extract({name: environ[name.upper()] for name in ("traceparent", "tracestate", "baggage") if name.upper() in environ}))


class Bound(Generic[P, R]):
    """A function with the context in which it is to run. It can be pickled where the function can, and so goes to other processes."""

    def __init__(self, call: Callable[P, R], context: Context) -> None:
        self._call, self._context = call, context
        functools.update_wrapper(self, call)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run it."""
        token = attach(self._context)
        try:
            return self._call(*args, **kwargs)
        finally:
            detach(token)

    def __reduce__(self) -> tuple[Callable[..., Bound[..., Any]], tuple[Any, ...]]:
        carrier: dict[str, str] = {}
        propagate.inject(carrier, self._context)
        return _bind_from, (self._call, carrier)


def bind(call: Callable[P, R]) -> Callable[P, R]:
    """The function, to be run in the current context wherever it runs: `Thread(target=bind(work))`, `processes.submit(bind(work))`."""
    return Bound(call, get_current())


def _bind_from(call: Callable[..., Any], carrier: dict[str, str]) -> Bound[..., Any]:
    return Bound(call, propagate.extract(carrier))


@harmless(None)
def _inject(carrier: MutableMapping[str, Any]) -> None:
    propagate.inject(carrier)


@harmless(None)
def _inject_below(message: MutableMapping[str, Any], name: str) -> None:
    below = dict(message.get(name) or {})
    propagate.inject(below)
    if below:
        message[name] = below


@harmless(None)
def _extract(carrier: object) -> Context | None:
    found: dict[str, str] = {}
    for mapping in _mappings(carrier):
        for name in ("traceparent", "tracestate", "baggage"):
            value = next((mapping[key] for key in (name, name.upper(), name.title()) if key in mapping), None)
            if value is not None:
                found.setdefault(name, str(value))
    return propagate.extract(found, getter=_Plain()) if found else None


def _mappings(carrier: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(carrier, Mapping):
        yield carrier
        for name in ("params", "message", *_NESTED):
            below = carrier.get(name)
            if isinstance(below, Mapping) or (below is not None and not isinstance(below, str)):
                yield from _mappings(below)
        return
    for name in ("params", "message", "meta", "metadata", "model_extra"):
        below = getattr(carrier, name, None)
        if below is not None and not isinstance(below, (str, bytes, int, float)) and not callable(below):
            yield from _mappings(below)


class _Plain(Getter[Mapping[str, str]]):
    """Names are lower case here, whatever the propagator asks for."""

    def get(self, carrier: Mapping[str, str], key: str) -> list[str] | None:
        value = carrier.get(key.lower())
        return [value] if value is not None else None

    def keys(self, carrier: Mapping[str, str]) -> list[str]:
        return list(carrier)
