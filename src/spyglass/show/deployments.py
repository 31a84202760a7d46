"""Which configuration each environment of an agent runs: deploy, roll back, pin, and the history of that."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query

from spyglass.facts import deployments as kept
from spyglass.model.errors import InputError
from spyglass.model.told import Event
from spyglass.show.agent_names import AgentName, named
from spyglass.show.models.configurations import DeployDraft, DeploymentList, PinDraft, RollbackDraft, StepTaken
from spyglass.show.parameters import Cursor, Limit, Project, decode_cursor, encode_cursor
from spyglass.show.problem import CONFLICT, NOT_FOUND
from spyglass.show.registered import deployment_json
from spyglass.show.render import Json, iso
from spyglass.show.resource import resource
from spyglass.show.services import Services, Using
from spyglass.store.read.asking import Place

__all__ = ["router"]

router = resource(tags=["configurations"])

Label = Annotated[str, Path(min_length=1, max_length=128, description="The environment.")]


@router.get("/agents/{agent:name}/deployments", response_model=DeploymentList, responses=NOT_FOUND | CONFLICT, summary="What is deployed, and the history")
def list_deployments(
    services: Using,
    agent: AgentName,
    project: Project = "default",
    environment: Annotated[str, Query(max_length=128, description="Only steps of this environment; empty: of all.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Json:
    """Every step is kept, and none is ever changed."""
    name = named(services, project, agent)
    doors = services.registry.doors
    steps = doors.deployments.steps(project, name, limit + 1, environment, _place(cursor))
    last = steps[limit - 1] if len(steps) > limit else None
    following = Place(last.at_ns, f"{last.revision}/{last.environment}") if last else None
    now = [deployment_json(one) for one in doors.deployments.all(project, name)]
    return Json({"items": [_json(step) for step in steps[:limit]], "next_cursor": encode_cursor("deployments", following), "deployments": now})


@router.post("/agents/{agent:name}/deployments", response_model=StepTaken, responses=NOT_FOUND | CONFLICT, summary="Deploy a configuration")
def deploy(services: Using, agent: AgentName, draft: DeployDraft, project: Project = "default") -> Json:
    """409: it runs there already, the environment is pinned, or somebody changed it since `revision`."""
    name = named(services, project, agent)
    step = services.registry.doors.deployments.deploy(project, name, draft.environment, draft.version, draft.who, draft.why, draft.revision)
    return _taken(services, project, step)


@router.post(
    "/agents/{agent:name}/deployments/{environment}/rollback", response_model=StepTaken, responses=NOT_FOUND | CONFLICT, summary="Go back to what ran before"
)
def roll_back(services: Using, agent: AgentName, environment: Label, draft: RollbackDraft, project: Project = "default") -> Json:
    """To the configuration before, or to `to`, which must have run there. 404: it was deleted; 409: there is none, or the environment is pinned."""
    name = named(services, project, agent)
    step = services.registry.doors.deployments.roll_back(project, name, environment, draft.why, draft.who, draft.to, draft.revision)
    return _taken(services, project, step)


@router.post("/agents/{agent:name}/deployments/{environment}/pin", response_model=StepTaken, responses=NOT_FOUND | CONFLICT, summary="Hold what is deployed")
def pin(services: Using, agent: AgentName, environment: Label, draft: PinDraft, project: Project = "default") -> Json:
    """Nothing is deployed or rolled back there until somebody unpins it."""
    return _pinned(services, agent, environment, draft, project, pinned=True)


@router.post("/agents/{agent:name}/deployments/{environment}/unpin", response_model=StepTaken, responses=NOT_FOUND | CONFLICT, summary="Let it go again")
def unpin(services: Using, agent: AgentName, environment: Label, draft: PinDraft, project: Project = "default") -> Json:
    """From now on it can be changed."""
    return _pinned(services, agent, environment, draft, project, pinned=False)


def _pinned(services: Services, agent: str, environment: str, draft: PinDraft, project: str, *, pinned: bool) -> Json:
    name = named(services, project, agent)
    doors = services.registry.doors
    return _taken(services, project, doors.deployments.pin(project, name, environment, pinned=pinned, who=draft.who, why=draft.why, seen=draft.revision))


def _taken(services: Services, project: str, step: kept.Step) -> Json:
    """What was done; deployments and roll-backs are told as events."""
    names = {"deploy": "agent.config.deployed", "rollback": "agent.config.rolled_back"}
    if step.action in names:
        told: dict[str, Any] = {
            "gen_ai.agent.name": step.agent,
            "spyglass.agent.environment": step.environment,
            "spyglass.agent.config_version": str(step.number),
            "spyglass.agent.config_version_before": str(step.before) if step.before else "",
            "spyglass.agent.config_revision": step.revision,
            "spyglass.who": step.who,
            "spyglass.why": step.why,
        }
        services.registry.tell(project, Event(names[step.action], step.at_ns, {key: value for key, value in told.items() if value != ""}))
    return Json({"agent": step.agent, **_json(step)})


def _json(step: kept.Step) -> dict[str, Any]:
    told = {name: getattr(step, name) for name in ("environment", "revision", "action", "number", "before", "who", "why")}
    return {**told, "time": iso(step.at_ns)}


def _place(cursor: str | None) -> tuple[int, str, int] | None:
    place = decode_cursor("deployments", cursor)
    if place is None:
        return None
    revision, _, environment = place.id.partition("/")
    if not revision.isdigit():
        raise InputError("cursor: expected the `next_cursor` of an earlier answer")
    return place.figure, environment, int(revision)
