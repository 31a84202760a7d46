"""Findings and the analyzers that make them, as the API tells them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from spyglass.show.models.page import JsonObject, Page

__all__ = ["AnalyzerItem", "AnalyzerList", "Change", "FindingItem", "FindingList"]


class FindingItem(BaseModel):
    """One kind of trouble of one subject, however often it was found."""

    fingerprint: str = Field(description="What these findings have in common, 16 hex digits.")
    analyzer: str = Field(description="Which analyzer found it.")
    version: str = Field(description="Its version.")
    rule: str = Field(description="Which of its rules.")
    severity: str = Field(description="info, warning, error, critical: of the latest.")
    title: str = Field(description="The latest, for a person.")
    agent: str = Field(description="About which agent; empty: about more than one, or none.")
    metric: str = Field(description="About which metric; empty: none.")
    suggestion: str = Field(description="What to do.")
    owasp: str = Field(description="Class of the OWASP Top 10 for Agentic Applications; empty: none.")
    count: int = Field(description="How often it was found in the time range.")
    first_seen: str = Field(description="When it was found first in the time range.")
    last_seen: str = Field(description="And last.")
    observed: float | None = Field(description="What was measured, the latest.")
    expected: list[float] | None = Field(description="The band that was expected: low, high.")
    unit: str = Field(description="Of these.")
    probability: float | None = Field(description="Of something as unusual where nothing is wrong; null: not told.")
    budget: float | None = Field(description="False alarms a day that the rule may raise.")
    peers: int | None = Field(description="Others that stood out at the same time.")
    evidence: list[str] = Field(description="Rows that show it: `trace/span`, or ids of events.")
    trace_id: str = Field(description="Trace of the first of them; empty: none.")
    span_id: str = Field(description="Its span.")


class FindingList(Page[FindingItem]):
    """Last seen first."""


class AnalyzerItem(BaseModel):
    """An analyzer and how it does; counts since the server started."""

    name: str = Field(description="Its name.")
    origin: str = Field(description="`built-in`, name and version of the package that brings it, or a file.")
    version: str = Field(description="Its version, which each of its findings carries.")
    description: str = Field(description="What it looks for.")
    reads: list[str] = Field(description="Kinds of records, and frames of other analyzers.")
    makes: list[str] = Field(description="Frames that it makes for others.")
    rules: list[str] = Field(description="What it can find.")
    every_s: float = Field(description="How often it looks at the store; 0: it sees what passes.")
    settings: dict[str, object] = Field(description="JSON schema of its settings.")
    values: dict[str, object] = Field(description="Its settings in force, secrets masked.")
    running: bool = Field(description="Whether it sees what arrives.")
    suspended: str = Field(description="Why not; empty when it runs.")
    rows: int = Field(description="Rows that it has seen.")
    findings: int = Field(description="Findings that it has told.")
    withheld: int = Field(description="Findings beyond the bound of one batch, which were not told.")
    failures: int = Field(description="Batches on which it failed.")
    problem: str = Field(description="Its latest failure; empty: none.")
    seconds: float = Field(description="Processor time that it took.")
    load: float = Field(description="Share of a core that it takes, lately.")


class BrokenPlugin(BaseModel):
    """A plugin that cannot be used."""

    origin: str = Field(description="Where it comes from.")
    problem: str = Field(description="What was found, and what to do.")


class AnalyzerList(Page[AnalyzerItem]):
    """In the order in which they run, and how far all are."""

    until: str | None = Field(description="All that arrived until then was seen; null: nothing yet.")
    waiting_batches: int = Field(description="Batches that wait.")
    lost_rows: int = Field(description="Rows that analyzers were too slow for.")
    broken: list[BrokenPlugin] = Field(description="Plugins that cannot be used.")


class Change(BaseModel, extra="forbid"):
    """What shall become of an analyzer, until the server is started again; the settings say what holds then."""

    running: bool | None = Field(None, description="Whether it shall see what arrives; null: as it is.")
    settings: JsonObject | None = Field(None, description="All its settings: what is left out gets its default, what it remembers stays. Null: as they are.")
