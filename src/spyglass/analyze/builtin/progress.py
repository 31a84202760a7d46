"""Runs that burn more than their agent's other runs ever did, and conversations that fill up their model, while they run: `calls.steps` in, findings out.

`overspent`: a run has spent more (money; where no price is known, tokens; else calls) than nearly all earlier runs of its agent, with the share of calls
that brought anything new. How much is too much tells a budget of false alarms, as costs of runs are skewed: the spread of the agent's runs, and how far runs
of all agents lie beyond theirs (`stats/tail.py`). Told again when it has doubled. `context_filling`: what a run sends to a model grows towards the size of
its window; told with how many calls are left. A run is one agent's part of one trace, and has ended when it was silent for ten minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from statistics import NormalDist
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.minutes import MINUTE_NS, Minutes
from spyglass.analyze.builtin.steps import STEPS, Steps, steps_of
from spyglass.analyze.stats.cycles import Group, earlier, newest, ranked
from spyglass.analyze.stats.digest import Numbers, combined, of_names
from spyglass.analyze.stats.places import Places
from spyglass.analyze.stats.shares import BINS, LOGS, bins_of, quantile
from spyglass.analyze.stats.tail import Tail
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Progress", "Settings", "analyzer"]

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]
Slots = npt.NDArray[np.intp]
_SECOND_NS: Final = 10**9
_LATER_NS: Final = 200_000_000  # others look when a second ends
_SILENT_MINUTES: Final = 10  # after which a run has ended
_DAY_NS: Final = 24 * 60 * MINUTE_NS
_REMEMBERED: Final = 8  # calls, and spans, of a run
_NAMES: Final = ("cost", "tokens", "calls", "new", "minute", "told", "owner", "window")  # columns of a run
_COST, _TOKENS, _CALLS, _NEW, _LAST, _TOLD, _OWNER, _WINDOW = range(len(_NAMES))
_OF_RUN: Final = ("sums", "calls", "spans", "sizes")  # what is remembered of each
_LEAST: Final = 0.1  # deviation of the logarithm of what runs spend, however alike they were
_FEWEST_A_DAY: Final = 1_000.0  # runs that end in a day, as long as nobody knows
_ENOUGH: Final = 300.0  # runs that have been compared with those before them, for their tail to be continued
_MEMORY: Final = 0.002  # weight of a minute in how many runs end in one
_UNITS: Final = ("USD", "tokens", "calls")
_SCALES: Final = (1e-9, 1.0, 1.0)
_WINDOWS: Final = {
    "claude-": 200_000,
    "gemini-1.5-pro": 2_097_152,
    "gemini-": 1_048_576,
    "gpt-3.5": 16_385,
    "gpt-4.1": 1_047_576,
    "gpt-4o": 128_000,
    "gpt-4-turbo": 128_000,
    "gpt-5": 400_000,
    "llama-3": 131_072,
    "mistral-large": 131_072,
    "o1": 200_000,
    "o3": 200_000,
    "o4-mini": 200_000,
}


class Settings(BaseModel, extra="forbid", frozen=True):
    """From when on a run is worth a word."""

    learns_runs: int = Field(30, ge=10, le=1_000_000, description="Runs of an agent that have ended, before another one is held against them.")
    factor: float = Field(2.0, ge=1, le=1_000, description="So many times what 95 of 100 of them spent at most is not yet too much.")
    false_alarms_a_day: float = Field(1.0, gt=0, le=10_000, description="Runs told as overspent, of all agents together, where nothing is wrong.")
    context_share: float = Field(0.8, gt=0, lt=1, description="Share of a model's window from which on a conversation that grows is told.")
    context_tokens: Mapping[str, int] = Field(_WINDOWS, description="Tokens that a model takes, by how its name begins; of several the longest name counts.")
    most_runs: int = Field(20_000, ge=100, le=1_000_000, description="Runs that are watched; those that were silent longest give way.")
    most_agents: int = Field(5_000, ge=10, le=100_000, description="Agents whose earlier runs are known.")


class Progress:
    """What runs have spent so far, and what those before them spent in all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runs, self._owners = Places(settings.most_runs, _DAY_NS), Places(settings.most_agents, 90 * _DAY_NS)
        self._sums: Whole = np.zeros((0, len(_NAMES)), np.int64)
        self._calls: Numbers = np.zeros((0, _REMEMBERED), np.uint64)
        self._spans: Numbers = np.zeros((0, _REMEMBERED), np.uint64)
        self._sizes: Whole = np.zeros((0, _REMEMBERED), np.int64)  # of calls of a model: what was sent
        self._ended: npt.NDArray[np.float32] = np.zeros((0, 3 * BINS), np.float32)  # of cost, tokens and calls
        self._pools = [Tail(_ENOUGH, logarithms=True) for _ in _UNITS]  # by how many deviations runs exceeded those before them, of all agents
        self._rate = self._known_minutes = 0.0  # runs that end in a minute of agents that are known, and of how many minutes that is the mean
        self._seconds, self._minute = Minutes(_SECOND_NS), 0

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Calls."""
        if isinstance(seen, Frame):
            self._seconds.add(seen.rows.filter(pc.not_equal(seen.rows["agent"], "")))
        return ()

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Seconds that are over, each by itself: a minute of a busy fleet would take a second at once."""
        for second, rows in self._seconds.over(now_ns - _LATER_NS):
            yield from self._look(rows, second)

    def _look(self, table: pa.Table, second: int) -> Iterator[Finding]:
        minute = second * _SECOND_NS // MINUTE_NS
        if minute != self._minute:
            self._end(minute)
            self._minute = minute
        steps = steps_of(table, "^$")
        order = np.lexsort((steps.span, steps.start, steps.received))
        steps = steps.at(order)
        slots, fresh = self._runs.of(steps.run, steps.received)
        for name in _OF_RUN:
            setattr(self, f"_{name}", _room(getattr(self, f"_{name}"), len(self._runs), fresh))
        owners, strangers = self._owners.of(combined(of_names(table["project"]), of_names(table["agent"]))[order], steps.received)
        self._ended = _room(self._ended, len(self._owners), strangers)
        by_slot = np.argsort(slots, kind="stable")
        steps, slots, owners = steps.at(by_slot), slots[by_slot], owners[by_slot]
        kept = self._once(steps, slots)
        steps, slots, owners = steps.at(kept), slots[kept], owners[kept]
        if len(slots):
            group = ranked(slots)
            self._add(steps, group, owners, minute)
            yield from self._judge(table, steps, group, (second + 1) * _SECOND_NS)

    def _end(self, minute: int) -> None:
        """Runs that were silent for long have ended: what they spent in all is known."""
        over = np.flatnonzero((self._sums[:, _CALLS] > 0) & (self._sums[:, _LAST] < minute - _SILENT_MINUTES))
        self._compare(self._sums[over], max(minute - self._minute, 1))
        for number in range(3):
            bins = bins_of(self._sums[over, number] * 1e-6)  # from the lowest bin on: one of the smallest unit
            known = bins >= 0
            np.add.at(self._ended, (self._sums[over[known], _OWNER], number * BINS + bins[known]), np.float32(1))
        self._sums[over] = 0

    def _compare(self, ended: Whole, minutes: int) -> None:
        """Runs that ended in so many minutes, with those of their agents before them."""
        number, spent = _spent(ended)
        usual = _Usual.of(self._ended.reshape(-1, BINS)[ended[:, _OWNER] * 3 + number])
        known = usual.runs >= self._settings.learns_runs
        beyond = _normal((np.log(np.maximum(spent * 1e-6, 1e-300)) - usual.mean) / usual.deviation, usual.runs - 1)
        for at, pool in enumerate(self._pools):
            pool.add(beyond[known & (number == at)])
        if not known.any() and not self._known_minutes:
            return
        self._known_minutes += minutes if self._known_minutes else 1
        weight = max(1 - (1 - _MEMORY) ** minutes, min(1.0, minutes / self._known_minutes))
        self._rate += weight * (int(known.sum()) / minutes - self._rate)

    def _limits(self, past: npt.NDArray[np.float32], number: Whole) -> Floats:
        """What a run may have spent, of each past (of units `number`); infinite where it is not known."""
        limits = np.full(len(past), np.inf)
        enough = np.flatnonzero(past.sum(axis=1) >= self._settings.learns_runs)
        if not len(enough):
            return limits
        known = past[enough].astype(np.float64)
        usual = _Usual.of(known)
        chance = min(0.5, self._settings.false_alarms_a_day / max(self._rate * 24 * 60, _FEWEST_A_DAY))
        sizes = np.array([pool.size(chance) if pool.known else NormalDist().inv_cdf(1 - chance) for pool in self._pools])[number[enough]]
        far = usual.mean + _student(sizes, usual.runs - 1) * usual.deviation
        limits[enough] = np.maximum(np.exp(np.minimum(far, 700.0)), quantile(known, 0.95) * self._settings.factor) * 1e6
        return limits

    def _once(self, steps: Steps, slots: Slots) -> Slots:
        """Those that are none of the latest spans of their run: senders may send one twice."""
        group = ranked(slots)
        again = np.zeros(len(slots), np.bool_)
        for back in range(1, _REMEMBERED + 1):
            again |= earlier(self._spans, group, steps.span, back) == steps.span
        self._spans[slots[group.lasts]] = newest(self._spans, group, steps.span)
        return np.flatnonzero(~again)

    def _add(self, steps: Steps, group: Group, owners: Slots, minute: int) -> None:
        known = np.zeros(len(group.slots), np.bool_)
        for back in range(1, _REMEMBERED + 1):
            known |= earlier(self._calls, group, steps.call, back) == steps.call
        self._calls[group.slots[group.lasts]] = newest(self._calls, group, steps.call)
        each = np.stack([steps.cost, steps.tokens, np.ones(len(known), np.int64), (~known).astype(np.int64)], axis=1)
        np.add.at(self._sums[:, :4], group.slots, each)
        self._sums[group.slots, _LAST], self._sums[group.slots, _OWNER] = minute, owners

    def _judge(self, table: pa.Table, steps: Steps, group: Group, at_ns: int) -> Iterator[Finding]:
        """Each run that was touched, once, by the last call of the second."""
        spent = self._sums[group.slots[group.lasts]]
        told_of, here = _spent(spent)
        kinds, kind = np.unique(spent[:, _OWNER] * 3 + told_of, return_inverse=True)  # runs of one agent have one past
        past = self._ended.reshape(-1, BINS)[kinds]
        limits = self._limits(past, kinds % 3)
        over = (here > limits[kind]) & (here >= 2 * spent[:, _TOLD])
        self._sums[group.slots[group.lasts[over]], _TOLD] = here[over]
        found = [
            self._overspent(table, steps, int(group.lasts[at]), int(told_of[at]), spent[at], past[kind[at]].astype(np.float64), float(limits[kind[at]]), at_ns)
            for at in np.flatnonzero(over).tolist()
        ]
        found += self._filling(table, steps, group, at_ns)
        yield from sorted(found, key=lambda one: (one.time_ns, one.rule, str(one.evidence[0])))

    def _overspent(self, table: pa.Table, steps: Steps, at: int, number: int, sums: Whole, past: Floats, limit: float, at_ns: int) -> Finding:
        row, unit, scale = _row(table, steps, at), _UNITS[number], _SCALES[number]
        value, usual, most = (float(sums[number]) * scale, *(float(quantile(past[None], share)[0]) * 1e6 * scale for share in (0.5, 0.95)))
        new, calls, runs = float(sums[_NEW] / sums[_CALLS]), int(sums[_CALLS]), int(past.sum())
        so_far = "" if number == _CALLS else f" in {calls:,} call{'s' if calls != 1 else ''}"
        return Finding(
            analyzer="progress",
            version=analyzer.version,
            rule="overspent",
            project=row["project"],
            time_ns=at_ns,
            title=f"{row['agent']}: a run has spent {_said(value, unit)}{so_far} so far and goes on; half of {runs:,} earlier runs ended below about "
            f"{_said(usual, unit)}, 95 in 100 below {_said(most, unit)}",
            severity="error" if new < 0.5 else "warning",
            subject={"agent": row["agent"], "metric": unit},
            observed=value,
            expected=(0.0, limit * scale),
            budget=self._settings.false_alarms_a_day,
            unit=unit,
            evidence=(Evidence(row["trace_id"].hex(), row["span_id"].hex()),),
            suggestion="It hardly does anything new: stop it." if new < 0.5 else "Look whether its latest calls bring it nearer to its goal; if not, stop it.",
            details={"calls": calls, "new_calls": round(new, 3), "runs_before": runs, "tokens": int(sums[_TOKENS]), "usd": float(sums[_COST]) * 1e-9},
        )

    def _filling(self, table: pa.Table, steps: Steps, group: Group, at_ns: int) -> Iterator[Finding]:
        """Conversations of which little is left to the end of the window."""
        asks = np.flatnonzero(~steps.tool)
        if not len(asks):
            return
        sizes = table["input_tokens"].cast(pa.int64(), safe=False).to_numpy()[steps.row[asks]]
        models = table["model"].combine_chunks().dictionary_encode()
        windows = np.array([self._window(name) for name in models.dictionary.to_pylist()], np.int64)[models.indices.to_numpy()][steps.row[asks]]
        told: set[int] = set()
        for at in np.flatnonzero((windows > 0) & (sizes >= self._settings.context_share * np.maximum(windows, 1))).tolist():
            slot = int(group.slots[asks[at]])
            if slot in told or self._sums[slot, _WINDOW]:
                continue
            told.add(slot)
            self._sums[slot, _WINDOW] = 1
            row, size, window = _row(table, steps, int(asks[at])), int(sizes[at]), int(windows[at])
            before = self._sizes[slot]
            mine = np.concatenate([before[before > 0], sizes[: at + 1][group.slots[asks[: at + 1]] == slot]])
            grows = float(np.median(np.diff(mine))) if len(mine) > 2 else size / max(int(self._sums[slot, _CALLS]), 1)
            left = f", full in about {max(0, round((window - size) / grows)):,} more" if grows > 0 else ""
            yield Finding(
                analyzer="progress",
                version=analyzer.version,
                rule="context_filling",
                project=row["project"],
                time_ns=at_ns,
                title=f"{row['agent']}: a call of {row['model']} takes {size:,} tokens of its {window:,}{left}",
                severity="warning",
                subject={"agent": row["agent"], "model": row["model"]},
                observed=size / window,
                expected=(0.0, self._settings.context_share),
                unit="1",
                evidence=(Evidence(row["trace_id"].hex(), row["span_id"].hex()),),
                suggestion="Let the agent sum up what was said, or drop old results of tools, before the model refuses or forgets.",
                details={"tokens": size, "window": window, "grows_by": round(grows, 1)},
            )
        conversations = ranked(group.slots[asks])
        self._sizes[conversations.slots[conversations.lasts]] = newest(self._sizes, conversations, sizes)

    def _window(self, model: str) -> int:
        known = [name for name in self._settings.context_tokens if model.startswith(name)]
        return self._settings.context_tokens[max(known, key=len)] if known else 0

    def save(self) -> State:
        """Runs, agents, and what waits."""
        runs, owners = self._runs.save(), self._owners.save()
        for name in _OF_RUN:
            runs = runs.append_column(name, pa.array([row.tobytes() for row in getattr(self, f"_{name}")], pa.binary()))
        state = {"runs": runs, "owners": owners.append_column("ended", pa.array([row.tobytes() for row in self._ended], pa.binary()))}
        state |= {f"pool.{unit}": pool.save() for unit, pool in zip(_UNITS, self._pools, strict=True)}
        state["rate"] = pa.table({"rate": [self._rate], "minutes": [self._known_minutes], "minute": [self._minute]})
        return state | self._seconds.save()

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        runs, owners = state["runs"], state["owners"]
        self._runs.restore(runs)
        self._owners.restore(owners)
        for name in _OF_RUN:
            setattr(self, f"_{name}", _unpacked(runs[name], getattr(self, f"_{name}")))
        self._ended = _unpacked(owners["ended"], self._ended)
        for unit, pool in zip(_UNITS, self._pools, strict=True):
            pool.restore(state[f"pool.{unit}"])
        self._rate, self._known_minutes, self._minute = (state["rate"][name][0].as_py() for name in ("rate", "minutes", "minute"))
        self._seconds.restore(state)


