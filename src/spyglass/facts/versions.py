"""Versions of agents: what each calls itself and was seen to be, when first and last, and where. Kept longer than the telemetry that showed them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from spyglass.facts.database import Facts
from spyglass.facts.tables import PlaceRow, VersionRow
from spyglass.model.errors import NotFound

__all__ = ["MOST_VERSIONS", "Place", "Version", "Versions"]

MOST_VERSIONS: Final = 500  # of one agent; those that were seen longest ago give way
_AT_ONCE: Final = 200
_LEAST_DIGITS: Final = 4  # of a fingerprint

Agent = tuple[str, str]  # project and name


@dataclass(slots=True)
class Version:
    """One of them; times in ns since 1970. `declared` is empty where it names none, `fingerprint` where nothing of it was seen."""

    project: str
    agent: str
    number: int
    declared: str
    fingerprint: str
    parts: dict[str, Any]  # prompt, tools, model, settings
    first_ns: int
    last_ns: int
    trace_id: str
    span_id: str


@dataclass(slots=True)
class Place:
    """Where a version was seen."""

    project: str
    agent: str
    environment: str
    service: str
    number: int
    first_ns: int
    last_ns: int


class Versions:
    """All of them. One writer at a time: whoever looks at what is new."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def page(self, project: str, agent: str, limit: int, before: int | None = None) -> list[Version]:
        """The latest found first; `before`: only those with a lower number."""
        with self._facts.session() as session:
            wanted = select(VersionRow).where(VersionRow.project == project, VersionRow.agent == agent)
            if before is not None:
                wanted = wanted.where(VersionRow.number < before)
            return [_version(row) for row in session.scalars(wanted.order_by(VersionRow.number.desc()).limit(limit))]

    def find(self, project: str, agent: str, name: str) -> Version:
        """One by its number, else by what it calls itself (of several the latest), else by the begin of its fingerprint.

        Raises:
            NotFound: there is none; those that there are are told.
        """
        found = self.page(project, agent, MOST_VERSIONS)
        for told in found:
            if str(told.number) == name:
                return told
        named = [one for one in found if one.declared == name]
        seen = [one for one in found if len(name) >= _LEAST_DIGITS and one.fingerprint.startswith(name)]
        if meant := named or seen:
            return max(meant, key=lambda one: one.last_ns)
        numbers = ", ".join(str(one.number) for one in reversed(found[:20]))
        expected = f"expected a number ({numbers}), the name of a version, or a fingerprint" if found else "none was seen or declared yet"
        raise NotFound(f"agent {agent} has no version {name[:64]!r}; {expected}")

    def places(self, project: str, agent: str) -> list[Place]:
        """Where its versions were seen, last seen first."""
        with self._facts.session() as session:
            wanted = select(PlaceRow).where(PlaceRow.project == project, PlaceRow.agent == agent)
            return [_place(row) for row in session.scalars(wanted.order_by(PlaceRow.last_ns.desc(), PlaceRow.number.desc()))]

    def agents(self, project: str) -> list[str]:
        """Names of the agents that have any, at most 50,000."""
        with self._facts.session() as session:
            return list(session.scalars(select(VersionRow.agent).where(VersionRow.project == project).distinct().order_by(VersionRow.agent).limit(50_000)))

    def of(self, agents: Iterable[Agent]) -> tuple[dict[Agent, list[Version]], dict[Agent, list[Place]]]:
        """Everything of some agents, but without the parts of their versions."""
        versions: dict[Agent, list[Version]] = {}
        places: dict[Agent, list[Place]] = {}
        wanted = sorted(set(agents))
        with self._facts.session() as session:
            for first in range(0, len(wanted), _AT_ONCE):
                part = wanted[first : first + _AT_ONCE]
                for row in session.execute(select(*_LEAN).where(tuple_(VersionRow.project, VersionRow.agent).in_(part))):
                    project, agent, number, declared, fingerprint, *rest = row
                    versions.setdefault((project, agent), []).append(Version(project, agent, number, declared, fingerprint, {}, *rest))
                for place in session.execute(select(*_PLACE).where(tuple_(PlaceRow.project, PlaceRow.agent).in_(part))):
                    places.setdefault((place[0], place[1]), []).append(Place(*place))
        return versions, places

    def keep(self, new: Sequence[Version], touched: Sequence[Version] = (), moved: Sequence[Place] = ()) -> None:
        """Make or replace `new` ones, set first and last of `touched` ones, and keep places. Agents with too many lose versions that were seen longest ago."""
        with self._facts.session() as session:
            for version in new:
                session.merge(VersionRow(**{name: getattr(version, name) for name in Version.__slots__}))
            session.flush()
            if touched:
                session.execute(_TOUCH, [{"p": v.project, "a": v.agent, "n": v.number, "first": v.first_ns, "last": v.last_ns} for v in touched])
            if moved:
                _upsert(session, moved)
            for project, agent in {(one.project, one.agent) for one in new}:
                _bound(session, project, agent)


_LEAN: Final = tuple(getattr(VersionRow, name) for name in Version.__slots__ if name != "parts")
_PLACE: Final = tuple(getattr(PlaceRow, name) for name in Place.__slots__)
_KEY: Final = ("project", "agent", "environment", "service", "number")
_TOUCH: Final = text("UPDATE agent_versions SET first_ns = :first, last_ns = :last WHERE project = :p AND agent = :a AND number = :n")


def _upsert(session: Session, places: Sequence[Place]) -> None:
    """Thousands of them at once, each a row that is mostly there."""
    rows = [{name: getattr(place, name) for name in Place.__slots__} for place in places]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(PlaceRow)
    excluded = {"first_ns": statement.excluded.first_ns, "last_ns": statement.excluded.last_ns}
    session.connection().execute(statement.on_conflict_do_update(index_elements=_KEY, set_=excluded), rows)


def _bound(session: Session, project: str, agent: str) -> None:
    of_agent = (VersionRow.project == project, VersionRow.agent == agent)
    if (session.scalar(select(func.count()).where(*of_agent)) or 0) <= MOST_VERSIONS:
        return
    oldest = list(
        session.scalars(select(VersionRow.number).where(*of_agent).order_by(VersionRow.last_ns.desc(), VersionRow.number.desc()).offset(MOST_VERSIONS))
    )
    session.execute(delete(VersionRow).where(*of_agent, VersionRow.number.in_(oldest)))
    session.execute(delete(PlaceRow).where(PlaceRow.project == project, PlaceRow.agent == agent, PlaceRow.number.in_(oldest)))


def _version(row: VersionRow) -> Version:
    return Version(row.project, row.agent, row.number, row.declared, row.fingerprint, row.parts, row.first_ns, row.last_ns, row.trace_id, row.span_id)


def _place(row: PlaceRow) -> Place:
    return Place(row.project, row.agent, row.environment, row.service, row.number, row.first_ns, row.last_ns)
