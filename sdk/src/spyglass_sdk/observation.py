"""One piece of work, the primitive that every door stands on: a span of a kind that knows what goes in, what comes out, what it used and how it failed.

In: a `Plan`, made once for each function, and values of the host. Out: an OpenTelemetry span in the current context. Nothing here raises, and nothing
swallows what the host raises.
"""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import Mapping
from contextvars import Token
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, get_args

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.trace import Span, Status, StatusCode, Tracer
from opentelemetry.trace.span import INVALID_SPAN

from spyglass_sdk import messages, names
from spyglass_sdk.content import attribute, said, shape, text_of
from spyglass_sdk.guard import harmless, tell
from spyglass_sdk.kinds import KINDS, Kind, Rule, rule_of
from spyglass_sdk.release import VERSION
from spyglass_sdk.settings import Capture, recording

__all__ = ["Observation", "Plan", "begin", "current", "observation", "plan_of"]

_MESSAGE_BYTES: Final = 2048  # of an error's message
_NAME_BYTES: Final = 1024
_MOST_MODELS: Final = 64
_TYPED: Final = (names.INPUT, names.OUTPUT)
_USAGE: Final = {
    "input_tokens": names.INPUT_TOKENS,
    "output_tokens": names.OUTPUT_TOKENS,
    "cache_read_tokens": names.CACHE_READ_TOKENS,
    "cache_write_tokens": names.CACHE_WRITE_TOKENS,
    "reasoning_tokens": names.REASONING_TOKENS,
    "cost_usd": names.COST_USD,
}


class Plan:
    """All that is known before the work begins, so that it need not be found out each time."""

    __slots__ = ("_models", "attributes", "called", "capture", "kind", "name", "rule")

    def __init__(
        self,
        name: str,
        rule: Rule,
        attributes: Mapping[str, Any] | None = None,
        capture: Capture | None = None,
        *,
        target: str = "",
        kind: str = "",
    ) -> None:
        """`target`: what the conventions want after the operation, where that is not `name`: the model of a model call."""
        self.rule, self.capture, self.kind, self.called = rule, capture, kind, name
        self.name = rule.span_name(target or name)
        named = target or ("" if rule.named == names.REQUEST_MODEL else name)
        self.attributes = {**rule.attributes(named), **(attributes or {})}
        self._models: dict[str, Plan] = {}

    def for_model(self, model: object) -> Plan:
        """The same for a call of this model, where the plan names none."""
        if type(model) is not str or self.rule.named != names.REQUEST_MODEL or names.REQUEST_MODEL in self.attributes:
            return self
        found = self._models.get(model)
        if found is None:
            found = Plan(self.called, self.rule, {**self.attributes, names.REQUEST_MODEL: model}, self.capture, target=model, kind=self.kind)
            if len(self._models) < _MOST_MODELS:
                self._models[model] = found
        return found


class _Tracers:
    """The tracer of the provider in use; a provider that comes later is taken up."""

    def __init__(self) -> None:
        self._provider: object = None
        self._tracer: Tracer | None = None

    def get(self) -> Tracer:
        provider = trace.get_tracer_provider()
        if self._tracer is None or provider is not self._provider:
            self._provider, self._tracer = provider, provider.get_tracer("spyglass_sdk", VERSION)
        return self._tracer


_tracer: Final = _Tracers().get


