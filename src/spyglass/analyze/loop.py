"""Runs the analyzers: batches in, findings out, in the order of the graph; each analyzer isolated, timed and counted, and shown what it can judge (`news.py`).

One that fails on a batch has not seen it, is counted, and goes on with the next; one that fails again and again, or takes more than its share of
time, rests, and says why. Those of one stage run side by side. Plugins run beside all of them (`beside.py`), and what they find comes when it comes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from spyglass.analyze.apart import Apart
from spyglass.analyze.beside import Beside, Round
from spyglass.analyze.member import SHARE, Member
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
        self,
        stages: Sequence[Sequence[AnalyzerKind]],
        settings: Mapping[str, BaseModel],
        workers: int = 2,
        share: float = SHARE,
        news_s: float = 300.0,
        *,
        plugins: Sequence[AnalyzerKind] = (),
        tell: Callable[[list[Finding]], None] = lambda _: None,
    ) -> None:
        """Start the plugins' threads; their processes start when there is something to see.

        Args:
            stages: those that are run here; they read nothing that plugins make.
            settings: by the name of the kind, an instance of its model.
            workers: threads.
            share: of a core, that each may take.
            news_s: what happened longer before it arrived is not shown to those of news.
            plugins: those that others wrote, each after those whose frames it reads.
            tell: given what a plugin found, from a thread of its own, which may wait.
        """
        made = {
            kind.name: Member(kind, cast("Analyzer", kind.make(settings[kind.name])), settings[kind.name], share)
            for kind in (*(kind for stage in stages for kind in stage), *plugins)
        }
        self.stages = [[made[kind.name] for kind in stage] for stage in stages]
        self.members: Mapping[str, Member[Analyzer]] = made
        self._beside = {kind.name: Beside(made[kind.name], tell, self._shown_of) for kind in plugins}
        self._news_ns = round(news_s * 1e9)
        self._heard: list[Heard] = []
        self.until_ns = 0  # all that arrived until then has been observed, or handed to plugins
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
        for beside in self._beside.values():
            beside.close()
        for member in self.members.values():
            member.close()

    def drain(self, most_s: float) -> bool:
        """Wait until plugins have seen what they were handed, so long at most; whether they have."""
        return not wait([beside.do(lambda: None) for beside in self._beside.values()], most_s).not_done

    def crowded(self) -> bool:
        """Whether much waits for a plugin."""
        return any(beside.crowded() for beside in self._beside.values())

    def observe(self, batches: Sequence[Batch], now_ns: int) -> list[Finding]:
        """Let all see the batches, those of one kind as one, then say that all until `now_ns` (arrival) has been seen. What plugins find is told later."""
        there = [self._shown(batch) for batch in _together(batches)]
        findings: list[Finding] = []
        for stage in self.stages:
            found = self._side_by_side([(member, _for(member, there)) for member in stage], now_ns)
            for member, told in zip(stage, found, strict=True):
                there += [self._shown(one) for one in told if isinstance(one, Frame)]
                findings.extend(member.bounded([one for one in told if isinstance(one, Finding)]))
        self._hand(there, now_ns)
        self.until_ns = max(self.until_ns, now_ns)
        return findings

    def _hand(self, there: Sequence[_Shown], now_ns: int) -> None:
        """To plugins; those that read frames of others wait for them by themselves."""
        coming: dict[str, Future[list[Frame]]] = {}
        for beside in self._beside.values():
            kind = beside.member.kind
            awaited = list(dict.fromkeys(coming[name] for name in sorted(kind.reads) if name in coming))
            frames = beside.hand(Round(_for(beside.member, there), now_ns, awaited))
            coming |= dict.fromkeys(kind.makes, frames)

    def _shown_of(self, member: Member[Analyzer], seen: Sequence[Batch | Frame]) -> list[Batch | Frame]:
        return _for(member, [self._shown(one) for one in seen])

    def _shown(self, seen: Batch | Frame) -> _Shown:
        recent = news(seen.rows, self._news_ns)
        if recent is seen.rows:
            return _Shown(seen, seen)
        return _Shown(seen, seen.with_rows(recent) if isinstance(seen, Batch) else Frame(seen.name, recent))

    def save(self, plugins_s: float = 10.0) -> dict[tuple[str, str], State]:
        """What all remember, by name and version; plugins have so long to say it."""
        states, coming = self.saving()
        return states | self.arrived(coming, plugins_s)

    def saving(self) -> tuple[dict[tuple[str, str], State], dict[tuple[str, str], Future[State]]]:
        """What all remember now, by name and version; plugins say it when they have seen what was handed to them before. One that cannot begins anew."""
        states: dict[tuple[str, str], State] = {}
        coming: dict[tuple[str, str], Future[State]] = {}
        for name, member in self.members.items():
            key = name, member.kind.version
            if name in self._beside:
                coming[key] = self._beside[name].do(member.analyzer.save)
                continue
            try:
                states[key] = dict(member.analyzer.save())
            except Exception as error:
                member.failed(error)
        return states, coming

    def arrived(self, coming: Mapping[tuple[str, str], Future[State]], most_s: float) -> dict[tuple[str, str], State]:
        """What plugins said within so long; of the others what they said before."""
        until_s = time.monotonic() + most_s
        states: dict[tuple[str, str], State] = {}
        for key, future in coming.items():
            wait([future], max(0.0, until_s - time.monotonic()))
            said = future.done() and not future.cancelled() and future.exception() is None
            states[key] = future.result() if said else cast("Apart", self.members[key[0]].analyzer).saved
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
        if name in self._beside:
            member.settings = settings
            self._beside[name].do(lambda: self._configure(member, settings))
        else:
            self._configure(member, settings)

    def _configure(self, member: Member[Analyzer], settings: BaseModel) -> None:
        before, fresh = member.analyzer, cast("Analyzer", member.kind.make(settings))
        try:
            fresh.restore(dict(before.save()))
        except Exception as error:
            member.failed(error)
            if isinstance(before, Apart):  # it remembers what it last said
                fresh.restore(before.saved)
        member.replace(fresh, settings)
        self._tell(member)

    def heed(self, heard: Sequence[Heard]) -> None:
        """Let each know what people made of its findings."""
        self._heard = list(heard)
        for name, member in self.members.items():
            if name in self._beside:
                self._beside[name].do(lambda member=member: self._tell(member))  # type: ignore[misc]
            else:
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
        self.members[name].status.resume()

    def _side_by_side(self, work: Sequence[tuple[Member[Analyzer], list[Batch | Frame]]], now_ns: int) -> list[list[Finding | Frame]]:
        if self._workers is None or len(work) < 2:
            return [member.see(seen, now_ns) for member, seen in work]
        return list(self._workers.map(lambda pair: pair[0].see(pair[1], now_ns), work))


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
