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

__all__ = ["Delivery", "Outbox"]

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


class Outbox:
    """All of them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def due(self, now_ns: int, limit: int) -> list[Delivery]:
        """What may be sent now: of each group and channel the earliest that is not done, so that what is over is not told before it began."""
        with self._facts.session() as session:
            first = (
                select(DeliveryRow.group_key, DeliveryRow.channel, DeliveryRow.project, func.min(DeliveryRow.sequence).label("sequence"))
                .where(DeliveryRow.state.in_(_OPEN))
                .group_by(DeliveryRow.group_key, DeliveryRow.channel, DeliveryRow.project)
                .subquery()
            )
            same = (DeliveryRow.group_key == first.c.group_key, DeliveryRow.channel == first.c.channel, DeliveryRow.sequence == first.c.sequence)
            wanted = select(DeliveryRow).join(first, (same[0]) & (same[1]) & (same[2])).where(DeliveryRow.state.in_(_OPEN), DeliveryRow.due_ns <= now_ns)
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
