"""What all lists have, and the figures that many items share."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Generic, TypeVar

import orjson
from pydantic import AfterValidator, Field

from spyglass.show.models.base import Answer

__all__ = ["NO_CALLS", "Attributes", "CallFigures", "JsonObject", "Page", "SpanId", "Time", "TraceId"]

Item = TypeVar("Item")

Time = Annotated[str, Field(description="ISO 8601, UTC, with nanoseconds.", examples=["2026-01-01T00:00:00.000000000Z"])]
TraceId = Annotated[str, Field(description="Trace id, 32 hex digits; zeros: none.")]
SpanId = Annotated[str, Field(description="Span id, 16 hex digits; zeros: none.")]
Attributes = Annotated[
    dict[str, Any], Field(description="Attributes in their own types. A key that came more than once has its further values under `key#2`, `key#3` …")
]


def _can_be_told(value: dict[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(value, allow_nan=False)
        orjson.dumps(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"expected what JSON can tell, finite numbers and whole ones of 64 bits at most: {error}") from error
    return value


JsonObject = Annotated[dict[str, Any], AfterValidator(_can_be_told)]
"""Any object that comes back as it went in: Python's reader takes more than JSON (NaN) and more than others can hold (2**64)."""


class Page(Answer, Generic[Item]):
    """A page of a list."""

    items: list[Item] = Field(description="The items of this page.")
    next_cursor: str | None = Field(description="`cursor` of the next page; null: this is the last one.")


class CallFigures(Answer):
    """Model calls and tool executions, each counted once however many spans tell of it."""

    model_calls: int = Field(0, description="Model calls, failed ones included.")
    model_errors: int = Field(0, description="Model calls that failed.")
    tool_calls: int = Field(0, description="Tool executions, failed ones included.")
    tool_errors: int = Field(0, description="Tool executions that failed.")
    input_tokens: int = Field(0, description="Tokens in, cached ones included.")
    output_tokens: int = Field(0, description="Tokens out, reasoning included.")
    cache_read_tokens: int = Field(0, description="Tokens read from the provider's cache.")
    cache_write_tokens: int = Field(0, description="Tokens written to the provider's cache.")
    reasoning_tokens: int = Field(0, description="Tokens of reasoning.")
    cost_usd: float = Field(0.0, description="Cost in USD.")


NO_CALLS: Final[dict[str, Any]] = CallFigures().model_dump()
