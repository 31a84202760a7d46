"""Three verdicts that are one complaint ("it has become worse"): spans in, findings out.

`endpoint_version`: another model answers to the same name (exact). `endpoint_changed`: a model answers requests of the same size at another length, or stops
for other reasons, whoever asks. `outcomes_fell`: fewer runs of a version of an agent succeed. `inputs_changed`: an agent is asked other things: sizes of
requests, tools that it calls. Each at a rate of false alarms that is chosen, and by itself: a change of what is asked is not taken for a worse model.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.bucket import Bucket
from spyglass.analyze.builtin.company import Company, among
from spyglass.analyze.builtin.known_series import KnownSeries
from spyglass.analyze.builtin.minutes import LATER_NS
from spyglass.analyze.builtin.verdicts import Verdicts, weighed
from spyglass.analyze.stats.digest import combined, of_names
from spyglass.analyze.stats.mixes import Judged, Mixes
from spyglass.analyze.stats.outcomes import Outcomes
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding, Heard
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Drift", "Settings", "analyzer"]

Floats = npt.NDArray[np.float64]
Key = tuple[str, str, str]
_MINUTE_NS: Final = 60 * 10**9
_TAKEN: Final = (
    "project received kind agent agent_version model request_model tool status pending finish_reasons input_tokens output_tokens trace_id span_id".split()
)
_NAMED: Final = ["family", "project", "name", "part"]
_WAITING: Final = [*_NAMED, "bin", "minute", "n", "trace", "span"]
_MOST_FRESH: Final = 1_500
_TURNS: Final = (("answers", "endpoint"), ("inputs",), ("outcomes",))  # verdicts that are judged together
_TURN_NS: Final = 100_000_000  # until the next
_SIZES: Final = 8  # bins of tokens in, each four times as wide as the one before
_LENGTHS: Final = 8  # of tokens out, each three times as wide
_STOPS: Final = 2  # ended by itself, or not
_TOOLS: Final = 16
_LEAST_RUN: Final = 1_000.0  # steps between false alarms of one series, at least, however few there are
_MOST_KNOWN: Final = 50  # models that answer to one name
_LEARNED: Final = 50  # calls of a name, before a new model behind it is news
_ALIKE: Final = 3.0  # logarithm of the evidence that another changed, too: twenty times what nothing would show
_TOLD: Final = pa.schema([*((name, pa.string()) for name in ("family", "project", "agent")), ("minute", pa.int64())])
_LATELY: Final = 360  # minutes in which what was told of others is of the same time
_RULES: Final = ("endpoint_version", "endpoint_changed", "outcomes_fell", "inputs_changed")


class Settings(BaseModel, extra="forbid", frozen=True):
    """How much may be wrong, and how much is remembered."""

    false_alarms_a_day: float = Field(0.2, gt=0, le=1_000, description="Of each verdict, over all series together, where nothing has changed.")
    block: int = Field(100, ge=20, le=10_000, description="Calls that are held against the mix at once.")
    runs: int = Field(100, ge=20, le=100_000, description="Runs of a version from which its usual share of success is learned.")
    most_series: int = Field(10_000, ge=10, le=200_000, description="Series of each verdict; those that were silent longest give way.")


class _Due(NamedTuple):
    """What is counted of a minute for some verdicts, and has not been judged yet."""

    minute: int
    turn: int
    rows: pa.Table

    @property
    def at_ns(self) -> int:
        """When it is."""
        return (self.minute + 1) * _MINUTE_NS + LATER_NS["drift"] + self.turn * _TURN_NS


class Drift:
    """What is usual, by verdict."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._fresh: list[pa.Table] = []  # spans that are not counted yet: few at once cost as much as many
        self._open: dict[int, Bucket] = {}  # what was counted, by minute
        self._minute: int | None = None  # the latest that is judged
        self._due: deque[_Due] = deque()  # what is left of it
        self._endpoints = Mixes(_SIZES * _LENGTHS * _STOPS, strata=_SIZES, block=settings.block)
        self._inputs = Mixes(_SIZES + _TOOLS, block=settings.block)
        self._outcomes = Outcomes(settings.runs)
        self._known = {family: KnownSeries(settings.most_series) for family in ("endpoint", "inputs", "outcomes")}
        self._steps = dict.fromkeys(self._known, 0.0)  # a minute, running
        self._verdicts = Verdicts()
        self._lately: dict[tuple[str, str, str], int] = {}  # minute in which it was told, by family, project and agent
        self._answers: dict[Key, int] = {}  # calls of a project by request model and response model

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Spans that have ended."""
        if isinstance(seen, Batch):
            rows = seen.rows.select(_TAKEN).filter(pc.and_(pc.invert(seen.rows["pending"]), pc.is_in(seen.rows["kind"], pa.array(["llm", "tool", "agent"]))))
            if rows.num_rows:
                self._fresh.append(rows)
            if sum(table.num_rows for table in self._fresh) > _MOST_FRESH:
                self._count_fresh()
        return ()

    def heed(self, heard: Sequence[Heard]) -> None:
        """See `contracts.Heedful`."""
        self._verdicts.heed(heard)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Minutes that are over, each by itself; its verdicts one after the other, so that no batch waits for all."""
        over = (now_ns - LATER_NS["drift"]) // _MINUTE_NS - 1
        if (self._fresh or self._open) and (self._minute is None or over > self._minute):
            self._count_fresh()
            self._minute = over
            for minute in sorted(minute for minute in self._open if minute <= over):
                rows = self._open.pop(minute).table()
                self._due += [_Due(minute, turn, rows.filter(pc.is_in(rows["family"], pa.array(some)))) for turn, some in enumerate(_TURNS)]
        while self._due and self._due[0].at_ns <= now_ns:
            due = self._due.popleft()
            yield from self._judge(due.minute, due.turn, _ordered(due.rows))

    def _count_fresh(self) -> None:
        if self._fresh:
            self._count(_counted(pa.concat_tables(self._fresh)))
            self._fresh = []

    def _count(self, rows: pa.Table) -> None:
        """Of equals their number and the smallest ids as an example: however the rows were cut."""
        rows = rows.append_column("none", pa.array(np.zeros(rows.num_rows, np.int64)))
        series = combined(*(of_names(rows[name]) for name in _NAMED), rows["bin"].to_numpy().astype(np.uint64))
        minutes = rows["minute"].to_numpy()
        for minute in np.unique(minutes).tolist():
            which = np.flatnonzero(minutes == minute)
            own = rows if len(which) == len(minutes) else rows.take(pa.array(which))
            self._open.setdefault(minute, Bucket(["n"], ["none", "trace", "span"])).add(series[which], own.select([*_NAMED, "bin"]), own)

    def _judge(self, minute: int, turn: int, rows: pa.Table) -> Iterator[Finding]:
        for family in _TURNS[turn]:
            own = rows.filter(pc.equal(rows["family"], family))
            if family == "answers":
                yield from self._answered(minute, own)
            elif family == "outcomes":
                yield from self._fallen(minute, own)
            else:
                yield from self._mixed(minute, family, own)

    def _mixed(self, minute: int, family: str, rows: pa.Table) -> Iterator[Finding]:
        """What models answered, or what agents were asked."""
        mixes = self._endpoints if family == "endpoint" else self._inputs
        slots = self._slots(family, rows)
        mixes.grow(self._known[family].size)
        mixes.forget(self._known[family].given_up())
        mixes.add(slots, rows["bin"].to_numpy().astype(np.intp), rows["n"].to_numpy().astype(np.float64))
        judged = mixes.judge()
        limit = self._limit(family, len(judged.slots))
        sure = []
        for at in np.flatnonzero(judged.evidence > limit - np.log(self._verdicts.loosest)).tolist():
            told = self._mix(family, minute, judged, at, _example(slots, rows, int(judged.slots[at])))
            if self._is_sure(family, told, float(judged.evidence[at]), limit):
                sure.append(at)
                told = weighed(told, self._verdicts.of(told))
                yield self._of_agent(told, family, mixes, minute) if family == "inputs" else told
        mixes.forget(judged.slots[sure])

    def _fallen(self, minute: int, rows: pa.Table) -> Iterator[Finding]:
        """Runs: bin 1 are those that failed."""
        slots = self._slots("outcomes", rows)
        self._outcomes.grow(self._known["outcomes"].size)
        self._outcomes.forget(self._known["outcomes"].given_up())
        if not len(slots):
            return
        counts, failed = rows["n"].to_numpy().astype(np.float64), rows["bin"].to_numpy() == 1
        each, place = np.unique(slots, return_inverse=True)
        good, bad = (np.bincount(place, np.where(which, counts, 0.0), len(each)).astype(np.float64) for which in (~failed, failed))
        evidence = self._outcomes.step(each, good, bad)
        limit = self._limit("outcomes", float(counts.sum()))
        likely = np.flatnonzero(evidence > limit - np.log(self._verdicts.loosest))
        failures = rows.filter(pa.array(failed))
        found, sure = each[likely], []
        for slot, size, usual, ok, wrong in zip(found.tolist(), evidence[likely], self._outcomes.usual(found), *self._outcomes.lately(found), strict=True):
            told = self._fell(minute, self._known["outcomes"].key(slot), float(usual), int(ok), int(wrong), _example(slots[failed], failures, slot))
            if self._is_sure("outcomes", told, float(size), limit):
                sure.append(slot)
                yield self._of_agent(weighed(told, self._verdicts.of(told)), "outcomes", self._outcomes, minute)
        self._outcomes.forget(np.array(sure, np.intp))

    def _is_sure(self, family: str, told: Finding, evidence: float, limit: float) -> bool:
        """Whether the evidence is enough, with what people made of such findings."""
        return evidence > limit - float(np.log(self._verdicts.weight(self._verdicts.of(told), self._known[family].size)))

    def _of_agent(self, told: Finding, family: str, series: Mixes | Outcomes, minute: int) -> Finding:
        """With how other agents of the role and the project do; those of which it was told lately begin anew, and count."""
        key, known = self._known[family].key, series.known()
        evidence: dict[tuple[str, str], float] = {}
        for slot, size in zip(known.tolist(), series.evidence(known).tolist(), strict=True):  # of the version of which it is the largest
            evidence[key(slot)[:2]] = max(size, evidence.get(key(slot)[:2], size))
        lately = {(project, agent) for (which, project, agent), at in self._lately.items() if which == family and at > minute - _LATELY}
        alike = lately | {agent for agent, size in evidence.items() if size > _ALIKE}
        who = told.project, told.subject["agent"]
        self._lately = {one: at for one, at in self._lately.items() if at > minute - _LATELY} | {(family, *who): minute}
        return among(told, Company.of(sorted(alike | evidence.keys() | {who})).peers(who, alike, alike | evidence.keys()))

    def _answered(self, minute: int, rows: pa.Table) -> Iterator[Finding]:
        """Another model behind a name that is known."""
        for project, asked, answered, count, trace, span in zip(
            *(rows[name].to_pylist() for name in ("project", "name", "part", "n", "trace", "span")), strict=True
        ):
            others = {key[2]: calls for key, calls in self._answers.items() if key[:2] == (project, asked)}
            if answered not in others and sum(others.values()) >= _LEARNED:
                yield self._finding(
                    "endpoint_version",
                    minute,
                    (project, answered, ""),
                    f"{asked} is answered by {answered} now; before it was {', '.join(sorted(others))}",
                    "Compare its answers with those of before; name the version in requests where that must not happen.",
                    subject={"model": asked},
                    details={"answered_by": answered},
                    evidence=(Evidence(trace.hex(), span.hex()),),
                )
            if len(others) < _MOST_KNOWN and (others or len(self._answers) < self._settings.most_series):
                self._answers[project, asked, answered] = others.get(answered, 0) + count

    def _slots(self, family: str, rows: pa.Table) -> npt.NDArray[np.intp]:
        if not rows.num_rows:
            return np.zeros(0, np.intp)
        codes = [rows[name].combine_chunks().dictionary_encode().indices.to_numpy() for name in ("project", "name", "part")]
        begins = np.flatnonzero(np.append(True, np.any([code[1:] != code[:-1] for code in codes], axis=0)))  # those of one series stand together
        keys = zip(*(rows[name].take(pa.array(begins)).to_pylist() for name in ("project", "name", "part")), strict=True)
        return np.repeat(self._known[family].slots(list(keys)), np.diff(np.append(begins, rows.num_rows)))

    def _limit(self, family: str, steps: float) -> float:
        """Of the logarithm of the evidence: so many steps a day in all, so few false alarms."""
        before = self._steps[family]
        self._steps[family] = before + 0.01 * (steps - before) if before else float(steps)
        return float(np.log(max(_LEAST_RUN, self._steps[family] * 1_440 / self._settings.false_alarms_a_day)))

    def _mix(self, family: str, minute: int, judged: Judged, at: int, evidence: Evidence | None) -> Finding:
        before, now = judged.before[at], judged.now[at]
        key = self._known[family].key(int(judged.slots[at]))
        shown = (evidence,) if evidence else ()
        if family == "endpoint":
            lengths = [one.reshape(_SIZES, _STOPS, _LENGTHS).sum(axis=(0, 1)) for one in (before, now)]
            usual, lately = (_middle(one, 3.0) for one in lengths)
            title = f"{key[1]} answers requests of the same size differently: {_moved(lately, usual)}"
            advice = "The model may have been changed behind its name: compare answers to the same prompts, and with another provider."
            return self._finding("endpoint_changed", minute, key, title, advice, {"model": key[1]}, {"calls": float(now.sum())}, shown, lately, usual, "tokens")
        usual, lately = (_middle(one[:_SIZES], 4.0) for one in (before, now))
        tools = [one[_SIZES:].sum() / max(one.sum(), 1.0) for one in (before, now)]
        title = f"{key[1]} is asked for other things than before: {_asked(lately, usual, tools)}"
        advice = "Look at who asks now, and at prompts and tools that were changed; compare results with before only for what was asked then."
        return self._finding(
            "inputs_changed", minute, key, title, advice, {"agent": key[1]}, {"calls": float(now.sum())}, shown, lately, usual, "tokens", "info"
        )

    def _fell(self, minute: int, key: Key, usual: float, good: int, bad: int, evidence: Evidence | None) -> Finding:
        version = f", version {key[2]}" if key[2] else ""
        title = f"{key[1]}{version}: {good} of the last {good + bad} runs succeeded, where {usual:.0%} or more is usual"
        subject = {"agent": key[1]} | ({"agent_version": key[2]} if key[2] else {})
        advice = "Look at the errors of these runs and at what was deployed; a finding endpoint_changed or inputs_changed says if its model or tasks changed."
        share = good / max(good + bad, 1)
        shown = (evidence,) if evidence else ()
        return self._finding("outcomes_fell", minute, key, title, advice, subject, {"runs": float(good + bad)}, shown, share, usual, "1", "error")

    def _finding(
        self,
        rule: str,
        minute: int,
        key: Key,
        title: str,
        advice: str,
        subject: dict[str, str],
        details: dict[str, str] | dict[str, float],
        evidence: tuple[Evidence, ...] = (),
        observed: float | None = None,
        usual: float | None = None,
        unit: str = "",
        severity: str = "warning",
    ) -> Finding:
        return Finding(
            analyzer="drift",
            version=analyzer.version,
            rule=rule,
            project=key[0],
            time_ns=(minute + 1) * _MINUTE_NS,
            title=title,
            severity=severity,  # type: ignore[arg-type]
            subject=subject,
            observed=observed,
            expected=None if usual is None else (usual, 1.0 if unit == "1" else usual),
            unit=unit,
            budget=None if rule == "endpoint_version" else self._settings.false_alarms_a_day,
            evidence=evidence,
            cause=f"model {subject['model']}" if rule.startswith("endpoint") else "",
            first_ns=minute * _MINUTE_NS,
            suggestion=advice,
            details=dict(details),
        )

    def save(self) -> State:
        """All of it; what waits for its minute is summed."""
        keys = list(self._answers)
        answers = pa.table(
            {
                **{name: pa.array([key[at] for key in keys], pa.string()) for at, name in enumerate(("project", "asked", "answered"))},
                "n": pa.array([self._answers[key] for key in keys], pa.int64()),
            }
        )
        state = {"answers": answers, "endpoints": self._endpoints.save(), "inputs_mix": self._inputs.save(), "runs": self._outcomes.save()}
        state |= {f"known.{family}": known.save() for family, known in self._known.items()}
        state["progress"] = pa.table({"minute": [-1 if self._minute is None else self._minute], **{family: [steps] for family, steps in self._steps.items()}})
        lately = [dict(zip(_TOLD.names, (*who, at), strict=True)) for who, at in self._lately.items()]
        state["lately"] = pa.Table.from_pylist(lately, _TOLD)
        self._count_fresh()
        state |= {f"due.{due.minute}.{due.turn}": due.rows for due in self._due}
        waiting = [rows.append_column("minute", pa.array(np.full(rows.num_rows, at))) for at in sorted(self._open) for rows in [self._open[at].table()]]
        return state | ({"waiting": pa.concat_tables(waiting).select(_WAITING)} if waiting else {})

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        answers = state["answers"]
        self._answers = dict(
            zip(zip(*(answers[name].to_pylist() for name in ("project", "asked", "answered")), strict=True), answers["n"].to_pylist(), strict=True)
        )
        self._endpoints.restore(state["endpoints"])
        self._inputs.restore(state["inputs_mix"])
        self._outcomes.restore(state["runs"])
        for family, known in self._known.items():
            known.restore(state[f"known.{family}"])
            self._steps[family] = state["progress"][family][0].as_py()
        self._lately = {(row["family"], row["project"], row["agent"]): row["minute"] for row in state["lately"].to_pylist()}
        minute = state["progress"]["minute"][0].as_py()
        self._minute = None if minute < 0 else minute
        self._fresh, self._open = [], {}
        left = sorted(tuple(map(int, name.split(".")[1:])) for name in state if name.startswith("due."))
        self._due = deque(_Due(at, turn, state[f"due.{at}.{turn}"]) for at, turn in left)
        if "waiting" in state:
            self._count(state["waiting"])


