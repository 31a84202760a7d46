"""What people set up for alerts: rules, channels, routing, silences, actions.

Documents by name; each change is a version, and nobody overwrites another's work.

Channels hold secrets: they are sealed before they are written, and opened when they are read (`vault.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from spyglass.facts.alerts_tables import DocumentRow, DocumentVersionRow
from spyglass.facts.database import Facts
from spyglass.facts.vault import Vault
from spyglass.model.clock import Clock
from spyglass.model.errors import ConfigError, Conflict, InputError, NotFound

__all__ = ["Document", "DocumentKind", "DocumentVersion", "Documents", "Sealing"]

DocumentKind = Literal["rule", "channel", "routing", "silence", "action"]
_MOST: Final[dict[DocumentKind, int]] = {"rule": 500, "channel": 100, "routing": 1, "silence": 1_000, "action": 100}  # of one project
_SEALED: Final = ("channel",)


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
    problem: str = ""  # why it cannot be read; then there is nothing in the body but its kind


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """What it was at a version."""

    version: int
    body: dict[str, Any]
    author: str
    deleted: bool
    at_ns: int


@dataclass(frozen=True, slots=True)
class Sealing:
    """What sealing anew came to."""

    sealed: int  # versions of channels included
    lost: int  # channels that cannot be opened: their key is gone


class Documents:
    """All of them. `changes` counts what was changed by this process, so that whoever keeps them in memory knows when to look again."""

    def __init__(self, facts: Facts, clock: Clock, vault: Vault | None = None) -> None:
        """`vault`: seals channels; None: they are kept as they are."""
        self._facts, self._clock, self._vault = facts, clock, vault
        self.changes = 0

    def all(self, kind: DocumentKind, project: str | None = None) -> list[Document]:
        """Of a kind, by project and name; of all projects where none is named."""
        wanted = select(DocumentRow).where(DocumentRow.kind == kind).order_by(DocumentRow.project, DocumentRow.name)
        with self._facts.session() as session:
            return [self._document(row) for row in session.scalars(wanted if project is None else wanted.where(DocumentRow.project == project))]

    def find(self, project: str, kind: DocumentKind, name: str) -> Document | None:
        """One by its name."""
        with self._facts.session() as session:
            row = session.get(DocumentRow, (project, kind, name))
            return self._document(row) if row else None

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
            return [DocumentVersion(row.version, self._opened(row)[0], row.author, row.deleted, row.at_ns) for row in rows]

    def seal(self) -> Sealing:
        """Seal anew whatever is kept in plain, or under an older key: what was before of it is overwritten in SQLite's file.

        Raises:
            Refused: the database is away.
        """
        if self._vault is None:
            return Sealing(0, 0)
        sealed = lost = 0
        with self._facts.session() as session:
            _overwriting(session)
            rows: list[DocumentRow | DocumentVersionRow] = [*session.scalars(select(DocumentRow).where(DocumentRow.kind.in_(_SEALED)).with_for_update())]
            rows += session.scalars(select(DocumentVersionRow).where(DocumentVersionRow.kind.in_(_SEALED)).with_for_update())
            for row in rows:
                body, problem = self._opened(row)
                if not problem and self._vault.stale(row.body):
                    row.body = self._sealed(row.project, row.kind, row.name, body)
                    sealed += 1
                lost += isinstance(row, DocumentRow) and bool(problem)
        if sealed:
            self.changes += 1
            with self._facts.session() as session:
                _truncating(session)
        return Sealing(sealed, lost)

    def _put(self, session: Session, project: str, kind: DocumentKind, name: str, body: dict[str, Any], author: str, version: int | None) -> Document:
        now = self._clock.now_ns()
        row = session.get(DocumentRow, (project, kind, name), with_for_update=True)
        present = row.version if row else 0
        if version is not None and version != present:
            told = f"is at version {present}" if row else "is not there"
            raise Conflict(f"{kind} {name} {told}, you have seen version {version}: load it again, then change it", version=present)
        kept = self._sealed(project, kind, name, body)
        if row is not None and self._opened(row)[0] == body and not (self._vault and kind in _SEALED and self._vault.stale(row.body)):
            return self._document(row)
        if row is None:
            count = session.scalar(select(func.count()).select_from(DocumentRow).where(DocumentRow.project == project, DocumentRow.kind == kind)) or 0
            if count >= _MOST[kind]:
                raise InputError(f"project {project} has {count} documents of the kind {kind} already, which is the most; delete some first")
            of = (DocumentVersionRow.project == project, DocumentVersionRow.kind == kind, DocumentVersionRow.name == name)
            last = session.scalar(select(func.max(DocumentVersionRow.version)).where(*of)) or 0  # of one that was deleted
            row = DocumentRow(project=project, kind=kind, name=name, body=kept, version=last + 1, author=author, created_ns=now, updated_ns=now)
            session.add(row)
        else:
            row.body, row.version, row.author, row.updated_ns = kept, row.version + 1, author, now
        session.add(_version(row, row.version, kept, author, now, deleted=False))
        session.flush()
        return self._document(row)

    def _sealed(self, project: str, kind: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        if self._vault is None or kind not in _SEALED:
            return body
        return {"kind": body.get("kind", ""), **self._vault.seal(_where(project, kind, name), body)}

    def _opened(self, row: DocumentRow | DocumentVersionRow) -> tuple[dict[str, Any], str]:
        """A body, and why it cannot be opened; then there is nothing but the kind in it."""
        if self._vault is None or row.kind not in _SEALED:
            return row.body, ""
        try:
            return self._vault.opened(_where(row.project, row.kind, row.name), row.body), ""
        except ConfigError as error:
            return {"kind": row.body.get("kind", ""), "settings": {}}, error.message

    def _document(self, row: DocumentRow) -> Document:
        body, problem = self._opened(row)
        return Document(row.project, row.kind, row.name, body, row.version, row.author, row.created_ns, row.updated_ns, problem)


def _where(project: str, kind: str, name: str) -> str:
    return f"{project}/{kind}/{name}"


def _version(row: DocumentRow, version: int, body: dict[str, Any], author: str, now_ns: int, *, deleted: bool) -> DocumentVersionRow:
    return DocumentVersionRow(project=row.project, kind=row.kind, name=row.name, version=version, body=body, author=author, deleted=deleted, at_ns=now_ns)


def _overwriting(session: Session) -> None:
    """What is replaced is overwritten in SQLite's file, and not only marked as free."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")


def _truncating(session: Session) -> None:
    """Nothing of before stays in SQLite's log."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
