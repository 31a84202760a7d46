"""What has become slower, dearer or less reliable: spans in, findings out, per agent, kind of call, model, tool and version.

Figures of a call: duration, time to the first token, seconds per token out, cost, and whether it failed. As soon as a window has enough calls it is
compared with the past of the same version (`…_grew`), or, where a version is new, with the version before it (`…_version`), by the share of calls
beyond the past's median and its 95th percentile. Beside it stands the rule that everybody knows, `run_slow`: a run that took 1.5 times the average of
the agent's last five. It needs no history and is often wrong; so it is `info`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.company import Circle, Company, Peers, among
from spyglass.analyze.builtin.minutes import ticks
from spyglass.analyze.builtin.slow_runs import SlowRuns
from spyglass.analyze.builtin.verdicts import Verdicts, weighed
from spyglass.analyze.stats.shares import BINS, Shift, bins_of, exceeded, moved, needed, quantile, shifted
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding, Heard
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Performance", "Settings", "analyzer"]

Floats = npt.NDArray[np.float64]
_MINUTE_NS: Final = 60 * 10**9
_KEYS: Final = ["project", "agent", "kind", "model", "tool", "agent_version"]
_TAKEN: Final = [*_KEYS, *"received start duration_ns pending status output_tokens cost_usd time_to_first_chunk_s trace_id span_id".split()]
_KINDS: Final = pa.array(["llm", "tool", "embedding", "reranker", "retriever", "agent", "workflow"])
_RUNS: Final = pa.array(["agent", "workflow"])
_QUANTILES: Final = (0.5, 0.95)
_SHRINK: Final = 8.0  # windows of its own that weigh as much as what all series tell about how windows differ
_DAY: Final = 24 * 60  # minutes
_QUIET: Final = 6 * 60  # minutes until the same thing is told again
_LATELY: Final = 60  # minutes in which the windows of others were compared that say how they do
_ALIKE: Final = 2.0  # deviations beyond which another became worse, too: one in 40 without a cause
_NEVER: Final = -(10**9)
_FAILED, _FINE = 1.0, 0.001  # values that stand for a failure and a success, in bins of their own


class _Figure(NamedTuple):
    name: str
    means: str
    unit: str
    quantiles: tuple[float, ...]
    advice: str


_FIGURES: Final = (
    _Figure("duration", "time of a call", "s", _QUANTILES, "Open the slowest calls, and compare provider, size of the context and arguments with before."),
    _Figure("first_token", "time to the first token", "s", _QUANTILES, "Look whether others wait for this model, too, and whether prompts grew."),
    _Figure("per_token", "time per token out", "s", _QUANTILES, "The provider is slower, or another model answers under this name."),
    _Figure("cost", "cost of a call", "USD", _QUANTILES, "Look at the size of the context, at cache hits, and at the model's price."),
    _Figure("failures", "share of calls that fail", "1", (0.5,), "Look at the errors of these calls."),
)


_RULES: Final = tuple(f"{figure.name}_{rule}" for figure in _FIGURES for rule in ("grew", "version"))


class Settings(BaseModel, extra="forbid", frozen=True):
    """How sure, how much, how long."""

    false_alarms_a_day: float = Field(1.0, gt=0, le=10_000, description="Over all series and figures together, where nothing has changed.")
    calls: int = Field(200, ge=20, le=100_000, description="Calls of a window that is compared.")
    minutes: int = Field(10, ge=1, le=1_440, description="And how long it lasts at least.")
    learns_calls: int = Field(500, ge=50, le=1_000_000, description="Calls of the past before anything is compared with it.")
    half_life_days: float = Field(3.0, gt=0, le=365, description="After which the past counts half.")
    least_change: float = Field(0.1, ge=0, le=100, description="Growth below which nothing is worth a word, as a share.")
    run_factor: float = Field(1.5, gt=1, le=100, description="A run is slow that took so many times the average of the agent's last five.")
    most_series: int = Field(4_000, ge=100, le=100_000, description="Series that are kept; those that were silent longest give way.")


class Performance:
    """Two histograms per series and figure: the past and the window that fills."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._runs = SlowRuns(settings.run_factor)
        self._slots: dict[tuple[str, ...], int] = {}
        self._keys: list[tuple[str, ...]] = []
        size = (0, len(_FIGURES), BINS)
        self._past: npt.NDArray[np.float32] = np.zeros(size, np.float32)
        self._fresh: npt.NDArray[np.float32] = np.zeros(size, np.float32)
        self._times: npt.NDArray[np.int64] = np.zeros((0, 2), np.int64)  # minute in which the window began, and of the latest call
        self._spread: Floats = np.ones((0, len(_FIGURES), 2))  # how much windows differ: sum of squared deviations, and their number
        self._told: npt.NDArray[np.int64] = np.zeros((0, len(_FIGURES)), np.int64)
        self._grew: Floats = np.zeros((0, len(_FIGURES), 2))  # by how many deviations in the latest window, and in which minute that was
        self._verdicts = Verdicts()
        self._worst: dict[int, tuple[int, bytes, bytes]] = {}  # duration and ids of the slowest call of the window that fills
        self._waiting: list[pa.Table] = []
        self._minute = _NEVER  # that goes on
        self._done_ns = 0

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Spans that have ended."""
        if isinstance(seen, Batch):
            keep = pc.and_(pc.is_in(seen.rows["kind"], _KINDS), pc.and_(pc.invert(seen.rows["pending"]), pc.not_equal(seen.rows["agent"], "")))
            rows = seen.rows.select(_TAKEN).filter(keep)
            if rows.num_rows:
                self._waiting.append(rows)
        return ()

    def heed(self, heard: Sequence[Heard]) -> None:
        """See `contracts.Heedful`."""
        self._verdicts.heed(heard)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Four times a second what arrived is counted; windows are looked at when a minute is over."""
        if not ticks("performance", now_ns, self._done_ns):
            return
        self._done_ns = now_ns
        table, received = self._arrived(now_ns)
        minutes = received // _MINUTE_NS
        for minute in np.unique(minutes).tolist():
            yield from self._next_minute(minute)
            rows = table.filter(pa.array(minutes == minute))
            yield from self._runs.look(rows.filter(pc.is_in(rows["kind"], _RUNS)), analyzer.version)
            self._add(minute, rows)
        yield from self._next_minute(now_ns // _MINUTE_NS)

    def _arrived(self, now_ns: int) -> tuple[pa.Table, npt.NDArray[np.int64]]:
        """What waited and arrived before; the rest waits on."""
        if not self._waiting:
            return pa.table({}), np.zeros(0, np.int64)
        table = pa.concat_tables(self._waiting)
        received = table["received"].cast(pa.int64()).to_numpy()
        late = received >= now_ns
        self._waiting = [table.filter(pa.array(late))] if late.any() else []
        return table.filter(pa.array(~late)), received[~late]

    def _next_minute(self, minute: int) -> Iterator[Finding]:
        """The minute before is over."""
        if minute > self._minute:
            touched = np.flatnonzero(self._times[: len(self._keys), 1] == self._minute)
            yield from self._judge(self._minute, touched)
            self._minute = minute

    def _judge(self, minute: int, touched: npt.NDArray[np.intp]) -> Iterator[Finding]:
        calls = self._fresh[touched, -1].sum(axis=1)  # every call has failed or not
        ready = touched[(calls >= self._settings.calls) & (minute + 1 - self._times[touched, 0] >= self._settings.minutes)]
        for slot in sorted(ready.tolist(), key=lambda at: self._keys[at]):
            yield from self._compare(minute, slot)
            fade = 0.5 ** ((minute + 1 - self._times[slot, 0]) / (_DAY * self._settings.half_life_days))
            self._past[slot] = self._past[slot] * np.float32(fade) + self._fresh[slot]
            self._fresh[slot] = 0
            self._worst.pop(slot, None)
            self._times[slot, 0] = minute + 1

    def _add(self, minute: int, rows: pa.Table) -> None:
        """Calls into the windows."""
        rows = rows.sort_by([("duration_ns", "descending"), ("trace_id", "ascending"), ("span_id", "ascending")])
        rows = rows.append_column("row", pa.array(np.arange(rows.num_rows)))
        examples = ("duration_ns", "trace_id", "span_id")
        table = rows.group_by(_KEYS, use_threads=False).aggregate([("row", "list"), *((name, "first") for name in examples)])
        table = table.sort_by([(key, "ascending") for key in _KEYS])
        slots = self._placed(list(zip(*(table[key].to_pylist() for key in _KEYS), strict=True)), minute)
        lists = table["row_list"].combine_chunks()
        of_row = np.empty(rows.num_rows, np.intp)
        of_row[lists.flatten().to_numpy()] = np.repeat(slots, pc.list_value_length(lists).to_numpy())
        flat = self._fresh.reshape(-1)
        for number, bins in enumerate(_bins(rows)):
            known = (bins >= 0) & (of_row >= 0)
            np.add.at(flat, (of_row[known] * len(_FIGURES) + number) * BINS + bins[known], np.float32(1))
        for slot, *example in zip(slots.tolist(), *(table[f"{name}_first"].to_pylist() for name in examples), strict=True):
            if slot < 0:
                continue
            self._worst[slot] = max(self._worst.get(slot, (-1, b"", b"")), tuple(example))

    def _placed(self, keys: Sequence[tuple[str, ...]], minute: int) -> npt.NDArray[np.intp]:
        """A slot each, of their own; -1 of those that find none, as others called in this minute, too."""
        slots = np.array([self._slots.get(key, -1) for key in keys], np.intp)
        self._times[slots[slots >= 0], 1] = minute
        missing = np.flatnonzero(slots < 0)
        room = min(self._settings.most_series - len(self._keys), len(missing))
        free = list(range(len(self._keys), len(self._keys) + room))
        if room < len(missing):
            silent = np.flatnonzero(self._times[: len(self._keys), 1] < minute)
            free += silent[np.argsort(self._times[silent, 1], kind="stable")][: len(missing) - room].tolist()
        for at, slot in zip(missing.tolist(), free, strict=False):
            self._take(keys[at], slot, minute)
            slots[at] = slot
        return slots

    def _take(self, key: tuple[str, ...], slot: int, minute: int) -> None:
        """Let a series begin."""
        if slot == len(self._keys):
            self._keys.append(key)
            if slot >= len(self._past):
                self._grow(min(max(64, 2 * slot), self._settings.most_series))
        else:
            del self._slots[self._keys[slot]]
            self._keys[slot] = key
        self._slots[key] = slot
        self._past[slot], self._fresh[slot], self._spread[slot], self._told[slot], self._times[slot] = 0, 0, 0, _NEVER, minute
        self._grew[slot] = (0, _NEVER)
        self._worst.pop(slot, None)

    def _grow(self, size: int) -> None:
        for name in ("_past", "_fresh", "_times", "_spread", "_told", "_grew"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate([array, np.zeros((size - len(array), *array.shape[1:]), array.dtype)]))

    def _compare(self, minute: int, slot: int) -> Iterator[Finding]:
        """One series whose window is full."""
        own = self._past[slot, -1].sum() >= self._settings.learns_calls
        other = slot if own else self._earlier_version(slot)
        if other is None:
            return
        for number, figure in enumerate(_FIGURES):
            past, fresh = self._past[other, number][None].astype(np.float64), self._fresh[slot, number][None].astype(np.float64)
            if min(past.sum(), fresh.sum()) < self._settings.calls / 2:
                continue
            shifts = [(share, shifted(past, fresh, share)) for share in figure.quantiles]
            spread = self._overdispersion(slot, number)
            share, shift = max(shifts, key=lambda pair: float(pair[1].deviations[0]))
            deviations = float(shift.deviations[0]) / spread
            if own:
                size = min(float(shifts[0][1].deviations[0]) ** 2, 25.0 * spread**2)  # a change is no sign of how windows differ
                self._spread[slot, number] += (size, 1.0)
            before, after = _values(figure, past, fresh, share, shift)
            self._grew[slot, number] = (deviations if after > before else 0.0, minute)
            if deviations < self._threshold(self._verdicts.loosest) or after < before * (1 + self._settings.least_change):
                continue
            if minute - self._told[slot, number] < _QUIET:
                continue
            told = self._finding(minute, slot, figure, share, (before, after), deviations, self._keys[other][-1] if not own else None)
            if deviations < self._threshold(factor := self._verdicts.of(told)):
                continue
            self._told[slot, number] = minute
            told = among(weighed(told, factor), self._peers(minute, slot, number))
            lines = [] if figure.unit == "1" else _moved(figure, past[0], fresh[0], spread)
            yield replace(told, details={**told.details, "quantiles": lines}) if lines else told

    def _earlier_version(self, slot: int) -> int | None:
        """The version of the same series that has enough past, and was called last."""
        series = self._keys[slot][:-1]
        others = [at for at, key in enumerate(self._keys) if key[:-1] == series and at != slot]
        known = [at for at in others if self._past[at, -1].sum() >= self._settings.learns_calls]
        return max(known, key=lambda at: (int(self._times[at, 1]), self._keys[at]), default=None)

    def _overdispersion(self, slot: int, number: int) -> float:
        """By how much windows differ more than chance would have it, at least 1."""
        squares, count = self._spread[: len(self._keys), number].sum(axis=0)
        pooled = (squares + _SHRINK) / (count + _SHRINK)
        squares, count = self._spread[slot, number]
        return float(np.sqrt(max(1.0, (squares + _SHRINK * pooled) / (count + _SHRINK))))

    def _threshold(self, factor: float) -> float:
        """What chance exceeds as often as the budget says: so many windows are looked at in a day, at most. `factor`: what people made of such findings."""
        looks = len(self._keys) * _DAY / self._settings.minutes * sum(len(figure.quantiles) for figure in _FIGURES)
        return needed(self._settings.false_alarms_a_day * self._verdicts.weight(factor, len(self._keys)), looks)

    def _peers(self, minute: int, slot: int, number: int) -> list[Peers]:
        """How this figure is with other agents: those that call the same, and those of the same role that call anything of the kind."""
        project, agent, kind, model, tool, _ = self._keys[slot]
        lately = np.flatnonzero(self._grew[: len(self._keys), number, 1] > minute - _LATELY).tolist()
        series = [(at, self._keys[at]) for at in lately if self._keys[at][2] == kind]
        company = Company.of({(one[0], one[1]) for _, one in series if one[0] == project})
        same = Circle("tool", project, tool) if tool else Circle("model", "", model)
        for _, one in series if same.name else ():
            if one[3:5] == (model, tool) and (not tool or one[0] == project):
                company.join((one[0], one[1]), same)
        worse = {(one[0], one[1]) for at, one in series if self._grew[at, number, 0] > _ALIKE}
        return company.peers((project, agent), worse, {(one[0], one[1]) for _, one in series})

    def _finding(self, minute: int, slot: int, figure: _Figure, share: float, values: tuple[float, float], deviations: float, earlier: str | None) -> Finding:
        project, agent, kind, model, tool, version = self._keys[slot]
        before, after = values
        what = tool or model or kind
        where = f"{agent}, {what}" + (f", version {version}" if version else "")
        past = f"with version {earlier or 'before'}" if earlier is not None else "before"
        which = "" if figure.unit == "1" else f" ({'median' if share == 0.5 else '95th percentile'})"
        named = {"agent": agent, "kind": kind, "model": model, "tool": tool, "agent_version": version, "metric": figure.name}
        return Finding(
            analyzer="performance",
            version=analyzer.version,
            rule=f"{figure.name}_{'grew' if earlier is None else 'version'}",
            project=project,
            time_ns=(minute + 1) * _MINUTE_NS,
            title=f"{where}: {figure.means}{which} is {_said(after, figure.unit)}, {past} {_said(before, figure.unit)}",
            severity="error" if after > 2 * before else "warning",
            subject={name: value for name, value in named.items() if value},
            observed=after,
            expected=(0.0, before * (1 + self._settings.least_change)),
            unit=figure.unit,
            probability=exceeded(deviations),
            budget=self._settings.false_alarms_a_day,
            evidence=tuple(Evidence(trace.hex(), span.hex()) for _, trace, span in [self._worst[slot]]),
            first_ns=int(self._times[slot, 0]) * _MINUTE_NS,
            suggestion=figure.advice,
            details={"deviations": round(deviations, 3), "quantile": share, "before": before, "calls": int(self._fresh[slot, -1].sum())},
        )

    def save(self) -> State:
        """The series that there are, and what waits."""
        count = len(self._keys)
        names = pa.table({key: [one[at] for one in self._keys] for at, key in enumerate(_KEYS)}, pa.schema([(key, pa.string()) for key in _KEYS]))
        worst = [self._worst.get(slot, (-1, b"", b"")) for slot in range(count)]
        examples = {"duration_ns": [one[0] for one in worst], "trace_id": [one[1] for one in worst], "span_id": [one[2] for one in worst]}
        arrays: dict[str, npt.NDArray[Any]] = {
            "past": self._past,
            "fresh": self._fresh,
            "times": self._times,
            "spread": self._spread,
            "told": self._told,
            "grew": self._grew,
        }
        packed = {name: pa.array([row.tobytes() for row in array[:count]], pa.binary()) for name, array in arrays.items()}
        state = {"series": pa.table({**{key: names[key] for key in _KEYS}, **examples, **packed})}
        state |= {"runs": self._runs.save(), "clock": pa.table({"minute": [self._minute], "done_ns": [self._done_ns]})}
        return state | ({"waiting": pa.concat_tables(self._waiting)} if self._waiting else {})

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        series = state["series"]
        self._keys = list(zip(*(series[key].to_pylist() for key in _KEYS), strict=True))
        self._slots = {key: slot for slot, key in enumerate(self._keys)}
        for name in ("past", "fresh", "times", "spread", "told", "grew"):
            array = getattr(self, f"_{name}")
            data = np.frombuffer(b"".join(series[name].to_pylist()), array.dtype)
            setattr(self, f"_{name}", data.reshape(len(self._keys), *array.shape[1:]).copy())
        examples = zip(*(series[name].to_pylist() for name in ("duration_ns", "trace_id", "span_id")), strict=True)
        self._worst = {slot: one for slot, one in enumerate(examples) if one[1]}
        self._runs.restore(state["runs"])
        self._minute, self._done_ns = state["clock"]["minute"][0].as_py(), state["clock"]["done_ns"][0].as_py()
        self._waiting = [state["waiting"]] if "waiting" in state else []


def _bins(rows: pa.Table) -> list[npt.NDArray[np.int64]]:
    """Of each figure, the bin of each call; -1: none."""
    duration_s = rows["duration_ns"].cast(pa.float64(), safe=False).to_numpy() / 1e9
    tokens = rows["output_tokens"].cast(pa.float64(), safe=False).to_numpy()
    first_s = rows["time_to_first_chunk_s"].cast(pa.float64(), safe=False).to_numpy()
    failed = pc.equal(rows["status"], "error").to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        per_token = np.where(tokens > 0, np.maximum(duration_s - np.nan_to_num(first_s), 0) / tokens, 0.0)
    values = (duration_s, first_s, per_token, rows["cost_usd"].to_numpy(), np.where(failed, _FAILED, _FINE))
    return [bins_of(one.astype(np.float64)) for one in values]


def _values(figure: _Figure, past: Floats, fresh: Floats, share: float, shift: Shift) -> tuple[float, float]:
    """The figure before and after, in its unit."""
    if figure.unit == "1":
        return float(shift.before[0]), float(shift.after[0])
    return float(quantile(past, share)[0]), float(quantile(fresh, share)[0])


def _moved(figure: _Figure, past: Floats, fresh: Floats, spread: float) -> list[str]:
    """Each quantile, before and after."""
    unit = figure.unit
    return [f"{one.share:.0%}: {_said(one.before, unit)} → {_said(one.after, unit)} ({one.low:.3g} to {one.high:.3g})" for one in moved(past, fresh, spread)]


def _said(value: float, unit: str) -> str:
    return f"{value:.0%}" if unit == "1" else f"{value:.3g} {unit}"


analyzer: Final = AnalyzerKind(
    name="performance",
    version="1.1.0",
    description="Calls that have become slower, dearer or less reliable than before, or than with the version before, per agent, model, tool and version.",
    reads=frozenset({"span"}),
    settings=Settings,
    news=True,
    make=Performance,
    rules=(*_RULES, "run_slow"),
    heeds=_RULES,
)
