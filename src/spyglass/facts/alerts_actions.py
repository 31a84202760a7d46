"""The record of actions: what policies did about alerts, would have done, or were kept from doing. Claimed, done, said: each is done once at most.

Who dies while doing one leaves it `doing`; as nobody can know whether it was done, it is not done again, and becomes `unknown`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CursorResult, delete, func, select, update

from spyglass.facts.alerts import Book
from spyglass.facts.alerts_tables import ActionRow
from spyglass.facts.database import Facts
from spyglass.model.errors import NotFound

__all__ = ["Action", "Actions", "count_since", "known", "plan"]

_COUNTED: Final = ("waiting", "doing", "done", "failed", "unknown", "undone")
_LOST: Final = "the server died while doing it: nobody knows whether it was done, so that it is not done again"


@dataclass(frozen=True, slots=True)
class Action:
    """One of them; the fields of `ActionRow`."""

    id: str
    project: str
    policy: str
    version: int
    kind: str
    alert_id: str
    subject: str
    told: dict[str, Any]
    state: str
    created_ns: int
    claimed_ns: int = 0
    done_ns: int = 0
    answer: str = ""
    undone_ns: int = 0
    undone_by: str = ""


def known(book: Book, ids: Sequence[str]) -> set[str]:
    """Which of these are on record."""
    return set(book.session.scalars(select(ActionRow.id).where(ActionRow.id.in_(ids))))


def count_since(book: Book, project: str, policy: str, since_ns: int, *, subject: str | None = None, dry: bool) -> int:
    """How many a policy did since a time (dry: would have done), to one subject or to all."""
    wanted = select(func.count()).select_from(ActionRow).where(ActionRow.project == project, ActionRow.policy == policy, ActionRow.created_ns > since_ns)
    wanted = wanted.where(ActionRow.state == "dry_run" if dry else ActionRow.state.in_(_COUNTED))
    return book.session.scalar(wanted if subject is None else wanted.where(ActionRow.subject == subject)) or 0


def plan(book: Book, action: Action) -> None:
    """Put one on record, within the transaction that decides on it."""
    book.session.add(ActionRow(**{name: getattr(action, name) for name in Action.__slots__}))
    book.session.flush()


class Actions:
    """All of them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def due(self, limit: int) -> list[Action]:
        """What is to be done, oldest first."""
        with self._facts.session() as session:
            rows = session.scalars(select(ActionRow).where(ActionRow.state == "waiting").order_by(ActionRow.created_ns, ActionRow.id).limit(limit))
            return [_action(row) for row in rows]

    def claim(self, action_id: str, now_ns: int) -> bool:
        """Take one to do it; False: somebody else has it."""
        taken = update(ActionRow).where(ActionRow.id == action_id, ActionRow.state == "waiting").values(state="doing", claimed_ns=now_ns)
        return self._changed(taken) == 1

    def finish(self, action_id: str, state: str, answer: str, now_ns: int) -> bool:
        """Say what came of one that was claimed."""
        done = update(ActionRow).where(ActionRow.id == action_id, ActionRow.state == "doing")
        return self._changed(done.values(state=state, answer=answer[:1000], done_ns=now_ns)) == 1

    def lose(self, claimed_before_ns: int) -> int:
        """Those that were begun so long ago are known by nobody; how many those were."""
        lost = update(ActionRow).where(ActionRow.state == "doing", ActionRow.claimed_ns < claimed_before_ns)
        return self._changed(lost.values(state="unknown", answer=_LOST))

    def undone(self, action_id: str, state: str, who: str, answer: str, now_ns: int) -> bool:
        """Say that one was taken back; `state` is the one that it was in, False: it is in another by now."""
        back = update(ActionRow).where(ActionRow.id == action_id, ActionRow.state == state)
        return self._changed(back.values(state="undone", undone_ns=now_ns, undone_by=who[:256], answer=answer[:1000])) == 1

    def one(self, project: str, action_id: str) -> Action:
        """By its id.

        Raises:
            NotFound: there is none.
        """
        with self._facts.session() as session:
            row = session.get(ActionRow, action_id)
            if row is None or row.project != project:
                raise NotFound(f"project {project} has no action {action_id[:64]}")
            return _action(row)

    def page(self, project: str, policy: str, states: Sequence[str], skip: int, limit: int) -> list[Action]:
        """Latest first."""
        wanted = select(ActionRow).where(ActionRow.project == project)
        wanted = wanted.where(ActionRow.policy == policy) if policy else wanted
        wanted = wanted.where(ActionRow.state.in_(states)) if states else wanted
        with self._facts.session() as session:
            rows = session.scalars(wanted.order_by(ActionRow.created_ns.desc(), ActionRow.id).offset(skip).limit(limit))
            return [_action(row) for row in rows]

    def forget(self, before_ns: int) -> int:
        """Delete what was on record before a time and is over."""
        over = (ActionRow.created_ns < before_ns, ActionRow.state.not_in(("waiting", "doing")))
        return self._changed(delete(ActionRow).where(*over))

    def _changed(self, statement: Any) -> int:
        with self._facts.session() as session:
            result = session.execute(statement)
            assert isinstance(result, CursorResult)  # noqa: S101 - what a changing statement gives
            return int(result.rowcount)


def _action(row: ActionRow) -> Action:
    return Action(**{name: getattr(row, name) for name in Action.__slots__})
