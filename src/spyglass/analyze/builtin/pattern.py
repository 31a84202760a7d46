"""What the failed, the slow and the costly runs of the last hour have in common, and the others have not: a look at the store, findings out.

A run is a trace that an agent or a workflow began. It failed when its first span did; it is slow or costly when it took, or cost, more than twice what half
of the runs of the same agent in the hour did. `GET /api/v1/contrast` answers the same question for any two sets of traces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, Field

from spyglass.analyze.stats.contrast import Contrast, contrasts
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Question

__all__ = ["Pattern", "Settings", "analyzer"]

Flags = npt.NDArray[np.bool_]
_EVERY_S: Final = 3_600.0
_MOST_TRACES: Final = 10_000  # of all projects, chosen by a hash of their ids
_PICKS: Final = ("failed", "slow", "costly")
_TIMES: Final = 2.0
_SURE: Final = 1.959964  # deviations that hold 19 of 20
_RUNS: Final = """
SELECT toString(s.project) AS project, lower(hex(trace_id)) AS trace, argMin(toString(s.agent), (NOT s.kind IN ('agent', 'workflow'), s.start)) AS agent,
  lower(hex(argMin(s.span_id, (NOT s.kind IN ('agent', 'workflow'), s.start)))) AS span,
  argMin(s.status = 'error', (NOT s.kind IN ('agent', 'workflow'), s.start)) AS failed,
  toInt64(max(toUnixTimestamp64Nano(s.start) + toInt64(s.duration_ns)) - min(toUnixTimestamp64Nano(s.start))) AS duration_ns, sum(s.cost_usd) AS cost_usd,
  arrayMap(one -> one.2, arraySort(groupUniqArrayIf(200)((s.start, toString(s.tool)), s.tool != ''))) AS tools,
  arrayConcat(
    groupUniqArrayArray(200)(arrayFilter(one -> NOT endsWith(one, '\\t'), [
      concat('agent\\t', toString(s.agent)), concat('service\\t', toString(s.service)), concat('environment\\t', toString(s.environment)),
      concat('workflow\\t', toString(s.workflow)), concat('provider\\t', toString(s.provider)), concat('model\\t', toString(s.model)),
      concat('tool\\t', toString(s.tool)), concat('user\\t', toString(s.user_id)),
      concat('version\\t', if(s.agent_version = '', '', concat(toString(s.agent), ' ', toString(s.agent_version)))),
      concat('failing tool\\t', if(s.status = 'error', toString(s.tool), ''))])),
    arrayDistinct(arrayMap((first, second) -> concat('step\\t', first, ' → ', second), arrayPopBack(tools), arrayPopFront(tools)))) AS features
