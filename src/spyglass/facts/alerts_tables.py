"""The tables of alerts. Each change needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from spyglass.facts.tables import Base

__all__ = ["ActionRow", "AlertRow", "DeliveryRow", "DocumentRow", "DocumentVersionRow", "GroupRow", "MemberRow", "RuleMarkRow", "StepRow", "StopRow"]


class DocumentRow(Base):
    """What people set up: a rule, a channel, the routing, a silence. By name, with a version."""

    __tablename__ = "alert_documents"

    project: Mapped[str] = mapped_column(String(128), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer)
    author: Mapped[str] = mapped_column(String(256))
    created_ns: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)


class DocumentVersionRow(Base):
    """Each version that there was. Never changed; the body is empty where it was deleted."""

    __tablename__ = "alert_document_versions"

    project: Mapped[str] = mapped_column(String(128), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(256))
    deleted: Mapped[bool] = mapped_column(Boolean)
    at_ns: Mapped[int] = mapped_column(BigInteger)


class RuleMarkRow(Base):
    """How far a rule has been evaluated, and how that went."""

    __tablename__ = "alert_rule_marks"

    project: Mapped[str] = mapped_column(String(128), primary_key=True)
    rule: Mapped[str] = mapped_column(String(100), primary_key=True)
    evaluated_ns: Mapped[int] = mapped_column(BigInteger)
    took_ms: Mapped[float] = mapped_column(Float)
    groups: Mapped[int] = mapped_column(Integer)  # that the last evaluation saw
    withheld: Mapped[int] = mapped_column(Integer)  # that it had to leave out
    problem: Mapped[str] = mapped_column(String(1000))


class AlertRow(Base):
    """One alert from its beginning to its end. Times in ns since 1970, 0: not yet."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_fingerprint", "project", "rule", "fingerprint"), Index("ix_alerts_state", "project", "state", "updated_ns"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project: Mapped[str] = mapped_column(String(128))
    rule: Mapped[str] = mapped_column(String(100))
    fingerprint: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))  # pending, firing, resolved
    severity: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(String(2000))
    labels: Mapped[dict[str, Any]] = mapped_column(JSON)
    annotations: Mapped[dict[str, Any]] = mapped_column(JSON)
    value: Mapped[float | None] = mapped_column(Float)
    started_ns: Mapped[int] = mapped_column(BigInteger)  # since when it is true
    fired_ns: Mapped[int] = mapped_column(BigInteger)
    true_ns: Mapped[int] = mapped_column(BigInteger)  # when it was true last
    resolved_ns: Mapped[int] = mapped_column(BigInteger)
    updated_ns: Mapped[int] = mapped_column(BigInteger)
    flaps: Mapped[int] = mapped_column(Integer)  # how often it came back soon
    count: Mapped[int] = mapped_column(Integer)  # how often it was found true
    steps: Mapped[int] = mapped_column(Integer)  # of its history
    owner: Mapped[str] = mapped_column(String(256))  # who acknowledged it; empty: nobody
    owned_ns: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(2000))
    snoozed_ns: Mapped[int] = mapped_column(BigInteger)  # until when nothing is told
    snoozed_version: Mapped[str] = mapped_column(String(256))  # nothing is told as long as the agent is at this version; empty: as it is


class StepRow(Base):
    """One step of an alert's life. Never changed."""

    __tablename__ = "alert_steps"

    alert_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at_ns: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[str] = mapped_column(String(32))
    who: Mapped[str] = mapped_column(String(256))
    note: Mapped[str] = mapped_column(String(2000))


class GroupRow(Base):
    """Alerts that are told together."""

    __tablename__ = "alert_groups"
    __table_args__ = (Index("ix_alert_groups_due", "due_ns"),)

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    project: Mapped[str] = mapped_column(String(128))
    route: Mapped[str] = mapped_column(String(100))  # its place in the tree, as 0.2
    labels: Mapped[dict[str, Any]] = mapped_column(JSON)
    due_ns: Mapped[int] = mapped_column(BigInteger)  # when it is looked at next
    sequence: Mapped[int] = mapped_column(Integer)  # notices so far
    told_ns: Mapped[int] = mapped_column(BigInteger)  # the last of them
    firing_ns: Mapped[int] = mapped_column(BigInteger)  # since when people have been told that something fires; 0: nothing does
    level: Mapped[int] = mapped_column(Integer)  # of escalation


