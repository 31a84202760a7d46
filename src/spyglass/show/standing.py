"""How agents and the whole system stand: scores, what is worst, what would restore it, and what people do about it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import numpy as np
from fastapi import Query

from spyglass.facts.health_marks import ALL, Mark
from spyglass.model.errors import InputError, NotFound
from spyglass.model.told import Event
from spyglass.registry.health import CRITICAL, DEGRADED, state_of
from spyglass.registry.restore import PartTold, parts_of, worst
from spyglass.registry.standing import Standing
from spyglass.registry.system import SystemPart, of_agents, of_ingest, of_losses, of_runners, of_store, system
from spyglass.registry.words import what_is, what_restores
from spyglass.show.models.standing import Acted, Action, AgentHealthList, SystemHealth
from spyglass.show.numbered import first_row
from spyglass.show.parameters import Cursor, Limit, Project, encode_cursor, parse_time
from spyglass.show.problem import NOT_FOUND
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.read.asking import Place

__all__ = ["router"]

router = resource(tags=["standing"])

State = Literal["healthy", "degraded", "critical", "no_data"]
_WORST: Final = 10
_ANSWER_S: Final = 5.0


@router.get("/health/agents", response_model=AgentHealthList, summary="How healthy each agent is, worst first")
def list_agents_health(
    services: Using,
    project: Project = "default",
    state: Annotated[list[State] | None, Query(description="Only agents in these states; may be given more than once.")] = None,
    agent: Annotated[str, Query(max_length=512, description="Only agents whose names have this in them; capitals do not matter.")] = "",
    known: Annotated[bool | None, Query(description="Only agents that somebody knows of (true), or nobody does (false).")] = None,
    limit: Limit = 200,
    cursor: Cursor = None,
) -> Json:
    """The last hour (windows of ten minutes) against the seven days before. Agents without data come last. docs/health.md tells how a score is made."""
    standing = services.health.standings.of(project)
    first = first_row("health", cursor)
    places = [place for place in _worst_first(standing) if _is_wanted(standing, place, state, agent.casefold(), known)]
    items = [_agent(standing, place) for place in places[first : first + limit]]
    following = encode_cursor("health", Place(first + limit, "") if len(places) > first + limit else None)
    return Json({"items": items, "next_cursor": following, "counts": _counts(standing), "since": iso(standing.lo_ns), "as_of": iso(standing.at_ns)})


@router.get("/observability/health", response_model=SystemHealth, summary="How healthy everything is: agents, what comes in, store, runners, losses")
def get_system_health(services: Using, project: Project = "default") -> Json:
    """One answer. Agents are those of the project; the rest is of this server. Whether data flows at all, for probes: `GET /health`."""
    return Json(_system(services, project))


@router.post("/observability/health", response_model=Acted, responses=NOT_FOUND, summary="Judge anew, begin a new baseline, or say that a state is known")
def act_on_health(services: Using, action: Action, project: Project = "default") -> Json:
    """Each is told as an event `audit`: what, of whom, why; where that cannot be told, nothing is done."""
    changed = _act(services, project, action)
    services.health.standings.forget(project)
    return Json({"action": action.action, "agent": action.agent, "changed": changed, "health": _system(services, project)})


def _act(services: Services, project: str, action: Action) -> int:
    health, now = services.health, services.clock.now_ns()
    if action.agent and action.action in {"reset_baseline", "acknowledge"} and action.agent not in health.standings.of(project).places:
        raise NotFound(
            f"agent: project {project} has no agent {action.agent!r} that did anything in the last eight days; GET /api/v1/health/agents lists those"
        )

    def tell(**more: str) -> None:
        told = {"spyglass.audit.action": f"health.{action.action}", "spyglass.audit.subject": action.agent or "all agents", "spyglass.audit.note": action.note}
        services.announce(project, [Event("audit", now, told | more, body=f"health: {action.action} of {action.agent or 'all agents'}")])

    match action.action:
        case "recheck":
            tell()
            return health.figures.keep(now=True)
        case "reset_baseline":
            since_ns = parse_time(action.since, now, "since")
            if since_ns > now:
                raise InputError("since: expected a time that is over, because what is usual is what was; `now` is the latest")
            health.marks.put(project, "baseline", Mark(action.agent or ALL, since_ns, 0, action.note), lambda: tell(**{"spyglass.audit.since": iso(since_ns)}))
        case "acknowledge":
            until_ns = parse_time(action.until, now, "until") if action.until else 0
            if until_ns and until_ns <= now:
                raise InputError("until: expected a time to come, or none")
            until = {"spyglass.audit.until": iso(until_ns)} if until_ns else {}
            health.marks.put(project, "known", Mark(action.agent or ALL, now, until_ns, action.note), lambda: tell(**until))
        case "clear":
            return health.marks.clear(project, "known", action.agent or ALL, tell)
    return 1


def _is_wanted(standing: Standing, place: int, states: list[State] | None, part: str, known: bool | None) -> bool:
    name = standing.names[place]
    return (
        (not states or state_of(standing.score_of(place)) in states)
        and part in name.casefold()
        and (known is None or known == (standing.marks.known_of(name, standing.at_ns) is not None))
    )


def _worst_first(standing: Standing) -> list[int]:
    judged = standing.scores.judged
    return [int(place) for place in np.lexsort((np.arange(len(standing.names)), np.where(judged, standing.scores.whole, np.inf)))]


def _counts(standing: Standing) -> dict[str, int]:
    judged, whole = standing.scores.judged, standing.scores.whole
    healthy, unwell = judged & (whole >= DEGRADED), judged & (whole < CRITICAL)
    found = {"healthy": healthy.sum(), "degraded": (judged & ~healthy & ~unwell).sum(), "critical": unwell.sum(), "no_data": (~judged).sum()}
    return {state: int(count) for state, count in found.items()}


def _agent(standing: Standing, place: int) -> dict[str, Any]:
    name, now = standing.names[place], standing.recent.at(place)
    usual = standing.usual.at(place)
    parts, score = parts_of(now, usual), standing.score_of(place)
    known, since_ns = standing.marks.known_of(name, standing.at_ns), standing.marks.since_ns(name)
    whole = {key: int(getattr(now, key)[0]) for key in ("runs", "failed_runs", "calls", "failed_calls", "stalled", "abandoned")}
    return {
        "agent": name,
        "state": state_of(score),
        "score": score,
        **whole,
        "p95_ns": float(now.p95_ns[0]) or None,
        "cost_usd": float(now.cost_usd[0]),
        "usual_runs": int(usual.runs[0]),
        "parts": [_part(part) for part in parts],
        "worst": [_part(part) for part in worst(parts)],
        "known": {"note": known.note, "since": iso(known.from_ns), "until": iso(known.until_ns) if known.until_ns else None} if known else None,
        "baseline_since": iso(since_ns) if since_ns else None,
    }


def _part(part: PartTold) -> dict[str, Any]:
    return {
        "name": part.name,
        "score": part.score,
        "weight": part.weight,
        "value": part.value,
        "usual": part.usual,
        "count": part.count,
        "bad": part.bad,
        "back_at": part.back_at,
        "gives": part.gives,
        "told": what_is(part),
        "restores": what_restores(part),
    }


def _system(services: Services, project: str) -> dict[str, Any]:
    standing, lately = services.health.standings.of(project), services.health.losses.lately()
    unwell = [place for place in _worst_first(standing) if standing.scores.judged[place] and state_of(standing.score_of(place)) != "healthy"]
    known = [place for place in unwell if standing.marks.known_of(standing.names[place], standing.at_ns)]
    open_ = [place for place in unwell if place not in set(known)]
    told = system([_agents(standing, set(known)), *_of_server(services), of_losses(lately.received, lately.lost)])
    parts = sorted(told.parts, key=lambda part: (part.score is None, part.score))
    return {
        "state": state_of(told.score),
        "score": told.score,
        "parts": [_system_part(part) for part in parts],
        "counts": _counts(standing),
        "known": len(known),
        "worst": [_agent(standing, place) for place in open_[:_WORST]],
        "received": lately.received,
        "lost": lately.lost,
        "as_of": iso(standing.at_ns),
    }


def _agents(standing: Standing, known: set[int]) -> SystemPart:
    judged = [place for place in range(len(standing.names)) if standing.scores.judged[place] and place not in known]
    scores = {place: float(standing.scores.whole[place]) for place in judged}
    critical = sorted((place for place, score in scores.items() if state_of(score) == "critical"), key=lambda place: scores[place])
    return of_agents(list(scores.values()), [standing.names[place] for place in critical])


def _of_server(services: Services) -> list[SystemPart]:
    log, writer = services.log.status(), services.writer.status()
    running = [
        (status.id, status.worker.state, next(iter(status.worker.health.problems), status.worker.last_error or ""))
        for status in services.runners.statuses()
        if status.enabled
    ]
    return [
        of_ingest(log.unconsumed_bytes, log.max_bytes, log.refusing, list(services.ended())),
        of_store(services.engine.answers(_ANSWER_S), writer.failing, log.oldest_unconsumed_s),
        of_runners(running),
    ]


def _system_part(part: SystemPart) -> dict[str, Any]:
    return {"name": part.name, "score": part.score, "weight": part.weight, "told": part.told, "problems": list(part.problems)}
