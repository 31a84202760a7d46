"""Agents that registered themselves, or that somebody registered. What is told later replaces what was told before; telling the same again changes nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from spyglass.facts.database import Facts
from spyglass.facts.tables import AgentRow
from spyglass.model.clock import Clock
from spyglass.model.errors import InputError

__all__ = ["MOST_AGENTS", "Brief", "Declaration", "DeclaredAgents", "Registered", "Registration"]

MOST_AGENTS: Final = 50_000  # of one project
_KEPT_PROJECTS: Final = 16
_AT_ONCE: Final = 400  # names in one query: SQLite binds no more than some hundreds everywhere


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is said of an agent. Texts are empty where nothing is said; `body` has description, capabilities, tools, tags and metadata."""

    name: str
    agent_id: str = ""
    type: str = ""
    owner: str = ""
    environment: str = ""
    version: str = ""
    model: str = ""
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Registered:
    """A declaration that is kept; times in ns since 1970."""

    declaration: Declaration
    told_ns: int
    registered_ns: int
    updated_ns: int


@dataclass(frozen=True, slots=True)
class Registration:
    """A declaration of a project, told at a time (ns)."""

    project: str
    declaration: Declaration
    told_ns: int


class Brief(NamedTuple):
    """What filters look at, and when it was said (ns)."""

    type: str
    owner: str
    environment: str
    told_ns: int


class DeclaredAgents:
    """All of them."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock
        self._briefs: OrderedDict[str, tuple[tuple[int, ...], Mapping[str, Brief]]] = OrderedDict()

    def names(self, project: str) -> list[str]:
        """Of a project, in order."""
        with self._facts.session() as session:
            return list(session.scalars(select(AgentRow.name).where(AgentRow.project == project).order_by(AgentRow.name)))

    def brief(self, project: str) -> Mapping[str, Brief]:
        """What a list of a project's agents is made of, by name. Of the projects asked for last it is kept until somebody, whoever it was, changes an agent."""
        with self._facts.session() as session:
            state = tuple(int(figure or 0) for figure in session.execute(select(*_STATE).where(AgentRow.project == project)).one())
            kept = self._briefs.pop(project, None)
            if kept is None or kept[0] != state:
                rows = session.execute(select(*_BRIEF).where(AgentRow.project == project))
                kept = state, MappingProxyType({row[0]: Brief._make(row[1:]) for row in rows})
        self._briefs[project] = kept
        while len(self._briefs) > _KEPT_PROJECTS:
            self._briefs.popitem(last=False)
        return kept[1]

    def some(self, project: str, names: Sequence[str]) -> dict[str, Registered]:
        """Those of these names that there are."""
        found: dict[str, Registered] = {}
        with self._facts.session() as session:
            for first in range(0, len(names), _AT_ONCE):
                part = select(*_COLUMNS).where(AgentRow.project == project, AgentRow.name.in_(names[first : first + _AT_ONCE]))
                found |= {row[0]: _registered(row) for row in session.execute(part)}
        return found

    def one(self, project: str, name: str) -> Registered | None:
        """One by its name."""
        with self._facts.session() as session:
            row = session.execute(select(*_COLUMNS).where(AgentRow.project == project, AgentRow.name == name)).first()
            return _registered(row) if row else None

    def carriers(self, project: str, agent_id: str) -> list[str]:
        """Names of the agents with this id; more than one where each registered itself."""
        with self._facts.session() as session:
            return list(session.scalars(select(AgentRow.name).where(AgentRow.project == project, AgentRow.agent_id == agent_id).order_by(AgentRow.name)))

    def register(self, registrations: Sequence[Registration]) -> list[bool]:
        """Keep them all, or none; says of each whether it changed anything. One that was told before what is kept changes nothing.

        Raises:
            InputError: there are too many agents.
        """
        now_ns, projects = self._clock.now_ns(), set[str]()
        with self._facts.session() as session:
            known = _rows(session, registrations)
            changed = [self._register(session, known, one, now_ns) for one in registrations]
            projects |= {one.project for one, new in zip(registrations, changed, strict=True) if new}
            for project in projects:
                session.flush()
                count = session.scalar(select(func.count()).where(AgentRow.project == project)) or 0
                if count > MOST_AGENTS:
                    raise InputError(f"project {project} would have {count} registered agents; at most {MOST_AGENTS} are taken: register each under one name")
        for project in projects:
            self._briefs.pop(project, None)
        return changed

    def _register(self, session: Session, known: dict[tuple[str, str], AgentRow], one: Registration, now_ns: int) -> bool:
        told, key = one.declaration, (one.project, one.declaration.name)
        row = known.get(key)
        if row is None:
            row = AgentRow(project=one.project, name=told.name, registered_ns=now_ns, told_ns=one.told_ns, updated_ns=now_ns, **_values(told))
            session.add(row)
            known[key] = row
            return True
        if one.told_ns < row.told_ns or all(getattr(row, name) == value for name, value in _values(told).items()):
            return False
        for name, value in _values(told).items():
            setattr(row, name, value)
        row.told_ns, row.updated_ns = one.told_ns, now_ns
        return True


_FIELDS: Final = ("agent_id", "type", "owner", "environment", "version", "model", "body")
_STATE: Final = (func.count(), func.max(AgentRow.updated_ns), func.sum(AgentRow.updated_ns // 1_000_000))  # who begins to write first may end last
_BRIEF: Final = (AgentRow.name, *(getattr(AgentRow, name) for name in Brief._fields))
_COLUMNS: Final = (AgentRow.name, *(getattr(AgentRow, name) for name in _FIELDS), AgentRow.told_ns, AgentRow.registered_ns, AgentRow.updated_ns)


def _values(told: Declaration) -> dict[str, Any]:
    return {name: getattr(told, name) for name in _FIELDS}


def _registered(row: Sequence[Any]) -> Registered:
    return Registered(Declaration(*row[:8]), *row[8:])


def _rows(session: Session, registrations: Sequence[Registration]) -> dict[tuple[str, str], AgentRow]:
    names: dict[str, set[str]] = {}
    for one in registrations:
        names.setdefault(one.project, set()).add(one.declaration.name)
    found: dict[tuple[str, str], AgentRow] = {}
    for project, wanted in names.items():
        ordered = sorted(wanted)
        for first in range(0, len(ordered), _AT_ONCE):
            part = select(AgentRow).where(AgentRow.project == project, AgentRow.name.in_(ordered[first : first + _AT_ONCE]))
            found |= {(project, row.name): row for row in session.scalars(part)}
    return found
