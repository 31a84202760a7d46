"""Alerts that changed in; the groups in which they are told, and when these are looked at, out. Within the transaction that changes the alert."""

from __future__ import annotations

from dataclasses import replace

from spyglass.alert.route import Place, Routing, group_key, group_labels, places
from spyglass.facts.alerts import Alert, Book, Group
from spyglass.model.notice import RANKS

__all__ = ["regroup"]


def regroup(book: Book, routing: Routing, alert: Alert, now_ns: int) -> None:
    """Let the groups of an alert look at it soon; one that is resolved belongs to those that it was told in, others are chosen by its labels."""
    if alert.state == "firing":
        there = {group.route: group for group in book.groups_of(alert.id)}
        for place in places(routing, alert.labels):
            if group := there.get(place.path):  # also when the routing groups otherwise by now: it is told there already
                book.keep_group(_due(group, place, now_ns, urgent=_worse(book, group, alert)))
                continue
            labels = group_labels(place, alert.labels)
            key = group_key(alert.project, place, labels)
            old = book.group(key)
            urgent = old is not None and _worse(book, old, alert)
            book.keep_group(_due(old, place, now_ns, urgent=urgent) if old else Group(key, alert.project, place.path, labels, now_ns + _ns(place.group_wait_s)))
            book.join(key, alert.id)
    else:
        for group in book.groups_of(alert.id):
            place = next((one for one in places(routing, alert.labels) if one.path == group.route), Place())
            book.keep_group(_due(group, place, now_ns))


def _worse(book: Book, group: Group, alert: Alert) -> bool:
    """Whether it is worse than all that people know to go on in its group; one that comes and goes is no news each time."""
    known = [RANKS.get(member.told, 0) for member in book.members(group.key) if member.told not in ("", "resolved") and member.alert.state == "firing"]
    return bool(known) and not alert.flaps and RANKS.get(alert.severity, 0) > max(known)


def _due(group: Group, place: Place, now_ns: int, *, urgent: bool = False) -> Group:
    """At once, but no sooner after its last notice than the place says, unless it is `urgent`."""
    soon_ns = now_ns + _ns(place.group_wait_s)
    if group.told_ns and not urgent:
        soon_ns = max(soon_ns, group.told_ns + _ns(place.group_interval_s))
    return replace(group, due_ns=min(group.due_ns, soon_ns))


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
