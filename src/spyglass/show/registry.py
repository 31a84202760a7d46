"""Agents: declared and seen in one list, and one of them with all that is known. Also at the root, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import Query

from spyglass.facts.agents import Brief, Registered
from spyglass.model.schema import Kind
from spyglass.show.agent_names import AgentName, named
from spyglass.show.beside import events_beside
from spyglass.show.models.page import NO_CALLS
from spyglass.show.models.registry import AgentDetail, RegisteredAgentList
from spyglass.show.numbered import first_row
from spyglass.show.parameters import Cursor, Limit, Project, SearchText, WindowOf, encode_cursor
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.programs import ForPrograms
from spyglass.show.registered import declared_json, deployment_json, drift_json, live_json, metrics_json, registration_json
from spyglass.show.render import Json, iso, rows
from spyglass.show.resource import at_root, resource
from spyglass.show.scope import scope_of
from spyglass.show.services import Services, Using
from spyglass.store.read import agents as read
from spyglass.store.read.asking import EVERYTHING, Place, Scope
from spyglass.store.read.roster import MOST_AGENTS, figures, has_few, roster, roster_of, told_metrics
from spyglass.store.read.together import together

__all__ = ["root", "router"]

router = resource(tags=["agents"])
root = at_root(tags=["agents"], route_class=ForPrograms)

State = Literal["seen", "declared", "both"]
_ByAgent = dict[str, dict[str, Any]]
_NOBODY: Final = Brief("", "", "", 0)
_MOST_NAMED: Final = 10_000  # agents whose records are counted one by one
_MOST_LOOKED_UP: Final = 2_000  # agents that are looked for by name
_NO_ROWS: Final = pa.table({"agent": pa.array([], pa.string())})
_NOTHING: Final[dict[str, Any]] = {
    **dict.fromkeys(("runs", "failed_runs", "running", "spans", "errors", "sessions"), 0),
    **dict.fromkeys(("p50_ns", "p95_ns")),
    **{name: [] for name in ("versions", "ids", "services", "environments", "dialects")},
}


@router.get("/agents", response_model=RegisteredAgentList, summary="Agents, declared and seen, last seen first")
@root.get("/agents", response_model=RegisteredAgentList, summary="The same as /api/v1/agents; a browser gets the page of the web app")
def list_agents(
    services: Using,
    window: WindowOf,
    project: Project = "default",
    query: SearchText = "",
    state: Annotated[list[State], Query(max_length=3, description="Only these; none: all.")] = [],  # noqa: B006 - FastAPI copies it
    type: Annotated[str, Query(max_length=256, description="Only agents that registered as this.")] = "",  # noqa: A002 - the parameter's name
    owner: Annotated[str, Query(max_length=256, description="Only agents of this owner.")] = "",
    environment: Annotated[str, Query(max_length=256, description="Only agents that were seen, or registered, in this environment.")] = "",
    service: Annotated[str, Query(max_length=256, description="Only agents that this service told of.")] = "",
    contains: Annotated[str, Query(max_length=256, description="Only agents whose name has this in it.")] = "",
    limit: Limit = 200,
    cursor: Cursor = None,
) -> Json:
    """Agents that telemetry tells of in the time range, and all that are registered. With a search, agents of which spans or log records match."""
    scope = scope_of(services, Kind.SPAN, project, window, query)
    declared = services.registry.doors.agents.brief(project)
    only = _declared_as(declared, type, owner) if not (environment or service) else None
    found = _found(services, scope, events_beside(services, project, window, query), environment, service, only)
    if only is not None:
        declared = {name: declared[name] for name in only}
    if query or service:
        declared = {name: one for name, one in declared.items() if name in found.last_ns}
    wanted = _Wanted(frozenset(state), type, owner, environment, contains.casefold())
    last_ns = {name: one.told_ns for name, one in declared.items()} | found.last_ns
    names = sorted(last_ns if wanted.all else (name for name in last_ns if wanted(name, name in found.last_ns, declared.get(name))))
    names.sort(key=last_ns.__getitem__, reverse=True)  # those of one moment stay in the order of their names
    first = first_row("agents", cursor)
    following = Place(first + limit, "") if len(names) > first + limit else None
    page = names[first : first + limit]
    items = _items(services, scope, page, found.last_ns.keys(), *_acted(services, scope, page, found))
    return Json({"items": items, "next_cursor": encode_cursor("agents", following), "exact": found.table is not None, "total": len(names)})


@router.get("/agents/{agent:name}", response_model=AgentDetail, responses=NOT_FOUND | CONFLICT, summary="One agent")
@root.get("/agents/{agent:name}", response_model=AgentDetail, responses=NOT_FOUND | CONFLICT, summary="The same as below /api/v1")
def one_agent(services: Using, window: WindowOf, agent: AgentName, project: Project = "default") -> Json:
    """What it says of itself, what it did in the time range, which version runs where, what is deployed, and where these differ."""
    name = named(services, project, agent)
    doors, scope = services.registry.doors, Scope(project, window.from_ns, window.to_ns)
    did = _one(services, scope, name)
    (item,) = _items(services, scope, [name], did.figured.keys(), did.figured, did.totals)
    registered = doors.agents.one(project, name)
    latest = doors.versions.page(project, name, 1)
    more = {
        "registration": registration_json(registered) if registered else None,
        "metrics": metrics_json(did.metrics),
        "live": live_json(doors.versions.places(project, name), doors.versions.page(project, name, 500)),
        "latest_version": latest[0].number if latest else 0,
        "deployments": [deployment_json(one) for one in doors.deployments.all(project, name)],
        "drift": [drift_json(one) for one in doors.drifts.all(project, name)],
        "exact": did.exact,
    }
    return Json(item | more)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Filters that need no telemetry."""

    states: frozenset[str]
    kind: str
    owner: str
    environment: str
    contains: str  # folded

    @property
    def all(self) -> bool:
        """Whether none of them is set."""
        return not (self.states or self.kind or self.owner or self.environment or self.contains)

    def __call__(self, name: str, seen: bool, declared: Brief | None) -> bool:
        """Whether an agent is wanted."""
        if self.states and _state(declared, seen=seen) not in self.states:
            return False
        told = declared or _NOBODY
        if (self.kind and told.type != self.kind) or (self.owner and told.owner != self.owner):
            return False
        if self.environment and not seen and told.environment != self.environment:
            return False
        return not self.contains or self.contains in name.casefold()


