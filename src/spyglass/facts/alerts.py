"""Alerts as they are kept: their state, their history, the groups in which they are told. Each step of an alert's life is one transaction.

Whoever changes anything does so in `writing`, which gives a `Book` for one transaction: all that is written in it is kept, or nothing is.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from spyglass.facts.alerts_tables import AlertRow, DeliveryRow, GroupRow, MemberRow, RuleMarkRow, StepRow
from spyglass.facts.database import Facts
from spyglass.model.errors import NotFound, Refused

__all__ = ["Alert", "Alerts", "Book", "Group", "Member", "RuleMark", "Step", "alert_of"]

_MOST_STEPS: Final = 500  # of one alert
_AT_ONCE: Final = 500
_LOCK: Final = 0x5350_5947_414C_5254  # "SPYGALRT": of whoever changes alerts in a PostgreSQL
_PATIENCE_S: Final = 10
_MOST_MEMBERS: Final = 2_000  # of one group that are looked at together


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; the fields of `AlertRow`."""

    id: str
    project: str
    rule: str
    fingerprint: str
    state: str
    severity: str
    title: str
    summary: str
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    value: float | None = None
    started_ns: int = 0
    fired_ns: int = 0
    true_ns: int = 0
    resolved_ns: int = 0
    updated_ns: int = 0
    flaps: int = 0
    count: int = 0
    steps: int = 0
    owner: str = ""
    owned_ns: int = 0
    note: str = ""
    snoozed_ns: int = 0
    snoozed_version: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to an alert."""

    step: str
    at_ns: int
    who: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts that are told together; the fields of `GroupRow`."""

    key: str
    project: str
    route: str
    labels: dict[str, str]
    due_ns: int
    sequence: int = 0
    told_ns: int = 0
    firing_ns: int = 0
    level: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """An alert in a group."""

    alert: Alert
    told: str
    held: str


@dataclass(frozen=True, slots=True)
class RuleMark:
    """How the evaluation of a rule goes; the fields of `RuleMarkRow`."""

    project: str
    rule: str
    evaluated_ns: int = 0
    took_ms: float = 0.0
    groups: int = 0
    withheld: int = 0
    problem: str = ""


