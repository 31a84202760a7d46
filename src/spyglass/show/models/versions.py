"""Versions of agents, and what differs between two."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.definitions import ToolDefinition
from spyglass.show.models.page import Page, SpanId, Time, TraceId

__all__ = ["VersionDiff", "VersionList"]


class VersionPlace(Answer):
    """Where a version was seen."""

    environment: str = Field(description="Deployment environment; empty: not told.")
    service: str = Field(description="Service.")
    first_seen: Time
    last_seen: Time
    live: bool = Field(description="It is what this environment and service ran last.")


class Version(Answer):
    """What an agent calls itself, together with what it was seen to be."""

    number: int = Field(description="Counted from 1, in the order in which they were found.")
    version: str = Field(description="What it calls itself; empty: nothing.")
    fingerprint: str = Field(description="Of prompt, tools, model and settings, 16 hex digits; empty: nothing of it was seen.")
    declared: bool = Field(description="It has a name of its own.")
    observed: bool = Field(description="It was seen in a trace.")
    model: str = Field(description="Model that it asks; empty: not told.")
    settings: dict[str, Any] = Field(description="With which it asks: temperature, top_p …")
    prompt: str = Field(description="System prompt; empty: not told.")
    tools: list[ToolDefinition] = Field(description="Tools that its model may call.")
    first_seen: Time
    last_seen: Time
    trace_id: TraceId
    span_id: SpanId
    places: list[VersionPlace] = Field(description="Where it was seen, last seen first.")


class VersionList(Page[Version]):
    """Versions, the newest found first."""


class DiffLine(Answer):
    """A line of a prompt."""

    kind: Literal["same", "removed", "added"] = Field(description="In both, or in one of them.")
    text: str = Field(description="The line.")
    from_line: int | None = Field(description="Its number in the first; null: it is not there.")
    to_line: int | None = Field(description="Its number in the second.")


class DiffChange(Answer):
    """A place of a JSON value that differs."""

    kind: Literal["added", "removed", "changed"] = Field(description="How.")
    path: str = Field(description="JSON pointer.")
    before: Any = Field(description="Value in the first; null: it is not there.")
    after: Any = Field(description="Value in the second.")


class DiffTool(Answer):
    """A tool that differs."""

    kind: Literal["added", "removed", "changed"] = Field(description="How.")
    name: str = Field(description="Its name.")
    changes: list[DiffChange] = Field(description="Where; empty: the whole of it was added or removed.")


class VersionName(Answer):
    """Which version is meant."""

    number: int = Field(description="Its number.")
    version: str = Field(description="What it calls itself.")
    fingerprint: str = Field(description="Its fingerprint.")


class VersionDiff(Answer):
    """What differs between two versions."""

    agent: str = Field(description="The agent's name.")
    first: VersionName
    second: VersionName
    same: bool = Field(description="Nothing that was seen of them differs.")
    prompt: list[DiffLine] = Field(description="Every line of both prompts; empty: they are the same.")
    tools: list[DiffTool] = Field(description="Tools that differ, by name.")
    model: DiffChange | None = Field(description="Null: both ask the same.")
    settings: list[DiffChange] = Field(description="Settings that differ.")