def _counted(rows: pa.Table) -> pa.Table:
    """What is counted of the spans, one row for each time: `_WAITING`."""
    kind = rows["kind"]
    minute = pc.divide(rows["received"].cast(pa.int64()), _MINUTE_NS)
    of_model, of_tool, of_run = (pc.equal(kind, one) for one in ("llm", "tool", "agent"))
    named = pc.not_equal(rows["agent"], "")
    told = pc.and_(of_model, pc.greater(rows["input_tokens"], 0))
    size = _bins(rows["input_tokens"], 4.0, _SIZES)
    stop = pc.fill_null(pc.equal(pc.list_value_length(pc.fill_null(rows["finish_reasons"], [])), 0), True)
    ended = np.asarray(stop.to_numpy()) | np.asarray(_natural(rows["finish_reasons"]))
    joint = (size * _STOPS + ~ended.astype(bool)) * _LENGTHS + _bins(rows["output_tokens"], 3.0, _LENGTHS)
    tool = _SIZES + _hashed(rows["tool"])
    failed = pc.equal(rows["status"], "error").cast(pa.int64()).to_numpy()
    both = pc.and_(pc.not_equal(rows["request_model"], ""), pc.and_(of_model, pc.not_equal(rows["model"], "")))
    empty = pa.array([""] * rows.num_rows, pa.string())
    takes = (
        ("endpoint", pc.and_(told, pc.not_equal(rows["model"], "")), rows["model"], empty, joint),
        ("inputs", pc.and_(named, pc.or_(told, of_tool)), rows["agent"], empty, np.where(of_tool.to_numpy(), tool, size)),
        ("outcomes", pc.and_(of_run, named), rows["agent"], rows["agent_version"], failed),
        ("answers", both, rows["request_model"], rows["model"], np.zeros(rows.num_rows, np.int64)),
    )
    found = []
    for family, which, name, part, bins in takes:
        columns = {"project": rows["project"], "name": name, "part": part, "bin": pa.array(bins.astype(np.int64)), "minute": minute}
        columns |= {"n": pa.array(np.ones(rows.num_rows, np.int64)), "trace": rows["trace_id"], "span": rows["span_id"]}
        one = pa.table(columns).filter(which)
        found.append(one.append_column("family", pa.array([family] * one.num_rows, pa.string())))
    return pa.concat_tables(found).select(_WAITING)


