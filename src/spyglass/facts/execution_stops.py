"""Executions that shall stop: an id in; told to the program that runs it when that asks. Nothing is ended from here: the program ends itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import xxhash
from sqlalchemy import delete, func, select

from spyglass.facts.alerts_tables import StopRow
from spyglass.facts.database import Facts
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError, NotFound
from spyglass.model.times import iso

__all__ = ["HOLDS_S", "Stop", "Stops"]

HOLDS_S: Final = 86_400  # a program that did not ask for so long is not told any more
_MOST: Final = 10_000  # of one project that nobody has heard


@dataclass(frozen=True, slots=True)
class Stop:
    """One of them; times in ns since 1970, 0: not yet."""

    project: str
    execution_id: str
    who: str
    note: str
    asked_ns: int
    heard_ns: int = 0
    withdrawn_ns: int = 0


class Stops:
    """All of them."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock

    def ask(self, project: str, execution_id: str, who: str, note: str = "") -> Stop:
        """Let an execution be stopped. Asking a second time changes nothing.

        Raises:
            InputError: too many wait already.
        """
        now_ns = self._clock.now_ns()
        with self._facts.session() as session:
            row = session.get(StopRow, (project, _hash(execution_id)), with_for_update=True)
            if row is not None and not row.withdrawn_ns and now_ns - row.asked_ns < HOLDS_S * 10**9:
                return _stop(row)
            waiting = select(func.count()).select_from(StopRow).where(StopRow.project == project, StopRow.heard_ns == 0, StopRow.withdrawn_ns == 0)
            if (session.scalar(waiting) or 0) >= _MOST:
                raise InputError(f"project {project} has {_MOST} executions that shall stop and that nobody has heard; withdraw some")
            stop = Stop(project, execution_id, who[:256], note[:2000], now_ns)
            session.merge(StopRow(execution_hash=_hash(execution_id), **{name: getattr(stop, name) for name in Stop.__slots__}))
            return stop

    def heard(self, project: str, execution_ids: Sequence[str]) -> list[Stop]:
        """Which of these, that run in a program, shall stop; from now on the program knows."""
        now_ns = self._clock.now_ns()
        hashes = [_hash(one) for one in execution_ids]
        with self._facts.session() as session:
            wanted = select(StopRow).where(StopRow.project == project, StopRow.execution_hash.in_(hashes), StopRow.withdrawn_ns == 0)
            rows = list(session.scalars(wanted.where(StopRow.asked_ns > now_ns - HOLDS_S * 10**9).with_for_update()))
            for row in rows:
                row.heard_ns = row.heard_ns or now_ns
            return [_stop(row) for row in rows]

    def withdraw(self, project: str, execution_id: str) -> Stop:
        """Take it back, as long as the program has not heard it.

        Raises:
            NotFound: nobody has asked for it.
            Conflict: the program knows already.
        """
        with self._facts.session() as session:
            row = session.get(StopRow, (project, _hash(execution_id)), with_for_update=True)
            if row is None or row.withdrawn_ns:
                raise NotFound(f"project {project}: nobody has asked execution {execution_id[:100]} to stop")
            if row.heard_ns:
                raise Conflict(f"execution {execution_id[:100]} was told at {iso(row.heard_ns)[:19]}Z to stop; that cannot be taken back")
            row.withdrawn_ns = self._clock.now_ns()
            return replace(_stop(row))

    def page(self, project: str, skip: int, limit: int, execution_id: str = "") -> list[Stop]:
        """Latest first; only of one execution, where that is named."""
        wanted = select(StopRow).where(StopRow.project == project).order_by(StopRow.asked_ns.desc(), StopRow.execution_hash)
        if execution_id:
            wanted = wanted.where(StopRow.execution_hash == _hash(execution_id))
        with self._facts.session() as session:
            return [_stop(row) for row in session.scalars(wanted.offset(skip).limit(limit))]

    def forget(self, before_ns: int) -> None:
        """Delete what was asked for before a time."""
        with self._facts.session() as session:
            session.execute(delete(StopRow).where(StopRow.asked_ns < before_ns))


def _hash(execution_id: str) -> str:
    return xxhash.xxh3_128_hexdigest(execution_id.encode())


def _stop(row: StopRow) -> Stop:
    return Stop(**{name: getattr(row, name) for name in Stop.__slots__})
