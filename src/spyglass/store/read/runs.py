"""Which executions a list shows, and in which order.

In: a scope, and what is wanted. Out: the keys of a page (hashes of ids, as `runs` has them), latest start first, and where the next page begins.

The table has a row for each run and day, and rows that are not merged yet. Adding these up takes most of the time, so that only the columns that are asked
about are read, and rows of runs that cannot be wanted are left out before: those of other agents, or, of the few that go on, those of all that ended. How a
run ended, a text, takes as long as all else together: for those that go on it is not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from spyglass.model.errors import InputError
from spyglass.store.read.asking import DAY_NS, EVERYTHING, Ask, Place, Scope, ask, fragment, received_bound
from spyglass.store.read.matching import beside

__all__ = ["ENDED", "STATUSES", "Wanted", "counts", "going_on", "page", "standing"]

ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
STATUSES: Final = ("created", "running", "waiting", "stalled", *sorted(ENDED), "abandoned")
_GOING_ON: Final = frozenset(STATUSES) - ENDED - {"abandoned"}
_LATEST_NS: Final = 2**62
_HIGHEST: Final = 2**64 - 1
_OUTCOME: Final = "argMin(r.ended.outcome, r.ended.at_ns)"
_BEATS_NS: Final = 600 * 10**9  # who beats more seldom is heard by its own rhythm once it beats again
_MORE: Final = 3  # times as many as a page are looked at: some that may go on have ended, as another row says
_WINDOW_NS: Final = 3600 * 10**9  # a longer one holds so many that leaving the others out costs more than it saves


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which executions a list shows, besides its scope; empty: all."""

    statuses: Sequence[str] = ()
    agents: Sequence[str] = ()
    sessions: Sequence[str] = ()


def page(engine: Ask, scope: Scope, wanted: Wanted, limit: int, after: Place | None, events: Scope | None = None) -> tuple[list[int], Place | None]:
    """Keys, and where the next page begins. `events` as in `summary`."""
    scope, events_sql = beside(scope, events)
    bound = {
        "day_ns": _day_ns(scope),
        "before_ns": after.figure if after else _LATEST_NS,
        "before_key": _key(after),
        "limit": limit + 1,
        **_named(wanted),
    }
    rows, runs = _conditions(wanted)
    rows += _searched(scope, events_sql)
    outcome = "''" if wanted.statuses and ENDED.isdisjoint(wanted.statuses) else _OUTCOME
    table = None
    if wanted.statuses and rows == [fragment("executions/unended")]:
        table = _unended(engine, scope, bound, runs)
    if table is None:
        table = _within(engine, scope, bound, rows, runs, outcome)
    kept = table.slice(0, limit)
    following = Place(kept["begin_ns"][-1].as_py(), f"{kept['key'][-1].as_py():016x}") if table.num_rows > limit else None
    return kept["key"].to_pylist(), following


def counts(engine: Ask, scope: Scope, wanted: Wanted, events: Scope | None = None) -> dict[str, int]:
    """How many of all that a list would show, on all of its pages, stand how; most first. Statuses of which there are none are left out."""
    scope, events_sql = beside(scope, events)
    rows, runs = _conditions(wanted)
    rows += _searched(scope, events_sql)
    bound = scope.parameters(**_named(wanted), day_ns=_day_ns(scope))
    table = ask(engine, "executions/counts", bound, among=_all(rows), which=_all(runs), state=fragment("executions/state"))
    return dict(zip(table["status"].to_pylist(), table["count"].to_pylist(), strict=True))


def going_on(engine: Ask, since_ns: int, limit: int) -> list[dict[str, Any]]:
    """Runs of all projects that go on and were heard of since then, the last ones first.

    In each: project, id, agent, service, trace_id, span_id, heard_ns, status, every_s. The last is how often it said that it beats, 0 where it did not, or
    not in the last minutes in which anybody was heard.
    """
    table = ask(engine, "executions/open", {"since_ns": since_ns, "limit": limit}, state=fragment("executions/state"))
    rows: list[dict[str, Any]] = table.to_pylist()
    if not rows:
        return []
    beats = ask(engine, "executions/beats", {"since_ns": rows[0]["heard_ns"] - _BEATS_NS, "limit": limit}).to_pylist()
    every_s = {(one["project"], one["id"]): one["every_s"] for one in beats}
    return [row | {"every_s": every_s.get((row["project"], row["id"]), 0.0)} for row in rows]


