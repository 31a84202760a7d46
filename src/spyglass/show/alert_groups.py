"""Groups of alerts: what is told together, in one notice, and what people know of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from spyglass.facts.alerts import Book, Group, Member
from spyglass.model.notice import worst
from spyglass.show.models.alerts import AlertGroupList
from spyglass.show.numbered import first_row, next_place
from spyglass.show.parameters import Cursor, Limit, Project
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Using

__all__ = ["group_item", "router"]

router = resource(tags=["alerts"])

_MOST_SHOWN: Final = 50  # as in a notice


@router.get("/alert-groups", response_model=AlertGroupList, summary="Groups of alerts, last told first")
def list_groups(services: Using, project: Project = "default", limit: Limit = 100, cursor: Cursor = None) -> Json:
    """What the routing's `group_by` puts together: with `cause` alerts of the same trouble, whatever their rules."""
    first = first_row("alert-groups", cursor)
    with services.alerts.alerts.reading() as book:
        found = book.groups(project, first, limit + 1)
        items = [group_item(book, group) for group in found[:limit]]
    return Json({"items": items, "next_cursor": next_place("alert-groups", first, limit, len(found))})


def group_item(book: Book, group: Group) -> dict[str, Any]:
    """A group with its alerts, as the API tells it."""
    members = book.members(group.key)
    fires = [member for member in members if member.alert.state == "firing"]
    return {
        "key": group.key,
        "labels": group.labels,
        "route": group.route,
        "state": "firing" if fires else "resolved",
        "severity": _severity(fires or members),
        "count": len(members),
        "alerts": [_member(member) for member in members[:_MOST_SHOWN]],
        "notices": group.sequence,
        "told": iso(group.told_ns) if group.told_ns else None,
        "level": group.level,
    }


def _severity(members: Sequence[Member]) -> str:
    return worst([member.alert.severity for member in members])  # type: ignore[misc]  # kept as it was judged


def _member(member: Member) -> dict[str, Any]:
    alert = member.alert
    same = {name: getattr(alert, name) for name in ("id", "rule", "state", "severity", "title")}
    return same | {"started": iso(alert.started_ns), "told": member.told not in ("", "resolved"), "held": member.held}
