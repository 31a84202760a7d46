"""The registry of agents: declared, their versions and where these run, configurations and deployments, drift."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward only."""
    op.create_table(
        "agents",
        _key("project"),
        _key("name"),
        *(sa.Column(name, sa.String(256), nullable=False) for name in ("agent_id", "type", "owner", "environment", "version", "model")),
        sa.Column("body", sa.JSON(), nullable=False),
        *(_moment(name) for name in ("told_ns", "registered_ns", "updated_ns")),
    )
    op.create_index("ix_agents_project_agent_id", "agents", ["project", "agent_id"])
    op.create_table(
        "agent_versions",
        *_of_agent(),
        _number_key("number"),
        sa.Column("declared", sa.String(256), nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        _moment("first_ns"),
        _moment("last_ns"),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.Column("span_id", sa.String(16), nullable=False),
        sa.UniqueConstraint("project", "agent", "declared", "fingerprint", name="uq_agent_versions"),
    )
    op.create_table("agent_places", *_of_agent(), _key("environment"), _key("service"), _number_key("number"), _moment("first_ns"), _moment("last_ns"))
    op.create_table(
        "agent_configurations",
        *_of_agent(),
        _number_key("number"),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("comment", sa.String(2000), nullable=False),
        sa.Column("author", sa.String(256), nullable=False),
        _moment("created_ns"),
        _moment("deleted_ns"),
    )
    op.create_table(
        "agent_deployments",
        *_of_agent(),
        _key("environment"),
        _number("number"),
        _number("revision"),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        _moment("deployed_ns"),
    )
    op.create_table(
        "agent_deployment_steps",
        *_of_agent(),
        _key("environment"),
        _number_key("revision"),
        sa.Column("action", sa.String(16), nullable=False),
        _number("number"),
        _number("before"),
        sa.Column("who", sa.String(256), nullable=False),
        sa.Column("why", sa.String(2000), nullable=False),
        _moment("at_ns"),
    )
    op.create_table(
        "agent_drifts",
        *_of_agent(),
        _key("environment"),
        _key("service"),
        _number("number"),
        sa.Column("differences", sa.JSON(), nullable=False),
        _moment("since_ns"),
        sa.Column("trace_id", sa.String(32), nullable=False),
    )
    op.create_table("cursors", sa.Column("name", sa.String(64), primary_key=True), _moment("at_ns"))


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(256), primary_key=True)


def _of_agent() -> tuple[sa.Column[str], sa.Column[str]]:
    return _key("project"), _key("agent")


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _number_key(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), primary_key=True, autoincrement=False)


def _moment(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
