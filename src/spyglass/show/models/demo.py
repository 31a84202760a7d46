"""The demo and what is wished of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spyglass.show.models.base import Answer, Body
from spyglass.show.models.page import Time

__all__ = ["DemoState", "DemoWish"]


class DemoWish(Body):
    """Where it is told, and how much of it. `{}` is a wish."""

    project: str = Field("demo", pattern=r"^[A-Za-z0-9._-]{1,128}$", description="The tenant who gets it.")
    past_s: float = Field(3600, ge=60, le=86_400, description="How much of the past is told first, s.")
    live_s: float = Field(600, ge=0, le=86_400, description="For how long it goes on live, s.")


class DemoSight(Answer):
    """Something worth looking at."""

    what: str = Field(description="In words.")
    trace_id: str = Field(description="Its trace.")


class DemoState(Answer):
    """How far it is."""

    project: str = Field(description="The tenant who gets it.")
    phase: Literal["none", "past", "live", "ended", "stopped", "failed"] = Field(description="Those of past and live go on; none: nobody asked.")
    began: Time = Field(description="When somebody asked for it.")
    past_s: float = Field(description="How much of the past is told, s.")
    live_s: float = Field(description="For how long it is live, s.")
    spans: int = Field(description="Spans that were kept so far.")
    events: int = Field(description="Log records that were kept so far.")
    points: int = Field(description="Data points that were kept so far.")
    rejected: int = Field(description="Records that were not.")
    sights: list[DemoSight] = Field(description="Worth looking at, as soon as the past is told.")
    problem: str = Field(description="Why it failed; empty: it did not.")
