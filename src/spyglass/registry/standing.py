"""How the agents of a project stand: what the store tells of them, and what people said, come in; figures and scores of every agent go out.

What is asked of the store is handed in as callables. The last answer of each project is kept for some seconds, because pages and their parts ask at once.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spyglass.facts.health_marks import ALL, Marks
from spyglass.model.clock import Clock
from spyglass.registry.durations import counts_of, quantile_ns
from spyglass.registry.health import Figures, Floats, Scores, scores

__all__ = ["RECENT_NS", "USUAL_NS", "Source", "Standing", "Standings"]

RECENT_NS: Final = 3_600 * 10**9
USUAL_NS: Final = 7 * 86_400 * 10**9
_SLOT_NS: Final = 600 * 10**9
_HOUR_NS: Final = 3_600 * 10**9
_DAY_NS: Final = 86_400 * 10**9
_FRESH_S: Final = 5.0
_USUAL_FRESH_S: Final = 60.0  # of what is usual, which moves by the hour
_MOST_PROJECTS: Final = 16  # whose answers are kept
_P95: Final = 0.95


class Source(Protocol):
    """What is asked of the store; `store/read/health.py` answers. Tables have one row per agent."""

    def done(self, project: str, lo_ns: int, hi_ns: int) -> pa.Table:
        """What agents did in a range of time."""

    def usual(self, project: str, lo_ns: int, hi_ns: int, since: Mapping[str, int]) -> pa.Table:
        """The same for a long one; agents in `since` from times of their own on."""

    def silent(self, project: str, lo_ns: int) -> pa.Table:
        """Runs that have stalled, or were given up since."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All agents of a project at a moment: `names`, and figures and scores in the same order."""

    at_ns: int
    lo_ns: int  # the recent time
    hi_ns: int
    names: list[str]
    recent: Figures
    usual: Figures
    scores: Scores
    marks: Marks
    places: dict[str, int] = field(default_factory=dict)

    def score_of(self, place: int) -> float | None:
        """The whole; None: nothing is known of it."""
        return float(self.scores.whole[place]) if self.scores.judged[place] else None


class Standings:
    """Of all projects. Safe from any thread."""

    def __init__(self, source: Source, marks: Callable[[str], Marks], clock: Clock) -> None:
        self._source, self._marks, self._clock = source, marks, clock
        self._kept: OrderedDict[str, tuple[float, Standing]] = OrderedDict()
        self._usual: OrderedDict[str, tuple[float, object, pa.Table]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, project: str) -> Standing:
        """As it is now, or was some seconds ago.

        Raises:
            Refused, StoreError: the store or the facts do not answer.
        """
        with self._lock:
            kept = self._kept.get(project)
        if kept and time.monotonic() - kept[0] < _FRESH_S:
            return kept[1]
        standing = self._judge(project)
        with self._lock:
            self._kept[project] = (time.monotonic(), standing)
            self._kept.move_to_end(project)
            while len(self._kept) > _MOST_PROJECTS:
                self._kept.popitem(last=False)
        return standing

    def forget(self, project: str) -> None:
        """Judge anew when asked next."""
        with self._lock:
            self._kept.pop(project, None)
            self._usual.pop(project, None)

    def _judge(self, project: str) -> Standing:
        now, marks = self._clock.now_ns(), self._marks(project)
        lo, hi = (now - RECENT_NS) // _SLOT_NS * _SLOT_NS, (now // _SLOT_NS + 1) * _SLOT_NS
        recent = _with_p95(self._source.done(project, lo, hi))
        begin = max((lo - USUAL_NS) // _DAY_NS * _DAY_NS, marks.since_ns(ALL))
        own = {agent: marks.since_ns(agent) for agent in marks.baseline if agent != ALL}
        usual = self._usually(project, min(begin, lo), lo // _HOUR_NS * _HOUR_NS, own)
        silent = self._source.silent(project, lo)
        names = sorted({name for table in (recent, usual, silent) for name in table["agent"].to_pylist()})
        now_figures, usual_figures = _figures(names, recent, silent), _figures(names, usual)
        places = {name: place for place, name in enumerate(names)}
        return Standing(now, lo, hi, names, now_figures, usual_figures, scores(now_figures, usual_figures), marks, places)

    def _usually(self, project: str, lo_ns: int, hi_ns: int, since: Mapping[str, int]) -> pa.Table:
        asked = (lo_ns, hi_ns, since)
        with self._lock:
            kept = self._usual.get(project)
        if kept and kept[1] == asked and time.monotonic() - kept[0] < _USUAL_FRESH_S:
            return kept[2]
        table = _with_p95(self._source.usual(project, lo_ns, hi_ns, since))
        with self._lock:
            self._usual[project] = (time.monotonic(), asked, table)
            self._usual.move_to_end(project)
            while len(self._usual) > _MOST_PROJECTS:
                self._usual.popitem(last=False)
        return table


def _with_p95(done: pa.Table) -> pa.Table:
    """The same with the quantile of the durations instead of their counts: these are most of what there is to compute."""
    p95_ns = pa.array(quantile_ns(counts_of(done["durations"]), _P95))
    return done.drop_columns(["durations"]).append_column("p95_ns", p95_ns)


def _figures(names: list[str], done: pa.Table, silent: pa.Table | None = None) -> Figures:
    order = pa.array(names, pa.string())
    did = _spread(order, done, ("runs", "failed_runs", "p95_ns", "calls", "failed_calls", "cost_usd"))
    went = _spread(order, silent, ("stalled_runs", "abandoned_runs"))
    return Figures(**did, stalled=went["stalled_runs"], abandoned=went["abandoned_runs"])


def _spread(order: pa.Array, table: pa.Table | None, names: Sequence[str]) -> dict[str, Floats]:
    """Columns of a table of agents, at the places of these agents; the others have 0."""
    out = {name: np.zeros(len(order)) for name in names}
    if table is not None and table.num_rows:
        places = np.asarray(pc.index_in(table["agent"].cast(pa.string()), order).to_numpy(), np.int64)
        for name, values in out.items():
            values[places] = table[name].to_numpy()
    return out