class _Usual(NamedTuple):
    """Of each past, on the scale of logarithms."""

    runs: Floats
    mean: Floats
    deviation: Floats  # of another run from the mean: theirs, and the doubt about the mean of so few

    @classmethod
    def of(cls, past: npt.NDArray[np.floating[Any]]) -> _Usual:
        """Rows of counts by bin."""
        counts = past.astype(np.float64)
        count = counts.sum(axis=1)
        some = np.maximum(count, 2.0)
        mean = counts @ LOGS / some
        square = np.maximum(counts @ LOGS**2 / some - mean**2, 0.0) * some / (some - 1)
        return cls(count, mean, np.maximum(np.sqrt(square), _LEAST) * np.sqrt(1 + 1 / some))


def _normal(deviations: Floats, freedom: Floats) -> Floats:
    """The normal size that is as rare as such a one of Student's t (Wallace 1959): what few runs would know is not rare; none below zero."""
    some = np.maximum(freedom, 1.0)
    found: Floats = np.sqrt(some * np.log1p(np.maximum(deviations, 0.0) ** 2 / some)) * (8 * some + 1) / (8 * some + 3)
    return found


def _student(sizes: Floats, freedom: Floats) -> Floats:
    """And back."""
    some = np.maximum(freedom, 1.0)
    powers = (sizes * (8 * some + 3) / (8 * some + 1)) ** 2 / some
    found: Floats = np.sqrt(some * np.expm1(np.minimum(powers, 700.0)))
    return found


