"""Configurations of agents and their deployments."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from spyglass.show.models.base import Answer, Body
from spyglass.show.models.page import JsonObject, Page, Time

__all__ = [
    "Configuration",
    "ConfigurationDraft",
    "ConfigurationList",
    "DeployDraft",
    "Deployed",
    "Deployment",
    "DeploymentList",
    "PinDraft",
    "RollbackDraft",
    "Step",
    "StepTaken",
]

Who = Annotated[str, Field(max_length=256, description="Who wants it; empty: not told.")]
Why = Annotated[str, Field(max_length=2_000, description="Why.")]
Seen = Annotated[
    int | None, Field(ge=0, description="Revision of the environment that was seen: where somebody changed it since, nothing is done and the answer is 409.")
]
Environment = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^/\s][^/]*$", description="A label: production, staging …")]


class Configuration(Answer):
    """A configuration. It never changes."""

    agent: str = Field(description="The agent's name.")
    number: int = Field(description="Counted from 1.")
    body: dict[str, Any] = Field(description="Anything: prompt, model, settings, tools …")
    hash: str = Field(description="Of its content, 32 hex digits.")
    comment: str = Field(description="What is new about it.")
    author: str = Field(description="Who made it.")
    created: Time
    environments: list[str] = Field(description="Where it is deployed.")


class ConfigurationList(Page[Configuration]):
    """Configurations, latest first."""


class ConfigurationDraft(Body):
    """A new configuration."""

    body: JsonObject = Field(description="Anything that is JSON, up to 1 MB. Programs that fetch it see all of it: no secrets.")
    comment: str = Field("", max_length=2_000, description="What is new about it.")
    author: str = Field("", max_length=256, description="Who made it.")
    after: int | None = Field(None, ge=0, description="Number of the latest one that was seen (0: none): where there is a newer one the answer is 409.")


class Deployment(Answer):
    """What an environment runs."""

    environment: str = Field(description="Its label.")
    number: int = Field(description="Number of the configuration.")
    revision: int = Field(description="Counts every step: deployments, roll-backs, pins.")
    pinned: bool = Field(description="Held at this configuration until somebody unpins it.")
    deployed: Time


class Step(Answer):
    """One step of the history of an environment."""

    environment: str = Field(description="Its label.")
    revision: int = Field(description="Number of the step.")
    action: Literal["deploy", "rollback", "pin", "unpin"] = Field(description="What was done.")
    number: int = Field(description="Configuration after it.")
    before: int = Field(description="Configuration before it; 0: none.")
    who: str = Field(description="Who wanted it.")
    why: str = Field(description="Why.")
    time: Time


class DeploymentList(Page[Step]):
    """What is deployed now, and the history, latest step first."""

    deployments: list[Deployment] = Field(description="By environment.")


class DeployDraft(Body):
    """What to deploy where."""

    environment: Environment
    version: int = Field(ge=1, description="Number of the configuration.")
    why: Why = ""
    who: Who = ""
    revision: Seen = None


class RollbackDraft(Body):
    """Why to go back, and to what."""

    why: Why = Field(min_length=1)
    who: Who = ""
    to: int | None = Field(None, ge=1, description="Number of a configuration that ran there; left out: the one before.")
    revision: Seen = None


class PinDraft(Body):
    """Why to hold it, or to let it go."""

    why: Why = ""
    who: Who = ""
    revision: Seen = None


class StepTaken(Step):
    """The step that was taken."""

    agent: str = Field(description="The agent's name.")


class Deployed(Answer):
    """What a program is to run with. Small on purpose: programs ask for it again and again, and get 304 with `If-None-Match` while nothing changes."""

    agent: str = Field(description="The agent's name.")
    environment: str = Field(description="Label that was asked for.")
    number: int = Field(description="Number of the configuration.")
    hash: str = Field(description="Of its content.")
    body: dict[str, Any] = Field(description="The configuration.")
    revision: int = Field(description="Revision of the environment.")
    deployed: Time
