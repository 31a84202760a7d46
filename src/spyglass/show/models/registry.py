"""Agents as the registry knows them: declared, seen, measured."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, FiniteFloat

from spyglass.show.models.base import Answer, Body
from spyglass.show.models.configurations import Deployment
from spyglass.show.models.page import JsonObject, Page, Time
from spyglass.show.models.records import Agent

__all__ = ["AgentDetail", "AgentTrends", "MetricsDraft", "MetricsTaken", "RegisteredAgent", "RegisteredAgentList", "Registration", "RegistrationDraft", "Taken"]

Text = Annotated[str, Field(max_length=256)]
Texts = Annotated[list[Annotated[str, Field(max_length=512)]], Field(max_length=500)]


class RegisteredAgent(Agent):
    """An agent: what it says of itself, and what was seen of it in the time range. One that was not seen has zeros, and the times of its registration."""

    state: Literal["seen", "declared", "both"] = Field(description="Whether telemetry tells of it, a registration, or both.")
    environments: list[str] = Field(description="Deployment environments, at most 20.")
    agent_id: str = Field(description="Id it registered with; empty: none.")
    type: str = Field(description="What it says it is; empty: nothing.")
    owner: str = Field(description="Who it says it belongs to.")
    version: str = Field(description="Version it registered with.")
    model: str = Field(description="Model it registered with.")
    tags: list[str] = Field(description="Tags it registered with.")
    capabilities: list[str] = Field(description="Capabilities it registered with.")


class RegisteredAgentList(Page[RegisteredAgent]):
    """Agents, last seen first."""

    exact: bool = Field(
        description="True: figures are of the time range exactly; false: of the whole hours that it touches, and spans and errors count arrivals."
    )
    total: int = Field(description="Agents that the filters leave, on all pages.")


class Registration(Answer):
    """What an agent says of itself."""

    agent: str = Field(description="Its name.")
    agent_id: str = Field(description="Its id; empty: none.")
    type: str = Field(description="What it is.")
    owner: str = Field(description="Who it belongs to.")
    environment: str = Field(description="Where it runs.")
    version: str = Field(description="Its version.")
    model: str = Field(description="The model it asks.")
    description: str = Field(description="What it does.")
    capabilities: list[str] = Field(description="What it can do.")
    models: list[str] = Field(description="Models that it may ask.")
    tools: list[str] = Field(description="Tools that it may call.")
    tags: list[str] = Field(description="Tags.")
    metadata: dict[str, Any] = Field(description="Whatever else it says.")
    registered: Time
    updated: Time


class RegistrationDraft(Body):
    """What to register. Everything is optional; what is left out is empty."""

    name: str | None = Field(None, min_length=1, max_length=256, description="Its name; left out: the id in the path is its name.")
    type: Text = Field("", description="What it is.")
    owner: Text = Field("", description="Who it belongs to.")
    environment: Text = Field("", description="Where it runs.")
    version: Text = Field("", description="Its version.")
    model: Text = Field("", description="The model it asks.")
    description: str = Field("", max_length=8_000, description="What it does.")
    capabilities: Texts = Field([], description="What it can do.")
    models: Texts = Field([], description="Models that it may ask.")
    tools: Texts = Field([], description="Tools that it may call.")
    tags: Texts = Field([], description="Tags.")
    metadata: JsonObject = Field({}, description="Whatever else there is to say; 64 kB in all.")


class Taken(Answer):
    """What became of a registration."""

    agent: str = Field(description="The agent's name.")
    changed: bool = Field(description="False: the same was known already.")
    registration: Registration


class MetricsDraft(Body):
    """Figures of an agent."""

    metrics: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,127}$")], FiniteFloat] = Field(
        min_length=1, max_length=200, description="Numbers by name."
    )


class MetricsTaken(Answer):
    """What became of figures."""

    agent: str = Field(description="The agent's name.")
    taken: int = Field(description="How many were kept.")


class Metrics(Answer):
    """Figures that an agent told of itself last."""

    time: Time
    values: dict[str, Any] = Field(description="By name.")


class Live(Answer):
    """What runs somewhere."""

    environment: str = Field(description="Deployment environment; empty: not told.")
    service: str = Field(description="Service.")
    number: int = Field(description="Number of the version.")
    version: str = Field(description="What the version calls itself; empty: nothing.")
    fingerprint: str = Field(description="Fingerprint of the version.")
    since: Time
    last_seen: Time


class Deviation(Answer):
    """One thing that runs otherwise than it is deployed."""

    what: str = Field(description="configuration, prompt, model, settings.<name> or tools.")
    declared: Any = Field(description="As deployed; of a prompt its hash, of tools those that are missing.")
    observed: Any = Field(description="As seen; of tools those that are more.")


class DriftItem(Answer):
    """A place where the agent runs otherwise than it is deployed."""

    environment: str = Field(description="Deployment environment.")
    service: str = Field(description="Service.")
    number: int = Field(description="Number of the configuration that is deployed.")
    since: Time
    trace_id: str = Field(description="A run that shows it.")
    differences: list[Deviation] = Field(description="What differs.")


class AgentDetail(RegisteredAgent):
    """All of an agent at a glance."""

    registration: Registration | None = Field(description="What it says of itself; null: it did not register.")
    metrics: Metrics | None = Field(description="Figures that it told of itself last, in the time range; null: none.")
    live: list[Live] = Field(description="Which version each environment and service ran last, latest first.")
    latest_version: int = Field(description="Number of its newest version; 0: none is known.")
    deployments: list[Deployment] = Field(description="What is deployed, by environment.")
    drift: list[DriftItem] = Field(description="Where it runs otherwise than it is deployed.")
    exact: bool = Field(description="As in the list of agents.")


class TrendFigures(Answer):
    """Figures of a stretch of time."""

    runs: int = Field(description="Runs that began in it.")
    failed_runs: int = Field(description="Those that failed.")
    success: float | None = Field(description="Share of the ended runs that did not fail, 0 to 1; null: none has ended.")
    p50_ns: float | None = Field(description="Median duration of ended runs; null: none has ended.")
    p95_ns: float | None = Field(description="95th percentile of it.")
    model_calls: int = Field(description="Model calls.")
    tool_calls: int = Field(description="Tool executions.")
    input_tokens: int = Field(description="Tokens in.")
    output_tokens: int = Field(description="Tokens out.")
    cost_usd: float = Field(description="Cost in USD.")


class TrendBucket(TrendFigures):
    """One bucket of time."""

    start: Time


class TrendChange(Answer):
    """How much a figure changed against the period before, as a share of it; null: there was nothing to compare with."""

    runs: float | None = Field(description="Runs.")
    success: float | None = Field(description="Share of success: the difference, not a ratio.")
    p50_ns: float | None = Field(description="Median duration.")
    p95_ns: float | None = Field(description="95th percentile of the duration.")
    cost_usd: float | None = Field(description="Cost.")
    tokens: float | None = Field(description="Tokens in and out.")


class AgentTrends(Answer):
    """How an agent did over time, and against the period before of the same length."""

    model_config = ConfigDict(populate_by_name=True)

    agent: str = Field(description="Its name.")
    from_: Time = Field(alias="from", description="Start, on the border of a bucket.")
    to: Time
    bucket_s: int = Field(description="Length of a bucket in seconds.")
    buckets: list[TrendBucket] = Field(description="Every bucket in order, empty ones too.")
    whole: TrendFigures = Field(description="The period as a whole.")
    before: TrendFigures = Field(description="The period of the same length before it.")
    change: TrendChange
