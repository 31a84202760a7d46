"""Figures that no longer belong together, although each of them is as ever: the frame `aggregation.buckets` in, findings out.

Of each agent and five minutes: calls, failures, duration, tokens in and out, cost of a call, each in its own deviations. How they belong together is learned
from all agents; how far a set of them lies from that (Mahalanobis' distance, T² and Q in one) is as rare as the distances of all agents say. Told is the
figure that fits least, with what the others would lead to expect. What stands out in a figure by itself is the matter of `anomaly`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field, model_validator

from spyglass.analyze.builtin.aggregation import BUCKETS
from spyglass.analyze.builtin.figures import FIGURES, SUMS, Figure
from spyglass.analyze.builtin.gathered import Gathered, Gathering
from spyglass.analyze.builtin.minutes import LATER_NS
from spyglass.analyze.builtin.uses import Key
from spyglass.analyze.builtin.verdicts import Verdicts, weighed
from spyglass.analyze.shadow import Shadow
from spyglass.analyze.stats.digest import combined, digests, of_names
from spyglass.analyze.stats.places import Places
from spyglass.analyze.stats.tail import Tail
from spyglass.model.batch import Batch
from spyglass.model.finding import Finding, Heard
from spyglass.model.told import Value
from spyglass.plugin.contracts import AnalyzerKind, Frame, State
from spyglass.telemetry.metrics import ANALYZER_SHADOW

__all__ = ["Relations", "Settings", "analyzer"]

Floats = npt.NDArray[np.float64]
Slots = npt.NDArray[np.intp]
_WINDOW_NS: Final = 300 * 10**9
_DAY: Final = 288  # windows
_KINDS: Final = pa.array(["llm", "tool"])
_BY_NAME: Final = {figure.name: figure for figure in FIGURES}
_FIGURES: Final[tuple[Figure, ...]] = (
    *(_BY_NAME[name] for name in ("calls", "failures", "duration", "output_tokens", "cost")),
    replace(
        _BY_NAME["output_tokens"],
        name="input_tokens",
        means="tokens into a call",
        value=lambda sums: _BY_NAME["output_tokens"].value({**sums, "output_tokens": sums["input_tokens"]}),
    ),
)
_N: Final = len(_FIGURES)
_MEMORY: Final = 0.005  # weight of a window in an agent's own mean and spread, once there are many
_OWN: Final = 4.0  # deviations of a figure by itself: beyond, `anomaly` tells it
_SHRINK: Final = 0.01  # towards figures that have nothing to do with each other; there are thousands of windows, so little is enough
_FADE: Final = 0.5 ** (1 / (7 * _DAY))  # distances of a week ago count half
_QUIET: Final = 72  # windows until the same agent is told again
_NEVER: Final = -(10**9)


class Settings(BaseModel, extra="forbid", frozen=True):
    """How much may be wrong, and whose figures are kept."""

    false_alarms_a_day: float = Field(1.0, gt=0, le=10_000, description="Over all agents together, where nothing is wrong.")
    learns_windows: int = Field(60, ge=10, le=10_000, description="Windows of five minutes with calls before an agent is judged.")
    learns_all: int = Field(2_000, ge=100, le=10_000_000, description="Windows of all agents together, before it is known what belongs together.")
    least_calls: int = Field(3, ge=1, le=10_000, description="Calls of a window that is looked at: figures of fewer are too loose.")
    most_agents: int = Field(50_000, ge=1, le=1_000_000, description="Agents that are kept; those that were silent longest give way.")
    shadow_model: str = Field(
        "", max_length=4_096, description="An ONNX model that judges the same figures in the shadow: a file on the server. It never tells anything by itself."
    )
    shadow_sha256: str = Field("", pattern="^([0-9a-fA-F]{64})?$", description="SHA-256 of that file, in hex; another one is not read.")

    def shadow(self) -> Shadow | None:
        """The model; ValueError where it cannot be used."""
        return Shadow(Path(self.shadow_model), self.shadow_sha256, [figure.name for figure in _FIGURES]) if self.shadow_model else None

    @model_validator(mode="after")
    def _usable(self) -> Settings:
        self.shadow()
        return self


@dataclass(frozen=True, slots=True)
class _Window:
    """What is looked at."""

    number: int
    keys: Sequence[Key]
    gathered: Gathered


class Relations:
    """Means and spreads of each agent, and one matrix of all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = Places(settings.most_agents, 14 * _DAY * _WINDOW_NS)
        self._own: Floats = np.zeros((0, 3 * _N + 1))  # how often each figure was known, its mean, its variance; window in which it was told
        self._together: Floats = np.zeros((_N, _N))
        self._count = 0.0
        self._tail = Tail()
        self._verdicts = Verdicts()
        self._shadow, self._shadow_tail = settings.shadow(), Tail()
        self._windows, self._now = Gathering(_WINDOW_NS, called=()), 0  # the one that goes on

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """Buckets."""
        if isinstance(seen, Frame):
            rows = seen.rows.filter(pc.and_(pc.is_in(seen.rows["kind"], _KINDS), pc.not_equal(seen.rows["agent"], "")))
            self._windows.add(rows)
        return ()

    def heed(self, heard: Sequence[Heard]) -> None:
        """See `contracts.Heedful`."""
        self._verdicts.heed(heard)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Windows that are over, each by itself. A bucket comes when its ten seconds are over: the last one of a window when the next one begins."""
        self._now = max(self._now, (now_ns - LATER_NS["relations"]) // _WINDOW_NS)
        while (window := self._windows.first) is not None and window < self._now:
            yield from self._look(window, self._windows.pop(window))

    def _look(self, window: int, gathered: Gathered) -> Iterator[Finding]:
        often = np.flatnonzero(gathered.sums("calls") >= self._settings.least_calls)
        if not len(often):
            return
        called = gathered.keys
        keys = [called[at] for at in often.tolist()]
        projects, agents = (pa.array(column, pa.string()) for column in zip(*keys, strict=True))
        numbers = combined(of_names(projects), digests(agents))
        order = np.argsort(numbers)  # whichever came first
        numbers, keys, whole = numbers[order], [keys[at] for at in order.tolist()], {name: gathered.sums(name)[often[order]] for name in SUMS}
        slots, fresh = self._places.of(numbers, np.full(len(numbers), window * _WINDOW_NS))
        more = len(self._places) - len(self._own)
        self._own = np.concatenate([self._own, np.zeros((more, 3 * _N + 1))]) if more > 0 else self._own
        self._own[fresh] = 0
        self._own[fresh, -1] = _NEVER
        values = np.stack([figure.value(whole) for figure in _FIGURES], axis=1)
        deviations = self._deviations(slots, values)
        judged = self._own[slots, :_N].max(axis=1) > self._settings.learns_windows
        yield from self._judge(_Window(window, keys, gathered), slots, values, deviations, judged)
        self._learn(deviations[judged])

    def _deviations(self, slots: Slots, values: Floats) -> Floats:
        """Of each figure from its agent's mean, which learns them; 0 of what is not known."""
        count, mean, variance = (self._own[slots, part * _N : (part + 1) * _N] for part in range(3))
        known = np.isfinite(values)
        spread = np.sqrt(np.maximum(variance, 1e-6))
        away = np.where(known, np.nan_to_num(values) - mean, 0.0)
        found = np.where(count > 1, np.clip(away / spread, -2 * _OWN, 2 * _OWN), 0.0)
        count = count + known
        weight = np.where(known, np.maximum(_MEMORY, 1 / np.maximum(count, 1)), 0.0)
        step = np.where(count > 10, np.clip(away, -_OWN * spread, _OWN * spread), away)  # what is far off shall not move it much
        self._own[slots, : 3 * _N] = np.concatenate([count, mean + weight * step, (1 - weight) * (variance + weight * step * step)], axis=1)
        return found

    def _learn(self, deviations: Floats) -> None:
        """How figures belong together."""
        if not len(deviations):
            return
        self._count += len(deviations)
        weight = max(len(deviations) / self._count, len(deviations) * 1e-5)
        self._together += min(weight, 1.0) * (deviations.T @ deviations / len(deviations) - self._together)

    def _judge(self, window: _Window, slots: Slots, values: Floats, deviations: Floats, judged: npt.NDArray[np.bool_]) -> Iterator[Finding]:
        if self._count < self._settings.learns_all or not judged.any():
            return
        spread = np.sqrt(np.maximum(np.diag(self._together), 1e-3))
        alike = (1 - _SHRINK) * self._together / np.outer(spread, spread) + _SHRINK * np.eye(_N)
        inverse = np.linalg.inv(alike)
        scaled = deviations / spread
        led = scaled @ inverse  # by how much each figure strays from what the others say, times its precision
        size = np.sqrt(np.maximum((led * scaled).sum(axis=1), 0.0))
        rarity = self._tail.probability(size)
        limit = self._settings.false_alarms_a_day / (_DAY * max(int(judged.sum()), 1))
        quiet = window.number - self._own[slots, -1] < _QUIET
        shadow = self._shadowed(deviations, judged)
        ordinary = np.abs(scaled).max(axis=1) < _OWN
        for at in np.flatnonzero(judged & ordinary & ~quiet & (rarity <= limit * self._verdicts.loosest)).tolist():
            stray = led[at] ** 2 / np.diag(inverse)
            least = int(stray.argmax())
            expected = values[at, least] - led[at, least] / inverse[least, least] * spread[least] * self._spread(slots[at], least)
            band = 3 / np.sqrt(inverse[least, least]) * spread[least] * self._spread(slots[at], least)
            told = self._finding(window, at, least, values, (float(expected), float(band)), stray / stray.sum(), float(rarity[at]))
            factor = self._verdicts.of(told)
            if rarity[at] > limit * self._verdicts.weight(factor, int(judged.sum())):
                continue
            self._own[slots[at], -1] = window.number
            told = weighed(told, factor)
            yield told if shadow is None else replace(told, details={**told.details, **self._heard_of(shadow[at], limit)})
        self._tail.add(size[judged], _FADE)
        if shadow is not None and self._shadow_tail.known:
            self._count_shadow(shadow[judged] <= limit, rarity[judged] <= limit)

    def _shadowed(self, deviations: Floats, judged: npt.NDArray[np.bool_]) -> Floats | None:
        """How rare each is to the model in the shadow, in its own pool; None where there is no model, or it gave nothing."""
        scores = self._shadow.scores(deviations) if self._shadow else None
        if scores is None:
            return None
        sizes = np.sqrt(np.nan_to_num(scores, nan=0.0, posinf=0.0))
        found = self._shadow_tail.probability(sizes)
        self._shadow_tail.add(sizes[judged], _FADE)
        return found

    def _heard_of(self, rarity: float, limit: float) -> dict[str, Value]:
        """What the model says of a finding of ours."""
        name = self._shadow.name if self._shadow else ""
        if not self._shadow_tail.known:
            return {"shadow_model": name, "shadow_says": "nothing yet: it has seen too little"}
        return {"shadow_model": name, "shadow_probability": float(rarity), "shadow_says": "it is unusual" if rarity <= limit else "it is usual"}

    def _count_shadow(self, model: npt.NDArray[np.bool_], own: npt.NDArray[np.bool_]) -> None:
        """Who would have told what: so it is known whether the model is worth its while."""
        for verdict, which in (("both", model & own), ("model", model & ~own), ("rules", own & ~model)):
            ANALYZER_SHADOW.labels(analyzer.name, verdict).inc(int(which.sum()))

    def _spread(self, slot: int, number: int) -> float:
        return float(np.sqrt(max(self._own[slot, 2 * _N + number], 1e-6)))

    def _finding(self, window: _Window, at: int, number: int, values: Floats, band: tuple[float, float], shares: Floats, rarity: float) -> Finding:
        figure = _FIGURES[number]
        project, agent = window.keys[at]
        slowest = window.gathered.slowest(window.keys[at])
        calls = _FIGURES[0].back(float(values[at, 0]), 0.0)
        value, middle, low, high = (figure.back(one, calls) for one in (float(values[at, number]), band[0], band[0] - band[1], band[0] + band[1]))
        return Finding(
            analyzer="relations",
            version=analyzer.version,
            rule="unusual_relation",
            project=project,
            time_ns=(window.number + 1) * _WINDOW_NS,
            title=f"{agent}: {figure.means} is {figure.said(value)} in these five minutes, {'more' if value > middle else 'less'} than its other figures say: "
            f"about {figure.said(middle)} ({figure.said(low)} to {figure.said(high)})",
            severity="warning",
            subject={"agent": agent, "metric": figure.name},
            observed=value,
            expected=(low, high),
            unit=figure.unit,
            probability=rarity,
            budget=self._settings.false_alarms_a_day,
            features={_FIGURES[place].name: round(float(shares[place]), 3) for place in np.argsort(-shares, kind="stable")[:3].tolist()},
            evidence=(slowest,) if slowest else (),
            first_ns=window.number * _WINDOW_NS,
            suggestion=f"{figure.advises(value > middle)} Each figure by itself is usual, but they no longer belong together: what changed is between them, "
            "as another model, price, cache or prompt. Compare the slowest call with one of yesterday.",
        )

    def save(self) -> State:
        """All of it, and what waits."""
        own = pa.array([row.tobytes() for row in self._own], pa.binary(8 * (3 * _N + 1)))
        matrix = pa.table({str(at): self._together[:, at] for at in range(_N)})
        state = {"agents": self._places.save().append_column("own", own), "together": matrix, "tail": self._tail.save()}
        state["shadow"] = self._shadow_tail.save()
        state["shadow_model"] = pa.table({"name": [self._shadow.name if self._shadow else ""]})
        state["count"] = pa.table({"count": [self._count]})
        return state | self._windows.save() | {"clock": pa.table({"minute": [self._now]})}

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._places.restore(state["agents"])
        self._own = np.frombuffer(b"".join(state["agents"]["own"].to_pylist()), np.float64).reshape(-1, 3 * _N + 1).copy()
        self._together = np.stack([column.to_numpy() for column in state["together"].columns], axis=1)
        self._tail.restore(state["tail"])
        if self._shadow and state["shadow_model"]["name"][0].as_py() == self._shadow.name:  # scores of another model mean something else
            self._shadow_tail.restore(state["shadow"])
        self._count = state["count"]["count"][0].as_py()
        self._windows.restore(state)
        self._now = state["clock"]["minute"][0].as_py()


analyzer: Final = AnalyzerKind(
    name="relations",
    version="1.1.0",
    description="Figures of an agent that no longer belong together, although each of them is as ever.",
    reads=frozenset({BUCKETS}),
    settings=Settings,
    make=Relations,
    rules=("unusual_relation",),
    heeds=("unusual_relation",),
)
