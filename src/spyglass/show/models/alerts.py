"""Alerts, rules, channels, routing, silences, deliveries: what the API takes and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from spyglass.alert.mute import Silence
from spyglass.alert.route import Routing
from spyglass.alert.rules import Rule
from spyglass.model.finding import Severity
from spyglass.show.models.base import Answer, Body
from spyglass.show.models.page import JsonObject, Page, Time

__all__ = [
    "Acknowledgement",
    "AlertCauseAcknowledgement",
    "AlertCauseAnswer",
    "AlertCauseItem",
    "AlertCauseList",
    "AlertCauseWords",
    "AlertCount",
    "AlertDetail",
    "AlertGroupItem",
    "AlertGroupList",
    "AlertItem",
    "AlertList",
    "ChannelDraft",
    "ChannelItem",
    "ChannelKindItem",
    "ChannelKindList",
    "ChannelList",
    "Comment",
    "DeliveryItem",
    "DeliveryList",
    "EpisodeItem",
    "Outcome",
    "PlaceItem",
    "PlaceList",
    "RehearsalAnswer",
    "RoutingAnswer",
    "RoutingDraft",
    "RuleDraft",
    "RuleItem",
    "RuleList",
    "RuleTest",
    "RuleVersionList",
    "SecretsState",
    "SilenceItem",
    "SilenceList",
    "StepItem",
    "VersionItem",
    "Words",
]

State = Literal["pending", "firing", "resolved"]
Labels = Annotated[dict[str, str], Field(description="Labels.")]
Who = Annotated[str, Field(max_length=256, description="Who says so.")]
Cause = Annotated[str, Field(min_length=1, max_length=200, description="Which cause, as the label `cause` says it.")]
Seen = Annotated[int | None, Field(ge=0, description="The version that was seen, 0: none is there yet; null: whatever it is.")]


class AlertItem(Answer):
    """An alert."""

    id: str = Field(description="Its id.")
    rule: str = Field(description="Name of its rule.")
    state: State = Field(description="Pending: it has not held long enough; firing; resolved.")
    severity: Severity = Field(description="How bad it is; the worst that it was since it began.")
    title: str = Field(description="What it is.")
    summary: str = Field(description="What was seen last.")
    labels: Labels
    annotations: dict[str, str] = Field(description="What helps: `runbook_url`, `description`, `suggestion` of a finding …")
    value: float | None = Field(description="The figure that was seen last.")
    started: Time
    fired: Time | None = Field(description="Since when it fires.")
    last_true: Time
    resolved: Time | None = Field(description="When it was over.")
    flaps: int = Field(description="How often it came back soon.")
    count: int = Field(description="How often it was found true.")
    owner: str = Field(description="Who acknowledged it; empty: nobody.")
    acknowledged: Time | None = Field(description="When.")
    note: str = Field(description="What the owner said.")
    snoozed_until: Time | None = Field(description="Until when nothing is told.")
    snoozed_version: str = Field(description="Nothing is told as long as its agent is at this version; empty: that does not matter.")


class AlertCount(Answer):
    """How many alerts there are."""

    state: State = Field(description="Their state.")
    severity: Severity = Field(description="Their severity.")
    count: int = Field(description="How many.")


class AlertList(Page[AlertItem]):
    """Alerts, last changed first."""

    counts: list[AlertCount] = Field(description="Of all alerts of the project.")


class StepItem(Answer):
    """A step of an alert's life."""

    time: Time
    step: str = Field(
        description="pending, firing, firing again, worse, held, told, delivered, not delivered, escalated, action, acknowledged, snoozed, released, note, "
        "resolved."
    )
    who: str = Field(description="Who did it; empty: Spyglass.")
    note: str = Field(description="What there is to say.")


class MemberItem(Answer):
    """An alert of a group, and what people know of it."""

    id: str = Field(description="Its id.")
    rule: str = Field(description="Name of its rule.")
    state: State = Field(description="Firing or resolved.")
    severity: Severity = Field(description="How bad it is.")
    title: str = Field(description="What it is.")
    started: Time
    told: bool = Field(description="Whether people have been told that it fires.")
    held: str = Field(description="Why nothing is told of it: a silence, hours, an inhibition, or that somebody has it; empty: nothing holds it back.")


class AlertGroupItem(Answer):
    """Alerts that are told together, in one notice."""

    key: str = Field(description="Its key, the same in all its notices.")
    labels: Labels
    route: str = Field(description="Where in the routing tree: `0` is the root, `0.2` its third child.")
    state: Literal["firing", "resolved"] = Field(description="Firing as long as one of its alerts is.")
    severity: Severity = Field(description="The worst of those that fire, else of all.")
    count: int = Field(description="How many alerts it has; 2,000 are counted.")
    alerts: list[MemberItem] = Field(description="The first 50 of them, those that began first come first.")
    notices: int = Field(description="How often it was told, since it has alerts.")
    told: Time | None = Field(description="When it was told last; null: not yet.")
    level: int = Field(description="Of escalation; 0: the first.")


