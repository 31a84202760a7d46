"""The rule that everybody knows: a run that took so many times the average of the agent's last five. Runs in, findings out, at most one an hour per agent.

A run is a span of an agent or a workflow that has ended, failed or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spyglass.analyze.stats.cycles import earlier, newest, ranked
from spyglass.analyze.stats.digest import combined, of_ids, of_names
from spyglass.analyze.stats.places import Places
from spyglass.model.finding import Evidence, Finding

__all__ = ["SlowRuns"]

_TOLD: Final = ["project", "agent", "duration_ns", "trace_id", "span_id"]
_RUNS: Final = 5
_MOST_AGENTS: Final = 20_000
_WEEK_NS: Final = 7 * 24 * 3_600 * 10**9
_HOUR_NS: Final = 3_600 * 10**9


class SlowRuns:
    """The last five runs of each agent."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._places = Places(_MOST_AGENTS, _WEEK_NS)
        self._durations: npt.NDArray[np.int64] = np.zeros((0, _RUNS), np.int64)
        self._told: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def look(self, rows: pa.Table, version: str) -> Iterator[Finding]:
        """Runs that ended, of one minute."""
        if not rows.num_rows:
            return
        received, start, duration = (rows[name].cast(pa.int64(), safe=False).to_numpy() for name in ("received", "start", "duration_ns"))
        order = np.lexsort((of_ids(rows["span_id"]), start, received))
        numbers = combined(of_names(rows["project"]), of_names(rows["agent"]))[order]
        slots, fresh = self._places.of(numbers, received[order])
        self._room(fresh)
        by_slot = np.argsort(slots, kind="stable")
        order, slots = order[by_slot], slots[by_slot]
        group, lasted = ranked(slots), np.maximum(duration[order], 1)
        before = np.stack([earlier(self._durations, group, lasted, back) for back in range(1, _RUNS + 1)])
        mean = before.astype(np.float64).mean(axis=0)
        slow = (before > 0).all(axis=0) & (lasted > self._factor * mean)
        self._durations[slots[group.lasts]] = newest(self._durations, group, lasted)
        for at in sorted(np.flatnonzero(slow).tolist(), key=lambda at: (received[order[at]], start[order[at]], slots[at])):
            if received[order[at]] - self._told[slots[at]] >= _HOUR_NS:
                self._told[slots[at]] = received[order[at]]
                yield self._finding(rows.select(_TOLD).slice(int(order[at]), 1).to_pylist()[0], int(received[order[at]]), mean[at] / 1e9, version)

    def _room(self, fresh: npt.NDArray[np.intp]) -> None:
        more = len(self._places) - len(self._told)
        if more > 0:
            self._durations = np.concatenate([self._durations, np.zeros((more, _RUNS), np.int64)])
            self._told = np.concatenate([self._told, np.zeros(more, np.int64)])
        self._durations[fresh] = 0
        self._told[fresh] = 0

    def _finding(self, row: dict[str, Any], time_ns: int, mean_s: float, version: str) -> Finding:
        took_s = row["duration_ns"] / 1e9
        return Finding(
            analyzer="performance",
            version=version,
            rule="run_slow",
            project=row["project"],
            time_ns=time_ns,
            title=f"{row['agent']}: a run took {took_s:.3g} s, {took_s / mean_s:.1f} times the average of the five before ({mean_s:.3g} s)",
            severity="info",
            subject={"agent": row["agent"], "metric": "run_duration"},
            observed=took_s,
            expected=(0.0, self._factor * mean_s),
            unit="s",
            evidence=(Evidence(row["trace_id"].hex(), row["span_id"].hex()),),
            suggestion="One slow run is often chance. Look at it when this comes again, or when a finding of calls comes with it.",
        )

    def save(self) -> pa.Table:
        """One row per slot."""
        columns = {f"run_{at}": self._durations[:, at] for at in range(_RUNS)}
        places = self._places.save()
        return pa.table({"owner": places["owner"], "active": places["active"], "told": self._told, **columns})

    def restore(self, state: pa.Table) -> None:
        """See `save`."""
        self._places.restore(state)
        self._told = state["told"].to_numpy().copy()
        self._durations = np.stack([state[f"run_{at}"].to_numpy() for at in range(_RUNS)], axis=1)
