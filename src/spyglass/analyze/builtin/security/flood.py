"""Too many calls at once: sums of ten seconds in, findings out. It says who calls what how often, and whether the calls fail.

A flood is told by two rules together: more calls of one agent to one tool or model than a floor that an operator sets, and many times what that pair has
done in the busiest ten seconds of the hour before. A pair that is always busy is no flood; a new one is judged by the floor alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.builtin.aggregation import BUCKET_NS, BUCKETS
from spyglass.analyze.builtin.security.quiet import Quiet
from spyglass.analyze.builtin.security.threat import Impact, Owasp, severity
from spyglass.analyze.stats.digest import combined, of_names
from spyglass.model.batch import Batch
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Frame, State

__all__ = ["Flood", "Settings", "analyzer"]

_VERSION: Final = "1.0.1"
_KEYS: Final = ["project", "agent", "tool", "model", "bucket_ns"]
_HOUR_NS: Final = 3_600 * 10**9
_MOST_PAIRS: Final = 20_000


class Settings(BaseModel, extra="forbid", frozen=True):
    """What is too many."""

    calls: int = Field(1_000, ge=1, description="Fewer calls of one agent to one tool or model in ten seconds are no flood.")
    times: float = Field(10.0, ge=1, description="So many times the busiest ten seconds of the hour before are one.")


class Flood:
    """The busy ten seconds of each pair within the hour: those that no later one exceeded."""

    def __init__(self, settings: Settings) -> None:
        self._calls, self._times = settings.calls, settings.times
        self._busy: dict[tuple[str, str, str], deque[tuple[int, int]]] = {}  # bucket and calls, falling
        self._quiet = Quiet()

    def observe(self, seen: Batch | Frame) -> Iterable[Finding | Frame]:
        """The frame `aggregation.buckets`."""
        if not isinstance(seen, Frame) or seen.name != BUCKETS:
            return
        least = max(self._calls // self._times, 1)  # fewer neither are a flood nor hide one
        rows = _busy(seen.rows, least)
        if not rows.num_rows:
            return
        sums = rows.group_by(_KEYS, use_threads=False).aggregate([("calls", "sum"), ("errors", "sum"), ("slowest_trace", "first"), ("slowest_span", "first")])
        for row in sums.sort_by([(key, "ascending") for key in ["bucket_ns", *_KEYS[:-1]]]).to_pylist():
            yield from self._judged(row)

    def settle(self, now_ns: int) -> Iterable[Finding | Frame]:
        """Nothing waits for time."""
        del now_ns
        return ()

    def save(self) -> State:
        """The busy ten seconds, one row each."""
        rows = [(*pair, at_ns, calls) for pair, busy in self._busy.items() for at_ns, calls in busy]
        columns = list(zip(*rows, strict=True)) if rows else [()] * 5
        types = {"project": pa.string(), "agent": pa.string(), "called": pa.string(), "at_ns": pa.int64(), "calls": pa.int64()}
        return {
            "busy": pa.table({name: pa.array(values, kind) for (name, kind), values in zip(types.items(), columns, strict=True)}),
            "told": self._quiet.save(),
        }

    def restore(self, state: State) -> None:
        """See `contracts.Analyzer`."""
        self._quiet.restore(state.get("told"))
        if "busy" in state:
            for project, agent, called, at_ns, calls in zip(*(column.to_pylist() for column in state["busy"].columns), strict=True):
                self._busy.setdefault((project, agent, called), deque()).append((at_ns, calls))

    def _judged(self, row: dict[str, Any]) -> Iterator[Finding]:
        pair = (row["project"], row["agent"], row["tool"] or row["model"])
        at_ns, calls = row["bucket_ns"], row["calls_sum"]
        busy = self._busy.pop(pair, deque())
        self._busy[pair] = busy
        while busy and busy[0][0] <= at_ns - _HOUR_NS:
            busy.popleft()
        before = busy[0][1] if busy else 0
        while busy and busy[-1][1] <= calls:
            busy.pop()
        busy.append((at_ns, calls))
        if len(self._busy) > _MOST_PAIRS:
            del self._busy[next(iter(self._busy))]
        if calls >= self._calls and calls >= self._times * before and self._quiet.speaks(at_ns, *pair):
            yield self._told(row, before)

    def _told(self, row: dict[str, Any], before: int) -> Finding:
        calls, called = row["calls_sum"], row["tool"] or row["model"] or "a service"
        failed = row["errors_sum"] / calls
        confidence = 0.8 if before else 0.6
        usual = f"at most {before}" if before else "hardly ever"
        title = f"{row['agent'] or 'An agent'} called {called} {calls} times within ten seconds, {usual} in the hour before"
        return Finding(
            analyzer=analyzer.name,
            version=_VERSION,
            rule="flood",
            project=row["project"],
            time_ns=row["bucket_ns"] + BUCKET_NS,
            title=f"{title}; {failed:.0%} failed",
            severity=severity(Impact.MEDIUM, confidence),
            subject={key: name for key, name in (("agent", row["agent"]), ("tool", row["tool"]), ("model", "" if row["tool"] else row["model"])) if name},
            observed=float(calls),
            expected=(0.0, float(max(self._calls, round(self._times * before)) - 1)),
            evidence=(Evidence(row["slowest_trace_first"].hex(), row["slowest_span_first"].hex()),),
            first_ns=row["bucket_ns"],
            suggestion="If the calls fail, it retries without waiting: stop the run, and let it wait longer after each failure. "
            "If not, look for a loop or a stolen key.",
            owasp=Owasp.CASCADING.value,
            details={"confidence": confidence, "failed": round(failed, 4), "impact": "medium"},
        )


def _busy(rows: pa.Table, least: float) -> pa.Table:
    """Those of pairs that have so many calls in their bucket: hardly any, and to group ten thousand pairs by their names takes long.

    What names neither who called nor what is no pair: all such calls together, as a program without agents makes them, are not one caller's.
    """
    named = [pc.not_equal(rows[key], "") for key in _KEYS[1:-1]]
    rows = rows.filter(pc.or_(named[0], pc.or_(named[1], named[2])))
    pairs = combined(*(of_names(rows[key]) for key in _KEYS[:-1]), rows["bucket_ns"].to_numpy().astype(np.uint64))
    _, which = np.unique(pairs, return_inverse=True)
    calls = np.bincount(which, rows["calls"].to_numpy())
    return rows.filter(pa.array(calls[which] >= least))


analyzer: Final = AnalyzerKind(
    name="flood",
    version=_VERSION,
    description="Agents that call one tool or model many times more often than before.",
    reads=frozenset({BUCKETS}),
    settings=Settings,
    make=Flood,
    rules=("flood",),
)
