"""Where agents run otherwise than they are deployed, as it was found last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from spyglass.facts.database import Facts
from spyglass.facts.tables import DriftRow

__all__ = ["Drift", "Drifts"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One place that differs; `number` is what is deployed there, `since_ns` when a run first differed so."""

    project: str
    agent: str
    environment: str
    service: str
    number: int
    differences: list[dict[str, Any]]
    since_ns: int
    trace_id: str


class Drifts:
    """All of them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def all(self, project: str, agent: str | None = None) -> list[Drift]:
        """Of a project, or of one agent of it."""
        with self._facts.session() as session:
            wanted = select(DriftRow).where(DriftRow.project == project)
            if agent is not None:
                wanted = wanted.where(DriftRow.agent == agent)
            ordered = wanted.order_by(DriftRow.agent, DriftRow.environment, DriftRow.service)
            return [Drift(**{name: getattr(row, name) for name in Drift.__slots__}) for row in session.scalars(ordered)]

    def keep(self, drifts: Sequence[Drift]) -> None:
        """Make or replace these; one without differences is over."""
        with self._facts.session() as session:
            for one in drifts:
                if one.differences:
                    session.merge(DriftRow(**{name: getattr(one, name) for name in Drift.__slots__}))
                else:
                    of_place = (DriftRow.project == one.project, DriftRow.agent == one.agent, DriftRow.environment == one.environment)
                    session.execute(delete(DriftRow).where(*of_place, DriftRow.service == one.service))
