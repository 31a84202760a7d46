"""Configurations of agents: numbered, never changed, deleted only where no environment has them deployed. A deleted one keeps its number."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from spyglass.facts.database import Facts
from spyglass.facts.tables import ConfigurationRow, DeploymentRow
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError, NotFound, Refused
from spyglass.model.times import iso

__all__ = ["MOST_CONFIGURATIONS", "Configuration", "Configurations", "configuration_of", "content_hash", "present"]

MOST_CONFIGURATIONS: Final = 10_000  # of one agent, deleted ones included
_TRIES: Final = 8  # to get a number, when others take the same


@dataclass(frozen=True, slots=True)
class Configuration:
    """One of them; times in ns since 1970."""

    agent: str
    number: int
    body: dict[str, Any]
    hash: str
    comment: str
    author: str
    created_ns: int


def content_hash(body: dict[str, Any]) -> str:
    """The same for the same content, however its keys are ordered; 32 hex digits."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


class Configurations:
    """All of them."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock

    def agents(self, project: str) -> list[str]:
        """Names of the agents that have any."""
        with self._facts.session() as session:
            wanted = select(ConfigurationRow.agent).where(ConfigurationRow.project == project, ConfigurationRow.deleted_ns == 0)
            return list(session.scalars(wanted.distinct().order_by(ConfigurationRow.agent)))

    def page(self, project: str, agent: str, limit: int, before: int | None = None) -> list[Configuration]:
        """The latest first; `before`: only those with a lower number."""
        with self._facts.session() as session:
            wanted = select(ConfigurationRow).where(ConfigurationRow.project == project, ConfigurationRow.agent == agent, ConfigurationRow.deleted_ns == 0)
            if before is not None:
                wanted = wanted.where(ConfigurationRow.number < before)
            return [configuration_of(row) for row in session.scalars(wanted.order_by(ConfigurationRow.number.desc()).limit(limit))]

    def one(self, project: str, agent: str, number: int) -> Configuration:
        """One by its number.

        Raises:
            NotFound: there is none, or it was deleted.
        """
        with self._facts.session() as session:
            return configuration_of(present(session, project, agent, number))

    def add(self, project: str, agent: str, body: dict[str, Any], comment: str = "", author: str = "", after: int | None = None) -> tuple[Configuration, bool]:
        """Keep a new one; False with it: it says the same as the latest, which is given.

        Args:
            project: the tenant.
            agent: its name.
            body: anything that is JSON.
            comment: what is new about it.
            author: who made it.
            after: the latest number that the author saw; None: it does not matter.

        Raises:
            Conflict: there is a newer one than `after`.
            InputError: there are too many.
        """
        for _ in range(_TRIES):
            try:
                with self._facts.session() as session:
                    return self._add(session, project, agent, body, comment, author, after)
            except IntegrityError:  # somebody took the number: theirs is the latest now
                continue
        raise Refused(f"many are adding configurations of {agent} at the same time; try again in a moment")

    def _add(
        self, session: Session, project: str, agent: str, body: dict[str, Any], comment: str, author: str, after: int | None
    ) -> tuple[Configuration, bool]:
        of_agent = (ConfigurationRow.project == project, ConfigurationRow.agent == agent)
        last = session.scalar(select(func.max(ConfigurationRow.number)).where(*of_agent)) or 0
        if after is not None and after != last:
            raise Conflict(f"agent {agent}: its latest configuration is {last}, you have seen {after}: look at it first, then add yours", version=last)
        if last >= MOST_CONFIGURATIONS:
            raise InputError(f"agent {agent} has had {last} configurations, which is the most; begin anew under another name")
        latest = session.get(ConfigurationRow, (project, agent, last)) if last else None
        told = content_hash(body)
        if latest is not None and not latest.deleted_ns and latest.hash == told:
            return configuration_of(latest), False
        row = ConfigurationRow(
            project=project,
            agent=agent,
            number=last + 1,
            body=body,
            hash=told,
            comment=comment,
            author=author,
            created_ns=self._clock.now_ns(),
            deleted_ns=0,
        )
        session.add(row)
        session.flush()
        return configuration_of(row), True

    def remove(self, project: str, agent: str, number: int) -> None:
        """Delete one; its number stays taken, and its body is gone.

        Raises:
            NotFound: there is none.
            Conflict: it is deployed; the environments are told.
        """
        with self._facts.session() as session:
            key = (ConfigurationRow.project == project, ConfigurationRow.agent == agent, ConfigurationRow.number == number)
            # The change comes first: it waits for whoever deploys this one, so that what is read next is what holds.
            session.execute(update(ConfigurationRow).where(*key, ConfigurationRow.deleted_ns == 0).values(comment=ConfigurationRow.comment))
            row = present(session, project, agent, number)
            wanted = select(DeploymentRow.environment).where(DeploymentRow.project == project, DeploymentRow.agent == agent, DeploymentRow.number == number)
            if environments := list(session.scalars(wanted.order_by(DeploymentRow.environment))):
                told = ", ".join(environments)
                raise Conflict(f"agent {agent}: configuration {number} is deployed in {told}: deploy another one there first", environments=environments)
            row.deleted_ns, row.body = self._clock.now_ns(), {}


def present(session: Session, project: str, agent: str, number: int) -> ConfigurationRow:
    """The row, locked until the transaction ends where the database can do that.

    Raises:
        NotFound: there is none, or it was deleted.
    """
    row = session.get(ConfigurationRow, (project, agent, number), with_for_update=True, populate_existing=True)
    if row is None:
        last = session.scalar(select(func.max(ConfigurationRow.number)).where(ConfigurationRow.project == project, ConfigurationRow.agent == agent))
        raise NotFound(f"agent {agent} has no configuration {number}; " + (f"its latest is {last}" if last else "it has none at all"), latest=last or 0)
    if row.deleted_ns:
        raise NotFound(f"agent {agent}: configuration {number} was deleted at {iso(row.deleted_ns)}; its body is gone")
    return row


def configuration_of(row: ConfigurationRow) -> Configuration:
    """What a row holds."""
    return Configuration(row.agent, row.number, row.body, row.hash, row.comment, row.author, row.created_ns)
