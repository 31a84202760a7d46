"""Steps that the runs of an agent suddenly wait for: a look at the store once an hour, the runs that ended since against those of the day before; findings out.

A run's critical path goes from its end backwards, always along the step that ended last (analyze/paths). `GET /api/v1/agents/{agent}/critical-path` answers the
same question for any two ranges of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, Field

from spyglass.analyze.paths.runs import Runs, runs_of
from spyglass.analyze.paths.shares import FEWEST_RUNS, Change, changed, steps_of
from spyglass.analyze.paths.told import step_said, time_said
from spyglass.model.finding import Evidence, Finding
from spyglass.plugin.contracts import AnalyzerKind, Question

__all__ = ["Paths", "Settings", "analyzer"]

_EVERY_S: Final = 3_600.0
_DAY_NS: Final = 86_400 * 10**9
_LATEST_NS: Final = 3_600 * 10**9  # a run that ended longer before it arrived (an import) belongs to neither side
_MOST_SPANS: Final = 100_000
_SLOWER: Final = 1.1  # times the mean before: then it is more than another mix
_NAMED: Final = {"llm": "model", "embedding": "model", "reranker": "model", "tool": "tool"}
_SPANS: Final = """
WITH picked AS (
  SELECT project, agent, trace_id, max(received) >= fromUnixTimestamp64Nano({since_ns:Int64}, 'UTC') AS recent
  FROM spans
  WHERE received >= fromUnixTimestamp64Nano({earlier_ns:Int64}, 'UTC') AND received < fromUnixTimestamp64Nano({now_ns:Int64}, 'UTC')
    AND kind = 'agent' AND agent != '' AND NOT pending
    AND toUnixTimestamp64Nano(received) - toUnixTimestamp64Nano(start) - toInt64(duration_ns) <= {latest_ns:Int64}
  GROUP BY project, agent, trace_id
  ORDER BY cityHash64(trace_id), trace_id
  LIMIT {runs:UInt32} BY project, agent, recent)
SELECT toString(s.project) AS project, cityHash64(s.trace_id, s.span_id) AS id,
  if(s.parent_span_id = toFixedString('', 8), 0, cityHash64(s.trace_id, s.parent_span_id)) AS parent, lower(hex(s.trace_id)) AS trace_id,
  lower(hex(s.span_id)) AS span_id, s.version AS version, toUnixTimestamp64Nano(s.start) AS start, s.duration_ns AS duration_ns, toString(s.kind) AS kind,
  toString(s.agent) AS agent, toString(s.model) AS model, toString(s.tool) AS tool, toString(s.operation) AS operation, s.status = 'error' AS failed,
  cityHash64(s.input, s.input_messages) AS asked, s.cost_usd AS cost_usd, toUnixTimestamp64Nano(s.received) AS received
FROM spans AS s
WHERE s.received >= fromUnixTimestamp64Nano({earlier_ns:Int64}, 'UTC') AND s.received < fromUnixTimestamp64Nano({now_ns:Int64}, 'UTC') AND NOT s.pending
  AND (s.project, s.trace_id) IN (
    SELECT project, trace_id
    FROM picked
    WHERE (project, agent) IN (
      SELECT project, agent FROM picked GROUP BY project, agent HAVING countIf(recent) >= {fewest:UInt32} AND countIf(NOT recent) >= {fewest:UInt32}))
