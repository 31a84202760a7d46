"""Findings and the analyzers that make them, as the API tells them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spyglass.show.models.base import Answer, Body
from spyglass.show.models.page import JsonObject, Page

__all__ = [
    "AnalyzerItem",
    "AnalyzerList",
    "Change",
    "EvidenceRow",
    "FindingDetail",
    "FindingItem",
    "FindingList",
    "FindingVerdict",
    "FindingWords",
    "ThreatList",
]


class Mitigated(Answer):
    """Somebody did something about it; that holds for what was found until then."""

    who: str = Field(description="Who said so.")
    note: str = Field(description="What was done.")
    at: str = Field(description="When.")
    again: bool = Field(description="Whether it was found again since: then it is open.")


class VerdictItem(Answer):
    """What somebody made of it, and what that does to the rule's threshold for this subject."""

    verdict: Literal["useful", "noise"] = Field(description="The latest.")
    who: str = Field(description="Who said so; empty: it was not said.")
    note: str = Field(description="Why.")
    at: str = Field(description="When.")
    factor: float = Field(description="Weight in the false-alarm budget after all verdicts: 1 is the usual one, 0.001 the least, 10 the most.")
    heeded: bool = Field(description="Whether the rule has a threshold that follows it; else the verdict is only kept.")


class FindingItem(Answer):
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
    tool: str = Field(description="About which tool; empty: none.")
    source: str = Field(description="Address that it came from; empty: none, or not known.")
    confidence: float | None = Field(description="Of a security finding: the probability that harm is meant; null: not told.")
    impact: str = Field(description="Of a security finding, what it costs if it is true: low, medium, high, critical; empty: not told.")
    mitigated: Mitigated | None = Field(description="What somebody did about it; null: nothing.")
    verdict: VerdictItem | None = Field(description="What somebody made of it; null: nobody said anything.")
    count: int = Field(description="How often it was found in the time range.")
    first_seen: str = Field(description="When it was found first in the time range.")
    last_seen: str = Field(description="And last.")
    observed: float | None = Field(description="What was measured, the latest.")
    expected: list[float] | None = Field(description="The band that was expected: low, high.")
    unit: str = Field(description="Of these.")
    probability: float | None = Field(description="Of something as unusual where nothing is wrong; null: not told.")
    budget: float | None = Field(description="False alarms a day that the rule may raise.")
    peers: int | None = Field(
        description="Others that are like the subject and were in the same state; of a cause that is shared, all that were. null: not told."
    )
    compared: int | None = Field(description="Of so many whose state is known; null: not told.")
    cause: str = Field(description="What those in the same state share, where it befalls most of them: `model gpt-4o`; empty: the subject alone, or not told.")
    evidence: list[str] = Field(description="Rows that show it: `trace/span`, or ids of events.")
    trace_id: str = Field(description="Trace of the first of them; empty: none.")
    span_id: str = Field(description="Its span.")


class FindingList(Page[FindingItem]):
    """Last seen first."""


class FindingStepItem(Answer):
    """What somebody did about a finding."""

    time: str = Field(description="When.")
    action: str = Field(description="mitigate, reopen, useful, noise, forget.")
    who: str = Field(description="Who; empty: it was not said.")
    note: str = Field(description="Why, or what was done.")


class EvidenceRow(Answer):
    """A row that shows a finding."""

    part: Literal["untrusted", "private", "acts", "shows"] = Field(
        description="What it is in the story: `untrusted` content or `private` data was read, the agent `acts` on the outside; else it `shows` the finding."
    )
    row: str = Field(description="`trace/span`, or the id of an event, as the finding names it.")
    kind: str = Field(description="Kind of the span, or `event`; empty: the row is gone.")
    name: str = Field(description="Name of the span or event.")
    agent: str = Field(description="Whose it is.")
    tool: str = Field(description="Which tool was called.")
    status: str = Field(description="ok, error, unset; severity of an event.")
    time: str | None = Field(description="When it began; null: the row is gone.")
    duration_ns: int | None = Field(description="How long it took; null: an event, or gone.")
    trace_id: str = Field(description="Its trace; empty: none.")
    span_id: str = Field(description="Its span; empty: none.")
    input: str = Field(description="Begin of what went in, arguments of a tool for example.")
    output: str = Field(description="Begin of what came out; text of an event.")


class FindingDetail(FindingItem):
    """One finding with the rows that show it, and what people did about it."""

    chain: list[EvidenceRow] = Field(description="In the order of their times; rows that are gone last.")
    history: list[FindingStepItem] = Field(description="Every step, the first one first.")


class FindingWords(Body):
    """Who does something about a finding, and why."""

    who: str = Field("", max_length=256, description="Name of who does it.")
    note: str = Field("", max_length=2000, description="What was done, or why it is taken back.")


