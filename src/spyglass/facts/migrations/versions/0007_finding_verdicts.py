"""What people made of findings: useful, or noise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "finding_verdicts",
        sa.Column("project", sa.String(256), primary_key=True),
        sa.Column("fingerprint", sa.String(32), primary_key=True),
        sa.Column("told_ns", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("analyzer", sa.String(128), nullable=False),
        sa.Column("rule", sa.String(128), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("who", sa.String(256), nullable=False),
        sa.Column("note", sa.String(2000), nullable=False),
        sa.Column("at_ns", sa.BigInteger(), nullable=False),
    )
