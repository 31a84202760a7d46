"""Runs the analyzers: batches in, findings out, in the order of the graph; each analyzer isolated, timed and counted, and shown what it can judge (`news.py`).

One that fails on a batch has not seen it, is counted, and goes on with the next; one that fails again and again, or takes more than its share of
time, is suspended, and says why, until it is enabled again. Those of one stage run side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from spyglass.analyze.member import SHARE, Member, Status
from spyglass.analyze.news import news
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding, Heard
from spyglass.model.schema import Kind
from spyglass.plugin.contracts import Analyzer, AnalyzerKind, Frame, Heedful, State

__all__ = ["Loop"]

_MOST: Final = 2**53  # up to here a double counts every one; 104 days in nanoseconds


class Loop:
    """All that take part. Used by one thread at a time; `members` may be looked at from any."""

    def __init__(
        self, stages: Sequence[Sequence[AnalyzerKind]], settings: Mapping[str, BaseModel], workers: int = 2, share: float = SHARE, news_s: float = 300.0
    ) -> None:
        """`settings`: by the name of the kind, an instance of its model. `news_s`: what happened longer before it arrived is not shown to those of news."""
        self.stages = [[Member(kind, cast("Analyzer", kind.make(settings[kind.name])), settings[kind.name], share) for kind in stage] for stage in stages]
        self.members = {member.kind.name: member for stage in self.stages for member in stage}
        self._news_ns = round(news_s * 1e9)
        self._heard: list[Heard] = []
        self.until_ns = 0  # all that arrived until then has been observed
        self._workers = ThreadPoolExecutor(workers, "analyzer") if workers > 1 else None

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of records that some analyzer reads."""
        return [kind for kind in Kind if any(kind in member.kind.reads for member in self.members.values())]

    def seconds(self) -> float:
        """Processor time that all have taken."""
        return sum(member.status.seconds for member in self.members.values())

    def close(self) -> None:
        """Let go of the workers, and end the processes of plugins."""
        if self._workers is not None:
            self._workers.shutdown()
        for member in self.members.values():
            member.close()

    def observe(self, batches: Sequence[Batch], now_ns: int) -> list[Finding]:
        """Let all see the batches, those of one kind as one, then say that all until `now_ns` (arrival) has been seen."""
        there = [self._shown(batch) for batch in _together(batches)]
        findings: list[Finding] = []
        for stage in self.stages:
            found = self._side_by_side([(member, _for(member, there)) for member in stage], now_ns)
            for member, told in zip(stage, found, strict=True):
                there += [self._shown(one) for one in told if isinstance(one, Frame)]
                findings.extend(member.bounded([one for one in told if isinstance(one, Finding)]))
        self.until_ns = max(self.until_ns, now_ns)
        return findings

    def _shown(self, seen: Batch | Frame) -> _Shown:
        recent = news(seen.rows, self._news_ns)
        if recent is seen.rows:
            return _Shown(seen, seen)
        return _Shown(seen, seen.with_rows(recent) if isinstance(seen, Batch) else Frame(seen.name, recent))

    def save(self) -> dict[tuple[str, str], State]:
        """What all remember, by name and version. One that cannot say it is left out, and begins anew."""
        states: dict[tuple[str, str], State] = {}
        for name, member in self.members.items():
            try:
                states[name, member.kind.version] = dict(member.analyzer.save())
            except Exception as error:
                member.failed(error)
        return states

    def restore(self, states: Mapping[tuple[str, str], State], until_ns: int) -> None:
        """Go on from what was saved."""
        self.until_ns = until_ns
        for name, member in self.members.items():
            state = states.get((name, member.kind.version))
            if state is None:
                continue
            try:
                member.analyzer.restore(state)
            except Exception as error:
                member.failed(error)

    def configure(self, name: str, settings: BaseModel) -> None:
        """Go on with other settings, with what is remembered."""
        member = self.members[name]
        fresh = cast("Analyzer", member.kind.make(settings))
        try:
            fresh.restore(dict(member.analyzer.save()))
        except Exception as error:
            member.failed(error)
        member.replace(fresh, settings)
        self._tell(member)

    def heed(self, heard: Sequence[Heard]) -> None:
        """Let each know what people made of its findings."""
        self._heard = list(heard)
        for member in self.members.values():
            self._tell(member)

    def _tell(self, member: Member[Analyzer]) -> None:
        analyzer, name = member.analyzer, member.kind.name
        if isinstance(analyzer, Heedful):
            try:
                analyzer.heed([one for one in self._heard if one.analyzer == name and one.rule in member.kind.heeds])
            except Exception as error:
                member.failed(error)

    def resume(self, name: str) -> None:
        """Let a suspended one run again."""
        self.members[name].status = Status()

    def _side_by_side(self, work: Sequence[tuple[Member[Analyzer], list[Batch | Frame]]], now_ns: int) -> list[list[Finding | Frame]]:
        if self._workers is None or len(work) < 2:
            return [self._one(member, seen, now_ns) for member, seen in work]
        return list(self._workers.map(lambda pair: self._one(pair[0], pair[1], now_ns), work))

    def _one(self, member: Member[Analyzer], seen: Sequence[Batch | Frame], now_ns: int) -> list[Finding | Frame]:
        status = member.status
        if status.suspended:
            return []
        rows = sum(len(one) if isinstance(one, Batch) else one.rows.num_rows for one in seen)
        began, failures = member.seconds(), status.failures
        told: list[Finding | Frame] = []
        for one in seen:
            told += member.guarded(lambda one=one: member.analyzer.observe(one))  # type: ignore[misc]
        told += member.guarded(lambda: member.analyzer.settle(now_ns))
        if seen and status.failures == failures:
            status.in_row = 0
        member.account(rows, member.seconds() - began)
        return told


def _together(batches: Sequence[Batch]) -> list[Batch]:
    """One for each kind: an analyzer that is called less often costs less."""
    by_kind: dict[Kind, list[Batch]] = {}
    for batch in batches:
        by_kind.setdefault(batch.kind, []).append(batch)
    return [Batch(kind, _countable(pa.concat_tables([one.rows for one in some])), _messages(some)) for kind, some in by_kind.items()]


def _countable(rows: pa.Table) -> pa.Table:
    """The same where no number is larger than floats count: what a broken sender tells shall not keep analyzers from looking at the others."""
    for at, field in enumerate(rows.schema):
        if field.type == pa.uint64() and (pc.max(rows[field.name]).as_py() or 0) > _MOST:
            rows = rows.set_column(at, field, pc.min_element_wise(rows[field.name], pa.scalar(_MOST, pa.uint64())))
    return rows


def _messages(batches: Sequence[Batch]) -> pa.Table | None:
    """All of theirs; None: there are none."""
    told = [batch.messages for batch in batches if batch.messages is not None]
    return pa.concat_tables(told) if told else None


class _Shown(NamedTuple):
    """What analyzers see: all of it, or what is news."""

    whole: Batch | Frame
    news: Batch | Frame


def _for(member: Member[Analyzer], there: Sequence[_Shown]) -> list[Batch | Frame]:
    """What one reads, as far as it is shown it; the rest is counted."""
    reads = [one for one in there if _name(one.whole) in member.kind.reads]
    if not member.kind.news:
        return [one.whole for one in reads if one.whole.rows.num_rows]
    member.left_out(sum(one.whole.rows.num_rows - one.news.rows.num_rows for one in reads))
    return [one.news for one in reads if one.news.rows.num_rows]


def _name(seen: Batch | Frame) -> str:
    return seen.kind if isinstance(seen, Batch) else seen.name
