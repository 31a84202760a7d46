"""The settings in force."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from spyglass.show.models.base import Answer
from spyglass.show.models.page import Page

__all__ = ["SettingItem", "SettingList"]


class SettingItem(Answer):
    """One setting."""

    name: str = Field(description="Its path: `receive.max_body_bytes`.")
    value: Any = Field(description="What is in force; of secrets only that there are some.")
    default: Any = Field(description="What is in force where nobody sets it; null: nothing, or it depends on the machine.")
    origin: str = Field(description="What set it: a file, `environment` and the variable, `command line`; empty: nobody did.")
    variable: str = Field(description="The variable that sets it.")
    description: str = Field(description="What it is.")
    secret: bool = Field(description="Whether its value is hidden.")


class SettingList(Page[SettingItem]):
    """All of them on one page, in the order of the reference. They are changed by a file, variables or the command line, and a restart."""

    version: str = Field(description="Version of Spyglass.")
    python: str = Field(description="Version of Python.")
    system: str = Field(description="Operating system and machine.")
    store: str = Field(description="Where the records are kept.")
