"""What policies did about alerts, and executions that shall stop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "alert_actions",
        sa.Column("id", sa.String(32), primary_key=True),
        _text("project", 128),
        _text("policy", 100),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("kind", 32),
        _text("alert_id", 32),
        _text("subject", 4096),
        sa.Column("told", sa.JSON(), nullable=False),
        _text("state", 16),
        *(_moment(name) for name in ("created_ns", "claimed_ns", "done_ns")),
        _text("answer", 1000),
        _moment("undone_ns"),
        _text("undone_by", 256),
    )
    op.create_index("ix_alert_actions_state", "alert_actions", ["state", "created_ns"])
    op.create_index("ix_alert_actions_policy", "alert_actions", ["project", "policy", "created_ns"])
    op.create_table(
        "execution_stops",
        sa.Column("project", sa.String(128), primary_key=True),
        sa.Column("execution_hash", sa.String(32), primary_key=True),
        _text("execution_id", 4096),
        _text("who", 256),
        _text("note", 2000),
        *(_moment(name) for name in ("asked_ns", "heard_ns", "withdrawn_ns")),
    )
    op.create_index("ix_execution_stops_asked", "execution_stops", ["project", "asked_ns"])


def _text(name: str, size: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), nullable=False)


def _moment(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