class FindingVerdict(FindingWords):
    """What a finding was worth."""

    verdict: Literal["useful", "noise", "none"] = Field(
        description="`noise`: the rule tells it of this subject only when it is rarer; `useful`: earlier; `none`: all that was said is forgotten."
    )


class Hint(Answer):
    """A rule, by its worst open finding."""

    rule: str = Field(description="Which rule.")
    risk: float = Field(description="Confidence times the weight of the impact: docs/security.md.")
    fingerprint: str = Field(description="Of the finding.")
    title: str = Field(description="For a person.")
    severity: str = Field(description="Of the finding.")


class ThreatItem(Answer):
    """How threatened an agent is, or how much it threatens."""

    agent: str = Field(description="Its name; empty: findings that are about no single agent.")
    score: float = Field(description="0 to 1: noisy-or over rules of the risk of their worst open finding.")
    open: int = Field(description="Findings that nobody mitigated, or that came back.")
    mitigated: int = Field(description="The others.")
    severity: str = Field(description="The worst of the open ones; empty: there are none.")
    last_seen: str = Field(description="The latest of all of them.")
    owasp: list[str] = Field(description="Classes of the open ones.")
    hints: list[Hint] = Field(description="What the score is made of, the largest first; at most ten.")


class ThreatList(Page[ThreatItem]):
    """The most threatened first."""

    partial: bool = Field(description="Whether there are more findings than were looked at: the 5,000 seen last.")


class HeardItem(Answer):
    """A rule and a subject whose threshold people moved."""

    fingerprint: str = Field(description="Of the findings that were judged.")
    project: str = Field(description="Where.")
    rule: str = Field(description="Which rule.")
    agent: str = Field(description="About which agent; empty: none.")
    factor: float = Field(description="Weight in the false-alarm budget; 1 is the usual one.")


class AnalyzerItem(Answer):
    """An analyzer and how it does; counts since the server started."""

    name: str = Field(description="Its name.")
    origin: str = Field(description="`built-in`, name and version of the package that brings it, or a file.")
    version: str = Field(description="Its version, which each of its findings carries.")
    description: str = Field(description="What it looks for.")
    reads: list[str] = Field(description="Kinds of records, and frames of other analyzers.")
    makes: list[str] = Field(description="Frames that it makes for others.")
    rules: list[str] = Field(description="What it can find.")
    heeds: list[str] = Field(description="Those of its rules whose thresholds follow what people make of findings.")
    heard: list[HeardItem] = Field(description="Where they did, those with the smallest weights first; at most 100.")
    every_s: float = Field(description="How often it looks at the store; 0: it sees what passes.")
    settings: dict[str, object] = Field(description="JSON schema of its settings.")
    values: dict[str, object] = Field(description="Its settings in force, secrets masked.")
    running: bool = Field(description="Whether it sees what arrives.")
    suspended: str = Field(description="Why not; empty when it runs.")
    resumes: str | None = Field(description="When it runs again by itself; null: it runs, or waits until somebody lets it.")
    rows: int = Field(description="Rows that it has seen.")
    old_rows: int = Field(
        description="Rows that it was not shown, because they happened longer before they arrived than `analyzers.news_s`: an import is no news."
    )
    missed_rows: int = Field(description="Rows that it was not shown, because it rested, or as a plugin was too slow.")
    findings: int = Field(description="Findings that it has told.")
    withheld: int = Field(description="Findings beyond the bound of one batch, which were not told.")
    failures: int = Field(description="Batches on which it failed.")
    problem: str = Field(description="Its latest failure; empty: none.")
    seconds: float = Field(description="Processor time that it took.")
    load: float = Field(description="Share of a core that it takes, lately.")


class BrokenPlugin(Answer):
    """A plugin that cannot be used."""

    origin: str = Field(description="Where it comes from.")
    problem: str = Field(description="What was found, and what to do.")


class AnalyzerList(Page[AnalyzerItem]):
    """In the order in which they run, and how far all are."""

    until: str | None = Field(description="All that arrived until then was seen; null: nothing yet.")
    waiting_batches: int = Field(description="Batches that wait.")
    lost_rows: int = Field(description="Rows that came faster than analyzers could look, and could not be read again from the store.")
    broken: list[BrokenPlugin] = Field(description="Plugins that cannot be used.")


class Change(Body):
    """What shall become of an analyzer, until the server is started again; the settings say what holds then."""

    running: bool | None = Field(None, description="Whether it shall see what arrives; null: as it is.")
    settings: JsonObject | None = Field(None, description="All its settings: what is left out gets its default, what it remembers stays. Null: as they are.")
