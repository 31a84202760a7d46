"""A trace as columns, and a span among its peers."""

from __future__ import annotations

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Time

__all__ = ["Peers", "TraceOutline"]


class TraceOutline(Answer):
    """Lists of one length, one entry per row in depth-first order; texts are numbers into `names`."""

    total: int = Field(description="Rows of the tree.")
    offset: int = Field(description="Row of the first entry.")
    roots: int = Field(description="Spans without a parent.")
    orphans: int = Field(description="Spans whose parent has not come.")
    truncated: bool = Field(description="The trace has more spans than a tree holds; these are the first.")
    begin: Time
    flag_names: list[str] = Field(description="What the bits of `flags` say, from the lowest.")
    names: list[str] = Field(description="Every text, once.")
    span_id: list[str] = Field(description="Span ids.")
    depth: list[int] = Field(description="How deep each stands; 0: a top.")
    descendants: list[int] = Field(description="Spans anywhere below: the rows that follow.")
    start_ns: list[int] = Field(description="Nanoseconds after `begin`.")
    duration_ns: list[int] = Field(description="How long each took.")
    self_ns: list[int] = Field(description="Duration less the time in which any child ran.")
    input_tokens: list[int] = Field(description="Tokens in, of the model call that is counted at this span; calls told by several spans stand at one.")
    output_tokens: list[int] = Field(description="Tokens out, of the same call.")
    cost_usd: list[float] = Field(description="Cost in USD, of the same call.")
    flags: list[int] = Field(description="Bits; `flag_names` names them.")
    name: list[int] = Field(description="Name of the span.")
    kind: list[int] = Field(description="What it does.")
    service: list[int] = Field(description="Service.")
    agent: list[int] = Field(description="Agent.")
    model: list[int] = Field(description="Model.")
    tool: list[int] = Field(description="Tool.")


class Peers(Answer):
    """The durations of spans with the same name and kind, and where one of them stands."""

    count: int = Field(description="Spans compared with, this one included.")
    percentile: float = Field(description="Share of them that took no longer than this one, 0 to 1.")
    p50_ns: float = Field(description="Median of their durations.")
    p95_ns: float = Field(description="95th percentile of their durations.")
    sampled: bool = Field(description="There are more; these are some of them.")
