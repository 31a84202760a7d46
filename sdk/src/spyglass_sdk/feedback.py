"""What somebody or something thinks of a run in, the GenAI event `gen_ai.evaluation.result` out, tied to the trace, the span or the session it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, TraceFlags

from spyglass_sdk import names
from spyglass_sdk.events import emit
from spyglass_sdk.guard import harmless
from spyglass_sdk.observation import Observation
from spyglass_sdk.who import who

__all__ = ["Session", "SpanRef", "business_metric", "score", "session_of", "span_of", "task_completion", "user_satisfaction"]

_TRACE: Final = re.compile(r"[0-9a-f]{32}")
_SPAN: Final = re.compile(r"[0-9a-f]{16}")
_SUBJECTS: Final = frozenset({names.AGENT, names.AGENT_ID})


@dataclass(frozen=True, slots=True)
class SpanRef:
    """A span of earlier, by its ids in hexadecimal. Without a span id: the whole trace."""

    trace_id: str
    span_id: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A conversation of earlier, by its id."""

    session_id: str


Target = Observation | Span | SpanContext | SpanRef | Session | str | None


def span_of(trace_id: str, span_id: str = "") -> SpanRef:
    """What to score later: the span, or the whole trace."""
    return SpanRef(trace_id, span_id)


def session_of(session_id: str) -> Session:
    """What to score later: the conversation."""
    return Session(session_id)


@harmless(False)
def score(
    target: Target,
    name: str,
    value: float | bool | str | None = None,
    comment: str | None = None,
    *,
    label: str | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> bool:
    """Say what a run is worth. True when that could be told.

    Args:
        target: an observation, a span or its context, `span_of(…)`, `session_of(…)`, a trace id in hexadecimal; None: what runs, or the session set.
        name: what was looked at: `correctness`, `user_satisfaction`.
        value: a number; True and False are 1 with `pass` and 0 with `fail`; a text is a label.
        comment: why.
        label: what the value means: `good`, `fail`.
        attributes: more to tell, by name.
    """
    context, session = _where(target)
    if target is None and not _is_about_something(attributes or {}):
        raise LookupError("score: nothing runs here that this could be about: give a span, a trace id, or session_of(...)")
    if isinstance(value, bool):
        value, label = float(value), label or ("pass" if value else "fail")
    elif isinstance(value, str):
        value, label = None, label or value
    told = {
        names.EVALUATION_NAME: name,
        names.EVALUATION_VALUE: None if value is None else float(value),
        names.EVALUATION_LABEL: label,
        names.EVALUATION_WHY: comment,
        names.SESSION: session,
        names.CONVERSATION: session,
    }
    emit(names.EVALUATION, {**(attributes or {}), **told}, context=context)
    return True


@harmless(False)
def user_satisfaction(target: Target, rating: float, comment: str | None = None, *, best: float = 5.0) -> bool:
    """What the user said, from 0 to `best`; told as 0 to 1."""
    part = max(0.0, min(1.0, rating / best)) if best else 0.0
    label = "good" if part >= 0.8 else "fair" if part >= 0.5 else "bad"
    return score(target, "user_satisfaction", part, comment, label=label, attributes={"spyglass.rating": rating})


@harmless(False)
def task_completion(target: Target, completed: bool | float, comment: str | None = None) -> bool:
    """Whether the task was done: yes, no, or the part of it from 0 to 1."""
    done = bool(completed) if isinstance(completed, bool) else completed >= 1
    label = "complete" if done else "fail" if not completed else "partial"
    return score(target, "task_completion", float(completed), comment, label=label)


def business_metric(target: Target, name: str, value: float, unit: str = "", comment: str | None = None) -> bool:
    """What a run meant for the business: revenue, minutes saved, tickets closed."""
    return score(target, name, value, comment, attributes={"spyglass.evaluation.kind": "business", "spyglass.evaluation.unit": unit or None})


def _where(target: Target) -> tuple[Context | None, str | None]:
    if isinstance(target, Session):
        return trace.set_span_in_context(trace.INVALID_SPAN, Context()), target.session_id
    if isinstance(target, Observation):
        return target.context, None
    if isinstance(target, Span):
        return trace.set_span_in_context(target), None
    if isinstance(target, str):
        target = SpanRef(target)
    if isinstance(target, SpanRef):
        trace_id, span_id = target.trace_id.lower(), target.span_id.lower()
        if not _TRACE.fullmatch(trace_id) or (span_id and not _SPAN.fullmatch(span_id)):
            raise ValueError("score: expected a trace id of 32 hexadecimal digits, and a span id of 16 or none")
        target = SpanContext(int(trace_id, 16), int(span_id or "0", 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    if isinstance(target, SpanContext):
        return trace.set_span_in_context(NonRecordingSpan(target), Context()), None
    return None, None


def _is_about_something(attributes: Mapping[str, Any]) -> bool:
    """Without a target: something runs here, or a session or an agent is named."""
    return trace.get_current_span().get_span_context().is_valid or bool(who().get(names.SESSION)) or not _SUBJECTS.isdisjoint(attributes)
