"""Definitions of agents."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, SpanId, Time, TraceId

__all__ = ["DefinitionList"]


class ToolDefinition(Answer):
    """A tool that the agent may call."""

    name: str = Field(description="Name.")
    description: str = Field(description="What its model is told of it.")
    parameters: Any = Field(description="JSON Schema of the arguments; null: not told.")


class Definition(Answer):
    """What an agent is told to be, as some of its runs and model calls show it."""

    version: str = Field(description="Version of the agent; empty: it names none.")
    prompt: str = Field(description="System prompt; empty: none was told.")
    tools: list[ToolDefinition] = Field(description="Tools, by name; empty: none were told.")
    spans: int = Field(description="Runs and model calls with it, of those that were looked at.")
    first_seen: Time
    last_seen: Time
    trace_id: TraceId
    span_id: SpanId


class DefinitionList(Page[Definition]):
    """Definitions, last seen first."""

    partial: bool = Field(description="Only the latest 1,000 spans were looked at; there are more.")