ORDER BY cityHash64(s.trace_id), s.trace_id
LIMIT {most:UInt32}
"""


class Settings(BaseModel, extra="forbid", frozen=True):
    """How sure, and how much."""

    false_alarms_a_day: float = Field(0.5, gt=0, le=1_000, description="Of each project, where no share has changed.")
    least_difference: float = Field(0.1, gt=0, le=1, description="Of the share of a step, for a change to be worth a word.")
    runs: int = Field(100, ge=FEWEST_RUNS, le=1_000, description="Runs of an agent that are looked at on each side, chosen by chance.")


class Paths:
    """Remembers nothing: the store does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def look(self, ask: Question, since_ns: int, now_ns: int) -> Iterable[Finding]:
        """Project by project."""
        times = {"since_ns": since_ns, "earlier_ns": since_ns - _DAY_NS, "now_ns": now_ns, "latest_ns": _LATEST_NS}
        spans = ask(_SPANS, {**times, "runs": self._settings.runs, "fewest": FEWEST_RUNS, "most": _MOST_SPANS})
        if spans.num_rows == _MOST_SPANS:  # the last trace may be cut
            spans = spans.filter(pc.not_equal(spans["trace_id"], spans["trace_id"][-1]))
        for project in sorted(spans["project"].unique().to_pylist()):
            yield from self._project(project, spans.filter(pc.equal(spans["project"], project)), since_ns, now_ns)

    def _project(self, project: str, spans: pa.Table, since_ns: int, now_ns: int) -> Iterator[Finding]:
        agents = spans.filter(pc.and_(pc.equal(spans["kind"], "agent"), pc.not_equal(spans["agent"], "")))["agent"].unique().to_pylist()
        compared = []
        for agent in sorted(agents):
            before, now = _sides(spans, agent, since_ns)
            changes = changed(before, now)
            if changes:
                compared.append((agent, before, now, changes))
        sure = self._settings.false_alarms_a_day / (86_400 / _EVERY_S) / max(1, len(compared))
        for agent, before, now, changes in compared:
            grown = {key: one for key, one in changes.items() if one.false_share <= sure and one.difference >= self._settings.least_difference}
            if grown:  # where one share grows the others shrink: the one that grew most says it
                key = max(grown, key=lambda one: (grown[one].difference, one))
                yield self._finding((project, agent), key, (before, now), grown[key], (since_ns, now_ns))

    def _finding(self, whose: tuple[str, str], key: tuple[str, str], sides: tuple[Runs, Runs], change: Change, times: tuple[int, int]) -> Finding:
        (project, agent), (kind, name), (before, now) = whose, key, sides
        share = steps_of(now)[key].share
        was, takes = float(before.duration_ns.mean()), float(now.duration_ns.mean())
        waited = now.waited_ns[:, now.steps.index(key)]
        trace, span = now.places[int(np.argmax(waited))]
        details: dict[str, Any] = {
            "runs": len(now),
            "runs_before": len(before),
            "run_ns": round(takes),
            "run_before_ns": round(was),
            "difference": round(change.difference, 4),
        }
        return Finding(
            analyzer="paths",
            version=analyzer.version,
            rule="path_shifted",
            project=project,
            time_ns=times[1],
            title=f"{agent}: {share:.0%} of a run's time is {step_said(agent, kind, name)}, {share - change.difference:.0%} in the day before; "
            f"a run takes {time_said(takes)}, before {time_said(was)}",
            severity="warning" if takes > _SLOWER * was else "info",
            subject={"agent": agent, "step": f"{kind} {name}".strip(), **({_NAMED[kind]: name} if kind in _NAMED and name else {})},
            observed=share,
            expected=(0.0, share - change.difference + self._settings.least_difference),
            unit="1",
            probability=change.probability,
            budget=self._settings.false_alarms_a_day,
            evidence=(Evidence(trace, span),),
            first_ns=times[0],
            suggestion="Open the run that waited longest for this step, and one of the day before: is the step slower, or done more often?",
            details=details,
        )


def _sides(spans: pa.Table, agent: str, since_ns: int) -> tuple[Runs, Runs]:
    """Runs of the day before, and runs of which something arrived since."""
    mine = spans.filter(pc.and_(pc.equal(spans["agent"], agent), pc.equal(spans["kind"], "agent")))
    recent = set(mine.filter(pc.greater_equal(mine["received"], since_ns))["trace_id"].to_pylist())
    runs = runs_of(spans.filter(pc.is_in(spans["trace_id"], pc.unique(mine["trace_id"]))), agent)
    fresh = np.array([trace in recent for trace, _ in runs.places], np.bool_)
    return runs.part(~fresh), runs.part(fresh)


analyzer: Final = AnalyzerKind(
    name="paths",
    version="1.0.0",
    description="Steps that the runs of an agent wait for more than they did the day before.",
    reads=frozenset(),
    settings=Settings,
    make=Paths,
    rules=("path_shifted",),
    every_s=_EVERY_S,
)