class MemberRow(Base):
    """An alert in a group, and what people were told of it last."""

    __tablename__ = "alert_members"
    __table_args__ = (Index("ix_alert_members_alert", "alert_id"),)

    group_key: Mapped[str] = mapped_column(String(32), primary_key=True)
    alert_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    told: Mapped[str] = mapped_column(String(32))  # empty, the severity with which it fires, or resolved
    held: Mapped[str] = mapped_column(String(300))  # why nothing is told


class DeliveryRow(Base):
    """A notice on its way to a channel: the outbox, and the log of deliveries. The id is the delivery key."""

    __tablename__ = "alert_deliveries"
    __table_args__ = (
        Index("ix_alert_deliveries_state", "state", "due_ns"),
        Index("ix_alert_deliveries_project", "project", "created_ns"),
        Index("ix_alert_deliveries_group", "group_key", "channel"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project: Mapped[str] = mapped_column(String(128))
    channel: Mapped[str] = mapped_column(String(100))
    group_key: Mapped[str] = mapped_column(String(32))
    sequence: Mapped[int] = mapped_column(Integer)
    notice: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))  # waiting, sending, sent, failed
    attempts: Mapped[int] = mapped_column(Integer)
    due_ns: Mapped[int] = mapped_column(BigInteger)  # when it is tried next; while it is sent: when somebody else may try
    created_ns: Mapped[int] = mapped_column(BigInteger)
    done_ns: Mapped[int] = mapped_column(BigInteger)
    answer: Mapped[str] = mapped_column(String(1000))  # of the channel: what it said, or what went wrong


class ActionRow(Base):
    """What a policy did, would have done, or was kept from doing: never deleted before its time. Times in ns since 1970, 0: not yet."""

    __tablename__ = "alert_actions"
    __table_args__ = (
        Index("ix_alert_actions_state", "state", "created_ns"),
        Index("ix_alert_actions_policy", "project", "policy", "created_ns"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project: Mapped[str] = mapped_column(String(128))
    policy: Mapped[str] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer)  # of the policy
    kind: Mapped[str] = mapped_column(String(32))
    alert_id: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(4096))  # what it is done to
    told: Mapped[dict[str, Any]] = mapped_column(JSON)  # the action as the policy says it, and the notice that goes with it
    state: Mapped[str] = mapped_column(String(16))  # dry_run, limited, waiting, doing, done, failed, unknown, undone
    created_ns: Mapped[int] = mapped_column(BigInteger)
    claimed_ns: Mapped[int] = mapped_column(BigInteger)
    done_ns: Mapped[int] = mapped_column(BigInteger)
    answer: Mapped[str] = mapped_column(String(1000))
    undone_ns: Mapped[int] = mapped_column(BigInteger)
    undone_by: Mapped[str] = mapped_column(String(256))


class StopRow(Base):
    """An execution that shall stop. Its program is told when it asks."""

    __tablename__ = "execution_stops"
    __table_args__ = (Index("ix_execution_stops_asked", "project", "asked_ns"),)

    project: Mapped[str] = mapped_column(String(128), primary_key=True)
    execution_hash: Mapped[str] = mapped_column(String(32), primary_key=True)  # of the id, which may be long
    execution_id: Mapped[str] = mapped_column(String(4096))
    who: Mapped[str] = mapped_column(String(256))
    note: Mapped[str] = mapped_column(String(2000))
    asked_ns: Mapped[int] = mapped_column(BigInteger)
    heard_ns: Mapped[int] = mapped_column(BigInteger)  # when its program was told; 0: it has not asked
    withdrawn_ns: Mapped[int] = mapped_column(BigInteger)
