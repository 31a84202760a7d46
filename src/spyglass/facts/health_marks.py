"""What people say of agents' health: from when on a baseline counts (`baseline`), and that a state is known until some time (`known`).

A mark without an agent is of all agents of the project. What is told about a change (an audit) is told before it is kept: a change of which nobody can be told
is not made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from sqlalchemy import delete, func, select

from spyglass.facts.database import Facts
from spyglass.facts.tables import HealthMarkRow
from spyglass.model.clock import Clock
from spyglass.model.errors import InputError

__all__ = ["ALL", "HealthMarks", "Mark", "MarkKind", "Marks"]

ALL: Final = ""
MarkKind = Literal["baseline", "known"]
_MOST: Final = 20_000  # of one project

Tell = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Mark:
    """One of them; times in ns since 1970."""

    agent: str
    from_ns: int
    until_ns: int  # 0: no end
    note: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Those of a project, by agent; `ALL`: of all agents."""

    baseline: dict[str, Mark] = field(default_factory=dict)
    known: dict[str, Mark] = field(default_factory=dict)

    def since_ns(self, agent: str) -> int:
        """From when on the agent's baseline counts; 0: as far back as it goes."""
        return max((mark.from_ns for name in (agent, ALL) if (mark := self.baseline.get(name))), default=0)

    def known_of(self, agent: str, now_ns: int) -> Mark | None:
        """That its state is known, while that holds; what is said of the agent itself before what is said of all."""
        marks = (self.known.get(name) for name in (agent, ALL))
        return next((mark for mark in marks if mark and (mark.until_ns == 0 or now_ns < mark.until_ns)), None)


class HealthMarks:
    """The marks of all projects."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock

    def of(self, project: str) -> Marks:
        """All of a project."""
        with self._facts.session() as session:
            rows = session.scalars(select(HealthMarkRow).where(HealthMarkRow.project == project)).all()
            found = {(row.kind, row.agent): Mark(row.agent, row.from_ns, row.until_ns, row.note) for row in rows}
        kinds = {kind: {agent: mark for (of, agent), mark in found.items() if of == kind} for kind in ("baseline", "known")}
        return Marks(**kinds)

    def put(self, project: str, kind: MarkKind, mark: Mark, tell: Tell) -> None:
        """Say it, instead of what was said before.

        Raises:
            InputError: there are too many.
            Refused: it cannot be told, or the database is away; nothing was changed.
        """
        with self._facts.session() as session:
            row = session.get(HealthMarkRow, (project, mark.agent, kind), with_for_update=True)
            if row is None:
                count = session.scalar(select(func.count()).select_from(HealthMarkRow).where(HealthMarkRow.project == project)) or 0
                if count >= _MOST:
                    raise InputError(f"project {project} has {count} marks on agents' health already, which is the most; clear some first")
                row = HealthMarkRow(project=project, agent=mark.agent, kind=kind, from_ns=0, until_ns=0, note="", updated_ns=0)
                session.add(row)
            row.from_ns, row.until_ns, row.note, row.updated_ns = mark.from_ns, mark.until_ns, mark.note, self._clock.now_ns()
            session.flush()
            tell()

    def clear(self, project: str, kind: MarkKind, agent: str, tell: Tell) -> int:
        """Take back what was said of an agent; of `ALL`: what was said of any. Gives how many marks that were.

        Raises:
            Refused: it cannot be told, or the database is away; nothing was changed.
        """
        meant = [HealthMarkRow.project == project, HealthMarkRow.kind == kind, *([] if agent == ALL else [HealthMarkRow.agent == agent])]
        with self._facts.session() as session:
            count = session.scalar(select(func.count()).select_from(HealthMarkRow).where(*meant)) or 0
            session.execute(delete(HealthMarkRow).where(*meant))
            tell()
        return count