class Alerts:
    """All of them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._writing = threading.RLock()  # SQLite reads before it locks: two who change the same alert would not see each other

    @contextmanager
    def writing(self) -> Iterator[Book]:
        """One transaction that changes something; one at a time, also where several servers share a PostgreSQL.

        Raises:
            Refused: the database is away or busy; nothing was kept.
            StoreError: it failed.
        """
        with self._writing, self._facts.session() as session:
            _alone(session)
            yield Book(session)

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """One that only looks."""
        with self._facts.session() as session:
            yield Book(session)

    def forget(self, before_ns: int) -> int:
        """Delete alerts that were resolved before, with their history, and deliveries that were done; how many alerts that were."""
        with self.writing() as book:
            return book.forget(before_ns)


class Book:
    """Everything within one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def of_rule(self, project: str, rule: str, resolved_since_ns: int) -> dict[str, Alert]:
        """By fingerprint, the latest of each: those that are pending or firing, and those that were resolved lately."""
        wanted = select(AlertRow).where(AlertRow.project == project, AlertRow.rule == rule)
        wanted = wanted.where((AlertRow.state != "resolved") | (AlertRow.resolved_ns >= resolved_since_ns)).order_by(AlertRow.started_ns).with_for_update()
        return {row.fingerprint: alert_of(row) for row in self.session.scalars(wanted)}

    def latest(self, project: str, rule: str, fingerprints: Sequence[str]) -> dict[str, Alert]:
        """The latest of each fingerprint, however long ago."""
        found: dict[str, Alert] = {}
        for first in range(0, len(fingerprints), _AT_ONCE):
            some = fingerprints[first : first + _AT_ONCE]
            wanted = select(AlertRow).where(AlertRow.project == project, AlertRow.rule == rule, AlertRow.fingerprint.in_(some))
            found |= {row.fingerprint: alert_of(row) for row in self.session.scalars(wanted.order_by(AlertRow.started_ns).with_for_update())}
        return found

    def rules(self, project: str | None = None) -> set[tuple[str, str]]:
        """Project and rule of all alerts that are not resolved."""
        wanted = select(AlertRow.project, AlertRow.rule).where(AlertRow.state != "resolved").distinct()
        return {(row[0], row[1]) for row in self.session.execute(wanted if project is None else wanted.where(AlertRow.project == project))}

    def firing(self, project: str) -> list[Alert]:
        """All that fire, 10,000 at most."""
        wanted = select(AlertRow).where(AlertRow.project == project, AlertRow.state == "firing").order_by(AlertRow.started_ns.desc()).limit(10_000)
        return [alert_of(row) for row in self.session.scalars(wanted)]

    def one(self, project: str, alert_id: str) -> Alert:
        """By its id.

        Raises:
            NotFound: there is none.
        """
        row = self.session.get(AlertRow, alert_id, with_for_update=True, populate_existing=True)
        if row is None or row.project != project:
            raise NotFound(f"project {project} has no alert {alert_id[:64]}")
        return alert_of(row)

    def page(self, project: str, states: Sequence[str], rule: str, skip: int, limit: int) -> list[Alert]:
        """Last changed first."""
        wanted = select(AlertRow).where(AlertRow.project == project, AlertRow.state.in_(states))
        wanted = wanted.where(AlertRow.rule == rule) if rule else wanted
        return [alert_of(row) for row in self.session.scalars(wanted.order_by(AlertRow.updated_ns.desc(), AlertRow.id).offset(skip).limit(limit))]

    def counts(self, project: str) -> dict[tuple[str, str], int]:
        """How many there are by state and severity."""
        wanted = select(AlertRow.state, AlertRow.severity, func.count()).where(AlertRow.project == project).group_by(AlertRow.state, AlertRow.severity)
        return {(row[0], row[1]): row[2] for row in self.session.execute(wanted)}

    def history(self, alert_id: str) -> list[Step]:
        """In order."""
        rows = self.session.scalars(select(StepRow).where(StepRow.alert_id == alert_id).order_by(StepRow.number))
        return [Step(row.step, row.at_ns, row.who, row.note) for row in rows]

    def keep(self, alert: Alert, *steps: Step) -> Alert:
        """Write it as it is now, and what has happened to it."""
        for number, step in enumerate(steps[: max(0, _MOST_STEPS - alert.steps)], alert.steps + 1):
            self.session.add(StepRow(alert_id=alert.id, number=number, at_ns=step.at_ns, step=step.step, who=step.who[:256], note=step.note[:2000]))
        alert = replace(alert, steps=min(_MOST_STEPS, alert.steps + len(steps)))
        self.session.merge(AlertRow(**{name: getattr(alert, name) for name in Alert.__slots__}))
        return alert

    def drop(self, alert: Alert) -> None:
        """As if it had never been: one that never fired."""
        for table, column in ((MemberRow, MemberRow.alert_id), (StepRow, StepRow.alert_id), (AlertRow, AlertRow.id)):
            self.session.execute(delete(table).where(column == alert.id))

    def marks(self) -> dict[tuple[str, str], RuleMark]:
        """Of all rules."""
        rows = self.session.scalars(select(RuleMarkRow))
        return {(row.project, row.rule): RuleMark(row.project, row.rule, row.evaluated_ns, row.took_ms, row.groups, row.withheld, row.problem) for row in rows}

    def mark_of(self, project: str, rule: str) -> RuleMark | None:
        """Of one rule; None: nobody has evaluated it."""
        row = self.session.get(RuleMarkRow, (project, rule), populate_existing=True)
        return RuleMark(**{name: getattr(row, name) for name in RuleMark.__slots__}) if row else None

    def mark(self, mark: RuleMark) -> None:
        """Keep how far a rule came."""
        self.session.merge(RuleMarkRow(**{name: getattr(mark, name) for name in RuleMark.__slots__}))

    def unmark(self, project: str, rule: str) -> None:
        """Forget it: the rule is gone."""
        self.session.execute(delete(RuleMarkRow).where(RuleMarkRow.project == project, RuleMarkRow.rule == rule))

    def group(self, key: str) -> Group | None:
        """By its key; locked until the end of the transaction where the database can do that."""
        row = self.session.get(GroupRow, key, with_for_update=True, populate_existing=True)
        return _group(row) if row else None

    def due_groups(self, now_ns: int, limit: int) -> list[str]:
        """Keys of those that have to be looked at, longest due first."""
        return list(self.session.scalars(select(GroupRow.key).where(GroupRow.due_ns <= now_ns).order_by(GroupRow.due_ns, GroupRow.key).limit(limit)))

    def groups_of(self, alert_id: str) -> list[Group]:
        """Those that it is told in."""
        keys = self.session.scalars(select(MemberRow.group_key).where(MemberRow.alert_id == alert_id))
        return [group for key in keys if (group := self.group(key)) is not None]

    def keep_group(self, group: Group) -> None:
        """Write it as it is now."""
        self.session.merge(GroupRow(**{name: getattr(group, name) for name in Group.__slots__}))

    def drop_group(self, key: str) -> None:
        """It has no members any more."""
        self.session.execute(delete(MemberRow).where(MemberRow.group_key == key))
        self.session.execute(delete(GroupRow).where(GroupRow.key == key))

    def groups(self, project: str, skip: int, limit: int) -> list[Group]:
        """Those that have alerts, last told first."""
        alive = select(MemberRow.alert_id).where(MemberRow.group_key == GroupRow.key).exists()
        wanted = select(GroupRow).where(GroupRow.project == project, alive).order_by(GroupRow.told_ns.desc(), GroupRow.key).offset(skip).limit(limit)
        return [_group(row) for row in self.session.scalars(wanted)]

    def members(self, key: str) -> list[Member]:
        """Its alerts, 2,000 at most: those that began first come first."""
        wanted = select(AlertRow, MemberRow.told, MemberRow.held).join(MemberRow, MemberRow.alert_id == AlertRow.id).where(MemberRow.group_key == key)
        rows = self.session.execute(wanted.order_by(AlertRow.started_ns, AlertRow.id).limit(_MOST_MEMBERS))
        return [Member(alert_of(row[0]), row[1], row[2]) for row in rows]

    def join(self, key: str, alert_id: str) -> None:
        """Let a group have an alert; nothing changes where it has it already."""
        if self.session.get(MemberRow, (key, alert_id)) is None:
            self.session.add(MemberRow(group_key=key, alert_id=alert_id, told="", held=""))
            self.session.flush()

    def tell(self, key: str, alert_id: str, told: str, held: str = "") -> None:
        """Keep what people know of it."""
        self.session.merge(MemberRow(group_key=key, alert_id=alert_id, told=told, held=held[:300]))

    def leave(self, key: str, alert_id: str) -> None:
        """Nothing more is told of it."""
        self.session.execute(delete(MemberRow).where(MemberRow.group_key == key, MemberRow.alert_id == alert_id))

    def queue(self, notice_id: str, channel: str, group: Group, notice: dict[str, Any], now_ns: int) -> None:
        """Put a notice into the outbox, once: the same id a second time changes nothing."""
        if self.session.get(DeliveryRow, notice_id) is None:
            self.session.add(
                DeliveryRow(
                    id=notice_id,
                    project=group.project,
                    channel=channel,
                    group_key=group.key,
                    sequence=group.sequence,
                    notice=notice,
                    state="waiting",
                    attempts=0,
                    due_ns=now_ns,
                    created_ns=now_ns,
                    done_ns=0,
                    answer="",
                )
            )

    def told_channels(self, group_key: str) -> list[str]:
        """Channels to which anything of a group was sent, or is on its way, by name."""
        wanted = select(DeliveryRow.channel).where(DeliveryRow.group_key == group_key, DeliveryRow.state != "failed").distinct()
        return sorted(self.session.scalars(wanted))

    def told_people(self, group_key: str, since_ns: int) -> list[str]:
        """Who was named as on call in what was told of a group since a time, by name."""
        wanted = select(DeliveryRow.notice["to"]).where(DeliveryRow.group_key == group_key, DeliveryRow.created_ns >= since_ns)
        return sorted({name for names in self.session.scalars(wanted) for name in names or ()})

    def done(self, delivery_id: str, state: str, now_ns: int, answer: str) -> bool:
        """Say what became of a delivery, `sent` or `failed`, and tell it in the history of its alerts; False: somebody else has said it."""
        row = self.session.get(DeliveryRow, delivery_id, with_for_update=True, populate_existing=True)
        if row is None or row.state not in ("waiting", "sending"):
            return False
        row.state, row.done_ns, row.answer = state, now_ns, answer[:1000]
        for told in row.notice["alerts"]:
            self.note(told["id"], Step("delivered" if state == "sent" else "not delivered", now_ns, note=f"{row.channel}: {answer} ({delivery_id})"))
        return True

    def note(self, alert_id: str, step: Step) -> None:
        """Add to the history of an alert, if there still is one."""
        row = self.session.get(AlertRow, alert_id, with_for_update=True)
        if row is not None and row.steps < _MOST_STEPS:
            row.steps += 1
            self.session.add(StepRow(alert_id=alert_id, number=row.steps, at_ns=step.at_ns, step=step.step, who=step.who[:256], note=step.note[:2000]))

    def forget(self, before_ns: int) -> int:
        """See `Alerts.forget`."""
        self.session.execute(delete(DeliveryRow).where(DeliveryRow.state.in_(("sent", "failed")), DeliveryRow.done_ns < before_ns))
        old = list(self.session.scalars(select(AlertRow.id).where(AlertRow.state == "resolved", AlertRow.resolved_ns < before_ns).limit(10_000)))
        for first in range(0, len(old), _AT_ONCE):
            some = old[first : first + _AT_ONCE]
            for table, column in ((MemberRow, MemberRow.alert_id), (StepRow, StepRow.alert_id), (AlertRow, AlertRow.id)):
                self.session.execute(delete(table).where(column.in_(some)))
        return len(old)


def _alone(session: Session) -> None:
    """Wait until no other server changes alerts: two who do not see each other's would raise the same alert twice, or wait for each other's rows."""
    if session.get_bind().dialect.name != "postgresql":
        return  # SQLite has one server, and one writer
    try:
        session.execute(select(func.set_config("lock_timeout", f"{_PATIENCE_S}s", True)))
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    except DBAPIError as error:
        raise Refused(f"another server has been changing alerts for {_PATIENCE_S} s; it is tried again", retry_after_s=5) from error


def _group(row: GroupRow) -> Group:
    return Group(**{name: getattr(row, name) for name in Group.__slots__})


def alert_of(row: AlertRow) -> Alert:
    """A row of the table as it is handed around."""
    return Alert(**{name: getattr(row, name) for name in Alert.__slots__})