def _ordered(rows: pa.Table) -> pa.Table:
    """By names and bin. A number for each name: to compare a hundred thousand names takes a tenth of a second."""
    place = np.zeros(rows.num_rows, np.int64)
    for name in _NAMED:
        encoded = rows[name].combine_chunks().dictionary_encode()
        rank = np.empty(len(encoded.dictionary), np.int64)
        rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(rank))
        _, place = np.unique(place * len(rank) + rank[encoded.indices.to_numpy()], return_inverse=True)  # as few numbers as there are: they shall fit
    return rows.take(pa.array(np.lexsort((rows["bin"].to_numpy(), place))))


def _bins(tokens: pa.ChunkedArray, ratio: float, most: int) -> npt.NDArray[np.int64]:
    """By orders of `ratio`, the first from 16 on."""
    values = tokens.to_numpy().astype(np.float64)  # of more than 2^53 the size is enough
    found: npt.NDArray[np.int64] = np.clip(np.floor(np.log(np.maximum(values, 1.0) / 16) / np.log(ratio)) + 1, 0, most - 1).astype(np.int64)
    return found


def _middle(counts: Floats, ratio: float) -> float:
    """The median of what was counted in bins."""
    if not counts.sum():
        return 0.0
    at = int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
    return float(16 * ratio ** (at - 0.5)) if at else 8.0


