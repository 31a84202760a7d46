"""Alerts by what they are put down to: those of one cause are counted together, whatever their rules and wherever they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, distinct, func, select

from spyglass.facts.alerts import Alert, Book, alert_of
from spyglass.facts.alerts_tables import AlertRow
from spyglass.model.notice import RANKS

__all__ = ["OPEN", "Cause", "causes", "of_cause"]

OPEN: Final = ("pending", "firing")
_MOST_SHOWN: Final = 50  # alerts of a cause, as in a notice
_MOST_TAKEN: Final = 2_000  # alerts of a cause that are looked at together
_STATES: Final = ("resolved", "pending", "firing")  # the one that matters most last


@dataclass(frozen=True, slots=True)
class Cause:
    """What is known of the alerts of one cause."""

    cause: str
    state: str  # firing as long as one fires, else pending as long as one is
    severity: str  # the worst of those in that state
    count: int
    open: int  # how many go on
    owned: int  # how many of these somebody has
    agents: int  # how many different ones they name
    first_ns: int  # when the first of them began
    last_ns: int  # when one was true last
    alerts: tuple[Alert, ...]  # the first of them: what fires, the worst


def causes(book: Book, project: str, states: Sequence[str], rule: str, skip: int, limit: int, *, cause: str = "") -> list[Cause]:
    """What fires first, then the worst, then what was true last.

    Args:
        book: of the transaction.
        project: whose.
        states: of the alerts that are counted.
        rule: only alerts of it; empty: of all.
        skip: causes before the first.
        limit: of causes.
        cause: only this one; empty: all.
    """
    wanted = _some(project, states, rule)
    some = (wanted.where(_cause() == cause) if cause else wanted).subquery()
    is_open, badness = some.c.state.in_(OPEN), _place(some.c.state, _STATES) * len(RANKS) + _place(some.c.severity, list(RANKS))
    worst, last = func.max(badness), func.max(some.c.true_ns)
    counted = select(
        some.c.cause,
        worst,
        func.count(),
        func.sum(case((is_open, 1), else_=0)),
        func.sum(case((is_open & (some.c.owner != ""), 1), else_=0)),
        func.count(distinct(some.c.agent)),
        func.min(some.c.started_ns),
        last,
    )
    rows = book.session.execute(counted.group_by(some.c.cause).order_by(worst.desc(), last.desc(), some.c.cause).offset(skip).limit(limit)).all()
    shown = _shown(book, wanted, [row[0] for row in rows])
    return [_counted(*row, alerts=tuple(shown.get(row[0], ()))) for row in rows]


def of_cause(book: Book, project: str, cause: str) -> list[Alert]:
    """Those that go on, 2,000 at most: the first that began come first. Locked until the end of the transaction where the database can do that."""
    wanted = select(AlertRow).where(AlertRow.project == project, AlertRow.state.in_(OPEN), _cause() == cause)
    return [alert_of(row) for row in book.session.scalars(wanted.order_by(AlertRow.started_ns, AlertRow.id).limit(_MOST_TAKEN).with_for_update())]


def _counted(cause: str, worst: int, count: int, going_on: int, owned: int, agents: int, first_ns: int, last_ns: int, *, alerts: tuple[Alert, ...]) -> Cause:
    """`worst`: the place of a state and a severity, as they are compared."""
    ranks = list(RANKS)
    return Cause(cause, _STATES[worst // len(ranks)], ranks[worst % len(ranks)], count, going_on, owned, agents, first_ns, last_ns, alerts)


def _cause() -> ColumnElement[str]:
    """As alerts have said it since they have causes; older ones are put down to their rule."""
    return func.coalesce(AlertRow.labels["cause"].as_string(), "rule " + AlertRow.rule)


def _some(project: str, states: Sequence[str], rule: str) -> Select[Any]:
    """Narrow rows of the alerts that are asked for."""
    agent = func.nullif(AlertRow.labels["agent"].as_string(), "")
    columns = (AlertRow.id, AlertRow.state, AlertRow.severity, AlertRow.owner, AlertRow.started_ns, AlertRow.true_ns)
    wanted = select(_cause().label("cause"), agent.label("agent"), *columns).where(AlertRow.project == project, AlertRow.state.in_(states))
    return wanted.where(AlertRow.rule == rule) if rule else wanted


def _shown(book: Book, wanted: Select[Any], names: Sequence[str]) -> dict[str, list[Alert]]:
    """The first alerts of each of these causes."""
    some = wanted.where(_cause().in_(names)).subquery()
    order = (_place(some.c.state, _STATES).desc(), _place(some.c.severity, list(RANKS)).desc(), some.c.started_ns, some.c.id)
    placed = select(some.c.id, some.c.cause, func.row_number().over(partition_by=some.c.cause, order_by=order).label("place")).subquery()
    rows = book.session.execute(
        select(placed.c.cause, AlertRow).join(AlertRow, AlertRow.id == placed.c.id).where(placed.c.place <= _MOST_SHOWN).order_by(placed.c.place)
    )
    found: dict[str, list[Alert]] = {}
    for cause, row in rows:
        found.setdefault(cause, []).append(alert_of(row))
    return found


def _place(column: ColumnElement[str], words: Sequence[str]) -> ColumnElement[int]:
    """The number of a word in its list; others are the first."""
    return case(*((column == word, number) for number, word in enumerate(words)), else_=0)
