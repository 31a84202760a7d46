"""The tables of the mutable facts. Each change needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = ["Base", "SavedRow"]


class Base(DeclarativeBase):
    """All tables."""


class SavedRow(Base):
    """Something that somebody saved under a name: a view, a dashboard, a query."""

    __tablename__ = "saved"
    __table_args__ = (Index("ix_saved_project_kind_name", "project", "kind", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project: Mapped[str] = mapped_column(String(256))
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)
    created_ns: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)
