"""What people save under a name: views, dashboards, queries. Whoever changes one says which version they saw, so that nobody overwrites another's work."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from spyglass.facts.database import Facts
from spyglass.facts.tables import SavedRow
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError, NotFound

__all__ = ["Saved", "SavedThings"]

_MOST: Final = 2_000  # of one kind in one project


@dataclass(frozen=True, slots=True)
class Saved:
    """One of them; times in ns since 1970."""

    id: str
    project: str
    kind: str
    name: str
    body: dict[str, Any]
    version: int
    created_ns: int
    updated_ns: int


class SavedThings:
    """All of them."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock

    def all(self, project: str, kind: str) -> list[Saved]:
        """Of a kind, by name."""
        with self._facts.session() as session:
            wanted = select(SavedRow).where(SavedRow.project == project, SavedRow.kind == kind).order_by(func.lower(SavedRow.name), SavedRow.id)
            return [_saved(row) for row in session.scalars(wanted)]

    def one(self, project: str, kind: str, id: str) -> Saved:  # noqa: A002
        """One by its id.

        Raises:
            NotFound: there is none.
        """
        with self._facts.session() as session:
            return _saved(_found(session.get(SavedRow, id), project, kind, id))

    def add(self, project: str, kind: str, name: str, body: dict[str, Any]) -> Saved:
        """Save a new one.

        Raises:
            InputError: there are too many.
        """
        now = self._clock.now_ns()
        with self._facts.session() as session:
            count = session.scalar(select(func.count()).where(SavedRow.project == project, SavedRow.kind == kind)) or 0
            if count >= _MOST:
                raise InputError(f"project {project} has {count} saved {kind}s already, which is the most; delete some first")
            row = SavedRow(id=secrets.token_hex(8), project=project, kind=kind, name=name, body=body, version=1, created_ns=now, updated_ns=now)
            session.add(row)
            return _saved(row)

    def change(self, project: str, kind: str, id: str, version: int, name: str, body: dict[str, Any]) -> Saved:  # noqa: A002
        """Replace what was seen as `version`.

        Raises:
            NotFound: there is none.
            Conflict: somebody has changed it since.
        """
        with self._facts.session() as session:
            row = _found(session.get(SavedRow, id, with_for_update=True), project, kind, id)
            if row.version != version:
                raise Conflict(f"this {kind} is at version {row.version}, you have seen {version}: load it again, then change it", version=row.version)
            row.name, row.body, row.version, row.updated_ns = name, body, version + 1, self._clock.now_ns()
            return _saved(row)

    def remove(self, project: str, kind: str, id: str) -> None:  # noqa: A002
        """Delete one.

        Raises:
            NotFound: there is none.
        """
        with self._facts.session() as session:
            session.delete(_found(session.get(SavedRow, id), project, kind, id))


def _found(row: SavedRow | None, project: str, kind: str, id: str) -> SavedRow:  # noqa: A002
    if row is None or (row.project, row.kind) != (project, kind):
        raise NotFound(f"project {project} has no {kind} {id}")
    return row


def _saved(row: SavedRow) -> Saved:
    return Saved(row.id, row.project, row.kind, row.name, row.body, row.version, row.created_ns, row.updated_ns)