class AlertGroupList(Page[AlertGroupItem]):
    """Groups that have alerts, last told first."""


class AlertCauseItem(Answer):
    """Alerts that are put down to the same cause, whatever their rules and wherever they are told."""

    cause: str = Field(description="Their label `cause`: what a finding says is shared, else their agent, run, model …, else their rule.")
    state: State = Field(description="Firing as long as one of them is, else pending as long as one is.")
    severity: Severity = Field(description="The worst of those in that state.")
    count: int = Field(description="How many alerts there are.")
    open: int = Field(description="How many of them go on.")
    owned: int = Field(description="How many of those that go on somebody has acknowledged or snoozed.")
    agents: int = Field(description="How many agents they are about; 0: they name none.")
    first: Time
    last: Time
    affected: list[str] = Field(description="Names of the agents of `alerts`.")
    alerts: list[AlertItem] = Field(description="The first 50 of them: what fires, the worst.")


class AlertCauseList(Page[AlertCauseItem]):
    """Causes: what fires first, then the worst, then what was true last."""


class AlertCauseAnswer(Answer):
    """What was done with alerts of a cause."""

    cause: str = Field(description="Which.")
    alerts: list[str] = Field(description="Ids of the alerts that it was done with; 2,000 at most.")


class AlertDetail(AlertItem):
    """An alert with its history."""

    groups: list[AlertGroupItem] = Field(description="In which it is told, with the other alerts of each; none: it is over, or still pending.")
    history: list[StepItem] = Field(description="All steps, in order; the first 500.")


class Acknowledgement(Body):
    """Somebody takes an alert."""

    owner: str = Field(min_length=1, max_length=256, description="Who takes it.")
    note: str = Field("", max_length=2000, description="What there is to say.")
    until: AwareDatetime | None = Field(None, description="A snooze: from then on it is told again, if it still fires.")
    next_version: bool = Field(False, description="A snooze until its agent is seen at another version.")


class Words(Body):
    """Who does something, and why."""

    who: Who = ""
    note: str = Field("", max_length=2000, description="What there is to say.")


class AlertCauseAcknowledgement(Acknowledgement):
    """Somebody takes all that goes on of a cause."""

    cause: Cause


class AlertCauseWords(Words):
    """Who does something with all of a cause, and why."""

    cause: Cause


class Comment(Body):
    """A note for the history."""

    who: Who = ""
    note: str = Field(min_length=1, max_length=2000, description="What there is to say.")


class RuleDraft(Body):
    """A rule to keep."""

    rule: Rule = Field(description="What it says.")
    version: Seen = None
    author: Who = ""


class RuleItem(Answer):
    """A rule, and how it does."""

    name: str = Field(description="Its name.")
    rule: Rule | None = Field(description="What it says; null: it cannot be read.")
    version: int = Field(description="Counts its changes.")
    author: str = Field(description="Who made this version.")
    created: Time
    updated: Time
    evaluated: Time | None = Field(description="When it was evaluated last.")
    took_ms: float = Field(description="How long that took.")
    groups: int = Field(description="Groups that the last evaluation saw.")
    withheld: int = Field(description="Alerts beyond the bound of one rule, at the last evaluation; for findings since the server started.")
    problem: str = Field(description="What is wrong with it; empty: nothing.")


class RuleList(Page[RuleItem]):
    """All rules, by name."""


class VersionItem(Answer):
    """What something was at a version."""

    version: int = Field(description="The version.")
    body: JsonObject = Field(description="What it was; empty where it was deleted.")
    author: str = Field(description="Who made it.")
    deleted: bool = Field(description="Whether it was deleted.")
    time: Time


class RuleVersionList(Page[VersionItem]):
    """Versions, latest first."""


class RuleTest(Body):
    """A rule that is tried on the past."""

    rule: Rule = Field(description="What it says; it is not kept.")


class EpisodeItem(Answer):
    """One alert that there would have been."""

    group: dict[str, str] = Field(description="What it would have been about.")
    severity: Severity = Field(description="How bad.")
    summary: str = Field(description="What would have been said last.")
    fired: Time
    resolved: Time | None = Field(description="When it would have been over; null: it would still fire.")
    flaps: int = Field(description="How often it would have come back.")


class RehearsalAnswer(Answer):
    """When a rule would have fired."""

    says: str = Field(description="One sentence.")
    fired: int = Field(description="Alerts that there would have been.")
    told: int = Field(description="The same, with those that came back soon counted each time.")
    evaluations: int = Field(description="How often it was evaluated.")
    step_s: int = Field(description="Seconds between two evaluations.")
    episodes: list[EpisodeItem] = Field(description="The latest 1,000 of them, in the order of their beginnings.")