def _spent(sums: Whole) -> tuple[Whole, Whole]:
    """What of each run counts (cost, else tokens, else calls), and how much that is."""
    number: Whole = np.where(sums[:, _COST] > 0, _COST, np.where(sums[:, _TOKENS] > 0, _TOKENS, _CALLS))
    spent: Whole = sums[np.arange(len(sums)), number]
    return number, spent


def _unpacked(column: pa.ChunkedArray, like: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.frombuffer(b"".join(column.to_pylist()), like.dtype).reshape(-1, like.shape[1]).copy()


def _room(array: npt.NDArray[Any], size: int, fresh: Slots) -> npt.NDArray[Any]:
    grown = np.concatenate([array, np.zeros((size - len(array), array.shape[1]), array.dtype)]) if size > len(array) else array
    grown[fresh] = 0
    return grown


def _row(table: pa.Table, steps: Steps, at: int) -> dict[str, Any]:
    found: dict[str, Any] = table.select(["project", "agent", "model", "trace_id", "span_id"]).slice(int(steps.row[at]), 1).to_pylist()[0]
    return found


def _said(value: float, unit: str) -> str:
    return f"{value:.2g} {unit}" if unit == "USD" and value < 1 else f"{value:,.2f} {unit}" if unit == "USD" else f"{value:,.0f} {unit}"


analyzer: Final = AnalyzerKind(
    name="progress",
    version="1.3.0",
    description="Runs that spend more than their agent's runs ever did, and conversations that fill up their model, while they run.",
    reads=frozenset({STEPS}),
    settings=Settings,
    news=True,
    make=Progress,
    rules=("overspent", "context_filling"),
)
