"""The canonical fields that dialect files may fill, and what shape each has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["FIELDS", "Field"]

Shape = Literal["text", "content", "number", "flag", "list"]


@dataclass(frozen=True, slots=True)
class Field:
    """`content` is text of any length that is never interned; `words` names the function of the vocabulary that its values pass through."""

    shape: Shape
    words: str = ""
    zero: bool = True  # whether 0 is a value; else it says nothing


# In the order in which they are filled. Not all are columns: total_tokens checks the other counts; duration_s and failure are of log records.
FIELDS: Final[dict[str, Field]] = {
    "operation": Field("text"),
    "provider": Field("text", "provider"),
    "request_model": Field("text"),
    "response_model": Field("text"),
    "response_id": Field("text"),
    "stream": Field("flag"),
    "finish_reasons": Field("list", "finish_reason"),
    "input_tokens": Field("number"),
    "output_tokens": Field("number"),
    "cache_read_tokens": Field("number"),
    "cache_write_tokens": Field("number"),
    "reasoning_tokens": Field("number"),
    "total_tokens": Field("number"),
    "reported_cost_usd": Field("number", zero=False),
    "time_to_first_chunk_s": Field("number", zero=False),
    "duration_s": Field("number", zero=False),
    "agent": Field("text"),
    "agent_id": Field("text"),
    "agent_version": Field("text"),
    "workflow": Field("text"),
    "tool": Field("text"),
    "tool_call_id": Field("text"),
    "session_id": Field("text"),
    "user_id": Field("text"),
    "error_type": Field("text", "error_type"),
    "input": Field("content"),
    "output": Field("content"),
}