class ChannelDraft(Body):
    """A channel to keep."""

    kind: str = Field(max_length=64, description="`webhook`, `email`, `log` …; GET /alert-channel-kinds lists them.")
    settings: JsonObject = Field(default_factory=dict, description="Settings of the kind. A secret as it was shown stays what it was.")
    version: Seen = None
    author: Who = ""


class ChannelItem(Answer):
    """A channel; secrets are not shown."""

    name: str = Field(description="Its name.")
    kind: str = Field(description="Its kind.")
    settings: dict[str, Any] = Field(description="Its settings, without secrets.")
    version: int = Field(description="Counts its changes.")
    author: str = Field(description="Who made this version.")
    updated: Time
    problem: str = Field(description="What is wrong with it; empty: nothing is known to be.")
    waiting: int = Field(description="Notices that it has not taken yet.")
    failing: str = Field(description="What it answered last to a notice that waits for it; empty: it takes what it is sent.")


class ChannelKindItem(Answer):
    """A kind of channel."""

    name: str = Field(description="Its name.")
    version: str = Field(description="Its version.")
    description: str = Field(description="What it is.")
    settings: dict[str, Any] = Field(description="JSON Schema of its settings.")


class ChannelKindList(Page[ChannelKindItem]):
    """All kinds of channels."""


class ChannelList(Page[ChannelItem]):
    """All channels, by name."""

    kinds: list[ChannelKindItem] = Field(description="Kinds of channels that there are.")


class SecretsState(Answer):
    """How secrets of channels are kept."""

    key_id: str = Field(description="Names the key that seals, and tells nothing of it.")
    origin: Literal["file", "settings"] = Field(description="Where keys are from: `secrets.key` in the data directory, or the setting `facts.secret_keys`.")
    sealed: int = Field(description="Versions of channels that were sealed anew just now.")
    lost: int = Field(description="Channels whose key is gone: their `problem` says which one is missing.")


class Outcome(Answer):
    """What came of a test."""

    delivered: bool = Field(description="Whether the other side took it.")
    answer: str = Field(description="What it said, or what went wrong.")
    notice_id: str = Field(description="Id of the notice that was sent.")


class RoutingDraft(Body):
    """A routing to keep."""

    routing: Routing = Field(description="All of it.")
    version: Seen = None
    author: Who = ""


class OnCallNow(Answer):
    """Who is on call."""

    who: str = Field(description="Whoever is; empty: nobody.")
    until: str | None = Field(description="When that changes; null: not soon.")
    then: str = Field(description="Who is then; empty: nobody, or it does not change soon.")


class RoutingAnswer(Answer):
    """Where alerts are told."""

    routing: Routing = Field(description="What is in force.")
    version: int = Field(description="Counts its changes; 0: nobody has set one up, and everything goes to every channel.")
    unknown_channels: list[str] = Field(description="Channels that are named and not there: their notices wait.")
    on_call: dict[str, OnCallNow] = Field(description="Who is on call now, by schedule: with those who stand in, and with what counts outside of its hours.")


class PlaceItem(Answer):
    """Where an alert with some labels is told."""

    path: str = Field(description="Its place in the tree: `0.2` is the third child of the root.")
    channels: list[str] = Field(description="Channels.")
    group: dict[str, str] = Field(description="Labels that it has in common with those that it is told with.")
    escalation: str = Field(description="Name of the escalation; empty: none.")
    repeat_interval_s: float = Field(description="When it is told again.")


class PlaceList(Page[PlaceItem]):
    """All of them."""

    silenced_by: str = Field(description="Id of a silence that holds now; empty: none.")


class SilenceItem(Answer):
    """A silence."""

    id: str = Field(description="Its id.")
    silence: Silence = Field(description="What it says.")
    active: bool = Field(description="Whether it holds now.")
    created: Time


class SilenceList(Page[SilenceItem]):
    """Silences, those that end last first."""


class DeliveryItem(Answer):
    """A notice and what became of it."""

    id: str = Field(description="The delivery key: it goes with the notice, each time that it is sent.")
    channel: str = Field(description="Where it goes.")
    state: Literal["waiting", "sending", "sent", "failed"] = Field(description="What became of it.")
    reason: str = Field(description="new, changed, resolved, repeat, escalated, snooze_over, acknowledged.")
    title: str = Field(description="Its first line.")
    alerts: list[str] = Field(description="Ids of its alerts.")
    attempts: int = Field(description="How often it was tried.")
    created: Time
    done: Time | None = Field(description="When it was sent, or given up.")
    next_attempt: Time | None = Field(description="When it is tried next.")
    answer: str = Field(description="What the channel said last.")


class DeliveryList(Page[DeliveryItem]):
    """Deliveries, latest first."""