FROM spans AS s
WHERE s.received >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AND s.received < fromUnixTimestamp64Nano({now_ns:Int64}, 'UTC') AND NOT s.pending
GROUP BY project, trace_id
HAVING max(s.kind IN ('agent', 'workflow'))
ORDER BY cityHash64(trace_id), trace_id
LIMIT {most:UInt32}
"""


class Settings(BaseModel, extra="forbid", frozen=True):
    """How sure, how much, how many."""

    false_alarms_a_day: float = Field(0.5, gt=0, le=1_000, description="Of each project and kind of run, where nothing has a cause in common.")
    least_runs: int = Field(10, ge=5, le=10_000, description="Runs that failed (were slow, costly) in the hour, for anything to be said of them.")
    least_ratio: float = Field(2.0, ge=1, le=100, description="So many times more often with the feature than without.")
    least_explained: float = Field(0.2, ge=0, le=1, description="Share of these runs that has the feature.")
    most_findings: int = Field(3, ge=1, le=50, description="Of each project and kind of run in an hour, the surest first.")


class Pattern:
    """Remembers nothing: the store does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def look(self, ask: Question, since_ns: int, now_ns: int) -> Iterable[Finding]:
        """Project by project."""
        table = ask(_RUNS, {"since_ns": since_ns, "now_ns": now_ns, "most": _MOST_TRACES})
        projects = np.array(table["project"].to_pylist(), object)
        for project in sorted(set(projects.tolist())):
            runs = table.filter(pa.array(projects == project)).to_pylist()
            for pick in _PICKS:
                yield from self._told(project, pick, runs, since_ns, now_ns)

    def _told(self, project: str, pick: str, runs: list[dict[str, Any]], since_ns: int, now_ns: int) -> Iterator[Finding]:
        picked = _picked(pick, runs)
        if picked.sum() < self._settings.least_runs:
            return
        looks = 86_400 / _EVERY_S
        told: list[Contrast] = []
        for one in contrasts([run["features"] for run in runs], picked):
            strong = one.share_with >= self._settings.least_ratio * one.share_without and one.explained >= self._settings.least_explained
            if strong and one.false_share <= self._settings.false_alarms_a_day / looks and not any(_same(one, other) for other in told):
                told.append(one)
        for one in told[: self._settings.most_findings]:
            yield self._finding(project, pick, runs, one, since_ns, now_ns)

    def _finding(self, project: str, pick: str, runs: list[dict[str, Any]], one: Contrast, since_ns: int, now_ns: int) -> Finding:
        named = sorted(feature.split("\t", 1) for feature in one.features)  # always the same name for the same two
        what = " and ".join(f"{field} {value}" for field, value in named)
        low, high = _interval(one.picked_with, one.all_with)
        return Finding(
            analyzer="pattern",
            version=analyzer.version,
            rule=f"{pick}_have",
            project=project,
            time_ns=now_ns,
            title=f"runs with {what} are {pick} in {one.share_with:.0%} ({low:.0%} to {high:.0%}), others in {one.share_without:.0%}",
            severity="warning" if pick == "failed" else "info",
            subject={"feature": what, **{field: value for field, value in named if field in ("agent", "tool", "model", "provider", "user")}},
            observed=one.share_with,
            expected=(0.0, self._settings.least_ratio * one.share_without),
            unit="1",
            probability=one.probability,
            budget=self._settings.false_alarms_a_day,
            evidence=tuple(Evidence(runs[at]["trace"], runs[at]["span"]) for at in one.examples),
            first_ns=since_ns,
            suggestion=f"Compare one of these runs with one that is not {pick}. What they have in common is a place to look, not yet the cause.",
            details={"runs": one.all_with, "picked_with": one.picked_with, "explains": round(one.explained, 3), "false_share": one.false_share},
        )


def _picked(pick: str, runs: list[dict[str, Any]]) -> Flags:
    """Which runs are meant."""
    if pick == "failed":
        return np.array([bool(run["failed"]) for run in runs], np.bool_)
    values = np.array([run["duration_ns" if pick == "slow" else "cost_usd"] for run in runs], np.float64)
    agents = np.unique(np.array([run["agent"] for run in runs], str), return_inverse=True)[1]
    found = np.zeros(len(runs), np.bool_)
    for number in range(int(agents.max(initial=-1)) + 1):
        mine = agents == number
        usual = float(np.median(values[mine]))
        found[mine] = np.isfinite(values[mine]) & (values[mine] > _TIMES * usual) & (usual > 0)
    return found


def _same(one: Contrast, other: Contrast) -> bool:
    """Whether it says no more than another that is surer."""
    return bool(set(one.features) & set(other.features)) or (one.all_with == other.all_with and one.picked_with == other.picked_with)


def _interval(hits: int, count: int) -> tuple[float, float]:
    """Wilson's, which holds for few, too."""
    share, square = hits / count, _SURE**2
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _SURE * sqrt(share * (1 - share) / count + square / (4 * count**2)) / (1 + square / count)
    return max(0.0, middle - half), min(1.0, middle + half)


analyzer: Final = AnalyzerKind(
    name="pattern",
    version="1.1.0",
    description="What failed, slow and costly runs of the last hour have in common, and the others have not.",
    reads=frozenset(),
    settings=Settings,
    make=Pattern,
    rules=tuple(f"{pick}_have" for pick in _PICKS),
    every_s=_EVERY_S,
)
