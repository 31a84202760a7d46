"""What people save: views of a list, dashboards of panels, SQL queries."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spyglass.show.models.base import Answer, Body
from spyglass.show.models.page import JsonObject, Page, Time

__all__ = ["Dashboard", "Draft", "Panel", "Query", "Saved", "SavedList", "SavedThing", "View"]

Name = Annotated[str, Field(min_length=1, max_length=200, description="What people call it.")]


class View(Body):
    """A page of the web app with the state that its address has."""

    page: str = Field(pattern=r"^/[a-z/-]{0,60}$", description="Path of the page, such as `/traces`.")
    search: JsonObject = Field(default_factory=dict, description="Parameters of its address.")


class Query(Body):
    """A SQL text and how its answer is shown."""

    sql: str = Field(max_length=32_768, description="One SELECT.")
    chart: Literal["table", "line", "bar"] = Field("table", description="How the answer is shown.")


class Panel(Body):
    """One chart, and where it stands on a grid of twelve columns."""

    title: str = Field(max_length=200, description="Above the chart.")
    chart: Literal["line", "area", "bar", "number", "table"] = Field("line", description="How it is drawn.")
    source: Literal["spans", "calls", "events", "points", "sql"] = Field(description="What is counted: a series of the API, or the answer of a SQL text.")
    measure: str = Field("count", max_length=60, description="Field of the series, such as `count`, `errors`, `cost_usd`, `p95`.")
    query: str = Field("", max_length=4096, description="Search expression.")
    group_by: list[str] = Field(default_factory=list, max_length=3, description="Fields that split it.")
    metric: str = Field("", max_length=300, description="Name of the metric, for `points`.")
    sql: str = Field("", max_length=32_768, description="For `sql`; `{from:DateTime64(9)}` and `{to:DateTime64(9)}` are the time range of the page.")
    x: int = Field(0, ge=0, le=11, description="First column.")
    y: int = Field(0, ge=0, le=1000, description="First row.")
    w: int = Field(6, ge=1, le=12, description="Columns.")
    h: int = Field(4, ge=1, le=20, description="Rows.")


class Dashboard(Body):
    """Panels that are looked at together."""

    description: str = Field("", max_length=2000, description="What it is for.")
    panels: list[Panel] = Field(default_factory=list, max_length=60, description="Its charts.")


Saved = View | Dashboard | Query


class Draft(Body):
    """Something to save; `version` is the one that was seen, when it is changed."""

    name: Name
    body: Saved = Field(description="What is saved: of the kind that the path names.")
    version: int | None = Field(None, ge=1, description="The version that was seen; needed to change one, not to make one.")


class SavedThing(Answer):
    """Something saved."""

    id: str = Field(description="Its id.")
    name: Name
    body: Saved = Field(description="What is saved.")
    version: int = Field(description="Counts its changes.")
    created: Time
    updated: Time


class SavedList(Page[SavedThing]):
    """Everything of a kind, by name."""
