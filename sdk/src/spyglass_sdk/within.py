"""Spans that stand directly in an execution say whose it is: a framework's own span of that agent is then told from a run of its own.

In: a span that has begun, and its parent. Out: `spyglass.execution.within`. Spans that only wrap others (chains, workflows, agents without a name) hand it
on; models, tools and whatever does not say at its start what it is do not, so that an agent that calls itself through them has runs of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span
from opentelemetry.trace import get_current_span

from spyglass_sdk.names import AGENT, EXECUTION_OPERATION, KIND, OPERATION, WITHIN_EXECUTION

__all__ = ["stamp_execution"]

_KEYS: Final = (OPERATION, KIND, "traceloop.span.kind")  # that tell what a span is
_CHAINS: Final = frozenset({"chain", "workflow", "invoke_workflow"})
_AGENTS: Final = frozenset({"agent", "invoke_agent"})


def stamp_execution(span: Span, context: Context | None) -> None:
    """Tell on a span that has begun whose execution it stands in, if it does so directly."""
    above = get_current_span(context)
    told: Mapping[str, Any] | None = getattr(above, "attributes", None)
    if not told:
        return
    if EXECUTION_OPERATION in told:
        agent = told.get(AGENT)
    elif WITHIN_EXECUTION in told and _wraps(getattr(above, "name", ""), told):
        agent = told[WITHIN_EXECUTION]
    else:
        return
    if agent and EXECUTION_OPERATION not in (span.attributes or {}):
        span.set_attribute(WITHIN_EXECUTION, agent)


def _wraps(name: str, told: Mapping[str, Any]) -> bool:
    """Whether a span does no work of its own. The agent itself does: what it calls directly by the same name is another run."""
    kinds = {str(told[key]).lower() for key in _KEYS if key in told}
    if not kinds or not kinds <= _CHAINS | _AGENTS:
        return False
    return not kinds & _AGENTS or (AGENT not in told and name != told[WITHIN_EXECUTION])
