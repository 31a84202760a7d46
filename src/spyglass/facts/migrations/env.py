"""Alembic runs this; only `facts.database` runs Alembic."""

from __future__ import annotations

from alembic import context

from spyglass.facts import alerts_tables  # noqa: F401 - its tables belong to the metadata, too
from spyglass.facts.tables import Base

with context.config.attributes["engine"].begin() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    context.run_migrations()
