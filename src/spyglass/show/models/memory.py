"""What agents remember."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, SpanId, Time, TraceId

__all__ = ["MemoryHistory", "MemoryView"]


class MemoryOperation(Answer):
    """One read, write or deletion."""

    time: Time
    action: str = Field(description="read, write, delete.")
    scope: str = Field(description="Where it is remembered: a user, a session, a store; empty: not told.")
    key: str = Field(description="The key.")
    size_bytes: int = Field(description="Size of the value; 0: not told, or there is none.")
    hash: str = Field(description="Of the value; empty: not told.")
    value: Any = Field(description="The value, as far as it was told.")
    source: str = Field(description="event (the SDK), span (a GenAI memory operation).")
    agent: str = Field(description="Agent that did it.")
    execution_id: str = Field(description="Execution in which it was done; empty: none.")
    session_id: str = Field(description="Session.")
    user_id: str = Field(description="User.")
    service: str = Field(description="Service that told it.")
    trace_id: TraceId
    span_id: SpanId


class MemoryHistory(Page[MemoryOperation]):
    """Operations, latest first."""


class MemoryKey(Answer):
    """A key at a moment."""

    scope: str = Field(description="Where it is remembered; empty: not told.")
    key: str = Field(description="The key.")
    known_since: Time = Field(description="First operation of those that were looked at.")
    changed: Time | None = Field(description="Last write until then; null: it was only read.")
    last_read: Time | None = Field(description="Last read until then; null: none.")
    reads: int = Field(description="Reads until then.")
    writes: int = Field(description="Writes until then.")
    size_bytes: int = Field(description="Size of the value; 0: not told.")
    hash: str = Field(description="Of the value; empty: not told.")
    value: Any = Field(description="The value, as far as it was told.")
    changed_by: str = Field(description="Execution of the last write, else its service; empty: not told.")


class MemoryView(Answer):
    """What an agent's memory held at a moment, as far as it was told."""

    agent: str = Field(description="The agent.")
    time: Time = Field(description="The moment.")
    items: list[MemoryKey] = Field(description="Keys that were there, by scope and key; deleted ones are left out.")
    next_cursor: None = Field(description="Always null: what is beyond `limit` is not told, narrow it down with `scope` or `key`.")
    truncated: bool = Field(description="There were more operations or keys than were looked at.")
