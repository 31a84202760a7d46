"""Where a run went wrong, as the API tells it."""

from __future__ import annotations

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import SpanId

__all__ = ["Attribution", "SuspectItem"]


class SuspectItem(Answer):
    """A step at which the run may have gone wrong."""

    span_id: SpanId
    step: int = Field(description="Which step of the run, from 0: questions, answers of models and results of tools are counted.")
    kind: str = Field(description="user, llm or tool.")
    name: str = Field(description="Of the span.")
    agent: str = Field(description="Who did it: an agent or a tool.")
    share: float = Field(description="Of all suspicion in this run; all steps together have 1. It is no probability of being right.")
    reasons: list[str] = Field(description="What speaks for it, the weightiest first; empty: nothing but what it is.")
    text: str = Field(description="Begin of what it said.")


class Attribution(Answer):
    """The most suspect steps, the first one first."""

    suspects: list[SuspectItem] = Field(description="At most as many as were asked for.")
    steps: int = Field(description="Steps that were looked at.")
    truncated: bool = Field(description="Whether the run has more steps than are looked at.")
