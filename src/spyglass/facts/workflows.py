"""Workflows as people declare them: names in, steps and edges out.

Whoever changes one may say which version they saw, so that nobody overwrites another's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from spyglass.facts.database import Facts
from spyglass.facts.tables import WorkflowRow
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError, NotFound

__all__ = ["DeclaredWorkflow", "DeclaredWorkflows"]

_MOST: Final = 2_000  # of one project


@dataclass(frozen=True, slots=True)
class DeclaredWorkflow:
    """One of them; times in ns since 1970."""

    name: str
    body: dict[str, Any]
    version: int
    created_ns: int
    updated_ns: int


class DeclaredWorkflows:
    """All of them."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock

    def all(self, project: str) -> list[DeclaredWorkflow]:
        """By name."""
        with self._facts.session() as session:
            rows = session.scalars(select(WorkflowRow).where(WorkflowRow.project == project).order_by(WorkflowRow.name)).all()
            return [_declared(row) for row in rows]

    def one(self, project: str, name: str) -> DeclaredWorkflow | None:
        """By its name; None: nobody declared it."""
        with self._facts.session() as session:
            row = session.get(WorkflowRow, (project, name))
            return _declared(row) if row else None

    def declare(self, project: str, name: str, body: dict[str, Any], version: int | None) -> DeclaredWorkflow:
        """Make it, or replace it; saying the same again changes nothing.

        Args:
            project: whose.
            name: of the workflow.
            body: steps and edges, as JSON.
            version: that was seen; None: whatever it is.

        Raises:
            InputError: there are too many.
            Conflict: it is at another version.
        """
        now = self._clock.now_ns()
        with self._facts.session() as session:
            row = session.get(WorkflowRow, (project, name), with_for_update=True)
            if row is None:
                if version is not None:
                    raise Conflict(f"workflow {name} is not declared, you have seen version {version}: somebody removed it; declare it without a version")
                self._check(project, session.scalar(select(func.count()).select_from(WorkflowRow).where(WorkflowRow.project == project)) or 0)
                row = WorkflowRow(project=project, name=name, body=body, version=1, created_ns=now, updated_ns=now)
                session.add(row)
                return _declared(row)
            if version is not None and row.version != version:
                raise Conflict(f"workflow {name} is at version {row.version}, you have seen {version}: load it again, then change it", version=row.version)
            if row.body != body:
                row.body, row.version, row.updated_ns = body, row.version + 1, now
            return _declared(row)

    def remove(self, project: str, name: str) -> None:
        """Take the declaration back; what was observed stays.

        Raises:
            NotFound: there is none.
        """
        with self._facts.session() as session:
            row = session.get(WorkflowRow, (project, name))
            if row is None:
                raise NotFound(f"nobody declared a workflow {name} in project {project}")
            session.delete(row)

    @staticmethod
    def _check(project: str, count: int) -> None:
        if count >= _MOST:
            raise InputError(f"project {project} has {count} declared workflows already, which is the most; delete some first")


def _declared(row: WorkflowRow) -> DeclaredWorkflow:
    return DeclaredWorkflow(row.name, row.body, row.version, row.created_ns, row.updated_ns)
