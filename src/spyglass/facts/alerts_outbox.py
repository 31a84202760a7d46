"""The outbox: notices that wait for their channel, and the log of what became of them. Claimed, sent, done: who dies between leaves it to the next.

A claim ends by itself: whoever took a notice and does not say what became of it within its lease has died, and the notice is sent again, under the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CursorResult, func, select, update

from spyglass.facts.alerts_tables import DeliveryRow
from spyglass.facts.database import Facts

__all__ = ["Delivery", "Outbox", "Waits"]

_OPEN: Final = ("waiting", "sending")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice and what became of it; the fields of `DeliveryRow`."""

    id: str
    project: str
    channel: str
    group_key: str
    sequence: int
    notice: dict[str, Any]
    state: str
    attempts: int
    due_ns: int
    created_ns: int
    done_ns: int
    answer: str


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits for a channel."""

    count: int = 0
    since_ns: int = 0  # the oldest that was tried in vain
    answer: str = ""  # to the last attempt; empty: none failed


class Outbox:
    """All of them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def due(self, now_ns: int, limit: int) -> list[Delivery]:
        """What may be sent now, one of each channel: of each of its groups the earliest that is not done, so that what is over is not told before it began.

        One of each, so that however much waits for a channel that is dead nothing else waits behind it.
        """
        with self._facts.session() as session:
            first = (
                select(DeliveryRow.group_key, DeliveryRow.channel, DeliveryRow.project, func.min(DeliveryRow.sequence).label("sequence"))
                .where(DeliveryRow.state.in_(_OPEN))
                .group_by(DeliveryRow.group_key, DeliveryRow.channel, DeliveryRow.project)
                .subquery()
            )
            same = (DeliveryRow.group_key == first.c.group_key, DeliveryRow.channel == first.c.channel, DeliveryRow.sequence == first.c.sequence)
            place = func.row_number().over(partition_by=(DeliveryRow.project, DeliveryRow.channel), order_by=(DeliveryRow.due_ns, DeliveryRow.id))
            ready = select(DeliveryRow.id, place.label("place")).join(first, (same[0]) & (same[1]) & (same[2]))
            ready_now = ready.where(DeliveryRow.state.in_(_OPEN), DeliveryRow.due_ns <= now_ns).subquery()
            wanted = select(DeliveryRow).join(ready_now, DeliveryRow.id == ready_now.c.id).where(ready_now.c.place == 1)
            return [_delivery(row) for row in session.scalars(wanted.order_by(DeliveryRow.due_ns, DeliveryRow.id).limit(limit))]

    def claim(self, delivery: Delivery, now_ns: int, lease_ns: int) -> bool:
        """Take one to send it; False: somebody else has it."""
        present = (DeliveryRow.id == delivery.id, DeliveryRow.state == delivery.state, DeliveryRow.attempts == delivery.attempts, DeliveryRow.due_ns <= now_ns)
        taken = update(DeliveryRow).where(*present).values(state="sending", attempts=delivery.attempts + 1, due_ns=now_ns + lease_ns)
        with self._facts.session() as session:
            return _changed(session.execute(taken))

    def later(self, delivery_id: str, due_ns: int, why: str) -> None:
        """It is tried again at a time."""
        with self._facts.session() as session:
            again = update(DeliveryRow).where(DeliveryRow.id == delivery_id, DeliveryRow.state == "sending")
            session.execute(again.values(state="waiting", due_ns=due_ns, answer=why[:1000]))

    def now(self, project: str, channel: str, now_ns: int) -> int:
        """Let all that wait for a channel be tried at once: it was changed; how many that are."""
        waiting = (DeliveryRow.project == project, DeliveryRow.channel == channel, DeliveryRow.state == "waiting", DeliveryRow.due_ns > now_ns)
        with self._facts.session() as session:
            return int(_cursor(session.execute(update(DeliveryRow).where(*waiting).values(due_ns=now_ns))).rowcount)

    def page(self, project: str, channel: str, states: Sequence[str], skip: int, limit: int) -> list[Delivery]:
        """Latest first."""
        wanted = select(DeliveryRow).where(DeliveryRow.project == project)
        wanted = wanted.where(DeliveryRow.channel == channel) if channel else wanted
        wanted = wanted.where(DeliveryRow.state.in_(states)) if states else wanted
        with self._facts.session() as session:
            rows = session.scalars(wanted.order_by(DeliveryRow.created_ns.desc(), DeliveryRow.id).offset(skip).limit(limit))
            return [_delivery(row) for row in rows]

    def waits(self, project: str) -> dict[str, Waits]:
        """What waits, by channel of a project."""
        waits = (DeliveryRow.project == project, DeliveryRow.state.in_(_OPEN))
        last = func.row_number().over(partition_by=DeliveryRow.channel, order_by=DeliveryRow.due_ns.desc()).label("last")
        since = func.min(DeliveryRow.created_ns).over(partition_by=DeliveryRow.channel).label("since")
        failed = select(DeliveryRow.channel, DeliveryRow.answer, since, last).where(*waits, DeliveryRow.answer != "").subquery()
        with self._facts.session() as session:
            counts = session.execute(select(DeliveryRow.channel, func.count()).where(*waits).group_by(DeliveryRow.channel)).all()
            told = {row.channel: row for row in session.execute(select(failed).where(failed.c.last == 1))}
        return {name: Waits(count, told[name].since, told[name].answer) if name in told else Waits(count) for name, count in counts}

    def waiting(self) -> int:
        """How many are not done."""
        with self._facts.session() as session:
            return session.scalar(select(func.count()).select_from(DeliveryRow).where(DeliveryRow.state.in_(_OPEN))) or 0


def _cursor(result: Any) -> CursorResult[Any]:
    assert isinstance(result, CursorResult)  # noqa: S101 - what a changing statement gives
    return result


def _changed(result: Any) -> bool:
    return _cursor(result).rowcount == 1


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(**{name: getattr(row, name) for name in Delivery.__slots__})
