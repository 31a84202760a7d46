"""What people set up for alerts: rules, channels, routing, silences. Documents by name; each change is a version, and nobody overwrites another's work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from spyglass.facts.alerts_tables import DocumentRow, DocumentVersionRow
from spyglass.facts.database import Facts
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError, NotFound

__all__ = ["Document", "DocumentKind", "DocumentVersion", "Documents"]

DocumentKind = Literal["rule", "channel", "routing", "silence"]
_MOST: Final[dict[DocumentKind, int]] = {"rule": 500, "channel": 100, "routing": 1, "silence": 1_000}  # of one project


@dataclass(frozen=True, slots=True)
class Document:
    """One of them; times in ns since 1970."""

    project: str
    kind: str
    name: str
    body: dict[str, Any]
    version: int
    author: str
    created_ns: int
    updated_ns: int


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """What it was at a version."""

    version: int
    body: dict[str, Any]
    author: str
    deleted: bool
    at_ns: int


class Documents:
    """All of them. `changes` counts what was changed by this process, so that whoever keeps them in memory knows when to look again."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock
        self.changes = 0

    def all(self, kind: DocumentKind, project: str | None = None) -> list[Document]:
        """Of a kind, by project and name; of all projects where none is named."""
        wanted = select(DocumentRow).where(DocumentRow.kind == kind).order_by(DocumentRow.project, DocumentRow.name)
        with self._facts.session() as session:
            return [_document(row) for row in session.scalars(wanted if project is None else wanted.where(DocumentRow.project == project))]

    def find(self, project: str, kind: DocumentKind, name: str) -> Document | None:
        """One by its name."""
        with self._facts.session() as session:
            row = session.get(DocumentRow, (project, kind, name))
            return _document(row) if row else None

    def one(self, project: str, kind: DocumentKind, name: str) -> Document:
        """One by its name.

        Raises:
            NotFound: there is none.
        """
        found = self.find(project, kind, name)
        if found is None:
            raise NotFound(f"project {project} has no {kind} {name!r} for alerts")
        return found

    def put(self, project: str, kind: DocumentKind, name: str, body: dict[str, Any], *, author: str = "", version: int | None = None) -> Document:
        """Make it, or replace it; saying the same again changes nothing.

        Args:
            project: whose.
            kind: of the document.
            name: of the document.
            body: JSON.
            author: who says so.
            version: that was seen, 0 where there must be none yet; None: whatever it is.

        Raises:
            InputError: there are too many.
            Conflict: it is at another version.
        """
        try:
            with self._facts.session() as session:
                kept = self._put(session, project, kind, name, body, author, version)
        except IntegrityError as error:
            raise Conflict(f"somebody else is making the {kind} {name} at this moment; load it, then change it") from error
        self.changes += 1
        return kept

    def remove(self, project: str, kind: DocumentKind, name: str, author: str = "") -> None:
        """Delete it; its versions stay.

        Raises:
            NotFound: there is none.
        """
        with self._facts.session() as session:
            row = session.get(DocumentRow, (project, kind, name), with_for_update=True)
            if row is None:
                raise NotFound(f"project {project} has no {kind} {name!r} for alerts")
            session.add(_version(row, row.version + 1, {}, author, self._clock.now_ns(), deleted=True))
            session.delete(row)
        self.changes += 1

    def versions(self, project: str, kind: DocumentKind, name: str, limit: int = 100) -> list[DocumentVersion]:
        """Latest first."""
        of = (DocumentVersionRow.project == project, DocumentVersionRow.kind == kind, DocumentVersionRow.name == name)
        with self._facts.session() as session:
            rows = session.scalars(select(DocumentVersionRow).where(*of).order_by(DocumentVersionRow.version.desc()).limit(limit))
            return [DocumentVersion(row.version, row.body, row.author, row.deleted, row.at_ns) for row in rows]

    def _put(self, session: Session, project: str, kind: DocumentKind, name: str, body: dict[str, Any], author: str, version: int | None) -> Document:
        now = self._clock.now_ns()
        row = session.get(DocumentRow, (project, kind, name), with_for_update=True)
        present = row.version if row else 0
        if version is not None and version != present:
            told = f"is at version {present}" if row else "is not there"
            raise Conflict(f"{kind} {name} {told}, you have seen version {version}: load it again, then change it", version=present)
        if row is not None and row.body == body:
            return _document(row)
        if row is None:
            count = session.scalar(select(func.count()).select_from(DocumentRow).where(DocumentRow.project == project, DocumentRow.kind == kind)) or 0
            if count >= _MOST[kind]:
                raise InputError(f"project {project} has {count} documents of the kind {kind} already, which is the most; delete some first")
            of = (DocumentVersionRow.project == project, DocumentVersionRow.kind == kind, DocumentVersionRow.name == name)
            last = session.scalar(select(func.max(DocumentVersionRow.version)).where(*of)) or 0  # of one that was deleted
            row = DocumentRow(project=project, kind=kind, name=name, body=body, version=last + 1, author=author, created_ns=now, updated_ns=now)
            session.add(row)
        else:
            row.body, row.version, row.author, row.updated_ns = body, row.version + 1, author, now
        session.add(_version(row, row.version, body, author, now, deleted=False))
        session.flush()
        return _document(row)


def _version(row: DocumentRow, version: int, body: dict[str, Any], author: str, now_ns: int, *, deleted: bool) -> DocumentVersionRow:
    return DocumentVersionRow(project=row.project, kind=row.kind, name=row.name, version=version, body=body, author=author, deleted=deleted, at_ns=now_ns)


def _document(row: DocumentRow) -> Document:
    return Document(row.project, row.kind, row.name, row.body, row.version, row.author, row.created_ns, row.updated_ns)
