"""The steps of a notice, each a function: a group that is due in; the same, with more held back or with what is going to be told, out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from spyglass.alert.flush import Context, Flush
from spyglass.alert.hours import on_call, within
from spyglass.alert.match import matches
from spyglass.alert.mute import silenced_by
from spyglass.alert.route import Inhibition, Level
from spyglass.facts.alerts import Alert, Member
from spyglass.model.notice import RANKS, Reason

__all__ = ["SNOOZED", "deduplicate", "escalate", "hold", "inhibit", "levels_of", "mute", "next_level_ns"]

SNOOZED: Final = "snoozed"


def inhibit(flush: Flush, context: Context) -> Flush:
    """Hold back what another alert explains."""
    held: dict[str, str] = {}
    for rule in context.routing.inhibit:
        sources = [alert for alert in context.firing if matches(rule.source, alert.labels)]
        for member in flush.free():
            alert = member.alert
            if matches(rule.target, alert.labels) and not matches(rule.source, alert.labels):
                why = next((f"inhibited by {one.rule} ({one.id})" for one in sources if one.id != alert.id and _equal(rule, one, alert)), "")
                if why:
                    held.setdefault(alert.id, why)
    return flush.hold(held)


def mute(flush: Flush, context: Context) -> Flush:
    """Hold back what is silenced, or comes at a time when nothing shall be told."""
    hours, now_ns = context.routing.hours, context.now_ns
    quiet = next((name for name in flush.place.mute if within(hours.get(name, ()), now_ns)), "")
    if flush.place.active and not any(within(hours.get(name, ()), now_ns) for name in flush.place.active):
        quiet = f"outside of {', '.join(flush.place.active)}"
    if quiet:
        return flush.hold({member.alert.id: f"muted: {quiet}" for member in flush.free()})
    found = {member.alert.id: silenced_by(context.silences, member.alert.labels, now_ns) for member in flush.free()}
    return flush.hold({alert_id: f"silenced by {name}" for alert_id, name in found.items() if name})


def hold(flush: Flush, context: Context) -> Flush:
    """Hold back what is snoozed, and what somebody has acknowledged: of these only the end is told."""
    held: dict[str, str] = {}
    for member in flush.fires():
        alert = member.alert
        if context.now_ns < alert.snoozed_ns:
            held[alert.id] = f"{SNOOZED} by {alert.owner or 'somebody'}"
        elif alert.snoozed_version and context.version_of(alert.labels.get("agent", "")) == alert.snoozed_version:
            held[alert.id] = f"{SNOOZED} by {alert.owner or 'somebody'} until another version than {alert.snoozed_version}"
        elif alert.owner and not (alert.snoozed_ns or alert.snoozed_version):
            held[alert.id] = f"acknowledged by {alert.owner}"
    return flush.hold(held)


def deduplicate(flush: Flush, context: Context) -> Flush:
    """Say why anything is told: something is new, worse or over, or it has been a while. Else nothing is."""
    reason = _news(flush, context.now_ns)
    told = levels_of(flush, context)[: flush.group.level]
    channels = [*flush.place.channels, *(name for level in told for name in level.channels)]
    to = _on_call(told, context) if flush.fires() else ()
    return replace(flush, reason=reason, channels=tuple(dict.fromkeys(channels)), level=flush.group.level, to=to)


def escalate(flush: Flush, context: Context) -> Flush:
    """Tell the next level what nobody has acknowledged."""
    due_ns = next_level_ns(flush, context)
    if flush.reason not in (None, "repeat") or due_ns is None or context.now_ns < due_ns or not flush.fires():
        return flush
    level = levels_of(flush, context)[flush.group.level]
    to = _on_call((level,), context)
    note = f"nobody is on call in the schedule {level.on_call}" if level.on_call and not to else ""
    return replace(flush, reason="escalated", channels=tuple(level.channels), level=flush.group.level + 1, to=to, note=note)


def _on_call(levels: Iterable[Level], context: Context) -> tuple[str, ...]:
    """Whoever is on call now by the schedules of some levels, each once."""
    found = (on_call(context.routing.schedules, level.on_call, context.now_ns) for level in levels if level.on_call)
    return tuple(dict.fromkeys(who for who in found if who))


def levels_of(flush: Flush, context: Context) -> tuple[Level, ...]:
    """Of the place's escalation."""
    found = context.routing.escalations.get(flush.place.escalation)
    return found.levels if found else ()


def next_level_ns(flush: Flush, context: Context) -> int | None:
    """When the next level is told; None: there is none, or nothing fires that people know of."""
    levels, group = levels_of(flush, context), flush.group
    return group.firing_ns + round(levels[group.level].after_s * 1e9) if group.firing_ns and group.level < len(levels) else None


def _news(flush: Flush, now_ns: int) -> Reason | None:
    free = flush.free()
    found = {_news_of(member, tells_end=flush.place.resolved) for member in free}
    order: tuple[Reason, ...] = ("new", "changed", "snooze_over", "resolved")
    first = next((reason for reason in order if reason in found), None)
    if first is None and flush.fires() and now_ns - flush.group.told_ns >= flush.place.repeat_interval_s * 1e9:
        return "repeat"
    return first


def _news_of(member: Member, *, tells_end: bool) -> Reason | None:
    alert, told = member.alert, member.told
    if alert.state == "resolved":
        return "resolved" if told not in ("", "resolved") and tells_end else None
    if told in ("", "resolved"):
        return "new"
    if RANKS.get(alert.severity, 0) > RANKS.get(told, 0):
        return "changed"
    return "snooze_over" if member.held.startswith(SNOOZED) else None


def _equal(rule: Inhibition, source: Alert, target: Alert) -> bool:
    return all(source.labels.get(name, "") == target.labels.get(name, "") for name in rule.equal)