@dataclass(frozen=True, slots=True)
class _Found:
    """Agents of a time range, when each was last seen (ns), and what they did, where that was counted from the records."""

    last_ns: dict[str, int]
    table: pa.Table | None


class _One(NamedTuple):
    """What one agent did: as `figured` where it was seen, what its calls come to, what it told of itself, and whether that was counted from the records."""

    figured: _ByAgent
    totals: _ByAgent
    metrics: dict[str, Any] | None
    exact: bool


def _declared_as(declared: Mapping[str, Brief], kind: str, owner: str) -> list[str] | None:
    """The agents that registered so; None: all may be wanted, or so many that it is as quick to look at all."""
    if not (kind or owner):
        return None
    names = [name for name, one in declared.items() if (not kind or one.type == kind) and (not owner or one.owner == owner)]
    return names if len(names) <= _MOST_LOOKED_UP else None


def _found(services: Services, scope: Scope, events: Scope | None, environment: str = "", service: str = "", named: Sequence[str] | None = None) -> _Found:
    """Agents that match, `named` or not. Where there are many records and no search, those of the whole hours that the range touches."""
    ask, only = services.engine.read, list[str]()
    if scope.filter_sql == EVERYTHING:
        known = roster(ask, scope, environment, service) if named is None else roster_of(ask, scope, named)
        if not known.last_ns:
            return _Found({}, _NO_ROWS)
        if not known.few or len(known.last_ns) > _MOST_NAMED:
            return _Found(known.last_ns, None)
        only = [*known.last_ns] if environment or service or named is not None else []  # they told little, and the others may have told much
    table = read.agents(ask, scope, MOST_AGENTS, 0, events, only)
    for column, wanted in (("environments", environment), ("services", service)):
        if wanted:
            table = table.filter(pa.array([wanted in told for told in table[column].to_pylist()], pa.bool_()))
    return _Found(dict(zip(table["agent"].to_pylist(), table["last_seen"].cast("int64").to_pylist(), strict=True)), table)


def _acted(services: Services, scope: Scope, names: list[str], found: _Found) -> tuple[_ByAgent, _ByAgent]:
    """What the agents of one page did, and what their calls come to."""
    ask = services.engine.read
    seen = [name for name in names if name in found.last_ns]
    if not seen:
        return {}, {}

    def acted() -> pa.Table:
        if found.table is None:
            return figures(ask, scope, seen)
        return found.table.filter(pc.is_in(found.table["agent"], pa.array(seen, found.table["agent"].type)))

    table, sums = together(acted, lambda: read.totals(ask, scope, len(seen), seen))
    return _by_agent(table), _by_agent(sums)


def _one(services: Services, scope: Scope, name: str) -> _One:
    """What one agent did. All is asked at once, also the sums that are of no use where there are few records: to wait for what says so takes longer."""
    ask = services.engine.read
    few, hours, sums, metrics = together(
        lambda: has_few(ask, scope),
        lambda: figures(ask, scope, [name]),
        lambda: read.totals(ask, scope, 1, [name]),
        lambda: told_metrics(ask, scope, name),
    )
    acted = read.agents(ask, scope, 1, only=[name]) if few else hours
    return _One(_by_agent(acted), _by_agent(sums), metrics, few)


def _by_agent(table: pa.Table) -> _ByAgent:
    return {row["agent"]: row for row in rows(table)}


def _items(services: Services, scope: Scope, names: list[str], seen: Set[str], figured: _ByAgent, totals: _ByAgent) -> list[dict[str, Any]]:
    """The agents of one page, in their order."""
    declared = services.registry.doors.agents.some(scope.project, names)
    items = []
    for name in names:
        told = declared.get(name)
        moments = {"first_seen": iso(told.registered_ns), "last_seen": iso(told.told_ns)} if told else {"first_seen": iso(0), "last_seen": iso(0)}
        item = {"agent": name, **_NOTHING, **moments, **figured.get(name, {}), **NO_CALLS, "models": [], "tools": [], **totals.get(name, {})}
        items.append(item | {"state": _state(told, seen=name in seen)} | declared_json(told))
    return items


def _state(declared: Brief | Registered | None, *, seen: bool) -> State:
    return "seen" if declared is None else "both" if seen else "declared"
