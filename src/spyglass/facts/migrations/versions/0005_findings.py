"""What people did about findings: which are mitigated, and each step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "finding_marks",
        *_finding(),
        *_words(),
    )
    op.create_table(
        "finding_steps",
        *_finding(),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("action", sa.String(16), nullable=False),
        *_words(),
    )


def _finding() -> list[sa.Column[str]]:
    return [sa.Column("project", sa.String(256), primary_key=True), sa.Column("fingerprint", sa.String(32), primary_key=True)]


def _words() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        sa.Column("who", sa.String(256), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
    ]
