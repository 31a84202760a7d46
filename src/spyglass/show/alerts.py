"""Alerts: what fires, what happened to it, who has it; and what was delivered where."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query

from spyglass.alert.notify.text import headline
from spyglass.facts.alerts import Alert, Step
from spyglass.facts.alerts_outbox import Delivery
from spyglass.model.notice import notice_of
from spyglass.show.alert_groups import group_item
from spyglass.show.models.alerts import Acknowledgement, AlertDetail, AlertList, Comment, DeliveryList, Words
from spyglass.show.numbered import first_row, next_place
from spyglass.show.parameters import Cursor, Limit, Project
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using

__all__ = ["States", "alert_item", "router"]

router = resource(tags=["alerts"])

Id = Annotated[str, Path(pattern=r"^[0-9a-f]{1,32}$", description="Id of the alert.")]
States = Annotated[list[Literal["pending", "firing", "resolved"]] | None, Query(alias="state", description="Only these; none: pending and firing.")]
DeliveryStates = Annotated[list[Literal["waiting", "sending", "sent", "failed"]] | None, Query(alias="state", description="Only these; none: all.")]


@router.get("/alerts", response_model=AlertList, summary="Alerts, last changed first")
def list_alerts(
    services: Using,
    project: Project = "default",
    states: States = None,
    rule: Annotated[str, Query(max_length=100, description="Only of this rule; empty: all.")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """Those that go on, where nothing else is asked for."""
    first = first_row("alerts", cursor)
    with services.alerts.alerts.reading() as book:
        found = book.page(project, states or ("pending", "firing"), rule, first, limit + 1)
        counts = [{"state": state, "severity": severity, "count": count} for (state, severity), count in sorted(book.counts(project).items())]
    return Json({"items": [alert_item(one) for one in found[:limit]], "next_cursor": next_place("alerts", first, limit, len(found)), "counts": counts})


@router.get("/alerts/{id}", response_model=AlertDetail, responses=NOT_FOUND, summary="One alert with its history")
def one_alert(services: Using, id: Id, project: Project = "default") -> Json:  # noqa: A002 - the name in the path
    """Every step: when it began, who was told, whether it arrived, who took it, when it was over."""
    return _detail(services, project, id, changed=False)


@router.post("/alerts/{id}/acknowledge", response_model=AlertDetail, responses={**NOT_FOUND, **CONFLICT}, summary="Take an alert")
def acknowledge_alert(services: Using, id: Id, told: Acknowledgement, project: Project = "default") -> Json:  # noqa: A002
    """From then on only its end is told, and nobody else is woken. With `until` or `next_version` it is a snooze: it is told again if it still fires then."""
    until_ns = round(told.until.timestamp() * 1e9) if told.until else 0
    services.alerts.desk.acknowledge(project, id, told.owner, told.note, until_ns=until_ns, next_version=told.next_version)
    return _detail(services, project, id)


@router.post("/alerts/{id}/release", response_model=AlertDetail, responses={**NOT_FOUND, **CONFLICT}, summary="Let go of an alert")
def release_alert(services: Using, id: Id, told: Words, project: Project = "default") -> Json:  # noqa: A002
    """It is told and escalated again."""
    services.alerts.desk.release(project, id, told.who, told.note)
    return _detail(services, project, id)


@router.post("/alerts/{id}/resolve", response_model=AlertDetail, responses={**NOT_FOUND, **CONFLICT}, summary="Say that an alert is over")
def resolve_alert(services: Using, id: Id, told: Words, project: Project = "default") -> Json:  # noqa: A002
    """Where its rule still holds it comes back with the next evaluation; a finding's comes back when it is found again."""
    services.alerts.desk.resolve(project, id, told.who, told.note)
    return _detail(services, project, id)


@router.post("/alerts/{id}/notes", response_model=AlertDetail, responses=NOT_FOUND, summary="Add a note to an alert")
def note_alert(services: Using, id: Id, told: Comment, project: Project = "default") -> Json:  # noqa: A002
    """To its history."""
    services.alerts.desk.comment(project, id, told.who, told.note)
    return _detail(services, project, id)


@router.get("/alert-deliveries", response_model=DeliveryList, summary="Notices and what became of them, latest first")
def list_deliveries(
    services: Using,
    project: Project = "default",
    states: DeliveryStates = None,
    channel: Annotated[str, Query(max_length=100, description="Only to this channel; empty: all.")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Json:
    """What waits, with the time of its next attempt; what was sent; what was given up, and why."""
    first = first_row("alert-deliveries", cursor)
    found = services.alerts.outbox.page(project, channel, states or (), first, limit + 1)
    return Json({"items": [_delivery(one) for one in found[:limit]], "next_cursor": next_place("alert-deliveries", first, limit, len(found))})


def _detail(services: Services, project: str, alert_id: str, *, changed: bool = True) -> Json:
    if changed:
        services.alerts.wake()
    with services.alerts.alerts.reading() as book:
        alert, steps = book.one(project, alert_id), book.history(alert_id)
        groups = [group_item(book, group) for group in book.groups_of(alert_id)]
    return Json({**alert_item(alert), "groups": groups, "history": [_step(one) for one in steps]})


def alert_item(alert: Alert) -> dict[str, Any]:
    """An alert, as the API tells it."""
    same = ("id", "rule", "state", "severity", "title", "summary", "labels", "annotations", "value", "flaps", "count", "owner", "note", "snoozed_version")
    times = {"started": alert.started_ns, "last_true": alert.true_ns}
    maybe = {"fired": alert.fired_ns, "resolved": alert.resolved_ns, "acknowledged": alert.owned_ns, "snoozed_until": alert.snoozed_ns}
    return (
        {name: getattr(alert, name) for name in same}
        | {name: iso(at_ns) for name, at_ns in times.items()}
        | {name: iso(at_ns) if at_ns else None for name, at_ns in maybe.items()}
    )


def _step(step: Step) -> dict[str, Any]:
    return {"time": iso(step.at_ns), "step": step.step, "who": step.who, "note": step.note}


def _delivery(one: Delivery) -> dict[str, Any]:
    notice = notice_of(one.notice)
    return {
        "id": one.id,
        "channel": one.channel,
        "state": one.state,
        "reason": notice.reason,
        "title": headline(notice),
        "alerts": [alert.id for alert in notice.alerts],
        "attempts": one.attempts,
        "created": iso(one.created_ns),
        "done": iso(one.done_ns) if one.done_ns else None,
        "next_attempt": iso(one.due_ns) if one.state in ("waiting", "sending") else None,
        "answer": one.answer,
    }