def standing(engine: Ask, project: str, ids: Sequence[str]) -> dict[str, str]:
    """How these executions stand, by id; those that do not exist are left out."""
    table = ask(engine, "executions/standing", {"project": project, "ids": list(ids)}, state=fragment("executions/state"))
    return dict(zip(table["id"].to_pylist(), table["status"].to_pylist(), strict=True))


def _within(engine: Ask, scope: Scope, bound: dict[str, Any], rows: list[str], runs: list[str], outcome: str) -> pa.Table:
    """One more than a page, if there are so many. Where all runs are wanted, the page is mostly full of those of the last hour, and no others are added up."""
    low_ns = min(bound["before_ns"], scope.to_ns) - _WINDOW_NS
    if not rows and not runs and low_ns > scope.from_ns:
        near = scope.parameters(**bound, low_ns=low_ns)
        table = ask(engine, "executions/list", near, among=fragment("executions/recent"), which="begin_ns >= {low_ns:Int64}", outcome=outcome)
        if table.num_rows == bound["limit"]:
            return table
    return ask(engine, "executions/list", scope.parameters(**bound), among=_all(rows), which=_all(runs), outcome=outcome)


def _unended(engine: Ask, scope: Scope, bound: dict[str, Any], runs: list[str]) -> pa.Table | None:
    """The same of runs that go on: the latest of those that may, and of these the ones that do. None: too few do."""
    most = _MORE * bound["limit"]
    latest = {name: bound[name] for name in ("day_ns", "before_ns", "before_key")} | {"project": scope.project, "most": most}
    keys = ask(engine, "executions/unended_latest", latest)["key"].to_pylist()
    table = ask(engine, "executions/list", scope.parameters(**bound, keys=keys), among="key IN ({keys:Array(UInt64)})", which=_all(runs), outcome="''")
    return table if table.num_rows == bound["limit"] or len(keys) < most else None


def _day_ns(scope: Scope) -> int:
    """Whole days: a row of a day is read as a whole or not at all."""
    return received_bound(scope.from_ns) // DAY_NS * DAY_NS


def _named(wanted: Wanted) -> dict[str, list[str]]:
    return {"statuses": list(wanted.statuses), "agents": list(wanted.agents), "sessions": list(wanted.sessions)}


def _searched(scope: Scope, events_sql: str) -> list[str]:
    """What rows must have where there is a search."""
    if scope.filter_sql == EVERYTHING:
        return []
    return [fragment("executions/matching").replace("/*events*/", events_sql).replace("/*filter*/", scope.filter_sql)]


def _key(place: Place | None) -> int:
    try:
        return int(place.id, 16) & _HIGHEST if place else 0
    except ValueError as error:
        raise InputError("cursor: expected the `next_cursor` of an earlier answer") from error


def _conditions(wanted: Wanted) -> tuple[list[str], list[str]]:
    """What rows must have to matter, and what runs must be; both are true of all that is wanted, and the second of nothing else."""
    rows, runs = [], []
    if wanted.statuses:
        all_open = frozenset(wanted.statuses) == _GOING_ON
        runs.append(fragment("executions/goes_on") if all_open else f"({fragment('executions/state')}) IN ({{statuses:Array(String)}})")
        if ENDED.issuperset(wanted.statuses):
            rows.append(fragment("executions/ended"))
        elif ENDED.isdisjoint(wanted.statuses):
            rows.append(fragment("executions/unended"))
    if wanted.agents:
        rows.append(fragment("executions/of_agents"))
        runs.append("agent IN ({agents:Array(String)})")
    if wanted.sessions:
        rows.append(fragment("executions/of_sessions"))
        runs.append("session_id IN ({sessions:Array(String)})")
    return rows, runs


def _all(conditions: list[str]) -> str:
    return " AND ".join(f"({condition})" for condition in conditions) or EVERYTHING
