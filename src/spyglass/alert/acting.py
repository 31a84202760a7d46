"""What people do with alerts: an id and who it is in; the alert as it is then, out. Each is one transaction, with its step of the history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from spyglass.alert.grouping import regroup
from spyglass.alert.setup import Setups
from spyglass.alert.stages import SNOOZED
from spyglass.alert.telling import Hears, tell_acknowledged
from spyglass.facts.alerts import Alert, Alerts, Book, Group, Step
from spyglass.facts.alerts_causes import of_cause
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError, NotFound
from spyglass.model.times import iso

__all__ = ["Desk"]

_LONGEST_NS: Final = 366 * 86_400 * 10**9  # of a snooze
VersionOf = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class _Taking:
    """How somebody takes alerts; `until_ns` and `next_version` make it a snooze."""

    owner: str
    note: str
    until_ns: int
    next_version: bool


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
        with self._alerts.writing() as book:
            return self._take(book, [_open(book, project, alert_id)], _Taking(owner, note, until_ns, next_version))[0]

    def acknowledge_cause(self, project: str, cause: str, owner: str, note: str = "", *, until_ns: int = 0, next_version: bool = False) -> list[Alert]:
        """Take all that goes on of a cause, as `acknowledge` takes one. What comes later of the same cause is told.

        Raises:
            NotFound: nothing of it goes on.
            InputError: as for one; nobody has any of them then.
        """
        with self._alerts.writing() as book:
            return self._take(book, _of_cause(book, project, cause), _Taking(owner, note, until_ns, next_version))

    def release(self, project: str, alert_id: str, who: str, note: str = "") -> Alert:
        """Let go of it: it is told and escalated again.

        Raises:
            NotFound: there is none.
            Conflict: it is over, or nobody has it.
        """
        with self._alerts.writing() as book:
            alert = _open(book, project, alert_id)
            if not alert.owner:
                raise Conflict(f"nobody has acknowledged alert {alert_id}")
            return _release(book, [alert], who, note, self._clock.now_ns())[0]

    def release_cause(self, project: str, cause: str, who: str, note: str = "") -> list[Alert]:
        """Let go of all of a cause that somebody has.

        Raises:
            NotFound: nothing of it goes on.
            Conflict: nobody has any of them.
        """
        with self._alerts.writing() as book:
            owned = [alert for alert in _of_cause(book, project, cause) if alert.owner]
            if not owned:
                raise Conflict(f"nobody has acknowledged an alert of the cause {cause[:200]!r}")
            return _release(book, owned, who, note, self._clock.now_ns())

    def resolve(self, project: str, alert_id: str, who: str, note: str = "") -> Alert:
        """Say that it is over. Where its rule still holds it comes back with the next evaluation.

        Raises:
            NotFound: there is none.
            Conflict: it is over already.
        """
        with self._alerts.writing() as book:
            return self._resolve(book, [_open(book, project, alert_id)], who, note)[0]

    def resolve_cause(self, project: str, cause: str, who: str, note: str = "") -> list[Alert]:
        """Say that all of a cause is over.

        Raises:
            NotFound: nothing of it goes on.
        """
        with self._alerts.writing() as book:
            return self._resolve(book, _of_cause(book, project, cause), who, note)

    def comment(self, project: str, alert_id: str, who: str, note: str) -> Alert:
        """Add to its history.

        Raises:
            NotFound: there is none.
        """
        with self._alerts.writing() as book:
            return book.keep(book.one(project, alert_id), Step("note", self._clock.now_ns(), who, note))

    def _take(self, book: Book, alerts: Sequence[Alert], by: _Taking) -> list[Alert]:
        now_ns = self._clock.now_ns()
        if by.until_ns and not 0 < by.until_ns - now_ns <= _LONGEST_NS:
            raise InputError("until: expected a time that is still to come, within a year")
        kept = []
        for alert in alerts:
            version = self._version(alert) if by.next_version else ""
            until = f" until {iso(by.until_ns)[:19]}Z" if by.until_ns else f" until another version than {version}" if version else ""
            taken = replace(alert, owner=by.owner, owned_ns=now_ns, note=by.note, snoozed_ns=by.until_ns, snoozed_version=version, updated_ns=now_ns)
            kept.append(book.keep(taken, Step("snoozed" if until else "acknowledged", now_ns, by.owner, f"{by.note}{until}".strip())))
        if by.until_ns or by.next_version:
            _mark_snoozed(book, alerts)
        snoozes, said = by.until_ns or by.next_version, f"{by.owner} has it" + (f": {by.note}" if by.note else "")
        for group in _groups_of(book, alerts):
            told = not snoozes and tell_acknowledged(book, group, self._hears, self._url, said, now_ns)
            book.keep_group(replace(group, due_ns=min(group.due_ns, now_ns), sequence=group.sequence + told))
        return kept

    def _resolve(self, book: Book, alerts: Sequence[Alert], who: str, note: str) -> list[Alert]:
        now_ns, kept = self._clock.now_ns(), []
        for alert in alerts:
            ended = replace(alert, state="resolved", resolved_ns=now_ns, updated_ns=now_ns)
            kept.append(book.keep(ended, Step("resolved", now_ns, who, note or "by hand")))
            regroup(book, self._setups.of(alert.project).routing, kept[-1], now_ns)
        return kept

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


def _of_cause(book: Book, project: str, cause: str) -> list[Alert]:
    found = of_cause(book, project, cause)
    if not found:
        raise NotFound(f"project {project} has no alert of the cause {cause[:200]!r} that goes on")
    return found


def _release(book: Book, alerts: Sequence[Alert], who: str, note: str, now_ns: int) -> list[Alert]:
    freed = [replace(alert, owner="", owned_ns=0, note="", snoozed_ns=0, snoozed_version="", updated_ns=now_ns) for alert in alerts]
    kept = [book.keep(alert, Step("released", now_ns, who, note)) for alert in freed]
    for group in _groups_of(book, alerts):
        book.keep_group(replace(group, due_ns=min(group.due_ns, now_ns)))  # so that a snooze is ended in time
    return kept


def _mark_snoozed(book: Book, alerts: Sequence[Alert]) -> None:
    """So that the end of a snooze is told, also where nobody looks at its groups before that, as the server is down."""
    wanted = {alert.id for alert in alerts}
    for group in _groups_of(book, alerts):
        for member in book.members(group.key):
            if member.alert.id in wanted:
                book.tell(group.key, member.alert.id, member.told, SNOOZED)


def _groups_of(book: Book, alerts: Sequence[Alert]) -> list[Group]:
    """Each once: what is told of many at the same time is one notice."""
    return list({group.key: group for alert in alerts for group in book.groups_of(alert.id)}.values())
