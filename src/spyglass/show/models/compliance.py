"""Controls and their verdicts, as the API tells them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page

__all__ = ["Compliance"]


class ControlItem(Answer):
    """One control."""

    control: str = Field(description="Its id.")
    version: int = Field(description="Goes up when its question changes.")
    title: str = Field(description="What holds when it passes.")
    evidence_for: str = Field(description="What it is evidence for; it is no certificate.")
    state: Literal["pass", "fail", "no_data"] = Field(
        description="pass: held for all that it is about; no_data: there was nothing, or the settings give it nothing to go by."
    )
    seen: int = Field(description="How many records it is about.")
    failed: int = Field(description="For how many it did not hold.")
    evidence: list[str] = Field(description="Some of these, `trace/span`; at most 20.")
    told: str = Field(description="The same in a sentence.")
    suggestion: str = Field(description="What to do where it fails.")


class Compliance(Page[ControlItem]):
    """All controls, over what arrived in the time range."""

    project: str = Field(description="Whose records.")
    since: str = Field(description="Arrival from here on.")
    until: str = Field(description="To here, not included.")
    passed: int = Field(description="Controls that pass.")
    failed: int = Field(description="Controls that fail.")
    no_data: int = Field(description="Controls without data.")
    items: list[ControlItem] = Field(description="Every control; those that fail first.")
