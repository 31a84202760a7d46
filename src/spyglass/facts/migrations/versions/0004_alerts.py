"""Alerts: what people set up, the alerts and their history, groups, and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "alert_documents",
        *_document(),
        sa.Column("body", sa.JSON(), nullable=False),
        _number("version"),
        _text("author", 256),
        _moment("created_ns"),
        _moment("updated_ns"),
    )
    op.create_table(
        "alert_document_versions",
        *_document(),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("body", sa.JSON(), nullable=False),
        _text("author", 256),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        _moment("at_ns"),
    )
    op.create_table(
        "alert_rule_marks",
        _key("project", 128),
        _key("rule", 100),
        _moment("evaluated_ns"),
        sa.Column("took_ms", sa.Float(), nullable=False),
        _number("groups"),
        _number("withheld"),
        _text("problem", 1000),
    )
    _alerts()
    _groups()
    _deliveries()


def _alerts() -> None:
    op.create_table(
        "alerts",
        _key("id", 32),
        _text("project", 128),
        _text("rule", 100),
        _text("fingerprint", 16),
        _text("state", 16),
        _text("severity", 16),
        _text("title", 300),
        _text("summary", 2000),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("annotations", sa.JSON(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        *(_moment(name) for name in ("started_ns", "fired_ns", "true_ns", "resolved_ns", "updated_ns")),
        *(_number(name) for name in ("flaps", "count", "steps")),
        _text("owner", 256),
        _moment("owned_ns"),
        _text("note", 2000),
        _moment("snoozed_ns"),
        _text("snoozed_version", 256),
    )
    op.create_index("ix_alerts_fingerprint", "alerts", ["project", "rule", "fingerprint"])
    op.create_index("ix_alerts_state", "alerts", ["project", "state", "updated_ns"])
    op.create_table(
        "alert_steps",
        _key("alert_id", 32),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        _moment("at_ns"),
        _text("step", 32),
        _text("who", 256),
        _text("note", 2000),
    )


def _groups() -> None:
    op.create_table(
        "alert_groups",
        _key("key", 32),
        _text("project", 128),
        _text("route", 100),
        sa.Column("labels", sa.JSON(), nullable=False),
        _moment("due_ns"),
        _number("sequence"),
        _moment("told_ns"),
        _moment("firing_ns"),
        _number("level"),
    )
    op.create_index("ix_alert_groups_due", "alert_groups", ["due_ns"])
    op.create_table("alert_members", _key("group_key", 32), _key("alert_id", 32), _text("told", 32), _text("held", 300))
    op.create_index("ix_alert_members_alert", "alert_members", ["alert_id"])


def _deliveries() -> None:
    op.create_table(
        "alert_deliveries",
        _key("id", 32),
        _text("project", 128),
        _text("channel", 100),
        _text("group_key", 32),
        _number("sequence"),
        sa.Column("notice", sa.JSON(), nullable=False),
        _text("state", 16),
        _number("attempts"),
        *(_moment(name) for name in ("due_ns", "created_ns", "done_ns")),
        _text("answer", 1000),
    )
    op.create_index("ix_alert_deliveries_state", "alert_deliveries", ["state", "due_ns"])
    op.create_index("ix_alert_deliveries_project", "alert_deliveries", ["project", "created_ns"])
    op.create_index("ix_alert_deliveries_group", "alert_deliveries", ["group_key", "channel"])


def _document() -> tuple[sa.Column[str], sa.Column[str], sa.Column[str]]:
    return _key("project", 128), _key("kind", 16), _key("name", 100)


def _key(name: str, size: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), primary_key=True)


def _text(name: str, size: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _moment(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
