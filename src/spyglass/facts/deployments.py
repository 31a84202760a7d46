"""Which configuration of an agent each environment runs: deployed, rolled back and pinned, by whom and why. Every step is kept, and none is ever changed.

Two who change the same environment at once: the step that comes second is refused, because its number is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from spyglass.facts.configurations import Configuration, configuration_of, present
from spyglass.facts.database import Facts
from spyglass.facts.tables import ConfigurationRow, DeploymentRow, DeploymentStepRow
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, NotFound

__all__ = ["Deployment", "Deployments", "Step"]

_MOST_STEPS: Final = 1_000  # that a roll-back looks through for something to go back to


@dataclass(frozen=True, slots=True)
class Deployment:
    """What an environment runs now."""

    agent: str
    environment: str
    number: int
    revision: int  # counts every step
    pinned: bool
    deployed_ns: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `number` is deployed after it, `before` was before (0: nothing)."""

    agent: str
    environment: str
    revision: int
    action: str
    number: int
    before: int
    who: str
    why: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class _Wish:
    project: str
    agent: str
    environment: str
    action: str
    who: str
    why: str
    seen: int | None


class Deployments:
    """All of them."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock

    def all(self, project: str, agent: str | None = None) -> list[Deployment]:
        """Of a project, or of one agent of it, by agent and environment."""
        with self._facts.session() as session:
            wanted = select(DeploymentRow).where(DeploymentRow.project == project)
            if agent is not None:
                wanted = wanted.where(DeploymentRow.agent == agent)
            return [_deployment(row) for row in session.scalars(wanted.order_by(DeploymentRow.agent, DeploymentRow.environment))]

    def deployed(self, project: str, agent: str, environment: str) -> tuple[Deployment, Configuration]:
        """What an environment runs, with its content.

        Raises:
            NotFound: nothing is deployed there.
        """
        with self._facts.session() as session:
            row = session.get(DeploymentRow, (project, agent, environment))
            if row is None:
                raise NotFound(_nothing(agent, environment))
            content = session.get(ConfigurationRow, (project, agent, row.number))
            if content is None or content.deleted_ns:
                raise NotFound(f"agent {agent}: configuration {row.number} of {environment} is gone")
            return _deployment(row), configuration_of(content)

    def steps(self, project: str, agent: str, limit: int, environment: str = "", after: tuple[int, str, int] | None = None) -> list[Step]:
        """What happened, latest first; `after`: only what follows the step of this time, environment and revision in that order."""
        with self._facts.session() as session:
            wanted = select(DeploymentStepRow).where(DeploymentStepRow.project == project, DeploymentStepRow.agent == agent)
            if environment:
                wanted = wanted.where(DeploymentStepRow.environment == environment)
            if after is not None:
                at_ns, place, revision = after
                later_place = or_(DeploymentStepRow.environment > place, and_(DeploymentStepRow.environment == place, DeploymentStepRow.revision < revision))
                wanted = wanted.where(or_(DeploymentStepRow.at_ns < at_ns, and_(DeploymentStepRow.at_ns == at_ns, later_place)))
            ordered = wanted.order_by(DeploymentStepRow.at_ns.desc(), DeploymentStepRow.environment, DeploymentStepRow.revision.desc())
            return [_step(row) for row in session.scalars(ordered.limit(limit))]

    def deploy(self, project: str, agent: str, environment: str, number: int, who: str = "", why: str = "", seen: int | None = None) -> Step:
        """Let an environment run a configuration. What runs there already is refused, so that history has no steps that change nothing.

        Args:
            project: the tenant.
            agent: its name.
            environment: a label: `production`, `staging`.
            number: the configuration.
            who: who wants it.
            why: why.
            seen: the revision of the environment that they saw (0: nothing was deployed); None: it does not matter.

        Raises:
            NotFound: there is no such configuration.
            Conflict: it runs there already, the environment is pinned, or somebody changed it since `seen`, or just now.
        """

        def choose(_session: Session, now: DeploymentRow | None) -> int:
            if now is not None and now.number == number:
                raise Conflict(f"agent {agent}: {environment} runs configuration {number} already", version=now.revision)
            return number

        return self._change(_Wish(project, agent, environment, "deploy", who, why, seen), choose)

    def roll_back(self, project: str, agent: str, environment: str, why: str, who: str = "", to: int | None = None, seen: int | None = None) -> Step:
        """Let an environment run what it ran before what it runs now; or `to`, if it ever ran that.

        Raises:
            NotFound: nothing is deployed, or `to` is gone.
            Conflict: there is nothing to go back to, `to` never ran there or runs there now, it is pinned, or somebody changed it.
        """

        def choose(session: Session, now: DeploymentRow | None) -> int:
            if now is None:
                raise NotFound(_nothing(agent, environment))
            return _earlier(session, now, to)

        return self._change(_Wish(project, agent, environment, "rollback", who, why, seen), choose)

    def pin(self, project: str, agent: str, environment: str, *, pinned: bool, who: str = "", why: str = "", seen: int | None = None) -> Step:
        """Hold an environment at what it runs, or let it go again.

        Raises:
            NotFound: nothing is deployed there.
            Conflict: it is so already, or somebody changed it.
        """

        def choose(_session: Session, now: DeploymentRow | None) -> int:
            if now is None:
                raise NotFound(_nothing(agent, environment))
            if now.pinned == pinned:
                raise Conflict(f"agent {agent}: {environment} is {'pinned already' if pinned else 'not pinned'}", version=now.revision)
            return now.number

        return self._change(_Wish(project, agent, environment, "pin" if pinned else "unpin", who, why, seen), choose)

    def _change(self, wish: _Wish, choose: Callable[[Session, DeploymentRow | None], int]) -> Step:
        try:
            with self._facts.session() as session:
                return self._step(session, wish, choose)
        except IntegrityError as error:
            raise Conflict(f"agent {wish.agent}: somebody else changed {wish.environment} at the same moment: look at it again, then decide") from error

    def _step(self, session: Session, wish: _Wish, choose: Callable[[Session, DeploymentRow | None], int]) -> Step:
        now = session.get(DeploymentRow, (wish.project, wish.agent, wish.environment))
        _check(wish, now)
        number = choose(session, now)
        moves = wish.action in {"deploy", "rollback"}
        step = DeploymentStepRow(
            project=wish.project,
            agent=wish.agent,
            environment=wish.environment,
            revision=(now.revision if now else 0) + 1,
            action=wish.action,
            number=number,
            before=now.number if now else 0,
            who=wish.who,
            why=wish.why,
            at_ns=self._clock.now_ns(),
        )
        session.add(step)
        session.flush()  # takes the step's number, or is refused; from here on nobody else changes this environment
        if moves:
            present(session, wish.project, wish.agent, number)
        if now is None:
            now = DeploymentRow(project=wish.project, agent=wish.agent, environment=wish.environment, pinned=False)
            session.add(now)
        now.number, now.revision = number, step.revision
        now.deployed_ns = step.at_ns if moves else now.deployed_ns
        now.pinned = wish.action == "pin"
        return _step(step)


def _check(wish: _Wish, now: DeploymentRow | None) -> None:
    revision = now.revision if now else 0
    if wish.seen is not None and wish.seen != revision:
        told = f"is at revision {revision}, you have seen {wish.seen}: look at it again, then decide"
        raise Conflict(f"agent {wish.agent}: {wish.environment} {told}", version=revision)
    if now is not None and now.pinned and wish.action in {"deploy", "rollback"}:
        raise Conflict(f"agent {wish.agent}: {wish.environment} is pinned to configuration {now.number}: unpin it first", version=revision)


def _earlier(session: Session, now: DeploymentRow, to: int | None) -> int:
    """What to go back to: `to`, else what ran before what runs now and is still there."""
    where = f"agent {now.agent}: {now.environment}"
    if to == now.number:
        raise Conflict(f"{where} runs configuration {to} already", version=now.revision)
    if to is not None:
        present(session, now.project, now.agent, to)
    of_environment = (DeploymentStepRow.project == now.project, DeploymentStepRow.agent == now.agent, DeploymentStepRow.environment == now.environment)
    ran = list(session.scalars(select(DeploymentStepRow.number).where(*of_environment).order_by(DeploymentStepRow.revision.desc()).limit(_MOST_STEPS)))
    if to is not None:
        if to not in ran:
            raise Conflict(f"{where} never ran configuration {to}: deploy it instead", version=now.revision)
        return to
    found = _before(session, now)
    if found is None:
        raise Conflict(f"{where} ran nothing before configuration {now.number} that is still there: there is nothing to go back to", version=now.revision)
    return found


def _before(session: Session, now: DeploymentRow) -> int | None:
    """What was deployed before, as one undoes steps: a roll-back is itself no step that the next one returns to."""
    rows = session.execute(
        select(DeploymentStepRow.action, DeploymentStepRow.number)
        .where(DeploymentStepRow.project == now.project, DeploymentStepRow.agent == now.agent, DeploymentStepRow.environment == now.environment)
        .where(DeploymentStepRow.action.in_(("deploy", "rollback")))
        .order_by(DeploymentStepRow.revision)
    )
    stack: list[int] = []
    for action, number in rows:
        if action == "rollback" and number in stack:
            while stack[-1] != number:
                stack.pop()
        else:
            stack.append(number)
    gone = set(
        session.scalars(
            select(ConfigurationRow.number).where(
                ConfigurationRow.project == now.project,
                ConfigurationRow.agent == now.agent,
                ConfigurationRow.deleted_ns != 0,
                ConfigurationRow.number.in_(stack),
            )
        )
    )
    return next((number for number in reversed(stack[:-1]) if number not in gone and number != now.number), None)


def _nothing(agent: str, environment: str) -> str:
    return f"agent {agent}: nothing is deployed in {environment}"


def _deployment(row: DeploymentRow) -> Deployment:
    return Deployment(row.agent, row.environment, row.number, row.revision, row.pinned, row.deployed_ns)


def _step(row: DeploymentStepRow) -> Step:
    return Step(row.agent, row.environment, row.revision, row.action, row.number, row.before, row.who, row.why, row.at_ns)
