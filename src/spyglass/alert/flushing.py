"""Groups that are due in; notices in the outbox out, in the same transaction that remembers what people were told. Blocks: call it in a worker thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import structlog

from spyglass.alert.flush import Context, Flush
from spyglass.alert.route import place_of
from spyglass.alert.setup import Project, Setups
from spyglass.alert.stages import SNOOZED, next_level_ns
from spyglass.alert.steps import run
from spyglass.alert.telling import queue, told_alert
from spyglass.facts.alerts import Alert, Alerts, Book, Member, Step
from spyglass.model.clock import Clock
from spyglass.model.errors import SpyglassError
from spyglass.telemetry.metrics import ALERT_HELD

__all__ = ["Flusher"]

log = structlog.get_logger()

_AT_ONCE: Final = 200
_MOST_TOLD: Final = 50  # alerts in one notice
_SOONEST_NS: Final = 10**9
_EMPTY_NS: Final = 3_600 * 10**9  # so long a group without alerts is remembered, so that one that flaps keeps its intervals
_HELD_NS: Final = 60 * 10**9  # so soon it is seen that a silence, the hours of a route, or what explains an alert are over
_AGAIN_NS: Final = 10 * 10**9  # a group that could not be looked at

VersionOf = Callable[[str, str], str]


class Flusher:
    """Looks at groups."""

    def __init__(
        self,
        alerts: Alerts,
        setups: Setups,
        clock: Clock,
        *,
        public_url: str = "",
        version_of: VersionOf = lambda _project, _agent: "",
        after: Callable[[str], None] = lambda _step: None,
    ) -> None:
        """`version_of`: the version of a project's agent that was seen last. `after` is called with the name of each step that is done."""
        self._alerts, self._setups, self._clock, self._url, self._version_of, self._after = alerts, setups, clock, public_url.rstrip("/"), version_of, after

    def round(self) -> int:
        """Look at all that are due; how many notices were queued.

        Raises:
            Refused: the database of the facts is away.
        """
        setups, now_ns = self._setups.all(), self._clock.now_ns()
        with self._alerts.reading() as book:
            due = book.due_groups(now_ns, _AT_ONCE)
        queued, firing = 0, dict[str, list[Alert]]()
        for key in due:
            try:
                queued += self._one(key, setups.get, now_ns, firing)
            except SpyglassError:
                raise
            except Exception:  # a fault of ours; the other groups are looked at
                log.exception("group not told", group=key)
                self._postpone(key, now_ns)
        return queued

    def _one(self, key: str, setup_of: Callable[[str], Project | None], now_ns: int, firing: dict[str, list[Alert]]) -> int:
        with self._alerts.writing() as book:
            group = book.group(key)
            if group is None or group.due_ns > now_ns:
                return 0  # somebody else was quicker
            setup = setup_of(group.project) or Project()
            members = tuple(book.members(key))
            project = group.project
            if setup.routing.inhibit and project not in firing:
                firing[project] = book.firing(project)  # once a round: many groups ask for it
            context = Context(now_ns, setup.routing, setup.silences, firing.get(project, ()), lambda agent: self._version_of(project, agent))
            flush = run(Flush(group, place_of(setup.routing, group.route), members), context)
            queued = self._tell(book, flush, now_ns) if flush.reason else 0
            told = replace(flush.group, told_ns=now_ns, sequence=group.sequence + 1, level=flush.level) if flush.reason else flush.group
            self._keep(book, replace(flush, group=told), context)
        self._after("queued" if queued else "looked")
        return queued

    def _tell(self, book: Book, flush: Flush, now_ns: int) -> int:
        """Put the notices into the outbox, one for each channel."""
        group = flush.group
        told = [member.alert for member in flush.free() if member.alert.state == "firing" or (member.told not in ("", "resolved") and flush.place.resolved)]
        assert flush.reason is not None  # noqa: S101 - asked before
        shown = [told_alert(alert, self._url) for alert in told[:_MOST_TOLD]]
        to = flush.to
        if flush.reason == "resolved" and group.level:  # whoever was on call when it was escalated hears of its end, too
            to = tuple(dict.fromkeys([*to, *book.told_people(group.key, group.firing_ns)]))
        more = {"withheld": len(told) - len(shown), "level": flush.level, "to": to, "note": flush.note, "others": _others(flush)}
        queue(book, group, flush.channels, flush.reason, shown, now_ns, **more)
        said = (f"on call: {', '.join(to)}" if to else "", flush.note)
        note = "; ".join([f"{flush.reason}: to {', '.join(flush.channels) or 'nobody'}", *filter(None, said)])
        for alert in told:
            book.note(alert.id, Step("escalated" if flush.reason == "escalated" else "told", now_ns, note=note))
        return len(flush.channels)

    def _keep(self, book: Book, flush: Flush, context: Context) -> None:
        """Remember what people know, who leaves, and when to look again."""
        now_ns = context.now_ns
        left = [member for member in flush.members if self._member(book, flush, member, now_ns)]
        fires = [member for member in left if member.alert.state == "firing" and (member.told or member.alert.id not in flush.held)]
        group = replace(flush.group, firing_ns=(flush.group.firing_ns or now_ns) if fires else 0, level=flush.group.level if fires else 0)
        if not left:
            if not flush.members:
                book.drop_group(group.key)
                return
            book.keep_group(replace(group, due_ns=now_ns + _EMPTY_NS))
            return
        soonest = max(now_ns + _SOONEST_NS, min(_next(replace(flush, group=group), context)))
        book.keep_group(replace(group, due_ns=soonest))

    def _member(self, book: Book, flush: Flush, member: Member, now_ns: int) -> bool:
        """Whether it stays."""
        alert, held = member.alert, flush.held.get(member.alert.id, "")
        if held:
            if held != member.held:
                ALERT_HELD.labels(held.split()[0].strip(":")).inc()
                book.note(alert.id, Step("held", now_ns, note=held))
                book.tell(flush.group.key, alert.id, member.told, held)
            if alert.state == "resolved" and member.told in ("", "resolved"):
                book.leave(flush.group.key, alert.id)
                return False
            return True
        if alert.state == "resolved":
            book.leave(flush.group.key, alert.id)  # told now, or never worth telling
            return False
        told = alert.severity if flush.reason else member.told
        if told != member.told or member.held:
            book.tell(flush.group.key, alert.id, told, member.held if member.held.startswith(SNOOZED) and not flush.reason else "")
        return True

    def _postpone(self, key: str, now_ns: int) -> None:
        with self._alerts.writing() as book:
            group = book.group(key)
            if group is not None:
                book.keep_group(replace(group, due_ns=now_ns + _AGAIN_NS))


def _others(flush: Flush) -> int:
    """Alerts that people know of and that still fire, and are held back: what is told is not all that goes on."""
    return sum(member.alert.id in flush.held and member.alert.state == "firing" and member.told not in ("", "resolved") for member in flush.members)


def _next(flush: Flush, context: Context) -> Iterator[int]:
    """Moments at which something may have to be told."""
    now_ns, group, place = context.now_ns, flush.group, flush.place
    yield now_ns + _ns(place.group_interval_s)
    if flush.held:
        yield now_ns + _HELD_NS
    if group.told_ns:
        yield max(now_ns, group.told_ns + _ns(place.repeat_interval_s))
    level_ns = next_level_ns(flush, context)
    if level_ns is not None and flush.fires():
        yield level_ns
    yield from (member.alert.snoozed_ns for member in flush.members if member.alert.snoozed_ns > now_ns)


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
