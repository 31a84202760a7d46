"""The runners, and what they see."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page, Time

__all__ = ["RunnerItem", "RunnerList"]


class RunnerItem(Answer):
    """A runner: something that goes and looks, and tells what it saw. Counts are since the server started."""

    id: str = Field(description="Its name.")
    kind: str = Field(description="What it is: `host`, `tail` …, or the name of a plugin.")
    version: str = Field(description="Version of its kind; empty: its kind cannot be used.")
    description: str = Field(description="What its kind looks at.")
    origin: str = Field(description="Where its kind comes from: `built-in`, a distribution, or a file.")
    enabled: bool = Field(description="Whether it starts with the server.")
    state: Literal["running", "waiting", "stopping", "hanging", "stopped", "ended", "failed"] = Field(
        description="waiting: it crashed and is started again; hanging: it does not answer, or did not stop; ended: it had no more to tell; "
        "failed: it cannot run here."
    )
    since: Time = Field(description="Since when it is in this state.")
    level: Literal["full", "partial", "minimal"] = Field(description="How much of what it is made for it can see.")
    problems: list[str] = Field(description="What is in its way, each with what to do.")
    seen: int = Field(description="Things that it looked at.")
    kept: int = Field(description="Records of it that were kept.")
    dropped: dict[str, int] = Field(description="What it saw that was not told or not kept, by reason.")
    crashes: int = Field(description="How often it ended with an error; it is started again, later each time.")
    crashes_in_row: int = Field(description="Crashes since it last ran for a minute.")
    last_error: str | None = Field(description="What it last crashed with; null: it never did.")
    last_error_time: Time | None = Field(description="When; null: it never did.")
    next_start: Time | None = Field(description="When it is started again; null: it is not waiting.")
    last_told: Time | None = Field(description="When something it told was last kept; null: never.")
    settings: dict[str, Any] = Field(description="Its settings in force, secrets masked.")


class RunnerKindItem(Answer):
    """A kind of runner that the settings may name."""

    name: str = Field(description="Its name.")
    version: str = Field(description="Its version.")
    description: str = Field(description="What it looks at.")
    origin: str = Field(description="Where it comes from: `built-in`, a distribution, or a file.")


class BrokenPlugin(Answer):
    """A plugin that cannot be used."""

    origin: str = Field(description="A file, or a distribution and its entry point.")
    problem: str = Field(description="What is wrong, and what to do.")


class RunnerList(Page[RunnerItem]):
    """All of them on one page, in the order of the settings."""

    kinds: list[RunnerKindItem] = Field(description="Kinds of runners that there are.")
    broken: list[BrokenPlugin] = Field(description="Plugins that cannot be used.")
