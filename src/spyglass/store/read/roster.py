"""Agents of a time range, quickly however many they are: from the sums per hour.

In: a scope without a search. Out: when each agent was last seen, and the figures of those of one page; and whether there are so few records that they can be
counted one by one (`agents.agents`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from spyglass.store.read.asking import EVERYTHING, Ask, Scope, ask

__all__ = ["MOST_AGENTS", "Roster", "carriers", "figures", "has_few", "is_known", "roster", "roster_of", "told_metrics"]

MOST_AGENTS: Final = 50_000
_FEW_RECORDS: Final = 300_000  # are counted as they are, in about a tenth of a second
_MOST_CARRIERS: Final = 5
_IN_ENVIRONMENT: Final = "has(groupUniqArrayMerge(20)(a.environments), {environment:String})"
_BY_SERVICE: Final = "has(groupUniqArrayMerge(20)(a.services), {service:String})"
_HOUR_NS: Final = 3_600 * 10**9
_LOOK_BACK_NS: Final = 7 * 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Roster:
    """The agents of a time range, and when each was last seen (ns); `few`: its records can be counted one by one."""

    last_ns: dict[str, int]
    few: bool


def roster(engine: Ask, scope: Scope, environment: str = "", service: str = "") -> Roster:
    """Every agent that the hours of the range know, last seen first; where told only those that were seen in an environment, by a service."""
    there = " AND ".join(sql for sql, told in ((_IN_ENVIRONMENT, environment), (_BY_SERVICE, service)) if told) or EVERYTHING
    parameters = scope.parameters(limit=MOST_AGENTS, environment=environment, service=service)
    return _roster(ask(engine, "agents/seen", parameters, there=there))


def roster_of(engine: Ask, scope: Scope, only: Sequence[str]) -> Roster:
    """The same of agents of these names alone, and whether there are few records of all."""
    return _roster(ask(engine, "agents/seen_among", scope.parameters(only=list(only), limit=len(only) + 1)))


def _roster(found: pa.Table) -> Roster:
    last_ns = dict(zip(found["agent"].to_pylist(), found["last_ns"].to_pylist(), strict=True))
    last_ns.pop("", None)
    return Roster(last_ns, sum(found["arrived"].to_pylist()) <= _FEW_RECORDS)


def has_few(engine: Ask, scope: Scope) -> bool:
    """Whether the records of the time range can be counted one by one; what `roster` says, without its agents."""
    return int(ask(engine, "agents/arrived", scope.parameters())["arrived"][0].as_py()) <= _FEW_RECORDS


def figures(engine: Ask, scope: Scope, only: Sequence[str]) -> pa.Table:
    """What these agents did, from sums of the whole hours that the range touches; columns as those of `agents`."""
    return ask(engine, "agents/hours", scope.parameters(only=list(only), limit=max(1, len(only))))


def is_known(engine: Ask, project: str, agent: str) -> bool:
    """Whether any telemetry that is kept tells of an agent of this name."""
    return bool(ask(engine, "agents/known", {"project": project, "agent": agent, "received_ns": 0, "limit": 1}).num_rows)


def carriers(engine: Ask, project: str, agent_id: str, now_ns: int) -> list[str]:
    """Names of the agents that carried this id within the last week, latest first; five at most."""
    began_ns = now_ns // _HOUR_NS * _HOUR_NS  # asked again within the hour, the engine knows which rows it need not look at
    scope = Scope(project, max(0, began_ns - _LOOK_BACK_NS), now_ns)
    asked = {name: value for name, value in scope.parameters(agent_id=agent_id, limit=_MOST_CARRIERS).items() if name != "hi_ns"}
    return [str(name) for name in ask(engine, "agents/named", asked)["agent"].to_pylist()]


def told_metrics(engine: Ask, scope: Scope, agent: str) -> dict[str, Any] | None:
    """When the agent last told figures of itself (time_ns), with its attributes and attribute_types; None: it did not in this range."""
    rows: list[dict[str, Any]] = ask(engine, "agents/told_metrics", scope.parameters(agent=agent, limit=1)).to_pylist()
    return rows[0] if rows else None
