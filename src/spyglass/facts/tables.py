"""The tables of the mutable facts. Each change needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

__all__ = [
    "AgentRow",
    "Base",
    "ConfigurationRow",
    "CursorRow",
    "DeploymentRow",
    "DeploymentStepRow",
    "DriftRow",
    "FindingMarkRow",
    "FindingStepRow",
    "FindingVerdictRow",
    "HealthMarkRow",
    "PlaceRow",
    "SavedRow",
    "VersionRow",
    "WorkflowRow",
]


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


class AgentRow(Base):
    """An agent that registered itself, or that somebody registered."""

    __tablename__ = "agents"
    __table_args__ = (Index("ix_agents_project_agent_id", "project", "agent_id"),)

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    name: Mapped[str] = mapped_column(String(256), primary_key=True)
    agent_id: Mapped[str] = mapped_column(String(256))
    type: Mapped[str] = mapped_column(String(256))
    owner: Mapped[str] = mapped_column(String(256))
    environment: Mapped[str] = mapped_column(String(256))
    version: Mapped[str] = mapped_column(String(256))
    model: Mapped[str] = mapped_column(String(256))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)  # description, capabilities, tools, tags, metadata
    told_ns: Mapped[int] = mapped_column(BigInteger)  # when that was said; what is older says nothing
    registered_ns: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)


class VersionRow(Base):
    """A version of an agent: what it calls itself, and what it was seen to be. Numbers count from 1 in the order in which they were found."""

    __tablename__ = "agent_versions"
    __table_args__ = (UniqueConstraint("project", "agent", "declared", "fingerprint", name="uq_agent_versions"),)

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    agent: Mapped[str] = mapped_column(String(256), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    declared: Mapped[str] = mapped_column(String(256))  # empty: it names none
    fingerprint: Mapped[str] = mapped_column(String(32))  # empty: nothing of it was seen yet
    parts: Mapped[dict[str, Any]] = mapped_column(JSON)  # prompt, tools, model, settings
    first_ns: Mapped[int] = mapped_column(BigInteger)
    last_ns: Mapped[int] = mapped_column(BigInteger)
    trace_id: Mapped[str] = mapped_column(String(32))  # where it was seen first
    span_id: Mapped[str] = mapped_column(String(16))


class PlaceRow(Base):
    """Where a version was seen."""

    __tablename__ = "agent_places"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    agent: Mapped[str] = mapped_column(String(256), primary_key=True)
    environment: Mapped[str] = mapped_column(String(256), primary_key=True)
    service: Mapped[str] = mapped_column(String(256), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    first_ns: Mapped[int] = mapped_column(BigInteger)
    last_ns: Mapped[int] = mapped_column(BigInteger)


class ConfigurationRow(Base):
    """A configuration of an agent. One that was deleted keeps its number, without its body."""

    __tablename__ = "agent_configurations"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    agent: Mapped[str] = mapped_column(String(256), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    hash: Mapped[str] = mapped_column(String(32))
    comment: Mapped[str] = mapped_column(String(2000))
    author: Mapped[str] = mapped_column(String(256))
    created_ns: Mapped[int] = mapped_column(BigInteger)
    deleted_ns: Mapped[int] = mapped_column(BigInteger)  # 0: it is there


class DeploymentRow(Base):
    """Which configuration is deployed in an environment now."""

    __tablename__ = "agent_deployments"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    agent: Mapped[str] = mapped_column(String(256), primary_key=True)
    environment: Mapped[str] = mapped_column(String(256), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer)  # counts every step
    pinned: Mapped[bool] = mapped_column(Boolean)
    deployed_ns: Mapped[int] = mapped_column(BigInteger)


class DeploymentStepRow(Base):
    """One step of what happened to an environment. Never changed."""

    __tablename__ = "agent_deployment_steps"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    agent: Mapped[str] = mapped_column(String(256), primary_key=True)
    environment: Mapped[str] = mapped_column(String(256), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(16))  # deploy, rollback, pin, unpin
    number: Mapped[int] = mapped_column(Integer)  # what is deployed after it
    before: Mapped[int] = mapped_column(Integer)  # what was; 0: nothing
    who: Mapped[str] = mapped_column(String(256))
    why: Mapped[str] = mapped_column(String(2000))
    at_ns: Mapped[int] = mapped_column(BigInteger)


class DriftRow(Base):
    """Where an agent runs otherwise than it is deployed."""

    __tablename__ = "agent_drifts"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    agent: Mapped[str] = mapped_column(String(256), primary_key=True)
    environment: Mapped[str] = mapped_column(String(256), primary_key=True)
    service: Mapped[str] = mapped_column(String(256), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)  # what is deployed
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    since_ns: Mapped[int] = mapped_column(BigInteger)
    trace_id: Mapped[str] = mapped_column(String(32))


class CursorRow(Base):
    """How far something that looks at what is new has come."""

    __tablename__ = "cursors"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class HealthMarkRow(Base):
    """What somebody said of an agent's health: from when on its baseline counts, or that its state is known. Without an agent: of all."""

    __tablename__ = "health_marks"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    agent: Mapped[str] = mapped_column(String(512), primary_key=True)  # empty: all agents of the project
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)  # baseline, known
    from_ns: Mapped[int] = mapped_column(BigInteger)
    until_ns: Mapped[int] = mapped_column(BigInteger)  # 0: no end
    note: Mapped[str] = mapped_column(String(2000))
    updated_ns: Mapped[int] = mapped_column(BigInteger)


class WorkflowRow(Base):
    """A workflow as somebody declared it: steps and edges."""

    __tablename__ = "workflows"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    name: Mapped[str] = mapped_column(String(512), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)
    created_ns: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)


class FindingMarkRow(Base):
    """What is found under a fingerprint is mitigated: somebody did something about it. What is found later counts again."""

    __tablename__ = "finding_marks"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(32), primary_key=True)
    who: Mapped[str] = mapped_column(String(256))
    note: Mapped[str] = mapped_column(String(2000))
    at_ns: Mapped[int] = mapped_column(BigInteger)


class FindingVerdictRow(Base):
    """What somebody made of a finding as it was told at a time: useful, or noise."""

    __tablename__ = "finding_verdicts"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(32), primary_key=True)
    told_ns: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    verdict: Mapped[str] = mapped_column(String(16))  # useful, noise
    analyzer: Mapped[str] = mapped_column(String(128))
    rule: Mapped[str] = mapped_column(String(128))
    agent: Mapped[str] = mapped_column(Text)  # empty: about none
    who: Mapped[str] = mapped_column(String(256))
    note: Mapped[str] = mapped_column(String(2000))
    at_ns: Mapped[int] = mapped_column(BigInteger)


class FindingStepRow(Base):
    """One step of what people did about a finding. Never changed."""

    __tablename__ = "finding_steps"

    project: Mapped[str] = mapped_column(String(256), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(16))  # mitigate, reopen, useful, noise, forget
    who: Mapped[str] = mapped_column(String(256))
    note: Mapped[str] = mapped_column(String(2000))
    at_ns: Mapped[int] = mapped_column(BigInteger)
