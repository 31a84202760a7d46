"""Workflows: what was declared, what ran, and how the two agree."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from spyglass.show.models.base import Answer, Body
from spyglass.show.models.page import Page, SpanId, Time, TraceId

__all__ = ["Declaration", "DeclaredWorkflow", "WorkflowGraph", "WorkflowList", "WorkflowRun", "WorkflowRunList"]

Name = Annotated[str, Field(min_length=1, max_length=256)]
Source = Annotated[
    Literal["derived", "declared", "both"], Field(description="derived: it ran and nobody declared it; declared: it did not run in the time range; both.")
]


class _Input(Body):
    model_config = ConfigDict(populate_by_name=True)


class DeclaredStep(_Input):
    """A step that somebody declared."""

    id: Name = Field(description="What the step is called: as its agent, tool or node is.")
    kind: str = Field("", max_length=64, description="What it is: agent, tool, chain …; empty: not told.")
    optional: bool = Field(False, description="Whether a run may do without it.")


class DeclaredEdge(_Input):
    """One step that follows another one."""

    from_: Name = Field(alias="from", description="The step before.")
    to: Name = Field(description="The step after.")


class Declaration(_Input):
    """A workflow as it is meant."""

    description: str = Field("", max_length=2000, description="What it is for.")
    steps: list[DeclaredStep] = Field(min_length=1, max_length=500, description="Its steps, each id once.")
    edges: list[DeclaredEdge] = Field(default_factory=list, max_length=2000, description="What follows what; both ends are steps of it.")
    version: int | None = Field(None, ge=1, description="The version that was seen; null: whatever it is.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        ids = [step.id for step in self.steps]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"steps: each id may stand once, {twice[0]!r} stands more often")
        if strangers := [end for edge in self.edges for end in (edge.from_, edge.to) if end not in set(ids)]:
            raise ValueError(f"edges: {strangers[0]!r} is no step of this workflow; steps are {', '.join(ids[:10])}")
        return self


class DeclaredWorkflow(Answer):
    """A declaration that is kept."""

    description: str = Field(description="What it is for.")
    steps: list[DeclaredStep] = Field(description="Its steps.")
    edges: list[DeclaredEdge] = Field(description="What follows what.")
    version: int = Field(description="Counts its changes.")
    created: Time
    updated: Time


class WorkflowItem(Answer):
    """A workflow in the list."""

    name: str = Field(description="Its name.")
    source: Source
    runs: int = Field(description="Runs in the time range.")
    failed_runs: int = Field(description="Of these: failed.")
    running: int = Field(description="Of these: running.")
    p50_ns: float | None = Field(description="Median of the runs that ended; null: none did.")
    p95_ns: float | None = Field(description="95 of 100 of them took no longer; null: none did.")
    first_seen: Time | None = Field(description="Start of the first run in the time range; null: none.")
    last_seen: Time | None = Field(description="Start of the last run in the time range; null: none.")
    services: list[str] = Field(description="Services that ran it.")
    dialects: list[str] = Field(description="Conventions that told of it.")


class WorkflowList(Page[WorkflowItem]):
    """Workflows, last seen first; those that did not run come last."""


class StepFigures(Answer):
    """A step over all runs that were looked at."""

    id: str = Field(description="What it is called.")
    kind: str = Field(description="What it is: agent, tool, chain, llm …; empty: not told.")
    declared: bool = Field(description="Whether somebody declared it.")
    optional: bool = Field(description="Whether a run may do without it, as it was declared.")
    runs: int = Field(description="Runs in which it ran.")
    count: int = Field(description="How often it ran.")
    errors: int = Field(description="How often it failed.")
    running: int = Field(description="How many of it run now.")
    first: int = Field(description="Runs in which nothing came before it.")
    last: int = Field(description="Runs in which nothing came after it.")
    p50_ns: float | None = Field(description="Median of its durations; null: none ended.")
    p95_ns: float | None = Field(description="95 of 100 took no longer; null: none ended.")


class EdgeFigures(Answer):
    """One step that follows another one."""

    from_: str = Field(alias="from", description="The step before.")
    to: str = Field(description="The step after.")
    declared: bool = Field(description="Whether somebody declared it.")
    runs: int = Field(description="Runs in which it was so.")


class WorkflowGraph(WorkflowItem):
    """A workflow: its runs as one graph, beside what was declared."""

    looked_at: int = Field(description="Runs that the graph is made of: the latest ones.")
    partial: bool = Field(description="Whether there were more runs, or more spans of them, than were looked at.")
    steps: list[StepFigures] = Field(description="Steps in the order in which they mostly begin; declared ones that never ran come last.")
    edges: list[EdgeFigures] = Field(description="What followed what, most runs first; declared ones that never were come last.")
    never_run: list[str] = Field(description="Declared steps that did not run.")
    undeclared: list[str] = Field(description="Steps that ran and were not declared; empty where nothing was.")
    declared: DeclaredWorkflow | None = Field(description="What was declared; null: nothing.")


class RunItem(Answer):
    """A run of a workflow in the list."""

    trace_id: TraceId
    span_id: SpanId
    state: Literal["running", "succeeded", "failed"] = Field(description="How it stands.")
    start: Time
    duration_ns: int = Field(description="How long it took; 0 while it runs.")
    session_id: str = Field(description="Session; empty: none.")
    user_id: str = Field(description="User; empty: none.")
    service: str = Field(description="Service that ran it.")
    error_type: str = Field(description="What kind of error; empty: none.")
    status_message: str = Field(description="What was said of it.")
    input: str = Field(description="What went in; its begin.")
    output: str = Field(description="What came out; its begin.")


class WorkflowRunList(Page[RunItem]):
    """Runs, latest first."""


class RunStep(Answer):
    """A step of one run."""

    key: str = Field(description="Its span id; `declared:` and its id, where it did not run.")
    id: str = Field(description="What it is called.")
    kind: str = Field(description="What it is: agent, tool, chain, llm …; empty: not told.")
    state: Literal["pending", "running", "succeeded", "failed", "skipped"] = Field(
        description="pending: declared, and the run still goes on without it; skipped: declared, and the run ended without it."
    )
    span_id: str | None = Field(description="Span id; null: it did not run.")
    start: Time | None = Field(description="When it began; null: it did not run.")
    duration_ns: int | None = Field(description="How long it took; null: it did not end.")
    error_type: str = Field(description="What kind of error; empty: none.")
    status_message: str = Field(description="What was said of it; its begin.")
    declared: bool = Field(description="Whether somebody declared it.")


class RunEdge(Answer):
    """One step of a run that follows another one."""

    from_: str = Field(alias="from", description="Key of the step before.")
    to: str = Field(description="Key of the step after.")


class WorkflowRun(Answer):
    """A run of a workflow with its steps."""

    name: str = Field(description="Name of the workflow.")
    trace_id: TraceId
    span_id: SpanId
    state: Literal["running", "succeeded", "failed"] = Field(description="How it stands.")
    start: Time
    duration_ns: int | None = Field(description="How long it took; null: it runs.")
    steps: list[RunStep] = Field(description="In order of their start; those that did not run come last.")
    edges: list[RunEdge] = Field(description="What followed what.")
    partial: bool = Field(description="Whether the run has more steps than are shown.")
