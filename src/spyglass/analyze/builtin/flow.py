"""Which step follows which: the frame `calls.steps` in, findings out. One graph of tools per agent and version, learned as it goes.

`new_step`: a step that never followed this one before, where the agent's ways are well known. How likely something new is after a step is the share of
different continuations among all that were seen (Witten and Bell 1991, method C); it is told only where that is rare. `flow_changed`: what a new version
does in more or fewer of its runs than the one before, edge by edge, by Fisher's exact test with at most one false edge in twenty (Benjamini and Hochberg).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.minutes import ticks
from spyglass.analyze.builtin.steps import STEPS, Steps, steps_of
from spyglass.analyze.stats.cycles import earlier, newest, ranked
from spyglass.analyze.stats.digest import Numbers, combined, of_names
from spyglass.analyze.stats.multiple import believed, fisher
from spyglass.analyze.stats.places import Places
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Flow", "Settings", "analyzer"]

Slots = npt.NDArray[np.intp]
_MINUTE_NS: Final = 60 * 10**9
_HOUR_NS: Final = 3_600 * 10**9
_REMEMBERED: Final = 8  # spans of a run: those that came twice are seen once
_COUNTED: Final = 24  # edges of a run that are known to be counted for it
_START: Final = "(start)"
_LONGEST_NAME: Final = 200
_FALSE_SHARE: Final = 0.05
_FEWEST_RUNS: Final = 50  # of a version that is compared; again at four times as many, twice


class Settings(BaseModel, extra="forbid", frozen=True):
    """When a flow is known, and how rare is rare."""

    rarity: float = Field(0.01, gt=0, lt=1, description="Chance of anything new after a step, above which nothing new is told.")
    learns_runs: int = Field(100, ge=10, le=1_000_000, description="Runs of an agent and version before its ways count as known.")
    least_change: float = Field(0.1, ge=0, le=1, description="Change of the share of runs below which an edge of a new version is not worth a word.")
    most_edges: int = Field(200_000, ge=1_000, le=10_000_000, description="Edges that are kept; those that were seen longest ago give way.")
    most_runs: int = Field(20_000, ge=100, le=1_000_000, description="Runs that are followed; those that were silent longest give way.")


class _Edge(NamedTuple):
    project: str
    agent: str
    version: str
    before: str
    after: str


@dataclass(slots=True)
class _Known:
    """Of an edge, or of a step that leads on."""

    count: int = 0
    runs: int = 0
    last_ns: int = 0
    ways: int = 0  # different steps that followed; of a step
    settled: int = 0  # runs, when the latest minute was over; of a version


class Flow:
    """The graphs, and where each run is in them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = Places(settings.most_runs, _HOUR_NS)
        self._waiting: list[pa.Table] = []
        self._spans: Numbers = np.zeros((0, _REMEMBERED), np.uint64)
        self._counted: Numbers = np.zeros((0, _COUNTED), np.uint64)
        self._latest: npt.NDArray[np.int32] = np.zeros((0, 1), np.int32)  # code of the step; 0: the run begins
        self._names, self._codes = [_START], {_START: 0}
        self._edges: dict[_Edge, _Known] = {}
        self._steps: dict[_Edge, _Known] = {}  # `after` is empty
        self._versions: dict[_Edge, _Known] = {}  # `before` and `after` are empty; `ways`: comparisons that were made
        self._touched: set[_Edge] = set()  # versions of which runs began in this minute
        self._pairs: dict[int, tuple[_Known, _Known]] = {}  # the edge and its step, by number: names need not be looked at again
        self._begins: dict[int, tuple[_Edge, _Known]] = {}  # the version, by the number of its graph
        self._minute = 0
        self._done_ns = 0

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Calls of tools."""
        if isinstance(seen, Frame):
            rows = seen.rows.filter(pc.equal(seen.rows["kind"], "tool"))
            if rows.num_rows:
                self._waiting.append(rows)
        return ()

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Four times a second what arrived before; versions are compared when a minute is over."""
        if not ticks("flow", now_ns, self._done_ns):
            return
        self._done_ns = now_ns
        if self._waiting:
            table = pa.concat_tables(self._waiting).combine_chunks()
            steps = steps_of(table, "^$")
            late = steps.received >= now_ns
            self._waiting = [table.filter(pa.array(late))] if late.any() else []
            order = np.lexsort((steps.span, steps.start, steps.received))
            order = order[~late[order]]
            minutes = steps.received[order] // _MINUTE_NS
            for minute in np.unique(minutes).tolist():
                yield from self._next_minute(minute)
                yield from self._look(table, steps.at(order[minutes == minute]))
        yield from self._next_minute(now_ns // _MINUTE_NS)

    def _next_minute(self, minute: int) -> Iterator[Finding]:
        """The minute before is over: what it counted holds."""
        if minute <= self._minute:
            return
        self._minute = minute
        for version in sorted(self._touched):
            known = self._versions[version]
            known.settled = known.runs
            yield from self._compared(version)
        self._touched = set()
        self._bound()

    def _look(self, table: pa.Table, steps: Steps) -> Iterator[Finding]:
        slots, fresh = self._places.of(steps.run, steps.received)
        self._room(fresh)
        by_slot = np.argsort(slots, kind="stable")
        steps, slots = steps.at(by_slot), slots[by_slot]
        once = self._once(steps, slots)
        steps, slots = steps.at(once), slots[once]
        if not len(slots):
            return
        group = ranked(slots)
        rows = table.take(pa.array(steps.row))
        codes = self._coded(rows["tool"])
        before = earlier(self._latest, group, codes, 1)
        self._latest[slots[group.lasts]] = newest(self._latest, group, codes)
        series = _series(rows)
        edges = combined(series, before.astype(np.uint64), codes.astype(np.uint64))
        first_of_run = np.ones(len(edges), np.bool_)
        for back in range(1, _COUNTED + 1):
            first_of_run &= earlier(self._counted, group, edges, back) != edges
        self._counted[slots[group.lasts]] = newest(self._counted, group, edges)
        order = np.lexsort((steps.span, steps.start, steps.received))
        yield from self._learn(rows, steps, order, before, codes, edges, first_of_run)

    def _learn(
        self,
        rows: pa.Table,
        steps: Steps,
        order: Slots,
        before: npt.NDArray[np.int32],
        codes: npt.NDArray[np.int32],
        edges: Numbers,
        first_of_run: npt.NDArray[np.bool_],
    ) -> Iterator[Finding]:
        """Each edge once with how often it was seen; those that are new in the order of their rows."""
        _, first, inverse = np.unique(edges[order], return_index=True, return_inverse=True)
        counts, runs = np.bincount(inverse), np.bincount(inverse, first_of_run[order]).astype(np.int64)
        lasts = np.zeros(len(first), np.int64)
        np.maximum.at(lasts, inverse, steps.received[order])
        series = _series(rows)
        numbers = edges[order[first]].tolist()
        unseen = np.array([at for number, at in zip(numbers, first.tolist(), strict=True) if number not in self._pairs], np.intp)
        if len(unseen):
            yield from self._met(rows, steps, order, np.sort(unseen), before, codes, edges, combined(series, before.astype(np.uint64)))
        for number, count, of_runs, last_ns in zip(numbers, counts.tolist(), runs.tolist(), lasts.tolist(), strict=True):
            for known in self._pairs[number]:
                known.count += count
                known.runs += of_runs
                known.last_ns = max(known.last_ns, last_ns)
        self._begun(rows, order[before[order] == 0], steps, series)

    def _met(
        self,
        rows: pa.Table,
        steps: Steps,
        order: Slots,
        places: Slots,
        before: npt.NDArray[np.int32],
        codes: npt.NDArray[np.int32],
        edges: Numbers,
        sources: Numbers,
    ) -> Iterator[Finding]:
        """Edges of which no row came since the start, or none ever; `places` in `order`."""
        sources = sources[order]
        named = rows.select(["project", "agent", "agent_version"]).take(pa.array(order[places])).to_pylist()
        for at, row in zip(places.tolist(), named, strict=True):
            own = int(order[at])
            key = _Edge(row["project"], row["agent"], row["agent_version"], self._names[before[own]], self._names[codes[own]])
            if key not in self._edges:
                finding = self._new_edge(key, rows, steps, own, int((sources[:at] == sources[at]).sum()))
                if finding is not None:
                    yield finding
            self._pairs[int(edges[own])] = self._edges[key], self._step(key)

    def _step(self, key: _Edge) -> _Known:
        return self._steps.setdefault(key._replace(after=""), _Known())

    def _new_edge(self, key: _Edge, rows: pa.Table, steps: Steps, at: int, seen: int) -> Finding | None:
        """The edge is known from now on; a finding where it is a surprise."""
        self._edges[key] = _Known()
        step, version = self._step(key), self._versions.get(key._replace(before="", after=""))
        count, ways = step.count + seen, step.ways
        step.ways += 1
        if version is None or version.settled < self._settings.learns_runs or not ways or ways / (count + ways) > self._settings.rarity:
            return None
        trace, span = (rows[name][at].as_py().hex() for name in ("trace_id", "span_id"))
        chance = ways / (count + ways)
        did = f"begins with {key.after}" if key.before == _START else f"calls {key.after} after {key.before}"
        return Finding(
            analyzer="flow",
            version=analyzer.version,
            rule="new_step",
            project=key.project,
            time_ns=int(steps.received[at]),
            title=f"{key.agent} {did} for the first time; the {count:,} times before it took {'another step' if ways == 1 else f'one of {ways} other steps'}",
            severity="warning",
            subject={"agent": key.agent, "tool": key.after, "after": key.before, **({"agent_version": key.version} if key.version else {})},
            probability=chance,
            evidence=(Evidence(trace, span),),
            suggestion="Look at what the agent was told just before: a new instruction, another prompt or model, or something that it read.",
            details={"seen": count, "known_ways": ways, "runs": version.settled},
        )

    def _begun(self, rows: pa.Table, at: Slots, steps: Steps, series: Numbers) -> None:
        """The versions of which runs began."""
        numbers, first, inverse = np.unique(series[at], return_index=True, return_inverse=True)
        lasts = np.zeros(len(numbers), np.int64)
        np.maximum.at(lasts, inverse, steps.received[at])
        unseen = [place for number, place in zip(numbers.tolist(), first.tolist(), strict=True) if number not in self._begins]
        named = rows.select(["project", "agent", "agent_version"]).take(pa.array(at[unseen])).to_pylist() if unseen else []
        for place, row in zip(unseen, named, strict=True):
            key = _Edge(row["project"], row["agent"], row["agent_version"], "", "")
            self._begins[int(series[at[place]])] = key, self._versions.setdefault(key, _Known())
        for number, count, last_ns in zip(numbers.tolist(), np.bincount(inverse, minlength=len(numbers)).tolist(), lasts.tolist(), strict=True):
            key, known = self._begins[number]
            known.runs += count
            known.last_ns = max(known.last_ns, last_ns)
            self._touched.add(key)

    def _compared(self, version: _Edge) -> Iterator[Finding]:
        """With the version before, when there are enough runs of both."""
        known = self._versions[version]
        if not version.version or known.ways > 2 or known.runs < _FEWEST_RUNS * 4**known.ways:
            return
        known.ways += 1
        others = [one for one in self._versions if one[:2] == version[:2] and one != version and self._versions[one].runs >= _FEWEST_RUNS]
        others = [one for one in others if self._versions[one].ways > 0 or not one.version or self._versions[one].runs > known.runs]
        if not others:
            return
        earlier_one = max(others, key=lambda one: (self._versions[one].last_ns, one))
        changes = self._changes(earlier_one, version)
        if changes:
            yield self._changed(earlier_one, version, changes)

    def _changes(self, old: _Edge, new: _Edge) -> list[tuple[float, str, float, float]]:
        """Edges that differ: by how much, which, and in which share of runs, before and now; the largest first."""
        shares = [{key[3:]: min(one.runs, self._versions[of].runs) for key, one in self._edges.items() if key[:3] == of[:3]} for of in (old, new)]
        runs = [self._versions[of].runs for of in (old, new)]
        edges = sorted(set(shares[0]) | set(shares[1]))
        rare = believed(np.array([fisher(shares[0].get(one, 0), runs[0], shares[1].get(one, 0), runs[1]) for one in edges]))
        found = []
        for one, false_share in zip(edges, rare.tolist(), strict=True):
            before, now = shares[0].get(one, 0) / runs[0], shares[1].get(one, 0) / runs[1]
            if false_share <= _FALSE_SHARE / 3 and abs(now - before) >= self._settings.least_change:
                found.append((abs(now - before), f"{one[0]} → {one[1]}", before, now))
        return sorted(found, key=lambda one: (-one[0], one[1]))

    def _changed(self, old: _Edge, new: _Edge, changes: list[tuple[float, str, float, float]]) -> Finding:
        _, edge, before, now = changes[0]
        more = f", and {len(changes) - 1} other steps differ" if len(changes) > 1 else ""
        return Finding(
            analyzer="flow",
            version=analyzer.version,
            rule="flow_changed",
            project=new.project,
            time_ns=self._versions[new].last_ns,
            title=f"{new.agent}, version {new.version}: {edge} in {now:.0%} of its runs, with version {old.version or 'none'} in {before:.0%}{more}",
            severity="info",
            subject={"agent": new.agent, "agent_version": new.version},
            observed=now,
            expected=(before, before),
            unit="1",
            suggestion="If the change is meant, all is well; else compare prompts, tools and model of the two versions.",
            details={
                "earlier_version": old.version,
                "changes": [f"{what}: {was:.0%} → {is_now:.0%}" for _, what, was, is_now in changes[:20]],
                "runs": self._versions[new].runs,
            },
        )

    def _room(self, fresh: Slots) -> None:
        size = len(self._places)
        for name in ("_spans", "_counted", "_latest"):
            array = getattr(self, name)
            array = np.concatenate([array, np.zeros((size - len(array), array.shape[1]), array.dtype)]) if size > len(array) else array
            array[fresh] = 0
            setattr(self, name, array)

    def _once(self, steps: Steps, slots: Slots) -> Slots:
        """Those that are none of the latest of their run."""
        if not len(slots):
            return np.zeros(0, np.intp)
        group = ranked(slots)
        again = np.zeros(len(slots), np.bool_)
        for back in range(1, _REMEMBERED + 1):
            again |= earlier(self._spans, group, steps.span, back) == steps.span
        self._spans[slots[group.lasts]] = newest(self._spans, group, steps.span)
        return np.flatnonzero(~again)

    def _coded(self, column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
        coded = column.combine_chunks().dictionary_encode()
        for name in coded.dictionary.to_pylist():
            if name[:_LONGEST_NAME] not in self._codes:
                self._codes[name[:_LONGEST_NAME]] = len(self._names)
                self._names.append(name[:_LONGEST_NAME])
        codes = np.array([self._codes[name[:_LONGEST_NAME]] for name in coded.dictionary.to_pylist()], np.int32)
        found: npt.NDArray[np.int32] = codes[coded.indices.to_numpy()]
        return found

    def _bound(self) -> None:
        """Edges that were seen longest ago are forgotten when there are too many, and names with them."""
        if len(self._edges) <= self._settings.most_edges and len(self._names) <= self._settings.most_edges:
            return
        kept = sorted(self._edges.items(), key=lambda pair: (-pair[1].last_ns, pair[0]))[: self._settings.most_edges * 3 // 4]
        self._edges = dict(kept)
        sources = {key._replace(after="") for key in self._edges}
        self._steps = {key: one for key, one in self._steps.items() if key in sources}
        versions = {key._replace(before="") for key in sources}
        self._versions = {key: one for key, one in self._versions.items() if key in versions}
        self._names, self._codes = [_START], {_START: 0}
        self._latest[:], self._counted[:] = 0, 0  # runs that go on begin anew
        self._pairs, self._begins = {}, {}

    def save(self) -> State:
        """The graphs, where the runs are, and what waits."""
        arrays: dict[str, npt.NDArray[Any]] = {"spans": self._spans, "counted": self._counted, "latest": self._latest}
        state = {name: pa.table([pa.array(column) for column in array.T], [str(at) for at in range(array.shape[1])]) for name, array in arrays.items()}
        state |= {name: _table(getattr(self, f"_{name}")) for name in ("edges", "steps", "versions")}
        state |= {"touched": _table({key: _Known() for key in sorted(self._touched)}), "names": pa.table({"name": self._names})}
        state |= {"places": self._places.save(), "clock": pa.table({"minute": [self._minute], "done_ns": [self._done_ns]})}
        return state | ({"waiting": pa.concat_tables(self._waiting)} if self._waiting else {})

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        for name in ("spans", "counted", "latest"):
            setattr(self, f"_{name}", np.stack([column.to_numpy() for column in state[name].columns], axis=1))
        for name in ("edges", "steps", "versions"):
            setattr(self, f"_{name}", _known(state[name]))
        self._touched = set(_known(state["touched"]))
        self._pairs, self._begins = {}, {}
        self._names = state["names"]["name"].to_pylist()
        self._codes = {name: code for code, name in enumerate(self._names)}
        self._places.restore(state["places"])
        self._minute, self._done_ns = state["clock"]["minute"][0].as_py(), state["clock"]["done_ns"][0].as_py()
        self._waiting = [state["waiting"]] if "waiting" in state else []


def _series(rows: pa.Table) -> Numbers:
    """Which graph each row belongs to."""
    return combined(*(of_names(rows[name]) for name in ("project", "agent", "agent_version")))


def _table(known: Mapping[_Edge, _Known]) -> pa.Table:
    keys = {name: pa.array([getattr(key, name) for key in known], pa.string()) for name in _Edge._fields}
    return pa.table(keys | {one.name: pa.array([getattr(value, one.name) for value in known.values()], pa.int64()) for one in fields(_Known)})


def _known(table: pa.Table) -> dict[_Edge, _Known]:
    return {_Edge(*(row[name] for name in _Edge._fields)): _Known(*(row[one.name] for one in fields(_Known))) for row in table.to_pylist()}


analyzer: Final = AnalyzerKind(
    name="flow",
    version="1.0.0",
    description="Steps that never followed each other before in an agent whose ways are known, and what a new version does otherwise.",
    reads=frozenset({STEPS}),
    settings=Settings,
    news=True,
    make=Flow,
    rules=("new_step", "flow_changed"),
)
