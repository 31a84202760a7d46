"""What people did about findings: fingerprints in, who mitigated what, when and why, out; each step is kept.

A mitigation holds for what was found until then. What is told about a change (an audit) is told before it is kept: a change of which nobody can be told
is not made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spyglass.facts.database import Facts
from spyglass.facts.tables import FindingMarkRow, FindingStepRow
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError

__all__ = ["Action", "FindingMarks", "FindingStep", "Mitigation", "Tell", "add_step"]

_MOST: Final = 100_000  # of one project
Action = Literal["mitigate", "reopen", "useful", "noise", "forget"]
Tell = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Mitigation:
    """Who did something about it, and when (ns since 1970)."""

    who: str
    note: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class FindingStep:
    """What somebody did; ns since 1970."""

    action: str
    who: str
    note: str
    at_ns: int


class FindingMarks:
    """Of all projects."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock

    def of(self, project: str) -> dict[str, Mitigation]:
        """What is mitigated in a project, by fingerprint."""
        with self._facts.session() as session:
            rows = session.scalars(select(FindingMarkRow).where(FindingMarkRow.project == project)).all()
            return {row.fingerprint: Mitigation(row.who, row.note, row.at_ns) for row in rows}

    def history(self, project: str, fingerprint: str) -> list[FindingStep]:
        """Every step, the first one first."""
        mine = (FindingStepRow.project == project, FindingStepRow.fingerprint == fingerprint)
        with self._facts.session() as session:
            rows = session.scalars(select(FindingStepRow).where(*mine).order_by(FindingStepRow.number)).all()
            return [FindingStep(row.action, row.who, row.note, row.at_ns) for row in rows]

    def mitigate(self, project: str, fingerprint: str, who: str, note: str, tell: Tell) -> Mitigation:
        """Say that something was done about it; said again, it holds for what was found since, too.

        Raises:
            InputError: there are too many.
            Refused: it cannot be told, or the database is away; nothing was changed.
        """
        made = Mitigation(who, note, self._clock.now_ns())
        with self._facts.session() as session:
            row = session.get(FindingMarkRow, (project, fingerprint), with_for_update=True)
            if row is None:
                count = session.scalar(select(func.count()).select_from(FindingMarkRow).where(FindingMarkRow.project == project)) or 0
                if count >= _MOST:
                    raise InputError(f"project {project} has {count} mitigated findings already, which is the most; reopen some first")
                row = FindingMarkRow(project=project, fingerprint=fingerprint, who="", note="", at_ns=0)
                session.add(row)
            row.who, row.note, row.at_ns = made.who, made.note, made.at_ns
            add_step(session, project, fingerprint, "mitigate", made)
            tell()
        return made

    def reopen(self, project: str, fingerprint: str, who: str, note: str, tell: Tell) -> None:
        """Take that back.

        Raises:
            Conflict: it is not mitigated.
            Refused: it cannot be told, or the database is away; nothing was changed.
        """
        with self._facts.session() as session:
            row = session.get(FindingMarkRow, (project, fingerprint), with_for_update=True)
            if row is None:
                raise Conflict(f"finding {fingerprint} is not mitigated; there is nothing to take back")
            session.delete(row)
            add_step(session, project, fingerprint, "reopen", Mitigation(who, note, self._clock.now_ns()))
            tell()


def add_step(session: Session, project: str, fingerprint: str, action: Action, what: Mitigation) -> None:
    """One more step of what people did about a finding."""
    mine = (FindingStepRow.project == project, FindingStepRow.fingerprint == fingerprint)
    number = (session.scalar(select(func.max(FindingStepRow.number)).where(*mine)) or 0) + 1
    session.add(FindingStepRow(project=project, fingerprint=fingerprint, number=number, action=action, who=what.who, note=what.note, at_ns=what.at_ns))
    session.flush()
