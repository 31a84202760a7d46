"""Alerts by cause: what is one trouble to whoever has to act on it, whatever the rules that saw it; taken, let go and ended at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from spyglass.facts.alerts import Alert
from spyglass.facts.alerts_causes import OPEN, Cause, causes
from spyglass.show.alerts import States, alert_item
from spyglass.show.models.alerts import AlertCauseAcknowledgement, AlertCauseAnswer, AlertCauseList, AlertCauseWords
from spyglass.show.numbered import first_row, next_place
from spyglass.show.parameters import Cursor, Limit, Project
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using

__all__ = ["router"]

router = resource(tags=["alerts"])


@router.get("/alert-causes", response_model=AlertCauseList, summary="Alerts by cause, what fires first")
def list_causes(
    services: Using,
    project: Project = "default",
    states: States = None,
    rule: Annotated[str, Query(max_length=100, description="Only alerts of this rule; empty: all.")] = "",
    cause: Annotated[str, Query(max_length=200, description="Only this cause; empty: all.")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """By the label `cause`, whatever the routing's `group_by` says. Of alerts that go on, where no state is asked for."""
    first = first_row("alert-causes", cursor)
    with services.alerts.alerts.reading() as book:
        found = causes(book, project, states or OPEN, rule, first, limit + 1, cause=cause)
    return Json({"items": [_item(one) for one in found[:limit]], "next_cursor": next_place("alert-causes", first, limit, len(found))})


@router.post("/alert-causes/acknowledge", response_model=AlertCauseAnswer, responses=NOT_FOUND, summary="Take all alerts of a cause")
def acknowledge_cause(services: Using, told: AlertCauseAcknowledgement, project: Project = "default") -> Json:
    """All that go on, at once, also those of somebody else. With `until` or `next_version` it is a snooze. What begins later of the same cause is told."""
    until_ns = round(told.until.timestamp() * 1e9) if told.until else 0
    taken = services.alerts.desk.acknowledge_cause(project, told.cause, told.owner, told.note, until_ns=until_ns, next_version=told.next_version)
    return _done(services, told.cause, taken)


@router.post("/alert-causes/release", response_model=AlertCauseAnswer, responses={**NOT_FOUND, **CONFLICT}, summary="Let go of all alerts of a cause")
def release_cause(services: Using, told: AlertCauseWords, project: Project = "default") -> Json:
    """They are told and escalated again."""
    return _done(services, told.cause, services.alerts.desk.release_cause(project, told.cause, told.who, told.note))


@router.post("/alert-causes/resolve", response_model=AlertCauseAnswer, responses=NOT_FOUND, summary="Say that all alerts of a cause are over")
def resolve_cause(services: Using, told: AlertCauseWords, project: Project = "default") -> Json:
    """Those whose rules still hold come back with the next evaluation; a finding's comes back when it is found again."""
    return _done(services, told.cause, services.alerts.desk.resolve_cause(project, told.cause, told.who, told.note))


def _done(services: Services, cause: str, alerts: Sequence[Alert]) -> Json:
    services.alerts.wake()
    return Json({"cause": cause, "alerts": [alert.id for alert in alerts]})


def _item(one: Cause) -> dict[str, Any]:
    same = {name: getattr(one, name) for name in ("cause", "state", "severity", "count", "open", "owned", "agents")}
    affected = list(dict.fromkeys(agent for alert in one.alerts if (agent := alert.labels.get("agent", ""))))
    return same | {"first": iso(one.first_ns), "last": iso(one.last_ns), "affected": affected, "alerts": [alert_item(alert) for alert in one.alerts]}
