"""A run of an agent that is over in, its spans out: the agent's, and below it the model's where tokens or a cost are told."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode

from spyglass_sdk import names
from spyglass_sdk.kinds import KINDS
from spyglass_sdk.observation import Plan
from spyglass_sdk.release import VERSION
from spyglass_sdk.settings import recording

__all__ = ["tell_run"]

_AGENT: Final = KINDS["agent"]
_CHAT: Final = KINDS["llm"]


def tell_run(agent: str, operation: str, duration_s: float, error_type: str | None, error: str | None, model: str | None, usage: Mapping[str, Any]) -> None:
    """A run that ends now. It stands where it is told, as every span does: directly in an execution of the same agent it is part of that."""
    end_ns = time.time_ns()
    begin_ns = end_ns - max(0, round(duration_s * 1e9))
    tracer = trace.get_tracer("spyglass_sdk", VERSION)
    plan = Plan(f"{agent} {operation}", _AGENT, {names.AGENT: agent})
    run = tracer.start_span(plan.name, kind=_AGENT.span_kind, attributes=plan.attributes, start_time=begin_ns)
    told = {name: value for name, value in usage.items() if value is not None}
    if told:
        asked = Plan(model or "", _CHAT, target=model or "")
        within = trace.set_span_in_context(run)
        call = tracer.start_span(asked.name.strip(), within, kind=_CHAT.span_kind, attributes={**asked.attributes, **told}, start_time=begin_ns)
        call.end(end_ns)
    if error_type is not None:
        run.set_attribute(names.ERROR_TYPE, error_type)
        run.set_status(Status(StatusCode.ERROR, error if recording().capture != "off" else None))
    run.end(end_ns)
