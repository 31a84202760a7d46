"""What people do with alerts: an id and who it is in; the alert as it is then, out. Each is one transaction, with its step of the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from spyglass.alert.grouping import regroup
from spyglass.alert.setup import Setups
from spyglass.alert.telling import Hears, tell_acknowledged
from spyglass.facts.alerts import Alert, Alerts, Book, Step
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError
from spyglass.model.times import iso

__all__ = ["Desk"]

_LONGEST_NS: Final = 366 * 86_400 * 10**9  # of a snooze
VersionOf = Callable[[str, str], str]


class Desk:
    """Where alerts are taken in hand."""

    def __init__(
        self,
        alerts: Alerts,
        setups: Setups,
        clock: Clock,
        version_of: VersionOf,
        *,
        hears: Hears = lambda _project, _channel: False,
        public_url: str = "",
    ) -> None:
        """`hears`: whether a channel is told of acknowledgements. `public_url`: of the web app, for links."""
        self._alerts, self._setups, self._clock, self._version_of = alerts, setups, clock, version_of
        self._hears, self._url = hears, public_url.rstrip("/")

    def acknowledge(self, project: str, alert_id: str, owner: str, note: str = "", *, until_ns: int = 0, next_version: bool = False) -> Alert:
        """Take it: nothing more is told but its end, and nobody else is woken.

        Args:
            project: whose.
            alert_id: which.
            owner: who takes it.
            note: what there is to say.
            until_ns: a snooze: from then on it is told again if it still fires; 0: none.
            next_version: a snooze until its agent is seen at another version.

        Raises:
            NotFound: there is none.
            Conflict: it is over.
            InputError: it has no agent whose version is known, or the time is over.
        """
        now_ns = self._clock.now_ns()
        if until_ns and not 0 < until_ns - now_ns <= _LONGEST_NS:
            raise InputError("until: expected a time that is still to come, within a year")
        with self._alerts.writing() as book:
            alert = _open(book, project, alert_id)
            version = self._version(alert) if next_version else ""
            until = f" until {iso(until_ns)[:19]}Z" if until_ns else f" until another version than {version}" if version else ""
            taken = replace(alert, owner=owner, owned_ns=now_ns, note=note, snoozed_ns=until_ns, snoozed_version=version, updated_ns=now_ns)
            step = Step("snoozed" if until else "acknowledged", now_ns, owner, f"{note}{until}".strip())
            kept = book.keep(taken, step)
            said = f"{owner} has it" + (f": {note}" if note else "")
            for group in book.groups_of(alert_id):
                told = not until and tell_acknowledged(book, group, self._hears, self._url, said, now_ns)
                book.keep_group(replace(group, due_ns=min(group.due_ns, now_ns), sequence=group.sequence + told))
            return kept

    def release(self, project: str, alert_id: str, who: str, note: str = "") -> Alert:
        """Let go of it: it is told and escalated again.

        Raises:
            NotFound: there is none.
            Conflict: it is over, or nobody has it.
        """
        now_ns = self._clock.now_ns()
        with self._alerts.writing() as book:
            alert = _open(book, project, alert_id)
            if not alert.owner:
                raise Conflict(f"nobody has acknowledged alert {alert_id}")
            freed = replace(alert, owner="", owned_ns=0, note="", snoozed_ns=0, snoozed_version="", updated_ns=now_ns)
            kept = book.keep(freed, Step("released", now_ns, who, note))
            _look(book, alert_id, now_ns)
            return kept

    def resolve(self, project: str, alert_id: str, who: str, note: str = "") -> Alert:
        """Say that it is over. Where its rule still holds it comes back with the next evaluation.

        Raises:
            NotFound: there is none.
            Conflict: it is over already.
        """
        now_ns = self._clock.now_ns()
        with self._alerts.writing() as book:
            alert = _open(book, project, alert_id)
            ended = replace(alert, state="resolved", resolved_ns=now_ns, updated_ns=now_ns)
            kept = book.keep(ended, Step("resolved", now_ns, who, note or "by hand"))
            regroup(book, self._setups.of(project).routing, kept, now_ns)
            return kept

    def comment(self, project: str, alert_id: str, who: str, note: str) -> Alert:
        """Add to its history.

        Raises:
            NotFound: there is none.
        """
        with self._alerts.writing() as book:
            return book.keep(book.one(project, alert_id), Step("note", self._clock.now_ns(), who, note))

    def _version(self, alert: Alert) -> str:
        agent = alert.labels.get("agent", "")
        version = self._version_of(alert.project, agent) if agent else ""
        if not version:
            raise InputError(f"alert {alert.id} is of no agent whose version is known, so that there is no next one to wait for; snooze it until a time")
        return version


def _open(book: Book, project: str, alert_id: str) -> Alert:
    alert = book.one(project, alert_id)
    if alert.state == "resolved":
        raise Conflict(f"alert {alert_id} is over since {iso(alert.resolved_ns)[:19]}Z")
    return alert


def _look(book: Book, alert_id: str, now_ns: int) -> None:
    """Let its groups know, so that a snooze is ended in time."""
    for group in book.groups_of(alert_id):
        book.keep_group(replace(group, due_ns=min(group.due_ns, now_ns)))