class Observation:
    """A running piece of work. Its methods give itself, so that they can be written one after another."""

    __slots__ = ("_began_s", "_capture", "_cut", "_done", "_first", "_rule", "_token", "context", "span")

    def __init__(self, plan: Plan, *, attach_now: bool = True) -> None:
        self._rule = plan.rule
        self._capture = plan.capture
        self._cut: tuple[str, ...] = ()
        self._first = self._done = False
        self._began_s = time.perf_counter()
        self._token: Token[Context] | None = None
        self.span: Span = _tracer().start_span(plan.name, kind=plan.rule.span_kind, attributes=plan.attributes)
        self.context: Context = trace.set_span_in_context(self.span)
        if attach_now:
            self._token = attach(self.context)

    @property
    def trace_id(self) -> str:
        """Hexadecimal; zeros when nothing is recorded."""
        return format(self.span.get_span_context().trace_id, "032x")

    @property
    def span_id(self) -> str:
        """Hexadecimal; zeros when nothing is recorded."""
        return format(self.span.get_span_context().span_id, "016x")

    @property
    def lasted_s(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self._began_s

    @harmless(None)
    def called_with(self, given: dict[str, Any]) -> None:
        """The arguments of a call, by parameter name."""
        if given and self.span.is_recording():
            query = self._rule.given == names.QUERY and self._full
            self._given(next((value for value in given.values() if isinstance(value, str)), given) if query else given)

    @harmless(None)
    def _set_input(self, value: object) -> None:
        self._given(value)

    def _given(self, value: object) -> None:
        talk = messages.question(value if type(value) is dict else {"": value}) if self._rule.talks and self._full else None
        self._tell(self._content(self._rule.given, value if talk is None else talk, names.INPUT_TYPE))

    def _tell(self, told: dict[str, Any]) -> None:
        if len(told) == 1:  # much the most often, and then faster
            for name, value in told.items():
                self.span.set_attribute(name, value)
        elif told:
            self.span.set_attributes(told)

    @harmless(None)
    def _set_usage(self, counts: Mapping[str, float | None]) -> None:
        unknown = counts.keys() - _USAGE.keys()
        if unknown:
            raise ValueError(f"usage: expected {', '.join(_USAGE)}, got {', '.join(sorted(unknown))}")
        told = {_USAGE[name]: value for name, value in counts.items() if value is not None}
        if wrong := [name for name, value in told.items() if not isinstance(value, (int, float))]:
            raise TypeError(f"usage: expected numbers for {', '.join(wrong)}")
        self.span.set_attributes(told)

    @harmless(None)
    def _set(self, attributes: Mapping[str, Any]) -> None:
        most = recording().max_payload_bytes
        for name, value in attributes.items():
            if value is not None:
                self.span.set_attribute(name, attribute(value, most))

    def input(self, value: object) -> Observation:
        """What goes in, as far as capture allows."""
        if self.span.is_recording():
            self._set_input(value)
        return self

    def output(self, value: object) -> Observation:
        """What comes out, as far as capture allows; of a model's answer also the tokens, the model and why it stopped."""
        if not self.span.is_recording():
            return self
        try:
            rule = self._rule
            told = messages.facts(value) if rule.talks and rule.named == names.REQUEST_MODEL else {}
            content = self._content(rule.made, messages.answer(value) if rule.talks and self._full else value, names.OUTPUT_TYPE)
            self._tell(told | content if told else content)
        except Exception as error:  # not by `harmless`, which costs every call a little
            tell("output", error)
        return self

    def usage(self, **counts: float | None) -> Observation:
        """What it used: input_tokens (with cached ones), output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost_usd."""
        self._set_usage(counts)
        return self

    def set(self, attributes: Mapping[str, Any] | None = None, **more: Any) -> Observation:
        """Attributes of any name; values that OpenTelemetry does not know become JSON."""
        self._set({**(attributes or {}), **more})
        return self

    def chunk(self) -> None:
        """A part of the answer has come; of the first the time is kept."""
        if not self._first:
            self._first = True
            if self._rule.named == names.REQUEST_MODEL:
                self._set({names.FIRST_CHUNK_S: self.lasted_s})

    def fail(self, error: BaseException | str) -> Observation:
        """It went wrong. The work is not ended by this."""
        self._fail(error)
        return self

    def replayed(self) -> None:
        """What comes out is an earlier answer: it is told, and what it once used is not told again."""
        self._rule = replace(self._rule, named="")
        self._set({names.REPLAYED: True})

    def detach(self) -> None:
        """It goes on, but not here: what begins from now on is no part of it."""
        token, self._token = self._token, None
        if token is not None:
            detach(token)

    def end(self) -> None:
        """It is over: once, whatever comes."""
        self.detach()
        if self._done:
            return
        self._done = True
        try:
            if self._cut:
                self.span.set_attribute(names.CUT, self._cut)
            self.span.end()
        except Exception as error:  # as above
            tell("end", error)

    @harmless(None)
    def _fail(self, error: BaseException | str) -> None:
        kind = type(error).__name__ if isinstance(error, BaseException) else "error"
        may_tell = (self._capture or recording().capture) != "off"
        message = said(error, _MESSAGE_BYTES) if may_tell else ""
        if may_tell and isinstance(error, BaseException) and not isinstance(error, CancelledError):
            self.span.record_exception(error, {"exception.message": message})
        self.span.set_attribute(names.ERROR_TYPE, kind)
        self.span.set_status(Status(StatusCode.ERROR, message or kind))

    @property
    def _full(self) -> bool:
        return (self._capture or recording().capture) == "full"

    def _content(self, name: str, value: object, type_name: str) -> dict[str, Any]:
        settings = recording()
        mode = self._capture or settings.capture
        if mode == "off":
            return {}
        if mode == "metadata":
            return {f"spyglass.{'input' if type_name == names.INPUT_TYPE else 'output'}.shape": shape(value)}
        if value is None or value == []:
            return {}
        text, was_cut = text_of(value, settings.max_payload_bytes)
        if was_cut:
            self._cut += (name,)
        if name in _TYPED:
            return {name: text, type_name: "text/plain" if type(value) is str else "application/json"}
        return {name: text}

    def __enter__(self) -> Observation:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        if error is not None and not isinstance(error, GeneratorExit):
            self._fail(error)
        self.end()

    async def __aenter__(self) -> Observation:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.__exit__(kind, error, where)


def begin(plan: Plan, attach_now: bool = True) -> Observation:
    """A piece of work that has begun; one that records nothing where that fails."""
    try:
        return Observation(plan, attach_now=attach_now)
    except Exception as error:
        tell("begin", error)
        return _around(INVALID_SPAN, plan.rule)


def observation(
    name: str,
    kind: Kind = "span",
    *,
    model: str | None = None,
    provider: str | None = None,
    capture: Capture | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Observation:
    """A piece of work that has begun, for a block of `with` or `async with`.

    Args:
        name: of the agent, the tool, the step.
        kind: what it is.
        model: of a model call, as asked for.
        provider: of a model call: `openai`, `anthropic`, …
        capture: of this one, instead of what `init` said.
        attributes: more to tell, by name.
    """
    plan = plan_of(name, kind, model, provider, capture, attributes)
    return begin(plan) if plan else _around(INVALID_SPAN, Rule())


@harmless(None)
def plan_of(name: str, kind: str, model: str | None, provider: str | None, capture: Capture | None, attributes: Mapping[str, Any] | None) -> Plan | None:
    """What `observation` and `observe` know before the work begins; None where a word is not one of those that are known."""
    name = said(name, _NAME_BYTES)
    told = {key: value for key, value in {names.PROVIDER: provider, names.REQUEST_MODEL: model}.items() if value}
    most = recording().max_payload_bytes
    more = {key: attribute(value, most) for key, value in (attributes or {}).items() if value is not None}
    if capture not in (None, *get_args(Capture)):
        raise ValueError(f"capture: expected one of {', '.join(get_args(Capture))}, got {capture!r}")
    return Plan(name, rule_of(kind), {**told, **more}, capture, target=model or "", kind=kind)


def current() -> Observation:
    """The piece of work that runs here, whoever began it; it is not ended by this."""
    span = trace.get_current_span()
    told = getattr(span, "attributes", None) or {}
    operation, marker = told.get(names.OPERATION, ""), told.get(names.KIND, "")
    found = (rule for rule in KINDS.values() if (rule.operation or rule.marker) and rule.operation == operation and (operation or rule.marker == marker))
    return _around(span, next(found, Rule()))


def _around(span: Span, rule: Rule) -> Observation:
    made = Observation.__new__(Observation)
    made._rule, made._capture, made._cut = rule, None, ()
    made._first, made._done, made._began_s, made._token = False, True, time.perf_counter(), None
    made.span, made.context = span, get_current()
    return made