def _asked(lately: float, usual: float, tools: Sequence[float]) -> str:
    """What changed of what an agent is asked for; `tools`: their share of calls before, and now."""
    shares = [f"{share:.0%}" for share in tools]
    sizes = [f"requests of about {lately:.0f} tokens, before {usual:.0f}"] if lately != usual else []
    parts = [f"tools are {shares[1]} of its calls, before {shares[0]}"] if shares[0] != shares[1] else []
    return ", ".join(sizes + parts) or "other tools, or sizes of requests that are spread otherwise"


def _moved(lately: float, usual: float) -> str:
    """How the length of answers changed. Where its bin did not, what changed are lengths around it, or the reasons to stop."""
    if lately == usual:
        return f"about {usual:.0f} tokens as before, but spread otherwise or cut short"
    return f"about {lately:.0f} tokens, before about {usual:.0f}"


def _natural(reasons: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Whether the first reason says that the model was done, or calls a tool."""
    lists = reasons.combine_chunks() if isinstance(reasons, pa.ChunkedArray) else reasons
    has = pc.greater(pc.fill_null(pc.list_value_length(lists), 0), 0).to_numpy(zero_copy_only=False)
    first = np.full(len(lists), False)
    if has.any():
        texts = pc.list_element(lists.filter(pa.array(has)), 0)
        first[has] = pc.fill_null(pc.is_in(texts, pa.array(["stop", "end_turn", "tool_calls", "tool_use", "tool_call", "STOP"])), False).to_numpy(
            zero_copy_only=False
        )
    return first


def _hashed(names: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    encoded = names.combine_chunks().dictionary_encode() if isinstance(names, pa.ChunkedArray) else names.dictionary_encode()
    places = np.array([xxhash.xxh3_64_intdigest(name.encode()) % _TOOLS for name in encoded.dictionary.to_pylist()] or [0], np.int64)
    found: npt.NDArray[np.int64] = places[encoded.indices.to_numpy(zero_copy_only=False)]
    return found


def _example(slots: npt.NDArray[np.intp], rows: pa.Table, slot: int) -> Evidence | None:
    """A span of a series."""
    at = np.flatnonzero(slots == slot)[:1].tolist()
    return Evidence(rows["trace"][at[0]].as_py().hex(), rows["span"][at[0]].as_py().hex()) if at else None


analyzer: Final = AnalyzerKind(
    name="drift",
    version="1.1.0",
    description="What has become worse, in three verdicts: the model behind a name changed, fewer runs succeed, other things are asked.",
    reads=frozenset({"span"}),
    settings=Settings,
    news=True,
    make=Drift,
    rules=_RULES,
    heeds=_RULES[1:],
)
