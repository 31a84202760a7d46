"""Model calls that were seen on the wire, beside the spans that tell of them.

In: claims and calls. Out: for each call the span that it is, with how sure that is and why. A call is one span; a span may be several calls: retries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from spyglass.join.nouns import Call, Claim, Link

__all__ = ["match_calls"]

_SLACK_NS: Final = 50 * 10**6
_KINDS: Final = frozenset({"llm", "embedding", "reranker", "mcp", "tool"})


def match_calls(claims: Sequence[Claim], calls: Iterable[Call], trace_id: str) -> dict[str, Link]:
    """By the span id of the call (hex). `trace_id` (hex): of the claims."""
    by_id = {claim.span_id: claim for claim in claims}
    told = [claim for claim in claims if claim.kind in _KINDS]
    by_response = {claim.response_id: claim for claim in told if claim.response_id}
    found: dict[str, Link] = {}
    for call in calls:
        link = _carried(call, by_id, trace_id) or _answered(call, by_response) or _while(call, told)
        if link is not None:
            found[call.span_id] = link
    return found


def _carried(call: Call, by_id: dict[str, Claim], trace_id: str) -> Link | None:
    if call.trace_id == trace_id and call.parent_id in by_id and not by_id[call.parent_id].by_runner:
        return Link(call.parent_id, 1.0, "the request carried this span's trace context")
    return None


def _answered(call: Call, by_response: dict[str, Claim]) -> Link | None:
    claim = by_response.get(call.response_id) if call.response_id else None
    return Link(claim.span_id, 0.99, "the answer has the id that the span tells") if claim else None


def _while(call: Call, told: Sequence[Claim]) -> Link | None:
    """By time: the call began and ended while the span ran."""
    within = [
        claim
        for claim in told
        if claim.kind in {"llm", "embedding", "reranker"}
        and claim.start_ns - _SLACK_NS <= call.start_ns
        and call.end_ns <= claim.end_ns + _SLACK_NS
        and not (claim.pid and call.pid and claim.pid != call.pid)
        and not (claim.host and call.host and claim.host != call.host)
        and not (claim.response_id and call.response_id)  # they would be the same
    ]
    alike = [claim for claim in within if claim.model and claim.model == call.model] or within
    if not alike:
        return None
    claim = min(alike, key=lambda one: one.end_ns - one.start_ns)
    sure, why = (0.85, "same process, time and model") if claim.pid and claim.model == call.model else (0.7, "same time and model")
    if claim.model != call.model:
        sure, why = 0.55, "made while this ran"
    if len(alike) > 1:
        sure, why = sure * 0.6, f"{why}, as {len(alike) - 1} other{'s' * (len(alike) > 2)}"
    return Link(claim.span_id, sure, why)
