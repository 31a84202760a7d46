"""What stands out, minute by minute: the frame `aggregation.buckets` in, findings out, as many false ones a day as the budget says.

Each agent has one series per figure: calls, failures, duration, time to first token, tokens and cost of a call. A series is compared with its own past
(`stats/fleet.py`: points and shifts), and its rarity with all series of the figure. When many stand out at once, or most of those that are like one that does
(`company.py`), the cause is shared, and told once. Who makes no calls at all any more is `calls_silence` (`stats/pauses.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.aggregation import BUCKETS
from spyglass.analyze.builtin.anomaly_told import Channel, Look, Seen, silence
from spyglass.analyze.builtin.company import Circle
from spyglass.analyze.builtin.figures import FIGURES, MOST_TRIALS, SUMS
from spyglass.analyze.builtin.gathered import Gathered, Gathering
from spyglass.analyze.builtin.uses import Key
from spyglass.analyze.builtin.verdicts import weighed
from spyglass.analyze.stats.fleet import Fleet
from spyglass.analyze.stats.fleet import Settings as FleetSettings
from spyglass.analyze.stats.pauses import Pauses
from spyglass.analyze.stats.pauses import Settings as PauseSettings
from spyglass.analyze.stats.proportions import Proportions
from spyglass.analyze.stats.together import Together
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding, Heard
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Anomaly", "Settings", "analyzer"]

Floats = npt.NDArray[np.float64]
_MINUTE_NS: Final = 60 * 10**9
_KINDS: Final = ["llm", "tool"]
_QUIET_MINUTES: Final = 10  # without an alarm, until the next one of the same series is news
_FORGOTTEN_MINUTES: Final = 24 * 60  # without a call
_FEWEST: Final = 5  # agents, for a cause to be called shared
_BEYOND_DOUBT: Final = 6.0  # deviations of the mean of all
_WORTH_A_WORD: Final = 0.5  # of a deviation of one agent, that all must have moved
_CHANNELS: Final[tuple[Channel, ...]] = ("point", "shift")
_SILENCE: Final = "calls_silence"
_CALLS: Final = [figure.name for figure in FIGURES].index("calls")
_CIRCLES: Final = pa.schema([("number", pa.int64()), ("what", pa.string()), ("project", pa.string()), ("name", pa.string()), ("minute", pa.int64())])
_NEVER: Final = -(10**9)
_MANY: Final = 2_000  # agents, from which on the figures of a minute are judged one after the other: no batch shall wait for all
_TURN_NS: Final = 50_000_000


class Settings(BaseModel, extra="forbid", frozen=True):
    """How much may be wrong, and whose series are kept."""

    false_alarms_a_day: float = Field(1.0, gt=0, le=10_000, description="Of each figure and channel, over all agents together, where nothing is wrong.")
    learns_minutes: int = Field(60, ge=10, le=10_080, description="Minutes with calls before an agent is judged.")
    shared_share: float = Field(0.2, gt=0, le=1, description="Share of the judged agents that stand out at once for the cause to count as shared.")
    most_agents: int = Field(50_000, ge=1, le=1_000_000, description="Agents whose series are kept; those that were silent longest give way.")


@dataclass(slots=True)
class _Judging:
    """A minute that is over, of which the first `turn` figures are judged."""

    seen: Seen
    known: npt.NDArray[np.intp]  # slots of whoever called within the hour: who is silent calls zero times
    whole: dict[str, Floats]  # sums of each of them
    turn: int = 0

    @property
    def due_ns(self) -> int:
        """When the next figure is judged."""
        waits = (self.turn + 1) * _TURN_NS if len(self.known) >= _MANY else 0
        return (self.seen.minute + 1) * _MINUTE_NS + waits


class Anomaly:
    """The series of all agents."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        learns, budget = settings.learns_minutes, settings.false_alarms_a_day
        self._fleets = {figure.name: Fleet(FleetSettings(learns=learns, budget_a_day=budget, least=figure.least)) for figure in FIGURES}
        self._shares = Proportions(MOST_TRIALS, learns)
        self._pauses = Pauses(PauseSettings(learns=learns, budget_a_day=budget))
        self._slots: dict[Key, int] = {}
        self._keys: list[Key | None] = []
        self._free: list[int] = []
        self._active: npt.NDArray[np.int64] = np.zeros(0, np.int64)  # minute of the latest call
        self._told: npt.NDArray[np.int64] = np.zeros((0, len(FIGURES)), np.int64)  # minute of the latest alarm
        self._gathering = Gathering(_MINUTE_NS)
        self._together = {figure.name: Together() for figure in FIGURES}
        self._shared_at = [_NEVER] * len(FIGURES)  # minute of the latest finding that was shared
        self._circle_at: dict[tuple[int, Circle], int] = {}  # the same, of figure and circle
        self._heard: dict[str, dict[Key, float]] = {}  # by rule and agent: what people made of findings
        self._minute = _NEVER  # the latest that was judged, or is
        self._judging: _Judging | None = None

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Buckets."""
        if isinstance(seen, Frame):
            rows = seen.rows.filter(pc.and_(pc.is_in(seen.rows["kind"], pa.array(_KINDS)), pc.not_equal(seen.rows["agent"], "")))
            if rows.num_rows:
                self._gathering.add(rows)
        return ()

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Minutes that are over, each by itself."""
        yield from self._go_on(now_ns)
        over = now_ns // _MINUTE_NS - 1
        if self._minute == _NEVER:
            self._minute = (over + 1 if (first := self._gathering.first) is None else first) - 1
        if over <= self._minute:
            return
        for minute in range(max(self._minute + 1, over - _FORGOTTEN_MINUTES), over + 1):
            self._minute = minute
            self._placed(minute, (gathered := self._gathering.pop(minute)).keys)
            self._judging = self._begun(minute, gathered) if len(self._active) else None
            yield from self._go_on(now_ns)
        self._gathering.drop(over)

    def heed(self, heard: Sequence[Heard]) -> None:
        """See `contracts.Heedful`."""
        self._heard = {}
        for one in heard:
            self._heard.setdefault(one.rule, {})[one.project, one.agent] = one.factor

    def _go_on(self, now_ns: int) -> Iterator[Finding]:
        """The figures whose turn it is."""
        while (judging := self._judging) is not None and judging.due_ns <= now_ns:
            number, judging.turn = judging.turn, judging.turn + 1
            if judging.turn == len(FIGURES):
                self._judging = None
            yield from self._judge(number, judging)

    def _begun(self, minute: int, gathered: Gathered) -> _Judging:
        found = np.array([self._slots.get(key, -1) for key in gathered.keys], np.intp)
        placed = np.flatnonzero(found >= 0)  # but for those that came when all places were taken
        slots = found[placed]
        known = np.flatnonzero(self._active > minute - 60)
        whole = {name: np.zeros(len(known)) for name in SUMS}
        for name in SUMS:
            filled = np.zeros(len(self._active))
            filled[slots] = gathered.sums(name)[placed]
            whole[name] = filled[known]
        keys = [self._keys[slot] or ("", "") for slot in known.tolist()]
        return _Judging(Seen(minute, keys, gathered, analyzer.version, self._settings.false_alarms_a_day), known, whole)

    def _judge(self, number: int, judging: _Judging) -> Iterator[Finding]:
        """One figure of all; with the calls, who is silent."""
        figure, known, whole, minute = FIGURES[number], judging.known, judging.whole, judging.seen.minute
        quiet = self._silent(minute, np.flatnonzero(self._active == minute)) if number == _CALLS else []
        shares = self._shares.step(known, whole["errors"], whole["calls"]) if figure.name == "failures" else None
        values = figure.value(whole) if shares is None else shares.distances
        weights = (self._weights(number, channel, known) for channel in _CHANNELS)
        alarms = self._fleets[figure.name].step(known, values, *weights)
        yield from self._told_of(number, Look(judging.seen, figure, values, alarms, shares), known)
        if quiet and self._shared_at[number] < minute - _QUIET_MINUTES:  # else that is told
            yield from quiet
        if self._judging is None:
            self._tidy(minute)

    def _silent(self, minute: int, active: npt.NDArray[np.intp]) -> list[Finding]:
        """Agents that have fallen silent by themselves; that they make fewer calls is not told beside it."""
        self._pauses.step(minute, active)
        slots = np.flatnonzero(self._active > _NEVER)
        silent = self._pauses.silent(minute, slots, self._of_heard(_SILENCE, slots))
        self._told[slots[silent.overdue], _CALLS] = minute
        lately = silent.overdue & (silent.steps < 60)  # minutes
        if int(lately.sum()) >= max(_FEWEST, self._settings.shared_share * int((silent.judged & (silent.steps < 60)).sum())):
            return []
        said = self._heard.get(_SILENCE, {})
        found = [(self._keys[slots[at]] or ("", ""), at) for at in np.flatnonzero(silent.news).tolist()]
        told = (silence(minute, key, at, silent, analyzer.version, self._settings.false_alarms_a_day) for key, at in sorted(found))
        return [weighed(one, said.get((one.project, one.subject["agent"]), 1.0)) for one in told]

    def _placed(self, minute: int, keys: Sequence[Key]) -> None:
        """They call in this minute; agents that are new get a slot, of those that were silent longest where there is no other, and never of one that calls."""
        known = np.array([self._slots.get(key, -1) for key in keys], np.intp)
        self._active[known[known >= 0]] = minute
        new = sorted(keys[at] for at in np.flatnonzero(known < 0).tolist())
        if (lacking := len(new) - len(self._free) - (self._settings.most_agents - len(self._keys))) > 0:
            silent = np.flatnonzero((self._active > _NEVER) & (self._active < minute))
            self._forget(silent[np.argsort(self._active[silent], kind="stable")[:lacking]])
        for key in new:
            if not self._free and len(self._keys) == self._settings.most_agents:
                break  # more agents in one minute than are kept: these are not judged in it
            slot = self._slot(key)
            self._active[slot] = minute

    def _slot(self, key: Key) -> int:
        if not self._free:
            self._grow(min(max(64, 2 * len(self._keys)), self._settings.most_agents))
        slot = self._free.pop()
        self._slots[key] = slot
        self._keys[slot] = key
        return slot

    def _grow(self, size: int) -> None:
        more = size - len(self._keys)
        self._free.extend(range(size - 1, len(self._keys) - 1, -1))
        self._keys.extend([None] * more)
        self._active = np.concatenate([self._active, np.full(more, _NEVER)])
        self._told = np.concatenate([self._told, np.full((more, len(FIGURES)), _NEVER)])
        self._shares.grow(size)
        self._pauses.grow(size)
        for fleet in self._fleets.values():
            fleet.grow(size)

    def _forget(self, slots: npt.NDArray[np.intp]) -> None:
        for slot in slots.tolist():
            key, self._keys[slot] = self._keys[slot], None
            if key is not None:
                del self._slots[key]
                self._free.append(slot)
        self._active[slots] = _NEVER
        self._told[slots] = _NEVER
        self._shares.forget(slots)
        self._pauses.forget(slots)
        for fleet in self._fleets.values():
            fleet.forget(slots)

    def _tidy(self, minute: int) -> None:
        self._circle_at = {circle: at for circle, at in self._circle_at.items() if at >= minute - _QUIET_MINUTES}
        silent = np.flatnonzero((self._active > _NEVER) & (self._active < minute - _FORGOTTEN_MINUTES))
        if len(silent):
            self._forget(silent)

    def _weights(self, number: int, channel: Channel, known: npt.NDArray[np.intp]) -> Floats | None:
        """In the budget, by what people said of findings; None: nothing."""
        return self._of_heard(f"{FIGURES[number].name}_{channel}", known)

    def _of_heard(self, rule: str, known: npt.NDArray[np.intp]) -> Floats | None:
        said = self._heard.get(rule)
        if not said:
            return None
        weights = np.ones(len(self._active))
        for key, factor in said.items():
            if (slot := self._slots.get(key)) is not None:
                weights[slot] = factor
        return weights[known]

    def _told_of(self, number: int, look: Look, known: npt.NDArray[np.intp]) -> Iterator[Finding]:
        """What is news among the alarms of one figure in one minute."""
        alarms, minute, figure = look.alarms, look.seen.minute, look.figure
        found: list[tuple[int, Channel]] = [*((int(at), "point") for at in alarms.points), *((int(at), "shift") for at in alarms.shifts)]
        slots = known[[at for at, _ in found]]
        news = self._told[slots, number] < minute - _QUIET_MINUTES
        self._told[slots, number] = minute
        judged = int(alarms.judged.sum())
        mean, unusual = self._together[figure.name].step(alarms.deviations[alarms.judged])
        moved = abs(unusual) > _BEYOND_DOUBT and abs(mean) > _WORTH_A_WORD and judged >= _FEWEST
        if moved or len(found) >= max(_FEWEST, self._settings.shared_share * judged):
            if self._shared_at[number] < minute - _QUIET_MINUTES:
                yield look.everywhere(mean)
            self._shared_at[number] = minute
            self._fleets[figure.name].explained(known)  # else one or the other would be told of it when it is long over
            return
        for (at, channel), is_news in zip(found, news, strict=True):
            if not is_news:
                continue
            peers = look.peers(at, channel)
            if not (peers and peers[0].everyone):
                yield look.alone(at, channel, peers, self._heard.get(f"{figure.name}_{channel}", {}).get(look.seen.keys[at], 1.0))
                continue
            circle = number, peers[0].circle
            if self._circle_at.get(circle, _NEVER) < minute - _QUIET_MINUTES:
                yield look.circle(at, channel, peers[0])
            self._circle_at[circle] = minute

    def save(self) -> State:
        """Series, their names, and what waits for the end of its minute."""
        keys = [key or ("", "") for key in self._keys]
        series = pa.table(
            {
                "project": [project for project, _ in keys],
                "agent": [agent for _, agent in keys],
                "active": self._active,
                **{f"told_{figure.name}": self._told[:, number] for number, figure in enumerate(FIGURES)},
            }
        )
        state = {
            "series": series,
            "minute": pa.table({"minute": [self._minute]}),
            "shared": pa.table({"minute": self._shared_at}),
            "circles": self._saved_circles(),
            "shares": self._shares.save(),
        }
        if self._judging is not None:
            state |= {"judging": self._judging.seen.gathered.rows(), "turn": pa.table({"turn": [self._judging.turn]})}
        state |= self._gathering.save() | {f"pauses.{part}": table for part, table in self._pauses.save().items()}
        for name, fleet in self._fleets.items():
            state |= {f"{name}.{part}": table for part, table in fleet.save().items()} | {f"{name}.together": self._together[name].save()}
        return state

    def _saved_circles(self) -> pa.Table:
        rows = [dict(zip(_CIRCLES.names, (number, *circle, minute), strict=True)) for (number, circle), minute in self._circle_at.items()]
        return pa.Table.from_pylist(rows, _CIRCLES)

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        series = state["series"]
        self._keys = [(project, agent) if agent else None for project, agent in zip(series["project"].to_pylist(), series["agent"].to_pylist(), strict=True)]
        self._slots = {key: slot for slot, key in enumerate(self._keys) if key is not None}
        self._free = [slot for slot in range(len(self._keys) - 1, -1, -1) if self._keys[slot] is None]
        self._active = series["active"].to_numpy().copy()
        self._told = np.stack([series[f"told_{figure.name}"].to_numpy() for figure in FIGURES], axis=1).copy()
        self._minute = state["minute"]["minute"][0].as_py()
        self._shared_at = state["shared"]["minute"].to_pylist()
        circles = zip(*(state["circles"][name].to_pylist() for name in _CIRCLES.names), strict=True)
        self._circle_at = {(number, Circle(what, project, name)): minute for number, what, project, name, minute in circles}
        self._gathering.restore(state)
        self._shares.restore(state["shares"])
        self._pauses.restore({part: state[f"pauses.{part}"] for part in ("series", "pool", "rate")})
        for name, fleet in self._fleets.items():
            self._together[name].restore(state[f"{name}.together"])
            fleet.restore({part: state[f"{name}.{part}"] for part in ("series", "points", "peaks", "rates")})
        if "judging" in state:
            gathered = Gathered()
            gathered.add(state["judging"])
            self._judging = self._begun(self._minute, gathered)
            self._judging.turn = state["turn"]["turn"][0].as_py()


analyzer: Final = AnalyzerKind(
    name="anomaly",
    version="1.3.0",
    description="Agents whose calls, failures, durations, tokens or costs stand out against their own past, at a chosen rate of false alarms.",
    reads=frozenset({BUCKETS}),
    settings=Settings,
    make=Anomaly,
    rules=(*(f"{figure.name}_{rule}" for figure in FIGURES for rule in (*_CHANNELS, "shared")), _SILENCE),
    heeds=(*(f"{figure.name}_{channel}" for figure in FIGURES for channel in _CHANNELS), _SILENCE),
)
