"""Runs that go round in circles, while they run: the frame `calls.steps` in, one finding per run, told again as the rounds double.

Three rules. `loop`: the same one to four tool calls with the same arguments and the same results. `polling`: the same calls, but results differ or are not
known; that may be right for long. `retries`: the same call fails again and again, without a change. Each is told with what the run spent since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field, field_validator

from spyglass.analyze.builtin.steps import STEPS, Steps, steps_of
from spyglass.analyze.stats.cycles import Cycles, Group, earlier, newest, ranked
from spyglass.analyze.stats.digest import Numbers, combined
from spyglass.analyze.stats.places import Places
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding, Severity
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Loops", "Settings", "analyzer"]

Slots = npt.NDArray[np.intp]
Whole = npt.NDArray[np.int64]
_PERIODS: Final = 4
_REMEMBERED: Final = 8  # spans per run: those that came twice are seen once
_TICK_NS: Final = 250 * 10**6
_HOUR_NS: Final = 3_600 * 10**9
_MOST_ROWS: Final = 50_000  # at once
_MOST_NAMES: Final = 10_000  # of tools
_LONGEST_NAME: Final = 200
_SAID: Final = {
    "loop": "with the same arguments and results {count} times in a row",
    "polling": "with the same arguments {count} times in a row",
    "retries": "failed {count} times in a row, unchanged",
}
_ADVICE: Final = {
    "loop": "Stop the run. Tell the agent which calls it has made and what came of them, or give it a limit of steps.",
    "polling": "If it waits for something, let it sleep longer between two looks or be called when it is done; else stop the run.",
    "retries": "Stop the run. The same call will fail again: return what is wrong with it to the agent, and limit retries.",
}


class Settings(BaseModel, extra="forbid", frozen=True):
    """From when on a repetition is worth a word."""

    rounds: int = Field(4, ge=3, le=1_000, description="Rounds of the same calls with the same results that are a loop.")
    polls: int = Field(20, ge=3, le=100_000, description="Rounds of the same calls, where results differ or are not known.")
    retries: int = Field(4, ge=3, le=1_000, description="Failures of the same call one after the other.")
    polling_tools: str = Field("(?i)poll|wait|sleep|status|heartbeat", description="Regular expression of tools that may be called again and again.")
    costly_usd: float = Field(1.0, gt=0, description="Spent since the second round, from which on a finding is an error.")
    most_runs: int = Field(20_000, ge=100, le=1_000_000, description="Runs that are watched; those that were silent longest give way.")

    @field_validator("polling_tools")
    @classmethod
    def _pattern(cls, value: str) -> str:
        try:
            pc.match_substring_regex(pa.array([""]), value)
        except pa.ArrowInvalid as error:
            raise ValueError(f"expected a regular expression (RE2 syntax): {error}") from error
        return value


class _Lane(NamedTuple):
    rule: str
    cycles: Cycles
    least: int  # rounds


class _Repeated(NamedTuple):
    """A step at which something is told."""

    at: int  # index in the steps
    rule: str
    least: int
    period: int
    rounds: int
    since: int  # what had been spent before the second round


class Loops:
    """The latest steps of each run."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = Places(settings.most_runs, _HOUR_NS)
        self._waiting: list[pa.Table] = []
        self._spans: Numbers = np.zeros((0, _REMEMBERED), np.uint64)  # the latest calls
        self._tools: npt.NDArray[np.int32] = np.zeros((0, _PERIODS), np.int32)  # codes of the latest ones
        self._names, self._codes = [""], {"": 0}
        self._latest: Whole = np.zeros((0, 3), np.int64)  # the latest call of a tool, its start and its end
        self._totals: Whole = np.zeros((0, 4), np.int64)  # cost, tokens, calls, first arrival
        self._lanes = {
            "tool": (
                _Lane("retries", Cycles(1), settings.retries),
                _Lane("loop", Cycles(_PERIODS), settings.rounds),
                _Lane("polling", Cycles(_PERIODS), settings.polls),
            ),
            "model": (_Lane("retries", Cycles(1), settings.retries),),
        }
        self._done_ns = 0

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Calls."""
        if isinstance(seen, Frame):
            self._waiting.append(seen.rows)
        return ()

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """What arrived before; a few times a second is enough."""
        if not self._waiting or now_ns - self._done_ns < _TICK_NS:
            return
        self._done_ns = now_ns
        table = pa.concat_tables(self._waiting).combine_chunks()
        steps = steps_of(table, self._settings.polling_tools)
        late = steps.received >= now_ns
        self._waiting = [table.filter(pa.array(late))] if late.any() else []
        order = np.lexsort((steps.span, steps.start, steps.received))
        order = order[~late[order]]
        hours = steps.received[order] // _HOUR_NS
        for hour in np.unique(hours).tolist():  # who was silent for an hour is another run
            indices = order[hours == hour]
            for first in range(0, len(indices), _MOST_ROWS):
                yield from self._look(table, steps.at(indices[first : first + _MOST_ROWS]))

    def _look(self, table: pa.Table, steps: Steps) -> list[Finding]:
        slots, fresh = self._places.of(steps.run, steps.received)
        self._room(fresh)
        order = np.argsort(slots, kind="stable")
        steps, slots = steps.at(order), slots[order]
        once = self._once(steps, slots)
        steps, slots = steps.at(once), slots[once]
        totals = self._add(steps, ranked(slots)) if len(slots) else np.zeros((0, 3), np.int64)
        tools = np.flatnonzero(steps.tool)
        tools = tools[self._apart(steps.at(tools), slots[tools])]
        models = np.flatnonzero(~steps.tool)
        called = self._called(table, steps.at(tools), slots[tools])
        fired = [*self._rounds("tool", steps, slots, tools, totals), *self._rounds("model", steps, slots, models, totals)]
        once_each = {one.at: one for one in reversed(fired)}  # the first rule says most
        found = []
        for one in once_each.values():
            place = np.searchsorted(tools, one.at)
            names = [self._names[code] for code in called[place, -one.period :].tolist()] if steps.tool[one.at] else []
            placed = (int(steps.received[one.at]), int(steps.start[one.at]), int(steps.span[one.at]))
            found.append((placed, self._finding(table, steps, int(slots[one.at]), one, totals[one.at], names)))
        return [finding for _, finding in sorted(found, key=lambda pair: pair[0])]

    def _rounds(self, kind: str, steps: Steps, slots: Slots, indices: Slots, totals: Whole) -> Iterator[_Repeated]:
        if not len(indices):
            return
        chosen, group = steps.at(indices), ranked(slots[indices])
        for lane in self._lanes[kind]:
            rounds = lane.cycles.step(group, self._keys(lane.rule, chosen), totals[indices, 0])
            doubled = _doubled(rounds.count, lane.least) & rounds.whole & (rounds.period > 0)
            for at in np.flatnonzero(doubled).tolist():
                yield _Repeated(int(indices[at]), lane.rule, lane.least, int(rounds.period[at]), int(rounds.count[at]), int(rounds.since[at]))

    def _keys(self, rule: str, steps: Steps) -> Numbers:
        """What must be the same for a step to count as a repetition; a step that cannot be one is like no other."""
        other = combined(steps.span, steps.call)
        if rule == "retries":
            return np.where(steps.failed & (steps.told | ~steps.tool), steps.call, other)
        if rule == "loop":
            return np.where(steps.told & ~steps.patient, steps.result, other)
        return steps.call

    def _room(self, fresh: Slots) -> None:
        """Arrays as long as there are places; runs that are new begin at nothing."""
        size = len(self._places)
        for name in ("_spans", "_tools", "_latest", "_totals"):
            array = getattr(self, name)
            array = np.concatenate([array, np.zeros((size - len(array), array.shape[1]), array.dtype)]) if size > len(array) else array
            array[fresh] = 0
            setattr(self, name, array)
        for lane in self._every_lane():
            lane.cycles.grow(size)
            lane.cycles.forget(fresh)

    def _every_lane(self) -> Iterator[_Lane]:
        for lanes in self._lanes.values():
            yield from lanes

    def _once(self, steps: Steps, slots: Slots) -> Slots:
        """Those that are none of the latest calls of their run; senders may send a span twice."""
        group = ranked(slots)
        again = np.zeros(len(slots), np.bool_)
        for back in range(1, _REMEMBERED + 1):
            again |= earlier(self._spans, group, steps.span, back) == steps.span
        self._spans[slots[group.lasts]] = newest(self._spans, group, steps.span)
        return np.flatnonzero(~again)

    def _add(self, steps: Steps, group: Group) -> Whole:
        """What each run has spent with each of these steps: cost, tokens, calls."""
        each = np.stack([steps.cost, steps.tokens, np.ones(len(group.slots), np.int64)], axis=1)
        sums = np.cumsum(each, axis=0)
        sums -= sums[group.begins] - each[group.begins]
        sums += self._totals[group.slots, :3]
        slots = group.slots[group.lasts]
        self._totals[slots, :3] = sums[group.lasts]
        began = self._totals[slots, 3]
        self._totals[slots, 3] = np.where(began == 0, steps.received[group.begins[group.lasts]], began)
        return sums

    def _apart(self, steps: Steps, slots: Slots) -> Slots:
        """Without the second of two spans that tell the same call, as two instrumentations do: they overlap in time."""
        if not len(slots):
            return np.zeros(0, np.intp)
        group = ranked(slots)
        now = (steps.call.view(np.int64), steps.start, steps.end)
        call, start, end = (earlier(self._latest[:, at : at + 1], group, values, 1) for at, values in enumerate(now))
        self._latest[slots[group.lasts]] = np.stack(now, axis=1)[group.lasts]
        return np.flatnonzero((call != now[0]) | (end <= steps.start) | (steps.end <= start))

    def _called(self, table: pa.Table, steps: Steps, slots: Slots) -> npt.NDArray[np.int32]:
        """Codes of the latest tools of each step's run, its own at the end."""
        if not len(slots):
            return np.zeros((0, _PERIODS), np.int32)
        coded = table["tool"].combine_chunks().take(pa.array(steps.row)).dictionary_encode()
        codes = np.array([self._code(name) for name in coded.dictionary.to_pylist()], np.int32)[coded.indices.to_numpy()]
        group = ranked(slots)
        called = np.stack([earlier(self._tools, group, codes, back) for back in range(_PERIODS - 1, -1, -1)], axis=1)
        self._tools[slots[group.lasts]] = called[group.lasts]
        return called

    def _code(self, name: str) -> int:
        if name not in self._codes and len(self._names) < _MOST_NAMES:
            self._codes[name] = len(self._names)
            self._names.append(name[:_LONGEST_NAME])
        return self._codes.get(name, 0)

    def _finding(self, table: pa.Table, steps: Steps, slot: int, fired: _Repeated, totals: Whole, names: list[str]) -> Finding:
        row = {name: table[name][int(steps.row[fired.at])].as_py() for name in ("project", "agent", "model", "tool", "trace_id", "span_id")}
        trace, time_ns = row["trace_id"].hex(), int(steps.received[fired.at])
        spent, since = totals[0] / 1e9, (totals[0] - fired.since) / 1e9
        began = int(self._totals[slot, 3])
        what = " → ".join(name or "a tool" for name in names) or f"a call of {row['model'] or 'a model'}"
        own = {"tool": row["tool"]} if fired.period == 1 and row["tool"] else {} if row["tool"] else {"model": row["model"]}
        severity: Severity = "error" if fired.rounds >= 4 * fired.least or since >= self._settings.costly_usd else "warning"
        return Finding(
            analyzer="loops",
            version=analyzer.version,
            rule=fired.rule,
            project=row["project"],
            time_ns=time_ns,
            title=f"{row['agent'] or 'A run'}: {what} {_SAID[fired.rule].format(count=fired.rounds)}; {_spent(spent, since, totals)}",
            severity=severity,
            subject={"agent": row["agent"], "run": trace, **{name: value for name, value in own.items() if value}},
            observed=float(fired.rounds),
            expected=(1.0, float(fired.least - 1)),
            unit="rounds",
            evidence=(Evidence(trace, row["span_id"].hex()),),
            first_ns=began,
            suggestion=_ADVICE[fired.rule],
            details={
                "calls": names or [row["model"]],
                "rounds": fired.rounds,
                "run_calls": int(totals[2]),
                "run_seconds": round((time_ns - began) / 1e9, 3),
                "run_tokens": int(totals[1]),
                "spent_usd": round(spent, 6),
                "spent_since_usd": round(since, 6),
            },
        )

    def save(self) -> State:
        """The places, what each remembers, and what waits."""
        arrays: dict[str, npt.NDArray[Any]] = {"spans": self._spans, "tools": self._tools, "latest": self._latest, "totals": self._totals}
        state = {name: pa.table([pa.array(column) for column in array.T], [str(at) for at in range(array.shape[1])]) for name, array in arrays.items()}
        state |= {"places": self._places.save(), "names": pa.table({"name": self._names}), "done": pa.table({"ns": [self._done_ns]})}
        state |= {f"{kind}.{lane.rule}": lane.cycles.save() for kind, lanes in self._lanes.items() for lane in lanes}
        return state | ({"waiting": pa.concat_tables(self._waiting)} if self._waiting else {})

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        for name in ("spans", "tools", "latest", "totals"):
            columns = [column.to_numpy() for column in state[name].columns]
            setattr(self, f"_{name}", np.stack(columns, axis=1))
        self._places.restore(state["places"])
        self._names = state["names"]["name"].to_pylist()
        self._codes = {name: code for code, name in enumerate(self._names)}
        self._done_ns = state["done"]["ns"][0].as_py()
        self._waiting = [state["waiting"]] if "waiting" in state else []
        for kind, lanes in self._lanes.items():
            for lane in lanes:
                lane.cycles.restore(state[f"{kind}.{lane.rule}"])


def _doubled(counts: Whole, least: int) -> npt.NDArray[np.bool_]:
    """`least` rounds, twice as many, four times as many, and so on."""
    times = np.maximum(counts // least, 1)
    found: npt.NDArray[np.bool_] = (counts % least == 0) & (counts > 0) & ((times & (times - 1)) == 0)
    return found


def _spent(usd: float, since_usd: float, totals: Whole) -> str:
    """What the run cost, where that is known; else what it did."""
    if usd > 0:
        return f"{_money(usd)} spent by this run" + (f", {_money(since_usd)} of it since the second round" if since_usd > 0 else "")
    tokens = f" and {int(totals[1]):,} tokens" if totals[1] else ""
    return f"{int(totals[2]):,} calls{tokens} in this run"


def _money(usd: float) -> str:
    return f"{usd:.2f} USD" if usd >= 0.01 or usd == 0 else f"{usd:.2g} USD"


analyzer: Final = AnalyzerKind(
    name="loops",
    version="1.0.0",
    description="Runs that go round in circles or try again and again what fails, while they run, with what they spent so far.",
    reads=frozenset({STEPS}),
    settings=Settings,
    make=Loops,
    rules=("loop", "polling", "retries"),
)
