"""Patterns of log records."""

from __future__ import annotations

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, Time

__all__ = ["PatternList"]


class Pattern(Answer):
    """Records that say the same but for what is masked."""

    pattern: str = Field(description="What they say, with `<n>`, `<id>`, `<time>` and `<text>` where they differ; empty: they have no body.")
    event_name: str = Field(description="Name of the events; empty: plain log records.")
    count: int = Field(description="How many.")
    errors: int = Field(description="How many of severity error or above.")
    severity: str = Field(description="The highest severity among them.")
    services: list[str] = Field(description="Services that sent them, five at most.")
    first_seen: Time
    last_seen: Time
    sample: str = Field(description="The body of the latest one, its first 500 characters.")


class PatternList(Page[Pattern]):
    """Patterns, most frequent first."""

    looked_at: int = Field(description="Records in which they were found.")
    partial: bool = Field(description="Only the latest 50,000 records were looked at; there are more.")
