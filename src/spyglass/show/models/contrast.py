"""What is different about some traces, as the API tells it."""

from __future__ import annotations

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, TraceId

__all__ = ["ContrastItem", "ContrastList", "Feature"]


class Feature(Answer):
    """What a trace has."""

    field: str = Field(description="agent, agent_version, model, provider, tool, tool_failed, step, tool_calls, error_type, service, workflow …")
    value: str = Field(description="Its value; of a step two tools, of which one follows the other; of tool_calls how many.")


class ContrastItem(Answer):
    """One thing, or two that come together, that the picked traces have more often than the rest."""

    features: list[Feature] = Field(description="One, or two that come together.")
    traces: int = Field(description="Traces that have it.")
    picked: int = Field(description="Picked traces that have it.")
    share: float = Field(description="How many of those that have it are picked.")
    share_low: float = Field(description="Between this (19 times in 20),")
    share_high: float = Field(description="and this.")
    share_without: float = Field(description="How many of the other traces are picked.")
    explained: float = Field(description="Which share of the picked traces has it.")
    probability: float = Field(description="Of as large a difference by chance.")
    false_share: float = Field(description="Of all that are at least as rare, the share that is chance.")
    examples: list[TraceId] = Field(description="Some picked traces that have it.")


class ContrastList(Page[ContrastItem]):
    """The most telling first; all on one page."""

    traces: int = Field(description="Traces that were compared.")
    picked: int = Field(description="Those of them that were picked.")
    sampled: bool = Field(description="Whether there were more, so that these were chosen by chance.")
