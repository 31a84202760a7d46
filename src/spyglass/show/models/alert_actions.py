"""Policies, what was done by them, and executions that shall stop: what the API takes and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from spyglass.alert.policy import Policy
from spyglass.show.models.base import Answer, Body
from spyglass.show.models.page import Page, Time

__all__ = ["ActionItem", "ActionList", "PolicyDraft", "PolicyItem", "PolicyList", "StopAnswer", "StopDraft", "StopItem", "StopList", "StopsAsked", "StopsHeard"]

Id = Annotated[str, Field(min_length=1, max_length=4096)]


class PolicyDraft(Body):
    """A policy to keep."""

    policy: Policy = Field(description="What it says.")
    version: int | None = Field(None, ge=0, description="The version that was seen, 0: none is there yet; null: whatever it is.")
    author: str = Field("", max_length=256, description="Who says so.")


class PolicyItem(Answer):
    """A policy."""

    name: str = Field(description="Its name.")
    policy: Policy | None = Field(description="What it says; null: it cannot be read.")
    acts: bool = Field(description="Whether it acts: it is enabled, live, and the operator allows it (`alerts.live_actions`).")
    version: int = Field(description="Counts its changes.")
    author: str = Field(description="Who made this version.")
    created: Time
    updated: Time
    problem: str = Field(description="What is wrong with it; empty: nothing.")


class PolicyList(Page[PolicyItem]):
    """All policies, by name."""

    live_actions: bool = Field(description="Whether the operator lets policies act (`alerts.live_actions`).")


class ActionItem(Answer):
    """What a policy did, would have done, or was kept from doing."""

    id: str = Field(description="Its id; goes along with what is sent.")
    policy: str = Field(description="Name of the policy.")
    version: int = Field(description="Version of the policy.")
    kind: Literal["webhook", "open_issue", "stop_run", "restart_runner"] = Field(description="What is done.")
    alert_id: str = Field(description="Id of the alert.")
    subject: str = Field(description="To which execution, runner or alert (by its fingerprint).")
    state: Literal["dry_run", "limited", "waiting", "doing", "done", "failed", "unknown", "undone"] = Field(description="What came of it.")
    action: dict[str, Any] = Field(description="The action as the policy said it.")
    created: Time
    done: Time | None = Field(description="When it was done, or failed.")
    answer: str = Field(description="What came back, or why nothing was done.")
    undone: Time | None = Field(description="When it was taken back.")
    undone_by: str = Field(description="By whom.")


class ActionList(Page[ActionItem]):
    """Actions, latest first."""


class StopDraft(Body):
    """An execution that shall stop."""

    execution_id: Id = Field(description="Id of the execution.")
    who: str = Field("", max_length=256, description="Who says so.")
    note: str = Field("", max_length=2000, description="Why.")


class StopItem(Answer):
    """An execution that shall stop."""

    execution_id: str = Field(description="Id of the execution.")
    who: str = Field(description="Who said so.")
    note: str = Field(description="Why.")
    asked: Time
    heard: Time | None = Field(description="When its program was told; null: it has not asked.")
    withdrawn: Time | None = Field(description="When it was taken back.")


class StopList(Page[StopItem]):
    """Those that were asked to stop, latest first."""


class StopsAsked(Body):
    """What a program that runs executions asks."""

    execution_ids: list[Id] = Field(max_length=1_000, description="Executions that run in it.")


class StopAnswer(Answer):
    """One that shall stop."""

    execution_id: str = Field(description="Id of the execution.")
    who: str = Field(description="Who said so.")
    note: str = Field(description="Why.")


class StopsHeard(Answer):
    """Those of them that shall stop."""

    items: list[StopAnswer] = Field(description="From now on they cannot be taken back.")
    next_cursor: None = Field(None, description="All of them are told.")
