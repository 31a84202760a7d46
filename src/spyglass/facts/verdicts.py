"""What people made of findings: "useful" or "noise" in, the weight of each rule and subject in the false-alarm budget out; each verdict is kept.

A verdict is about a finding as it was told last: said again of the same telling it takes the place of the one before, so that nobody makes it count twice.
Each makes the weight ten times larger or smaller, within bounds; forgetting them gives the usual weight back. What is told about a change (an audit) is told
before it is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from sqlalchemy import delete, func, select

from spyglass.facts.database import Facts
from spyglass.facts.findings import Mitigation, Tell, add_step
from spyglass.facts.tables import FindingVerdictRow
from spyglass.model.clock import Clock
from spyglass.model.errors import Conflict, InputError
from spyglass.model.finding import Heard

__all__ = ["FindingVerdicts", "Judged", "Subject", "Verdict"]

Verdict = Literal["useful", "noise"]
_MOST: Final = 100_000  # of one project
_KEPT: Final = 16  # of one fingerprint, the latest: more than the bounds are apart
_STEP: Final = 10.0
_LEAST, _LARGEST = -3, 1  # steps: a thousandth, ten times


@dataclass(frozen=True, slots=True)
class Subject:
    """What a verdict is about."""

    fingerprint: str
    told_ns: int  # when it was told last
    analyzer: str
    rule: str
    agent: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The latest verdict, and what all of them made of the weight."""

    verdict: str
    who: str
    note: str
    at_ns: int
    factor: float


class FindingVerdicts:
    """Of all projects."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts, self._clock = facts, clock

    def of(self, project: str) -> dict[str, Judged]:
        """What was said in a project, by fingerprint."""
        with self._facts.session() as session:
            rows = session.scalars(select(FindingVerdictRow).where(FindingVerdictRow.project == project).order_by(*_ORDER)).all()
            return {some[0].fingerprint: Judged(last.verdict, last.who, last.note, last.at_ns, _factor(some)) for some, last in _by_subject(rows)}

    def heard(self) -> list[Heard]:
        """Every weight that is not the usual one."""
        with self._facts.session() as session:
            rows = session.scalars(select(FindingVerdictRow).order_by(*_ORDER)).all()
            found = [Heard(last.fingerprint, last.project, last.analyzer, last.rule, last.agent, _factor(some)) for some, last in _by_subject(rows)]
        return [one for one in found if one.factor != 1]

    def judge(self, project: str, about: Subject, verdict: Verdict, who: str, note: str, tell: Tell) -> None:
        """Say what a finding was worth.

        Raises:
            InputError: there are too many verdicts.
            Refused: it cannot be told, or the database is away; nothing was changed.
        """
        now_ns = self._clock.now_ns()
        with self._facts.session() as session:
            row = session.get(FindingVerdictRow, (project, about.fingerprint, about.told_ns), with_for_update=True)
            if row is None:
                count = session.scalar(select(func.count()).select_from(FindingVerdictRow).where(FindingVerdictRow.project == project)) or 0
                if count >= _MOST:
                    raise InputError(f"project {project} has {count} verdicts on findings already, which is the most; forget some first")
                row = FindingVerdictRow(project=project, fingerprint=about.fingerprint, told_ns=about.told_ns)
                session.add(row)
            row.verdict, row.who, row.note, row.at_ns = verdict, who, note, now_ns
            row.analyzer, row.rule, row.agent = about.analyzer, about.rule, about.agent
            session.flush()
            mine = (FindingVerdictRow.project == project, FindingVerdictRow.fingerprint == about.fingerprint)
            oldest = session.scalars(select(FindingVerdictRow.told_ns).where(*mine).order_by(FindingVerdictRow.told_ns.desc()).offset(_KEPT)).all()
            if oldest:
                session.execute(delete(FindingVerdictRow).where(*mine, FindingVerdictRow.told_ns.in_(oldest)))
            add_step(session, project, about.fingerprint, verdict, Mitigation(who, note, now_ns))
            tell()

    def forget(self, project: str, fingerprint: str, who: str, note: str, tell: Tell) -> None:
        """Take all verdicts back: the weight is the usual one again.

        Raises:
            Conflict: there is none.
            Refused: it cannot be told, or the database is away; nothing was changed.
        """
        mine = (FindingVerdictRow.project == project, FindingVerdictRow.fingerprint == fingerprint)
        with self._facts.session() as session:
            if not session.scalar(select(func.count()).select_from(FindingVerdictRow).where(*mine)):
                raise Conflict(f"finding {fingerprint} has no verdict; there is nothing to take back")
            session.execute(delete(FindingVerdictRow).where(*mine))
            add_step(session, project, fingerprint, "forget", Mitigation(who, note, self._clock.now_ns()))
            tell()


_ORDER: Final = (FindingVerdictRow.project, FindingVerdictRow.fingerprint, FindingVerdictRow.told_ns)


def _by_subject(rows: Iterable[FindingVerdictRow]) -> Iterator[tuple[Sequence[FindingVerdictRow], FindingVerdictRow]]:
    """Those of one rule and subject, and the latest of them."""
    for _, some in groupby(rows, lambda row: (row.project, row.fingerprint)):
        told = list(some)
        yield told, told[-1]


def _factor(told: Sequence[FindingVerdictRow]) -> float:
    steps = 0
    for one in told:
        steps = min(max(steps + (1 if one.verdict == "useful" else -1), _LEAST), _LARGEST)
    return float(_STEP**steps)
