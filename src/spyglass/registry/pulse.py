"""Which executions live: what arrives of them in, verdicts about their silence out: the events `execution.stalled`, `execution.resumed`, `execution.abandoned`.

Arrival decides, by our own clock; what senders' clocks say does not. The clock stands still while this process does, and while nothing arrives from anybody:
that is our trouble and not an agent's, up to a bound. Whoever waits for a human is not suspected. A verdict carries when the run had last been heard of
(`spyglass.execution.heard_ns`), so that whatever of it arrived later says by itself that it lives.

State is bounded: of more runs than `most` those that were not heard of for longest are forgotten, and counted. Safe from any threads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import structlog

from spyglass.model.batch import Batch
from spyglass.model.clock import Clock
from spyglass.model.errors import Refused
from spyglass.model.told import Event
from spyglass.plugin.contracts import Announce
from spyglass.registry.rhythm import Rhythms
from spyglass.registry.signs import HEARD, Sign, signs_of, traces_of
from spyglass.telemetry.metrics import EXECUTIONS_FORGOTTEN, EXECUTIONS_OPEN, EXECUTIONS_TOLD

__all__ = ["Known", "Pulse"]

log = structlog.get_logger()

_MOST_AGENTS: Final = 20_000
_MOST_ENDED: Final = 100_000  # that are remembered, so that what arrives late does not begin them again
_TICK_S: Final = 2.0  # between two looks; what is longer, this process slept through, or could not keep up
_USUAL_S: Final = 5.0  # so long what is usual is taken for the same
_TOGETHER: Final = 1.5  # usual intervals without a sign of anybody, where several beat: not their fault
_QUIET_S: Final = 300.0  # so long it may be our fault that nothing arrives
_AWAY_S: Final = 60.0  # after a restart: senders that found nobody may wait so long before they try again
_WARNING: Final = 13  # severity

Key = tuple[str, str]  # project and id


class Known(NamedTuple):
    """A run that goes on, as the store knows it."""

    project: str
    id: str
    agent: str
    service: str
    trace_id: bytes
    span_id: bytes
    heard_ns: int
    status: str
    every_s: float = 0.0  # how often it said that it beats; 0: it did not


Standing = Callable[[str, Sequence[str]], dict[str, str]]
"""How some runs of a project stand, by id, as the store knows it; those that it does not know are left out."""


@dataclass(slots=True, eq=False)
class _Run:
    row: int
    key: Key
    agent: str
    service: str
    trace_id: bytes
    span_id: bytes
    heard_ns: int = 0
    waiting_ns: int = 0  # by its own clock
    resumed_ns: int = 0
    stalled: bool = False
    abandoned: bool = False

    @property
    def waits(self) -> bool:
        return self.waiting_ns > self.resumed_ns


class Pulse:
    """Feed it with `take`, and let it judge about once a second."""

    def __init__(
        self, announce: Announce, clock: Clock, restore: Callable[[int], Iterable[Known]], standing: Standing, *, abandoned_after_s: float, most: int
    ) -> None:
        """`restore` gives the runs that went on before a restart, of the last ones at most so many."""
        self._announce, self._clock, self._restore, self._standing = announce, clock, restore, standing
        self._abandoned_after_s, self._most = abandoned_after_s, most
        self._runs: OrderedDict[Key, _Run] = OrderedDict()  # the one that was not heard of for longest first
        self._ended: OrderedDict[Key, None] = OrderedDict()
        self._of_trace: dict[bytes, dict[_Run, None]] = {}  # those that do not beat: whatever their trace tells is a sign of theirs
        self._rhythms, self._free = Rhythms(most), list(range(most - 1, -1, -1))
        self._heard_s, self._beat_s = np.zeros(most), np.full(most, np.nan)
        self._pools, self._pool_of = Rhythms(_MOST_AGENTS), OrderedDict[tuple[str, str, str], int]()
        self._by_row: dict[int, _Run] = {}
        self._lock = threading.Lock()
        self._restored = False
        self._now_s = self._last_sign_s = self._usual = 0.0
        self._seen_s = clock.monotonic()
        self._looked_s = -1.0

    def take(self, batch: Batch, lost: int = 0) -> None:
        """What arrived. `lost` rows before it did not reach us: they may have been signs of anybody."""
        signs = signs_of(batch)
        with self._lock:
            now_s = self._time()
            if lost:
                self._heard_s[list(self._by_row)] = now_s
            touched: dict[_Run, bool] = {}  # and whether it beat
            for sign in signs:
                self._heed(sign, touched)
            for trace, received_ns in traces_of(batch, self._of_trace):
                for run in self._of_trace.get(trace, ()):
                    touched.setdefault(run, False)
                    self._runs.move_to_end(run.key)
                    run.heard_ns = max(run.heard_ns, received_ns)
            self._learn({run: beat for run, beat in touched.items() if self._runs.get(run.key) is run}, now_s)

    def judge(self) -> None:
        """Look at who is silent. To be called every second or so; the first time it takes up what went on before a restart.

        Raises:
            Refused, StoreError: the store cannot say what it knows; the next call tries again.
        """
        if not self._restored:
            known = list(self._restore(self._most))
            with self._lock:
                self._take_up(known)
        suspects = self._suspects()
        for project in {run.key[0] for run, _ in suspects}:
            self._tell_silence(project, [(run, limit_s) for run, limit_s in suspects if run.key[0] == project])
        EXECUTIONS_OPEN.set(len(self._runs))

    def __len__(self) -> int:
        """Runs that go on."""
        return len(self._runs)

    def _time(self) -> float:
        """Seconds that passed for agents: what this process slept through, and what nobody was heard in, is left out."""
        seen_s = self._clock.monotonic()
        self._now_s += min(max(seen_s - self._seen_s, 0.0), _TICK_S)
        self._seen_s = seen_s
        return self._now_s

    def _heed(self, sign: Sign, touched: dict[_Run, bool]) -> None:
        key = (sign.project, sign.id)
        if sign.ends:
            self._forget(key)
            self._ended[key] = None
            if len(self._ended) > _MOST_ENDED:
                self._ended.popitem(last=False)
            return
        if key in self._ended:
            return
        run = self._runs.get(key) or self._open(key, sign.agent, sign.service, sign.trace_id, sign.span_id)
        self._runs.move_to_end(key)
        run.agent, run.heard_ns = run.agent or sign.agent, max(run.heard_ns, sign.received_ns)
        run.waiting_ns, run.resumed_ns = max(run.waiting_ns, sign.waiting_ns), max(run.resumed_ns, sign.resumed_ns)
        if sign.every_s:
            self._rhythms.declare(run.row, sign.every_s)
        if sign.beat:
            self._unlink(run)
        touched[run] = touched.get(run, False) or sign.beat

    def _open(self, key: Key, agent: str, service: str, trace_id: bytes, span_id: bytes) -> _Run:
        while not self._free:
            oldest = next(iter(self._runs))
            self._forget(oldest)
            EXECUTIONS_FORGOTTEN.labels(reason="full").inc()
        row = self._free.pop()
        run = self._runs[key] = self._by_row[row] = _Run(row, key, agent, service, trace_id, span_id)
        self._rhythms.begin(row, self._pools, self._pool(run))
        self._heard_s[row], self._beat_s[row] = self._now_s, np.nan
        if any(trace_id):
            self._of_trace.setdefault(trace_id, {})[run] = None
        return run

    def _forget(self, key: Key) -> None:
        run = self._runs.pop(key, None)
        if run is not None:
            self._unlink(run)
            del self._by_row[run.row]
            self._free.append(run.row)

    def _unlink(self, run: _Run) -> None:
        others = self._of_trace.get(run.trace_id)
        if others is not None:
            others.pop(run, None)
            if not others:
                del self._of_trace[run.trace_id]

    def _pool(self, run: _Run) -> int:
        """The row of what is known of all runs of its agent."""
        name = (run.key[0], run.agent, run.service)
        row = self._pool_of.get(name)
        if row is None:
            row = len(self._pool_of) if len(self._pool_of) < _MOST_AGENTS else self._pool_of.popitem(last=False)[1]
            self._pool_of[name] = row
            self._pools.begin(row)
        self._pool_of.move_to_end(name)
        return row

    def _learn(self, touched: dict[_Run, bool], now_s: float) -> None:
        if not touched:
            return
        self._leave_out_quiet(now_s)
        now_s = self._last_sign_s = self._now_s
        rows = np.array([run.row for run in touched], np.int64)
        pools = np.array([self._pool(run) for run in touched], np.int64)
        for of, at, learn, learn_of_all in (
            (np.ones(len(rows), bool), self._heard_s, self._rhythms.sign, self._pools.sign),
            (np.array(list(touched.values()), bool), self._beat_s, self._rhythms.beat, self._pools.beat),
        ):
            passed = now_s - at[rows]
            told = of & (passed > 0)  # several of one batch, such as a backlog, are one sign; of the first one nothing passed
            learn(rows[told], passed[told])
            _, first = np.unique(pools[told], return_index=True)
            learn_of_all(pools[told][first], passed[told][first])
            at[rows[of]] = now_s
        for run in touched:
            if run.stalled or run.abandoned:
                self._tell_life(run)

    def _leave_out_quiet(self, now_s: float) -> None:
        """Nobody was heard for a while, though several beat: time did not pass for them."""
        usual_s = self._usual_s()
        if usual_s and now_s - self._last_sign_s > _TOGETHER * usual_s:
            self._now_s = min(now_s, self._last_sign_s + usual_s)

    def _usual_s(self) -> float:
        """Between two beats of who beats, where several do; else 0."""
        if not self._looked_s <= self._seen_s < self._looked_s + _USUAL_S:
            rows = np.array([row for row, run in self._by_row.items() if not run.stalled], np.int64)
            self._looked_s, self._usual = self._seen_s, self._rhythms.usual_s(rows)
        return self._usual

    def _suspects(self) -> list[tuple[_Run, float]]:
        with self._lock:
            now_s = self._time()
            rows = np.fromiter(self._by_row, np.int64, len(self._by_row))
            silent_s, limits = now_s - self._heard_s[rows], self._rhythms.limits(rows)
            late = np.flatnonzero(silent_s > np.minimum(limits, self._abandoned_after_s))
            if not len(late):
                return []
            usual_s, quiet_s = self._usual_s(), now_s - self._last_sign_s
            if usual_s and _TOGETHER * usual_s < quiet_s < _QUIET_S:
                return []
            found = [(self._by_row[int(rows[at])], float(limits[at]), float(silent_s[at])) for at in late]
        return [
            (run, limit_s)
            for run, limit_s, passed_s in found
            if not run.waits and not run.abandoned and (passed_s > self._abandoned_after_s if run.stalled else passed_s > limit_s)
        ]

    def _tell_silence(self, project: str, suspects: list[tuple[_Run, float]]) -> None:
        known = self._standing(project, [run.key[1] for run, _ in suspects])
        with self._lock:
            for run, limit_s in suspects:
                if self._runs.get(run.key) is not run or run.waits or self._now_s - self._heard_s[run.row] <= min(limit_s, self._abandoned_after_s):
                    continue  # something arrived while we asked
                if known.get(run.key[1], "running") not in {"running", "stalled"}:  # an end that did not reach us, for example
                    self._forget(run.key)
                    continue
                name, after_s = ("abandoned", self._abandoned_after_s) if run.stalled else ("stalled", limit_s)
                if self._tell(run, name, min(self._clock.now_ns(), run.heard_ns + round(after_s * 1e9)), {"spyglass.execution.silence_s": round(after_s, 3)}):
                    run.abandoned, run.stalled = run.stalled, True

    def _tell_life(self, run: _Run) -> None:
        if self._tell(run, "resumed", run.heard_ns, {}):
            run.stalled = run.abandoned = False

    def _tell(self, run: _Run, name: str, time_ns: int, more: dict[str, Any]) -> bool:
        told = {"spyglass.execution.id": run.key[1], HEARD: run.heard_ns, **({"gen_ai.agent.name": run.agent} if run.agent else {}), **more}
        event = Event(f"execution.{name}", time_ns, told, severity=_WARNING if name != "resumed" else 9, trace_id=run.trace_id, span_id=run.span_id)
        try:
            self._announce(run.key[0], [event])
        except Refused:
            return False
        EXECUTIONS_TOLD.labels(verdict=name).inc()
        return True

    def _take_up(self, known: list[Known]) -> None:
        """Nobody could be heard while we were away: time begins anew for all."""
        self._restored = True
        self._time()
        for one in sorted(known, key=lambda each: -each.heard_ns):
            key = (one.project, one.id)
            if key in self._runs or key in self._ended:
                continue
            run = self._open(key, one.agent, one.service, one.trace_id, one.span_id)
            run.heard_ns, run.stalled, run.abandoned = one.heard_ns, one.status in {"stalled", "abandoned"}, one.status == "abandoned"
            run.waiting_ns = one.heard_ns if one.status == "waiting" else 0
            if one.every_s:
                self._rhythms.declare(run.row, one.every_s)
                self._unlink(run)
                self._heard_s[run.row] += _AWAY_S
            self._runs.move_to_end(key, last=False)
        self._last_sign_s = self._now_s
