"""What is said of agents' health, and declared workflows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "health_marks",
        sa.Column("project", sa.String(256), primary_key=True),
        sa.Column("agent", sa.String(512), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("from_ns", sa.BigInteger(), nullable=False),
        sa.Column("until_ns", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.Column("updated_ns", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "workflows",
        sa.Column("project", sa.String(256), primary_key=True),
        sa.Column("name", sa.String(512), primary_key=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_ns", sa.BigInteger(), nullable=False),
        sa.Column("updated_ns", sa.BigInteger(), nullable=False),
    )
