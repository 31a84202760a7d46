"""How far each thing that looks at what is new has come, kept over restarts."""

from __future__ import annotations

from sqlalchemy import select

from spyglass.facts.database import Facts
from spyglass.facts.tables import CursorRow

__all__ = ["Cursors"]


class Cursors:
    """All of them, by name."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def get(self, name: str) -> int:
        """Where it stands (ns); 0: it never moved."""
        with self._facts.session() as session:
            return session.scalar(select(CursorRow.at_ns).where(CursorRow.name == name)) or 0

    def move(self, name: str, at_ns: int) -> None:
        """Let it stand there from now on."""
        with self._facts.session() as session:
            session.merge(CursorRow(name=name, at_ns=at_ns))
