"""What models asked for: where no tool tells that it ran, the call that asked for it stands in for it.

In: claims, and the answers of model calls as JSON. Out: more claims, of kind `tool`, each with the span id of the model call. They last until the next
model call of the same process, which mostly brings the tool's result.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from spyglass.join.nouns import Claim

__all__ = ["asked"]

_AFTER_NS: Final = 2 * 10**9  # a tool that the last model call asked for has so long after it, at least


def asked(claims: Sequence[Claim], answers: Iterable[tuple[str, str]]) -> list[Claim]:
    """Claims for tools that were asked for; none where the agent's tools tell of themselves. `answers`: span id (hex) and body of each.

    Tools of servers that were seen on the wire are claims already, and say nothing of the agent's other tools.
    """
    tools = [claim for claim in claims if claim.kind in {"tool", "mcp"}]
    if not all(claim.seen for claim in tools):
        return []
    served = tuple({claim.tool for claim in tools if claim.tool})  # clients put the server's name before them
    calls = sorted((claim for claim in claims if claim.kind == "llm"), key=lambda one: one.start_ns)
    by_id = {claim.span_id: claim for claim in calls}
    last = max((claim.end_ns for claim in claims), default=0) + _AFTER_NS
    found = []
    for span_id, body in answers:
        call = by_id.get(span_id)
        if call is not None:
            until = next((one.start_ns for one in calls if one.start_ns >= call.end_ns and one.pid == call.pid), last)
            stand_in = replace(call, kind="tool", response_id="", seen=False, start_ns=call.end_ns, end_ns=until)  # not the call: that tells nothing of itself
            found += [replace(stand_in, tool=name, arguments=told) for name, told in _tools(body) if not served or not name.endswith(served)]
    return found


def _tools(body: str) -> Iterator[tuple[str, str]]:
    """Name and arguments of every tool call in a message."""
    try:
        message: Any = json.loads(body)
    except (ValueError, RecursionError):
        return
    parts = message.get("parts", ()) if isinstance(message, dict) else ()
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and part.get("type") == "tool_call":
            told = part.get("arguments", "")
            yield str(part.get("name", "")), told if isinstance(told, str) else json.dumps(told)
