"""The graph of an agent's steps, as the API tells it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page

__all__ = ["FlowGraph"]


class FlowVersion(Answer):
    """A version of the agent that ran in the time."""

    version: str = Field(description="As it calls itself; empty: it told none.")
    runs: int = Field(description="Runs with a call of a tool.")
    last_seen: str = Field(description="Begin of the latest of them.")


class FlowStep(Answer):
    """A tool."""

    tool: str = Field(description="Its name.")
    calls: int = Field(description="How often it was called.")
    runs: int = Field(description="In how many runs.")
    runs_before: int | None = Field(description="In how many runs of the other version; null: there is none.")


class FlowChange(Answer):
    """How often an edge is taken, beside the version that it is compared with."""

    kind: Literal["appeared", "disappeared", "more", "fewer", "unsure"] = Field(
        description="`unsure`: as likely chance; of all others at most one in twenty is."
    )
    runs: int = Field(description="Runs of the other version that took it.")
    share: float = Field(description="Share of the runs of the other version.")
    difference: float = Field(description="Share now less the share there.")
    low: float = Field(description="The difference lies between this …")
    high: float = Field(description="… and this, 19 times of 20 (Newcombe).")
    probability: float = Field(description="Of such a difference by chance (Fisher's exact test).")
    false_share: float = Field(description="Share of false ones among all edges that are at least as sure (Benjamini and Hochberg).")


class FlowEdge(Answer):
    """A step after another."""

    begin: str = Field(alias="from", description="The tool before; empty: the run begins.")
    to: str = Field(description="The tool after; empty: the run ends.")
    count: int = Field(description="How often it was taken.")
    runs: int = Field(description="In how many runs.")
    share: float = Field(description="Share of all runs.")
    chance: float = Field(description="Share of what follows this step.")
    change: FlowChange | None = Field(description="Beside the other version; null: there is none.")


class FlowWay(Answer):
    """Runs that took the same steps."""

    steps: list[str] = Field(description="Names of tools, in order.")
    cut: bool = Field(description="Whether there are more steps.")
    runs: int = Field(description="How many.")
    share: float = Field(description="Share of all runs.")
    bits: float | None = Field(description="How surprising: mean of -log2 of the chance of each step; null: nothing is known of what others do.")
    last_seen: str = Field(description="Begin of the latest.")
    trace_id: str = Field(description="Its trace.")


class FlowSurprise(FlowWay):
    """A way with a step that others hardly ever take."""

    begin: str = Field(alias="from", description="The step before the surprise; empty: the begin.")
    to: str = Field(description="What came instead; empty: the end.")
    at: int = Field(description="Its place in the way, from 0.")
    chance: float = Field(description="Of this step, as other runs have it.")
    seen: int = Field(description="How often other runs were at the step before.")


class FlowGraph(Page[FlowEdge]):
    """Which step follows which: edges, most taken first."""

    agent: str = Field(description="Whose.")
    versions: list[FlowVersion] = Field(description="Versions that ran in the time, the latest first.")
    version: str = Field(description="The one that is told of.")
    against: str | None = Field(description="The one that it is compared with; null: none.")
    runs: int = Field(description="Runs of the version.")
    runs_before: int | None = Field(description="Runs of the other one.")
    partial: bool = Field(description="Whether there are more runs in the time: the latest 10,000 of all versions are looked at.")
    left_out: int = Field(description="Edges beyond the 500 that are taken most.")
    steps: list[FlowStep] = Field(description="Tools, most called first.")
    ways: list[FlowWay] = Field(description="The twenty ways that most runs take.")
    surprises: list[FlowSurprise] = Field(description="The ten ways with the least likely steps, of at most one in twenty.")
